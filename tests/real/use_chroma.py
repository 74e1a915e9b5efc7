"""Honest use of chromadb's server: tenants, databases, collections, records, queries."""

from __future__ import annotations

from tests.real.steps import Step, send_json

_TENANT = "/api/v2/tenants/default_tenant"
_DATABASES = f"{_TENANT}/databases"
_COLLECTIONS = f"{_DATABASES}/default_database/collections"
_ONE = f"{_COLLECTIONS}/$notes"


def _get(target: str) -> Step:
    return Step("GET", target)


_AROUND = (
    _get("/api/v2"),
    _get("/api/v2/version"),
    _get("/api/v2/heartbeat"),
    _get("/api/v2/healthcheck"),
    _get("/api/v2/pre-flight-checks"),
    _get("/api/v2/auth/identity"),
    _get("/nowhere"),
)
_PLACES = (
    send_json("POST", "/api/v2/tenants", {"name": "acme"}),
    _get("/api/v2/tenants/acme"),
    _get("/api/v2/tenants/missing"),
    send_json("POST", _DATABASES, {"name": "second"}),
    send_json("POST", _DATABASES, {"name": "second"}),
    _get(_DATABASES),
    _get(f"{_DATABASES}?limit=1&offset=0"),
    _get(f"{_DATABASES}/second"),
    Step("DELETE", f"{_DATABASES}/second"),
    _get(f"{_DATABASES}/second"),
)
_SETS = (
    send_json("POST", _COLLECTIONS, {"name": "notes", "metadata": {"kind": "text"}}, notes="id"),
    send_json("POST", _COLLECTIONS, {"name": "notes"}),
    send_json("POST", _COLLECTIONS, {"name": "notes", "get_or_create": True}),
    send_json("POST", _COLLECTIONS, {"name": "x"}),
    send_json("POST", _COLLECTIONS, {"name": "other", "configuration": None}),
    _get(_COLLECTIONS),
    _get(f"{_COLLECTIONS}?limit=2&offset=0"),
    _get(f"{_DATABASES}/default_database/collections_count"),
    _get(f"{_COLLECTIONS}/notes"),
    _get(f"{_COLLECTIONS}/missing"),
    _get(f"{_COLLECTIONS}/by-id/$notes"),
    send_json("PUT", _ONE, {"new_metadata": {"kind": "prose"}}),
    _get(f"{_COLLECTIONS}/notes"),
)
_RECORDS = (
    send_json(
        "POST",
        f"{_ONE}/add",
        {
            "ids": ["a", "b", "c"],
            "embeddings": [[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.5, 0.5, 0.5]],
            "documents": ["first note", "second note", None],
            "metadatas": [{"page": 1}, {"page": 2, "draft": True}, None],
            "uris": None,
        },
    ),
    _get(f"{_ONE}/count"),
    send_json("POST", f"{_ONE}/get", {"ids": ["a", "b"]}),
    send_json("POST", f"{_ONE}/get", {"include": ["documents", "metadatas", "embeddings"]}),
    send_json("POST", f"{_ONE}/get", {"where": {"page": {"$$gt": 1}}}),
    send_json("POST", f"{_ONE}/get", {"where_document": {"$$contains": "first"}, "limit": 5}),
    send_json("POST", f"{_ONE}/get", {"ids": ["nobody"]}),
    send_json(
        "POST",
        f"{_ONE}/query",
        {
            "query_embeddings": [[1.0, 0.0, 0.4]],
            "n_results": 2,
            "include": ["documents", "distances"],
        },
    ),
    send_json(
        "POST",
        f"{_ONE}/query",
        {
            "query_embeddings": [[0.0, 1.0, 0.4]],
            "n_results": 1,
            "where": {"draft": True},
        },
    ),
    send_json("POST", f"{_ONE}/query", {"query_embeddings": [[1.0, 0.0]], "n_results": 1}),
    send_json(
        "POST",
        f"{_ONE}/update",
        {
            "ids": ["a"],
            "documents": ["first note, mended"],
            "metadatas": [{"page": 9}],
        },
    ),
    send_json(
        "POST",
        f"{_ONE}/upsert",
        {
            "ids": ["a", "d"],
            "embeddings": [[1.0, 1.0, 1.0], [0.1, 0.2, 0.3]],
            "documents": ["again", "fourth"],
        },
    ),
    send_json("POST", f"{_ONE}/get", {"ids": ["a", "d"], "include": ["documents", "metadatas"]}),
    _get(f"{_ONE}/count"),
    send_json("POST", f"{_ONE}/delete", {"ids": ["b"]}),
    send_json("POST", f"{_ONE}/delete", {"where": {"page": 9}}),
    _get(f"{_ONE}/count"),
    send_json("POST", f"{_ONE}/add", {"ids": ["e"]}),
    send_json("POST", f"{_ONE}/add", {"embeddings": [[1, 2, 3]]}),
    _get(f"{_ONE}/indexing_status"),
    _get(f"{_ONE}/fork_count"),
    send_json("POST", f"{_COLLECTIONS}/not-a-uuid/get", {}),
    Step("POST", f"{_ONE}/get", b"{broken", (("content-type", "application/json"),)),
)
_REMOVE = (
    Step("DELETE", f"{_COLLECTIONS}/notes"),
    Step("DELETE", f"{_COLLECTIONS}/notes"),
    _get(f"{_COLLECTIONS}/notes"),
    _get(_COLLECTIONS),
    send_json("POST", "/api/v2/reset", {}),
)
STEPS = _AROUND + _PLACES + _SETS + _RECORDS + _REMOVE
