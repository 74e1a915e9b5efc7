//! The response on its way to the client, as the core says.

use bartizan_core::answer::Answer;
use bartizan_core::event::Outcome;
use bartizan_core::exchange::{Exchange, Reply, UpstreamFailure};
use bartizan_core::wire::{BodyWriter, Framing, ResponseEvent, ResponseHead, Trailers};

use super::{Download, Relay, cookies, location};
use crate::answer_out;

impl Relay<'_> {
    /// One event of the response that is here; false when bytes are missing.
    pub(super) fn feed_response(&mut self) -> bool {
        let (consumed, event) = self.response.read(self.up_in.bytes());
        match event {
            ResponseEvent::More => {
                self.up_in.consume(consumed);
                return false;
            }
            ResponseEvent::Interim(_) => {}
            ResponseEvent::Head(head) => self.take_head(head),
            ResponseEvent::Data(range) => {
                let inbox = std::mem::take(&mut self.up_in);
                self.take_data(inbox.bytes().get(range).unwrap_or_default());
                self.up_in = inbox;
            }
            ResponseEvent::End(trailers) => self.take_end(trailers),
            ResponseEvent::Fault(_) => self.fail(UpstreamFailure::BadResponse),
        }
        self.up_in.consume(consumed);
        true
    }

    pub(super) fn take_head(&mut self, mut head: ResponseHead) {
        let framing = head.framing();
        self.is_event_stream = is_event_stream(&head);
        if let Some(lease) = &self.lease {
            location::make_public(&mut head, lease.authority(), &self.prefix);
            cookies::make_public(&mut head, &self.prefix);
        }
        // An early response: the rest of the body has no reader we could trust to stay in step.
        if !self.upload.is_done() && self.up_body.is_some() {
            self.is_closing = true;
        }
        match self
            .open
            .run(|exchange, now| exchange.reply_head(head, now))
        {
            Ok(Reply::Head(head)) => self.begin(head, framing),
            Ok(reply) => self.follow(reply, &[]),
            Err(answer) => self.replace(&answer),
        }
    }

    pub(super) fn take_data(&mut self, data: &[u8]) {
        match self.open.run_untimed(|exchange| exchange.reply_chunk(data)) {
            Ok(reply) => self.follow(reply, data),
            Err(answer) => self.replace(&answer),
        }
    }

    pub(super) fn take_end(&mut self, trailers: Trailers) {
        self.is_reusable = self.response.is_reusable(0);
        self.trailers = trailers;
        match self.open.run_untimed(Exchange::reply_end) {
            Ok(reply) => self.follow(reply, &[]),
            Err(answer) => self.replace(&answer),
        }
    }

    /// Carries out what the core says about the response.
    pub(super) fn follow(&mut self, reply: Reply, data: &[u8]) {
        match reply {
            Reply::Hold => {}
            Reply::Finish(bytes) => {
                self.pass(&bytes);
                self.end();
            }
            Reply::Send(bytes) => self.pass(&bytes),
            Reply::Stream(head) | Reply::Head(head) => self.begin(head, Framing::UntilClose),
            Reply::Pass => self.pass(data),
            Reply::Done => self.end(),
            Reply::Release { head, body } => self.release(head, &body),
            Reply::Replace(answer) => self.replace(&answer),
        }
    }

    pub(super) fn begin(&mut self, head: ResponseHead, framing: Framing) {
        let framing = match framing {
            Framing::Chunked | Framing::UntilClose if self.asked.is_10 => {
                self.is_closing = true;
                Framing::UntilClose
            }
            Framing::UntilClose => Framing::Chunked,
            other => other,
        };
        self.is_until_close = framing == Framing::UntilClose;
        self.write_head(head, framing);
        self.download = Download::Streaming(BodyWriter::new(framing));
    }

    pub(super) fn write_head(&mut self, mut head: ResponseHead, framing: Framing) {
        self.is_closing |= self.connection.is_closing(self.asked);
        if let Some(value) = answer_out::connection_field(self.asked, self.is_closing) {
            head.push(b"connection", value.as_bytes());
        }
        head.write(self.connection.out.bytes(), framing);
        self.connection.worker.keep_buffers(head.into_buffers());
    }

    pub(super) fn pass(&mut self, data: &[u8]) {
        if let Download::Streaming(writer) = &mut self.download
            && writer.write(data, self.connection.out.bytes()).is_err()
        {
            self.break_off(Outcome::UpstreamFailed);
        }
    }

    pub(super) fn end(&mut self) {
        if let Download::Streaming(writer) = &mut self.download {
            match writer.end(&self.trailers, self.connection.out.bytes()) {
                Ok(()) => self.download = Download::Done,
                Err(_) => self.break_off(Outcome::UpstreamFailed),
            }
        } else {
            self.download = Download::Done;
        }
    }

    pub(super) fn release(&mut self, head: ResponseHead, body: &[u8]) {
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let framing = match self.asked.is_head || matches!(head.status(), 204 | 304) {
            true => Framing::Empty,
            false => Framing::Length(length),
        };
        self.write_head(head, framing);
        if framing.has_body() {
            self.connection.out.bytes().extend_from_slice(body);
        }
        self.download = Download::Done;
    }

    /// Our answer in place of the response; where a head went out already, the message breaks.
    pub(super) fn replace(&mut self, answer: &Answer) {
        self.is_reusable = false;
        if !matches!(self.download, Download::Waiting) {
            return self.break_off(self.open.outcome);
        }
        self.lease = None;
        let has_unread = !self.upload.is_done();
        self.is_closing |= answer.close || has_unread || self.connection.is_closing(self.asked);
        let unix_s = self.connection.worker.shared.clock.now().unix_s();
        let out = self.connection.out.bytes();
        answer_out::write(out, answer, self.asked, self.is_closing, unix_s);
        self.download = Download::Done;
    }
}

/// Whether silence between two pieces is the nature of the response.
fn is_event_stream(head: &ResponseHead) -> bool {
    const KINDS: [&[u8]; 6] = [
        b"application/json-seq",
        b"application/jsonl",
        b"application/ndjson",
        b"application/x-ndjson",
        b"multipart/x-mixed-replace",
        b"text/event-stream",
    ];
    let Some(value) = head.value("content-type") else {
        return false;
    };
    let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
    let essence = essence.trim_ascii();
    KINDS.iter().any(|kind| essence.eq_ignore_ascii_case(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stream_is_known_by_its_type() {
        let is = |kind: &str| {
            let fields = [(&b"content-type"[..], kind.as_bytes())];
            is_event_stream(&ResponseHead::from_parts(200, fields, Framing::Chunked).unwrap())
        };
        assert!(is("text/event-stream") && is("Application/X-NDJSON ; charset=utf-8"));
        assert!(!is("application/json") && !is("text/plain") && !is("text/event-streams"));
    }
}
