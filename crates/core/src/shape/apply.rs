//! A plan held against a response: what no schema declares, what the description calls secret, and
//! the bytes without it.

use super::plan::{Plan, PlanId, Shapes, index};
use crate::parse::json::{Kind, NodeId, Tape, push_token};
use crate::policy::form::DataClass;

/// Why a value is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its class is `secret`.
    Secret,
    /// No applicable `properties` names it.
    Undeclared,
}

/// One value that does not belong into the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Why.
    pub what: What,
    /// JSON Pointer of it.
    pub pointer: String,
    /// Bytes of it.
    pub span: (usize, usize),
}

/// Which of the values that are found are taken out.
#[derive(Clone, Copy)]
pub enum Cut<'c> {
    /// Every one.
    All,
    /// Those at whose pointer it holds.
    At(&'c dyn Fn(&str) -> bool),
    /// None.
    None,
}

impl std::fmt::Debug for Cut<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Cut::All => "All",
            Cut::At(_) => "At",
            Cut::None => "None",
        })
    }
}

/// What is taken out of a response.
#[derive(Clone, Copy, Debug)]
pub struct Cuts<'c> {
    /// Undeclared members.
    pub undeclared: Cut<'c>,
    /// Secrets.
    pub secret: Cut<'c>,
}

/// What a response holds that does not belong into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shaping {
    /// The first values in document order, as many as asked for.
    pub found: Vec<Found>,
    /// All of them.
    pub count: usize,
    /// The whole value is secret: nothing of it can stay.
    pub is_all_secret: bool,
    /// Byte ranges whose removal takes them out, ascending, without overlap.
    cuts: Vec<(u32, u32)>,
}

impl Shaping {
    /// The source without what is taken out; every other byte stays as it was. `None` where
    /// nothing is.
    #[must_use]
    pub fn cut(&self, source: &[u8]) -> Option<Vec<u8>> {
        if self.cuts.is_empty() {
            return None;
        }
        let mut kept = Vec::with_capacity(source.len());
        let mut at = 0_usize;
        for (start, end) in &self.cuts {
            kept.extend_from_slice(source.get(at..index(*start)).unwrap_or(&[]));
            at = index(*end);
        }
        kept.extend_from_slice(source.get(at..).unwrap_or(&[]));
        Some(kept)
    }
}

impl Shapes {
    /// Finds what does not belong into `tape`. At most `told_max` values are told one by one; all
    /// are counted. An object of which no schema says any property is open, and so is everything
    /// below a member without a schema. Cost: O(nodes x schemas that apply to each).
    #[must_use]
    pub fn apply(&self, plan: PlanId, tape: &Tape, told_max: u32, cuts: Cuts<'_>) -> Shaping {
        let mut walk = Walk {
            shapes: self,
            tape,
            told_max: index(told_max),
            wanted: cuts,
            path: Vec::new(),
            found: Shaping::default(),
        };
        if walk.is_secret(tape.root(), &[plan.0]) {
            walk.found.is_all_secret = true;
            walk.tell(What::Secret, tape.root());
        }
        walk.value(tape.root(), &[plan.0]);
        walk.found
    }
}

/// Members or items of one value on their way out: where the last one that stays has ended.
#[derive(Debug, Default)]
struct Row {
    kept_end: Option<u32>,
}

impl Row {
    fn keep(&mut self, end: u32) {
        self.kept_end = Some(end);
    }

    /// The range that takes one out with the comma that goes with it.
    fn cut(&mut self, (start, end): (u32, u32), next: Option<u32>) -> (u32, u32) {
        match self.kept_end {
            Some(before) => {
                // What follows is cut from here on.
                self.kept_end = Some(end);
                (before, end)
            }
            None => (start, next.unwrap_or(end)),
        }
    }
}

/// One step from the root to where the walk is.
enum Step<'a> {
    Index(usize),
    Name(&'a str),
}

struct Walk<'a> {
    shapes: &'a Shapes,
    tape: &'a Tape,
    told_max: usize,
    wanted: Cuts<'a>,
    path: Vec<Step<'a>>,
    found: Shaping,
}

impl<'a> Walk<'a> {
    fn plan(&self, node: u32) -> Option<&'a Plan> {
        self.shapes.plans.get(index(node))
    }

    /// Recursion is bounded by the depth that the parser lets through.
    fn value(&mut self, at: NodeId, nodes: &[u32]) {
        match self.tape.kind(at) {
            Kind::Object => self.object(at, &self.expand(at, nodes)),
            Kind::Array => self.array(at, &self.expand(at, nodes)),
            _ => {}
        }
    }

    /// All schemas that hold for this value, each once.
    fn expand(&self, at: NodeId, nodes: &[u32]) -> Vec<u32> {
        let mut all: Vec<u32> = Vec::with_capacity(8);
        let add = |all: &mut Vec<u32>, more: &[u32]| {
            for node in more {
                if !all.contains(node) {
                    all.push(*node);
                }
            }
        };
        add(&mut all, nodes);
        let mut next = 0_usize;
        while let Some(plan) = all.get(next).and_then(|node| self.plan(*node)) {
            next = next.saturating_add(1);
            add(&mut all, &plan.parts);
            if let Some(chooser) = &plan.chooser {
                let value = self
                    .tape
                    .get(at, &chooser.member)
                    .map(|node| self.tape.text(node));
                let chosen = chooser
                    .targets
                    .iter()
                    .find(|(target, _)| Some(&**target) == value);
                match chosen {
                    Some((_, node)) => add(&mut all, &[*node]),
                    None => add(&mut all, &chooser.otherwise),
                }
            }
        }
        all
    }

    fn array(&mut self, at: NodeId, nodes: &[u32]) {
        let plain: Vec<u32> = nodes
            .iter()
            .filter_map(|node| self.plan(*node)?.items)
            .collect();
        let has_prefix = nodes
            .iter()
            .any(|node| self.plan(*node).is_some_and(|plan| !plan.prefix.is_empty()));
        if !has_prefix && plain.is_empty() {
            return;
        }
        let mut row = Row::default();
        let mut items = self.tape.elements(at).enumerate().peekable();
        while let Some((place, item)) = items.next() {
            let prefixed: Vec<u32>;
            let own = if has_prefix {
                let plans = nodes.iter().filter_map(|node| self.plan(*node));
                let fitting =
                    plans.filter_map(|plan| plan.prefix.get(place).copied().or(plan.items));
                prefixed = fitting.collect();
                &prefixed
            } else {
                &plain
            };
            let span = self.tape.span(item);
            self.path.push(Step::Index(place));
            if self.is_secret(item, own) && self.tell(What::Secret, item) {
                let next = items.peek().map(|(_, item)| self.tape.span(*item).0);
                self.found.cuts.push(row.cut(span, next));
            } else {
                self.value(item, own);
                row.keep(span.1);
            }
            self.path.pop();
        }
    }

    /// Whether a schema that holds for this value says that it is secret.
    fn is_secret(&self, at: NodeId, nodes: &[u32]) -> bool {
        let may_be = |node: &u32| self.plan(*node).is_some_and(|plan| plan.may_be_secret);
        let is = |node: &u32| {
            self.plan(*node)
                .is_some_and(|plan| plan.class == Some(DataClass::Secret))
        };
        nodes.iter().any(may_be) && self.expand(at, nodes).iter().any(is)
    }

    fn object(&mut self, at: NodeId, nodes: &[u32]) {
        let plans: Vec<&Plan> = nodes.iter().filter_map(|node| self.plan(*node)).collect();
        let says = plans.iter().any(|plan| {
            plan.is_closed
                || !(plan.properties.is_empty()
                    && plan.patterns.is_empty()
                    && plan.forbidden.is_empty())
        });
        let open = !says || plans.iter().any(|plan| plan.open);
        let mut row = Row::default();
        let mut members = self.tape.members(at).peekable();
        while let Some((key, value)) = members.next() {
            let name = self.tape.text(key);
            let below = schemas_of(&plans, name);
            let forbidden = plans.iter().any(|plan| {
                plan.forbidden
                    .binary_search_by(|found| (**found).cmp(name))
                    .is_ok()
            });
            let what = if self.is_secret(value, &below) {
                Some(What::Secret)
            } else if forbidden || (below.is_empty() && !open) {
                Some(What::Undeclared)
            } else {
                None
            };
            let (start, end) = (self.tape.span(key).0, self.tape.span(value).1);
            self.path.push(Step::Name(name));
            if what.is_some_and(|what| self.tell(what, value)) {
                let next = members.peek().map(|(key, _)| self.tape.span(*key).0);
                self.found.cuts.push(row.cut((start, end), next));
            } else {
                if !below.is_empty() {
                    self.value(value, &below);
                }
                row.keep(end);
            }
            self.path.pop();
        }
    }

    /// JSON Pointer (RFC 6901) of where the walk is.
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Index(place) => pointer.push_str(&place.to_string()),
                Step::Name(name) => push_token(&mut pointer, name),
            }
        }
        pointer
    }

    /// Books one value, and says whether it is to be taken out.
    fn tell(&mut self, what: What, value: NodeId) -> bool {
        let wanted = match what {
            What::Secret => self.wanted.secret,
            What::Undeclared => self.wanted.undeclared,
        };
        self.found.count = self.found.count.saturating_add(1);
        let is_told = self.found.found.len() < self.told_max;
        let pointer = match wanted {
            Cut::At(_) => self.pointer(),
            _ if is_told => self.pointer(),
            _ => String::new(),
        };
        let is_cut = match wanted {
            Cut::All => true,
            Cut::At(holds) => holds(&pointer),
            Cut::None => false,
        };
        if is_told {
            let (start, end) = self.tape.span(value);
            self.found.found.push(Found {
                what,
                pointer,
                span: (index(start), index(end)),
            });
        }
        is_cut
    }
}

/// The schemas that the plans give a member; empty = none names it.
fn schemas_of(plans: &[&Plan], name: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for plan in plans {
        let mut own = false;
        if let Ok(place) = plan
            .properties
            .binary_search_by(|(known, _)| (**known).cmp(name))
        {
            found.extend(plan.properties.get(place).map(|(_, node)| *node));
            own = true;
        }
        for (_, node) in plan
            .patterns
            .iter()
            .filter(|(regex, _)| regex.is_match(name))
        {
            found.push(*node);
            own = true;
        }
        if !own {
            found.extend(plan.additional);
        }
    }
    found
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
