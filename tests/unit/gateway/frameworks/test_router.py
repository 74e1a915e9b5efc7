from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import pytest

from bartizan.gateway.frameworks.frame import Call, Route
from bartizan.gateway.frameworks.router import Router
from bartizan.gateway.guard import Choice, compile_guard
from tests.unit.gateway.mounted import DOCUMENT, Api, call, guard, mount, scope


@dataclass
class Listed:
    """A frame that is a list; a path is the key of its route."""

    given: list[Route]
    name: str = "Listed"
    asked: list[Call] = field(default_factory=list)

    def routes(self) -> list[Route]:
        return self.given

    def document(self) -> None:
        """None."""

    def find(self, call: Call) -> Hashable | None:
        self.asked.append(call)
        return call.path if any(one.key == call.path for one in self.given) else None


PETS = Listed(
    [Route("/pets/7", "/pets/{id}", ("GET",)), Route("/debug", "/debug", ("GET", "POST"))]
)
OPERATIONS = ["POST /pets", "GET /pets/{id}"]


def test_a_call_leads_to_the_operation_of_its_route() -> None:
    router = Router(PETS, OPERATIONS, is_own=True)
    assert router.operation(Call("GET", "/pets/7")) == 1
    assert router.operation(Call("HEAD", "/pets/7")) == 1
    assert router.operation(Call("POST", "/pets/7")) is None
    assert router.operation(Call("GET", "/pets/8")) is None


def test_routes_without_an_operation_are_named() -> None:
    assert Router(PETS, OPERATIONS, is_own=True).undeclared == ["GET /debug", "POST /debug"]


def test_a_written_document_may_name_parameters_otherwise() -> None:
    written = ["GET /pets/{petId}"]
    assert Router(PETS, written, is_own=False).operation(Call("GET", "/pets/7")) == 0
    assert Router(PETS, written, is_own=True).operation(Call("GET", "/pets/7")) is None


@pytest.mark.parametrize(("path", "status"), [("/pets/7", 200), ("/pets/8", 404), ("/debug", 404)])
def test_what_the_app_does_not_route_is_unknown_whatever_templates_say(
    path: str, status: int
) -> None:
    from dataclasses import replace

    app = mount(Api())
    opened = guard()
    router = Router(PETS, opened.policy.operations, is_own=True)
    app._guard = replace(opened, router=router)
    assert call(app, scope(path=path)).status == status


@pytest.mark.parametrize("label", ["/pets/{id}", "/v1/pets/{id}"])
def test_a_base_path_counts_where_the_routes_have_it(label: str) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Route as View

    app = Starlette(routes=[View(label, lambda _request: None)])
    document = {**DOCUMENT, "servers": [{"url": "https://api.local/v1"}]}
    opened = compile_guard(Choice(None, document, "enforce"), app, {}, lambda _line: None)
    assert opened.router is not None
    path = label.replace("{id}", "7")
    assert opened.router.operation(Call("GET", path)) is not None
    assert opened.policy.operations[1] == f"GET {label}"


def test_a_preflight_asks_for_the_method_it_names() -> None:
    router = Router(PETS, OPERATIONS, is_own=True)
    exchange = guard().open("192.0.2.7")
    assert router.route(exchange, Call("OPTIONS", "/pets/7"), "GET") is None
    assert PETS.asked[-1].method == "GET"
