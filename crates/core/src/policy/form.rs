//! The typed intermediate form of a Policy, as Python compiles it: canonical JSON bytes whose
//! SHA-256 is the Policy hash. Every source (OpenAPI 2.0 to 3.2, config) is lowered to this.
//!
//! Unknown members are errors: what this build does not understand it refuses to load.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::budget::Bounds;

/// The number of this form; another number is refused.
pub const FORM: u32 = 1;

/// One whole Policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Must be `FORM`.
    pub form: u32,
    /// Names of the documents that `SourceForm.document` counts; 0 is the config.
    pub documents: Vec<String>,
    /// Mode of each control (`parse match identify limit authorize inspect shape`): `enforce` or
    /// `shadow`. All seven must be present.
    pub controls: BTreeMap<String, Mode>,
    /// Bounds of every Exchange.
    pub bounds: Bounds,
    /// Names of relaxed `Class::Content` codes for all Operations.
    pub relax: Vec<String>,
    /// Hosts that `Host` may name (lower case, with port if not the default); empty = any.
    pub hosts: Vec<String>,
    /// Networks (CIDR) whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Networks (CIDR) whose callers reach internal Operations; empty = nobody does.
    #[serde(default)]
    pub internal: Vec<String>,
    /// Declared security schemes.
    pub schemes: Vec<SchemeForm>,
    /// Token issuers.
    pub issuers: Vec<IssuerForm>,
    /// API keys by keyed hash.
    pub api_keys: Vec<ApiKeyForm>,
    /// Limits; Operations name them by index.
    pub limits: Vec<LimitForm>,
    /// Memory of the limit table.
    pub limit_table: LimitTableForm,
    /// Browser access; `None` = preflights pass to the API.
    pub cors: Option<CorsForm>,
    /// Requests across sites; `None` = not checked.
    pub csrf: Option<CsrfForm>,
    /// What is done to responses unless an Operation says otherwise.
    pub shape: ShapeForm,
    /// Written exceptions.
    pub exceptions: Vec<ExceptionForm>,
    /// Every schema by key `<document>#<JSON Pointer>`, with `!request` or `!response` behind it
    /// where `readOnly`/`writeOnly` make the two directions differ. JSON Schema 2020-12; each
    /// `$ref` is `#/$defs/<key, escaped as JSON Pointer and percent-encoded as a fragment>`.
    pub schemas: serde_json::Map<String, Value>,
    /// APIs behind the gateway; Operations name theirs by index.
    #[serde(default = "one_api")]
    pub apis: Vec<ApiForm>,
    /// Every declared Operation, also those that cannot be represented.
    pub operations: Vec<OperationForm>,
}

/// One API behind the gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiForm {
    /// Short name; empty where there is only one.
    pub name: String,
    /// Hosts that name it (lower case, with port if not the default); empty = any.
    pub hosts: Vec<String>,
    /// Path before all its Operations: `/shop`, or empty. Templates hold it.
    pub prefix: String,
    /// Whether the API is asked without the prefix.
    pub strip_prefix: bool,
    /// Where its Operations are declared.
    pub source: SourceForm,
}

/// What stands for a form that names no APIs: one, for every host and path.
fn one_api() -> Vec<ApiForm> {
    vec![ApiForm {
        name: String::new(),
        hosts: Vec::new(),
        prefix: String::new(),
        strip_prefix: false,
        source: SourceForm {
            document: Some(1),
            pointer: "/paths".to_owned(),
        },
    }]
}

/// Enforce or shadow.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Acted upon.
    Enforce,
    /// Recorded only.
    Shadow,
}

/// A setting: document index and JSON Pointer. `document` = `None` is a built-in default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceForm {
    /// Index into `Form.documents`.
    pub document: Option<u16>,
    /// JSON Pointer.
    #[serde(default)]
    pub pointer: String,
}

/// One security scheme of the API description.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeForm {
    /// Its name in the document.
    pub name: String,
    /// Where the credential travels.
    pub credential: CredentialForm,
    /// How it is verified.
    pub verify: Verify,
    /// Indices of the issuers whose tokens it takes; any unless given.
    #[serde(default)]
    pub issuers: Option<Vec<u16>>,
    /// Names of its API: beyond the rule of the issuer, one of them must be an `aud` of the token.
    #[serde(default)]
    pub audience: Option<AudienceForm>,
    /// Where it is declared.
    pub source: SourceForm,
}

/// Names of one API of several.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudienceForm {
    /// At least one.
    pub any_of: Vec<String>,
    /// Where they are configured.
    pub source: SourceForm,
}

/// Where a credential travels.
#[derive(Debug, Deserialize)]
#[serde(tag = "in", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CredentialForm {
    /// `Authorization: <scheme> <credential>`; `scheme` lower case.
    Authorization {
        /// `bearer`, `basic`, ...
        scheme: String,
    },
    /// A named header.
    Header {
        /// Lower case.
        name: String,
    },
    /// A named query parameter.
    Query {
        /// As declared.
        name: String,
    },
    /// A named cookie.
    Cookie {
        /// As declared.
        name: String,
    },
    /// A client certificate (`mutualTLS`): cannot be met before TLS.
    Certificate {},
}

/// How a scheme is verified.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Verify {
    /// JWT access token of a configured issuer.
    Token,
    /// Configured API keys.
    ApiKey,
    /// Only its presence: unverified Principal, credential passed through.
    Presence,
}

/// One issuer of access tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerForm {
    /// Short id, unique.
    pub id: String,
    /// Exact `iss`.
    pub issuer: String,
    /// Where its keys come from. The core never reads it; the driver does.
    pub keys: KeySourceForm,
    /// Allowed algorithms.
    pub algorithms: Vec<String>,
    /// Accepted `aud` values.
    pub audiences: Vec<String>,
    /// `all-listed`: every value of the token is listed here; `contains`: one is; `any`: unchecked.
    pub audience_rule: AudienceRule,
    /// `typ` values beyond `at+jwt` and `JWT` (lower case); kinds that are never access tokens
    /// stay refused.
    pub types: Vec<String>,
    /// Clock skew for `exp`, `nbf`, `iat`, seconds, 0 to 60.
    pub skew_s: u32,
    /// Longest accepted `exp - iat`, seconds.
    pub lifetime_max_s: u64,
    /// Claim that names the Principal.
    pub subject_claim: String,
    /// Claims that hold scopes, first present one counts (string of words, or list).
    pub scope_claims: Vec<String>,
    /// Whether the credential goes on to the API.
    pub upstream_credential: UpstreamCredential,
    /// Where it is configured.
    pub source: SourceForm,
}

/// Where keys come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeySourceForm {
    /// A JWK set on disk.
    File {
        /// Its path.
        path: String,
    },
    /// A JWK set behind a URL.
    Url {
        /// `https:`, or `http:` to loopback, or any `http:` with `danger_allow_http`.
        url: String,
        /// Written by the owner.
        #[serde(default)]
        danger_allow_http: bool,
    },
    /// `<issuer>/.well-known/openid-configuration`, then its `jwks_uri`.
    Discovery {
        /// Written by the owner.
        #[serde(default)]
        danger_allow_http: bool,
    },
}

/// How `aud` is held against the list.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum AudienceRule {
    /// Every value of the token is on the list.
    AllListed,
    /// At least one value of the token is on the list.
    Contains,
    /// Not checked: written by the owner.
    Any,
}

/// Whether the credential goes on.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum UpstreamCredential {
    /// The API verifies for itself.
    Pass,
    /// The API never sees it.
    Strip,
}

/// One API key, by keyed hash.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyForm {
    /// Public id; names the Principal.
    pub id: String,
    /// Lower-case hex of HMAC-SHA-256(pepper, key).
    pub digest: String,
    /// Scopes that it carries.
    pub scopes: Vec<String>,
    /// Ids of the Operations that it opens; empty = all.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Unix seconds; refused on and after.
    pub expires_s: Option<u64>,
    /// Whether it goes on to the API.
    pub upstream_credential: UpstreamCredential,
    /// Where it is configured.
    pub source: SourceForm,
}

/// What a limit counts by. The order of the list does not matter.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum LimitKey {
    /// IPv4 address or IPv6 /64 network of the caller.
    Address,
    /// The Operation.
    Operation,
    /// The verified Principal; the address where there is none.
    Principal,
}

/// One limit: GCRA, or concurrency.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitForm {
    /// Short name, shown in `RateLimit-Policy`.
    pub name: String,
    /// What it counts by; empty = all traffic together.
    pub per: Vec<LimitKey>,
    /// What it counts.
    pub quota: QuotaForm,
    /// Whether it applies to every Operation, unknown paths included.
    pub everywhere: bool,
    /// Where it is configured.
    pub source: SourceForm,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum QuotaForm {
    /// At most `count` in `window_ms`, with up to `burst` at once.
    Rate {
        /// Requests.
        count: u32,
        /// Milliseconds.
        window_ms: u64,
        /// Requests at once; `count` unless written.
        burst: u32,
    },
    /// At most `count` under way.
    Concurrency {
        /// Exchanges.
        count: u32,
    },
}

/// Memory of the limit table.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitTableForm {
    /// Slots in all; each takes 32 bytes or less.
    pub slots: u32,
}

/// Cross-origin access, answered by us.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorsForm {
    /// Exact origins, or `*` alone (never with credentials).
    pub origins: Vec<String>,
    /// Whether credentials are allowed.
    pub credentials: bool,
    /// Allowed request headers, lower case; empty = those declared plus `content-type` and
    /// `authorization`.
    pub headers: Vec<String>,
    /// Response headers the page may read.
    pub expose: Vec<String>,
    /// Preflight lifetime, seconds.
    pub max_age_s: u32,
    /// Where it is configured.
    pub source: SourceForm,
}

/// How Requests that another site's page makes with the user's cookies are told apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsrfForm {
    /// Which proof is asked for.
    pub proof: CsrfProof,
    /// Exact origins whose pages may act for the user, besides those of `cors`.
    pub origins: Vec<String>,
    /// Cookie of the token.
    pub cookie: String,
    /// Header of the token, lower case.
    pub header: String,
    /// Whether every cookie counts, not those alone that the document declares as credentials.
    pub every_cookie: bool,
    /// Where it is configured.
    pub source: SourceForm,
}

/// Proof that a Request was made by an own page.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum CsrfProof {
    /// `Sec-Fetch-Site` and `Origin`.
    Origin,
    /// A token in a cookie and in a header.
    Token,
}

/// What is done with what a response holds beyond its schema.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Undeclared {
    /// Left in.
    Pass,
    /// The response is replaced by 502.
    Refuse,
    /// Taken out.
    Remove,
}

/// What is done with secrets where a form says nothing.
fn remove() -> Undeclared {
    Undeclared::Remove
}

/// How much a value may be shown, by what the API description says of it; later is stricter.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum DataClass {
    /// For everybody.
    Public,
    /// For people of the house.
    Internal,
    /// About a person: never in a record.
    Personal,
    /// Opens something: never in a record, never in a response.
    Secret,
}

/// What is done to responses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShapeForm {
    /// Undeclared JSON fields.
    pub fields: Undeclared,
    /// Breaches of schema, status, header or content type: `pass` (recorded) or `refuse`.
    pub breach: Undeclared,
    /// Whether error bodies that tell internals are replaced.
    pub scrub_errors: bool,
    /// Security headers set where the API sets none: lower-case name to value.
    pub headers: BTreeMap<String, String>,
    /// Response headers removed: lower-case names.
    pub strip: Vec<String>,
    /// Whether `Cache-Control: no-store` is set on authenticated JSON.
    pub no_store: bool,
    /// JSON fields and headers whose class is `secret`.
    #[serde(default = "remove")]
    pub secrets: Undeclared,
    /// Where it is configured.
    pub source: SourceForm,
}

/// One written exception: this rule, on this Operation and field, does not count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionForm {
    /// A code of class Content, Contract or Response.
    pub rule: String,
    /// Operation id; empty = undeclared routes given by `path`.
    pub operation: String,
    /// Method and path of an undeclared route (`match.*` rules): `GET /debug` or `GET /debug/**`.
    pub path: String,
    /// Place: `<location>`, `<location>:<name>`, with `#<pointer>` behind it; a `*` pointer token
    /// fits any one token; empty = every field.
    pub field: String,
    /// Where it is configured.
    pub source: SourceForm,
}

/// One Operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationForm {
    /// `GET /users/{id}`: method and template with base path, behind the name of its API where
    /// there are several. Unique.
    pub id: String,
    /// Index into `Form.apis`.
    #[serde(default)]
    pub api: u16,
    /// Upper-case token.
    pub method: String,
    /// Path template with base path.
    pub template: String,
    /// Where it is declared.
    pub source: SourceForm,
    /// Reasons why it cannot be checked; not empty = refused by `match.unrepresentable`.
    pub unrepresentable: Vec<String>,
    /// Parameters, path-level ones merged.
    pub parameters: Vec<ParameterForm>,
    /// Whether query parameters that are not declared are refused.
    pub closed_query: bool,
    /// Whether members of the body that its schema does not name are refused.
    #[serde(default)]
    pub closed_body: bool,
    /// Request body; `None` = none declared.
    pub body: Option<BodyForm>,
    /// By status: `200`, `4XX`, `default`.
    pub responses: BTreeMap<String, ResponseForm>,
    /// Alternatives; each a list of requirements that must all hold. Empty list of alternatives =
    /// anonymous; an empty alternative = anonymous is one of them.
    pub security: Vec<Vec<RequirementForm>>,
    /// Controls whose mode differs here.
    pub controls: BTreeMap<String, Mode>,
    /// Indices into `Form.limits`.
    pub limits: Vec<u16>,
    /// Names of relaxed codes, besides those of the Form.
    pub relax: Vec<String>,
    /// Own cap of the body.
    pub body_max_bytes: Option<u64>,
    /// Own shape.
    pub shape: Option<ShapeForm>,
    /// Who answers for it; empty = nobody is named.
    #[serde(default)]
    pub owner: String,
    /// What makes it internal; `None` = it is not.
    #[serde(default)]
    pub internal: Option<SourceForm>,
    /// Class of everything that it takes and gives.
    #[serde(default)]
    pub class: Option<DataClass>,
    /// Every class that anything of it has, for the record.
    #[serde(default)]
    pub data: Vec<DataClass>,
}

/// One requirement of an alternative.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequirementForm {
    /// Index into `Form.schemes`.
    pub scheme: u16,
    /// All of these.
    pub scopes: Vec<String>,
    /// Where it is declared.
    pub source: SourceForm,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ParameterIn {
    /// In the cookies.
    Cookie,
    /// In the headers.
    Header,
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// The whole query, read as one content (OpenAPI 3.2).
    QueryString,
}

/// How a parameter is written (OpenAPI 3.1, section "Style Values"; `collectionFormat` of 2.0 is
/// lowered to these, `tsv` to `tabDelimited`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are the standard's own")]
pub enum Style {
    DeepObject,
    Form,
    Label,
    Matrix,
    PipeDelimited,
    Simple,
    SpaceDelimited,
    TabDelimited,
}

/// One parameter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterForm {
    /// Name (headers lower case).
    pub name: String,
    /// Where it travels.
    #[serde(rename = "in")]
    pub place: ParameterIn,
    /// Whether it must be there.
    pub required: bool,
    /// How it is written; ignored with `content`.
    pub style: Style,
    /// Whether lists and objects are spread.
    pub explode: bool,
    /// Whether an empty value is allowed whatever the schema says (query only).
    pub allow_empty: bool,
    /// Media type where the parameter is `content`: `application/json` is parsed, and forms where
    /// it is the whole query.
    pub content: Option<String>,
    /// Key of its schema; `None` = anything.
    pub schema: Option<String>,
    /// Class of its value, that of its schema included.
    #[serde(default)]
    pub class: Option<DataClass>,
    /// Where it is declared.
    pub source: SourceForm,
}

/// A request body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyForm {
    /// Whether it must be there.
    pub required: bool,
    /// By media range, lower case, parameters dropped: `application/json`, `image/*`, `*/*`.
    pub content: BTreeMap<String, MediaForm>,
    /// Where it is declared.
    pub source: SourceForm,
}

/// One media type of a body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaForm {
    /// Key of its schema; `None` = anything. Of a sequence: of all its items as one list.
    pub schema: Option<String>,
    /// Sequences (events, JSON lines, RFC 7464): key of the schema of each item (`itemSchema`).
    #[serde(default)]
    pub item: Option<String>,
    /// Events whose `data` is JSON: key of its schema (`contentSchema`).
    #[serde(default)]
    pub data: Option<String>,
    /// Form and multipart: encoding by property.
    #[serde(default)]
    pub encoding: BTreeMap<String, EncodingForm>,
    /// What a schema that is not held against its bodies says of values in them.
    #[serde(default)]
    pub unheld: Option<UnheldForm>,
    /// Multipart whose parts are told apart by their position; `None` = by their names.
    #[serde(default)]
    pub parts: Option<PartsForm>,
    /// Where it is declared.
    pub source: SourceForm,
}

/// A class without a schema: nothing can be said of single values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnheldForm {
    /// The strictest class in it.
    pub class: DataClass,
    /// Where that is written.
    pub source: SourceForm,
}

impl MediaForm {
    /// Every encoding, by name and by position.
    pub fn encodings(&self) -> impl Iterator<Item = &EncodingForm> {
        let parts = self.parts.iter();
        let ordered = parts.flat_map(|parts| parts.prefix.iter().chain(&parts.item));
        self.encoding.values().chain(ordered)
    }
}

/// Encoding of parts by their position.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartsForm {
    /// Of the first parts, one each.
    pub prefix: Vec<EncodingForm>,
    /// Of all that follow.
    pub item: Option<EncodingForm>,
}

/// Encoding of one form or multipart property, or of one part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncodingForm {
    /// Accepted content types of the part; empty = the default of its type.
    pub content_types: Vec<String>,
    /// Style of a form field.
    pub style: Style,
    /// Whether lists and objects are spread.
    pub explode: bool,
    /// Multipart: headers of the part.
    #[serde(default)]
    pub headers: Vec<ParameterForm>,
    /// Where it is declared; `None` = with its media type.
    #[serde(default)]
    pub source: Option<SourceForm>,
}

/// One declared response.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseForm {
    /// By media range; empty = no body is declared.
    pub content: BTreeMap<String, MediaForm>,
    /// Declared headers.
    pub headers: Vec<ParameterForm>,
    /// Where it is declared.
    pub source: SourceForm,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::testing::form;

    #[test]
    fn a_form_that_names_no_apis_has_one_for_every_host_and_path() {
        let read: Form = serde_json::from_value(form()).unwrap();
        let [api] = read.apis.as_slice() else {
            panic!("{:?}", read.apis);
        };
        assert!(api.hosts.is_empty() && api.prefix.is_empty() && !api.strip_prefix);
        assert_eq!(api.source.pointer, "/paths");
    }

    #[test]
    fn a_member_that_nobody_knows_is_refused() {
        let mut other = form();
        other["limts"] = json!([]);
        let fault = serde_json::from_value::<Form>(other).unwrap_err();
        assert!(fault.to_string().contains("limts"), "{fault}");
    }
}
