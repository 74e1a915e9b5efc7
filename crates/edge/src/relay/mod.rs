//! A cleared request on its way to the API, and the response on its way back: one poll function
//! moves bytes in both directions, so that backpressure, early responses and deadlines are seen
//! wherever they arise.

mod bytes;
mod cookies;
mod failure;
mod late;
mod location;
mod request;
mod response;

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use bartizan_core::exchange::{Forward, UpstreamFailure};
use bartizan_core::policy::Policy;
use bartizan_core::wire::{BodyWriter, Limits, ResponseReader, Trailers};

use crate::answer_out::Asked;
use crate::buffer::{Inbox, Outbox};
use crate::connection::{Connection, Next};
use crate::open::Open;
use crate::options::Options;
use crate::pace::Pace;
use crate::upload::Upload;
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
    download_pace: Pace,
    written: u64,
    is_client_full: bool,
    is_event_stream: bool,
    /// What was cut off the path for this API.
    prefix: String,
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
        limits: Limits,
        exchange_due: u64,
    ) -> Self {
        let now_ms = connection.watch.now_ms();
        let is_closing = connection.is_closing(asked);
        let spare = &connection.worker.spare;
        let (up_out, up_in) = (Outbox::new(spare.lend()), Inbox::new(spare.lend()));
        let download_pace = Pace::new(&options.timeouts);
        Relay {
            connection,
            open,
            upload,
            asked,
            options,
            exchange_due,
            lease: None,
            up_out,
            up_in,
            up_body: None,
            response: reader(limits, asked),
            limits,
            download: Download::Waiting,
            is_closing,
            is_reusable: false,
            is_upload_cut: false,
            has_response_byte: false,
            up_active_ms: now_ms,
            download_pace,
            written: 0,
            is_client_full: false,
            is_event_stream: false,
            prefix: String::new(),
            is_until_close: false,
            trailers: Trailers::default(),
        }
    }

    /// Takes over what is sent.
    pub(crate) fn take_request(&mut self, policy: &Policy, forward: Forward) {
        if let Some(api) = policy.api(forward.api()) {
            api.stripped().clone_into(&mut self.prefix);
        }
        self.write_request(forward);
        self.response.recycle(self.connection.worker.buffers());
    }

    /// Sends the request and brings the response back.
    pub(crate) async fn run(&mut self, pool: Rc<Pool>) -> Next {
        let mut moved = self.attempt(&pool, false).await;
        if matches!(moved, Moved::Raced) && pool.may_retry() {
            self.start_over();
            moved = self.attempt(&pool, true).await;
        }
        if matches!(moved, Moved::Raced) {
            self.fail(UpstreamFailure::Truncated);
            moved = poll_fn(|context| self.poll(context)).await;
        }
        match moved {
            Moved::Finished => self.finish(),
            Moved::Gone | Moved::Raced => Next::Close,
        }
    }

    async fn attempt(&mut self, pool: &Rc<Pool>, is_fresh: bool) -> Moved {
        match pool
            .checkout(self.connection.watch.now_ms(), is_fresh)
            .await
        {
            Ok(lease) => self.lease = Some(lease),
            Err(Unavailable::Connect) => self.fail(UpstreamFailure::Connect),
            Err(Unavailable::Queue) => self.fail(UpstreamFailure::Queue),
        }
        self.up_active_ms = self.connection.watch.now_ms();
        poll_fn(|context| self.poll(context)).await
    }

    /// The second and last attempt after a raced close, on a new connection.
    fn start_over(&mut self) {
        self.lease = None;
        self.connection.worker.counters.upstream_retries.add(1);
        self.up_out.rewind();
        self.up_in = Inbox::default();
        self.response = reader(self.limits, self.asked);
    }

    fn finish(&mut self) -> Next {
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
        let spare = &self.connection.worker.spare;
        spare.keep(std::mem::take(&mut self.up_out).into_bytes());
        spare.keep(std::mem::take(&mut self.up_in).into_bytes());
        if is_broken {
            return Next::Close;
        }
        self.open.complete();
        match self.is_closing || !is_whole {
            true => Next::Linger,
            false => Next::Keep,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Moved> {
        loop {
            let mut has_moved = self.poll_upload(context);
            match self.poll_upstream_write(context) {
                // Room for the next piece of an upload; all else comes below.
                Some(moved) => has_moved |= moved && self.is_uploading(),
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
}

fn reader(limits: Limits, asked: Asked) -> ResponseReader {
    let mut reader = ResponseReader::new(limits);
    reader.expect(if asked.is_head { b"HEAD" } else { b"GET" });
    reader
}
