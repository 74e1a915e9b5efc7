"""Where two documents that differ in one keyword are played against the same traffic."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bartizan import _core
from bartizan.model.errors import Fault
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Config, Overrides, load
from bartizan.policy.load import require_loadable
from bartizan.policy.pointer import tokens
from bartizan.policy.sources import read
from tests.documents.grammar import Place

CONFIG = """upstream: http://127.0.0.1:1
mode: enforce
shape: { fields: remove, breach: refuse }
"""
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One Exchange: a Request, and the Response of the API."""

    method: str = "GET"
    target: str = "/v1/things"
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    status: int = 200
    answer_fields: tuple[tuple[str, str], ...] = ()
    answer: bytes = b""

    def capture(self) -> bytes:
        """As replay reads it."""
        request: dict[str, Any] = {"method": self.method, "target": self.target}
        request["fields"] = [["host", "api.test"], *map(list, self.fields)]
        if self.body:
            request["body"] = {"base64": base64.b64encode(self.body).decode()}
        response: dict[str, Any] = {
            "status": self.status,
            "fields": [*map(list, self.answer_fields)],
        }
        if self.answer:
            response["body"] = {"base64": base64.b64encode(self.answer).decode()}
        return json.dumps({"request": request, "response": response}).encode()


def asks(target: str, method: str = "GET", **fields: str) -> Sent:
    """A Request without a body; `_` in the name of a field is a dash."""
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Sent(method=method, target=target, fields=named)


def probes(*texts: str) -> tuple[Sent, ...]:
    """Requests whose query is `texts`, as they are."""
    return tuple(asks(f"/v1/things?{text}") for text in texts)


def posts(*bodies: str, kind: str = JSON, target: str = "/v1/things") -> tuple[Sent, ...]:
    """Requests with these bodies."""
    fields = (("content-type", kind),)
    return tuple(
        Sent(method="POST", target=target, fields=fields, body=body.encode()) for body in bodies
    )


def holds(*values: Any) -> tuple[Sent, ...]:
    """Requests whose JSON holds each `value`."""
    return posts(*(json.dumps({"value": one}) for one in values))


def gives(*bodies: str, kind: str = JSON, status: int = 200, **fields: str) -> tuple[Sent, ...]:
    """Responses with these bodies."""
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return tuple(
        Sent(status=status, answer_fields=(("content-type", kind), *named), answer=body.encode())
        for body in bodies
    )


TRAFFIC = (
    asks("/v1/things"),
    asks("/things"),
    asks("/v2/things"),
    asks("/v1/others"),
    asks("/v1/things", "PUT"),
    *probes("probe=a", "probe=", "probe=a,b", "probe=a&probe=b", "probe=a%2Fb"),
    *holds("a", "bc", 1),
    Sent(method="POST"),
    *posts("value=a", kind=FORM),
    *gives('{"value": "a", "more": 1}', '{"value": 1}', probe="a"),
    *gives("{}", status=404),
)


@dataclass(slots=True)
class Played:
    """What became of one document. told: code and line; seen: what each Exchange came to."""

    faults: list[str] = field(default_factory=list)
    form: bytes = b""
    told: set[tuple[str, int, str]] = field(default_factory=set)
    seen: list[Any] = field(default_factory=list)


class Stage:
    """Compiles documents and plays traffic against them."""

    def __init__(self, folder: Path) -> None:
        """folder: takes the config."""
        file = folder / "bartizan.yaml"
        file.write_text(CONFIG, encoding="utf-8")
        self._config: Config = load(file, overrides=Overrides(), environ={})
        self._known: dict[tuple[bytes, tuple[Sent, ...]], Played] = {}

    def play(self, document: Any, traffic: tuple[Sent, ...]) -> Played:
        """The document before the traffic."""
        raw = json.dumps(document, indent=1).encode()
        if (raw, traffic) not in self._known:
            self._known[raw, traffic] = self._play(raw, traffic)
        return self._known[raw, traffic]

    def _play(self, raw: bytes, traffic: tuple[Sent, ...]) -> Played:
        played = Played()
        try:
            compiled = compile_policy(self._config, read("openapi.json", lambda _: raw))
            compiled = require_loadable(compiled)
        except Fault as fault:
            played.faults = [one.code for one in fault.diagnostics]
            played.told = {(one.code, one.line, one.message) for one in fault.diagnostics}
            return played
        played.form = compiled.form
        played.told = {(one.code, one.line, one.message) for one in compiled.warnings}
        policy = _core.Policy.load(compiled.form)
        live = _core.Live(policy, bytes(16))
        for sent in traffic:
            line, body, fields = _core.replay(policy, live, sent.capture())
            event = json.loads(line)
            codes = sorted(reason["code"] for reason in event.get("reasons", ()))
            played.seen.append((event["verdict"], codes, event.get("status"), body, fields))
        return played


def put(document: Any, pointer: str, value: Any) -> Any:
    """A copy of the document with a value at a pointer whose holder is there."""
    made = deepcopy(document)
    *outer, last = places(made, pointer)
    node = made
    for step in outer:
        node = node[step]
    if isinstance(node, list) and last == len(node):
        node.append(deepcopy(value))
    else:
        node[last] = deepcopy(value)
    return made


def without(document: Any, pointer: str) -> Any:
    """A copy of the document without one value."""
    made = deepcopy(document)
    *outer, last = places(made, pointer)
    node: Any = made
    for step in outer:
        node = node[step]
    if isinstance(node, dict):
        node.pop(last, None)
    else:
        node.pop(int(last))
    return made


def places(document: Any, pointer: str) -> Place:
    """The steps of a pointer; those of lists are numbers."""
    found: list[str | int] = []
    node = document
    for token in tokens(pointer):
        step: str | int = int(token) if isinstance(node, list) else token
        found.append(step)
        is_there = step in node if isinstance(node, dict) else int(step) < len(node)
        node = node[step] if is_there else None
    return tuple(found)


def line_of(document: Any, pointer: str) -> int:
    """The line of a key in the document, as `json.dumps(indent=1)` writes it."""
    line, node = 1, document
    for step in places(document, pointer):
        members = list(node.items() if isinstance(node, dict) else enumerate(node))
        line += 1
        for key, value in members:
            if key == step:
                break
            line += _lines(value)
        node = node[step]
    return line


def _lines(value: Any) -> int:
    if not isinstance(value, dict | list) or not value:
        return 1
    inner = value.values() if isinstance(value, dict) else value
    return 2 + sum(map(_lines, inner))
