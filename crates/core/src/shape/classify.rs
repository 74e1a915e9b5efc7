//! How much the values of a schema may be shown: what the description says of a value, of anything
//! around it and of every schema that may hold for it. The strictest word counts.

use super::plan::{Plan, PlanId, Shapes, index};
use crate::parse::json::read_token;
use crate::policy::form::DataClass;

/// Longer runs of digits are names, such as phone numbers, where no list is declared.
const INDEX_DIGITS: usize = 5;

impl Shapes {
    /// The strictest class on the way to `pointer`, below the value of `plan`. What cannot be
    /// known without the message counts as if it held. Cost: O(tokens x schemas of each).
    #[must_use]
    pub fn class_at(&self, plan: PlanId, pointer: &str) -> Option<DataClass> {
        let mut nodes = self.around(vec![plan.0]);
        let mut found = self.strictest(&nodes);
        for token in pointer.split('/').skip(1) {
            let name = read_token(token);
            let below = nodes.iter().filter_map(|node| self.node(*node));
            nodes = self.around(below.flat_map(|plan| inside(plan, &name)).collect());
            found = found.max(self.strictest(&nodes));
        }
        found
    }

    /// `pointer` below the value of `plan`, with `*` for each name that may be personal or secret
    /// itself: one that no schema gives, of a value that is so, or below one. `None` where all may
    /// be shown. whole: class of what stands around the value. Cost: as `class_at`.
    #[must_use]
    pub fn without_names(
        &self,
        plan: PlanId,
        pointer: &str,
        whole: Option<DataClass>,
    ) -> Option<String> {
        let mut nodes = self.around(vec![plan.0]);
        let mut found = whole.max(self.strictest(&nodes));
        let mut shown = String::with_capacity(pointer.len());
        let mut is_changed = false;
        for token in pointer.split('/').skip(1) {
            let name = read_token(token);
            let is_known = self.gives(&nodes, &name);
            let below = nodes.iter().filter_map(|node| self.node(*node));
            nodes = self.around(below.flat_map(|plan| inside(plan, &name)).collect());
            found = found.max(self.strictest(&nodes));
            let is_hidden = !is_known && found.is_some_and(DataClass::is_hidden);
            is_changed |= is_hidden;
            shown.push('/');
            shown.push_str(if is_hidden { "*" } else { token });
        }
        is_changed.then_some(shown)
    }

    /// Whether one of these schemas gives the name, or it is the index of an item.
    fn gives(&self, nodes: &[u32], name: &str) -> bool {
        let plans = || nodes.iter().filter_map(|node| self.node(*node));
        let is_given = plans().any(|plan| {
            plan.properties.iter().any(|(known, _)| **known == *name)
                || plan.forbidden.iter().any(|known| **known == *name)
        });
        let has_items = plans().any(|plan| plan.items.is_some() || !plan.prefix.is_empty());
        let has_names = plans().any(|plan| {
            plan.additional.is_some() || !plan.patterns.is_empty() || !plan.properties.is_empty()
        });
        let is_index = name.len() <= INDEX_DIGITS && name.bytes().all(|byte| byte.is_ascii_digit());
        is_given || is_index && (has_items || !has_names)
    }

    /// Whether a value of this plan, or anything in it, may be secret.
    #[must_use]
    pub fn holds_secrets(&self, plan: PlanId) -> bool {
        self.node(plan.0).is_some_and(|plan| plan.may_hold_secrets)
    }

    fn node(&self, node: u32) -> Option<&Plan> {
        self.plans.get(index(node))
    }

    /// These schemas, and all that may hold for the same value, each once.
    fn around(&self, mut nodes: Vec<u32>) -> Vec<u32> {
        nodes.sort_unstable();
        nodes.dedup();
        let mut next = 0_usize;
        while let Some(plan) = nodes.get(next).and_then(|node| self.node(*node)) {
            next = next.saturating_add(1);
            for node in same_value(plan) {
                if !nodes.contains(&node) {
                    nodes.push(node);
                }
            }
        }
        nodes
    }

    fn strictest(&self, nodes: &[u32]) -> Option<DataClass> {
        let plans = nodes.iter().filter_map(|node| self.node(*node));
        plans.filter_map(|plan| plan.class).max()
    }
}

/// Schemas that may hold for the same value.
fn same_value(plan: &Plan) -> impl Iterator<Item = u32> + '_ {
    let chosen = plan.chooser.iter().flat_map(|chooser| {
        let targets = chooser.targets.iter().map(|(_, node)| *node);
        targets.chain(chooser.otherwise.iter().copied())
    });
    plan.parts.iter().copied().chain(chosen)
}

/// Schemas that may hold for the member or item of this name.
fn inside(plan: &Plan, name: &str) -> Vec<u32> {
    let place = plan
        .properties
        .binary_search_by(|(known, _)| (**known).cmp(name));
    let own = place.ok().and_then(|place| plan.properties.get(place));
    let mut found: Vec<u32> = own.iter().map(|(_, node)| *node).collect();
    let fitting = |(regex, _): &&(regex::Regex, u32)| regex.is_match(name);
    found.extend(plan.patterns.iter().filter(fitting).map(|(_, node)| *node));
    if found.is_empty() {
        found.extend(plan.additional);
    }
    if let Ok(place) = name.parse::<usize>() {
        found.extend(plan.prefix.get(place).copied().or(plan.items));
    }
    found
}

/// Schemas of everything in a value.
fn below(plan: &Plan) -> impl Iterator<Item = u32> + '_ {
    let named = plan.properties.iter().map(|(_, node)| *node);
    let patterns = plan.patterns.iter().map(|(_, node)| *node);
    let rest = plan.additional.iter().chain(&plan.items);
    named
        .chain(patterns)
        .chain(rest.chain(&plan.prefix).copied())
}

/// Works out for every plan whether its value may be secret, or hold anything that may be. Load
/// time only. Cost: O(plans x depth of references); nothing where no schema says secret.
pub(super) fn spread(plans: &mut [Plan]) {
    let is_secret = |plan: &Plan| plan.class == Some(DataClass::Secret);
    if !plans.iter().any(is_secret) {
        return;
    }
    let mut same: Vec<bool> = plans.iter().map(is_secret).collect();
    settle(plans, &mut same, |plan| same_value(plan).collect());
    let mut holds = same.clone();
    settle(plans, &mut holds, |plan| {
        same_value(plan).chain(below(plan)).collect()
    });
    for ((plan, is), holds) in plans.iter_mut().zip(same).zip(holds) {
        plan.may_be_secret = is;
        plan.may_hold_secrets = holds;
    }
}

/// Marks every plan that leads to a marked one, until nothing changes.
fn settle(plans: &[Plan], marked: &mut [bool], leads: impl Fn(&Plan) -> Vec<u32>) {
    let mut sources: Vec<Vec<usize>> = vec![Vec::new(); plans.len()];
    for (at, plan) in plans.iter().enumerate() {
        for node in leads(plan) {
            if let Some(list) = sources.get_mut(index(node)) {
                list.push(at);
            }
        }
    }
    let is_marked = |(at, marked): (usize, &bool)| marked.then_some(at);
    let mut waiting: Vec<usize> = marked.iter().enumerate().filter_map(is_marked).collect();
    while let Some(at) = waiting.pop() {
        for source in sources.get(at).into_iter().flatten() {
            if let Some(marked) = marked.get_mut(*source).filter(|marked| !**marked) {
                *marked = true;
                waiting.push(*source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shapes(defs: &Value) -> Shapes {
        let map = defs.as_object().unwrap();
        Shapes::build(map, map.keys().map(String::as_str))
    }

    fn user() -> Shapes {
        let personal = json!({"x-bartizan-data-class": "personal"});
        shapes(&json!({
            "user": {"properties": {
                "email": personal,
                "a/b": {"x-bartizan-data-class": "internal"},
                "key": {"$ref": "#/$defs/key"},
                "friends": {"items": {"$ref": "#/$defs/user"}},
                "home": {"x-bartizan-data-class": "personal",
                         "properties": {"city": {"x-bartizan-data-class": "public"}}},
                "pair": {"prefixItems": [{}, personal]},
                "pay": {"oneOf": [{"properties": {"card": {"x-bartizan-data-class": "secret"}}},
                                  {"properties": {"card": {}}}]},
            }, "patternProperties": {"^x-": personal},
               "additionalProperties": {"x-bartizan-data-class": "internal"}},
            "key": {"type": "string", "x-bartizan-data-class": "secret"},
            "plain": {"properties": {"a": {"properties": {"b": {}}}}},
            "list": {"items": {"$ref": "#/$defs/user"}},
        }))
    }

    #[test]
    fn the_strictest_word_on_the_way_counts() {
        use DataClass::{Internal, Personal, Secret};
        let shapes = user();
        for (pointer, wanted) in [
            ("", None),
            ("/email", Some(Personal)),
            ("/a~1b", Some(Internal)),
            ("/key", Some(Secret)),
            ("/friends", None),
            ("/friends/3/friends/0/key", Some(Secret)),
            ("/home/city", Some(Personal)),
            ("/pair/0", None),
            ("/pair/1", Some(Personal)),
            ("/pay/card", Some(Secret)),
            ("/x-phone", Some(Personal)),
            ("/other", Some(Internal)),
        ] {
            let found = shapes.class_at(shapes.plan("user").unwrap(), pointer);
            assert_eq!(found, wanted, "{pointer}");
        }
    }

    #[test]
    fn names_that_no_schema_gives_are_hidden_where_the_value_or_one_around_it_is() {
        let personal = json!({"x-bartizan-data-class": "personal"});
        let shapes = shapes(&json!({
            "map": {"additionalProperties": personal},
            "book": {"x-bartizan-data-class": "personal", "properties": {
                "name": {}, "lines": {"items": {}}, "by": {"additionalProperties": {}}}},
            "user": {"properties": {"id": {}, "home": {"$ref": "#/$defs/book"}, "open": {}},
                     "patternProperties": {"^x-": personal}},
            "plain": {"additionalProperties": {}},
            "any": {},
        }));
        for (key, pointer, wanted) in [
            ("map", "/ann@a.test", "/*"),
            ("map", "/4915112345", "/*"),
            ("map", "/7/none", "/*/*"),
            ("book", "/name", "/name"),
            ("book", "/lines/12", "/lines/12"),
            ("book", "/by/ann@a.test/0", "/by/*/0"),
            ("book", "/hash", "/*"),
            ("user", "/home/name", "/home/name"),
            ("user", "/home/ann@a.test", "/home/*"),
            ("user", "/ann@a.test", "/ann@a.test"),
            ("user", "/x-ann", "/*"),
            ("user", "/open/a/b", "/open/a/b"),
            ("plain", "/ann@a.test", "/ann@a.test"),
        ] {
            let plan = shapes.plan(key).unwrap();
            let shown = shapes.without_names(plan, pointer, None);
            assert_eq!(
                shown.as_deref().unwrap_or(pointer),
                wanted,
                "{key} {pointer}"
            );
        }
        let any = shapes.plan("any").unwrap();
        let whole = Some(DataClass::Secret);
        let shown = shapes.without_names(any, "/a/0/123456", whole).unwrap();
        assert_eq!(shown, "/*/0/*");
    }

    #[test]
    fn a_schema_knows_whether_a_secret_may_be_in_it() {
        let shapes = user();
        for (key, wanted) in [
            ("user", true),
            ("key", true),
            ("list", true),
            ("plain", false),
        ] {
            assert_eq!(
                shapes.holds_secrets(shapes.plan(key).unwrap()),
                wanted,
                "{key}"
            );
        }
    }
}
