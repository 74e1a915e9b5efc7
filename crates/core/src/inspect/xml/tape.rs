//! One document as a JSON value, by the plan of its schema. What has no place in that value is told,
//! never left out in silence.

use std::collections::BTreeMap;

use super::naming::Position;
use super::plan::{Member, Names, Node, XmlPlan};
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::inspect::parameters::{Types, typed};
use crate::parse::json::{Tape, TapeBuilder, push_token};
use crate::parse::xml::{Attribute, Element};

#[cfg(test)]
mod tests;

const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The value, and what stands against the document before its schema is asked. Cost: O(elements x
/// members declared around them), drawn from `budget`.
pub(super) fn tape(
    plan: &XmlPlan,
    root: Element<'_, '_>,
    errors_max: u32,
    budget: &mut Budget,
) -> (Tape, Vec<Reason>) {
    let mut writer = Writer {
        plan,
        out: TapeBuilder::new(),
        reasons: Vec::new(),
        pointer: String::new(),
        errors_max,
        budget,
    };
    let scope = plan.root.namespace.as_deref();
    if !fits(&plan.root, root.name(), root.namespace(), scope) {
        let source = plan.nodes.first().map(|node| node.source.clone());
        let expected = format!("{} around all others", called(&plan.root));
        writer.refuse(
            root.name(),
            root.span(),
            expected,
            &source.unwrap_or_default(),
        );
    }
    writer.value(root, plan.nodes.first(), scope);
    (writer.out.finish(), writer.reasons)
}

/// Whether an element has one of these names. scope: the namespace that its parents are declared in.
fn fits(names: &Names, name: &str, namespace: Option<&str>, scope: Option<&str>) -> bool {
    let is_named = names.list.is_empty() || names.list.iter().any(|known| known == name);
    let is_within = match &names.namespace {
        Some(declared) => namespace == Some(declared),
        None => namespace.is_none() || namespace == scope,
    };
    is_named && is_within
}

fn called(names: &Names) -> String {
    let list: Vec<String> = names.list.iter().map(|name| format!("`{name}`")).collect();
    let what = match list.is_empty() {
        true => "an element".to_owned(),
        false => list.join(" or "),
    };
    match &names.namespace {
        Some(namespace) => format!("{what} of the namespace `{namespace}`"),
        None => what,
    }
}

/// Where a member comes from.
enum Found<'t, 'x> {
    Attribute(Attribute<'t>),
    Element(Element<'t, 'x>),
}

impl<'t> Found<'t, '_> {
    fn name(&self) -> &'t str {
        match self {
            Found::Attribute(attribute) => attribute.name,
            Found::Element(element) => element.name(),
        }
    }

    fn span(&self) -> (usize, usize) {
        match self {
            Found::Attribute(attribute) => attribute.span,
            Found::Element(element) => element.span(),
        }
    }

    fn namespace(&self) -> Option<&'t str> {
        match self {
            Found::Attribute(attribute) => attribute.namespace,
            Found::Element(element) => element.namespace(),
        }
    }

    fn is(&self, member: &Member, scope: Option<&str>) -> bool {
        match (self, member.position) {
            (Found::Attribute(one), Position::Attribute) => {
                let names = &member.names;
                names.list.iter().any(|known| known == one.name)
                    && names.namespace.as_deref() == one.namespace
            }
            (Found::Element(one), Position::Element) => {
                fits(&member.names, one.name(), one.namespace(), scope)
            }
            _ => false,
        }
    }
}

/// Members by number, others by name.
#[derive(Default)]
struct Groups<'t, 'x> {
    declared: BTreeMap<usize, Vec<Found<'t, 'x>>>,
    others: BTreeMap<&'t str, Vec<Found<'t, 'x>>>,
}

struct Writer<'p, 'b> {
    plan: &'p XmlPlan,
    out: TapeBuilder,
    reasons: Vec<Reason>,
    pointer: String,
    errors_max: u32,
    budget: &'b mut Budget,
}

impl<'p> Writer<'p, '_> {
    fn node(&self, index: usize) -> Option<&'p Node> {
        self.plan.nodes.get(index)
    }

    fn value(&mut self, element: Element<'_, '_>, node: Option<&'p Node>, scope: Option<&str>) {
        let (start, end) = element.span();
        self.out.at(start, end);
        if is_nil(element) {
            return self.out.null();
        }
        let has_inner = element.elements().next().is_some() || attributes(element).next().is_some();
        match node {
            Some(node) if node.items.is_some() => self.list(element, node, scope),
            Some(node) if is_object(node, has_inner) => self.object(element, node, scope),
            Some(node) if node.types != Types::ANY && element.elements().next().is_none() => {
                self.plain(element, node);
            }
            _ if has_inner => self.anything(element),
            _ => self.out.string(&element.text()),
        }
    }

    /// A text as what its schema allows.
    fn plain(&mut self, element: Element<'_, '_>, node: &Node) {
        self.no_attribute(element, &node.source);
        self.text(&element.text(), node);
    }

    fn text(&mut self, text: &str, node: &Node) {
        let trims = !node.types.has(Types::STRING);
        let blank = [' ', '\t', '\r', '\n'];
        let text = if trims {
            text.trim_matches(blank)
        } else {
            text
        };
        typed(text, node.types, &mut self.out);
    }

    fn list(&mut self, element: Element<'_, '_>, node: &'p Node, scope: Option<&str>) {
        let Some((names, inner)) = &node.items else {
            return;
        };
        self.no_attribute(element, &node.source);
        self.no_text(element, &node.source);
        self.out.begin_array();
        for (index, item) in element.elements().enumerate() {
            self.within(&index.to_string(), |this| {
                if !fits(names, item.name(), item.namespace(), scope) {
                    let expected = format!("only {} here", called(names));
                    this.refuse(item.name(), item.span(), expected, &node.source);
                }
                let scope = names.namespace.as_deref().or(scope);
                this.value(item, this.node(*inner), scope);
            });
        }
        self.out.end_array();
    }

    fn object(&mut self, element: Element<'_, '_>, node: &'p Node, scope: Option<&str>) {
        let groups = self.gather(element, node, scope);
        let (start, end) = element.span();
        self.out.at(start, end);
        self.out.begin_object();
        for (index, member) in node.members.iter().enumerate() {
            let found = groups.declared.get(&index);
            let found = found.map_or(&[][..], Vec::as_slice);
            let text = match member.position {
                Position::Text => Some(element.text()),
                _ => None,
            };
            match text {
                Some(text) if member.is_required || !text.is_empty() => {
                    self.no_split(element, &node.source);
                    self.key(&member.property, (start, end));
                    if let Some(node) = self.node(member.node) {
                        self.text(&text, node);
                    }
                }
                Some(_) => {}
                None => self.member(member, found, node, scope),
            }
        }
        if node
            .members
            .iter()
            .all(|member| member.position != Position::Text)
        {
            self.no_text(element, &node.source);
        }
        let others = node.others.and_then(|index| self.node(index));
        for (name, found) in &groups.others {
            self.other(name, found, others);
        }
        self.out.end_object();
    }

    fn gather<'t, 'x>(
        &mut self,
        element: Element<'t, 'x>,
        node: &'p Node,
        scope: Option<&str>,
    ) -> Groups<'t, 'x> {
        let mut groups = Groups::default();
        let given = attributes(element).map(Found::Attribute);
        for found in given.chain(element.elements().map(Found::Element)) {
            if self.budget.take(node.members.len()).is_err() {
                let place = Place::of(Location::Body);
                self.reasons.push(Reason::new(Code::InternalBudget, place));
                return groups;
            }
            let index = node
                .members
                .iter()
                .position(|member| found.is(member, scope));
            if let Some(index) = index {
                groups.declared.entry(index).or_default().push(found);
                continue;
            }
            let name = found.name();
            let known = node.members.iter().find(|member| {
                member.property == name || member.names.list.iter().any(|n| n == name)
            });
            match known {
                Some(member) => {
                    let what = match member.position {
                        Position::Attribute => "the attribute ",
                        Position::Element => "the element ",
                        Position::Text => "the text of its element, beside ",
                    };
                    let expected =
                        format!("`{}` as {what}{}", member.property, called(&member.names));
                    self.within(name, |this| {
                        this.refuse(name, found.span(), expected, &node.source);
                    });
                }
                None => groups.others.entry(name).or_default().push(found),
            }
        }
        groups
    }

    fn member(
        &mut self,
        member: &'p Member,
        found: &[Found<'_, '_>],
        around: &Node,
        scope: Option<&str>,
    ) {
        let Some(node) = self.node(member.node) else {
            return;
        };
        let scope = member.names.namespace.as_deref().or(scope);
        if let (true, Some((_, inner))) = (member.is_bare_list, &node.items) {
            // A list of nothing leaves no trace in XML.
            if found.is_empty() && !member.is_required {
                return;
            }
            let inner = self.node(*inner);
            return self.array(&member.property, found, inner, scope);
        }
        let Some(one) = found.first() else {
            return;
        };
        self.key(&member.property, one.span());
        self.within(&member.property, |this| {
            if let Some(second) = found.get(1) {
                let expected = format!("one {}", called(&member.names));
                this.refuse(second.name(), second.span(), expected, &around.source);
            }
            this.found(one, Some(node), scope);
        });
    }

    /// What no property declares: validated by what the schema says of such members.
    fn other(&mut self, name: &str, found: &[Found<'_, '_>], node: Option<&'p Node>) {
        if let Some(odd) = found
            .iter()
            .find(|one| Some(one.namespace()) != found.first().map(Found::namespace))
        {
            let expected = "names of one namespace".to_owned();
            self.within(name, |this| {
                this.refuse(name, odd.span(), expected, &Source::default())
            });
        }
        match found {
            [one] => {
                self.key(name, one.span());
                self.within(name, |this| this.found(one, node, one.namespace()));
            }
            several => self.array(name, several, node, None),
        }
    }

    fn array(
        &mut self,
        name: &str,
        found: &[Found<'_, '_>],
        node: Option<&'p Node>,
        scope: Option<&str>,
    ) {
        self.key(name, found.first().map_or((0, 0), Found::span));
        self.out.begin_array();
        self.within(name, |this| {
            for (index, one) in found.iter().enumerate() {
                this.within(&index.to_string(), |this| this.found(one, node, scope));
            }
        });
        self.out.end_array();
    }

    fn found(&mut self, found: &Found<'_, '_>, node: Option<&'p Node>, scope: Option<&str>) {
        match found {
            Found::Element(element) => self.value(*element, node, scope),
            Found::Attribute(attribute) => {
                let (start, end) = attribute.span;
                self.out.at(start, end);
                match node {
                    Some(node) => self.text(attribute.value, node),
                    None => self.out.string(attribute.value),
                }
            }
        }
    }

    /// Members by their names alone, where no schema speaks of them.
    fn anything(&mut self, element: Element<'_, '_>) {
        let mut others: BTreeMap<&str, Vec<Found<'_, '_>>> = BTreeMap::new();
        let given = attributes(element).map(Found::Attribute);
        for found in given.chain(element.elements().map(Found::Element)) {
            others.entry(found.name()).or_default().push(found);
        }
        self.out.begin_object();
        for (name, found) in &others {
            self.other(name, found, None);
        }
        self.no_text(element, &Source::default());
        self.out.end_object();
    }

    fn no_attribute(&mut self, element: Element<'_, '_>, source: &Source) {
        if let Some(one) = attributes(element).next() {
            self.refuse(one.name, one.span, "no attribute here".to_owned(), source);
        }
    }

    fn no_text(&mut self, element: Element<'_, '_>, source: &Source) {
        if element.has_text() {
            let expected = "no text beside elements or attributes".to_owned();
            self.refuse(element.name(), element.span(), expected, source);
        }
    }

    /// Some readers end a text at the first element, others go on behind it.
    fn no_split(&mut self, element: Element<'_, '_>, source: &Source) {
        if element.is_text_split() {
            let expected = "a text in one piece".to_owned();
            self.refuse(element.name(), element.span(), expected, source);
        }
    }

    fn key(&mut self, name: &str, span: (usize, usize)) {
        self.out.at(span.0, span.1);
        self.out.key(name);
    }

    fn within(&mut self, name: &str, act: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        push_token(&mut self.pointer, name);
        act(self);
        self.pointer.truncate(length);
    }

    fn refuse(&mut self, name: &str, span: (usize, usize), expected: String, source: &Source) {
        let place = Place::at(Location::Body, self.pointer.clone());
        let reason = Reason::new(Code::InspectXmlUnmapped, place).value(name);
        let reason = reason.span(span.0, span.1).expected(expected);
        reason
            .source(source)
            .tell(&mut self.reasons, self.errors_max);
    }
}

fn is_object(node: &Node, has_inner: bool) -> bool {
    if node.types == Types::ANY {
        return !node.members.is_empty() || (node.others.is_some() && has_inner);
    }
    node.types.has(Types::OBJECT)
        && (has_inner || node.types.is_only(Types::OBJECT.or(Types::NULL)))
}

/// Attributes that say something of the value: all but an `xsi:nil` that holds.
fn attributes<'t, 'x>(
    element: Element<'t, 'x>,
) -> impl Iterator<Item = Attribute<'t>> + use<'t, 'x> {
    let is_empty = element.elements().next().is_none() && element.text().is_empty();
    element.attributes().filter(move |one| match nil(one) {
        Some(true) => !is_empty,
        Some(false) => false,
        None => true,
    })
}

/// What `xsi:nil` says (XML Schema Part 1, section 2.6.2).
fn nil(attribute: &Attribute<'_>) -> Option<bool> {
    let is_it = attribute.name == "nil" && attribute.namespace == Some(SCHEMA_INSTANCE);
    match attribute.value {
        "true" | "1" if is_it => Some(true),
        "false" | "0" if is_it => Some(false),
        _ => None,
    }
}

/// `xsi:nil="true"` on an element with nothing else.
fn is_nil(element: Element<'_, '_>) -> bool {
    element.attributes().any(|one| nil(&one) == Some(true)) && attributes(element).next().is_none()
}
