//! A plan held against a response: what no schema declares, and the bytes without it.

use super::plan::{Plan, PlanId, Shapes, index};
use crate::parse::json::{Kind, NodeId, Tape};

/// One member that no applicable `properties` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeclared {
    /// JSON Pointer of the member.
    pub pointer: String,
    /// Bytes of its value.
    pub span: (usize, usize),
}

/// What a response holds beyond its schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shaping {
    /// The first undeclared members in document order, as many as asked for.
    pub undeclared: Vec<Undeclared>,
    /// All of them.
    pub count: usize,
    /// Byte ranges whose removal takes them out, ascending, without overlap.
    cuts: Vec<(u32, u32)>,
}

impl Shaping {
    /// The source without the undeclared members; every other byte stays as it was.
    #[must_use]
    pub fn cut(&self, source: &[u8]) -> Vec<u8> {
        let mut kept = Vec::with_capacity(source.len());
        let mut at = 0_usize;
        for (start, end) in &self.cuts {
            kept.extend_from_slice(source.get(at..index(*start)).unwrap_or(&[]));
            at = index(*end);
        }
        kept.extend_from_slice(source.get(at..).unwrap_or(&[]));
        kept
    }
}

impl Shapes {
    /// Finds what `tape` holds beyond the plan. At most `told_max` members are told one by one;
    /// all are counted and cut. An object of which no schema says any property is open, and so is
    /// everything below a member without a schema. Cost: O(nodes x schemas that apply to each).
    #[must_use]
    pub fn apply(&self, plan: PlanId, tape: &Tape, told_max: u32) -> Shaping {
        let mut walk = Walk {
            shapes: self,
            tape,
            told_max: index(told_max),
            found: Shaping::default(),
        };
        walk.value(tape.root(), &[plan.0]);
        walk.found
    }
}

struct Walk<'a> {
    shapes: &'a Shapes,
    tape: &'a Tape,
    told_max: usize,
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
        for (place, item) in self.tape.elements(at).enumerate() {
            if has_prefix {
                let own = nodes.iter().filter_map(|node| {
                    let plan = self.plan(*node)?;
                    plan.prefix.get(place).copied().or(plan.items)
                });
                self.value(item, &own.collect::<Vec<_>>());
            } else if !plain.is_empty() {
                self.value(item, &plain);
            }
        }
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
        let mut kept_end: Option<u32> = None;
        let mut members = self.tape.members(at).peekable();
        while let Some((key, value)) = members.next() {
            let name = self.tape.text(key);
            let below = schemas_of(&plans, name);
            let forbidden = plans.iter().any(|plan| {
                plan.forbidden
                    .binary_search_by(|found| (**found).cmp(name))
                    .is_ok()
            });
            let (start, end) = (self.tape.span(key).0, self.tape.span(value).1);
            if forbidden || (below.is_empty() && !open) {
                let next = members.peek().map(|(key, _)| self.tape.span(*key).0);
                let range = match (kept_end, next) {
                    (Some(before), _) => (before, end),
                    (None, Some(next)) => (start, next),
                    (None, None) => (start, end),
                };
                self.tell(value, range);
                // What follows is cut from here on.
                kept_end = kept_end.map(|_| end);
            } else {
                if !below.is_empty() {
                    self.value(value, &below);
                }
                kept_end = Some(end);
            }
        }
    }

    fn tell(&mut self, value: NodeId, range: (u32, u32)) {
        self.found.count = self.found.count.saturating_add(1);
        self.found.cuts.push(range);
        if self.found.undeclared.len() < self.told_max {
            let pointer = self.tape.pointer(value);
            let (start, end) = self.tape.span(value);
            self.found.undeclared.push(Undeclared {
                pointer,
                span: (index(start), index(end)),
            });
        }
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
