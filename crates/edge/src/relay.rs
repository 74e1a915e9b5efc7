//! A cleared request on its way to the API, and the response on its way back: one poll function
//! moves bytes in both directions, so that backpressure, early responses and deadlines are seen
//! wherever they arise.

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use bartizan_core::answer::Answer;
use bartizan_core::codes::Code;
use bartizan_core::event::Outcome;
use bartizan_core::exchange::{Forward, ForwardBody, Reply, UpstreamFailure};
use bartizan_core::policy::Policy;
use bartizan_core::wire::{
    BodyWriter, Framing, Limits, ResponseEvent, ResponseHead, ResponseReader, Trailers, WireFault,
};

use crate::answer_out::{self, Asked};
use crate::buffer::{Inbox, Outbox};
use crate::connection::{Connection, Next};
use crate::open::Open;
use crate::options::Options;
use crate::upload::{Piece, Upload};
use crate::upstream::{Lease, Pool, Unavailable};
use crate::worker::Stage;

/// Bytes that may wait for one side before the other side is not read any more.
const HIGH_BYTES: usize = 64 << 10;
/// Pipelined bytes that are taken in while a response is under way.
const AHEAD_MAX_BYTES: usize = 16 << 10;

/// What the client has got so far.
enum Download {
    /// Nothing.
    Waiting,
    /// A head whose body is under way.
    Streaming(BodyWriter),
    /// Everything, as far as we are concerned.
    Done,
    /// A beginning that will never be completed.
    Broken,
}

/// Which deadline passes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Late {
    /// The client does not take what we send.
    Client,
    /// The client sends its body too slowly.
    Upload,
    /// The API does not take, or does not answer.
    Upstream,
}

enum Moved {
    /// All is sent.
    Finished,
    /// The client is gone, or the worker is.
    Gone,
    /// A reused connection was closed under our request: send it again.
    Raced,
}

/// One Exchange between two connections.
pub(crate) struct Relay<'a> {
    connection: &'a mut Connection,
    open: Open,
    upload: Upload,
    asked: Asked,
    options: Arc<Options>,
    exchange_due: u64,
    lease: Option<Lease>,
    up_out: Outbox,
    up_in: Inbox,
    up_body: Option<BodyWriter>,
    response: ResponseReader,
    limits: Limits,
    download: Download,
    is_closing: bool,
    is_reusable: bool,
    is_upload_cut: bool,
    has_response_byte: bool,
    up_active_ms: u64,
    client_active_ms: u64,
    is_client_full: bool,
    is_until_close: bool,
    trailers: Trailers,
}

impl<'a> Relay<'a> {
    /// Ready to run.
    pub(crate) fn new(
        connection: &'a mut Connection,
        open: Open,
        upload: Upload,
        asked: Asked,
        options: Arc<Options>,
        exchange_due: u64,
    ) -> Self {
        let now_ms = connection.watch.now_ms();
        let is_closing = connection.is_closing(asked);
        let limits = Limits::of_responses(&bartizan_core::budget::Bounds::default());
        Relay {
            connection,
            open,
            upload,
            asked,
            options,
            exchange_due,
            lease: None,
            up_out: Outbox::default(),
            up_in: Inbox::default(),
            up_body: None,
            response: reader(limits, asked),
            limits,
            download: Download::Waiting,
            is_closing,
            is_reusable: false,
            is_upload_cut: false,
            has_response_byte: false,
            up_active_ms: now_ms,
            client_active_ms: now_ms,
            is_client_full: false,
            is_until_close: false,
            trailers: Trailers::default(),
        }
    }

    /// Sends the request and brings the response back.
    pub(crate) async fn run(mut self, pool: Rc<Pool>, policy: &Policy, forward: Forward) -> Next {
        self.limits = Limits::of_responses(policy.bounds());
        self.response = reader(self.limits, self.asked);
        self.write_request(forward);
        let mut is_fresh = false;
        loop {
            match pool
                .checkout(self.connection.watch.now_ms(), is_fresh)
                .await
            {
                Ok(lease) => self.lease = Some(lease),
                Err(Unavailable::Connect) => self.fail(UpstreamFailure::Connect),
                Err(Unavailable::Queue) => self.fail(UpstreamFailure::Queue),
            }
            self.up_active_ms = self.connection.watch.now_ms();
            match poll_fn(|context| self.poll(context)).await {
                Moved::Finished => return self.finish(),
                Moved::Gone => return Next::Close,
                Moved::Raced => {}
            }
            is_fresh = true;
            self.start_over();
        }
    }

    fn write_request(&mut self, forward: Forward) {
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
        self.up_out.is_replayable = self.up_body.is_none() && self.asked.is_idempotent;
        if self.up_body.is_some()
            && self.asked.expects
            && !self.upload.has_begun()
            && !self.upload.was_invited()
        {
            self.upload.invite(self.connection.out.bytes());
        }
    }

    /// The second and last attempt after a raced close.
    fn start_over(&mut self) {
        self.connection.worker.counters.upstream_retries.add(1);
        self.up_out.rewind();
        self.up_in = Inbox::default();
        self.response = reader(self.limits, self.asked);
    }

    fn finish(mut self) -> Next {
        let is_broken = matches!(self.download, Download::Broken);
        let is_whole = self.upload.is_done() && !self.is_upload_cut;
        if let Some(lease) = self.lease.take()
            && self.is_reusable
            && is_whole
            && !is_broken
            && self.up_in.is_empty()
            && self.up_out.is_empty()
        {
            lease.keep(self.connection.watch.now_ms());
        }
        if is_broken {
            return Next::Close;
        }
        self.open.complete();
        match self.is_closing || !is_whole {
            true => Next::Linger,
            false => Next::Keep,
        }
    }

    // --- moving bytes -------------------------------------------------------------------------

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Moved> {
        loop {
            let mut has_moved = self.poll_upload(context);
            match self.poll_upstream_write(context) {
                Some(moved) => has_moved |= moved,
                None => return Poll::Ready(Moved::Raced),
            }
            match self.poll_upstream_read(context) {
                Some(moved) => has_moved |= moved,
                None => return Poll::Ready(Moved::Raced),
            }
            match self.poll_client_write(context) {
                Some(moved) => has_moved |= moved,
                None => return Poll::Ready(Moved::Gone),
            }
            if self.is_over() && self.connection.out.is_empty() {
                return Poll::Ready(Moved::Finished);
            }
            if has_moved {
                continue;
            }
            if self.is_client_gone(context) || self.connection.worker.stage() >= Stage::Ended {
                return Poll::Ready(Moved::Gone);
            }
            if self.poll_deadline(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.download, Download::Done | Download::Broken)
    }

    fn is_uploading(&self) -> bool {
        self.up_body.is_some() && !self.upload.is_done() && !self.is_upload_cut && !self.is_over()
    }

    /// Client to API, only for bodies that stream.
    fn poll_upload(&mut self, context: &mut Context<'_>) -> bool {
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
    fn feed_upload(&mut self) -> bool {
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
                let allowed = open.run(|exchange, _| exchange.stream(data.len()));
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
    fn fault_upload(&mut self, code: Code) {
        self.is_upload_cut = true;
        self.lease = None;
        let fault = WireFault::new(code, 0);
        match self
            .open
            .run(|exchange, now| exchange.wire_fault(fault, now))
        {
            Ok(answer) | Err(answer) => self.replace(&answer),
        }
    }

    /// To the API. `None`: the race was lost and the request can be sent again.
    fn poll_upstream_write(&mut self, context: &mut Context<'_>) -> Option<bool> {
        let Some(lease) = &mut self.lease else {
            return Some(false);
        };
        if self.up_out.is_empty() {
            return Some(false);
        }
        match self.up_out.poll_flush(&mut lease.stream, context) {
            Poll::Pending => Some(false),
            Poll::Ready(Ok(_)) => {
                self.up_active_ms = self.connection.watch.now_ms();
                Some(true)
            }
            Poll::Ready(Err(_)) if self.is_raced() => None,
            Poll::Ready(Err(_)) => {
                // The API stopped reading. It may have answered already: that answer is read yet.
                self.is_upload_cut = true;
                self.up_out.is_replayable = false;
                self.up_out.clear();
                Some(true)
            }
        }
    }

    fn is_raced(&self) -> bool {
        self.up_out.is_replayable
            && !self.has_response_byte
            && self.lease.as_ref().is_some_and(|lease| lease.is_reused)
    }

    /// From the API. `None` as above.
    fn poll_upstream_read(&mut self, context: &mut Context<'_>) -> Option<bool> {
        let mut has_moved = false;
        while !self.is_over() && self.connection.out.len() < HIGH_BYTES {
            if self.has_response_byte && self.feed_response() {
                has_moved = true;
                continue;
            }
            let Some(lease) = &mut self.lease else {
                return Some(has_moved);
            };
            let scratch = &self.connection.worker.scratch;
            match self.up_in.poll_fill(&mut lease.stream, scratch, context) {
                Poll::Pending => return Some(has_moved),
                Poll::Ready(Ok(0)) | Poll::Ready(Err(_)) if self.is_raced() => return None,
                Poll::Ready(Ok(0)) => self.end_of_upstream(),
                Poll::Ready(Err(_)) => self.fail(UpstreamFailure::Truncated),
                Poll::Ready(Ok(_)) => self.has_response_byte = true,
            }
            self.up_active_ms = self.connection.watch.now_ms();
            has_moved = true;
        }
        Some(has_moved)
    }

    fn poll_client_write(&mut self, context: &mut Context<'_>) -> Option<bool> {
        let Connection {
            stream, out, watch, ..
        } = &mut *self.connection;
        if out.is_empty() {
            return Some(false);
        }
        match out.poll_flush(stream, context) {
            Poll::Pending => {
                if !std::mem::replace(&mut self.is_client_full, true) {
                    self.client_active_ms = watch.now_ms();
                }
                Some(false)
            }
            Poll::Ready(Err(_)) => None,
            Poll::Ready(Ok(_)) => {
                self.is_client_full = false;
                Some(true)
            }
        }
    }

    /// Whether the client ended or reset while we wait for the API. Costs a system call only when
    /// the kernel reported something. Pipelined bytes are kept for later.
    fn is_client_gone(&mut self, context: &mut Context<'_>) -> bool {
        let Connection {
            stream,
            inbox,
            worker,
            ..
        } = &mut *self.connection;
        while (self.up_body.is_none() || self.upload.is_done()) && inbox.len() < AHEAD_MAX_BYTES {
            match inbox.poll_fill(stream, &worker.scratch, context) {
                Poll::Pending => return false,
                Poll::Ready(Ok(0)) | Poll::Ready(Err(_)) => return true,
                Poll::Ready(Ok(_)) => {}
            }
        }
        false
    }

    // --- the response -------------------------------------------------------------------------

    /// One event of the response that is here; false when bytes are missing.
    fn feed_response(&mut self) -> bool {
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

    fn take_head(&mut self, head: ResponseHead) {
        let framing = head.framing();
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

    fn take_data(&mut self, data: &[u8]) {
        match self.open.run(|exchange, _| exchange.reply_chunk(data)) {
            Ok(reply) => self.follow(reply, data),
            Err(answer) => self.replace(&answer),
        }
    }

    fn take_end(&mut self, trailers: Trailers) {
        self.is_reusable = self.response.is_reusable(0);
        self.trailers = trailers;
        match self.open.run(|exchange, now| exchange.reply_end(now)) {
            Ok(reply) => self.follow(reply, &[]),
            Err(answer) => self.replace(&answer),
        }
    }

    /// Carries out what the core says about the response.
    fn follow(&mut self, reply: Reply, data: &[u8]) {
        match reply {
            Reply::Hold => {}
            Reply::Head(head) => self.begin(head, Framing::UntilClose),
            Reply::Pass => self.pass(data),
            Reply::Done => self.end(),
            Reply::Release { head, body } => self.release(head, &body),
            Reply::Replace(answer) => self.replace(&answer),
        }
    }

    fn begin(&mut self, head: ResponseHead, framing: Framing) {
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

    fn write_head(&mut self, mut head: ResponseHead, framing: Framing) {
        self.is_closing |= self.connection.is_closing(self.asked);
        if let Some(value) = answer_out::connection_field(self.asked, self.is_closing) {
            head.push(b"connection", value.as_bytes());
        }
        head.write(self.connection.out.bytes(), framing);
        self.connection.worker.keep_buffers(head.into_buffers());
    }

    fn pass(&mut self, data: &[u8]) {
        if let Download::Streaming(writer) = &mut self.download
            && writer.write(data, self.connection.out.bytes()).is_err()
        {
            self.break_off(Outcome::UpstreamFailed);
        }
    }

    fn end(&mut self) {
        if let Download::Streaming(writer) = &mut self.download {
            match writer.end(&self.trailers, self.connection.out.bytes()) {
                Ok(()) => self.download = Download::Done,
                Err(_) => self.break_off(Outcome::UpstreamFailed),
            }
        } else {
            self.download = Download::Done;
        }
    }

    fn release(&mut self, head: ResponseHead, body: &[u8]) {
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
    fn replace(&mut self, answer: &Answer) {
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

    // --- what goes wrong ----------------------------------------------------------------------

    /// The API closed: the end of a body that lasts until then, else a failure.
    fn end_of_upstream(&mut self) {
        self.is_reusable = false;
        match self.response.close() {
            ResponseEvent::End(trailers) => self.take_end(trailers),
            _ => self.fail(UpstreamFailure::Truncated),
        }
    }

    fn fail(&mut self, kind: UpstreamFailure) {
        self.lease = None;
        self.is_reusable = false;
        self.open.outcome = match kind {
            UpstreamFailure::Timeout => Outcome::TimedOut,
            _ => Outcome::UpstreamFailed,
        };
        match self
            .open
            .run(|exchange, now| exchange.upstream_failed(kind, now))
        {
            Ok(Reply::Replace(answer)) | Err(answer) => self.replace(&answer),
            Ok(_) => self.break_off(self.open.outcome),
        }
    }

    /// The client gets a message that is visibly incomplete: no last chunk, too few bytes, or,
    /// where only the close would end it, a reset.
    fn break_off(&mut self, outcome: Outcome) {
        self.open.outcome = outcome;
        if self.is_until_close {
            let socket = socket2::SockRef::from(&self.connection.stream);
            let _ = socket.set_linger(Some(std::time::Duration::ZERO));
        }
        self.lease = None;
        self.download = Download::Broken;
    }

    fn due(&self) -> (u64, Late) {
        let times = &self.options.timeouts;
        let after = |start: u64, ms: u64| start.saturating_add(ms);
        if !self.connection.out.is_empty() {
            return (after(self.client_active_ms, times.gap_ms), Late::Client);
        }
        let is_begun = matches!(self.download, Download::Streaming(_));
        let whole = if is_begun {
            u64::MAX
        } else {
            self.exchange_due
        };
        if self.is_uploading() && self.up_out.is_empty() {
            let due = self.upload.due_ms(times);
            return if due < whole {
                (due, Late::Upload)
            } else {
                (whole, Late::Upstream)
            };
        }
        let is_sent = self.up_out.is_empty() && !self.has_response_byte;
        let wait_ms = if is_sent {
            times.first_byte_ms
        } else {
            times.gap_ms
        };
        (after(self.up_active_ms, wait_ms).min(whole), Late::Upstream)
    }

    /// Ready when a deadline passed and was dealt with.
    fn poll_deadline(&mut self, context: &Context<'_>) -> Poll<()> {
        let (due, late) = self.due();
        let watch = Rc::clone(&self.connection.watch);
        watch.set(due.saturating_add(crate::deadline::TICK_MS));
        if watch.poll(context).is_pending() {
            return Poll::Pending;
        }
        match late {
            Late::Client => {
                self.connection.out.clear();
                self.break_off(Outcome::TimedOut);
            }
            Late::Upload => {
                self.open.outcome = Outcome::TimedOut;
                self.fault_upload(Code::WireBodyTimeout);
            }
            Late::Upstream => self.fail(UpstreamFailure::Timeout),
        }
        Poll::Ready(())
    }
}

fn reader(limits: Limits, asked: Asked) -> ResponseReader {
    let mut reader = ResponseReader::new(limits);
    reader.expect(if asked.is_head { b"HEAD" } else { b"GET" });
    reader
}
