//! The one table of reason codes: what each means to the client, to the owner and to shadow mode.
//! A code is never reused. Python and the reference page are made from this table.

use crate::decision::Stage;

/// How far a reason can be put into shadow or excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A content fault (path, header, body): shadowable, and relaxable per Operation by its name.
    Content,
    /// A contract breach against the API description: shadowable, exceptable per field.
    Contract,
    /// Who asks, or what they may: shadowable; mended by a credential, not by an exception.
    Credential,
    /// Bytes with two readings, or a connection that cannot go on: always refused.
    Framing,
    /// Ourselves or the upstream: no control to shadow.
    Internal,
    /// A quota or a concurrency cap: shadowable, mended by another limit.
    Quota,
    /// Something in a response; joins the closing Event, never a second Decision.
    Response,
}

macro_rules! codes {
    ($($variant:ident $name:literal $stage:ident $class:ident $status:literal $title:literal;)*) => {
        /// Why a Request was refused, or would have been.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in table order.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable dotted name.
            #[must_use]
            pub fn name(self) -> &'static str { match self { $(Code::$variant => $name,)* } }

            /// The one of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }

            /// The stage that gives it.
            #[must_use]
            pub fn stage(self) -> Stage { match self { $(Code::$variant => Stage::$stage,)* } }

            /// How far it can be shadowed.
            #[must_use]
            pub fn class(self) -> Class { match self { $(Code::$variant => Class::$class,)* } }

            /// HTTP status of the refusal.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status,)* } }

            /// One sentence: lower case, no full stop, nothing out of the Request.
            #[must_use]
            pub fn title(self) -> &'static str { match self { $(Code::$variant => $title,)* } }
        }
    };
}

codes! {
    // wire: framing, always refused
    WireBadChunk "wire.bad-chunk" Wire Framing 400 "a chunk of the body is malformed";
    WireBadExpectation "wire.bad-expectation" Wire Framing 417 "the `Expect` value is not `100-continue`";
    WireBadField "wire.bad-field" Wire Framing 400 "a header line is malformed";
    WireBadLength "wire.bad-length" Wire Framing 400 "`Content-Length` is not one plain number";
    WireBadMethod "wire.bad-method" Wire Framing 400 "the method is not a token";
    WireBadRequestLine "wire.bad-request-line" Wire Framing 400 "the request line is malformed";
    WireBadStatusLine "wire.bad-status-line" Wire Internal 502 "the status line of the API is malformed";
    WireBadTrailer "wire.bad-trailer" Wire Framing 400 "a field stands after the body that must stand before it";
    WireBadTransferEncoding "wire.bad-transfer-encoding" Wire Framing 400 "`Transfer-Encoding` is not exactly `chunked`";
    WireBadVersion "wire.bad-version" Wire Framing 400 "the protocol version is not HTTP/1.0 or HTTP/1.1";
    WireBareLineFeed "wire.bare-line-feed" Wire Framing 400 "a line ends without carriage return and line feed";
    WireBodyTimeout "wire.body-timeout" Wire Framing 408 "the body arrived too slowly";
    WireDuplicateHost "wire.duplicate-host" Wire Framing 400 "there is more than one `Host`";
    WireDuplicateLength "wire.duplicate-length" Wire Framing 400 "there is more than one `Content-Length`";
    WireFieldTooLarge "wire.field-too-large" Wire Framing 431 "one header value is too large";
    WireHeadTimeout "wire.head-timeout" Wire Framing 408 "the request head arrived too slowly";
    WireHeadTooLarge "wire.head-too-large" Wire Framing 431 "the request head is too large";
    WireLengthAndChunked "wire.length-and-chunked" Wire Framing 400 "both `Content-Length` and `Transfer-Encoding` are present";
    WireMethodRefused "wire.method-refused" Wire Framing 405 "CONNECT and TRACE are never forwarded";
    WireMissingHost "wire.missing-host" Wire Framing 400 "`Host` is missing";
    WireObsoleteFold "wire.obsolete-fold" Wire Framing 400 "a header is folded over several lines";
    WireTargetTooLong "wire.target-too-long" Wire Framing 414 "the request line is too long";
    WireTooManyFields "wire.too-many-fields" Wire Framing 431 "there are too many header fields";
    WireTooManyInterim "wire.too-many-interim" Wire Internal 502 "the API sends interim responses without end";
    WireTransferEncodingIn10 "wire.transfer-encoding-in-1.0" Wire Framing 400 "`Transfer-Encoding` in an HTTP/1.0 request";
    WireTruncated "wire.truncated" Wire Framing 400 "the request ended in the middle";
    WireUpgradeRefused "wire.upgrade-refused" Wire Framing 400 "no protocol upgrade is offered here";

    // parse: content faults
    ParseBadBodyText "parse.bad-body-text" Parse Content 400 "the text body is not valid in its character set";
    ParseBadCoding "parse.bad-coding" Parse Content 400 "the body is not valid in its content coding";
    ParseBadContentType "parse.bad-content-type" Parse Content 400 "`Content-Type` is malformed";
    ParseBadCookie "parse.bad-cookie" Parse Content 400 "the `Cookie` header is malformed";
    ParseBadForm "parse.bad-form" Parse Content 400 "the form body is malformed";
    ParseBadHost "parse.bad-host" Parse Content 400 "`Host` is not a plain host and port";
    ParseBadJson "parse.bad-json" Parse Content 400 "the body is not strict JSON";
    ParseBadMultipart "parse.bad-multipart" Parse Content 400 "the multipart body is malformed";
    ParseBadPercent "parse.bad-percent" Parse Content 400 "a percent sign is not followed by two hex digits";
    ParseBadQuery "parse.bad-query" Parse Content 400 "the query holds a character that is not allowed there";
    ParseBadTarget "parse.bad-target" Parse Content 400 "the target is not an absolute path";
    ParseBadUtf8 "parse.bad-utf8" Parse Content 400 "the decoded path or query is not valid UTF-8";
    ParseBadXml "parse.bad-xml" Parse Content 400 "the body is not well-formed XML";
    ParseBodyTooLarge "parse.body-too-large" Parse Content 413 "the body is larger than allowed here";
    ParseConnectionNames "parse.connection-names" Parse Content 400 "`Connection` names a field that must reach the API";
    ParseCookieLimit "parse.cookie-limit" Parse Content 431 "there are too many or too large cookies";
    ParseDecodedTooLarge "parse.decoded-too-large" Parse Content 413 "the decoded body is larger than allowed here";
    ParseDotSegment "parse.dot-segment" Parse Content 400 "the path holds a dot segment";
    ParseDoubleSlash "parse.double-slash" Parse Content 400 "the path holds an empty segment";
    ParseDuplicateKey "parse.duplicate-key" Parse Content 400 "a JSON object names one key twice";
    ParseDuplicateSingleton "parse.duplicate-singleton" Parse Content 400 "a header that must be single is repeated";
    ParseEncodedBackslash "parse.encoded-backslash" Parse Content 400 "the path holds a backslash";
    ParseEncodedDot "parse.encoded-dot" Parse Content 400 "the path holds an encoded dot";
    ParseEncodedNul "parse.encoded-nul" Parse Content 400 "the target holds a NUL or control character";
    ParseEncodedPercent "parse.encoded-percent" Parse Content 400 "the path holds an encoded percent sign";
    ParseEncodedSlash "parse.encoded-slash" Parse Content 400 "a path segment holds an encoded slash";
    ParseForeignAuthority "parse.foreign-authority" Parse Content 400 "the absolute target names another host than `Host`";
    ParseFragment "parse.fragment" Parse Content 400 "the target holds a fragment";
    ParseJsonLimit "parse.json-limit" Parse Content 400 "the JSON body is too deep or too large in parts";
    ParseJsonNumber "parse.json-number" Parse Content 400 "a JSON number cannot be held exactly";
    ParseMethodOverride "parse.method-override" Parse Content 400 "a header tries to override the method or the target";
    ParseNestedMultipart "parse.nested-multipart" Parse Content 400 "a part of the multipart body is one itself";
    ParsePrototypeKey "parse.prototype-key" Parse Content 400 "a key can change the prototype of objects";
    ParseQueryLimit "parse.query-limit" Parse Content 400 "the query or form has too many pairs";
    ParseSemicolon "parse.semicolon" Parse Content 400 "a path segment holds a semicolon";
    ParseUnderscoreField "parse.underscore-field" Parse Content 400 "a header name holds an underscore";
    ParseUnsupportedCharset "parse.unsupported-charset" Parse Content 415 "the character set is not UTF-8";
    ParseUnsupportedCoding "parse.unsupported-coding" Parse Content 415 "the content coding is not supported";
    ParseXmlComment "parse.xml-comment" Parse Content 400 "a comment stands inside a text of the XML body";
    ParseXmlDoctype "parse.xml-doctype" Parse Content 400 "the XML body holds a DOCTYPE";
    ParseXmlInclude "parse.xml-include" Parse Content 400 "the XML body asks for another document by XInclude";
    ParseXmlInstruction "parse.xml-instruction" Parse Content 400 "the XML body holds a processing instruction";
    ParseXmlLimit "parse.xml-limit" Parse Content 400 "the XML body is too deep or too large in parts";

    // match
    MatchInternal "match.internal" Match Credential 404 "the operation is internal, and the caller is not";
    MatchInternalMethod "match.internal-method" Match Credential 405 "the operation is internal, the caller is not, and its path has others";
    MatchUnknownMethod "match.unknown-method" Match Contract 405 "the path is declared, this method is not";
    MatchUnknownPath "match.unknown-path" Match Contract 404 "no declared operation has this path";
    MatchUnrepresentable "match.unrepresentable" Match Contract 503 "the operation is declared in a way that cannot be checked";

    // identify
    IdentifyAlgorithm "identify.algorithm" Identify Credential 401 "the algorithm is not the one the key is bound to";
    IdentifyAudience "identify.audience" Identify Credential 401 "the token is meant for another audience";
    IdentifyBinding "identify.binding" Identify Credential 401 "the token is bound to a key that was not proven";
    IdentifyCredentialConflict "identify.credential-conflict" Identify Credential 400 "there is more than one credential";
    IdentifyCredentialMalformed "identify.credential-malformed" Identify Credential 400 "the credential is malformed";
    IdentifyCredentialMissing "identify.credential-missing" Identify Credential 401 "a credential is required and none was sent";
    IdentifyExpired "identify.expired" Identify Credential 401 "the token has expired";
    IdentifyHeaderRefused "identify.header-refused" Identify Credential 401 "the token header holds a member that is refused";
    IdentifyIssuedAhead "identify.issued-ahead" Identify Credential 401 "the token was issued in the future";
    IdentifyKeyUnknown "identify.key-unknown" Identify Credential 401 "no key of the issuer fits the token";
    IdentifyKeysUnavailable "identify.keys-unavailable" Identify Credential 503 "the keys of the issuer cannot be had";
    IdentifyLifetime "identify.lifetime" Identify Credential 401 "the token lives longer than allowed";
    IdentifyNetwork "identify.network" Identify Credential 401 "the API key may not be used from this address";
    IdentifyNotYetValid "identify.not-yet-valid" Identify Credential 401 "the token is not valid yet";
    IdentifyRevoked "identify.revoked" Identify Credential 401 "the credential was revoked";
    IdentifySignature "identify.signature" Identify Credential 401 "the signature of the token does not hold";
    IdentifyTokenMalformed "identify.token-malformed" Identify Credential 401 "the token is not a well-formed compact JWT";
    IdentifyTokenType "identify.token-type" Identify Credential 401 "the token is of another kind than an access token";
    IdentifyUnknownIssuer "identify.unknown-issuer" Identify Credential 401 "no configured issuer made this token";
    IdentifyUnknownKey "identify.unknown-api-key" Identify Credential 401 "the API key is not known";
    IdentifyUnsatisfied "identify.unsatisfied" Identify Credential 401 "the credential does not satisfy any declared security alternative";

    // limit
    LimitConcurrency "limit.concurrency" Limit Quota 429 "too many requests are under way";
    LimitRate "limit.rate" Limit Quota 429 "the rate limit is used up";

    // authorize
    AuthorizeCrossSite "authorize.cross-site" Authorize Credential 403 "a page of another site made the request with the user's cookies";
    AuthorizeDataMissing "authorize.data-missing" Authorize Credential 403 "what the owner is told by is not there";
    AuthorizeForeignObject "authorize.foreign-object" Authorize Credential 403 "the object belongs to another principal";
    AuthorizeLookupFailed "authorize.lookup-failed" Authorize Credential 503 "the owner of the object cannot be found out";
    AuthorizeNoObject "authorize.no-object" Authorize Credential 403 "there is no such object";
    AuthorizeOperation "authorize.operation" Authorize Credential 403 "the API key is not meant for this operation";
    AuthorizeScope "authorize.scope" Authorize Credential 403 "the credential lacks a required scope";

    // inspect
    InspectBodyMissing "inspect.body-missing" Inspect Contract 422 "a body is required and none was sent";
    InspectBodySchema "inspect.body-schema" Inspect Contract 422 "the body breaks its schema";
    InspectBodyUndeclared "inspect.body-undeclared" Inspect Contract 422 "the body has a member that no schema names";
    InspectBodyUnexpected "inspect.body-unexpected" Inspect Contract 422 "the operation declares no body";
    InspectContentType "inspect.content-type" Inspect Contract 415 "the operation does not declare this content type";
    InspectParameterMissing "inspect.parameter-missing" Inspect Contract 422 "a required parameter is missing";
    InspectParameterRepeated "inspect.parameter-repeated" Inspect Contract 422 "a parameter that is not a list is repeated";
    InspectParameterSchema "inspect.parameter-schema" Inspect Contract 422 "a parameter breaks its schema";
    InspectParameterUndeclared "inspect.parameter-undeclared" Inspect Contract 422 "the query names a parameter that is not declared";
    InspectPartHeader "inspect.part-header" Inspect Contract 422 "a part of the body lacks a header, or one breaks its schema";
    InspectXmlUnmapped "inspect.xml-unmapped" Inspect Contract 422 "the XML body holds what has no place in its schema";

    // shape: what the response did
    ShapeBodySchema "shape.body-schema" Shape Response 502 "the response body breaks its schema";
    ShapeBodyUnreadable "shape.body-unreadable" Shape Response 502 "the response body cannot be read";
    ShapeContentType "shape.content-type" Shape Response 502 "the response has an undeclared content type";
    ShapeErrorScrubbed "shape.error-scrubbed" Shape Response 502 "the error body told internals and was replaced";
    ShapeHeader "shape.header" Shape Response 502 "a response header breaks its schema";
    ShapeSecretField "shape.secret-field" Shape Response 502 "the response holds a field that the document calls secret";
    ShapeStatus "shape.status" Shape Response 502 "the response has an undeclared status";
    ShapeTooLarge "shape.too-large" Shape Response 502 "the response body is larger than can be shaped";
    ShapeUndeclaredField "shape.undeclared-field" Shape Response 502 "the response holds a field that the document does not promise";

    // the upstream and ourselves
    UpstreamBadResponse "upstream.bad-response" Forward Internal 502 "the API answered malformed HTTP";
    UpstreamConnect "upstream.connect" Forward Internal 502 "the API cannot be reached";
    UpstreamQueue "upstream.queue" Forward Internal 503 "too many requests wait for the API";
    UpstreamTimeout "upstream.timeout" Forward Internal 504 "the API did not answer in time";
    UpstreamTruncated "upstream.truncated" Forward Internal 502 "the API closed in the middle of its answer";
    InternalBudget "internal.budget" Decide Internal 503 "the work budget of this request is spent";
    InternalFault "internal.fault" Decide Internal 500 "an internal fault stopped the decision";
    InternalLeft "internal.left" Decide Internal 400 "the client left before a decision";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_dotted_name() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(names.iter().all(|name| name.contains('.')));
    }
}
