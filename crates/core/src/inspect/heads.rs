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
use crate::policy::form::{OperationForm, ParameterForm, SourceForm};
use crate::wire::head::{RequestHead, ResponseHead};

/// Compiled parameters with their validators.
#[derive(Debug)]
pub struct Declared {
    parameters: Parameters,
    validators: Vec<Option<ValidatorId>>,
    names: Vec<String>,
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
        Self::new(parameters, Vec::new(), schemas)
    }

    fn new(parameters: Parameters, names: Vec<String>, schemas: &Schemas) -> Self {
        let validator = |parameter: &Parameter| schemas.validator(parameter.schema.as_deref()?);
        let validators = parameters.list().iter().map(validator).collect();
        Declared {
            parameters,
            validators,
            names,
        }
    }

    /// The compiled parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
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
                let name = self.names.get(usize::from(capture.parameter))?;
                let segment = request.segment(capture.segment)?.decoded;
                Some((name.as_str(), segment.get(capture.range.clone())?))
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
