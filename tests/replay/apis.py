"""Several APIs behind one gateway: documents and config of the second world of the corpus."""

from __future__ import annotations

import json
from pathlib import Path

from bartizan import _core
from bartizan.policy import config as configs
from bartizan.policy.compile import compile
from bartizan.policy.load import require_loadable
from bartizan.policy.site import read_site
from bartizan.policy.sources.reader import fetch_file
from tests.replay.tokens import ISSUER, Keys
from tests.replay.world import API_KEYS, ITEM_REPLY, OK, PEPPER, Json, World

BANK_ISSUER = "https://bank-idp.corpus.example"
SCHEMES: Json = {
    "jwt": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}
BUSY = {"name": "busy", "per": "address", "rate": "2/min"}


def _get(security: list[Json], schema: Json = OK, exposure: str = "public") -> Json:
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    own = {"security": security, "responses": {"200": answer}}
    return own | ({"x-bartizan-exposure": exposure} if exposure != "public" else {})


def _document(paths: Json, **members: object) -> Json:
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    for path, item in paths.items():
        if "{id}" in path:
            item["parameters"] = [number]
    return {
        "openapi": "3.1.0", "info": {"title": "one of several", "version": "1"},
        "servers": [{"url": "/"}], "paths": paths,
        "components": {"securitySchemes": SCHEMES}, **members,
    }  # fmt: skip


def documents() -> dict[str, Json]:
    """The document of each API. `/items/{id}` is in most of them, each time for somebody else."""
    jwt: Json = {"jwt": ["items:read"]}
    return {
        "shop": _document({
            "/items/{id}": {"get": _get([jwt], ITEM_REPLY), "delete": _get([{"jwt": []}])},
            "/ping": {"get": _get([])},
            "/admin/hidden": {"get": _get([])},
        }),
        "admin": _document({
            "/items/{id}": {"get": _get([{"key": []}])},
            "/house": {"get": _get([], exposure="internal")},
        }),
        "bank": _document({
            "/items/{id}": {"get": _get([{"jwt": []}])},
            "/shop/ping": {"get": _get([])},
            "/keyed": {"get": _get([{"key": []}])},
        }),
        "vip": _document({"/items/{id}": {"get": _get([], OK), "put": _get([jwt])}}),
        "port": _document({"/items/{id}": {"get": _get([])}, "/port": {"get": _get([])}}),
        "plain": _document({"/plain/items/{id}": {"get": _get([])}, "/plain": {"get": _get([])}}),
        "busy": _document({"/a": {"get": _get([])}, "/b": {"get": _get([])}},
                          **{"x-bartizan-limits": BUSY}),
        "free": _document({"/a": {"get": _get([])}}),
    }  # fmt: skip


ENTRIES: list[Json] = [
    {"name": "shop", "prefix": "/shop", "strip_prefix": True, "audience": ["shop"]},
    {"name": "admin", "prefix": "/shop/admin", "strip_prefix": True},
    {"name": "bank", "hosts": ["bank.example.com", "Bank.example.org"], "audience": ["bank"]},
    {"name": "vip", "hosts": ["bank.example.com"], "prefix": "/vip", "strip_prefix": True,
     "audience": ["shop"]},
    {"name": "port", "hosts": ["port.example.com:8443"]},
    {"name": "plain", "prefix": "/plain"},
    {"name": "busy", "prefix": "/busy", "strip_prefix": True},
    {"name": "free", "prefix": "/free", "strip_prefix": True},
]  # fmt: skip


def config(jwks: Path) -> Json:
    """The config as plain data. jwks: file of the public keys of both issuers."""
    issuer = {"jwks": str(jwks), "lifetime_max": "2h", "algorithms": ["ES256"]}
    digest = _core.hash_api_key(PEPPER.encode(), API_KEYS["bare"][0].encode())
    return {
        "upstream": "http://127.0.0.1:9",
        "mode": "enforce",
        "internal": ["10.0.0.0/8", "127.200.0.0/16"],
        "apis": [{**one, "openapi": f"{one['name']}.json"} for one in ENTRIES],
        "auth": {
            "issuers": [
                {"id": "main", "issuer": ISSUER, "audiences": ["shop", "bank"],
                 "audience_rule": "contains", **issuer},
                {"id": "bank", "issuer": BANK_ISSUER, "audiences": ["shop", "bank"],
                 "audience_rule": "contains", "apis": ["bank"], **issuer},
            ],
            "api_keys": {"pepper": PEPPER, "keys": [
                {"id": "bare", "digest": digest, "scopes": []}]},
        },
        "operations": {
            "shop:DELETE /shop/items/{id}": {"controls": {"identify": "shadow"}},
            "bank:GET /items/{id}": {"closed_query": True},
        },
        "exceptions": [],
        "cors": {"origins": ["https://app.example.com"]},
        "limit_table": {"slots": 1024},
    }  # fmt: skip


def build(folder: Path, keys: Keys) -> World:
    """Write documents, config and keys below `folder`, and compile them as the product does."""
    jwks = folder / "keys.json"
    jwks.write_bytes(keys.jwks)
    for name, document in documents().items():
        (folder / f"{name}.json").write_text(json.dumps(document, indent=1))
    data, path = config(jwks), folder / "bartizan.yaml"
    path.write_text(json.dumps(data, indent=1))
    held = configs.load(path, overrides=configs.Overrides(), environ={})
    site = read_site(held, lambda upstream: upstream, fetch_file)
    compiled = require_loadable(compile(held, site))
    policy = _core.Policy.load(compiled.form)
    return World(folder, data, compiled, policy, keys, ("main", "bank"))
