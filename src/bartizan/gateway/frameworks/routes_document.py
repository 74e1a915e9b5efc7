"""Documents of routes: one without schemas where there is none, and one app's in another's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from bartizan.gateway.frameworks.frame import Route

Json = dict[str, Any]
ANY_BODY: Json = {"content": {"application/json": {}, "*/*": {}}}
WITH_BODY = frozenset(("POST", "PUT", "PATCH", "DELETE"))
KNOWN = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_NAMED = re.compile(r"\{([^{}]*)\}")
SECTIONS = ("schemas", "responses", "parameters", "examples", "requestBodies", "headers",
            "securitySchemes", "links", "callbacks", "pathItems")  # fmt: skip


def bare_operation(method: str, path: str) -> Json:
    """An Operation of which nothing but method and path is known: any text is a parameter of it."""
    made: Json = {"requestBody": deepcopy(ANY_BODY)} if method in WITH_BODY else {}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _NAMED.findall(path)
    ]
    return {**made, "parameters": parameters} if parameters else made


def document_of(routes: Iterable[Route], title: str) -> Json:
    """An OpenAPI document without schemas. JSON that two parsers read differently is refused."""
    paths: Json = {}
    for route in routes:
        item = paths.setdefault(route.label, {})
        for method in route.methods:
            if method in KNOWN:
                item.setdefault(method.lower(), bare_operation(method, route.label))
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "0"},
        "paths": {path: item for path, item in paths.items() if item},
    }


def relabelled(document: Mapping[str, Any], labels: Mapping[str, str]) -> Json:
    """A copy with paths as `labels` names them. A star takes its declared path parameters along."""
    made = dict(document)
    made["paths"] = {
        labels.get(path, path): _without_path(item) if "/*" in labels.get(path, path) else item
        for path, item in document.get("paths", {}).items()
    }
    return made


def _without_path(item: Any) -> Any:
    if isinstance(item, dict):
        return {
            key: [one for one in value if not _is_in_path(one)] if key == "parameters"
            else _without_path(value) if key in _METHODS else value
            for key, value in item.items()
        }  # fmt: skip
    return item


def _is_in_path(parameter: Any) -> bool:
    return isinstance(parameter, dict) and parameter.get("in") == "path"


_METHODS = frozenset(one.lower() for one in (*KNOWN, "TRACE", "QUERY"))


def graft(outer: Json, inner: Mapping[str, Any], prefix: str, number: int) -> None:
    """Puts the paths of a mounted app's document below `prefix`; its components get new names."""
    mark = f"mount{number}."
    security = inner.get("security")
    for path, item in inner.get("paths", {}).items():
        moved = _moved(item, mark)
        for method, operation in moved.items() if isinstance(moved, dict) else ():
            if method in _METHODS and isinstance(operation, dict):
                written = operation.get("security", security)
                if written is not None:
                    operation["security"] = [
                        {mark + name: scopes for name, scopes in one.items()} for one in written
                    ]
        outer.setdefault("paths", {})[prefix + path] = moved
    for section, parts in inner.get("components", {}).items():
        place = outer.setdefault("components", {}).setdefault(section, {})
        place.update({mark + name: _moved(part, mark) for name, part in parts.items()})


def _moved(node: Any, mark: str) -> Any:
    if isinstance(node, list):
        return [_moved(one, mark) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _moved(value, mark) for key, value in node.items()}
    target = node.get("$ref")
    if isinstance(target, str):
        for section in SECTIONS:
            begin = f"#/components/{section}/"
            if target.startswith(begin):
                made["$ref"] = begin + mark + target[len(begin) :]
    return made
