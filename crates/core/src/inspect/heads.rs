//! Declared parameters of a Request and declared headers of a Response, each decoded by its style
//! and held against its schema.

use super::parameters::{Parameter, Parameters, Sources, Values};
use super::request_body::schema_reason;
use super::schema::{Schemas, ValidatorId};
use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::operation::Capture;
use crate::parse::Request;
use crate::parse::part::Part;
use crate::policy::form::{DataClass, OperationForm, ParameterForm, SourceForm};
use crate::wire::head::{RequestHead, ResponseHead};

/// Compiled parameters with their validators.
#[derive(Debug)]
pub struct Declared {
    parameters: Parameters,
    validators: Vec<Option<ValidatorId>>,
    names: Vec<String>,
    secrets: Vec<String>,
}

impl Declared {
    /// The parameters of an Operation. `credentials`: query names of its security schemes;
    /// `names`: path parameters in the order of the template. Load time only.
    #[must_use]
    pub fn of_operation(
        form: &OperationForm,
        credentials: &[String],
        names: &[String],
        schemas: &Schemas,
    ) -> Self {
        let parameters = Parameters::compile(
            &form.parameters,
            form.closed_query,
            credentials,
            &form.source,
            schemas.defs(),
        );
        Self::new(parameters, names.to_vec(), schemas)
    }

    /// The headers of a declared response. Load time only.
    #[must_use]
    pub fn of_response(headers: &[ParameterForm], source: &SourceForm, schemas: &Schemas) -> Self {
        let parameters = Parameters::compile(headers, false, &[], source, schemas.defs());
        let is_secret = |header: &&ParameterForm| header.class == Some(DataClass::Secret);
        let secrets = headers.iter().filter(is_secret);
        Declared {
            secrets: secrets.map(|header| header.name.clone()).collect(),
            ..Self::new(parameters, Vec::new(), schemas)
        }
    }

    /// The headers of a part of a body. Load time only.
    #[must_use]
    pub fn of_part(headers: &[ParameterForm], source: &SourceForm, schemas: &Schemas) -> Self {
        let parameters = Parameters::compile(headers, false, &[], source, schemas.defs());
        Self::new(parameters, Vec::new(), schemas)
    }

    fn new(parameters: Parameters, names: Vec<String>, schemas: &Schemas) -> Self {
        let validator = |parameter: &Parameter| schemas.validator(parameter.schema.as_deref()?);
        let validators = parameters.list().iter().map(validator).collect();
        Declared {
            parameters,
            validators,
            names,
            secrets: Vec::new(),
        }
    }

    /// The compiled parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Whether a query parameter of this name is declared.
    pub(crate) fn is_in_query(&self, name: &str) -> bool {
        let mut declared = self.parameters.list().iter();
        declared.any(|one| one.location == Location::Query && one.name == name)
    }

    /// Name of the path parameter that a captured part holds.
    pub(crate) fn path_name(&self, capture: &Capture) -> Option<&str> {
        let name = self.names.get(usize::from(capture.parameter));
        name.map(String::as_str)
    }

    /// Names of those whose class is `secret`.
    #[must_use]
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }

    /// Holds a Request against its declared parameters. Cost: O(declared x sent), from `budget`.
    #[must_use]
    pub fn inspect(
        &self,
        (head, request): (&RequestHead, &Request),
        captures: &[Capture],
        schemas: &Schemas,
        bounds: &Bounds,
        budget: &mut Budget,
    ) -> Vec<Reason> {
        let path: Vec<(&str, &str)> = captures
            .iter()
            .filter_map(|capture| {
                let name = self.path_name(capture)?;
                let segment = request.segment(capture.segment)?.decoded;
                Some((name, segment.get(capture.range.clone())?))
            })
            .collect();
        let sources = Sources {
            request,
            fields: head.fields(),
            path: &path,
        };
        let values = self.parameters.decode(&sources, bounds, budget);
        self.judge(values, schemas, bounds, Code::InspectParameterSchema)
    }

    /// Holds the head of a Response against its declared headers.
    #[must_use]
    pub fn inspect_response(
        &self,
        head: &ResponseHead,
        schemas: &Schemas,
        bounds: &Bounds,
        budget: &mut Budget,
    ) -> Vec<Reason> {
        if self.parameters.list().is_empty() {
            return Vec::new();
        }
        let nothing = Request::empty(0);
        let sources = Sources {
            request: &nothing,
            fields: head.fields(),
            path: &[],
        };
        let values = self.parameters.decode(&sources, bounds, budget);
        let reasons = self.judge(values, schemas, bounds, Code::ShapeHeader);
        reasons.into_iter().map(of_response).collect()
    }

    /// Holds the head of a part against its declared headers. pointer: where the part stands.
    #[must_use]
    pub fn inspect_part(
        &self,
        (body, part): (&[u8], &Part),
        pointer: &str,
        schemas: &Schemas,
        bounds: &Bounds,
        budget: &mut Budget,
    ) -> Vec<Reason> {
        let nothing = Request::empty(0);
        let sources = Sources {
            request: &nothing,
            fields: part
                .fields(body)
                .map(|(name, value)| (name.as_bytes(), value.as_bytes())),
            path: &[],
        };
        let values = self.parameters.decode(&sources, bounds, budget);
        let reasons = self.judge(values, schemas, bounds, Code::InspectPartHeader);
        let of_part = |mut reason: Reason| {
            let below = std::mem::take(&mut reason.place.pointer);
            reason.code = Code::InspectPartHeader;
            reason.place.location = Location::Body;
            reason.place.pointer = format!("{pointer}{below}").into();
            reason
        };
        reasons.into_iter().map(of_part).collect()
    }

    fn judge(&self, values: Values, schemas: &Schemas, bounds: &Bounds, code: Code) -> Vec<Reason> {
        let mut reasons = values.reasons;
        for decoded in values.list {
            let (Some(tape), Some(Some(validator)), Some(parameter)) = (
                decoded.tape,
                self.validators.get(decoded.parameter),
                self.parameters.list().get(decoded.parameter),
            ) else {
                continue;
            };
            for error in schemas.validate(*validator, &tape, bounds.errors_max) {
                let mut reason = schema_reason(code, parameter.location, error, &tape);
                reason.place.name = parameter.name.clone().into();
                reason.span = None;
                reasons.push(reason);
            }
        }
        reasons
    }
}

/// A missing or broken response header is a breach of the API's contract, whatever found it.
fn of_response(mut reason: Reason) -> Reason {
    reason.code = Code::ShapeHeader;
    reason.place = Place {
        location: Location::ResponseHeader,
        name: std::mem::take(&mut reason.place.name),
        pointer: std::mem::take(&mut reason.place.pointer),
    };
    reason
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::parse::{ParseRules, parse_head};
    use crate::policy::Policy;
    use crate::policy::testing::{form, load, operation};
    use crate::wire::head::Framing;

    fn parameter(name: &str, place: &str, schema: &str) -> Value {
        json!({"name": name, "in": place, "required": true, "style": "simple", "explode": false,
               "allow_empty": false, "content": null, "schema": schema,
               "source": {"document": 1, "pointer": format!("/{name}")}})
    }

    fn policy() -> std::sync::Arc<Policy> {
        let mut form = form();
        form["schemas"] = json!({"1#/Id": {"type": "integer", "maximum": 99}, "1#/Tag": {"type": "string", "maxLength": 3}});
        let mut read = operation("GET", "/users/{id}/tags/{tag}");
        read["parameters"] = json!([
            parameter("id", "path", "1#/Id"),
            parameter("tag", "path", "1#/Tag"),
            parameter("x-count", "header", "1#/Id"),
        ]);
        read["responses"] = json!({"200": {"content": {}, "source": {"document": 1},
                                   "headers": [parameter("x-total", "header", "1#/Id")]}});
        form["operations"] = json!([read]);
        load(&form)
    }

    type Seen = (&'static str, String, Option<String>);

    fn seen(reasons: &[Reason]) -> Vec<Seen> {
        reasons
            .iter()
            .map(|reason| {
                let value = reason.value.as_deref().map(str::to_owned);
                (reason.code.name(), reason.place.name.to_string(), value)
            })
            .collect()
    }

    fn request(target: &str, count: Option<&str>) -> Vec<Seen> {
        let policy = policy();
        let host = [(&b"host"[..], &b"a"[..])];
        let count = count.map(|count| (&b"x-count"[..], count.as_bytes()));
        let fields = host.into_iter().chain(count);
        let head =
            RequestHead::from_parts(b"GET", target.as_bytes(), fields, Framing::Empty).unwrap();
        let mut budget = Budget::new(&policy.bounds);
        let request = parse_head(&head, &ParseRules::default(), &policy.bounds, &mut budget);
        let crate::operation::Match::Found(index, captures) =
            policy.find(&request, &mut budget).unwrap()
        else {
            panic!("not declared: {target}");
        };
        let declared = &policy.operation(index).unwrap().declared;
        let reasons = declared.inspect(
            (&head, &request),
            &captures,
            &policy.schemas,
            &policy.bounds,
            &mut budget,
        );
        assert!(reasons.iter().all(|reason| reason.span.is_none()));
        seen(&reasons)
    }

    fn response(fields: &[(&str, &str)]) -> Vec<Seen> {
        let policy = policy();
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let head = ResponseHead::from_parts(200, pairs, Framing::Empty).unwrap();
        let mut budget = Budget::new(&policy.bounds);
        let declared = policy.operation(0).unwrap().responses.find(200).unwrap();
        let reasons =
            declared
                .headers
                .inspect_response(&head, &policy.schemas, &policy.bounds, &mut budget);
        let is_there = |reason: &Reason| reason.place.location == Location::ResponseHeader;
        assert!(reasons.iter().all(is_there));
        seen(&reasons)
    }

    #[test]
    fn parameters_of_path_and_header_that_fit_pass() {
        assert_eq!(request("/users/7/tags/%C3%A9t%C3%A9", Some("3")), []);
    }

    #[test]
    fn each_parameter_is_told_by_its_own_name_with_the_value_it_had() {
        let broken = |name: &str, value: &str| {
            let value = Some(value.to_owned());
            ("inspect.parameter-schema", name.to_owned(), value)
        };
        assert_eq!(
            request("/users/x/tags/long", Some("many")),
            [
                broken("id", "x"),
                broken("tag", "long"),
                broken("x-count", "many")
            ]
        );
    }

    #[test]
    fn a_number_that_is_out_of_its_range_is_told_as_it_was_sent() {
        let found = request("/users/700/tags/a", Some("3"));
        let id = "id".to_owned();
        assert_eq!(
            found,
            [("inspect.parameter-schema", id, Some("700".to_owned()))]
        );
    }

    #[test]
    fn a_required_header_that_is_not_sent_is_missing() {
        let missing = ("inspect.parameter-missing", "x-count".to_owned(), None);
        assert_eq!(request("/users/7/tags/a", None), [missing]);
    }

    #[test]
    fn a_response_header_is_a_breach_of_the_api_whether_broken_or_missing() {
        let breach = |value: Option<&str>| {
            let value = value.map(str::to_owned);
            [("shape.header", "x-total".to_owned(), value)]
        };
        assert_eq!(response(&[("X-Total", "7"), ("X-Other", "a")]), []);
        assert_eq!(response(&[("X-Total", "a")]), breach(Some("a")));
        assert_eq!(response(&[]), breach(None));
    }
}
