//! Frames of the control link: u32 big-endian length of what follows, u8 kind, payload.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest frame that is taken: a Policy of some thousand operations is a few megabytes.
pub(crate) const FRAME_MAX_BYTES: usize = 256 << 20;

/// What the control process may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A whole new Policy with its options and secrets.
    Load,
    /// Wind down and leave.
    Stop,
    /// Issued API keys and revocations, which no Policy holds.
    Stand,
    /// Open or shut the capture window.
    Capture,
    /// Somebody reads along: every Event whole (payload 1), or as many as cost little (payload 0).
    Watch,
}

/// What the gateway process sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The Policy is in force.
    Loaded = 10,
    /// The Policy is not taken; the old one stays.
    Refused = 11,
    /// A batch of Events.
    Events = 12,
    /// Addresses that are served.
    Listening = 13,
    /// State of one issuer's keys.
    Keys = 14,
    /// Events counted.
    Counters = 15,
    /// Keys and revocations are in force, or why not.
    Stood = 16,
    /// When secrets of issued API keys were used.
    Used = 17,
    /// One Exchange as a capture, credentials and all: for the control process alone.
    Captured = 18,
}

/// One whole frame in bytes. A payload above `FRAME_MAX_BYTES` cannot arise: batches are cut.
pub(crate) fn encode(kind: Report, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len().saturating_add(1)).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(payload.len().saturating_add(5));
    frame.extend_from_slice(&length.to_be_bytes());
    frame.push(kind as u8);
    frame.extend_from_slice(payload);
    frame
}

/// Reads one frame; `None` at a clean end.
pub(crate) async fn decode<R: AsyncRead + Unpin>(
    from: &mut R,
) -> io::Result<Option<(Command, Vec<u8>)>> {
    let mut length = [0_u8; 4];
    match from.read_exact(&mut length).await {
        Ok(_) => {}
        Err(fault) if fault.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(fault) => return Err(fault),
    }
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    let length = length
        .checked_sub(1)
        .filter(|length| *length < FRAME_MAX_BYTES);
    let length = length.ok_or_else(|| invalid("a frame is empty or too long"))?;
    let command = match from.read_u8().await? {
        1 => Command::Load,
        2 => Command::Stop,
        3 => Command::Stand,
        4 => Command::Capture,
        5 => Command::Watch,
        _ => return Err(invalid("a frame is of an unknown kind")),
    };
    let mut payload = Vec::new();
    from.take(u64::try_from(length).unwrap_or(0))
        .read_to_end(&mut payload)
        .await?;
    match payload.len() == length {
        true => Ok(Some((command, payload))),
        false => Err(invalid("a frame ended in the middle")),
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(mut bytes: &[u8]) -> io::Result<Option<(Command, Vec<u8>)>> {
        decode(&mut bytes).await
    }

    #[tokio::test]
    async fn a_frame_is_read_whole_or_not_at_all() {
        let frame = read(b"\0\0\0\x03\x01{}").await.unwrap().unwrap();
        assert_eq!(frame, (Command::Load, b"{}".to_vec()));
        assert!(read(b"").await.unwrap().is_none());
        for bad in [
            &b"\0\0\0\x03\x01{"[..],
            b"\0\0\0\0",
            b"\0\0\0\x01\x09",
            b"\xff\xff\xff\xff\x01",
        ] {
            assert!(read(bad).await.is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_encoded_frame_counts_its_kind() {
        assert_eq!(encode(Report::Events, b"ab"), b"\0\0\0\x03\x0cab");
    }
}
