//! From bytes to one canonical view; what parsers read in two ways is refused.

pub mod json;
