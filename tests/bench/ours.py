"""Bartizan as a subject: `bartizan up` with three configs, control process included."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bartizan.policy.traffic_keys import SECURITY_HEADERS
from tests.bench.api import SCARCE, document
from tests.bench.peers import PLENTY, SCARCE_LIMIT
from tests.bench.processes import free_port, running
from tests.bench.store import FILE, FILE_BYTES
from tests.bench.subjects import Bench, Door
from tests.bench.tokens import AUDIENCE, ISSUER

COMMAND = Path(sys.executable).parent / "bartizan"


def issuer_section(jwks: Path) -> str:
    """One issuer with its key set in a file."""
    return f"""
auth:
  issuers:
    - {{ issuer: "{ISSUER}", audiences: [{AUDIENCE}], jwks: "{jwks}" }}
"""


def limit_section() -> str:
    """A wide limit for each principal, and a narrow one on the scarce path."""
    return f"""
limits:
  - {{ name: each, per: principal, rate: "{PLENTY}/min" }}
operations:
  "GET {SCARCE}":
    limits: [{{ name: scarce, per: principal, rate: "{SCARCE_LIMIT}/min" }}]
"""


# Nothing of a response is touched: an empty value takes a header of ours away.
UNSHAPED = f"""
shape:
  fields: pass
  breach: pass
  scrub_errors: false
  headers: {json.dumps(dict.fromkeys(SECURITY_HEADERS, ""))}
  strip: []
  no_store: false
"""


def bare_document(*, signed: bool) -> dict[str, object]:
    """Paths alone, or paths with a token and nothing else."""
    whole = document(checked=False)
    if signed:
        scheme = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        whole["components"] = {"securitySchemes": {"token": scheme}}
        whole["security"] = [{"token": []}]
    return whole


@contextlib.contextmanager
def start(bench: Bench, name: str, openapi: object, settings: str) -> Iterator[Door]:
    """`bartizan up` in a folder of its own; enforce mode, one worker."""
    folder = bench.folder / name
    folder.mkdir()
    (folder / "openapi.json").write_text(json.dumps(openapi), encoding="utf-8")
    port, admin = free_port(), free_port()
    config = f"""
upstream: http://127.0.0.1:{bench.upstream}
openapi: openapi.json
mode: enforce
listen: 127.0.0.1:{port}
admin: 127.0.0.1:{admin}
workers: 1
state: state
{settings}
"""
    (folder / "bartizan.yaml").write_text(config, encoding="utf-8")
    command: list[str | Path] = [COMMAND, "up", "--config", "bartizan.yaml"]
    with running(command, port, bench.folder / f"{name}.log", folder) as pid:
        yield Door(port, pid, admin)


@contextlib.contextmanager
def plain(bench: Bench) -> Iterator[Door]:
    """Declared paths, no schema, no credential, nothing shaped."""
    with start(bench, "plain", bare_document(signed=False), UNSHAPED) as door:
        yield door


@contextlib.contextmanager
def files(bench: Bench) -> Iterator[Door]:
    """One declared file, up and down."""
    media: dict[str, object] = {"content": {"application/octet-stream": {}}}
    done = {"200": {"description": "done", **media}}
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Files", "version": "1"},
        "paths": {FILE: {"get": {"responses": done},
                         "put": {"requestBody": media, "responses": done}}},
    }  # fmt: skip
    settings = UNSHAPED + f"\nbudget: {{ upload_max_bytes: {2 * FILE_BYTES} }}\n"
    with start(bench, "files", whole, settings) as door:
        yield door


def key_set(bench: Bench) -> Path:
    """The issuer's public keys as a file."""
    file = bench.folder / "jwks.json"
    file.write_text(json.dumps(bench.issuer.jwks()), encoding="utf-8")
    return file


@contextlib.contextmanager
def token(bench: Bench) -> Iterator[Door]:
    """RS256 from the verified-token cache, and a limit for each principal."""
    settings = issuer_section(key_set(bench)) + limit_section() + UNSHAPED
    with start(bench, "token", bare_document(signed=True), settings) as door:
        yield door


@contextlib.contextmanager
def everything(bench: Bench) -> Iterator[Door]:
    """All of the document: token, scopes, limits, every parameter, body and response."""
    settings = issuer_section(key_set(bench)) + limit_section()
    with start(bench, "everything", document(checked=True), settings) as door:
        yield door
