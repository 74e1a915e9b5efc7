"""The API and the config of the corpus: one document, one `bartizan.yaml`, its keys and secrets."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bartizan import _core
from bartizan.identity.api_keys import ENTROPY_BYTES, write
from bartizan.policy import config as configs
from bartizan.policy import sources
from bartizan.policy.compile import Compiled, compile
from bartizan.policy.load import require_loadable
from bartizan.policy.sources.description import Description
from bartizan.policy.sources.reader import fetch_file
from tests.replay.tokens import DARK, ISSUER, Keys

Json = dict[str, Any]

SEED = bytes(range(16))
PEPPER = "canary-pepper-7f1d0c55aa90e2b4"
API_KEYS = {
    "reader": ("canaryKeyReader0001xyzABCDEFG77", ["items:read"], None),
    "bare": ("canaryKeyBare0002xyzABCDEFGHI88", [], None),
    "old": ("canaryKeyOld0003xyzABCDEFGHIJ99", ["items:read"], "2020-01-31"),
    "narrow": ("canaryKeyNarrow0004xyzABCDEFG66", ["items:read"], None),
}
OPENED = {"narrow": ["GET /items/{id}"]}
"""Operations of keys that open these alone."""
ISSUED_PEPPER = "canary-pepper-of-issued-keys-31"
ISSUED: dict[str, dict[str, Any]] = {
    "open": {},
    "near": {"networks": ["203.0.113.0/24", "127.0.0.0/8"]},
    "far": {"networks": ["198.51.100.0/24"]},
    "bound": {"operations": ["GET /items/{id}"]},
    "revoked": {"revoked": True},
}
REVOKED_TOKEN = "canary-jti-that-was-taken-back"


def issued_key(name: str) -> str:
    """The text of an issued key of the corpus."""
    entropy = hashlib.sha256(name.encode()).digest()[:ENTROPY_BYTES]
    return write("svc", "test", entropy)[1].reveal()


def standing(now_s: int) -> bytes:
    """What stands beside the Policy: issued keys, one of each kind, and one revoked token."""
    usual = {"scopes": ["items:read"], "networks": [], "expires_s": None, "revoked": False}
    keys = [
        {
            **usual, **members, "id": name,
            "secrets": [{"expires_s": None, "digest": _core.hash_api_key(
                ISSUED_PEPPER.encode(), issued_key(name).encode())}],
        }
        for name, members in ISSUED.items()
    ]  # fmt: skip
    token = {"kind": "token", "issuer": "main", "name": REVOKED_TOKEN, "until_s": now_s + 86_400}
    return json.dumps(
        {"keys": {"peppers": [ISSUED_PEPPER], "keys": keys}, "revocations": [token]}
    ).encode()


def _param(name: str, where: str, schema: Json, **members: object) -> Json:
    needed = {"required": True} if where == "path" else {}
    return {"name": name, "in": where, "schema": schema, **needed, **members}


def _answer(schema: Json | None = None, **members: object) -> Json:
    content = {"content": {"application/json": {"schema": schema}}} if schema else {}
    return {"description": "", **content, **members}


def _given(schemas: dict[str, Json]) -> Json:
    return {"description": "", "content": {name: {"schema": one} for name, one in schemas.items()}}


def _body(content: Json, *, required: bool = True) -> Json:
    return {"required": required, "content": content}


def _json(schema: Json, *, required: bool = True) -> Json:
    return _body({"application/json": {"schema": schema}}, required=required)


def _op(security: list[Json] | None, **members: object) -> Json:
    own = {"security": security if security is not None else []}
    return {"responses": {"200": _answer(OK)}, **own, **members}


OK: Json = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
INT: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}
ANIMAL: Json = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "xml": {"name": "pet"},
    "properties": {
        "id": {"type": "integer", "readOnly": True, "xml": {"name": "number"}},
        "name": {"type": "string", "maxLength": 20},
        "age": {"type": "integer", "minimum": 0},
        "kind": {"enum": ["cat", "dog"], "xml": {"attribute": True}},
        "tags": {
            "type": "array",
            "xml": {"wrapped": True},
            "items": {"type": "string", "maxLength": 8, "xml": {"name": "tag"}},
        },
        "owner": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"name": {"type": "string"}},
        },
    },
}
ITEM: Json = {
    "type": "object",
    "required": ["name", "price"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "secret": {"type": "string", "writeOnly": True, "maxLength": 60},
        "name": {"type": "string", "minLength": 1, "maxLength": 40},
        "price": {"type": "number", "minimum": 0, "exclusiveMaximum": 10000},
        "kind": {"enum": ["book", "toy", "tool"]},
        "tags": {
            "type": "array", "items": {"type": "string", "maxLength": 8},
            "maxItems": 4, "uniqueItems": True,
        },
        "email": {"type": "string", "format": "email"},
        "when": {"type": "string", "format": "date"},
        "ref": {"type": "string", "format": "uuid"},
        "stock": {"type": ["integer", "null"], "multipleOf": 5},
        "maker": {
            "type": "object", "required": ["country"],
            "properties": {
                "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
                "years": {"type": "integer", "minimum": 1, "maximum": 200},
            },
        },
        "parts": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Part"}},
        "live": {"type": "boolean"},
    },
}  # fmt: skip
PART: Json = {
    "type": "object",
    "required": ["sku"],
    "additionalProperties": False,
    "properties": {
        "sku": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "count": {"type": "integer", "minimum": 1},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
    },
}
INTERNAL = {"x-bartizan-exposure": "internal"}
PARTNER = {"x-bartizan-exposure": "partner"}
SECRET = {"x-bartizan-data-class": "secret"}
VAULT: Json = {
    "type": "object",
    "properties": {
        "id": INT,
        "key": {"type": ["string", "null"], **SECRET},
        "owner": {"type": "object", "properties": {
            "name": {"type": "string", "x-bartizan-data-class": "personal"},
            "pin": {"type": "string", **SECRET}}},
        "codes": {"type": "array", "items": {"type": "string", **SECRET}},
    },
}  # fmt: skip
CLOSED: Json = {
    "type": "object",
    "properties": {
        "age": INT,
        "owner": {"type": "object", "properties": {"name": TEXT}},
        "notes": {"type": "object"},
        "items": {"type": "array", "items": {"type": "object", "properties": {"id": INT}}},
    },
}
"""`notes` stays open: no member of it is named."""
UNCUT: dict[str, Json] = {
    "application/json": OK,
    "application/xml": VAULT,
    "application/x-ndjson": VAULT,
    "text/plain": {"type": "string", **SECRET},
    "text/html": {"type": "string"},
}
CONTACTS: Json = {
    "type": "object",
    "properties": {
        "people": {
            "type": "object",
            "x-bartizan-data-class": "personal",
            "properties": {"count": INT},
            "additionalProperties": {"type": "object", "properties": {"age": INT}},
        },
        "me": {"type": "object", "x-bartizan-data-class": "personal", "properties": {"age": INT}},
        "places": {"type": "object", "additionalProperties": INT},
    },
}
LIST_PARAMETERS = [
    _param("page", "query", {"type": "integer", "minimum": 1, "maximum": 1000}),
    _param("sort", "query", {"enum": ["name", "price"]}),
    _param("tags", "query", {"type": "array", "items": TEXT, "maxItems": 3}),
    _param("ids", "query", {"type": "array", "items": INT}, explode=False),
    _param("pipes", "query", {"type": "array", "items": INT}, style="pipeDelimited", explode=False),
    _param("words", "query", {"type": "array", "items": TEXT, "maxItems": 2},
           style="spaceDelimited", explode=False),
    _param("filter", "query",
           {"type": "object", "properties": {"min": INT, "max": INT},
            "additionalProperties": False}, style="deepObject"),
    _param("point", "query",
           {"type": "object", "required": ["x", "y"], "properties": {"x": INT, "y": INT},
            "additionalProperties": False}),
    _param("live", "query", {"type": "boolean"}),
    {"name": "meta", "in": "query",
     "content": {"application/json": {"schema": {
         "type": "object", "required": ["v"], "properties": {"v": INT}}}}},
    _param("X-Trace", "header", {"type": "string", "pattern": "^[0-9a-f]{8}$"}),
    _param("X-List", "header", {"type": "array", "items": INT}),
    _param("theme", "cookie", {"enum": ["dark", "light"]}),
]  # fmt: skip


TAG: Json = {"X-Tag": {"required": True, "schema": {"type": "string", "pattern": "^[a-z]{1,4}$"}}}
BUNDLE: Json = {
    "schema": {
        "type": "array", "minItems": 2, "maxItems": 4,
        "prefixItems": [
            {"type": "object", "required": ["name"], "additionalProperties": False,
             "properties": {"name": {"type": "string", "maxLength": 10}, "count": INT}},
            {"type": "integer", "maximum": 9},
        ],
        "items": {"maxLength": 20},
    },
    "prefixEncoding": [{}, {}],
    "itemEncoding": {"contentType": "image/*, application/octet-stream", "headers": TAG},
}  # fmt: skip
"""A list: an object, a small number, and pictures with a tag each."""
PAGES: Json = {
    "itemSchema": {"type": "string", "maxLength": 10},
    "itemEncoding": {
        "contentType": "text/html, text/css",
        "headers": {"Content-ID": {"schema": False}},
    },
}


def document() -> Json:
    """The OpenAPI document of the corpus API."""
    jwt: Json = {"jwt": []}
    key: Json = {"key": []}
    item_reply = {"201": _answer({"$ref": "#/components/schemas/Item"}), "400": _answer(OK)}
    secret_login = _json(
        {
            "type": "object",
            "required": ["user", "password"],
            "additionalProperties": False,
            "properties": {"user": TEXT, "password": {"type": "string", "minLength": 8}},
        }
    )
    plain = {"type": "object", "properties": {"email": {"type": "string", "format": "email"},
                                              "age": INT}}  # fmt: skip
    paths: Json = {
        "/ping": {"get": _op(None), "delete": _op(None)},
        "/items": {
            "get": _op(None, parameters=LIST_PARAMETERS),
            "post": _op(
                [{"jwt": ["items:write"]}],
                requestBody=_json({"$ref": "#/components/schemas/Item"}), responses=item_reply,
            ),
        },
        "/items/{id}": {
            "parameters": [_param("id", "path", {"type": "integer", "minimum": 1})],
            "get": _op([jwt, key], responses={"200": _answer({"$ref": "#/components/schemas/Item"}),
                                              "404": _answer(OK), "500": _answer(OK)}),
            "put": _op([{"jwt": []}], requestBody=_json({"$ref": "#/components/schemas/Item"})),
        },
        "/open/{kind}/{n}": {
            "get": _op(None, parameters=[
                _param("kind", "path", {"enum": ["a", "b"]}),
                _param("n", "path", {"type": "integer", "maximum": 9})]),
        },
        "/matrix/{p}": {"get": _op(None, parameters=[_param("p", "path", INT, style="matrix")])},
        "/label/{p}": {"get": _op(None, parameters=[_param("p", "path", INT, style="label")])},
        "/many/{p}": {
            "get": _op(None, parameters=[
                _param("p", "path", {"type": "array", "items": INT, "maxItems": 3})]),
        },
        "/needs": {
            "get": _op(None, parameters=[
                _param("q", "query", {"type": "string", "minLength": 2}, required=True),
                _param("X-Need", "header", INT, required=True)]),
        },
        "/open-items": {
            "post": _op(None, requestBody=_json({"$ref": "#/components/schemas/Item"}),
                        responses=item_reply),
        },
        "/maybe-body": {"post": _op(None, requestBody=_json(plain, required=False))},
        "/form": {
            "post": _op(None, requestBody=_body({"application/x-www-form-urlencoded": {"schema": {
                "type": "object", "required": ["name"], "additionalProperties": False,
                "properties": {"name": {"type": "string", "maxLength": 10}, "age": INT,
                               "ids": {"type": "array", "items": INT, "maxItems": 3}}}}})),
        },
        "/upload": {
            "post": _op(None, requestBody=_body({"multipart/form-data": {"schema": {
                "type": "object", "required": ["title"],
                "properties": {
                    "title": {"type": "string", "maxLength": 10}, "count": INT,
                    "meta": {"type": "object", "required": ["v"], "properties": {"v": INT}},
                    "file": {"type": "string", "format": "binary"}}}}})),
        },
        "/bundle": {"post": _op(None, requestBody=_body({"multipart/mixed": BUNDLE}))},
        "/pages": {"post": _op(None, requestBody=_body({"multipart/related": PAGES}))},
        "/any-parts": {
            "post": _op(None, requestBody=_body({"multipart/*": {"schema": {
                "type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 5}}}})),
        },
        "/named-parts": {
            "post": _op(None, requestBody=_body({"multipart/mixed": {
                "schema": {"type": "object", "required": ["meta"], "properties": {
                    "meta": {"type": "object", "required": ["v"], "properties": {"v": INT}},
                    "file": {}}},
                "encoding": {"file": {"contentType": "image/*", "headers": {
                    "X-Tag": {"required": True, "schema": {"type": "integer"}}}}}}})),
        },
        "/note": {
            "post": _op(None, requestBody=_body(
                {"text/plain": {"schema": {"type": "string", "maxLength": 20}}})),
        },
        "/feed": {
            "post": _op(None, requestBody=_body({"application/xml": {}, "image/svg+xml": {}})),
        },
        "/pets": {
            "post": _op(None, requestBody=_body({
                "application/xml": {"schema": {"$ref": "#/components/schemas/Animal"}},
                "text/xml": {"schema": {"items": {"type": ["array", "string"]}}}})),
        },
        "/plist": {"post": _op(None, requestBody=_body({"application/xml": {}}))},
        "/anything": {"post": _op(None, requestBody=_body({"*/*": {}}))},
        "/blob": {
            "put": _op(None, requestBody=_body({"application/octet-stream": {}})),
        },
        "/fire": {"post": _op(None)},
        "/login": {"post": _op(None, requestBody=secret_login)},
        "/mine": {"get": _op([key])},
        "/admin": {"get": _op([{"basic": []}])},
        "/session": {"get": _op([{"session": []}]), "post": _op([{"session": []}])},
        "/by-query": {"get": _op([{"asked": []}])},
        "/both": {"get": _op([{"jwt": [], "key": []}])},
        "/maybe": {"get": _op([{}, jwt])},
        "/scoped": {"get": _op([{"jwt": ["items:read"]}, {"key": ["items:read"]}])},
        "/tokens": {"get": _op([jwt, {"jwt2": []}])},
        "/shadowed/{id}": {
            "post": _op([jwt], parameters=[_param("id", "path", INT)], requestBody=_json(plain)),
        },
        "/excepted": {"post": _op(None, requestBody=_json(plain))},
        "/closed": {"post": _op(None, requestBody=_json(CLOSED))},
        "/closed-xml": {"post": _op(None, requestBody=_body({"text/xml": {"schema": CLOSED}}))},
        "/relaxed/{name}": {
            "get": _op(None, parameters=[_param("name", "path", {"type": "string"})]),
        },
        "/twin/{a}": {"get": _op(None, parameters=[_param("a", "path", TEXT)])},
        "/twin/{b}": {"post": _op(None, parameters=[_param("b", "path", TEXT)])},
        "/dark/{a}": {
            "get": _op(None, parameters=[_param("a", "path", {"type": "string", "pattern": "("})]),
        },
        "/strict-reply": {
            "get": _op(None, responses={"200": _answer(ITEM_REPLY, headers={
                "X-Count": {"required": True, "schema": {"type": "integer"}}}),
                "4XX": _answer(OK)}),
        },
        "/loose-reply": {"get": _op(None, responses={"200": _answer(ITEM_REPLY)})},
        "/reply": {"get": _op(None, responses={"200": _answer(ITEM_REPLY), "500": _answer(OK)})},
        "/internal": {"x-bartizan-exposure": "internal", "get": _op(None), "post": _op(None)},
        "/internal-shadowed": {"get": _op(None, **INTERNAL)},
        "/mixed": {"get": _op(None), "delete": _op(None, **INTERNAL)},
        "/mixed/own": {"get": _op(None, **INTERNAL)},
        "/mixed/{n}": {"get": _op(None, parameters=[_param("n", "path", INT)])},
        "/partner": {"get": _op(None, **PARTNER)},
        "/partner-maybe": {"get": _op([{}, jwt], **PARTNER)},
        **{path: {"get": _op(None, responses={"200": _answer(VAULT, headers={
            "X-Session": {"schema": TEXT, **SECRET}})})}
           for path in ("/vault", "/vault-open", "/vault-strict")},
        **{path: {"get": _op(None, responses={"200": _given(UNCUT)})}
           for path in ("/uncut", "/uncut-open")},
        "/contacts": {
            "post": _op(None, requestBody=_json(CONTACTS), responses={"200": _answer(CONTACTS)}),
        },
    }  # fmt: skip
    return {
        "openapi": "3.2.0",
        "info": {"title": "corpus", "version": "1"},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {"Item": ITEM, "Part": PART, "Animal": ANIMAL},
            "securitySchemes": {
                "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "jwt2": {"type": "apiKey", "in": "header", "name": "X-Token"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "basic": {"type": "http", "scheme": "basic"},
                "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
                "asked": {"type": "apiKey", "in": "query", "name": "api_key"},
            },
        },
    }


ITEM_REPLY: Json = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "maker": {"type": "object", "properties": {"country": TEXT}},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"sku": TEXT}}},
    },
}


def config(jwks: Path, upstream: str = "http://127.0.0.1:9") -> Json:
    """The config of the corpus as plain data. jwks: file of the issuer's public keys."""
    return {
        "upstream": upstream,
        "openapi": "openapi.json",
        "mode": "enforce",
        # The gateway's own test callers are local: those of the house come from the second.
        "internal": ["10.0.0.0/8", "127.200.0.0/16"],
        "auth": {
            "issuers": [
                {
                    "id": "main", "issuer": ISSUER, "audiences": ["shop"], "jwks": str(jwks),
                    "lifetime_max": "2h", "algorithms": ["ES256", "EdDSA", "RS256"],
                },
                {
                    "id": "dark", "issuer": DARK, "audiences": ["shop"],
                    "jwks": str(jwks.with_name("no-such-keys.json")),
                },
            ],
            "api_keys": {
                "pepper": PEPPER,
                "keys": [
                    {
                        "id": name,
                        "digest": _core.hash_api_key(PEPPER.encode(), key.encode()),
                        "scopes": scopes,
                        **({"expires": expires} if expires else {}),
                        **({"operations": OPENED[name]} if name in OPENED else {}),
                    }
                    for name, (key, scopes, expires) in API_KEYS.items()
                ],
            },
            "schemes": {"jwt2": "token", "session": "presence"},
        },
        "operations": {
            "GET /items": {"closed_query": True},
            "POST /closed": {"closed_body": True},
            "POST /closed-xml": {"closed_body": True},
            "POST /login": {"limits": [{"name": "login", "per": "address", "rate": "3/min"}]},
            "GET /mine": {"limits": [{"name": "mine", "per": "principal", "rate": "2/min"}]},
            "PUT /blob": {"body_max_bytes": 1000},
            "POST /note": {"body_max_bytes": 100},
            "POST /plist": {"relax": ["parse.xml-doctype"]},
            "POST /shadowed/{id}": {
                "controls": {"inspect": "shadow", "identify": "shadow", "parse": "shadow"},
            },
            "GET /relaxed/{name}": {
                "relax": [
                    "parse.encoded-slash", "parse.semicolon", "parse.encoded-percent",
                    "parse.underscore-field",
                ],
            },
            "GET /strict-reply": {"shape": {"fields": "refuse", "breach": "refuse"}},
            "GET /internal-shadowed": {"controls": {"match": "shadow"}},
            "GET /vault-open": {"shape": {"secrets": "pass"}},
            "GET /uncut-open": {"shape": {"secrets": "pass"}},
            "GET /vault-strict": {"shape": {"secrets": "refuse"}},
            "GET /loose-reply": {"shape": {"fields": "pass", "scrub_errors": False}},
        },
        "exceptions": [
            {
                "rule": "inspect.body-schema", "operation": "POST /excepted",
                "field": "body#/email", "reason": "old clients",
            },
            {
                "rule": "shape.secret-field", "operation": "GET /vault",
                "field": "response-body#/owner/pin", "reason": "its owner reads it",
            },
            {"rule": "match.unknown-path", "path": "GET /legacy/**", "reason": "being removed"},
        ],
        "cors": {"origins": ["https://app.example.com"], "max_age": "10min"},
        "budget": {
            "body_max_bytes": 20000, "upload_max_bytes": 60000, "shape_max_bytes": 30000,
            "json_keys_max": 50, "steps_max": 110000,
        },
        "limit_table": {"slots": 1024},
    }  # fmt: skip


@dataclass(frozen=True)
class World:
    """A compiled corpus API. data: the config as plain data."""

    folder: Path
    data: Json
    compiled: Compiled
    policy: _core.Policy
    keys: Keys
    believed: tuple[str, ...] = ("main",)
    """Issuers that have keys."""

    @property
    def openapi(self) -> Path | None:
        """The document that a mount is given; None where its config names several."""
        path = self.folder / "openapi.json"
        return path if path.exists() else None

    def live(self, now_ms: int) -> _core.Live:
        """A fresh Live with the keys of the issuers that have any."""
        live = _core.Live(self.policy, SEED, PEPPER.encode())
        for issuer in self.believed:
            live.load_keys(self.policy.issuers.index(issuer), self.keys.jwks, now_ms)
        live.stand(standing(now_ms // 1000), now_ms // 1000)
        return live


def build(
    folder: Path, keys: Keys, data: Json | None = None, known: Description | None = None
) -> World:
    """Write document, config and keys below `folder`, and compile them as the product does.

    known: the description where it has been read before.
    """
    jwks = folder / "keys.json"
    jwks.write_bytes(keys.jwks)
    (folder / "openapi.json").write_text(json.dumps(document(), indent=1))
    data = data or config(jwks)
    path = folder / "bartizan.yaml"
    path.write_text(json.dumps(data, indent=1))
    held = configs.load(path, overrides=configs.Overrides(), environ={})
    description = known or sources.read(str(folder / "openapi.json"), fetch_file)
    compiled = require_loadable(compile(held, description))
    return World(folder, data, compiled, _core.Policy.load(compiled.form), keys)
