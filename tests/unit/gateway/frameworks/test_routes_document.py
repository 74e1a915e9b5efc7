from __future__ import annotations

import json
from typing import Any

from bartizan.gateway.frameworks.frame import Route
from bartizan.gateway.frameworks.routes_document import document_of, graft, relabelled
from bartizan.policy.sources import read


def test_routes_become_operations_without_schemas() -> None:
    routes = [
        Route(1, "/a", ("GET", "POST")),
        Route(2, "/a", ("DELETE",)),
        Route(3, "/b", ("PROPFIND",)),
    ]
    made = document_of(routes, "Flask")
    assert set(made["paths"]) == {"/a"}
    assert set(made["paths"]["/a"]) == {"get", "post", "delete"}
    assert "*/*" in made["paths"]["/a"]["post"]["requestBody"]["content"]


def test_named_parts_of_a_path_are_declared_so_that_nothing_is_said_of_them() -> None:
    made = document_of([Route(1, "/a/{one}/b/{two}", ("GET",)), Route(2, "/f/*p", ("GET",))], "X")
    declared = made["paths"]["/a/{one}/b/{two}"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in declared] == [
        ("one", "path", True),
        ("two", "path", True),
    ]
    assert made["paths"]["/f/*p"]["get"] == {}
    described = read("x", lambda _place: json.dumps(made).encode())
    assert not described.warnings


def test_a_starred_path_declares_no_parameters_of_it() -> None:
    item = {"get": {"parameters": [{"in": "path", "name": "p"}, {"in": "query", "name": "q"}]}}
    made = relabelled({"paths": {"/f/{p}": item, "/g": {}}}, {"/f/{p}": "/f/*p"})
    assert made["paths"] == {
        "/f/*p": {"get": {"parameters": [{"in": "query", "name": "q"}]}},
        "/g": {},
    }


def test_a_mounted_document_keeps_its_own_names_apart() -> None:
    outer: dict[str, Any] = {"paths": {}, "components": {"schemas": {"User": {"type": "string"}}}}
    inner = {
        "security": [{"key": []}],
        "paths": {
            "/u": {"get": {"x": {"$ref": "#/components/schemas/User"}}, "post": {"security": []}}
        },
        "components": {
            "schemas": {"User": {"type": "object"}},
            "securitySchemes": {"key": {"type": "http"}},
        },
    }
    graft(outer, inner, "/sub", 0)
    got = outer["paths"]["/sub/u"]["get"]
    assert got["x"]["$ref"] == "#/components/schemas/mount0.User"
    assert got["security"] == [{"mount0.key": []}]
    assert outer["paths"]["/sub/u"]["post"]["security"] == []
    assert outer["components"]["schemas"]["User"] == {"type": "string"}
    assert "mount0.key" in outer["components"]["securitySchemes"]
