"""Honest use of an API as a list of steps, and what came back of each."""

from __future__ import annotations

import contextlib
import http.client
import json
import string
from collections.abc import Iterable
from dataclasses import dataclass

TIMEOUT_S = 30.0
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One request. `$name` in target and body stands for what an earlier step kept.

    keep: name -> where in the JSON answer. chunks: the body, sent chunked.
    """

    method: str
    target: str
    body: bytes | None = None
    fields: Pairs = ()
    keep: Pairs = ()
    chunks: tuple[bytes, ...] = ()

    @property
    def name(self) -> str:
        """Short, for messages."""
        return f"{self.method} {self.target}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `fields`: lower-case names, as they came."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def value(self, name: str) -> str | None:
        """The first value of a field."""
        return next((value for key, value in self.fields if key == name), None)


def send_json(
    method: str, target: str, data: object, *fields: tuple[str, str], **keep: str
) -> Step:
    """A step with a JSON body."""
    body = json.dumps(data).encode()
    kind = ("content-type", "application/json")
    return Step(method, target, body, (kind, *fields), tuple(keep.items()))


def play(address: str, steps: Iterable[Step]) -> list[Answer]:
    """Sends the steps in order, on one connection as far as it stays open."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT_S)
    kept: dict[str, str] = {}
    answers = []
    with contextlib.closing(connection):
        for step in steps:
            answer = _one(connection, step, kept)
            answers.append(answer)
            _keep(step, answer, kept)
    return answers


def _one(connection: http.client.HTTPConnection, step: Step, kept: dict[str, str]) -> Answer:
    body = None if step.body is None else _put(step.body.decode("latin-1"), kept).encode("latin-1")
    connection.request(
        step.method,
        _put(step.target, kept),
        body=iter(step.chunks) if step.chunks else body,
        headers=dict(step.fields),
    )
    response = connection.getresponse()
    fields = tuple((name.lower(), value) for name, value in response.getheaders())
    return Answer(response.status, fields, response.read())


def _put(text: str, kept: dict[str, str]) -> str:
    return string.Template(text).safe_substitute(kept)


def _keep(step: Step, answer: Answer, kept: dict[str, str]) -> None:
    for name, where in step.keep:
        with contextlib.suppress(ValueError, LookupError, TypeError):
            value = json.loads(answer.body)
            for part in where.split("."):
                value = value[int(part)] if isinstance(value, list) else value[part]
            kept[name] = str(value)
