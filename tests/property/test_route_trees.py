"""No route of any framework is reached without the one Operation that stands for it.

The framework itself is asked: what its own app answers, the guarded app answers by the same route
and under that route's Operation, or refuses.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from bartizan.gateway.drain import Drain
from bartizan.gateway.mount import Base
from bartizan.gateway.protect import protect
from tests.property.trees import builders, called
from tests.property.trees.tree import Probe, Tree, grow, probes
from tests.replay.asgi import Taken

SEED = 20_261_125
SAMPLE, WHOLE = 25, 1_000


@dataclass(frozen=True)
class Framework:
    """How to make one app, and how it is called."""

    name: str
    build: Callable[[Tree, builders.Reached], Any]
    is_asgi: bool
    mixed: bool = True


FRAMEWORKS = (
    Framework("starlette", builders.starlette, is_asgi=True),
    Framework("fastapi", builders.fastapi, is_asgi=True),
    Framework("litestar", builders.litestar, is_asgi=True, mixed=False),
    Framework("quart", builders.quart, is_asgi=True),
    Framework("django-asgi", builders.django_asgi, is_asgi=True),
    Framework("django-wsgi", builders.django_wsgi, is_asgi=False),
    Framework("flask", builders.flask, is_asgi=False),
)


@dataclass
class Tally:
    """What came of all probes."""

    reached: int = 0
    refused: int = 0
    trees: int = 0


class Trial:
    """One tree under one framework."""

    def __init__(
        self,
        framework: Framework,
        tree: Tree,
        loop: asyncio.AbstractEventLoop,
        *,
        is_asked: bool = True,
    ) -> None:
        """is_asked: whether the mount asks the framework's own router."""
        self._framework = framework
        self._tree = tree
        self._loop = loop
        self._reached: builders.Reached = []
        self._app = framework.build(tree, self._reached)
        self._taken = Taken()
        self._mount = cast("Base", protect(self._app, mode="enforce"))
        opened = self._mount._open()
        assert opened is not None, self._mount._fault
        self._router = opened.router
        router = opened.router if is_asked else None
        self._mount._guard = replace(opened, router=router, drain=cast("Drain", self._taken))
        self._operations: dict[tuple[int, str], str] = {}

    def run(self, tally: Tally) -> None:
        """Every probe."""
        tally.trees += 1
        for probe in probes(self._tree):
            bare = self._call(self._app, probe)
            ours = self._call(self._mount, probe)
            event = json.loads(self._taken.lines.pop())
            told = f"seed {self._tree.seed}: {probe} bare {bare} ours {ours} {event}"
            if ours is not None:
                tally.reached += 1
                self._hold(ours, event, told)
                assert bare is not None, told
                assert ours[0] == bare[0], told
            elif bare is not None:
                tally.refused += 1
                assert not probe.is_clean or self._may_refuse(probe, event), told

    def _call(self, app: Any, probe: Probe) -> tuple[int, str] | None:
        self._reached.clear()
        if self._framework.is_asgi:
            called.asgi(app, probe, self._loop)
        else:
            called.wsgi(app, probe)
        assert len(self._reached) <= 1
        return self._reached[0] if self._reached else None

    def _hold(self, reached: tuple[int, str], event: dict[str, Any], told: str) -> None:
        """One route and method, one Operation; and the other way round."""
        assert event["verdict"] == "allow", told
        operation = event.get("operation")
        assert operation, told
        number, method = reached
        stands_for = operation.partition(" ")[0]
        assert stands_for == method or (stands_for, method) == ("GET", "HEAD"), told
        known = self._operations.setdefault((number, stands_for), operation)
        assert known == operation, told
        assert list(self._operations.values()).count(operation) == 1, told

    def _may_refuse(self, probe: Probe, event: dict[str, Any]) -> bool:
        """OPTIONS is a browser's preflight; what a document hides or says twice is not declared."""
        assert self._router is not None
        codes = {one["code"] for one in event["reasons"]}
        if not codes <= {"match.unknown-path", "match.unknown-method"}:
            return False
        return probe.method == "OPTIONS" or bool(self._router.undeclared)


def trial(framework: Framework, count: int, *, is_asked: bool = True) -> Tally:
    """`count` trees; raises AssertionError with the seed of the one that fails."""
    tally = Tally()
    loop = asyncio.new_event_loop()
    try:
        for number in range(count):
            tree = grow(SEED + number, mixed=framework.mixed)
            try:
                one = Trial(framework, tree, loop, is_asked=is_asked)
            except framework_faults():
                continue
            one.run(tally)
    finally:
        loop.close()
    return tally


def framework_faults() -> tuple[type[Exception], ...]:
    """What a framework itself says of a tree that it does not take."""
    from litestar.exceptions import ImproperlyConfiguredException

    return (ImproperlyConfiguredException,)


# FastAPI gives a route of several methods one operation id, and warns of it.
@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.name)
def test_no_route_is_reached_without_its_operation(framework: Framework) -> None:
    tally = trial(framework, SAMPLE)
    assert tally.reached > 3 * tally.trees


# FastAPI's own document is close enough to its routes for the few trees of the sample.
@pytest.mark.parametrize(
    "framework", [one for one in FRAMEWORKS if one.name != "fastapi"], ids=lambda one: one.name
)
def test_templates_alone_would_take_routes_for_others(framework: Framework) -> None:
    with pytest.raises(AssertionError, match="seed"):
        trial(framework, SAMPLE, is_asked=False)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate Operation ID")
@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda one: one.name)
def test_no_route_of_a_thousand_trees_is_reached_without_its_operation(
    framework: Framework,
) -> None:
    tally = trial(framework, WHOLE)
    assert tally.trees > WHOLE * 0.4
    assert tally.reached > 3 * tally.trees
