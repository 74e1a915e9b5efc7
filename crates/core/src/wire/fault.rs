//! Why bytes were refused, and how many bytes are allowed.

use crate::budget::Bounds;
use crate::codes::Code;

/// The first thing wrong with a message. A reader that gave one reads no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireFault {
    /// What is wrong.
    pub code: Code,
    /// Where: bytes from the start of the message, as received. The same for every split of the
    /// same bytes.
    pub at: u64,
}

impl WireFault {
    /// `code` at byte `at`.
    #[must_use]
    pub fn new(code: Code, at: usize) -> Self {
        WireFault {
            code,
            at: u64::try_from(at).unwrap_or(u64::MAX),
        }
    }
}

/// How large a head and its parts may be, all in bytes or counts. Exactly the limit passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Start line, without its line end.
    pub line_max: usize,
    /// Whole head with all line ends; trailers have the same limit of their own.
    pub head_max: usize,
    /// One field value, without surrounding blanks.
    pub field_max: usize,
    /// Field lines.
    pub fields_max: usize,
    /// Interim responses before the final one.
    pub interim_max: u32,
}

impl Limits {
    /// For requests.
    #[must_use]
    pub fn of_requests(bounds: &Bounds) -> Self {
        Limits {
            line_max: to_usize(bounds.request_line_max_bytes),
            head_max: to_usize(bounds.head_max_bytes),
            field_max: to_usize(bounds.field_max_bytes),
            fields_max: to_usize(bounds.fields_max),
            interim_max: bounds.interim_max,
        }
    }

    /// For responses: only the whole head and the number of fields are bounded, since honest APIs
    /// send long single fields (`Set-Cookie`, `Content-Security-Policy`).
    #[must_use]
    pub fn of_responses(bounds: &Bounds) -> Self {
        let head_max = to_usize(bounds.response_head_max_bytes);
        Limits {
            line_max: head_max,
            head_max,
            field_max: head_max,
            fields_max: to_usize(bounds.fields_max),
            interim_max: bounds.interim_max,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits::of_requests(&Bounds::default())
    }
}

pub(crate) fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
