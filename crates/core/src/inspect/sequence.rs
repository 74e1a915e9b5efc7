//! A body that is a sequence of JSON texts: on lines of their own, or behind record separators
//! (RFC 7464). Each item is read and held against its schema alone; pointers begin with its index.

use super::request_body::{BodyTask, json_rules, read_json, validate_by};
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Stage};
use crate::parse::json::parse_json;
use crate::parse::request::to_usize;
use crate::policy::MediaKind;

const RECORD_SEPARATOR: u8 = 0x1e;

/// One item: its bytes, and where they begin in the body.
type Item<'b> = (usize, &'b [u8]);

/// Reads the items and holds them against `itemSchema`, and all of them as one list against
/// `schema`. Cost: O(bytes), drawn from `budget`.
pub(super) fn sequence(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> Vec<Reason> {
    let items = match items(task.media.kind, body) {
        Ok(items) => items,
        Err(at) => return vec![broken(at)],
    };
    let most = task.policy.bounds.errors_max;
    let mut reasons = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let found = match reasons.len() < to_usize(most) {
            true => one(task, index, *item, budget),
            false => unlisted(task, index, *item, budget),
        };
        for reason in found {
            reason.tell(&mut reasons, most);
        }
    }
    let is_breach = |reason: &Reason| reason.code.stage() == Stage::Inspect;
    if task.media.schema.is_some() && reasons.iter().all(is_breach) {
        for reason in whole(task, &items, budget) {
            reason.tell(&mut reasons, most);
        }
    }
    reasons
}

fn one(task: &BodyTask<'_>, index: usize, item: Item<'_>, budget: &mut Budget) -> Vec<Reason> {
    let (start, text) = item;
    let reasons = match read_json(task, text, budget) {
        Ok(tape) => {
            let asked = (task.media.item, task.media.item_shape);
            validate_by(task, asked, &tape, budget)
        }
        Err(fault) => vec![*fault],
    };
    let pointer = format!("/{index}");
    let placed = |reason: Reason| reason.within(&pointer, start);
    reasons.into_iter().map(placed).collect()
}

/// An item after more breaches than are told: it is read, and may break its schema.
fn unlisted(task: &BodyTask<'_>, index: usize, item: Item<'_>, budget: &mut Budget) -> Vec<Reason> {
    let (start, text) = item;
    if let Err(fault) = read_json(task, text, budget) {
        return vec![fault.within(&format!("/{index}"), start)];
    }
    let untold = |code, source| Reason::untold(code, Location::Body).source(source);
    let mut reasons = vec![untold(Code::InspectBodySchema, &task.media.source)];
    if let Some(source) = task.closed {
        reasons.push(untold(Code::InspectBodyUndeclared, source));
    }
    reasons
}

/// All items as one list. Places in the body are left out: the list is not what was sent.
fn whole(task: &BodyTask<'_>, items: &[Item<'_>], budget: &mut Budget) -> Vec<Reason> {
    let texts: Vec<&[u8]> = items.iter().map(|(_, text)| *text).collect();
    let list = [&b"["[..], &texts.join(&b','), &b"]"[..]].concat();
    let rules = json_rules(task.relaxed);
    let mut reasons = match parse_json(&list, &rules, &task.policy.bounds, budget) {
        Ok(tape) => validate_by(task, (task.media.schema, task.media.shape), &tape, budget),
        Err(fault) => {
            vec![Reason::new(fault.code, Place::of(Location::Body)).expected(fault.expected)]
        }
    };
    for reason in &mut reasons {
        reason.span = None;
    }
    reasons
}

/// The items, or where the body stops being such a sequence. Blank lines are no items.
fn items(kind: MediaKind, body: &[u8]) -> Result<Vec<Item<'_>>, usize> {
    let is_lines = kind == MediaKind::JsonLines;
    let border = if is_lines { b'\n' } else { RECORD_SEPARATOR };
    let mut items = Vec::new();
    let mut start = 0_usize;
    for (index, piece) in body.split(|byte| *byte == border).enumerate() {
        let text = piece.trim_ascii();
        if !text.is_empty() {
            if index == 0 && !is_lines {
                return Err(0);
            }
            let blank = piece.len().saturating_sub(piece.trim_ascii_start().len());
            items.push((start.saturating_add(blank), text));
        }
        start = start.saturating_add(piece.len()).saturating_add(1);
    }
    Ok(items)
}

fn broken(at: usize) -> Reason {
    Reason::new(Code::ParseBadJson, Place::of(Location::Body))
        .span(at, at.saturating_add(1))
        .expected("a record separator before each JSON text")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(kind: MediaKind, body: &str) -> Vec<(usize, String)> {
        let found = items(kind, body.as_bytes()).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        found
            .into_iter()
            .map(|(at, item)| (at, text(item)))
            .collect()
    }

    #[test]
    fn lines_are_items_and_blank_lines_are_none() {
        let found = texts(MediaKind::JsonLines, "{\"a\":1}\r\n\n [2]\n3");
        let wanted = [(0, "{\"a\":1}"), (11, "[2]"), (15, "3")];
        assert_eq!(found, wanted.map(|(at, text)| (at, text.to_owned())));
    }

    #[test]
    fn record_separators_begin_items_and_line_ends_inside_belong_to_them() {
        let found = texts(MediaKind::JsonSequence, "\u{1e}{\n}\n\u{1e}1\n");
        assert_eq!(found, [(1, "{\n}".to_owned()), (6, "1".to_owned())]);
        assert_eq!(items(MediaKind::JsonSequence, b"{}\n\x1e1\n"), Err(0));
    }
}
