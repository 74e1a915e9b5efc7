//! A Response that is a stream of items whose schema is known: each item goes on, is cut or is left
//! out as soon as it is whole. In shadow the bytes go on as they come and the items are looked at.

use std::sync::Arc;

use super::cuts::acts_unseen;
use super::reply::ReplyPlan;
use super::{Exchange, Reply};
use crate::budget::Budget;
use crate::decision::{Reason, Standing};
use crate::inspect::items::Items;
use crate::inspect::response_body::ReplyTask;
use crate::inspect::response_item::shape_item;
use crate::policy::form::Undeclared;
use crate::policy::{Media, MediaKind};

/// A stream under way.
#[derive(Debug)]
pub(super) struct ItemStream {
    items: Items,
    media: Arc<Media>,
    count: usize,
    is_watched: bool,
}

impl Exchange {
    /// The plan for a stream of this media type. `is_watched`: it goes on as it comes.
    pub(super) fn item_plan(&self, media: Arc<Media>, is_watched: bool) -> ReplyPlan {
        let most = usize::try_from(self.policy.bounds.item_max_bytes).unwrap_or(usize::MAX);
        ReplyPlan::Items(Box::new(ItemStream {
            items: Items::new(media.kind, most),
            media,
            count: 0,
            is_watched,
        }))
    }

    /// Feeds a piece of the stream. Cost: O(length).
    pub(super) fn item_chunk(&mut self, mut stream: Box<ItemStream>, data: &[u8]) -> Reply {
        let is_watched = stream.is_watched;
        let Ok(whole) = stream.items.feed(data) else {
            return self.item_too_large(is_watched, data.len());
        };
        let mut out = Vec::new();
        for item in whole {
            self.item(&mut stream, item, &mut out);
        }
        self.reply_plan = ReplyPlan::Items(stream);
        if is_watched {
            self.sent(data.len());
            return Reply::Pass;
        }
        self.sent(out.len());
        Reply::Send(out)
    }

    /// The stream has ended: what is left is an item, too.
    pub(super) fn item_end(&mut self, mut stream: Box<ItemStream>) -> Reply {
        let rest = stream.items.rest();
        let mut out = Vec::new();
        if !rest.is_empty() {
            self.item(&mut stream, rest, &mut out);
        }
        if stream.is_watched {
            return Reply::Done;
        }
        self.sent(out.len());
        Reply::Finish(out)
    }

    fn item(&mut self, stream: &mut ItemStream, raw: Vec<u8>, out: &mut Vec<u8>) {
        let policy = Arc::clone(&self.policy);
        let shape = policy.shape_of(self.operation);
        let data = match stream.media.kind {
            MediaKind::EventStream => "/data",
            _ => "",
        };
        let rules = self.rules(&policy, format!("/{}{data}", stream.count));
        // Each item has a Budget of its own: a stream may last for days.
        let mut budget = Budget::new(&policy.bounds);
        let shaped = rules.with(|cuts| {
            let task = ReplyTask {
                status: self.status,
                sent: None,
                coding: None,
                media: Some(&stream.media),
                is_scrubbed: false,
                cuts,
                source: &shape.source,
                policy: &policy,
            };
            shape_item(&task, &stream.media, (stream.count, &raw), &mut budget)
        });
        stream.count = stream.count.saturating_add(1);
        let mut is_refused = false;
        for reason in &shaped.reasons {
            let acted = acts_unseen(shape, Some(&stream.media), reason.code);
            if self.note(reason.clone(), acted) == Standing::Enforced {
                is_refused |= acted == Undeclared::Refuse || shaped.is_lost(reason);
            }
        }
        match shaped.body {
            _ if is_refused => {}
            Some(body) => out.extend_from_slice(&body),
            None => out.extend_from_slice(&raw),
        }
    }

    /// The standing of what was found; kept for the Event as long as there is room.
    fn note(&mut self, reason: Reason, acted: Undeclared) -> Standing {
        let standing = (acted == Undeclared::Pass).then_some(Standing::Excepted);
        let most = usize::try_from(self.policy.bounds.errors_max).unwrap_or(usize::MAX);
        if self.findings.len() < most {
            return self.find(reason, standing);
        }
        standing.unwrap_or_else(|| self.standing(&reason))
    }
}
