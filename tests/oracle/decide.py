"""A slow, plain `decide`: from the OpenAPI document and the config, by `jsonschema` and
`cryptography`, without any line or form of the core. It knows what the corpus API uses, no more:
routes, credentials, scopes, parameters of every style, JSON bodies, JSON responses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import unquote, unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from jsonschema import Draft202012Validator, FormatChecker

from tests.replay.asgi import body_of
from tests.replay.rows import Expect, Finding, found
from tests.replay.world import World, standing

Json = dict[str, Any]
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
ABSENT: Any = object()


class Refused(Exception):
    """A stage that ends the river."""

    def __init__(self, status: int, *findings: Finding) -> None:
        super().__init__(status)
        self.status, self.findings = status, findings


@dataclass
class Asked:
    """A request in plain values."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    fields: list[tuple[str, str]]
    body: bytes
    captures: dict[str, str] = field(default_factory=dict)
    peer: str = ""

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for known, value in self.fields if known == name]

    @property
    def cookies(self) -> list[tuple[str, str]]:
        """All cookies."""
        pieces = [piece.strip() for value in self.values("cookie") for piece in value.split(";")]
        return [(name, value) for name, _, value in (piece.partition("=") for piece in pieces)]


@dataclass(frozen=True)
class Oracle:
    """The API as its document and config tell it."""

    document: Json
    config: Json
    jwks: list[Json]
    now_s: int
    standing: Json
    entry: Json = field(default_factory=dict)
    """The entry of `apis`, where there are several."""

    @classmethod
    def of(cls, world: World, now_s: int) -> Oracle:
        """Reads what the world wrote."""
        document = json.loads((world.folder / "openapi.json").read_text())
        return cls(
            document,
            world.data,
            json.loads(world.keys.jwks)["keys"],
            now_s,
            json.loads(standing(now_s)),
        )

    def decide(self, capture: Json) -> Expect:
        """The Decision of one Exchange, findings of its response included."""
        asked = _asked(capture["request"])
        asked.peer = capture["peer"]
        try:
            operation, name = self._match(asked, asked.peer)
            if "controls" in self.config["operations"].get(name, {}):
                raise NotImplementedError(name)
            self._identify(asked, operation, name)
            self._cross_site(asked, operation)
            self._inspect(asked, operation, name)
        except Refused as refused:
            verdict = {401: "challenge", 429: "throttle"}.get(refused.status, "deny")
            return Expect(verdict, refused.status, refused.findings)
        findings = self._shape(operation, name, capture.get("response"), asked.method)
        return Expect("allow", 0, tuple(findings))

    # match

    def _match(self, asked: Asked, peer: str) -> tuple[Json, str]:
        method = "get" if asked.method == "HEAD" else asked.method.lower()
        fitting = [
            (path, item) for path, item in self.document["paths"].items() if _fit(path, asked)
        ]
        # A written path goes before a template.
        for path, item in sorted(fitting, key=lambda one: one[0].count("{")):
            if method in item:
                _fit(path, asked)
                self._keep(item, method, peer)
                shared = item.get("parameters", [])
                operation = item[method]
                operation = operation | {"parameters": [*shared, *operation.get("parameters", [])]}
                return operation, f"{method.upper()} {path}"
        if any(self._seen(item, peer) for _, item in fitting):
            raise Refused(405, found("match.unknown-method", "target"))
        raise Refused(404, found("match.unknown-path", "target"))

    def _seen(self, item: Json, peer: str) -> list[str]:
        """Methods of a path that this caller may know of."""
        methods = ("get", "put", "post", "delete", "patch")
        return [one for one in methods if one in item and not self._is_kept(item, one, peer)]

    def _is_kept(self, item: Json, method: str, peer: str) -> bool:
        exposure = item[method].get("x-bartizan-exposure", item.get("x-bartizan-exposure"))
        networks = [ipaddress.ip_network(one) for one in self.config["internal"]]
        is_own = any(ipaddress.ip_address(peer) in network for network in networks)
        return exposure == "internal" and not is_own

    def _keep(self, item: Json, method: str, peer: str) -> None:
        if self._is_kept(item, method, peer):
            if self._seen(item, peer):
                raise Refused(405, found("match.internal-method", "target"))
            raise Refused(404, found("match.internal", "target"))

    # identify and authorize

    def _identify(self, asked: Asked, operation: Json, called: str) -> None:
        alternatives = operation.get("security", [])
        if operation.get("x-bartizan-exposure") == "partner":
            # Nobody in particular is nobody; by default the two that can be verified.
            own: list[Json] = [{"jwt": []}, {"key": []}]
            filled = [one for group in alternatives for one in ([group] if group else own)]
            alternatives = filled or own
        schemes = self.document["components"]["securitySchemes"]
        used = [name for name in schemes if any(name in one for one in alternatives)]
        held: dict[str, list[str]] = {}
        refused: list[tuple[int, Finding]] = []
        for name in used:
            place, where = _carrier(schemes[name])
            try:
                scopes = self._verify(asked, name, schemes[name])
            except Refused as one:
                refused.append((one.status, found(one.findings[0][0], place, where)))
            else:
                if scopes is not None:
                    held[name] = scopes
        tokens = {name for name in held if name.startswith("jwt")}
        if len(tokens) > 1 and not any(tokens <= set(one) for one in alternatives):
            refused.append((400, found("identify.credential-conflict", "connection")))
        place, where = _carrier(schemes[used[0]]) if used else ("connection", "")
        fits = [one for one in alternatives if all(name in held for name in one)]
        if not refused and alternatives and not fits:
            code = "identify.unsatisfied" if held else "identify.credential-missing"
            refused.append((401, found(code, place, where)))
        if refused:
            refused.sort(key=lambda one: ("query header cookie".find(one[1][1]), one[1]))
            raise Refused(refused[0][0], *(finding for _, finding in refused))
        self._require_meant(asked, called)
        if fits and not any(
            all(set(needed) <= set(held[name]) for name, needed in one.items()) for one in fits
        ):
            lacking = next(
                name for one in fits for name in one if not set(one[name]) <= set(held[name])
            )
            raise Refused(403, found("authorize.scope", *_carrier(schemes[lacking])))

    def _require_meant(self, asked: Asked, called: str) -> None:
        """A key may be for some operations alone."""
        for value in asked.values("x-api-key"):
            key = self._issued(value) or self._configured(value)
            if key and key.get("operations") and called not in key["operations"]:
                raise Refused(403, found("authorize.operation", "header", "x-api-key"))

    def _cross_site(self, asked: Asked, operation: Json) -> None:
        """An unsafe request with a declared cookie names an own page, or nothing."""
        schemes = self.document["components"]["securitySchemes"]
        carriers = [
            _carrier(schemes[name]) for one in operation.get("security", []) for name in one
        ]
        sent = {name for name, _ in asked.cookies}
        is_ambient = any(place == "cookie" and where in sent for place, where in carriers)
        if asked.method in {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"} or not is_ambient:
            return
        origins, sites = asked.values("origin"), asked.values("sec-fetch-site")
        if origins and origins[0] in self.config["cors"]["origins"]:
            return
        if sites:
            is_own = sites[0] in {"same-origin", "none"}
        else:
            is_own = not origins or origins[0].partition("://")[2] == asked.values("host")[0]
        if not is_own:
            name = "origin" if origins else "sec-fetch-site"
            raise Refused(403, found("authorize.cross-site", "header", name))

    def _verify(self, asked: Asked, name: str, scheme: Json) -> list[str] | None:
        """Scopes of the credential, None where there is none."""
        place, where = _carrier(scheme)
        values = {
            "header": asked.values(where), "query": [v for n, v in asked.pairs if n == where],
            "cookie": [v for n, v in asked.cookies if n == where],
        }[place]  # fmt: skip
        if not values:
            return None
        if len(values) > 1:
            _fail("identify.credential-conflict", 400)
        value = values[0]
        if scheme["type"] == "http":
            kind, _, value = value.partition(" ")
            if kind.lower() != scheme["scheme"]:
                return None
            value = value.lstrip(" ")
        is_token = name.startswith("jwt")
        if not value or (is_token and not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", value)):
            _fail("identify.credential-malformed", 400)
        if is_token:
            if name == "jwt" and any(n == "access_token" for n, _ in asked.pairs):
                _fail("identify.credential-conflict", 400)
            return self._token(value)
        return self._api_key(value, asked.peer) if name in ("key", "asked") else []

    def _api_key(self, key: str, peer: str) -> list[str]:
        issued = self._issued(key)
        if issued:
            if issued["revoked"]:
                _fail("identify.revoked")
            networks = [ipaddress.ip_network(one) for one in issued["networks"]]
            if networks and not any(ipaddress.ip_address(peer) in one for one in networks):
                _fail("identify.network")
            return list(issued["scopes"])
        known = self._configured(key)
        if known is None:
            _fail("identify.unknown-api-key")
        if "expires" in known:
            _fail("identify.expired")
        return list(known["scopes"])

    def _configured(self, key: str) -> Json | None:
        """The key of the config with this text."""
        settings = self.config["auth"]["api_keys"]
        digest = _digest(settings["pepper"], key)
        return next((one for one in settings["keys"] if one["digest"] == digest), None)

    def _issued(self, key: str) -> Json | None:
        """The issued key with this text, as it stands beside the Policy."""
        keys = self.standing["keys"]
        digests = {_digest(pepper, key) for pepper in keys["peppers"]}
        return next(
            (one for one in keys["keys"] if any(s["digest"] in digests for s in one["secrets"])),
            None,
        )

    def _token(self, token: str) -> list[str]:
        parts = token.split(".")
        if len(parts) != 3 or not all(parts):
            _fail("identify.token-malformed")
        try:
            header, claims = (
                json.loads(_unb64(part), object_pairs_hook=_once, parse_constant=_never)
                for part in parts[:2]
            )
            signature = _unb64(parts[2])
        except ValueError:
            _fail("identify.token-malformed")
        if not isinstance(claims, dict):
            _fail("identify.token-malformed")
        if {"crit", "b64", "zip", "cty", "enc"} & set(header):
            _fail("identify.header-refused")
        if header.get("alg") not in (
            "ES256",
            "EdDSA",
            "RS256",
            "ES384",
            "PS256",
            "RS384",
            "RS512",
            "ES512",
        ):
            _fail("identify.algorithm")
        issuers = self.config["auth"]["issuers"]
        if not isinstance(claims.get("iss"), str):
            _fail("identify.token-malformed")
        issuer = next((one for one in issuers if one["issuer"] == claims["iss"]), None)
        own = self.entry.get("name")
        if issuer is None or own not in issuer.get("apis", [own]):
            _fail("identify.unknown-issuer")
        if header["alg"] not in issuer.get("algorithms", [header["alg"]]):
            _fail("identify.algorithm")
        if issuer["id"] == "dark":
            _fail("identify.keys-unavailable", 503)
        self._signed(header, f"{parts[0]}.{parts[1]}".encode(), signature)
        self._claims(header, claims, issuer)
        scopes = claims.get("scope", claims.get("scp", ""))
        return scopes.split() if isinstance(scopes, str) else [str(one) for one in scopes or ()]

    def _signed(self, header: Json, data: bytes, signature: bytes) -> None:
        kid = header.get("kid")
        keys = [key for key in self.jwks if kid is None or key["kid"] == kid]
        if not keys:
            _fail("identify.key-unknown")
        keys = [key for key in keys if key["alg"] == header["alg"]]
        if not keys:
            _fail("identify.algorithm")
        if len(keys) > 1:
            _fail("identify.key-unknown")
        try:
            _check(keys[0], data, signature)
        except (InvalidSignature, ValueError):
            _fail("identify.signature")

    def _claims(self, header: Json, claims: Json, issuer: Json) -> None:
        kind = str(header.get("typ", "")).lower().removeprefix("application/")
        foreign = str(claims.get("typ", "")).lower() in ("id", "refresh", "offline", "logout")
        if (
            kind not in ("at+jwt", "jwt")
            or foreign
            or claims.get("token_use", "access") != "access"
        ):
            _fail("identify.token-type")
        if "cnf" in claims:
            _fail("identify.binding")
        expires, skew = claims.get("exp"), 10
        if type(expires) is not int:
            _fail("identify.token-malformed")
        if self.now_s >= expires + skew:
            _fail("identify.expired")
        if claims.get("nbf", 0) > self.now_s + skew:
            _fail("identify.not-yet-valid")
        if claims.get("iat", 0) > self.now_s + skew:
            _fail("identify.issued-ahead")
        if expires - claims.get("iat", self.now_s) > 7200:
            _fail("identify.lifetime")
        audience = claims.get("aud", [])
        audiences = [audience] if isinstance(audience, str) else audience
        listed = [one in issuer["audiences"] for one in audiences]
        is_listed = any(listed) if issuer.get("audience_rule") == "contains" else all(listed)
        meant = set(self.entry.get("audience") or audiences)
        if not (audiences and is_listed and meant & set(audiences)):
            _fail("identify.audience")
        taken = [(one["issuer"], one["name"]) for one in self.standing["revocations"]]
        if (issuer["id"], claims.get("jti")) in taken:
            _fail("identify.revoked")

    # inspect

    def _inspect(self, asked: Asked, operation: Json, name: str) -> None:
        early: list[Finding] = []
        late: list[Finding] = []
        claimed: set[str] = set()
        for parameter in operation["parameters"]:
            value, problems = _decode(parameter, asked, claimed)
            early += problems
            if value is not ABSENT:
                schema = (
                    parameter.get("schema") or parameter["content"]["application/json"]["schema"]
                )
                at = (parameter["in"], _name_of(parameter))
                late += [
                    found("inspect.parameter-schema", *at, pointer)
                    for pointer, _ in self._errors(schema, value, "readOnly")
                ]
        if self.config["operations"].get(name, {}).get("closed_query"):
            early += [
                found("inspect.parameter-undeclared", "query", n)
                for n, _ in asked.pairs
                if n not in claimed
            ]
        if early or late:
            torn = next((one for one in early if one[0].startswith("parse.")), None)
            status = 400 if torn and torn == early[0] else 422
            raise Refused(status, *early, *late)
        self._body(asked, operation, name)

    def _body(self, asked: Asked, operation: Json, name: str) -> None:
        declared = operation.get("requestBody")
        if declared is None:
            if asked.body:
                raise Refused(422, found("inspect.body-unexpected", "body"))
            return
        if not asked.body:
            if declared["required"]:
                raise Refused(422, found("inspect.body-missing", "body"))
            return
        sent = (asked.values("content-type") or [""])[0].partition(";")[0].strip().lower()
        if "application/json" not in declared["content"]:
            assert sent not in declared["content"], "beyond this oracle"
        if (
            not re.fullmatch(r"application/(json|[a-z.]+\+json)", sent)
            or "application/json" not in declared["content"]
        ):
            raise Refused(415, found("inspect.content-type", "header", "content-type"))
        schema = declared["content"]["application/json"]["schema"]
        value = json.loads(asked.body)
        told = [at for at, _ in self._errors(schema, value, "readOnly")]
        reasons = [found("inspect.body-schema", "body", "", at) for at in told]
        if self.config["operations"].get(name, {}).get("closed_body"):
            extra = [at for is_secret, at in self._misplaced(schema, value, "") if not is_secret]
            reasons += [
                found("inspect.body-undeclared", "body", "", at) for at in extra if at not in told
            ]
        if reasons:
            raise Refused(422, *reasons)

    def _errors(self, schema: Json, value: object, forbidden: str) -> list[tuple[str, str]]:
        """(pointer, keyword) of every breach, sorted. forbidden: `readOnly` or `writeOnly`."""
        root = {"components": self.document["components"]} | _directed(schema, forbidden)
        root["components"] = _directed(root["components"], forbidden)
        found_: list[tuple[str, str]] = []
        for error in Draft202012Validator(root, format_checker=FormatChecker()).iter_errors(value):
            pointer = "".join(f"/{step}" for step in error.absolute_path)
            keyword = str(error.validator)
            if keyword == "additionalProperties" and isinstance(error.instance, dict):
                extra = sorted(set(error.instance) - set(error.schema["properties"]))
                found_ += [(f"{pointer}/{name}", keyword) for name in extra]
            else:
                found_.append((pointer, forbidden if keyword == "not" else keyword))
        return sorted(found_)

    # shape

    def _shape(
        self, operation: Json, name: str, answer: Json | None, method: str
    ) -> Iterator[Finding]:
        shape = self.config["operations"].get(name, {}).get("shape", {})
        breach = "enforced" if shape.get("breach") == "refuse" else "excepted"
        fields = "excepted" if shape.get("fields") == "pass" else "enforced"
        assert answer is not None, "beyond this oracle"
        declared = operation["responses"].get(str(answer["status"]))
        if declared is None:
            yield found("shape.status", "status", standing=breach)
            return
        for held, header in declared.get("headers", {}).items():
            is_sent = held.lower() in [one.lower() for one, _ in answer["fields"]]
            if is_sent and header.get("x-bartizan-data-class") == "secret":
                standing = "excepted" if shape.get("secrets") == "pass" else "enforced"
                place = ("response-header", held.lower(), "")
                yield found("shape.secret-field", *place, standing)
                if shape.get("secrets") == "refuse":
                    return
        if not isinstance(answer["body"], dict) or method == "HEAD" or "content" not in declared:
            return
        schema = declared["content"]["application/json"]["schema"]
        value = json.loads(answer["body"]["text"])
        for pointer, _ in self._errors(schema, value, "writeOnly"):
            yield found("shape.body-schema", "response-body", "", pointer, breach)
        for is_secret, pointer in self._misplaced(schema, value, ""):
            if is_secret:
                standing = self._secret(name, pointer, shape)
                yield found("shape.secret-field", "response-body", "", pointer, standing)
            else:
                yield found("shape.undeclared-field", "response-body", "", pointer, fields)

    def _secret(self, name: str, pointer: str, shape: Json) -> str:
        field = f"response-body#{pointer}"
        excepted = [
            one["field"]
            for one in self.config["exceptions"]
            if one["rule"] == "shape.secret-field" and one["operation"] == name
        ]
        is_out = shape.get("secrets") == "pass" or field in excepted
        return "excepted" if is_out else "enforced"

    def _misplaced(self, schema: Json, value: object, at: str) -> Iterator[tuple[bool, str]]:
        """Secrets (True) and undeclared members, in the order of the text.

        What is taken out is not looked into; here no secret holds another.
        """
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        inner: list[tuple[Json | None, object, str]] = []
        if isinstance(value, dict) and "properties" in schema:
            inner = [
                (schema["properties"].get(n), one, f"{at}/{_token(n)}") for n, one in value.items()
            ]
        elif isinstance(value, list) and "items" in schema:
            inner = [(schema["items"], one, f"{at}/{i}") for i, one in enumerate(value)]
        for known, one, pointer in inner:
            if known is None:
                yield False, pointer
            elif known.get("x-bartizan-data-class") == "secret":
                yield True, pointer
            else:
                yield from self._misplaced(known, one, pointer)


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _digest(pepper: str, key: str) -> str:
    return hmac.new(pepper.encode(), key.encode("latin-1"), hashlib.sha256).hexdigest()


def _fail(code: str, status: int = 401) -> NoReturn:
    raise Refused(status, found(code, "header"))


def _asked(request: Json) -> Asked:
    raw, _, query = request["target"].partition("?")
    pieces = [piece.partition("=") for piece in query.split("&") if piece]
    pairs = [(unquote_plus(name), unquote_plus(value)) for name, _, value in pieces]
    body = request["body"]
    text = body_of(body)
    fields = [(name.lower(), value) for name, value in request["fields"]]
    return Asked(request["method"], raw, pairs, fields, text)


def _fit(template: str, asked: Asked) -> bool:
    mine, theirs = template.split("/"), asked.path.split("/")
    if len(mine) != len(theirs):
        return False
    captures: dict[str, str] = {}
    for own, sent in zip(mine, theirs, strict=True):
        if own.startswith("{") and sent:
            captures[own[1:-1]] = unquote(sent)
        elif own != unquote(sent):
            return False
    asked.captures = captures
    return True


def _carrier(scheme: Json) -> tuple[str, str]:
    if scheme["type"] == "http":
        return ("header", "authorization")
    return (scheme["in"], scheme["name"].lower() if scheme["in"] == "header" else scheme["name"])


def _name_of(parameter: Json) -> str:
    name: str = parameter["name"]
    return name.lower() if parameter["in"] == "header" else name


def _unb64(part: str) -> bytes:
    if "=" in part:
        raise ValueError(part)
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice")
    return made


def _never(word: str) -> None:
    raise ValueError(word)


def _big(text: str) -> int:
    return int.from_bytes(_unb64(text), "big")


def _check(key: Json, data: bytes, signature: bytes) -> None:
    if key["kty"] == "EC":
        if len(signature) != 64:
            raise InvalidSignature
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        numbers = ec.EllipticCurvePublicNumbers(_big(key["x"]), _big(key["y"]), ec.SECP256R1())
        numbers.public_key().verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
    elif key["kty"] == "OKP":
        ed25519.Ed25519PublicKey.from_public_bytes(_unb64(key["x"])).verify(signature, data)
    else:
        numbers_rsa = rsa.RSAPublicNumbers(_big(key["e"]), _big(key["n"]))
        numbers_rsa.public_key().verify(signature, data, padding.PKCS1v15(), hashes.SHA256())


def _directed(schema: Any, forbidden: str) -> Any:
    """The schema with members of the other direction forbidden."""
    if isinstance(schema, list):
        return [_directed(one, forbidden) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get(forbidden) is True:
        return {"not": {}}
    return {name: _directed(inner, forbidden) for name, inner in schema.items()}


# parameters


def _scalar(text: str, schema: Json) -> object:
    kind = schema.get("type")
    if kind in ("integer", "number") and NUMBER.fullmatch(text):
        return json.loads(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _decode(parameter: Json, asked: Asked, claimed: set[str]) -> tuple[Any, list[Finding]]:
    name, place, schema = _name_of(parameter), parameter["in"], parameter.get("schema", {})
    style = parameter.get("style", {"query": "form", "cookie": "form"}.get(place, "simple"))
    if place == "query" and style == "deepObject":
        return _deep(parameter, asked, claimed)
    if place == "query" and schema.get("type") == "object" and "content" not in parameter:
        return _spread(parameter, asked, claimed)
    values = {
        "query": [v for n, v in asked.pairs if n == name], "header": asked.values(name),
        "cookie": [v for n, v in asked.cookies if n == name],
        "path": [asked.captures[name]] if name in asked.captures else [],
    }[place]  # fmt: skip
    claimed |= {name} if place == "query" else set()
    if not values:
        needed = (
            [found("inspect.parameter-missing", place, name)] if parameter.get("required") else []
        )
        return ABSENT, needed
    if "content" in parameter:
        return _json_value(values, place, name)
    return _text_value(parameter, values, style, place, name)


def _json_value(values: list[str], place: str, name: str) -> tuple[Any, list[Finding]]:
    twice = [found("inspect.parameter-repeated", place, name)] if len(values) > 1 else []
    try:
        return json.loads(values[0]), twice
    except ValueError:
        return ABSENT, [*twice, found("parse.bad-json", place, name, "*")]


def _text_value(
    parameter: Json, values: list[str], style: str, place: str, name: str
) -> tuple[Any, list[Finding]]:
    schema = parameter["schema"]
    is_list = schema.get("type") == "array"
    if is_list and place == "query" and parameter.get("explode", style == "form"):
        return [_scalar(one, schema["items"]) for one in values], []
    if is_list and place == "header":
        values = [", ".join(values)]
    twice = [found("inspect.parameter-repeated", place, name)] if len(values) > 1 else []
    text = values[0]
    mark = {"matrix": f";{name}=", "label": "."}.get(style, "")
    if mark and not text.startswith(mark):
        return text, twice
    text = text.removeprefix(mark)
    if not is_list:
        return _scalar(text, schema), twice
    if not text:
        return (
            [],
            twice,
        )  # OpenAPI leaves it open; an empty value of a joined list is the empty list
    cut = {"pipeDelimited": "|", "spaceDelimited": " "}.get(style, ",")
    trimmed = [one.strip(" \t") if place == "header" else one for one in text.split(cut)]
    return [_scalar(one, schema["items"]) for one in trimmed], twice


def _deep(parameter: Json, asked: Asked, claimed: set[str]) -> tuple[Any, list[Finding]]:
    made: Json = {}
    twice: list[Finding] = []
    for name, value in asked.pairs:
        if match := re.fullmatch(re.escape(parameter["name"]) + r"\[([^\[\]]+)\]", name):
            claimed.add(name)
            key = match[1]
            if key in made:
                twice = [found("inspect.parameter-repeated", "query", parameter["name"], f"/{key}")]
                continue
            made[key] = _scalar(value, parameter["schema"]["properties"].get(key, {}))
    return (made or ABSENT), twice


def _spread(parameter: Json, asked: Asked, claimed: set[str]) -> tuple[Any, list[Finding]]:
    made: Json = {}
    twice: list[Finding] = []
    for name, value in asked.pairs:
        known = parameter["schema"]["properties"].get(name)
        if known is not None:
            claimed.add(name)
            if name in made:
                twice.append(
                    found("inspect.parameter-repeated", "query", parameter["name"], f"/{name}")
                )
                continue
            made[name] = _scalar(value, known)
    return (made or ABSENT), twice
