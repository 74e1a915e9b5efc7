//! One client connection: one task, one deadline, its requests in order.

use std::future::poll_fn;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use bartizan_core::answer::Answer;
use bartizan_core::codes::Code;
use bartizan_core::exchange::{Ask, AskReply, Exchange, Step};
use bartizan_core::wire::{Limits, RequestEvent, RequestHead, RequestReader, Version, WireFault};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::answer_out::{self, Asked};
use crate::buffer::{Inbox, Outbox};
use crate::deadline::Watch;
use crate::open::Open;
use crate::options::ms;
use crate::relay::Relay;
use crate::upload::{Piece, Upload};
use crate::worker::{Stage, Worker};

/// Bytes read and thrown away so that the last answer is not lost in a reset.
const LINGER_MAX_BYTES: usize = 256 << 10;
/// How long that may take, milliseconds.
const LINGER_MS: u64 = 1_000;
/// How long an `Ask` may take, milliseconds: the fetch itself gives up after 3 s.
const ASK_MS: u64 = 3_500;

/// What a method of the driver ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Close at once: nobody listens, or the message is broken on purpose.
    Close,
    /// Serve the next request.
    Keep,
    /// Close so that the client still gets what was sent (RFC 9112, section 9.6).
    Linger,
}

/// What one wait for bytes ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    /// The client sent its end.
    Ended,
    /// Bytes are in the inbox.
    More,
    /// The deadline passed.
    Late,
    /// The connection broke.
    Lost,
    /// The worker winds down.
    Stopped,
}

enum Incoming {
    Fault(WireFault),
    Head(Box<RequestReader>, RequestHead),
    Quiet,
}

/// A client connection and its buffers.
pub(crate) struct Connection {
    pub(crate) worker: Rc<Worker>,
    pub(crate) stream: TcpStream,
    pub(crate) peer: IpAddr,
    pub(crate) inbox: Inbox,
    pub(crate) out: Outbox,
    pub(crate) watch: Rc<Watch>,
}

impl Connection {
    /// A connection that was just accepted.
    pub(crate) fn new(worker: Rc<Worker>, stream: TcpStream, peer: IpAddr) -> Self {
        let watch = Watch::new(&worker.wheel);
        let (inbox, out) = (Inbox::default(), Outbox::default());
        Connection {
            worker,
            stream,
            peer,
            inbox,
            out,
            watch,
        }
    }

    /// Serves until one side is done.
    pub(crate) async fn serve(mut self) {
        loop {
            let next = match self.incoming().await {
                Incoming::Fault(fault) => self.refuse(fault).await,
                Incoming::Head(reader, head) => self.exchange(reader, head).await,
                Incoming::Quiet => Next::Close,
            };
            match next {
                Next::Close => return,
                Next::Keep => {}
                Next::Linger => return self.linger().await,
            }
        }
    }

    /// Waits for a head. Between two requests the connection holds no large buffer.
    async fn incoming(&mut self) -> Incoming {
        self.inbox.rest();
        self.out.rest();
        let generation = self.worker.generation();
        let mut reader = Box::new(RequestReader::new(Limits::of_requests(
            generation.policy.bounds(),
        )));
        reader.recycle(self.worker.buffers());
        let (idle_ms, head_ms) = (
            generation.options.timeouts.idle_ms,
            generation.options.timeouts.head_ms,
        );
        drop(generation);
        let mut has_begun = false;
        self.watch.set_after(idle_ms);
        loop {
            if !self.inbox.is_empty() {
                if !has_begun {
                    has_begun = true;
                    self.watch.set_after(head_ms);
                }
                match self.read_head(&mut reader) {
                    Some(Ok(head)) => return Incoming::Head(reader, head),
                    Some(Err(fault)) => return Incoming::Fault(fault),
                    None => {}
                }
            }
            let limit = if has_begun {
                Stage::Ended
            } else {
                Stage::WindingDown
            };
            match self.fill(limit).await {
                Filled::More => {}
                Filled::Ended if has_begun => return fault(Code::WireTruncated),
                Filled::Late if has_begun => return fault(Code::WireHeadTimeout),
                _ => return Incoming::Quiet,
            }
        }
    }

    fn read_head(&mut self, reader: &mut RequestReader) -> Option<Result<RequestHead, WireFault>> {
        let (consumed, event) = reader.read(self.inbox.bytes());
        self.inbox.consume(consumed);
        match event {
            RequestEvent::Fault(fault) => Some(Err(fault)),
            RequestEvent::Head(head) => Some(Ok(head)),
            _ => None,
        }
    }

    /// One read, or what ended the wait for it.
    pub(crate) async fn fill(&mut self, limit: Stage) -> Filled {
        let Connection {
            worker,
            stream,
            inbox,
            watch,
            ..
        } = self;
        poll_fn(|context| {
            match inbox.poll_fill(stream, &worker.scratch, context) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Filled::Ended),
                Poll::Ready(Ok(_)) => return Poll::Ready(Filled::More),
                Poll::Ready(Err(_)) => return Poll::Ready(Filled::Lost),
                Poll::Pending => {}
            }
            if worker.stage() >= limit {
                return Poll::Ready(Filled::Stopped);
            }
            watch.poll(context).map(|()| Filled::Late)
        })
        .await
    }

    /// Malformed input: one Decision, one Event, one answer, and the connection closes.
    async fn refuse(&mut self, fault: WireFault) -> Next {
        let mut open = Open::new(&self.worker, &self.worker.generation(), self.peer);
        let answer = open.run_untimed(|exchange| exchange.wire_fault(fault));
        let asked = Asked::default();
        self.answer(&mut open, asked, either(answer), true).await
    }

    async fn exchange(&mut self, reader: Box<RequestReader>, head: RequestHead) -> Next {
        let generation = Arc::clone(&self.worker.generation());
        let options = Arc::clone(&generation.options);
        let mut open = Open::new(&self.worker, &generation, self.peer);
        let asked = Asked::of(&head);
        let mut upload = Upload::new(reader, &head, &options.timeouts);
        let exchange_due = self.watch.moment(options.timeouts.exchange_ms);
        let mut step = open.run(|exchange, now| exchange.head(head, now));
        loop {
            step = match step {
                Err(answer) | Ok(Step::Answer(answer)) => {
                    return self.end_early(&mut open, &mut upload, asked, answer).await;
                }
                Ok(Step::Ask(ask)) => self.look_up(&mut open, &ask).await,
                Ok(Step::More) => {
                    match self
                        .take_in(&mut open, &mut upload, asked, exchange_due)
                        .await
                    {
                        Some(step) => step,
                        None => return Next::Close,
                    }
                }
                Ok(Step::Forward(forward)) => {
                    let Some(pool) = self.worker.pool(&generation, forward.api()) else {
                        let answer = open.run_untimed(Exchange::fault);
                        let (Ok(answer) | Err(answer)) = answer;
                        return self.end_early(&mut open, &mut upload, asked, answer).await;
                    };
                    let limits = Limits::of_responses(generation.policy.bounds());
                    let mut relay =
                        Relay::new(self, open, upload, asked, options, limits, exchange_due);
                    relay.take_request(&generation.policy, *forward);
                    return relay.run(pool).await;
                }
            };
        }
    }

    /// An answer of ours. Bytes of the body that are here already are read off, so that a small
    /// refused request does not cost the client its connection.
    async fn end_early(
        &mut self,
        open: &mut Open,
        upload: &mut Upload,
        asked: Asked,
        answer: Answer,
    ) -> Next {
        if !answer.close {
            upload.skip(&mut self.inbox);
        }
        let is_unread = !upload.is_done();
        self.answer(open, asked, answer, is_unread).await
    }

    /// Sends an answer and says how the connection goes on.
    pub(crate) async fn answer(
        &mut self,
        open: &mut Open,
        asked: Asked,
        answer: Answer,
        is_closing: bool,
    ) -> Next {
        let is_closing = is_closing || self.is_closing(asked) || answer.close;
        let unix_s = self.worker.shared.clock.now().unix_s();
        answer_out::write(self.out.bytes(), &answer, asked, is_closing, unix_s);
        let gap_ms = self.worker.generation().options.timeouts.gap_ms;
        self.watch.set_after(gap_ms);
        match self.flush().await {
            true if is_closing => {
                open.complete();
                Next::Linger
            }
            true => {
                open.complete();
                Next::Keep
            }
            false => Next::Close,
        }
    }

    /// Whether this response is the last one whatever it says.
    pub(crate) fn is_closing(&self, asked: Asked) -> bool {
        !asked.keep_alive || self.worker.stage() > Stage::Serving
    }

    async fn flush(&mut self) -> bool {
        let Connection {
            worker,
            stream,
            out,
            watch,
            ..
        } = self;
        poll_fn(|context| {
            while !out.is_empty() {
                match out.poll_flush(stream, context) {
                    Poll::Ready(Ok(_)) => {}
                    Poll::Ready(Err(_)) => return Poll::Ready(false),
                    Poll::Pending if worker.stage() >= Stage::Ended => return Poll::Ready(false),
                    Poll::Pending => return watch.poll(context).map(|()| false),
                }
            }
            Poll::Ready(true)
        })
        .await
    }

    /// Feeds one piece of the body. `None`: the client is gone.
    async fn take_in(
        &mut self,
        open: &mut Open,
        upload: &mut Upload,
        asked: Asked,
        exchange_due: u64,
    ) -> Option<Result<Step, Answer>> {
        let step = upload.next(&mut self.inbox, |piece| match piece {
            Piece::Data(data) => open.run(|exchange, now| exchange.chunk(data, now)),
            Piece::End(_) => open.run(|exchange, now| exchange.end(now)),
            Piece::Fault(fault) => wire_fault(open, fault),
        });
        if step.is_some() {
            return step;
        }
        let due_ms = exchange_due.min(upload.due_ms(self.watch.now_ms()));
        if asked.expects && !upload.has_begun() && !upload.was_invited() {
            upload.invite(self.out.bytes());
            self.watch.set(due_ms);
            if !self.flush().await {
                return None;
            }
        }
        self.watch.set(due_ms);
        match self.fill(Stage::Ended).await {
            Filled::More => Some(Ok(Step::More)),
            Filled::Late => Some(wire_fault(open, WireFault::new(Code::WireBodyTimeout, 0))),
            Filled::Ended => Some(wire_fault(open, WireFault::new(Code::WireTruncated, 0))),
            Filled::Lost | Filled::Stopped => None,
        }
    }

    /// Asks the refresher for keys, and goes on with what is in force afterwards.
    async fn look_up(&mut self, open: &mut Open, ask: &Ask) -> Result<Step, Answer> {
        let Ask::Keys { issuer, .. } = ask;
        let waiting = self.worker.shared.keys.refetch(usize::from(*issuer));
        let reply = match tokio::time::timeout(ms(ASK_MS), waiting).await {
            Ok(Ok(())) => AskReply::Done,
            _ => AskReply::Failed,
        };
        open.run(|exchange, now| exchange.answered(reply, now))
    }

    /// Ends our side, reads off what the client still sends, then closes: a close with unread
    /// bytes would reset the connection and could destroy the answer on its way.
    async fn linger(mut self) {
        self.watch.set_after(LINGER_MS);
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let mut read = 0_usize;
        while read < LINGER_MAX_BYTES {
            self.inbox.consume(usize::MAX);
            match self.fill(Stage::Ended).await {
                Filled::More => read = read.saturating_add(self.inbox.len()),
                _ => return,
            }
        }
    }
}

fn fault(code: Code) -> Incoming {
    Incoming::Fault(WireFault::new(code, 0))
}

fn wire_fault(open: &mut Open, fault: WireFault) -> Result<Step, Answer> {
    open.run_untimed(|exchange| Step::Answer(exchange.wire_fault(fault)))
}

/// A panic while refusing is answered like a panic anywhere.
fn either(answer: Result<Answer, Answer>) -> Answer {
    match answer {
        Ok(answer) | Err(answer) => answer,
    }
}

impl Asked {
    fn of(head: &RequestHead) -> Self {
        let method = head.method();
        Asked {
            is_head: method == b"HEAD",
            is_10: head.version() == Version::Http10,
            keep_alive: head.keep_alive(),
            expects: head.expects_continue(),
            is_idempotent: matches!(method, b"GET" | b"HEAD" | b"OPTIONS" | b"PUT" | b"DELETE"),
        }
    }
}
