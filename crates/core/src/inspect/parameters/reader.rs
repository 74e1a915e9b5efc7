//! Reading the value of one parameter: from its place, by its style, into a tape.

use super::emit::{self, Tree};
use super::styles::Cut;
use super::{Parameter, Parameters, Sources, Types, bracket_path, usize_of};
use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Place, Reason};
use crate::parse::Request;
use crate::parse::json::{JsonRules, Tape, TapeBuilder, parse_json};
use crate::parse::percent::decode_into;
use crate::policy::form::{ParameterIn, Style};

pub(super) struct Reader<'a, 'b> {
    pub(super) parameter: &'a Parameter,
    pub(super) all: &'a Parameters,
    pub(super) bounds: &'a Bounds,
    pub(super) budget: &'b mut Budget,
    pub(super) reasons: &'b mut Vec<Reason>,
}

impl Reader<'_, '_> {
    /// `None` = absent; `Some(None)` = nothing to validate.
    pub(super) fn read<'r, Fields>(&mut self, sources: &Sources<'r, Fields>) -> Option<Option<Tape>>
    where
        Fields: Iterator<Item = (&'r [u8], &'r [u8])> + Clone,
    {
        let parameter = self.parameter;
        let request = sources.request;
        let name = parameter.name.as_str();
        match parameter.place {
            ParameterIn::Path => {
                let found = sources.path.iter().find(|(known, _)| *known == name);
                self.one(found.map(|(_, value)| *value))
            }
            ParameterIn::Header => self.header(sources.fields.clone()),
            ParameterIn::Cookie => self.several(request.cookies().map(|c| (c.name, c.value))),
            ParameterIn::Query if parameter.is_spread_object() => self.spread(request),
            ParameterIn::Query if parameter.style == Style::DeepObject && !parameter.is_json => {
                self.deep(request)
            }
            ParameterIn::Query => self.several(request.pairs().map(|p| (p.name, p.value))),
            ParameterIn::QueryString if parameter.is_form => self.spread(request),
            ParameterIn::QueryString => self.whole(request.query()),
        }
    }

    /// The query decoded as one text.
    fn whole(&mut self, query: Option<&str>) -> Option<Option<Tape>> {
        let text = query.filter(|query| !query.is_empty()).map(|query| {
            let mut text = String::with_capacity(query.len());
            decode_into(&mut text, query.as_bytes(), false);
            text
        });
        self.one(text.as_deref())
    }

    fn missing(&mut self) {
        if self.parameter.required {
            let reason = Reason::new(Code::InspectParameterMissing, self.parameter.at());
            self.reasons
                .push(reason.source(&self.parameter.source).expected("a value"));
        }
    }

    fn repeated(&mut self, place: Place, values: &str) {
        let reason = Reason::new(Code::InspectParameterRepeated, place).value(values);
        self.reasons
            .push(reason.source(&self.parameter.source).expected("one value"));
    }

    /// A value that travels once, as one text.
    fn one(&mut self, text: Option<&str>) -> Option<Option<Tape>> {
        let Some(text) = text else {
            self.missing();
            return None;
        };
        let parameter = self.parameter;
        if parameter.is_json {
            return self.json(text);
        }
        let is_scalar = !parameter.shape.is_list() && !parameter.shape.is_object();
        let is_marked = matches!(parameter.style, Style::Label | Style::Matrix);
        if is_scalar && !is_marked && self.needs_no_validator(text) {
            return Some(None);
        }
        let mut out = TapeBuilder::new();
        out.at(0, text.len());
        let cut = Cut {
            style: parameter.style,
            explode: parameter.explode,
            name: &parameter.name,
            trims: parameter.place == ParameterIn::Header,
        };
        cut.write(text, &parameter.shape, &mut out);
        Some(Some(out.finish()))
    }

    /// The fast way: a bare type that surely takes this text, or nothing to hold it against.
    fn needs_no_validator(&self, text: &str) -> bool {
        let parameter = self.parameter;
        parameter.schema.is_none()
            || parameter.shape.plain.is_some_and(|plain| plain.takes(text))
            || parameter.allow_empty && text.is_empty()
    }

    fn json(&mut self, text: &str) -> Option<Option<Tape>> {
        match parse_json(
            text.as_bytes(),
            &JsonRules::STRICT,
            self.bounds,
            self.budget,
        ) {
            Ok(tape) => Some(Some(tape)),
            Err(fault) => {
                let mut place = self.parameter.at();
                place.pointer = fault.pointer.into();
                let reason = Reason::new(fault.code, place).source(&self.parameter.source);
                let (start, end) = (usize_of(fault.span.0), usize_of(fault.span.1));
                self.reasons
                    .push(reason.span(start, end).expected(fault.expected));
                None
            }
        }
    }

    /// Query and cookie values by name.
    fn several<'t>(
        &mut self,
        all: impl Iterator<Item = (&'t str, &'t str)> + Clone,
    ) -> Option<Option<Tape>> {
        let parameter = self.parameter;
        let mut values = all
            .filter(|(name, _)| *name == parameter.name)
            .map(|(_, value)| value);
        let rest = values.clone().skip(1);
        let Some(first) = values.next() else {
            self.missing();
            return None;
        };
        let is_repeated = values.next().is_some();
        let is_spread = parameter.explode && !parameter.is_json;
        let takes_list =
            is_spread && parameter.shape.types.has(Types::ARRAY) && parameter.schema.is_some();
        if takes_list && (is_repeated || parameter.shape.is_list()) {
            let mut out = TapeBuilder::new();
            emit::array(
                std::iter::once(first).chain(rest),
                &parameter.shape,
                &mut out,
            );
            return Some(Some(out.finish()));
        }
        if is_repeated && parameter.schema.is_some() {
            let values = emit::together(std::iter::once(first).chain(rest));
            self.repeated(parameter.at(), &values);
        }
        self.one(Some(first))
    }

    /// All fields of one name, joined as a list (RFC 9110 section 5.3).
    fn header<'r>(
        &mut self,
        fields: impl Iterator<Item = (&'r [u8], &'r [u8])>,
    ) -> Option<Option<Tape>> {
        let name = self.parameter.name.as_bytes();
        let mut values = fields
            .filter(|(known, _)| known.len() == name.len() && known.eq_ignore_ascii_case(name))
            .map(|(_, value)| field_text(value));
        let Some(first) = values.next() else {
            self.missing();
            return None;
        };
        let mut joined = first;
        for value in values {
            if !self.parameter.shape.is_list() {
                let both = emit::together([&*joined, &*value].into_iter());
                self.repeated(self.parameter.at(), &both);
                break;
            }
            joined.to_mut().push_str(", ");
            joined.to_mut().push_str(&value);
        }
        self.one(Some(joined.as_ref()))
    }

    /// `form` with `explode`, or the whole query: the properties are query names of their own.
    fn spread(&mut self, request: &Request) -> Option<Option<Tape>> {
        let parameter = self.parameter;
        let others: Vec<&Parameter> = self
            .all
            .list
            .iter()
            .filter(|other| !std::ptr::eq(*other, parameter))
            .collect();
        let mut tree = Tree::object();
        for pair in request.pairs() {
            let is_own = parameter.shape.properties.contains_key(pair.name)
                || parameter.claims(pair.name)
                    && !others.iter().any(|other| other.claims(pair.name))
                    && !self.all.credentials.iter().any(|known| known == pair.name);
            if is_own {
                tree.add(&[pair.name.to_owned()], pair.value);
            }
        }
        self.tree(&tree)
    }

    /// `deepObject`: `name[key]=value`.
    fn deep(&mut self, request: &Request) -> Option<Option<Tape>> {
        let mut tree = Tree::object();
        let mut torn = None;
        for pair in request.pairs() {
            if let Some(path) = bracket_path(&self.parameter.name, pair.name)
                && !tree.add(&path, pair.value)
            {
                torn = torn.or(Some(pair.value));
            }
        }
        if let Some(value) = torn {
            self.repeated(self.parameter.at(), value);
        }
        self.tree(&tree)
    }

    fn tree(&mut self, tree: &Tree<'_>) -> Option<Option<Tape>> {
        if tree.is_empty() {
            self.missing();
            return None;
        }
        let mut out = TapeBuilder::new();
        let mut repeated = Vec::new();
        tree.write(&self.parameter.shape, "", &mut out, &mut repeated);
        for (pointer, values) in repeated {
            let mut place = self.parameter.at();
            place.pointer = pointer.into();
            self.repeated(place, &values);
        }
        Some(Some(out.finish()))
    }
}

/// A field value as text: UTF-8, or one letter per octet (ISO 8859-1, as RFC 9110 section 5.5
/// tells of old fields).
fn field_text(value: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => text.into(),
        Err(_) => value
            .iter()
            .map(|octet| char::from(*octet))
            .collect::<String>()
            .into(),
    }
}
