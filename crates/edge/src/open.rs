//! One Exchange in the hands of the driver. INVARIANT: what was opened is closed with one Event,
//! also when a stage panics or the task is cut off in the middle.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use bartizan_core::answer::Answer;
use bartizan_core::event::Outcome;
use bartizan_core::exchange::Exchange;
use bartizan_core::time::{ExchangeId, Now};

use crate::generation::Generation;
use crate::worker::{Stage, Worker};

/// The Exchange, and how it would end if it ended now.
pub(crate) struct Open {
    exchange: Option<Box<Exchange>>,
    worker: Rc<Worker>,
    id: ExchangeId,
    /// How it ends. Whoever ends it in another way writes it here first.
    pub(crate) outcome: Outcome,
}

impl Open {
    /// Opens an Exchange of this Generation.
    pub(crate) fn new(worker: &Rc<Worker>, generation: &Generation, peer: IpAddr) -> Self {
        let id = worker.ids.next();
        worker.counters.opened.add(1);
        let (policy, live) = (Arc::clone(&generation.policy), Arc::clone(&generation.live));
        let now = worker.shared.clock.now();
        let mut exchange = Exchange::open(policy, live, peer, id, now);
        if let Some(body_max) = worker.shared.window.body_max(now.unix_ms) {
            exchange.keep(body_max);
        }
        Open {
            exchange: Some(exchange),
            worker: Rc::clone(worker),
            id,
            outcome: Outcome::ClientLeft,
        }
    }

    /// Lets the core work.
    ///
    /// # Errors
    /// The answer to give when a stage panicked: status 500, and the connection closes.
    pub(crate) fn run<T>(
        &mut self,
        stage: impl FnOnce(&mut Exchange, Now) -> T,
    ) -> Result<T, Answer> {
        let now = self.worker.shared.clock.now();
        self.run_untimed(|exchange| stage(exchange, now))
    }

    /// `run` for what asks for no time: reading the clock is not free.
    ///
    /// # Errors
    /// As `run`.
    pub(crate) fn run_untimed<T>(
        &mut self,
        stage: impl FnOnce(&mut Exchange) -> T,
    ) -> Result<T, Answer> {
        let Some(exchange) = self.exchange.as_mut() else {
            return Err(self.bare_fault());
        };
        catch_unwind(AssertUnwindSafe(|| stage(exchange))).map_err(|_| self.fault())
    }

    /// The answer went out whole; a failure that was noted before stays.
    pub(crate) fn complete(&mut self) {
        if self.outcome == Outcome::ClientLeft {
            self.outcome = Outcome::Complete;
        }
    }

    /// A stage panicked: the Exchange answers 500, or we do if even that panics.
    fn fault(&mut self) -> Answer {
        self.worker.counters.faults.add(1);
        self.outcome = Outcome::Fault;
        let answer = self
            .exchange
            .as_mut()
            .and_then(|exchange| catch_unwind(AssertUnwindSafe(|| exchange.fault())).ok());
        Answer {
            close: true,
            ..answer.unwrap_or_else(|| self.bare_fault())
        }
    }

    fn bare_fault(&self) -> Answer {
        let fields = vec![("x-bartizan-reference", self.id.to_string())];
        Answer {
            status: 500,
            fields,
            body: Vec::new(),
            close: true,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(exchange) = self.exchange.take() else {
            return;
        };
        let outcome = match self.worker.stage() {
            Stage::Ended if self.outcome == Outcome::ClientLeft => Outcome::WoundDown,
            _ => self.outcome,
        };
        let now = self.worker.shared.clock.now();
        if let Some((operation, line)) = exchange.captured() {
            let window = &self.worker.shared.window;
            window.put(&operation, line, now.unix_ms);
        }
        if let Ok(event) = catch_unwind(AssertUnwindSafe(|| exchange.close(outcome, now))) {
            self.worker.record(event);
        }
        self.worker.counters.closed.add(1);
    }
}

#[cfg(test)]
mod tests;
