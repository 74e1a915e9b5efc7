//! Reads and writes of both connections.

use std::task::{Context, Poll};

use bartizan_core::exchange::UpstreamFailure;

use super::{AHEAD_MAX_BYTES, HIGH_BYTES, Relay};
use crate::connection::Connection;

impl Relay<'_> {
    /// To the API. `None`: the race was lost and the request can be sent again.
    pub(super) fn poll_upstream_write(&mut self, context: &mut Context<'_>) -> Option<bool> {
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

    pub(super) fn is_raced(&self) -> bool {
        self.up_out.is_replayable
            && (self.asked.is_idempotent || self.up_out.is_unsent())
            && !self.has_response_byte
            && self.lease.as_ref().is_some_and(|lease| lease.is_reused)
    }

    /// From the API. `None` as above.
    pub(super) fn poll_upstream_read(&mut self, context: &mut Context<'_>) -> Option<bool> {
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

    pub(super) fn poll_client_write(&mut self, context: &mut Context<'_>) -> Option<bool> {
        let Connection {
            stream, out, watch, ..
        } = &mut *self.connection;
        let now_ms = watch.now_ms();
        if out.is_empty() {
            return Some(false);
        }
        match out.poll_flush(stream, context) {
            Poll::Pending => {
                self.is_client_full = true;
                Some(false)
            }
            Poll::Ready(Err(_)) => None,
            Poll::Ready(Ok(count)) => {
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                self.written = self.written.saturating_add(count);
                if std::mem::take(&mut self.is_client_full) {
                    self.download_pace.pause(now_ms);
                    // The API was not read meanwhile: it was not silent either.
                    self.up_active_ms = now_ms;
                }
                Some(true)
            }
        }
    }

    /// Whether the client ended or reset while we wait for the API. Costs a system call only when
    /// the kernel reported something. Pipelined bytes are kept for later.
    pub(super) fn is_client_gone(&mut self, context: &mut Context<'_>) -> bool {
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
}
