//! From the typed form to the Policy: all or nothing.

use aws_lc_rs::digest::{SHA256, digest};

use super::apis::Apis;
use super::exception::{Exception, ExceptionFault, RoutePattern};
use super::form::{
    CredentialForm, ExceptionForm, FORM, Form, MediaForm, OperationForm, SchemeForm,
};
use super::media::Compilers;
use super::operation::{Compiled, Operation};
use super::{BuildFault, Modes, Policy, Shape, Undeclared, source};
use crate::cors::Cors;
use crate::csrf::Csrf;
use crate::decision::Source;
use crate::identify::Security;
use crate::inspect::schema::{SchemaFault, Schemas};
use crate::limit::Limits;
use crate::operation::{OperationIndex, Template, TemplateFault};
use crate::parse::{CodeSet, ParseRules};
use crate::peer::Network;
use crate::wire::number::hex;

impl Policy {
    /// Decodes and builds. Cost: O(form); schemas dominate.
    ///
    /// # Errors
    /// The first `BuildFault`: not the form of this build, an unknown name, an ambiguous template,
    /// a schema that cannot be compiled.
    pub fn load(form: &[u8]) -> Result<Self, BuildFault> {
        let mut hash = [0_u8; 32];
        hash.iter_mut()
            .zip(digest(&SHA256, form).as_ref())
            .for_each(|(to, from)| *to = *from);
        let form: Form = serde_json::from_slice(form).map_err(|error| {
            BuildFault::at(
                &Source::default(),
                format!("the policy form cannot be read: {error}"),
            )
        })?;
        if form.form != FORM {
            let message = format!(
                "the policy form has number {}, this build reads {FORM}",
                form.form
            );
            return Err(BuildFault::at(&Source::default(), message));
        }
        build(form, hash)
    }
}

fn build(form: Form, hash: [u8; 32]) -> Result<Policy, BuildFault> {
    let nowhere = Source::default();
    let modes = Modes::default()
        .overlaid(&form.controls)
        .map_err(|unknown| BuildFault::at(&nowhere, format!("unknown control `{}`", unknown.0)))?;
    let relaxed = relaxed(&form.relax, CodeSet::new(), &nowhere)?;
    let security = Security::compile(&form.schemes, &form.issuers, &form.api_keys)
        .map_err(|fault| BuildFault::at(&fault.source, fault.message))?;
    let schemas =
        Schemas::build(&form.schemas).map_err(|fault| BuildFault::at(&nowhere, fault.message))?;
    let ids: Vec<&str> = form
        .operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    check_exceptions(&form.exceptions, &ids)?;
    let limits = Limits::compile(&form.limits)
        .map_err(|fault| BuildFault::at(&fault.source, fault.message))?;
    let everywhere: Vec<u16> = limits.everywhere().collect();
    let shared = Shared {
        everywhere: &everywhere,
        exceptions: &form.exceptions,
        security: &security,
        with: Compilers {
            schemas: &schemas,
            shapes: schemas.shapes(),
            maps_xml: false,
        },
        credentials: query_credentials(&form.schemes),
        modes,
        relaxed,
    };
    let mut apis = Apis::build(form.apis)?;
    let operations = operations(form.operations, &mut apis, &shared)?;
    let undeclared = Undeclared {
        security: security
            .operation(&[])
            .map_err(|fault| BuildFault::at(&fault.source, fault.message))?,
        limits: everywhere.clone(),
        exceptions: undeclared(&form.exceptions)?,
    };
    let trusted_proxies = networks(&form.trusted_proxies)?;
    let internal_words = match form.internal.as_slice() {
        [] => "no caller: `internal` names no network".to_owned(),
        listed => format!("a caller out of {}", listed.join(", ")),
    };
    let origins = form.cors.as_ref().map_or(&[][..], |cors| &cors.origins);
    let csrf = form.csrf.map(|csrf| Csrf::new(csrf, origins));
    let cors = form.cors.map(|cors| {
        let at = source(&cors.source);
        let message = "`*` cannot be combined with `credentials: true`";
        Cors::new(cors).map_err(|_| BuildFault::at(&at, message))
    });
    Ok(Policy {
        hash,
        hash_hex: hex(&hash),
        bounds: form.bounds,
        rules: ParseRules {
            relaxed,
            hosts: form.hosts,
        },
        modes,
        cors: cors.transpose()?,
        csrf,
        limits,
        limit_table: form.limit_table,
        api_keys: form.api_keys,
        issuers: form.issuers,
        trusted_proxies,
        internal: networks(&form.internal)?,
        internal_words,
        has_internal: operations.iter().any(|one| one.internal.is_some()),
        shape: Shape::new(form.shape),
        apis,
        operations,
        undeclared,
        security,
        schemas,
    })
}

fn networks(texts: &[String]) -> Result<Vec<Network>, BuildFault> {
    let network = |text: &String| {
        let message = || format!("`{text}` is not a network such as `10.0.0.0/8`");
        Network::parse(text).ok_or_else(|| BuildFault::at(&Source::default(), message()))
    };
    texts.iter().map(network).collect()
}

struct Shared<'f> {
    everywhere: &'f [u16],
    exceptions: &'f [ExceptionForm],
    security: &'f Security,
    with: Compilers<'f>,
    credentials: Vec<String>,
    modes: Modes,
    relaxed: CodeSet,
}

fn operations(
    forms: Vec<OperationForm>,
    apis: &mut Apis,
    shared: &Shared<'_>,
) -> Result<Vec<Operation>, BuildFault> {
    let mut operations: Vec<Operation> = Vec::with_capacity(forms.len());
    let mut twins = Vec::new();
    for (index, form) in (0..=OperationIndex::MAX).zip(forms) {
        let at = source(&form.source);
        let template = Template::parse(&form.template).map_err(|fault| {
            BuildFault::at(&at, format!("path `{}`: {}", form.template, words(fault)))
        })?;
        let api = apis
            .get_mut(form.api)
            .ok_or_else(|| BuildFault::at(&at, format!("API {} is not in the form", form.api)))?;
        if let Err(other) = api.matcher.add(&form.method, &template, index) {
            let first = usize::try_from(other.0)
                .ok()
                .and_then(|first| operations.get(first));
            let first = first.map_or("another", |operation: &Operation| operation.id.as_str());
            twins.push((
                other.0,
                format!("`{}` cannot be told from `{first}`", form.id),
            ));
        }
        operations.push(operation(form, template.names(), shared)?);
    }
    // Both of a pair are refused: which one a Request means cannot be told.
    for (first, why) in twins {
        let first = usize::try_from(first)
            .ok()
            .and_then(|first| operations.get_mut(first));
        if let Some(first) = first.filter(|first| first.unrepresentable.is_empty()) {
            first.unrepresentable.push(why);
        }
    }
    Ok(operations)
}

fn operation(
    form: OperationForm,
    names: &[String],
    shared: &Shared<'_>,
) -> Result<Operation, BuildFault> {
    let at = source(&form.source);
    let exceptions = shared
        .exceptions
        .iter()
        .filter(|exception| exception.operation == form.id)
        .map(compiled)
        .collect::<Result<_, _>>()?;
    let faults = shared
        .with
        .schemas
        .compile_all(request_keys(&form).chain(reply_keys(&form)));
    let parts = Compiled {
        with: shared.with,
        credentials: &shared.credentials,
        names,
        faults: faults.iter().map(told).collect(),
        security: shared
            .security
            .operation(&form.security)
            .map_err(|fault| BuildFault::at(&fault.source, fault.message))?,
        modes: shared.modes,
        limits: counted(&form.limits, shared.everywhere),
        relaxed: relaxed(&form.relax, shared.relaxed, &at)?,
        exceptions,
    };
    Operation::build(form, parts)
}

fn told(fault: &SchemaFault) -> String {
    format!(
        "schema at `{}{}`: {}",
        fault.at.0, fault.at.1, fault.message
    )
}

/// Schemas that Requests of an Operation are held against.
fn request_keys(form: &OperationForm) -> impl Iterator<Item = &str> {
    let parameters = form
        .parameters
        .iter()
        .filter_map(|parameter| parameter.schema.as_deref());
    let bodies = form.body.iter().flat_map(|body| body.content.values());
    parameters.chain(bodies.flat_map(media_keys))
}

/// Schemas that Responses of an Operation are held against.
fn reply_keys(form: &OperationForm) -> impl Iterator<Item = &str> {
    form.responses.values().flat_map(|response| {
        let headers = response
            .headers
            .iter()
            .filter_map(|header| header.schema.as_deref());
        headers.chain(response.content.values().flat_map(media_keys))
    })
}

fn media_keys(media: &MediaForm) -> impl Iterator<Item = &str> {
    media.schema.iter().chain(&media.item).map(String::as_str)
}

/// Query parameters that hold credentials count as declared.
fn query_credentials(schemes: &[SchemeForm]) -> Vec<String> {
    let name = |scheme: &SchemeForm| match &scheme.credential {
        CredentialForm::Query { name } => Some(name.clone()),
        _ => None,
    };
    schemes.iter().filter_map(name).collect()
}

/// Limits written for the Operation, then those that hold everywhere, each once.
fn counted(own: &[u16], everywhere: &[u16]) -> Vec<u16> {
    let mut all: Vec<u16> = own.iter().chain(everywhere).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn relaxed(names: &[String], base: CodeSet, at: &Source) -> Result<CodeSet, BuildFault> {
    let mut set = ParseRules::from_names(names.iter().map(String::as_str)).map_err(|name| {
        BuildFault::at(
            at,
            format!("`{name}` is not a parse rule that can be relaxed"),
        )
    })?;
    set.add_all(&base);
    Ok(set)
}

fn words(fault: TemplateFault) -> &'static str {
    match fault {
        TemplateFault::AdjacentParameters => "two parameters touch",
        TemplateFault::BadBraces => "its braces are not paired",
        TemplateFault::DuplicateParameter => "it names one parameter twice",
        TemplateFault::NotAbsolute => "it does not begin with a slash",
    }
}

fn compiled(form: &ExceptionForm) -> Result<Exception, BuildFault> {
    Exception::new(form).map_err(|fault| {
        let why = match fault {
            ExceptionFault::NotExceptable => "takes no exception",
            ExceptionFault::UnknownRule => "is not a rule",
        };
        BuildFault::at(&source(&form.source), format!("`{}` {why}", form.rule))
    })
}

fn undeclared(forms: &[ExceptionForm]) -> Result<Vec<(RoutePattern, Exception)>, BuildFault> {
    let without = forms.iter().filter(|form| form.operation.is_empty());
    without
        .map(|form| Ok((RoutePattern::parse(&form.path), compiled(form)?)))
        .collect()
}

fn check_exceptions(forms: &[ExceptionForm], ids: &[&str]) -> Result<(), BuildFault> {
    for form in forms {
        let at = source(&form.source);
        if form.operation.is_empty() == form.path.is_empty() {
            return Err(BuildFault::at(
                &at,
                "an exception names an operation or a path, not both",
            ));
        }
        if !form.operation.is_empty() && !ids.contains(&form.operation.as_str()) {
            let message = format!("operation `{}` is not declared", form.operation);
            return Err(BuildFault::at(&at, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::policy::Policy;
    use crate::policy::testing::{form, load, operation};

    fn fault(form: &Value) -> String {
        Policy::load(form.to_string().as_bytes())
            .unwrap_err()
            .message
    }

    #[test]
    fn the_hash_follows_the_meaning() {
        let mut other = form();
        other["operations"] = json!([operation("GET", "/a")]);
        assert_eq!(load(&form()).hash_hex(), load(&form()).hash_hex());
        assert_ne!(load(&form()).hash_hex(), load(&other).hash_hex());
    }

    #[test]
    fn a_form_that_is_not_ours_is_refused_whole() {
        assert!(Policy::load(b"{}").is_err());
        assert!(Policy::load(b"not json").is_err());
        let mut newer = form();
        newer["form"] = json!(2);
        assert!(!fault(&newer).is_empty());
        let mut unknown = form();
        unknown["surprise"] = json!(true);
        assert!(!fault(&unknown).is_empty());
    }

    #[test]
    fn a_rule_that_is_not_there_cannot_be_relaxed() {
        let mut form = form();
        form["relax"] = json!(["parse.nothing"]);
        assert!(fault(&form).contains("parse.nothing"));
    }

    #[test]
    fn a_schema_that_is_not_there_is_a_fault() {
        let mut one = operation("POST", "/a");
        one["body"] = json!({"required": true, "source": {"document": 1, "pointer": "/b"},
            "content": crate::policy::testing::json_content("none")});
        let mut form = form();
        form["operations"] = json!([one]);
        assert!(!fault(&form).is_empty());
    }
}
