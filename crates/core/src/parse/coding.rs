//! Takes one content coding off a whole body, within the Bounds: gzip (RFC 1952), deflate
//! (RFC 1950, and raw RFC 1951), br (RFC 7932), zstd (RFC 8878). One stream only: bytes behind its
//! end are read by some decoders and dropped by others, so they are a fault.

use std::io::Read;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::parse::request::Coding;

/// Expansion below this many decoded bytes is never a bomb.
const RATIO_FREE_BYTES: u64 = 64 << 10;
/// Largest zstd window: what RFC 8878 section 3.1.1.1.2 asks every decoder to bear.
const ZSTD_WINDOW_MAX_BYTES: u64 = 8 << 20;
const STEP_BYTES: usize = 16 << 10;

/// Decodes `body`, at most `max_bytes` long afterwards.
///
/// # Errors
/// `parse.bad-coding`: malformed, truncated, wrong checksum, or bytes behind the stream;
/// `parse.decoded-too-large`: above `max_bytes`, or above `bounds.inflate_ratio_max` bytes per
/// body byte beyond the first 64 KiB; `internal.budget`.
/// Cost: O(decoded bytes), drawn from `budget`; memory: the result and at most 8 MiB of window.
pub fn decode(
    coding: Coding,
    body: &[u8],
    max_bytes: u64,
    bounds: &Bounds,
    budget: &mut Budget,
) -> Result<Vec<u8>, Code> {
    let input = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let by_ratio = input
        .saturating_mul(u64::from(bounds.inflate_ratio_max))
        .max(RATIO_FREE_BYTES);
    let mut sink = Sink {
        out: Vec::new(),
        left: max_bytes.min(by_ratio),
        budget,
    };
    match coding {
        Coding::Brotli => brotli(body, &mut sink)?,
        Coding::Deflate => inflate(body, is_zlib(body), &mut sink)?,
        Coding::Gzip => gzip(body, &mut sink)?,
        Coding::Zstd => zstd(body, &mut sink)?,
    }
    Ok(sink.out)
}

struct Sink<'b> {
    out: Vec<u8>,
    left: u64,
    budget: &'b mut Budget,
}

impl Sink<'_> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Code> {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(len)
            .ok_or(Code::ParseDecodedTooLarge)?;
        self.budget
            .take(bytes.len())
            .map_err(|_| Code::InternalBudget)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }
}

fn drain(mut reader: impl Read, sink: &mut Sink<'_>) -> Result<(), Code> {
    let mut buffer = vec![0_u8; STEP_BYTES];
    loop {
        let len = reader.read(&mut buffer).map_err(|_| Code::ParseBadCoding)?;
        if len == 0 {
            return Ok(());
        }
        sink.push(buffer.get(..len).unwrap_or(&[]))?;
    }
}

fn gzip(body: &[u8], sink: &mut Sink<'_>) -> Result<(), Code> {
    let mut decoder = flate2::bufread::GzDecoder::new(body);
    drain(&mut decoder, sink)?;
    require_end(decoder.into_inner())
}

fn require_end(rest: &[u8]) -> Result<(), Code> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Code::ParseBadCoding)
    }
}

/// RFC 1950 section 2.2: method 8 and a header that is a multiple of 31.
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => {
            let header = (u16::from(*method) << 8) | u16::from(*flags);
            method & 0x0f == 8 && method >> 4 <= 7 && header % 31 == 0
        }
        _ => false,
    }
}

fn inflate(body: &[u8], with_header: bool, sink: &mut Sink<'_>) -> Result<(), Code> {
    let mut state = Decompress::new(with_header);
    let mut rest = body;
    let mut buffer = vec![0_u8; STEP_BYTES];
    loop {
        let (read, written) = (state.total_in(), state.total_out());
        let status = state
            .decompress(rest, &mut buffer, FlushDecompress::None)
            .map_err(|_| Code::ParseBadCoding)?;
        let read = narrow(state.total_in().saturating_sub(read));
        let written = narrow(state.total_out().saturating_sub(written));
        rest = rest.get(read..).unwrap_or(&[]);
        sink.push(buffer.get(..written).unwrap_or(&[]))?;
        match status {
            Status::StreamEnd => return require_end(rest),
            Status::Ok | Status::BufError if read == 0 && written == 0 => {
                return Err(Code::ParseBadCoding);
            }
            Status::Ok | Status::BufError => {}
        }
    }
}

fn narrow(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

fn brotli(body: &[u8], sink: &mut Sink<'_>) -> Result<(), Code> {
    let alloc = StandardAlloc::default;
    let mut state = BrotliState::new(alloc(), alloc(), alloc());
    let (mut available, mut offset, mut total) = (body.len(), 0_usize, 0_usize);
    let mut buffer = vec![0_u8; STEP_BYTES];
    loop {
        let (mut room, mut written) = (buffer.len(), 0_usize);
        let result = BrotliDecompressStream(
            &mut available,
            &mut offset,
            body,
            &mut room,
            &mut written,
            &mut buffer,
            &mut total,
            &mut state,
        );
        sink.push(buffer.get(..written).unwrap_or(&[]))?;
        match result {
            BrotliResult::ResultSuccess => return require_end(body.get(offset..).unwrap_or(&[])),
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => {
                return Err(Code::ParseBadCoding);
            }
        }
    }
}

fn zstd(body: &[u8], sink: &mut Sink<'_>) -> Result<(), Code> {
    let mut rest = body;
    let mut decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(
        &mut rest,
        ZSTD_WINDOW_MAX_BYTES,
    )
    .map_err(|_| Code::ParseBadCoding)?;
    drain(&mut decoder, sink)?;
    let frame = decoder.into_frame_decoder();
    if let Some(told) = frame.get_checksum_from_data()
        && frame.get_calculated_checksum() != Some(told)
    {
        return Err(Code::ParseBadCoding);
    }
    require_end(rest)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    /// `hello` as one RFC 7932 meta-block and an empty last one.
    const BROTLI_HELLO: [u8; 9] = [0x0b, 0x02, 0x80, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x03];

    fn gz(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(data: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn zst(data: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn decoded(coding: Coding, body: &[u8]) -> Result<Vec<u8>, Code> {
        let bounds = Bounds::default();
        decode(
            coding,
            body,
            bounds.body_max_bytes,
            &bounds,
            &mut Budget::new(&bounds),
        )
    }

    fn samples(data: &[u8]) -> Vec<(Coding, Vec<u8>)> {
        vec![
            (Coding::Gzip, gz(data)),
            (Coding::Deflate, zlib(data)),
            (Coding::Deflate, raw(data)),
            (Coding::Zstd, zst(data)),
        ]
    }

    fn text() -> Vec<u8> {
        (0..2_000_u32)
            .flat_map(|n| format!("{{\"n\":{}}}", n.wrapping_mul(7919)).into_bytes())
            .collect()
    }

    #[test]
    fn every_coding_gives_the_bytes_back() {
        let data = text();
        for (coding, body) in samples(&data) {
            assert_eq!(decoded(coding, &body).as_ref(), Ok(&data), "{coding:?}");
        }
        for (coding, body) in samples(b"") {
            assert_eq!(decoded(coding, &body), Ok(Vec::new()), "{coding:?}");
        }
        assert_eq!(
            decoded(Coding::Brotli, &BROTLI_HELLO),
            Ok(b"hello".to_vec())
        );
    }

    #[test]
    fn truncated_bodies_and_trailing_bytes_are_refused() {
        let data = b"a short text, a short text, a short text";
        let mut all = samples(data);
        all.push((Coding::Brotli, BROTLI_HELLO.to_vec()));
        for (coding, body) in all {
            for cut in 0..body.len() {
                assert_eq!(
                    decoded(coding, &body[..cut]),
                    Err(Code::ParseBadCoding),
                    "{coding:?} {cut}"
                );
            }
            let longer = [body.as_slice(), b"x"].concat();
            assert_eq!(
                decoded(coding, &longer),
                Err(Code::ParseBadCoding),
                "{coding:?}"
            );
        }
        let twice = [gz(data), gz(data)].concat();
        assert_eq!(decoded(Coding::Gzip, &twice), Err(Code::ParseBadCoding));
    }

    #[test]
    fn bombs_stop_at_the_ratio_and_at_the_cap() {
        let zeros = vec![0_u8; 900 << 10];
        for (coding, body) in samples(&zeros) {
            assert_eq!(
                decoded(coding, &body),
                Err(Code::ParseDecodedTooLarge),
                "{coding:?}"
            );
        }
        let small = vec![0_u8; 60 << 10];
        for (coding, body) in samples(&small) {
            assert_eq!(
                decoded(coding, &body).map(|out| out.len()),
                Ok(60 << 10),
                "{coding:?}"
            );
        }
        let bounds = Bounds::default();
        let body = gz(&text());
        let len = u64::try_from(text().len()).unwrap();
        let mut budget = Budget::new(&bounds);
        assert!(decode(Coding::Gzip, &body, len, &bounds, &mut budget).is_ok());
        let over = decode(Coding::Gzip, &body, len - 1, &bounds, &mut budget);
        assert_eq!(over, Err(Code::ParseDecodedTooLarge));
    }

    #[test]
    fn mutated_bodies_never_panic_and_stay_bounded() {
        let mut state = 42_u64;
        for (coding, body) in samples(&text()[..4_000]) {
            for _ in 0..300 {
                let mut mutated = body.clone();
                for _ in 0..3 {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let at = usize::try_from(state >> 33).unwrap() % mutated.len();
                    mutated[at] ^= u8::try_from(state >> 56).unwrap();
                }
                let _ = decoded(coding, &mutated);
            }
        }
    }
}
