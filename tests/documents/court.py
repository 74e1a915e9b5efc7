"""Both verdicts on the Requests of one document, side by side."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bartizan import _core
from bartizan.policy.compile import Compiled
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.load import require_loadable
from bartizan.policy.sources import fetch_file, read
from tests.documents.oracle import Oracle, Placed
from tests.documents.requests import Maker
from tests.documents.spec import Spec
from tests.documents.wire import Request

SEED = "documents 1"
CONFIG = """upstream: http://127.0.0.1:1
mode: enforce
operations: { '*': { security: none } }
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A difference that stays. ours: begins with it; mended: lines of config that end it."""

    document: str
    operation: str
    ours: str
    why: str
    mended: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The two verdicts differ. ours, theirs: what each side holds against the Request."""

    document: str
    operation: str
    done: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    request: Request

    def is_listed(self, listed: Listed) -> bool:
        """Whether the list explains it."""
        here = (listed.document, listed.operation) == (self.document, self.operation)
        return here and bool(self.ours) and self.ours[0].startswith(listed.ours)

    def told(self) -> str:
        """One line."""
        query = f"?{self.request.query}" if self.request.query else ""
        body = (self.request.body or b"")[:200]
        return (
            f"{self.document} {self.operation} [{self.done}]"
            f" validator: {'; '.join(self.theirs) or 'allowed'};"
            f" ours: {'; '.join(self.ours) or 'allowed'}; {self.request.path}{query} {body!r}"
        )


@dataclass(slots=True)
class Count:
    """What was looked at. allowed, refused: by both; met: operations with an allowed one."""

    operations: int = 0
    unrepresentable: int = 0
    requests: int = 0
    allowed: int = 0
    refused: int = 0
    met: set[str] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)


def compiled(file: Path, folder: Path, more: str = "") -> Compiled:
    """The Policy of one document in enforce mode, credentials aside. more: lines of config."""
    config = folder / "bartizan.yaml"
    config.write_text(CONFIG + more, encoding="utf-8")
    loaded = load(config, overrides=Overrides(), environ={})
    return require_loadable(compile_policy(loaded, read(str(file), fetch_file)))


class Court:
    """One document before both judges."""

    def __init__(self, name: str, file: Path, policy: Compiled) -> None:
        self.name = name
        self.compiled = policy
        self._spec = Spec(file)
        self._policy = _core.Policy.load(self.compiled.form)
        self._live = _core.Live(self._policy, bytes(16))
        self._broken = {one.operation for one in self.compiled.unrepresentable}
        self.placed = list(self._places())
        self._oracle = Oracle(self._spec, self.placed)
        self._maker = Maker(self._spec)

    def _places(self) -> Iterator[Placed]:
        """Every declared operation at every place; one that has none was dropped."""
        places: dict[str, list[Any]] = {}
        for one in self.compiled.operations:
            places.setdefault(one.pointer, []).append(one)
        for raw in self._spec.operations():
            assert places.get(raw.pointer), f"{raw.method} {raw.path} was dropped"
            for one in places[raw.pointer]:
                yield Placed(raw, one.id, one.template)

    def judge(self, operations_max: int, requests_max: int) -> Count:
        """Both verdicts on some Requests of some operations, chosen by SEED."""
        count = Count()
        first = {one.raw.pointer: one for one in reversed(self.placed)}
        chosen = sorted(first.values(), key=lambda one: one.raw.pointer)
        if len(chosen) > operations_max:
            chosen = random.Random(SEED).sample(chosen, operations_max)
        for one in chosen:
            count.operations += 1
            is_broken = one.id in self._broken
            count.unrepresentable += is_broken
            for done, request in self._maker.some(one.raw, one.template, SEED, requests_max):
                if is_broken:
                    self._require_refused(one, request)
                else:
                    self._compare(count, one, done, request)
        return count

    def _event(self, request: Request) -> Any:
        line, *_ = _core.replay(self._policy, self._live, request.capture())
        return json.loads(line)

    def _require_refused(self, one: Placed, request: Request) -> None:
        """What cannot be checked is refused, whatever is sent."""
        verdict = self._event(request)["verdict"]
        assert verdict != "allow", f"{one.id} cannot be checked and was let through"

    def _compare(self, count: Count, one: Placed, done: str, request: Request) -> None:
        meant = self._oracle.meant(request) or one
        event = self._event(request)
        count.requests += 1
        ours = tuple(_told(r) for r in event["reasons"] if not r["code"].startswith("upstream."))
        is_allowed = event["verdict"] == "allow"
        if meant.id in self._broken:
            theirs = ["cannot be checked"]
        else:
            theirs = self._oracle.against(meant, request)
        if event.get("operation") not in (meant.id, None):
            ours = (f"taken for {event['operation']}", *ours)
        elif bool(theirs) is not is_allowed:
            if theirs:
                count.refused += 1
            else:
                count.allowed += 1
                count.met.add(meant.id)
            return
        count.differences.append(
            Difference(self.name, meant.id, done, ours, tuple(theirs), request)
        )


def _told(reason: Any) -> str:
    place = f"{reason.get('in', '')}:{reason.get('name', '')}#{reason.get('pointer', '')}"
    return f"{reason['code']} {place} {reason.get('expected', '')}"
