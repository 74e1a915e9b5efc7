//! Fields that came after a chunked body (RFC 9110 section 6.5).

use super::fields::Fields;
use super::head::Buffers;

/// Trailer fields, in order. None of them frames, routes, authenticates or describes the message:
/// the codec refuses those.
#[derive(Clone, Debug, Default)]
pub struct Trailers(Fields);

impl Trailers {
    pub(crate) fn of(fields: Fields) -> Self {
        Trailers(fields)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.lines.is_empty()
    }

    /// Every field line, in order: (name, value), names in their case.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.0.iter()
    }

    /// Values of one field by its lower-case name. Cost: O(fields).
    pub fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f [u8]> + Clone {
        self.0.values(name)
    }

    /// Keeps only the lines for which `keep(name, value)` holds.
    pub fn retain(&mut self, keep: impl FnMut(&[u8], &[u8]) -> bool) {
        self.0.retain(keep);
    }

    /// Appends the lines as bytes, without the empty line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out, |_| true);
    }

    /// Gives the memory back for the next message.
    #[must_use]
    pub fn into_buffers(self) -> Buffers {
        Buffers(self.0)
    }
}
