"""OpenAPI 3.0 and 3.1: paths, parameters, bodies, responses and security, lowered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bartizan.policy.pointer import escape
from bartizan.policy.sources.description import Draft, Form, Operation, Requirement, source
from bartizan.policy.sources.library import Library, Spot
from bartizan.policy.sources.parts import (
    IGNORED_HEADERS,
    METHODS,
    Node,
    Parts,
    is_schema,
    media_range,
    status_key,
)
from bartizan.policy.sources.paths import at, decoded, server_paths, template_fault, template_names

_ROOT = frozenset(
    (
        "openapi",
        "info",
        "servers",
        "paths",
        "components",
        "security",
        "tags",
        "externalDocs",
        "webhooks",
        "jsonSchemaDialect",
    )
)
_ITEM = frozenset(("$ref", "summary", "description", "servers", "parameters", *METHODS))
_OPERATION = frozenset(
    (
        "tags",
        "summary",
        "description",
        "externalDocs",
        "operationId",
        "parameters",
        "requestBody",
        "responses",
        "callbacks",
        "deprecated",
        "security",
        "servers",
    )
)
_PARAMETER = frozenset(
    (
        "name",
        "in",
        "description",
        "required",
        "deprecated",
        "allowEmptyValue",
        "style",
        "explode",
        "allowReserved",
        "schema",
        "example",
        "examples",
        "content",
    )
)
_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
_DIALECTS = (
    "https://json-schema.org/draft/2020-12/schema",
    "https://spec.openapis.org/oas/3.1/dialect/base",
)
_FORMS = ("application/x-www-form-urlencoded", "multipart/")


class Reader3:
    """Reads one document of OpenAPI 3."""

    def __init__(self, library: Library, version: str) -> None:
        """version: `3.0` or `3.1`."""
        self.parts = Parts(library, version)
        self._version = version
        data = library.document(1).data
        self._root: Node = data if isinstance(data, dict) else {}

    def operations(self) -> tuple[Operation, ...]:
        """Every Operation, in the order of the document."""
        self.parts.unknown(self._root, _ROOT, (1, ""), "document")
        self._schemes()
        self._dialect_fault = ""
        dialect = self._root.get("jsonSchemaDialect")
        if isinstance(dialect, str) and dialect.removesuffix("#") not in _DIALECTS:
            self._dialect_fault = f"schema dialect `{dialect}` is not supported"
        if self._root.get("webhooks"):
            self.parts.not_enforced("webhooks", (1, "/webhooks"))
        found = tuple(self._paths())
        self.parts.finish()
        return found

    def _schemes(self) -> None:
        components = self._root.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        for name, node in schemes.items() if isinstance(schemes, dict) else ():
            spot: Spot = (1, f"/components/securitySchemes/{escape(name)}")
            draft = Draft()
            found = self.parts.follow(node, spot, draft)
            if found is None:
                self.parts.declare_broken(name, spot, draft.problems[0][1])
            else:
                self._scheme(name, *found)

    def _scheme(self, name: str, node: Node, spot: Spot) -> None:
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
            spot: Spot = (1, f"/paths/{escape(path)}")
            draft = Draft()
            for item, item_spot in self._items(node, spot, draft):
                yield from self._item(path, item, item_spot, draft)

    def _items(self, node: object, spot: Spot, draft: Draft) -> Iterator[tuple[Node, Spot]]:
        """The path item itself, then the one it refers to; methods written here come first."""
        found = self.parts.follow(node, spot, draft)
        if found is None:
            message = f"the path item cannot be read: {draft.problems[0][1]}"
            self.parts.notes.warn(spot, "description.path-item", message)
            return
        item, target = found
        if isinstance(node, dict) and target != spot:
            beside = {k: v for k, v in node.items() if k != "$ref"}
            if any(word in beside for word in METHODS):
                self.parts.notes.warn(
                    spot,
                    "description.path-item",
                    "operations beside a `$ref` come before those behind it",
                )
                yield beside, spot
                item = {k: v for k, v in item.items() if k not in beside}
        yield item, target

    def _item(self, path: str, item: Node, spot: Spot, outer: Draft) -> Iterator[Operation]:
        self.parts.unknown(item, _ITEM, spot, "path item")
        for method in METHODS:
            if method in item:
                draft = Draft(problems=list(outer.problems))
                yield self._operation(path, method, item, spot, draft)

    def _operation(
        self, path: str, method: str, item: Node, outer: Spot, draft: Draft
    ) -> Operation:
        spot = at(outer, method)
        written = item[method]
        node: Node = written if isinstance(written, dict) else {}
        if not isinstance(written, dict):
            draft.problems.append((spot, "an operation must be a mapping"))
        self.parts.unknown(node, _OPERATION, spot, "operation")
        if node.get("callbacks"):
            self.parts.not_enforced("callbacks", at(spot, "callbacks"))
        for fault in (template_fault(path), self._dialect_fault):
            if fault:
                draft.problems.append((spot, fault))
        if method == "trace":
            draft.problems.append((spot, "TRACE is never forwarded"))
        operation_id = node.get("operationId")
        return Operation(
            method=method.upper(),
            path=decoded(path),
            bases=self._bases(node, spot, item, outer, draft),
            operation_id=operation_id if isinstance(operation_id, str) else "",
            spot=spot,
            parameters=self._parameters(path, node, spot, item, outer, draft),
            body=self._body(node, spot, draft),
            responses=self._responses(node, spot, draft),
            security=self._security(node, spot, draft),
            draft=draft,
        )

    def _bases(
        self, node: Node, spot: Spot, item: Node, outer: Spot, draft: Draft
    ) -> tuple[str, ...]:
        for holder, place in ((node, spot), (item, outer), (self._root, (1, ""))):
            if "servers" in holder:
                location = self.parts.library.document(1).name
                paths, fault = server_paths(holder["servers"], location)
                if fault:
                    draft.problems.append((at(place, "servers"), fault))
                return paths
        return ("",)

    def _security(
        self, node: Node, spot: Spot, draft: Draft
    ) -> tuple[tuple[Requirement, ...], ...]:
        if "security" in node:
            return self.parts.security(node["security"], at(spot, "security"), draft)
        if "security" in self._root:
            return self.parts.security(self._root["security"], (1, "/security"), draft)
        return ()

    # ---- parameters -----------------------------------------------------------------------

    def _parameters(
        self, path: str, node: Node, spot: Spot, item: Node, outer: Spot, draft: Draft
    ) -> list[Form]:
        merged: dict[tuple[str, str], Form] = {}
        for holder, place in ((item, outer), (node, spot)):
            own: set[tuple[str, str]] = set()
            for name, form, where in self._listed(
                holder.get("parameters"), at(place, "parameters"), draft
            ):
                if name in own:
                    draft.problems.append(
                        (where, f"{name[1]} parameter `{name[0]}` is declared twice")
                    )
                own.add(name)
                merged[name] = form
        names = template_names(path)
        for word, kind in list(merged):
            if kind == "path" and word not in names:
                message = f"path parameter `{word}` is not in the path template"
                self.parts.notes.warn(spot, "description.path-parameter", message)
                del merged[word, kind]
        for word in names:
            if (word, "path") not in merged:
                message = f"path parameter `{word}` is not declared; any text passes for it"
                self.parts.notes.warn(spot, "description.path-parameter", message)
                form = self.parts.parameter_form(word, "path", spot, required=True)
                merged[word, "path"] = form
        return list(merged.values())

    def _listed(
        self, node: object, spot: Spot, draft: Draft
    ) -> Iterator[tuple[tuple[str, str], Form, Spot]]:
        if node is None:
            return
        if not isinstance(node, list):
            draft.problems.append((spot, "`parameters` must be a list"))
            return
        for index, one in enumerate(node):
            found = self.parts.follow(one, at(spot, str(index)), draft)
            if found is None:
                continue
            parameter, where = found
            name, place = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or not isinstance(place, str) or place not in _STYLES:
                draft.problems.append((where, f"a parameter `in: {place}` cannot be checked"))
                continue
            if place == "header" and name.lower() in IGNORED_HEADERS:
                continue
            folded = name.lower() if place == "header" else name
            form = self.parts.share(
                "parameter",
                where,
                draft,
                partial(self._parameter, parameter, where),
            )
            yield (folded, place), form, where

    def _parameter(self, node: Node, spot: Spot, draft: Draft) -> Form:
        self.parts.unknown(node, _PARAMETER, spot, "parameter")
        place = str(node["in"])
        required = place == "path" or node.get("required") is True
        form = self.parts.parameter_form(str(node["name"]), place, spot, required=required)
        form["allow_reserved"] = node.get("allowReserved") is True
        form["allow_empty"] = place == "query" and node.get("allowEmptyValue") is True
        self._valued(form, node, spot, _STYLES[place], "request", draft)
        return form

    def _valued(
        self,
        form: Form,
        node: Node,
        spot: Spot,
        styles: tuple[str, ...],
        direction: str,
        draft: Draft,
    ) -> None:
        """Style, and `schema` or `content`: the same for parameters and headers."""
        style = node.get("style", form["style"])
        if style not in styles:
            draft.problems.append((at(spot, "style"), f"style `{style}` does not fit its place"))
            style = form["style"]
        explode = node.get("explode", style == "form")
        form["style"], form["explode"] = style, explode is True
        content = node.get("content")
        if content is not None and "schema" in node:
            draft.problems.append((spot, "`schema` and `content` exclude each other"))
        elif content is not None:
            self._content_value(form, content, at(spot, "content"), direction, draft)
        elif "schema" in node and is_schema(node["schema"], self._version):
            self.parts.schema(form, node["schema"], at(spot, "schema"), direction, draft)
        elif "schema" in node:
            draft.problems.append((at(spot, "schema"), "a schema is a mapping"))
        else:
            message = "neither `schema` nor `content` is written; any value passes"
            self.parts.notes.warn(spot, "description.no-schema", message)

    def _content_value(
        self, form: Form, content: object, spot: Spot, direction: str, draft: Draft
    ) -> None:
        if not isinstance(content, dict) or len(content) != 1:
            draft.problems.append((spot, "`content` of a parameter has exactly one media type"))
            return
        written, media = next(iter(content.items()))
        where = at(spot, escape(written))
        form["content"] = media_range(written)
        if form["content"] is None or not isinstance(media, dict):
            draft.problems.append((where, f"`{written}` is not a media type with a mapping"))
        elif "schema" in media:
            self.parts.schema(form, media["schema"], at(where, "schema"), direction, draft)

    # ---- bodies and responses -------------------------------------------------------------

    def _body(self, node: Node, spot: Spot, draft: Draft) -> Form | None:
        if "requestBody" not in node:
            return None
        found = self.parts.follow(node["requestBody"], at(spot, "requestBody"), draft)
        if found is None:
            return None
        return self.parts.share("body", found[1], draft, partial(self._body_form, *found))

    def _body_form(self, node: Node, spot: Spot, draft: Draft) -> Form:
        known = frozenset(("description", "content", "required"))
        self.parts.unknown(node, known, spot, "request body")
        content = self._content(node.get("content"), at(spot, "content"), "request", draft)
        if not content:
            draft.problems.append((spot, "a request body needs `content`"))
        return {
            "required": node.get("required") is True,
            "content": content,
            "source": source(spot),
        }

    def _content(self, node: object, spot: Spot, direction: str, draft: Draft) -> dict[str, Form]:
        made: dict[str, Form] = {}
        if node is not None and not isinstance(node, dict):
            draft.problems.append((spot, "`content` must be a mapping"))
            return made
        for written, media in node.items() if isinstance(node, dict) else ():
            where = at(spot, escape(written))
            name = media_range(written)
            if name is None or not isinstance(media, dict):
                draft.problems.append((where, f"`{written}` is not a media type with a mapping"))
                continue
            form = self._media(name, media, where, direction, draft)
            if name in made and media.get("schema") != self.parts.library.node(
                (where[0], f"{spot[1]}/{escape(name)}/schema")
            ):
                draft.problems.append((where, f"`{name}` is declared twice with different schemas"))
            made.setdefault(name, form)
        return made

    def _media(self, name: str, node: Node, spot: Spot, direction: str, draft: Draft) -> Form:
        known = frozenset(("schema", "example", "examples", "encoding"))
        self.parts.unknown(node, known, spot, "media type")
        form: Form = {"schema": None, "source": source(spot)}
        if "schema" in node:
            if is_schema(node["schema"], self._version):
                self.parts.schema(form, node["schema"], at(spot, "schema"), direction, draft)
            else:
                draft.problems.append((at(spot, "schema"), "a schema is a mapping"))
        encoding = node.get("encoding")
        if isinstance(encoding, dict) and encoding and name.startswith(_FORMS):
            form["encoding"] = {
                field: self._encoding(one, at(at(spot, "encoding"), escape(field)), draft)
                for field, one in encoding.items()
            }
        return form

    def _encoding(self, node: object, spot: Spot, draft: Draft) -> Form:
        if not isinstance(node, dict):
            draft.problems.append((spot, "an encoding must be a mapping"))
            node = {}
        if node.get("headers"):
            self.parts.not_enforced("headers of encodings", at(spot, "headers"))
        style = node.get("style", "form")
        if style not in _STYLES["query"]:
            draft.problems.append((at(spot, "style"), f"style `{style}` does not fit its place"))
            style = "form"
        types = node.get("contentType")
        ranges = [media_range(one) for one in types.split(",")] if isinstance(types, str) else []
        if None in ranges:
            draft.problems.append(
                (at(spot, "contentType"), f"`{types}` is not a list of media types")
            )
        return {
            "content_types": [one for one in ranges if one],
            "style": style,
            "explode": node.get("explode", style == "form") is True,
        }

    def _responses(self, node: Node, spot: Spot, draft: Draft) -> dict[str, Form]:
        responses = node.get("responses")
        made: dict[str, Form] = {}
        if responses is not None and not isinstance(responses, dict):
            draft.problems.append((at(spot, "responses"), "`responses` must be a mapping"))
        for written, one in responses.items() if isinstance(responses, dict) else ():
            if written.startswith("x-"):
                continue
            where = at(at(spot, "responses"), escape(written))
            status = status_key(written)
            found = self.parts.follow(one, where, draft)
            if status is None:
                draft.problems.append((where, f"`{written}` is not a status"))
            elif found is not None:
                made[status] = self.parts.share(
                    "response", found[1], draft, partial(self._response, *found)
                )
        return made

    def _response(self, node: Node, spot: Spot, draft: Draft) -> Form:
        known = frozenset(("description", "headers", "content", "links"))
        self.parts.unknown(node, known, spot, "response")
        if node.get("links"):
            self.parts.not_enforced("links", at(spot, "links"))
        content = self._content(node.get("content"), at(spot, "content"), "response", draft)
        headers = self._headers(node.get("headers"), at(spot, "headers"), draft)
        return {"content": content, "headers": headers, "source": source(spot)}

    def _headers(self, node: object, spot: Spot, draft: Draft) -> list[Form]:
        made: list[Form] = []
        for name, one in node.items() if isinstance(node, dict) else ():
            found = self.parts.follow(one, at(spot, escape(name)), draft)
            if found is None or name.lower() == "content-type":
                continue
            header, where = found
            required = header.get("required") is True
            form = self.parts.parameter_form(name, "header", where, required=required)
            self._valued(form, header, where, ("simple",), "response", draft)
            made.append(form)
        return made
