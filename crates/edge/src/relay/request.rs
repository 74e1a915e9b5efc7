//! The request on its way to the API: its head, and the body that streams.

use std::task::{Context, Poll};

use bartizan_core::codes::Code;
use bartizan_core::exchange::{Forward, ForwardBody};
use bartizan_core::wire::{BodyWriter, Framing, WireFault};

use super::{HIGH_BYTES, Relay};
use crate::connection::Connection;
use crate::upload::Piece;

impl Relay<'_> {
    pub(super) fn write_request(&mut self, forward: Forward) {
        let (head, body) = forward.into_parts();
        if !matches!(body, ForwardBody::Stream(_)) {
            self.upload.skip(&mut self.connection.inbox);
        }
        let out = self.up_out.bytes();
        match body {
            ForwardBody::Empty => match head.framing() {
                Framing::Length(_) => head.write(out, Framing::Length(0)),
                _ => head.write(out, Framing::Empty),
            },
            ForwardBody::Whole(body) => {
                let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
                head.write(out, Framing::Length(length));
                out.extend_from_slice(&body);
            }
            ForwardBody::Stream(begun) => {
                let framing = self.upload.framing();
                head.write(out, framing);
                let mut writer = BodyWriter::new(framing);
                if !begun.is_empty() {
                    self.is_upload_cut = writer.write(&begun, out).is_err();
                }
                self.up_body = Some(writer);
            }
        }
        self.connection.worker.keep_buffers(head.into_buffers());
        self.up_out.is_replayable = self.up_body.is_none();
        if self.up_body.is_some()
            && self.asked.expects
            && !self.upload.has_begun()
            && !self.upload.was_invited()
        {
            self.upload.invite(self.connection.out.bytes());
        }
    }

    /// Client to API, only for bodies that stream.
    pub(super) fn poll_upload(&mut self, context: &mut Context<'_>) -> bool {
        let mut has_moved = false;
        while self.is_uploading() && self.up_out.len() < HIGH_BYTES {
            if self.feed_upload() {
                has_moved = true;
                continue;
            }
            let Connection {
                stream,
                inbox,
                worker,
                ..
            } = &mut *self.connection;
            match inbox.poll_fill(stream, &worker.scratch, context) {
                Poll::Ready(Ok(0)) => self.fault_upload(Code::WireTruncated),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) => self.fault_upload(Code::WireTruncated),
                Poll::Pending => return has_moved,
            }
            has_moved = true;
        }
        has_moved
    }

    /// One piece of the body that is here; false when bytes are missing.
    pub(super) fn feed_upload(&mut self) -> bool {
        let Relay {
            connection,
            upload,
            up_body,
            up_out,
            open,
            ..
        } = self;
        let Some(writer) = up_body else { return false };
        let fed = upload.next(&mut connection.inbox, |piece| match piece {
            Piece::Data(data) => {
                let allowed = open.run_untimed(|exchange| exchange.stream_data(data));
                let written = writer.write(data, up_out.bytes());
                match (allowed, written) {
                    (Ok(Ok(())), Ok(())) => Ok(()),
                    (Ok(Err(_)), _) => Err(Code::ParseBodyTooLarge),
                    _ => Err(Code::WireBadLength),
                }
            }
            Piece::End(trailers) => writer
                .end(&trailers, up_out.bytes())
                .map_err(|_| Code::WireBadLength),
            Piece::Fault(fault) => Err(fault.code),
        });
        match fed {
            None => false,
            Some(Ok(())) => true,
            Some(Err(code)) => {
                self.fault_upload(code);
                true
            }
        }
    }

    /// The body broke off under way: the API must not take it for whole, the client is told.
    pub(super) fn fault_upload(&mut self, code: Code) {
        self.is_upload_cut = true;
        self.lease = None;
        let fault = WireFault::new(code, 0);
        match self.open.run_untimed(|exchange| exchange.wire_fault(fault)) {
            Ok(answer) | Err(answer) => self.replace(&answer),
        }
    }
}
