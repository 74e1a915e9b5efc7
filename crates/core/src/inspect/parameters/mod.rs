//! Parameters of one Operation: compiled once, then decoded from path, query, headers and cookies
//! into tapes by style, `explode` and the primitive types of their schemas.

mod body;
mod emit;
mod shape;
mod styles;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub use body::{BodyFields, BodyTape, text_tape};
pub use shape::{Plain, Shape, Types};

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::parse::json::{JsonRules, Tape, TapeBuilder, parse_json};
use crate::parse::percent::decode_into;
use crate::parse::{CodeSet, Request};
use crate::policy::form::{ParameterForm, ParameterIn, SourceForm, Style};
use emit::Tree;
use styles::Cut;

/// Header parameters of these names are ignored (OpenAPI 3.1, "Parameter Object").
const IGNORED_HEADERS: [&str; 3] = ["accept", "authorization", "content-type"];

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// One compiled parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name; headers lower case.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// Key of its schema.
    pub schema: Option<String>,
    /// Where it is declared.
    pub source: Source,
    place: ParameterIn,
    required: bool,
    style: Style,
    explode: bool,
    allow_empty: bool,
    is_json: bool,
    is_form: bool,
    shape: Shape,
}

/// All parameters of one Operation.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    list: Vec<Parameter>,
    closed_query: bool,
    credentials: Vec<String>,
    source: Source,
}

/// Where values come from.
#[derive(Clone, Debug)]
pub struct Sources<'r, Fields> {
    /// Query and cookies.
    pub request: &'r Request,
    /// Name and value of every header field.
    pub fields: Fields,
    /// Path parameters by name, decoded.
    pub path: &'r [(&'r str, &'r str)],
}

/// One decoded parameter.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// Index into `Parameters::list`.
    pub parameter: usize,
    /// Its value. `None` = nothing to validate: the schema says no more than a type, and it fits.
    pub tape: Option<Tape>,
}

/// Everything decoded, and what stands against it before any schema is asked.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// In declared order; absent parameters are left out.
    pub list: Vec<Decoded>,
    /// Missing, repeated, undeclared and unreadable parameters.
    pub reasons: Vec<Reason>,
}

impl Parameters {
    /// Compiles the parameters of one Operation. `credentials` are names of query parameters that
    /// hold credentials of declared security schemes: they count as declared. `source` is where
    /// the Operation is declared. Load time only.
    #[must_use]
    pub fn compile(
        forms: &[ParameterForm],
        closed_query: bool,
        credentials: &[String],
        source: &SourceForm,
        schemas: &Map<String, Value>,
    ) -> Self {
        let list = forms
            .iter()
            .filter(|form| {
                form.place != ParameterIn::Header || !IGNORED_HEADERS.contains(&form.name.as_str())
            })
            .map(|form| Parameter::compile(form, schemas))
            .collect();
        let credentials = credentials.to_vec();
        Parameters {
            list,
            closed_query,
            credentials,
            source: crate::policy::source(source),
        }
    }

    /// The compiled parameters, in declared order.
    #[must_use]
    pub fn list(&self) -> &[Parameter] {
        &self.list
    }

    /// Parse rules that the declared styles need: `;` in paths for `matrix`.
    #[must_use]
    pub fn relaxes(&self) -> CodeSet {
        let has_matrix = self
            .list
            .iter()
            .any(|parameter| parameter.style == Style::Matrix);
        has_matrix
            .then_some(Code::ParseSemicolon)
            .into_iter()
            .collect()
    }

    /// Decodes every parameter. Cost: O(declared x sent), drawn from `budget`.
    pub fn decode<'r, Fields>(
        &self,
        sources: &Sources<'r, Fields>,
        bounds: &Bounds,
        budget: &mut Budget,
    ) -> Values
    where
        Fields: Iterator<Item = (&'r [u8], &'r [u8])> + Clone,
    {
        let mut values = Values::default();
        let sent = sources
            .request
            .pairs()
            .len()
            .saturating_add(sources.path.len());
        if budget
            .take(self.list.len().saturating_mul(sent.saturating_add(1)))
            .is_err()
        {
            let place = Place::of(Location::Connection);
            values
                .reasons
                .push(Reason::new(Code::InternalBudget, place));
            return values;
        }
        for (index, parameter) in self.list.iter().enumerate() {
            let mut reader = Reader {
                parameter,
                all: self,
                bounds,
                budget,
                reasons: &mut values.reasons,
            };
            if let Some(tape) = reader.read(sources) {
                values.list.push(Decoded {
                    parameter: index,
                    tape,
                });
            }
        }
        if self.closed_query {
            self.report_undeclared(sources.request, bounds, &mut values.reasons);
        }
        values
    }

    fn report_undeclared(&self, request: &Request, bounds: &Bounds, reasons: &mut Vec<Reason>) {
        let mut left = bounds.errors_max;
        for pair in request.pairs() {
            if left == 0 || self.claims(pair.name) {
                continue;
            }
            left = left.saturating_sub(1);
            let place = Place::named(Location::Query, pair.name.to_owned());
            let reason = Reason::new(Code::InspectParameterUndeclared, place);
            let (start, end) = (usize_of(pair.span.0), usize_of(pair.span.1));
            reasons.push(
                reason
                    .span(start, end)
                    .source(&self.source)
                    .expected("a declared name"),
            );
        }
    }

    /// Whether a query name belongs to a declared parameter or credential.
    fn claims(&self, name: &str) -> bool {
        self.credentials.iter().any(|known| known == name)
            || self.list.iter().any(|parameter| parameter.claims(name))
    }
}

fn usize_of(value: u32) -> usize {
    crate::parse::request::to_usize(value)
}

impl Parameter {
    fn compile(form: &ParameterForm, schemas: &Map<String, Value>) -> Self {
        let shape = form
            .schema
            .as_deref()
            .map_or_else(Shape::any, |key| Shape::of_key(key, schemas));
        Parameter {
            name: form.name.clone(),
            location: location(form.place),
            schema: form.schema.clone(),
            source: crate::policy::source(&form.source),
            place: form.place,
            required: form.required,
            style: form.style,
            explode: form.explode,
            allow_empty: form.allow_empty,
            is_json: form.content.as_deref().is_some_and(is_json_type),
            is_form: form.content.as_deref() == Some(FORM_TYPE),
            shape,
        }
    }

    fn is_spread_object(&self) -> bool {
        self.style == Style::Form && self.explode && !self.is_json && self.shape.is_object()
    }

    fn claims(&self, name: &str) -> bool {
        if self.place == ParameterIn::QueryString {
            return true;
        }
        if self.place != ParameterIn::Query {
            return false;
        }
        if self.is_spread_object() {
            return self.shape.properties.contains_key(name)
                || self.shape.others.is_some()
                || self.shape.properties.is_empty() && self.shape.is_open;
        }
        if self.style == Style::DeepObject && !self.is_json {
            return bracket_path(&self.name, name).is_some();
        }
        self.name == name
    }

    fn at(&self) -> Place {
        Place::named(self.location, self.name.clone())
    }
}

fn is_json_type(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json")
}

fn location(place: ParameterIn) -> Location {
    match place {
        ParameterIn::Cookie => Location::Cookie,
        ParameterIn::Header => Location::Header,
        ParameterIn::Path => Location::Path,
        ParameterIn::Query | ParameterIn::QueryString => Location::Query,
    }
}

/// `a[b][c]` with prefix `a`: `["b", "c"]`; a last `[]` is dropped (lists).
pub(super) fn bracket_path(prefix: &str, name: &str) -> Option<Vec<String>> {
    let mut rest = name.strip_prefix(prefix)?;
    let mut path = Vec::new();
    while !rest.is_empty() {
        let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
        if !inner.is_empty() {
            path.push(inner.to_owned());
        } else if !after.is_empty() {
            return None;
        }
        rest = after;
    }
    (!path.is_empty() && path.len() <= 8).then_some(path)
}

struct Reader<'a, 'b> {
    parameter: &'a Parameter,
    all: &'a Parameters,
    bounds: &'a Bounds,
    budget: &'b mut Budget,
    reasons: &'b mut Vec<Reason>,
}

impl Reader<'_, '_> {
    /// `None` = absent; `Some(None)` = nothing to validate.
    fn read<'r, Fields>(&mut self, sources: &Sources<'r, Fields>) -> Option<Option<Tape>>
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

    fn repeated(&mut self, place: Place) {
        let reason = Reason::new(Code::InspectParameterRepeated, place);
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
            self.repeated(parameter.at());
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
                self.repeated(self.parameter.at());
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
        let mut is_torn = false;
        for pair in request.pairs() {
            if let Some(path) = bracket_path(&self.parameter.name, pair.name) {
                is_torn |= !tree.add(&path, pair.value);
            }
        }
        if is_torn {
            self.repeated(self.parameter.at());
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
        for pointer in repeated {
            let mut place = self.parameter.at();
            place.pointer = pointer.into();
            self.repeated(place);
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
