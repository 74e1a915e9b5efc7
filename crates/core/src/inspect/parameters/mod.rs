//! Parameters of one Operation: compiled once, then decoded from path, query, headers and cookies
//! into tapes by style, `explode` and the primitive types of their schemas.

mod body;
mod emit;
mod reader;
mod shape;
mod styles;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub use body::{BodyFields, BodyTape, text_tape};
pub(crate) use emit::typed;
pub(super) use emit::{below, copy as copy_value, scalar as text_value};
pub use shape::{Plain, Shape, Types};

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::parse::json::Tape;
use crate::parse::{CodeSet, Request};
use crate::policy::form::{ParameterForm, ParameterIn, SourceForm, Style};
use reader::Reader;

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
        let room = u32::try_from(reasons.len()).unwrap_or(u32::MAX);
        let most = bounds.errors_max.saturating_add(room);
        let mut told: Vec<&str> = Vec::new();
        for pair in request.pairs() {
            // One reason a name, as exceptions read it: no name crowds out another.
            let is_told = || told.iter().any(|name| name.eq_ignore_ascii_case(pair.name));
            if self.claims(pair.name) || is_told() {
                continue;
            }
            if told.len() < usize_of(bounds.errors_max) {
                told.push(pair.name);
            }
            let place = Place::named(Location::Query, pair.name.to_owned());
            let reason = Reason::new(Code::InspectParameterUndeclared, place);
            let (start, end) = (usize_of(pair.span.0), usize_of(pair.span.1));
            let reason = reason.value(pair.value).span(start, end);
            let reason = reason.source(&self.source).expected("a declared name");
            reason.tell(reasons, most);
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

pub(crate) fn location(place: ParameterIn) -> Location {
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
