//! Chunk extensions (RFC 9112 section 7.1.1): never passed on, but they must be well formed, or
//! two readers find the end of the line at different places.

use super::class::is_token_byte;
use crate::codes::Code;

/// Extension bytes after one chunk size.
const EXTENSION_MAX_BYTES: u32 = 256;
/// Extension bytes in one body: a flood of them is work without content (CVE-2023-39326).
const EXTENSIONS_MAX_BYTES: u32 = 16 << 10;

/// `*( ";" name [ "=" ( token / quoted-string ) ] )` on its way in, without blanks around the
/// signs: those are "bad" whitespace that readers treat differently.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extension {
    state: State,
    here: u32,
    total: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    NameStart,
    Name,
    ValueStart,
    Token,
    Quoted,
    Escaped,
    AfterQuoted,
}

impl Extension {
    /// A `;` came.
    pub(crate) fn begin(&mut self) -> Result<(), Code> {
        self.state = State::NameStart;
        self.here = 0;
        self.count()
    }

    /// One more byte. True when it is the CR that ends the line.
    pub(crate) fn read(&mut self, byte: u8) -> Result<bool, Code> {
        use State::{AfterQuoted, Escaped, Name, NameStart, Quoted, Token, ValueStart};
        let can_end = matches!(self.state, Name | Token | AfterQuoted);
        self.state = match (self.state, byte) {
            (_, b'\r') if can_end => return Ok(true),
            (_, b';') if can_end => NameStart,
            (NameStart | Name, _) if is_token_byte(byte) => Name,
            (Name, b'=') => ValueStart,
            (ValueStart, b'"') => Quoted,
            (ValueStart | Token, _) if is_token_byte(byte) => Token,
            (Quoted, b'"') => AfterQuoted,
            (Quoted, b'\\') => Escaped,
            (Quoted | Escaped, b'\t' | b' '..=b'~' | 0x80..) => Quoted,
            (_, b'\n') => return Err(Code::WireBareLineFeed),
            _ => return Err(Code::WireBadChunk),
        };
        self.count()?;
        Ok(false)
    }

    fn count(&mut self) -> Result<(), Code> {
        self.here = self.here.saturating_add(1);
        self.total = self.total.saturating_add(1);
        match self.here > EXTENSION_MAX_BYTES || self.total > EXTENSIONS_MAX_BYTES {
            true => Err(Code::WireBadChunk),
            false => Ok(()),
        }
    }
}
