//! Properties: any split of the same bytes gives the same messages and the same fault at the same
//! byte; what is printed is read back unchanged.

use super::{read_requests, read_response};
use crate::wire::{Limits, RequestEvent, RequestReader};

const REQUESTS: &[&str] = &[
    "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:  a \r\nX: \t b\tc \r\n\r\n",
];

/// A small generator of numbers; the seed is the case.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        const BYTES: &[u8] = b"\r\n \t:;,=\"\0\x7f\xff0f-aH";
        for _ in 0..self.below(3) {
            let at = self.below(bytes.len());
            let byte = BYTES[self.below(BYTES.len())];
            match self.below(3) {
                0 => bytes[at] = byte,
                1 => bytes.splice(at..at, [byte]).for_each(drop),
                _ => bytes.splice(at..=at, []).for_each(drop),
            }
        }
    }

    fn sizes(&mut self) -> Vec<usize> {
        let most = [1, 2, 7, 40][self.below(4)];
        (0..12).map(|_| 1 + self.below(most)).collect()
    }
}

#[test]
fn any_split_gives_the_same_requests_and_fault() {
    let limits = Limits {
        line_max: 40,
        head_max: 120,
        field_max: 20,
        fields_max: 4,
        interim_max: 2,
    };
    for seed in 0..20_000 {
        let mut numbers = Numbers(seed);
        let mut bytes = REQUESTS[numbers.below(REQUESTS.len())].as_bytes().to_vec();
        numbers.mutate(&mut bytes);
        for limits in [limits, Limits::default()] {
            let whole = read_requests(&bytes, &[], limits);
            let sizes = numbers.sizes();
            assert_eq!(read_requests(&bytes, &sizes, limits), whole, "{seed}");
        }
    }
}

#[test]
fn any_split_gives_the_same_response_and_fault() {
    let responses = [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.1 200 \r\nX: y\r\n\r\nuntil the end",
    ];
    for seed in 0..10_000 {
        let mut numbers = Numbers(seed);
        let mut bytes = responses[numbers.below(responses.len())]
            .as_bytes()
            .to_vec();
        numbers.mutate(&mut bytes);
        let method = ["GET", "HEAD"][numbers.below(2)];
        let (whole, reusable) = read_response(&bytes, method, &[]);
        let (split, split_reusable) = read_response(&bytes, method, &numbers.sizes());
        assert_eq!((split, split_reusable), (whole, reusable), "{seed}");
    }
}

#[test]
fn what_is_printed_is_read_back_unchanged() {
    let mut count = 0;
    for seed in 0..20_000 {
        let mut numbers = Numbers(seed);
        let mut bytes = REQUESTS[numbers.below(REQUESTS.len())].as_bytes().to_vec();
        numbers.mutate(&mut bytes);
        let (_, RequestEvent::Head(head)) = RequestReader::new(Limits::default()).read(&bytes)
        else {
            continue;
        };
        let mut printed = Vec::new();
        head.write(&mut printed, head.framing());
        let (used, event) = RequestReader::new(Limits::default()).read(&printed);
        // An HTTP/1.0 request may have no Host; we print HTTP/1.1, where the Exchange adds one.
        let RequestEvent::Head(again) = event else {
            assert!(head.value("host").is_none());
            continue;
        };
        let lines = |head: &crate::wire::RequestHead| {
            let keep = |name: &[u8]| !crate::wire::fields::is_framing(name);
            head.fields()
                .filter(|(name, _)| keep(name))
                .map(|(name, value)| (name.to_vec(), value.to_vec()))
                .collect::<Vec<_>>()
        };
        assert_eq!(used, printed.len());
        assert_eq!(
            (again.method(), again.target()),
            (head.method(), head.target())
        );
        assert_eq!(
            (lines(&again), again.framing()),
            (lines(&head), head.framing())
        );
        count += 1;
    }
    assert!(count > 10_000, "{count}");
}
