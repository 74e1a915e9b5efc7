//! Policy: the immutable hashed snapshot of all that the gateway decides by.

mod apis;
mod build;
mod classes;
pub mod exception;
pub mod form;
mod media;
mod modes;
mod operation;
mod shape;
mod standing;
#[cfg(test)]
pub(crate) mod testing;

pub use apis::{Api, ApiIndex, Apis};
pub use classes::Classes;
pub use media::{Media, MediaKind, MediaMap};
pub use modes::{Modes, UnknownControl};
pub use operation::{Body, Operation, Response, Responses};
pub use shape::Shape;

use std::net::IpAddr;

use crate::budget::{Bounds, Budget, Spent};
use crate::codes::Code;
use crate::cors::Cors;
use crate::csrf::Csrf;
use crate::decision::{Place, Reason, Source, Stage};
use crate::identify::{OperationSecurity, Security};
use crate::inspect::schema::Schemas;
use crate::limit::Limits;
use crate::operation::{Match, OperationIndex, Template};
use crate::parse::{ParseRules, Request};
use crate::peer::Network;
use crate::wire::Limits as WireLimits;
use exception::{Exception, RoutePattern};
use form::{ApiKeyForm, IssuerForm, LimitTableForm, SourceForm, Verify};

/// The snapshot. Built once, shared by `Arc`, never changed.
#[derive(Debug)]
pub struct Policy {
    hash: [u8; 32],
    hash_hex: String,
    pub(crate) bounds: Bounds,
    pub(crate) rules: ParseRules,
    pub(crate) modes: Modes,
    pub(crate) security: Security,
    pub(crate) schemas: Schemas,
    pub(crate) cors: Option<Cors>,
    pub(crate) csrf: Option<Csrf>,
    pub(crate) limits: Limits,
    limit_table: LimitTableForm,
    api_keys: Vec<ApiKeyForm>,
    issuers: Vec<IssuerForm>,
    pub(crate) trusted_proxies: Vec<Network>,
    internal: Vec<Network>,
    internal_words: String,
    has_internal: bool,
    apis: Apis,
    operations: Vec<Operation>,
    shape: Shape,
    undeclared: Undeclared,
}

/// How routes that no Operation declares are treated.
#[derive(Debug)]
struct Undeclared {
    security: OperationSecurity,
    limits: Vec<u16>,
    exceptions: Vec<(RoutePattern, Exception)>,
}

/// Why a form cannot be a Policy, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFault {
    /// What is wrong.
    pub message: String,
    /// The setting.
    pub source: Source,
}

impl BuildFault {
    fn at(source: &Source, message: impl Into<String>) -> Self {
        BuildFault {
            message: message.into(),
            source: source.clone(),
        }
    }
}

pub(crate) fn source(form: &SourceForm) -> Source {
    Source {
        document: form.document,
        pointer: form.pointer.clone(),
    }
}

impl Policy {
    /// SHA-256 of the canonical form.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The hash in lower-case hex.
    #[must_use]
    pub fn hash_hex(&self) -> &str {
        &self.hash_hex
    }

    /// Every Operation, in the order of the form.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The Operation with this index.
    #[must_use]
    pub fn operation(&self, index: OperationIndex) -> Option<&Operation> {
        self.operations.get(usize::try_from(index).ok()?)
    }

    /// Issuers and schemes.
    #[must_use]
    pub fn security(&self) -> &Security {
        &self.security
    }

    /// Configured issuers, by the index that Live uses.
    #[must_use]
    pub fn issuers(&self) -> &[IssuerForm] {
        &self.issuers
    }

    /// Whether callers are known by access tokens alone and refused without: then nobody who must
    /// be known gets in while no issuer has keys.
    #[must_use]
    pub fn lives_by_tokens(&self) -> bool {
        let mut schemes = self.security.schemes().iter();
        !self.issuers.is_empty()
            && !self.modes.is_shadow(Stage::Identify)
            && !schemes.any(|scheme| scheme.verify() == Verify::ApiKey)
    }

    /// Configured API keys.
    #[must_use]
    pub fn api_keys(&self) -> &[ApiKeyForm] {
        &self.api_keys
    }

    /// Memory of the limit table.
    #[must_use]
    pub fn limit_table(&self) -> LimitTableForm {
        self.limit_table
    }

    /// Bounds of every Exchange.
    #[must_use]
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Bounds for the reader of a connection.
    #[must_use]
    pub fn wire_limits(&self) -> WireLimits {
        WireLimits::of_requests(&self.bounds)
    }

    /// The API that a Request is for, by host and path prefix.
    pub(crate) fn api_of(&self, request: &Request) -> Option<ApiIndex> {
        self.apis.of(request)
    }

    /// The API with this index.
    #[must_use]
    pub fn api(&self, index: ApiIndex) -> Option<&Api> {
        self.apis.get(index)
    }

    /// Where the Operations of an API are declared.
    pub(crate) fn document_source(&self, api: Option<ApiIndex>) -> Source {
        let api = api.and_then(|index| self.api(index));
        api.map_or_else(Source::default, |api| api.source.clone())
    }

    /// Whether this caller is one of the house.
    pub(crate) fn is_internal(&self, address: IpAddr) -> bool {
        self.internal.iter().any(|network| network.holds(address))
    }

    /// Whether any Operation is internal.
    pub(crate) fn has_internal(&self) -> bool {
        self.has_internal
    }

    /// Who is one of the house, for people.
    pub(crate) fn internal_words(&self) -> &str {
        &self.internal_words
    }

    pub(crate) fn issuer_source(&self, index: u16) -> Source {
        self.security
            .issuers()
            .get(usize::from(index))
            .map(|issuer| issuer.source.clone())
            .unwrap_or_default()
    }

    pub(crate) fn limits_of(&self, operation: Option<OperationIndex>) -> &[u16] {
        self.known(operation)
            .map_or(&self.undeclared.limits, |operation| &operation.limits)
    }

    pub(crate) fn security_of(&self, operation: Option<OperationIndex>) -> &OperationSecurity {
        self.known(operation)
            .map_or(&self.undeclared.security, |operation| &operation.security)
    }

    pub(crate) fn modes_of(&self, operation: Option<OperationIndex>) -> Modes {
        self.known(operation)
            .map_or(self.modes, |operation| operation.modes)
    }

    pub(crate) fn shape_of(&self, operation: Option<OperationIndex>) -> &Shape {
        self.known(operation)
            .and_then(|operation| operation.shape.as_ref())
            .unwrap_or(&self.shape)
    }

    pub(crate) fn relaxes(&self, operation: Option<OperationIndex>, code: Code) -> bool {
        self.known(operation)
            .is_some_and(|operation| operation.relaxed.contains(code))
    }

    pub(crate) fn excepts(
        &self,
        operation: Option<OperationIndex>,
        (method, path): (&str, &str),
        reason: &Reason,
    ) -> bool {
        match self.known(operation) {
            Some(operation) => operation
                .exceptions
                .iter()
                .any(|known| known.covers(reason)),
            None => self
                .undeclared
                .exceptions
                .iter()
                .any(|(route, known)| route.fits(method, path) && known.covers(reason)),
        }
    }

    /// Whether an Operation has any exception from this rule.
    pub(crate) fn has_exception(&self, operation: Option<OperationIndex>, code: Code) -> bool {
        let known = self.known(operation);
        known.is_some_and(|operation| operation.exceptions.iter().any(|one| one.is_of(code)))
    }

    /// The pointer of a place as a record may show it; `None` where all of it may be.
    pub(crate) fn without_names(
        &self,
        operation: Option<OperationIndex>,
        place: &Place,
    ) -> Option<String> {
        let known = self.operation(operation?)?;
        known.classes.without_names(self.schemas.shapes(), place)
    }

    /// Whether a record may hold this name of a query: where a hidden parameter could have written
    /// names of its own (an object), only those that are declared.
    pub(crate) fn may_name(&self, operation: Option<OperationIndex>, name: &str) -> bool {
        self.known(operation)
            .is_none_or(|one| !one.classes.hides_query() || one.declared.is_in_query(name))
    }

    /// Whether no record may hold what stands at this place: the description hides it, or it is
    /// where a credential travels in a query.
    pub(crate) fn hides(&self, operation: Option<OperationIndex>, place: &Place) -> bool {
        let is_hidden = |one: &Operation| one.classes.hides(self.schemas.shapes(), place);
        self.security.travels_in_query(place) || self.known(operation).is_some_and(is_hidden)
    }

    fn known(&self, operation: Option<OperationIndex>) -> Option<&Operation> {
        operation.and_then(|index| self.operation(index))
    }

    /// Finds the Operation of a Request.
    ///
    /// # Errors
    /// `Spent`.
    pub(crate) fn find(&self, request: &Request, budget: &mut Budget) -> Result<Match, Spent> {
        self.find_method(request.method(), request, budget)
    }

    /// Finds the Operation that this method would have at the path of a Request.
    ///
    /// # Errors
    /// `Spent`.
    pub(crate) fn find_method(
        &self,
        method: &str,
        request: &Request,
        budget: &mut Budget,
    ) -> Result<Match, Spent> {
        let api = self.api_of(request).and_then(|index| self.api(index));
        let Some(api) = api else {
            return Ok(Match::Nothing);
        };
        let segments: Vec<&str> = request.segments().map(|segment| segment.decoded).collect();
        api.matcher.find(method, &segments, budget)
    }

    /// What stands for a Request whose app has routed it. found: by templates.
    pub(crate) fn routed(
        &self,
        operation: Option<OperationIndex>,
        found: Match,
        request: &Request,
    ) -> Match {
        match (operation, found) {
            (Some(index), Match::Found(same, captures)) if index == same => {
                Match::Found(same, captures)
            }
            (Some(index), _) => self.fit(index, request).unwrap_or(Match::Nothing),
            (None, Match::Found(..)) => Match::Nothing,
            (None, found) => found,
        }
    }

    fn fit(&self, index: OperationIndex, request: &Request) -> Option<Match> {
        let segments: Vec<&str> = request.segments().map(|segment| segment.decoded).collect();
        let template = &self.operation(index)?.template;
        let captures = match Template::parse(template) {
            // A star is for what only the app can split: it captures nothing.
            Ok(_) if template.contains("/*") => Vec::new(),
            Ok(template) => template.captures(&segments)?,
            Err(_) => return None,
        };
        Some(Match::Found(index, captures))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::testing::{form, load, operation};
    use super::*;
    use crate::decision::{Location, Place};

    fn policy() -> std::sync::Arc<Policy> {
        let mut form = form();
        let mut own = operation("GET", "/a");
        own["controls"] = json!({"inspect": "shadow"});
        own["relax"] = json!(["parse.semicolon"]);
        own["shape"] = form["shape"].clone();
        own["shape"]["fields"] = json!("pass");
        form["operations"] = json!([own, operation("GET", "/b")]);
        let exception = |rule: &str, operation: &str, path: &str| json!({"rule": rule, "operation": operation, "path": path, "field": "", "source": {"document": 0}});
        form["exceptions"] = json!([
            exception("inspect.body-schema", "GET /a", ""),
            exception("match.unknown-path", "", "GET /old/**"),
        ]);
        load(&form)
    }

    #[test]
    fn callers_are_known_by_tokens_alone_where_no_key_counts_and_nothing_is_shadow() {
        let mut form = form();
        assert!(!load(&form).lives_by_tokens());
        form["issuers"] = json!([{
            "id": "idp", "issuer": "https://idp.example.com", "keys": {"from": "file", "path": "k"},
            "algorithms": ["RS256"], "audiences": ["api"], "audience_rule": "all-listed",
            "types": [], "skew_s": 10, "lifetime_max_s": 3600, "subject_claim": "sub",
            "scope_claims": ["scope"], "upstream_credential": "pass", "source": {"document": 0},
        }]);
        assert!(load(&form).lives_by_tokens());
        form["schemes"] = json!([{
            "name": "key", "credential": {"in": "header", "name": "x-api-key"},
            "verify": "api-key", "source": {"document": 0},
        }]);
        assert!(!load(&form).lives_by_tokens());
        form["schemes"] = json!([]);
        form["controls"]["identify"] = json!("shadow");
        assert!(!load(&form).lives_by_tokens());
    }

    #[test]
    fn what_an_operation_says_of_itself_stands_above_the_whole() {
        let policy = policy();
        assert!(policy.modes_of(Some(0)).is_shadow(Stage::Inspect));
        for other in [Some(1), Some(9), None] {
            assert!(!policy.modes_of(other).is_shadow(Stage::Inspect));
        }
        assert_eq!(policy.shape_of(Some(0)).fields, form::Undeclared::Pass);
        assert_eq!(policy.shape_of(Some(1)).fields, form::Undeclared::Remove);
        assert!(policy.relaxes(Some(0), Code::ParseSemicolon));
        assert!(!policy.relaxes(None, Code::ParseSemicolon));
    }

    #[test]
    fn an_exception_holds_for_its_operation_or_its_undeclared_route() {
        let policy = policy();
        let schema = Reason::new(Code::InspectBodySchema, Place::of(Location::Body));
        assert!(policy.excepts(Some(0), ("GET", "/a"), &schema));
        assert!(!policy.excepts(Some(1), ("GET", "/b"), &schema));
        let unknown = Reason::new(Code::MatchUnknownPath, Place::of(Location::Target));
        assert!(policy.excepts(None, ("GET", "/old"), &unknown));
        assert!(!policy.excepts(None, ("POST", "/old"), &unknown));
        assert!(!policy.excepts(Some(0), ("GET", "/old"), &unknown));
    }

    #[test]
    fn the_hash_is_that_of_the_meaning() {
        let (one, same) = (policy(), policy());
        assert_eq!(one.hash(), same.hash());
        assert_eq!(one.hash_hex().len(), 64);
        let mut other = form();
        other["hosts"] = json!(["api.test"]);
        assert_ne!(load(&other).hash(), load(&form()).hash());
    }

    #[test]
    fn an_index_beyond_the_list_is_no_operation() {
        let policy = policy();
        assert_eq!(policy.operations().len(), 2);
        assert_eq!(policy.operation(1).unwrap().id, "GET /b");
        assert!(policy.operation(2).is_none() && policy.operation(u32::MAX).is_none());
    }
}
