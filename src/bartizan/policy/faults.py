"""Every fault code in words: what is broken, why it matters, what mends it. For `explain`, offline.

Faults are of config, API document, Policy and command line; reasons of Decisions are in `words`.
A test holds this table against the codes that the source names.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultWords:
    """title: what is broken. why: what would go wrong if it passed. mend: what to write."""

    title: str
    why: str
    mend: str


_SILENT = "a setting that is read by nobody would be missing without a word"
_GUESS = "a guess would guard something else than what was meant"
_UNCHECKED = "what cannot be checked cannot be vouched for, so enforce refuses it"
_NO_EFFECT = "a reader of the document believes in a rule that nothing enforces"

FAULTS: dict[str, FaultWords] = {
    # bartizan.yaml
    "config.bad-expression": FaultWords(
        "a `${...}` expression is not well formed",
        "half an expression would stand in the place of a value",
        "write `${VAR}`, `${VAR:-default}` or `${file:path}`; `$${` is a plain `${`",
    ),
    "config.conflict": FaultWords(
        "two settings cannot stand together", _GUESS, "keep the one that the message names"
    ),
    "config.duplicate": FaultWords(
        "two entries of a list have one name",
        "which of the two counts could not be told",
        "give each entry a name of its own",
    ),
    "config.missing-key": FaultWords(
        "a key that must be written is missing",
        "there is no safe default for it",
        "write the key as the hint shows it",
    ),
    "config.placeholder": FaultWords(
        "an issuer that `bartizan init` wrote as a placeholder is still there",
        "names below `.invalid` belong to nobody (RFC 6761), so every token is refused",
        "write the URL of your issuer; take the entry out where the API takes no tokens",
    ),
    "config.plain-http": FaultWords(
        "keys would be fetched over plain HTTP",
        "whoever sits on the way could hand in keys of their own, and forge every token",
        "use an `https:` URL, or a file; `danger_allow_http: true` takes the risk",
    ),
    "config.plain-secret": FaultWords(
        "a secret stands in the config in plain",
        "configs are copied, diffed and committed; secrets must not travel with them",
        "keep it in a file of its own and write `${file:path}`, or `${VAR}`",
    ),
    "config.unknown-key": FaultWords(
        "a key is not known", _SILENT, "spell it as the hint says, or take it out"
    ),
    "config.unknown-word": FaultWords(
        "a value is none of the allowed words", _GUESS, "write one of the allowed words"
    ),
    "config.unreadable": FaultWords(
        "the config cannot be read",
        "without its config nothing may be served by guess",
        "name it with `--config`, mend its rights, or let `bartizan init` write one",
    ),
    "config.unreadable-file": FaultWords(
        "a file that `${file:...}` or `jwks` names cannot be read",
        "an empty secret in its place would open a door",
        "mend the path (it is relative to the config) or the rights of the file",
    ),
    "config.unset-variable": FaultWords(
        "an environment variable is not set",
        "an empty value in its place would be a guess",
        "set it, or write `${VAR:-default}`",
    ),
    "config.wrong-key": FaultWords(
        "a key of a mapping has the wrong form", _GUESS, "write it as the message shows"
    ),
    "config.wrong-value": FaultWords(
        "a value has the wrong type or form", _GUESS, "write it as the message shows"
    ),
    # documents of any kind
    "document.empty": FaultWords(
        "the document is empty", "it declares nothing to guard", "name the right file"
    ),
    "document.not-utf8": FaultWords(
        "the document is not UTF-8",
        "in another character set names and patterns would mean something else",
        "save it as UTF-8",
    ),
    "document.unreachable": FaultWords(
        "a URL of a document cannot be fetched",
        "without the document there is nothing to check requests against",
        "look whether the URL answers from this machine, or name a file",
    ),
    "json.duplicate-key": FaultWords(
        "a key stands twice in one JSON object",
        "readers keep the first or the last, and so disagree",
        "take one of them out",
    ),
    "json.number": FaultWords(
        "a number cannot be held by JSON", "readers would round it differently", "write it plainly"
    ),
    "json.syntax": FaultWords(
        "the text is not JSON",
        "what cannot be read cannot be checked",
        "mend it at the place that is named",
    ),
    "json.too-deep": FaultWords(
        "JSON is nested too deep", "reading it could exhaust the memory", "write it flatter"
    ),
    "yaml.alias": FaultWords(
        "a YAML alias cannot be followed",
        "aliases that have no anchor, or write out to millions of nodes, are mistakes or bombs",
        "write the value out",
    ),
    "yaml.duplicate-key": FaultWords(
        "a key stands twice in one YAML mapping",
        "readers keep the first or the last, and so disagree",
        "take one of them out",
    ),
    "yaml.key": FaultWords(
        "a YAML key is no plain text", "JSON has no such keys", "write the key as plain text"
    ),
    "yaml.number": FaultWords(
        "a number cannot be held by JSON", "readers would round it differently", "quote it"
    ),
    "yaml.several-documents": FaultWords(
        "a second YAML document begins in the same file",
        "everything behind `---` would be ignored",
        "take the second document out",
    ),
    "yaml.syntax": FaultWords(
        "the text is not YAML",
        "what cannot be read cannot be checked",
        "mend it at the place that is named: mostly indentation, a tab, or a missing quote",
    ),
    "yaml.tag": FaultWords(
        "a YAML tag is not supported",
        "tags make objects out of text, and mean something else to each reader",
        "take the tag out",
    ),
    "yaml.too-deep": FaultWords(
        "YAML is nested too deep", "reading it could exhaust the memory", "write it flatter"
    ),
    # recorded traffic
    "har.entry": FaultWords(
        "an entry of a HAR is not as HAR 1.2 writes it",
        "what was sent would have to be guessed",
        "export it again, or mend the entry at the place that is named",
    ),
    "har.syntax": FaultWords(
        "the HAR is no JSON in UTF-8", "what cannot be read cannot be judged", "export it again"
    ),
    # the API document
    "description.contradicted": FaultWords(
        "recorded traffic and the document disagree",
        "enforce would refuse what the API takes, or clients rely on what it never sends",
        "change the document as the hint says, or mend the API",
    ),
    "description.consumes": FaultWords(
        "`consumes` does not fit the body", _NO_EFFECT, "name the type that the body really has"
    ),
    "description.discriminator": FaultWords(
        "a discriminator cannot be used", _NO_EFFECT, "mend its mapping, or take it out"
    ),
    "description.idle-mark": FaultWords(
        "an `x-bartizan-` word stands where it does nothing",
        _NO_EFFECT,
        "write it at the document, a path or an operation",
    ),
    "description.item-schema": FaultWords(
        "`itemSchema` stands in a media type that is no sequence of items",
        _NO_EFFECT,
        "write `schema`, or a sequence such as `application/jsonl` or `text/event-stream`",
    ),
    "description.more-warnings": FaultWords(
        "there are more warnings than are listed",
        "a list without an end helps nobody",
        "mend those that are listed, then check again",
    ),
    "description.newer-keyword": FaultWords(
        "a keyword belongs to a later version of OpenAPI",
        _NO_EFFECT,
        "raise the version of the document, or use the keyword of this version",
    ),
    "description.no-operations": FaultWords(
        "the document declares no operation",
        "every request would be refused as undeclared",
        "name the right document, or declare operations below `paths`",
    ),
    "description.no-schema": FaultWords(
        "a body or parameter has no schema",
        "any value would pass there",
        "give it a schema",
    ),
    "description.not-enforced": FaultWords(
        "something in the document is read but not enforced", _NO_EFFECT, "do not count on it here"
    ),
    "description.not-openapi": FaultWords(
        "the document is no OpenAPI document",
        "there is nothing in it to check requests against",
        "name the right file; it begins with `openapi: 3.1.0` or `swagger: '2.0'`",
    ),
    "description.nullable": FaultWords(
        "`nullable` has no effect here",
        _NO_EFFECT,
        "write `type` beside it, and `null` into `enum`",
    ),
    "description.path-item": FaultWords(
        "a path item is not as OpenAPI writes it", _UNCHECKED, "mend it at the line that is named"
    ),
    "description.path-parameter": FaultWords(
        "path and path parameters do not fit each other",
        "a parameter without its place in the path is checked nowhere",
        "declare each `{name}` of the path once, with `in: path`",
    ),
    "description.paths": FaultWords(
        "`paths` is no mapping of paths to operations",
        "a document without paths would guard nothing",
        "write each path as a key below `paths`",
    ),
    "description.security-scheme": FaultWords(
        "a security scheme cannot be read",
        "a credential that is not understood is not verified",
        "mend the scheme at the line that is named",
    ),
    "description.too-deep": FaultWords(
        "schemas are nested too deep",
        "checking against them could exhaust the memory",
        "write them flatter, or name parts with `$ref`",
    ),
    "description.too-large": FaultWords(
        "the document is too large", "reading it could exhaust the memory", "split it"
    ),
    "description.unknown-field": FaultWords(
        "a field is not known to this version of OpenAPI",
        _NO_EFFECT,
        "spell it as OpenAPI does; own fields begin with `x-`",
    ),
    "description.unknown-mark": FaultWords(
        "an `x-bartizan-` word is not one of ours",
        _SILENT,
        "take the word that the hint offers; what is set in the config alone is written there",
    ),
    "description.unknown-keyword": FaultWords(
        "a schema keyword is not known",
        _NO_EFFECT,
        "spell it as JSON Schema does; own keywords begin with `x-`",
    ),
    "description.unreadable": FaultWords(
        "a document cannot be read",
        "without it there is nothing to check requests against",
        "mend the path or the rights of the file",
    ),
    "description.unrepresentable": FaultWords(
        "operations are declared in a way that cannot be checked",
        _UNCHECKED,
        "mend the document at the line that is named",
    ),
    "description.version": FaultWords(
        "the version of the document is not supported",
        "words of another version mean something else",
        "use one of the versions that the hint lists",
    ),
    "description.xml-unmapped": FaultWords(
        "XML bodies cannot be held against a schema",
        "what cannot be checked is refused, and so are honest XML bodies of this schema",
        "name members by `properties` and their `xml`, or declare no XML for this operation",
    ),
    # mounts
    "mount.no-document": FaultWords(
        "a mount has no document",
        "without operations every request would be unknown",
        "give it: `protect(app, openapi='openapi.yaml')`",
    ),
    "mount.no-lookup": FaultWords(
        "an `owns` names a kind of object that no `protect` has a look-up for",
        "nobody could ever get such an object, which is noticed only in operation",
        "give `protect(owners={...})` a look-up for it, or spell both alike",
    ),
    # overlays
    "overlay.action": FaultWords(
        "an action of an overlay cannot be done",
        _GUESS,
        "give the action a `target`, and an `update` of the same kind as what stands there",
    ),
    "overlay.no-document": FaultWords(
        "an overlay is for a document that the API does not have",
        "what it was to set would be set nowhere",
        "mend `extends`, list it at the API that has the document, or name the document in the "
        "config: `overlays: { openapi.yaml: [over.yaml] }`",
    ),
    "overlay.no-effect": FaultWords(
        "a field of an overlay action does nothing",
        _NO_EFFECT,
        "take the field out, or write a second action",
    ),
    "overlay.no-match": FaultWords(
        "the target of an overlay action matches nothing",
        "the document has changed under the overlay, and what it set is set no more",
        "mend the target, or take the action out",
    ),
    "overlay.not-overlay": FaultWords(
        "the file is not an OpenAPI overlay", _GUESS, "begin the file with `overlay: 1.1.0`"
    ),
    "overlay.target": FaultWords(
        "a target is not a JSONPath, or names what cannot be changed so",
        _GUESS,
        "write a JSONPath of RFC 9535, as in `$.paths['/users'].get`",
    ),
    "overlay.version": FaultWords(
        "the version of the overlay is not supported",
        "words of another version mean something else",
        "use Overlay 1.0 or 1.1",
    ),
    # the policy that both make
    "policy.audience-missing": FaultWords(
        "an issuer has no audience",
        "a token that was made for another API would open this one",
        "write `audiences`, this API's name in its tokens; `audience_rule: any` takes the risk",
    ),
    "policy.exposure-contradicts": FaultWords(
        "exposure and security of an operation contradict each other",
        "its reader believes in the one, and the other is in force",
        "take one of the two out, as the hint says",
    ),
    "policy.internal-everybody": FaultWords(
        "every caller counts as internal",
        "a proxy on the same host makes all its callers look local, so that internal operations "
        "are open to the world",
        "name the proxy under `trusted_proxies`, or take loopback out of `internal`",
    ),
    "policy.internal-unnamed": FaultWords(
        "operations are internal, and no network is named whose callers reach them",
        "private networks are no safe guess: behind a proxy every caller comes from one",
        "write `internal:` with the networks of your own callers, or `[]` for none",
    ),
    "policy.personal-open": FaultWords(
        "everybody may call an operation that gives personal data",
        "data about people goes to whoever asks, without a trace of who it was",
        "declare `security`, or write `x-bartizan-exposure: partner` or `internal`",
    ),
    "policy.keys-unasked": FaultWords(
        "API keys are configured, and no operation takes one",
        "a caller with a good key would be let in no further than one without",
        "declare a scheme of type `apiKey` in the description or an overlay, or write "
        "`security: required` for the operations",
    ),
    "policy.no-usable-key": FaultWords(
        "a file of keys holds none that a token could be verified by",
        "every token of its issuer would be refused, and nobody would know why",
        'write the JWK set of the issuer into it: `{"keys": [...]}` with its public keys',
    ),
    "policy.nobody-believed": FaultWords(
        "operations want a credential, and nothing can verify one",
        "every request to them would be refused, or nobody would be checked",
        "configure an issuer or API keys under `auth`",
    ),
    "policy.opened-by-document": FaultWords(
        "a document opens an operation that its own `security` protects",
        "whoever can change the document can open the API",
        "take `x-bartizan-auth: none` out, or write `require: always` under `auth`",
    ),
    "policy.outside-prefix": FaultWords(
        "paths of an API do not begin with its prefix",
        "no request could ever reach them",
        "write `strip_prefix: true` if the document does not name the prefix, else `base_path`",
    ),
    "policy.open-operations": FaultWords(
        "operations take requests without a credential",
        "what the document forgot to protect is open to everyone",
        "declare `security` in the document, or write `require: always` under `auth`, "
        "`x-bartizan-auth: required` or `security: required` for the operation; `security: none` "
        "says that it is meant",
    ),
    "policy.presence-only": FaultWords(
        "a credential is only looked for, not verified",
        "any text in its place passes; the API itself must verify it",
        "use a scheme that can be verified: access tokens of an issuer, or API keys",
    ),
    "policy.private-key": FaultWords(
        "a file of public keys holds a private key",
        "who reads it can make tokens for anybody; the gateway needs public keys only",
        "keep the private key with its issuer, change it if others could read it, and write the "
        "JWK set of the public keys into the file",
    ),
    "policy.refused": FaultWords(
        "the gateway would refuse to load this policy",
        "it never runs on half a policy",
        "mend what the message names",
    ),
    "policy.rule-cannot-be-excepted": FaultWords(
        "this rule takes no exception",
        "an exception from it would open a door, not mend a false alarm",
        "another credential, another limit or shadow mends it",
    ),
    "policy.rule-cannot-be-relaxed": FaultWords(
        "this rule cannot be relaxed",
        "two readings of one request are never passed on",
        "mend the client; or write an exception where the message offers one",
    ),
    "policy.scheme-without-keys": FaultWords(
        "the document declares API keys, and the config has none",
        "keys are then only looked for, not verified",
        "add them with `bartizan keys`",
    ),
    "policy.secret-uncut": FaultWords(
        "a response may hold a secret in a format out of which no field can be taken",
        "only JSON is taken apart, so the whole response is refused instead of the field",
        "let the API give it as JSON, or write `shape: { secrets: pass }` for the operation",
    ),
    "policy.too-many-refused": FaultWords(
        "too many schemas cannot be checked", _UNCHECKED, "mend those that are named first"
    ),
    "policy.unknown-operation": FaultWords(
        "the document does not declare this operation",
        "the setting would apply to nothing, and the operation that was meant stays without it",
        "write it as the document does, as in `POST /users/{id}`",
    ),
    "policy.unknown-field": FaultWords(
        "an exception names a field that its operation does not declare",
        "it would cover nothing, and what it is written for would be refused",
        "spell it as the hint says, or take the exception out",
    ),
    "policy.unknown-place": FaultWords(
        "an exception names a part of the message that does not exist",
        "it would cover nothing, and what it is written for would be refused",
        "begin the field with `body`, `query`, `header`, `path`, `cookie` or as the hint says",
    ),
    "policy.unknown-rule": FaultWords(
        "there is no rule of this name", _SILENT, "spell it as `bartizan explain` does"
    ),
    "policy.unknown-scheme": FaultWords(
        "`security` names a scheme that the document does not declare",
        "a credential that nobody described is not verified",
        "declare the scheme, or use the name of one that is declared",
    ),
    "policy.unwritten-reason": FaultWords(
        "an exception says `FILL IN` where its reason should stand",
        "whoever reads the config later cannot tell an open door from a mended false alarm",
        "write why it is honest traffic; `bartizan admit REF --reason` writes it for you",
    ),
    # the command line
    "usage.bad-reference": FaultWords(
        "this is no reference id",
        "no record could be found by it",
        "copy the 16 letters and digits of `instance` out of the answer",
    ),
}
