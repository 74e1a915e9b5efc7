//! Bodies of both sides on their way in.

use super::chunks::{Chunks, Piece};
use super::fault::{Limits, WireFault};
use super::head::Framing;
use super::trailers::Trailers;

/// How the rest of the body is found.
#[derive(Debug)]
pub(crate) enum Body {
    /// This many bytes are left.
    Left(u64),
    /// In chunks; boxed, since most messages have none.
    Chunked(Box<Chunks>),
    /// Whatever comes.
    UntilClose,
}

impl Body {
    pub(crate) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Empty => Body::Left(0),
            Framing::Length(length) => Body::Left(length),
            Framing::Chunked => Body::Chunked(Box::new(Chunks::new())),
            Framing::UntilClose => Body::UntilClose,
        }
    }

    /// Reads on; `seen` bytes of the message came before `input`.
    ///
    /// # Errors
    /// The first fault.
    pub(crate) fn read(
        &mut self,
        input: &[u8],
        seen: u64,
        limits: &Limits,
    ) -> Result<(usize, Piece), WireFault> {
        match self {
            Body::Left(0) => Ok((0, Piece::End(Trailers::default()))),
            Body::Left(left) => {
                let take = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
                *left = left.saturating_sub(u64::try_from(take).unwrap_or(u64::MAX));
                Ok(data(take))
            }
            Body::Chunked(chunks) => chunks.read(input, seen, limits),
            Body::UntilClose => Ok(data(input.len())),
        }
    }
}

fn data(len: usize) -> (usize, Piece) {
    match len {
        0 => (0, Piece::More),
        _ => (len, Piece::Data(0..len)),
    }
}
