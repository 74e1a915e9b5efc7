"""Every reason code in words: why it is refused, and what mends it. For `explain`, offline.

Names, classes and statuses stay in the table of the core; here are only the sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Words:
    """why: what can go wrong if it passes. mend: what an honest caller or the owner does."""

    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class CodeFact:
    """One row of the core's table. kind: its class, lower case (`content`, `contract`, ...)."""

    name: str
    stage: str
    kind: str
    status: int
    title: str


@cache
def code_facts() -> dict[str, CodeFact]:
    """The core's table of codes, by name."""
    from bartizan import _core

    rows = (
        CodeFact(n, stage, kind.lower(), status, title)
        for n, stage, kind, status, title in _core.codes()
    )
    return {fact.name: fact for fact in rows}


_SPLIT = "two readers can cut such bytes into different requests, and one hides behind the other"
_HEADER = "send each header on one line as `name: value`, with CR LF at its end"
_EVADE = "a check that reads the path one way and an API that reads it another can be played apart"
_TOKEN = "get a fresh access token from the issuer and send it as `Authorization: Bearer <token>`"  # noqa: S105, a sentence
_SIZE = "unbounded parts let a small request cost much memory or time"

WORDS: dict[str, Words] = {
    # wire
    "wire.bad-chunk": Words(_SPLIT, "send chunks as RFC 9112 section 7.1 writes them"),
    "wire.bad-expectation": Words(
        "an expectation nobody knows cannot be met, and guessing it changes when the body is sent",
        "send `Expect: 100-continue` or no `Expect` at all",
    ),
    "wire.bad-field": Words(_SPLIT, _HEADER),
    "wire.bad-length": Words(_SPLIT, "send `Content-Length` once, as digits only"),
    "wire.bad-method": Words(
        "a method with odd characters is read differently along the way",
        "use a plain method such as `GET`",
    ),
    "wire.bad-request-line": Words(
        _SPLIT, "send `METHOD target HTTP/1.1` with single spaces and CR LF at its end"
    ),
    "wire.bad-status-line": Words(
        "an answer that is not clean HTTP can poison the next one on its connection",
        "mend the API's answer; nothing in the request is to blame",
    ),
    "wire.bad-trailer": Words(
        "a field after the body can replace one that was checked before it",
        "send this field in the head of the request",
    ),
    "wire.bad-transfer-encoding": Words(
        _SPLIT, "send `Transfer-Encoding: chunked` alone; compress with `Content-Encoding`"
    ),
    "wire.bad-version": Words(
        "framing rules depend on the version, so an unknown one cannot be framed", "use HTTP/1.1"
    ),
    "wire.bare-line-feed": Words(_SPLIT, _HEADER),
    "wire.body-timeout": Words(
        "slow bodies hold connections until none is left for others",
        "send the body without long pauses; the owner may raise `timeouts.body_ms`",
    ),
    "wire.duplicate-host": Words(
        "one reader routes by the first `Host`, the next checks the last", "send `Host` once"
    ),
    "wire.duplicate-length": Words(_SPLIT, "send `Content-Length` once"),
    "wire.field-too-large": Words(
        _SIZE, "send less in this header; large data belongs in the body"
    ),
    "wire.head-timeout": Words(
        "slow heads hold connections until none is left for others",
        "send the head in one go; the owner may raise `timeouts.head_ms`",
    ),
    "wire.head-too-large": Words(_SIZE, "send fewer or shorter headers and cookies"),
    "wire.length-and-chunked": Words(_SPLIT, "send either `Content-Length` or `Transfer-Encoding`"),
    "wire.method-refused": Words(
        "CONNECT opens a tunnel past every check, and TRACE shows headers to scripts",
        "use another method",
    ),
    "wire.missing-host": Words(
        "without `Host` the API and the checks may think of different sites", "send `Host`"
    ),
    "wire.obsolete-fold": Words(_SPLIT, _HEADER),
    "wire.target-too-long": Words(_SIZE, "send long data in the body instead of the target"),
    "wire.too-many-fields": Words(_SIZE, "send fewer header fields"),
    "wire.too-many-interim": Words(
        "interim answers without end hold the connection for ever",
        "mend the API's answer; nothing in the request is to blame",
    ),
    "wire.transfer-encoding-in-1.0": Words(_SPLIT, "use HTTP/1.1, or `Content-Length`"),
    "wire.truncated": Words(
        "half a request was never meant to be acted upon",
        "send the request again; look at the network between the client and here if it recurs",
    ),
    "wire.upgrade-refused": Words(
        "after an upgrade the bytes are no longer requests that can be checked",
        "call the API over plain HTTP; only `protect(app)` lets WebSockets through",
    ),
    # parse
    "parse.bad-body-text": Words(
        "text that is not valid in its character set is decoded differently by each reader",
        "send the text as UTF-8",
    ),
    "parse.bad-coding": Words(
        "a body that does not unpack cleanly cannot be checked whole",
        "compress the body as `Content-Encoding` says, or send it plain",
    ),
    "parse.bad-content-type": Words(
        "a body whose type is unclear is parsed by guess, and a guess can be steered",
        "send one plain `Content-Type` such as `application/json`",
    ),
    "parse.bad-cookie": Words(
        "cookies that parse in two ways let one value be checked and another be used",
        "send cookies as `name=value; name=value`",
    ),
    "parse.bad-form": Words(
        "a form that parses in two ways lets one value be checked and another be used",
        "encode the form as `application/x-www-form-urlencoded` asks",
    ),
    "parse.bad-host": Words(
        "a `Host` with other characters ends up in links, cache keys and routes",
        "send a host name and, if needed, a port",
    ),
    "parse.bad-json": Words(
        "JSON that readers mend in different ways says one thing here and another in the API",
        "send strict JSON (RFC 8259): no comments, no trailing commas, no `NaN`",
    ),
    "parse.bad-multipart": Words(
        "loose boundaries and part heads hide files from the checks that look for them",
        "send multipart as RFC 7578 writes it",
    ),
    "parse.bad-percent": Words(_EVADE, "write a literal percent sign as `%25`"),
    "parse.bad-query": Words(
        "raw characters in the query are read differently along the way",
        "percent-encode everything that is not plain text",
    ),
    "parse.bad-target": Words(_EVADE, "send a target that starts with `/`"),
    "parse.bad-utf8": Words(
        "invalid or overlong UTF-8 is a classic way to write a forbidden character differently",
        "percent-encode text as UTF-8",
    ),
    "parse.bad-xml": Words(
        "XML that readers mend in different ways says one thing here and another in the API",
        "send well-formed XML 1.0 in UTF-8, with namespaces and only the five entities",
    ),
    "parse.body-too-large": Words(
        _SIZE, "send less, or let the owner raise the cap of this operation"
    ),
    "parse.connection-names": Words(
        "a hop that obeys `Connection` would take this field away before the API can read it",
        "do not name end-to-end fields in `Connection`",
    ),
    "parse.cookie-limit": Words(_SIZE, "send fewer cookies"),
    "parse.decoded-too-large": Words(
        "a small compressed body that unpacks to a huge one is a bomb",
        "send less, or let the owner raise the cap of this operation",
    ),
    "parse.dot-segment": Words(_EVADE, "send the path already resolved, without `.` and `..`"),
    "parse.double-slash": Words(_EVADE, "send the path without empty segments"),
    "parse.duplicate-key": Words(
        "one reader keeps the first of two equal keys, the next keeps the last",
        "name each key of an object once",
    ),
    "parse.duplicate-singleton": Words(
        "one reader takes the first of two equal headers, the next takes the last",
        "send this header once",
    ),
    "parse.encoded-backslash": Words(
        _EVADE + "; some APIs take a backslash for a slash", "send the path without backslashes"
    ),
    "parse.encoded-dot": Words(_EVADE, "send dots plainly"),
    "parse.encoded-nul": Words(
        "a NUL or control character cuts strings short or breaks lines in logs",
        "send text without control characters",
    ),
    "parse.encoded-percent": Words(
        "an encoded percent sign is decoded twice by some readers, and changes meaning",
        "do not encode twice; the owner may relax this where percent signs are honest data",
    ),
    "parse.encoded-slash": Words(
        "some readers split the path at an encoded slash, others do not",
        "avoid slashes inside path values; the owner may relax this where they are honest data",
    ),
    "parse.foreign-authority": Words(
        "target and `Host` name two sites: one is checked, the other may be served",
        "send the same host in both, or a target that starts with `/`",
    ),
    "parse.fragment": Words(
        "a fragment never belongs on the wire; readers cut it or keep it as they like",
        "drop everything from `#` on",
    ),
    "parse.json-limit": Words(_SIZE, "send flatter or smaller JSON; the owner may raise `budget`"),
    "parse.json-number": Words(
        "a number beyond exact range is rounded by some readers and not by others",
        "send such numbers as strings, or within exact range",
    ),
    "parse.method-override": Words(
        "the checks look at the method on the wire, the API would run another",
        "use the real method and the real target",
    ),
    "parse.nested-multipart": Words(
        "some readers take the inner parts for parts of the whole, and what was checked is not "
        "what they see",
        "send each inner part as one of the outer ones",
    ),
    "parse.prototype-key": Words(
        "a key such as `__proto__` can change how every object of a JavaScript API behaves",
        "use another key name",
    ),
    "parse.query-limit": Words(_SIZE, "send fewer pairs"),
    "parse.semicolon": Words(
        "some servers cut path parameters off at a semicolon, others keep them",
        "percent-encode the semicolon as `%3B`; the owner may relax this",
    ),
    "parse.underscore-field": Words(
        "many servers turn `-` into `_`, so `X_User` can pose as the trusted `X-User`",
        "use `-` in header names; the owner may relax this",
    ),
    "parse.unsupported-charset": Words(
        "text in another character set is read differently by the checks and the API",
        "send UTF-8",
    ),
    "parse.unsupported-coding": Words(
        "a body that cannot be unpacked cannot be checked", "send gzip, deflate, br, zstd or plain"
    ),
    "parse.xml-comment": Words(
        "some readers end a text at a comment, others read on behind it, so one value becomes two",
        "keep comments outside of texts; the owner may relax this",
    ),
    "parse.xml-doctype": Words(
        "a document type can declare entities that read files, call hosts or grow without end",
        "send no DOCTYPE; the owner may relax this for one that declares nothing itself",
    ),
    "parse.xml-include": Words(
        "XInclude lets the reader behind fetch files and hosts that the sender names",
        "send the content itself; the owner may relax this",
    ),
    "parse.xml-instruction": Words(
        "a processing instruction speaks to the reader behind, such as a style sheet to be fetched",
        "send no processing instruction; the owner may relax this",
    ),
    "parse.xml-limit": Words(_SIZE, "send flatter or smaller XML; the owner may raise `budget`"),
    # match
    "match.internal": Words(
        "an operation for one's own callers is a way in for everybody else; "
        "to them it looks like one that is not declared",
        "call it from a network that `internal` names, or change its `exposure`",
    ),
    "match.internal-method": Words(
        "an operation for one's own callers is a way in for everybody else; "
        "to them it looks like a method that is not declared",
        "call it from a network that `internal` names, or change its `exposure`",
    ),
    "match.unknown-method": Words(
        "a method that the document does not declare is often a forgotten or debug door",
        "use a declared method, or add the operation to the API document",
    ),
    "match.unknown-path": Words(
        "a path that the document does not declare is often a forgotten or debug door",
        "use a declared path, or add the operation to the API document",
    ),
    "match.unrepresentable": Words(
        "the operation is declared in a way that cannot be checked, so nothing vouches for it",
        "mend the API document at the line that `bartizan check` names",
    ),
    # identify
    "identify.algorithm": Words(
        "an attacker who picks the algorithm can turn a public key into a shared secret", _TOKEN
    ),
    "identify.audience": Words(
        "a token made for another API would open this one", "ask the issuer for this API's audience"
    ),
    "identify.binding": Words(
        "a token bound to a key is worth nothing without proof of that key", _TOKEN
    ),
    "identify.credential-conflict": Words(
        "with two credentials one may be checked and the other used", "send one credential"
    ),
    "identify.credential-malformed": Words(
        "a malformed credential is read differently along the way",
        "send the credential exactly as the scheme writes it",
    ),
    "identify.credential-missing": Words(
        "the operation declares that callers say who they are", "send a credential"
    ),
    "identify.expired": Words("an old token may be a stolen one", _TOKEN),
    "identify.header-refused": Words(
        "members such as `jku`, `jwk` and `crit` let a token bring its own keys or rules", _TOKEN
    ),
    "identify.issued-ahead": Words(
        "a token from the future comes from a wrong clock or a forger", _TOKEN
    ),
    "identify.key-unknown": Words(
        "without the issuer's key nothing shows that the issuer made the token", _TOKEN
    ),
    "identify.keys-unavailable": Words(
        "without the issuer's keys no token can be verified, so none is believed",
        "try again later; the owner looks at the issuer's key address",
    ),
    "identify.lifetime": Words(
        "a token that lives very long is a stolen key that never ends",
        "ask the issuer for short-lived tokens; the owner may raise `lifetime_max`",
    ),
    "identify.network": Words(
        "the key was issued for some networks alone, and may be stolen elsewhere",
        "call from one of its networks; the owner looks at `bartizan keys show ID`",
    ),
    "identify.not-yet-valid": Words(
        "the issuer says that the token does not count yet", "wait, or mend the clock"
    ),
    "identify.revoked": Words("the credential was taken back", "get a new credential"),
    "identify.signature": Words(
        "a signature that does not hold means that the token was made or changed by someone else",
        _TOKEN,
    ),
    "identify.token-malformed": Words("a token that is not well formed cannot be verified", _TOKEN),
    "identify.token-type": Words(
        "an identity or refresh token was never meant to open an API",
        "get an access token from the issuer; the owner may list another `typ` under `types`",
    ),
    "identify.unknown-issuer": Words(
        "anyone can run an issuer; only the configured ones are believed",
        "get the token from a configured issuer, or let the owner add the issuer under `auth`",
    ),
    "identify.unknown-api-key": Words(
        "the key was never issued, or is mistyped", "send a known key"
    ),
    "identify.unsatisfied": Words(
        "the operation declares which credentials it takes, and this is none of them",
        "send a credential of a declared kind",
    ),
    # limit
    "limit.concurrency": Words(
        "one caller with many requests under way leaves no room for others",
        "wait for answers before sending more",
    ),
    "limit.rate": Words(
        "without a limit floods and guessing cost the caller nothing",
        "wait as `Retry-After` says",
    ),
    # authorize
    "authorize.cross-site": Words(
        "the browser adds the user's cookies whoever wrote the page that sends the request",
        "send it from a page of the API, list the page's origin, or use a token instead of cookies",
    ),
    "authorize.data-missing": Words(
        "without a proven principal, an id and a look-up nobody can tell whose the object is",
        "the owner of the app sees to it: `expected` names what is missing",
    ),
    "authorize.foreign-object": Words(
        "whoever may change an id in a path reads and writes what belongs to others",
        "ask for an object of your own; staff need the scope that the declaration names",
    ),
    "authorize.lookup-failed": Words(
        "an owner that cannot be found out could be anybody",
        "try again later; the owner of the app mends the look-up named in its log",
    ),
    "authorize.no-object": Words(
        "an answer that differs from that for a foreign object tells which ids exist",
        "ask for an object that exists",
    ),
    "authorize.operation": Words(
        "a key that is meant for some operations shall open no others when it is stolen",
        "use a key that is meant for this operation; the owner looks at `bartizan keys show ID`",
    ),
    "authorize.scope": Words(
        "the caller is known but was not given this right",
        "ask the issuer for a token with the scope that the operation declares",
    ),
    # inspect
    "inspect.body-missing": Words(
        "the API expects a body, and code that gets none often fails open", "send the body"
    ),
    "inspect.body-schema": Words(
        "data outside the contract reaches code that nobody tested with it",
        "send the body as the API document describes it",
    ),
    "inspect.body-undeclared": Words(
        "an API that copies whole objects takes what nobody meant to offer (mass assignment)",
        "drop the member, or declare it in the API document",
    ),
    "inspect.body-unexpected": Words(
        "a body that nobody promised to read is a place to hide things", "send no body"
    ),
    "inspect.content-type": Words(
        "a type that the document does not declare reaches a parser that nobody meant to expose",
        "send a declared content type",
    ),
    "inspect.parameter-missing": Words(
        "the API expects this parameter, and code that gets none often fails open",
        "send the parameter",
    ),
    "inspect.parameter-repeated": Words(
        "one reader takes the first of two equal parameters, the next takes the last",
        "send the parameter once",
    ),
    "inspect.parameter-schema": Words(
        "data outside the contract reaches code that nobody tested with it",
        "send the parameter as the API document describes it",
    ),
    "inspect.parameter-undeclared": Words(
        "a parameter that nobody promised often switches on what nobody meant to offer",
        "drop the parameter, or declare it in the API document",
    ),
    "inspect.part-header": Words(
        "the header of a part says what its content is, and code that trusts it is misled",
        "send the header as the API document describes it",
    ),
    "inspect.xml-unmapped": Words(
        "an element out of place is read by one reader and passed over by another",
        "send elements, attributes and namespaces as the `xml` objects of the API document say",
    ),
    # shape
    "shape.body-schema": Words(
        "clients rely on the contract; a breach often means an error page or too much data",
        "mend the API or its document",
    ),
    "shape.body-unreadable": Words(
        "a body that cannot be read cannot be checked for what it tells", "mend the API's answer"
    ),
    "shape.content-type": Words(
        "an undeclared type can make a browser run what was meant as data",
        "mend the API or declare the type",
    ),
    "shape.error-scrubbed": Words(
        "stack traces, SQL and versions in errors show an attacker where to go on",
        "turn debug output off in the API",
    ),
    "shape.header": Words(
        "clients rely on the contract of response headers", "mend the API or its document"
    ),
    "shape.secret-field": Words(
        "what opens something is of no use to a reader of the response, and to a thief it is",
        "take it out in the API, or write an exception for the one field that clients need",
    ),
    "shape.status": Words(
        "an undeclared status is often an error that nobody handles", "declare it, or mend the API"
    ),
    "shape.too-large": Words(
        "a response larger than can be held cannot be checked",
        "page the answer, or raise `budget.shape_max_bytes`",
    ),
    "shape.undeclared-field": Words(
        "fields that the document does not promise are how personal data leaks",
        "declare the field if clients may see it, or take it out in the API",
    ),
    # upstream and ourselves
    "upstream.bad-response": Words(
        "an answer that is not clean HTTP can poison the next one on its connection",
        "mend the API's answer; nothing in the request is to blame",
    ),
    "upstream.connect": Words(
        "the API cannot be reached, so there is nothing to answer with",
        "start the API, or mend `upstream` in the config",
    ),
    "upstream.queue": Words(
        "more waiting would only make every caller slower",
        "try again later; the owner may raise `pool` or give the API more room",
    ),
    "upstream.timeout": Words(
        "waiting for ever holds connections until none is left",
        "try again later; the owner may raise `timeouts`",
    ),
    "upstream.truncated": Words(
        "half an answer must not pass for a whole one", "look at the API's log for this time"
    ),
    "internal.budget": Words(
        "every request has a bound of work, so that none can starve the others",
        "send a smaller request; the owner may raise `budget`",
    ),
    "internal.fault": Words(
        "an error while deciding is a refusal, never an open door",
        "report this reference id: it is a fault of Bartizan",
    ),
    "internal.left": Words(
        "the client left before there was a decision, so nothing was forwarded",
        "nothing to do unless it recurs",
    ),
}
