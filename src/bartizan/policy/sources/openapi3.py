"""OpenAPI 3.0, 3.1 and 3.2: the document, its paths, Operations and security, lowered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bartizan.policy.pointer import escape
from bartizan.policy.sources.contents3 import Contents
from bartizan.policy.sources.description import Draft, Operation, Requirement
from bartizan.policy.sources.fields3 import METHODS, is_known_dialect
from bartizan.policy.sources.library import Library, Spot
from bartizan.policy.sources.parameters3 import Parameters
from bartizan.policy.sources.parts import Item, Node, Parts
from bartizan.policy.sources.paths import at, decoded, server_paths, template_fault

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NEVER_SENT = ("TRACE", "CONNECT")
Written = tuple[str, object, Spot]
"""A method as sent, what stands under it, and where."""


class Reader3:
    """Reads one description of OpenAPI 3."""

    def __init__(self, library: Library, version: str) -> None:
        """version: `3.0`, `3.1` or `3.2`."""
        self.parts = Parts(library, version)
        self._version = version
        self._contents = Contents(self.parts)
        self._parameters = Parameters(self.parts, self._contents)
        self._first = library.first
        data = library.document(library.first).data
        self._root: Node = data if isinstance(data, dict) else {}
        self._fields = METHODS if version != "3.2" else (*METHODS, "query")

    def operations(self) -> tuple[Operation, ...]:
        """Every Operation, in the order of the document."""
        self._contents.known(self._root, "document", (self._first, ""))
        components = self._root.get("components")
        for word, node in (("info", self._root.get("info")), ("components", components)):
            if isinstance(node, dict):
                self._contents.known(node, word, (self._first, f"/{word}"))
        self._schemes(components)
        self._dialect_fault = ""
        dialect = self._root.get("jsonSchemaDialect")
        if isinstance(dialect, str) and not is_known_dialect(dialect):
            self._dialect_fault = f"schema dialect `{dialect}` is not supported"
        if self._root.get("webhooks"):
            self.parts.not_enforced("webhooks", (self._first, "/webhooks"))
        found = tuple(self._paths())
        self.parts.finish()
        return found

    # ---- security -------------------------------------------------------------------------

    def _schemes(self, components: object) -> None:
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        for name, node in schemes.items() if isinstance(schemes, dict) else ():
            self._declare(name, node, (self._first, f"/components/securitySchemes/{escape(name)}"))
        if self._version == "3.2":
            self.parts.undeclared = self._declare_by_uri

    def _declare_by_uri(self, name: str, spot: Spot) -> None:
        """A requirement may name a scheme by its URI (OpenAPI 3.2, Security Requirement)."""
        draft = Draft()
        found = self.parts.follow({"$ref": name}, spot, draft)
        if found is not None and "type" in found[0]:
            self._declare(name, *found)

    def _declare(self, name: str, node: object, spot: Spot) -> None:
        draft = Draft()
        found = self.parts.follow(node, spot, draft)
        if found is None:
            self.parts.declare_broken(name, spot, draft.problems[0][1])
        else:
            self._scheme(name, *found)

    def _scheme(self, name: str, node: Node, spot: Spot) -> None:
        self._contents.known(node, "security scheme", spot)
        flows = node.get("flows")
        if isinstance(flows, dict):
            self._contents.known(flows, "oauth flows", at(spot, "flows"))
        kind = node.get("type")
        scheme = node.get("scheme")
        if kind == "http" and isinstance(scheme, str):
            word = scheme.lower()
            kept = "token" if word == "bearer" else "other"
            self.parts.declare(name, spot, kept, {"in": "authorization", "scheme": word})
        elif kind in ("oauth2", "openIdConnect"):
            self.parts.declare(name, spot, "token", {"in": "authorization", "scheme": "bearer"})
        elif kind == "apiKey":
            self.parts.api_key(node, name, spot)
        elif kind == "mutualTLS":
            self.parts.declare(name, spot, "other", {"in": "certificate"})
        else:
            self.parts.declare_broken(name, spot, f"security scheme `{name}` has no known type")

    # ---- paths ----------------------------------------------------------------------------

    def _paths(self) -> Iterator[Operation]:
        paths = self._root.get("paths")
        for path, node in paths.items() if isinstance(paths, dict) else ():
            if path.startswith("x-"):
                continue
            spot: Spot = (self._first, f"/paths/{escape(path)}")
            draft = Draft()
            for item in self.parts.items(node, spot, draft, self._fields):
                yield from self._item(path, item, draft)

    def _item(self, path: str, item: Item, outer: Draft) -> Iterator[Operation]:
        self._contents.known(item.node, "path item", item.spot)
        for written in self._written(item.node, item.spot):
            draft = Draft(problems=list(outer.problems))
            yield self._operation(path, written, item.holders, draft)

    def _written(self, item: Node, spot: Spot) -> Iterator[Written]:
        """The Operations of a path item: those with a field of their own, then all others."""
        for word in self._fields:
            if word in item:
                yield word.upper(), item[word], at(spot, word)
        if "additionalOperations" not in item or self._version != "3.2":
            return
        others, place = item["additionalOperations"], at(spot, "additionalOperations")
        if not isinstance(others, dict):
            message = "`additionalOperations` must be a mapping; nothing in it is an operation"
            self.parts.notes.warn(place, "description.path-item", message)
            return
        for method, node in others.items():
            where = at(place, escape(method))
            if method.lower() in self._fields:
                message = f"`{method}` belongs under `{method.lower()}`; it is read as there"
                self.parts.notes.warn(where, "description.path-item", message)
                yield method.upper(), node, where
            else:
                yield method, node, where

    def _operation(
        self, path: str, declared: Written, holders: tuple[tuple[Node, Spot], ...], draft: Draft
    ) -> Operation:
        method, written, spot = declared
        node: Node = written if isinstance(written, dict) else {}
        if not isinstance(written, dict):
            draft.problems.append((spot, "an operation must be a mapping"))
        self._contents.known(node, "operation", spot)
        if node.get("callbacks"):
            self.parts.not_enforced("callbacks", at(spot, "callbacks"))
        if fault := template_fault(path):
            draft.problems.append((spot, fault))
        if self._dialect_fault:
            draft.problems.append(((self._first, "/jsonSchemaDialect"), self._dialect_fault))
        if method in _NEVER_SENT:
            draft.problems.append((spot, f"{method} is never forwarded"))
        if _TOKEN.fullmatch(method) is None:
            draft.problems.append((spot, f"`{method}` is not a method"))
        operation_id = node.get("operationId")
        return Operation(
            method=method,
            path=decoded(path),
            bases=self._bases((*holders, (node, spot)), draft),
            operation_id=operation_id if isinstance(operation_id, str) else "",
            spot=spot,
            parameters=self._parameters.of(path, (*holders, (node, spot)), spot, draft),
            body=self._contents.body(node, spot, draft),
            responses=self._contents.responses(node, spot, draft),
            security=self._security(node, spot, draft),
            draft=draft,
        )

    def _bases(self, holders: tuple[tuple[Node, Spot], ...], draft: Draft) -> tuple[str, ...]:
        """The paths of the innermost `servers`. holders: outer first."""
        root = (self._root, (self._first, ""))
        for holder, place in (*reversed(holders), root):
            if "servers" in holder:
                self._know_servers(holder["servers"], at(place, "servers"))
                location = self.parts.library.document(self._first).name
                paths, fault = server_paths(holder["servers"], location)
                if fault:
                    draft.problems.append((at(place, "servers"), fault))
                return paths
        return ("",)

    def _know_servers(self, servers: object, spot: Spot) -> None:
        for index, one in enumerate(servers if isinstance(servers, list) else ()):
            if isinstance(one, dict):
                self._contents.known(one, "server", at(spot, str(index)))

    def _security(
        self, node: Node, spot: Spot, draft: Draft
    ) -> tuple[tuple[Requirement, ...], ...]:
        if "security" in node:
            return self.parts.security(node["security"], at(spot, "security"), draft)
        if "security" in self._root:
            return self.parts.security(self._root["security"], (self._first, "/security"), draft)
        return ()
