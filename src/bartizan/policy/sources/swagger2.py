"""OpenAPI 2.0 (Swagger) in its common form, lowered to the same parts as 3.x."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bartizan.policy.pointer import escape
from bartizan.policy.sources.description import Draft, Form, Operation, Requirement, source
from bartizan.policy.sources.fields3 import METHODS
from bartizan.policy.sources.library import Library, Spot
from bartizan.policy.sources.media import (
    MULTIPART,
    is_multipart,
    is_read,
    may_be_xml,
    media_range,
    says_more_than_bytes,
)
from bartizan.policy.sources.multiparts import Multiparts
from bartizan.policy.sources.parts import IGNORED_HEADERS, Item, Node, Parts, status_key
from bartizan.policy.sources.paths import at, decoded, template_fault, template_names
from bartizan.policy.sources.words import DIALECTS

# Any type, where the document tells none; JSON among them, so that its schema is held.
_UNTOLD = ["application/json", "*/*"]

_ROOT = frozenset(
    (
        "swagger",
        "info",
        "host",
        "basePath",
        "schemes",
        "consumes",
        "produces",
        "paths",
        "definitions",
        "parameters",
        "responses",
        "securityDefinitions",
        "security",
        "tags",
        "externalDocs",
    )
)
_ITEM = frozenset(("$ref", "parameters", *METHODS)) - {"trace"}
_OPERATION = frozenset(
    (
        "tags",
        "summary",
        "description",
        "externalDocs",
        "operationId",
        "consumes",
        "produces",
        "parameters",
        "responses",
        "schemes",
        "deprecated",
        "security",
    )
)
_PLACES = ("path", "query", "header", "formData", "body")
_ABOUT = frozenset(("name", "in", "description", "required", "allowEmptyValue", "collectionFormat"))
_STYLES = {"ssv": "spaceDelimited", "tsv": "tabDelimited", "pipes": "pipeDelimited"}
_URLENCODED = "application/x-www-form-urlencoded"
Listed = tuple[str, str, Node, Spot]


class Reader2:
    """Reads one document of OpenAPI 2.0."""

    def __init__(self, library: Library) -> None:
        """Read the first document of the library."""
        self.parts = Parts(library, "2.0")
        self._multiparts = Multiparts(self.parts, _no_encoding)
        self._first = library.first
        data = library.document(library.first).data
        self._root: Node = data if isinstance(data, dict) else {}

    def operations(self) -> tuple[Operation, ...]:
        """Every Operation, in the order of the document."""
        self.parts.unknown(self._root, _ROOT, (self._first, ""), "document")
        schemes = self._root.get("securityDefinitions")
        for name, node in schemes.items() if isinstance(schemes, dict) else ():
            self._scheme(name, node, (self._first, f"/securityDefinitions/{escape(name)}"))
        found = tuple(self._paths())
        self.parts.finish()
        return found

    def _scheme(self, name: str, node: object, spot: Spot) -> None:
        kind = node.get("type") if isinstance(node, dict) else None
        if isinstance(node, dict) and kind == "apiKey":
            self.parts.api_key(node, name, spot)
        elif kind == "basic":
            self.parts.declare(name, spot, "other", {"in": "authorization", "scheme": "basic"})
        elif kind == "oauth2":
            self.parts.declare(name, spot, "token", {"in": "authorization", "scheme": "bearer"})
        else:
            self.parts.declare_broken(name, spot, f"security scheme `{name}` has no known type")

    def _paths(self) -> Iterator[Operation]:
        base = self._root.get("basePath")
        bases = (base.rstrip("/") if isinstance(base, str) else "",)
        paths = self._root.get("paths")
        for path, node in paths.items() if isinstance(paths, dict) else ():
            if path.startswith("x-"):
                continue
            draft = Draft()
            spot: Spot = (self._first, f"/paths/{escape(path)}")
            for item in self.parts.items(node, spot, draft, METHODS):
                self.parts.unknown(item.node, _ITEM, item.spot, "path item")
                for method in METHODS:
                    if method in item.node and method != "trace":
                        yield self._operation(path, method, bases, item, draft)

    def _operation(
        self,
        path: str,
        method: str,
        bases: tuple[str, ...],
        item: Item,
        above: Draft,
    ) -> Operation:
        draft = Draft(problems=list(above.problems))
        spot = at(item.spot, method)
        written = item.node[method]
        node: Node = written if isinstance(written, dict) else {}
        if not isinstance(written, dict):
            draft.problems.append((spot, "an operation must be a mapping"))
        self.parts.unknown(node, _OPERATION, spot, "operation")
        if fault := template_fault(path):
            draft.problems.append((spot, fault))
        merged: dict[tuple[str, str], Listed] = {}
        for holder, place in (*item.holders, (node, spot)):
            own: set[tuple[str, str]] = set()
            for one in self._listed(holder.get("parameters"), at(place, "parameters"), draft):
                name = (one[0].lower() if one[1] == "header" else one[0], one[1])
                if name in own:
                    draft.problems.append((one[3], f"parameter `{one[0]}` is declared twice"))
                own.add(name)
                merged[name] = one
        operation_id = node.get("operationId")
        return Operation(
            method=method.upper(),
            path=decoded(path),
            bases=bases,
            operation_id=operation_id if isinstance(operation_id, str) else "",
            spot=spot,
            parameters=self._parameters(path, spot, list(merged.values()), draft),
            body=self._body(node, spot, list(merged.values()), draft),
            responses=self._responses(node, spot, draft),
            security=self._security(node, spot, draft),
            draft=draft,
        )

    def _security(
        self, node: Node, spot: Spot, draft: Draft
    ) -> tuple[tuple[Requirement, ...], ...]:
        if "security" in node:
            return self.parts.security(node["security"], at(spot, "security"), draft)
        if "security" in self._root:
            return self.parts.security(self._root["security"], (self._first, "/security"), draft)
        return ()

    # ---- parameters -----------------------------------------------------------------------

    def _listed(self, node: object, spot: Spot, draft: Draft) -> Iterator[Listed]:
        if node is None:
            return
        if not isinstance(node, list):
            draft.problems.append((spot, "`parameters` must be a list"))
            return
        for index, one in enumerate(node):
            found = self.parts.follow(one, at(spot, str(index)), draft)
            if found is None:
                continue
            name, place = found[0].get("name"), found[0].get("in")
            if not isinstance(name, str) or not isinstance(place, str) or place not in _PLACES:
                draft.problems.append((found[1], f"a parameter `in: {place}` cannot be checked"))
            else:
                yield name, place, *found

    def _parameters(self, path: str, spot: Spot, listed: list[Listed], draft: Draft) -> list[Form]:
        made: dict[tuple[str, str], Form] = {}
        names = template_names(path)
        for name, place, node, where in listed:
            if place in ("body", "formData") or (
                place == "header" and name.lower() in IGNORED_HEADERS
            ):
                continue
            if place == "path" and name not in names:
                message = f"path parameter `{name}` is not in the path template"
                self.parts.notes.warn(where, "description.path-parameter", message)
                continue
            made[name, place] = self.parts.share(
                "parameter",
                where,
                draft,
                partial(self._parameter, name, place, node, where),
            )
        for name in names:
            if (name, "path") not in made:
                message = f"path parameter `{name}` is not declared; any text passes for it"
                self.parts.notes.warn(spot, "description.path-parameter", message)
                made[name, "path"] = self.parts.parameter_form(name, "path", spot, required=True)
        return list(made.values())

    def _parameter(self, name: str, place: str, node: Node, spot: Spot, draft: Draft) -> Form:
        required = place == "path" or node.get("required") is True
        form = self.parts.parameter_form(name, place, spot, required=required)
        form["allow_empty"] = place == "query" and node.get("allowEmptyValue") is True
        form["style"], form["explode"] = self._style(node, place, spot, draft)
        self.parts.keyed(form, self._inline(node, spot, draft), "request", draft)
        return form

    def _style(self, node: Node, place: str, spot: Spot, draft: Draft) -> tuple[str, bool]:
        plain = "simple" if place in ("path", "header") else "form"
        written = node.get("collectionFormat", "csv")
        items = node.get("items")
        if isinstance(items, dict) and items.get("type") == "array":
            draft.problems.append(
                (at(spot, "items"), "a list of lists in a parameter cannot be checked")
            )
        if written == "csv":
            return plain, False
        if written == "multi" and plain == "form":
            return "form", True
        if isinstance(written, str) and written in _STYLES:
            return _STYLES[written], False
        place_at = at(spot, "collectionFormat")
        draft.problems.append((place_at, f"collection format `{written}` does not fit its place"))
        return plain, False

    def _inline(self, node: Node, spot: Spot, draft: Draft) -> str:
        """The schema that a parameter or header is itself, under its own key."""
        words = DIALECTS["2.0"]
        own = {k: v for k, v in node.items() if k in words and k not in _ABOUT}
        for word in node:
            if word not in words and word not in _ABOUT and not word.startswith("x-"):
                message = f"`{word}` is not a field of a parameter in OpenAPI 2.0 and has no effect"
                self.parts.notes.warn(at(spot, escape(word)), "description.unknown-field", message)
        if "type" not in node:
            draft.problems.append((spot, "a parameter needs a `type`"))
        key = self.parts.schemas.inline(spot, own)
        draft.keys.add(key)
        return key

    # ---- bodies ---------------------------------------------------------------------------

    def _body(self, node: Node, spot: Spot, listed: list[Listed], draft: Draft) -> Form | None:
        bodies = [one for one in listed if one[1] == "body"]
        fields = [one for one in listed if one[1] == "formData"]
        if len(bodies) > 1 or (bodies and fields):
            draft.problems.append((spot, "an operation has one body, or form fields, never both"))
        consumes = self._ranges("consumes", node, spot, draft)
        if bodies:
            return self._json_body(bodies[0], consumes or _UNTOLD, draft)
        return self._form_body(fields, consumes, spot, draft) if fields else None

    def _json_body(self, listed: Listed, consumes: list[str], draft: Draft) -> Form:
        _, _, node, spot = listed
        form: Form = {"schema": None, "source": source(spot)}
        if isinstance(node.get("schema"), dict):
            self.parts.schema(form, node["schema"], at(spot, "schema"), "request", draft)
        else:
            draft.problems.append((spot, "a body parameter needs a `schema`"))
        self._tell_unread(consumes, node.get("schema"), at(spot, "schema"), "request")
        if any(may_be_xml(name) for name in consumes):
            self.parts.schemas.map_xml()
        content = {one: self._of_parts(one, node, spot, draft) or form for one in consumes}
        return {
            "required": node.get("required") is True,
            "content": content,
            "source": source(spot),
        }

    def _form_body(
        self, fields: list[Listed], consumes: list[str], spot: Spot, draft: Draft
    ) -> Form:
        has_file = any(node.get("type") == "file" for _, _, node, _ in fields)
        forms = [one for one in consumes if one in (_URLENCODED, MULTIPART)]
        if not forms:
            forms = [MULTIPART] if has_file else [_URLENCODED, MULTIPART]
            if consumes:
                message = (
                    "form fields need a form media type in `consumes`; those of forms are taken"
                )
                self.parts.notes.warn(spot, "description.consumes", message)
        properties: Form = {}
        encoding: Form = {}
        for name, _, node, where in fields:
            value = self.parts.schemas.reference(self._inline(node, where, draft))
            properties[name] = _or_empty(value) if node.get("allowEmptyValue") is True else value
            style, explode = self._style(node, "formData", where, draft)
            encoding[name] = {"content_types": [], "style": style, "explode": explode}
        required = [name for name, _, node, _ in fields if node.get("required") is True]
        schema: Form = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        form: Form = {"schema": None, "encoding": encoding, "source": source(spot)}
        key = self.parts.schemas.make(at(spot, "parameters"), schema)
        self.parts.keyed(form, key, "request", draft)
        content = dict.fromkeys(forms, form)
        return {"required": bool(required), "content": content, "source": source(spot)}

    def _of_parts(self, name: str, node: Node, spot: Spot, draft: Draft) -> Form | None:
        """A multipart body that is no form."""
        if not is_multipart(name) or name == MULTIPART or not isinstance(node.get("schema"), dict):
            return None
        form: Form = {"schema": None, "source": source(spot)}
        self._multiparts.lower(form, name, {"schema": node["schema"]}, spot, draft)
        return form

    def _tell_unread(self, names: list[str], schema: object, spot: Spot, direction: str) -> None:
        """Bodies of these types are not read, so their schema is not held against them."""
        for name in names:
            if "*" not in name and not is_read(name, direction) and says_more_than_bytes(schema):
                self.parts.not_enforced(f"schemas of `{name}` {direction} bodies", spot)

    def _ranges(self, word: str, node: Node, spot: Spot, draft: Draft) -> list[str]:
        holder, place = (node, spot) if word in node else (self._root, (self._first, ""))
        written = holder.get(word)
        made: list[str] = []
        for index, one in enumerate(written if isinstance(written, list) else ()):
            name = media_range(one) if isinstance(one, str) else None
            if name is None:
                where = at(at(place, word), str(index))
                draft.problems.append((where, f"`{one}` is not a media type"))
            else:
                made.append(name)
        return made

    # ---- responses ------------------------------------------------------------------------

    def _responses(self, node: Node, spot: Spot, draft: Draft) -> dict[str, Form]:
        produces = self._ranges("produces", node, spot, draft) or _UNTOLD
        responses = node.get("responses")
        made: dict[str, Form] = {}
        for written, one in responses.items() if isinstance(responses, dict) else ():
            if written.startswith("x-"):
                continue
            where = at(at(spot, "responses"), escape(written))
            status = status_key(written)
            found = self.parts.follow(one, where, draft)
            if status is None:
                draft.problems.append((where, f"`{written}` is not a status"))
            elif found is not None:
                kind = "response " + " ".join(produces)
                made[status] = self.parts.share(
                    kind, found[1], draft, partial(self._response, *found, produces)
                )
        return made

    def _response(self, node: Node, spot: Spot, produces: list[str], draft: Draft) -> Form:
        self.parts.unknown(
            node, frozenset(("description", "schema", "headers", "examples")), spot, "response"
        )
        content: Form = {}
        schema = node.get("schema")
        if isinstance(schema, dict):
            form: Form = {"schema": None, "source": source(spot)}
            self._tell_unread(produces, schema, at(spot, "schema"), "response")
            if schema.get("type") != "file":
                self.parts.schema(form, schema, at(spot, "schema"), "response", draft)
            content = dict.fromkeys(produces, form)
        headers: list[Form] = []
        written = node.get("headers")
        for name, one in written.items() if isinstance(written, dict) else ():
            where = at(at(spot, "headers"), escape(name))
            if isinstance(one, dict) and name.lower() != "content-type":
                header = self.parts.parameter_form(name, "header", where, required=False)
                header["style"], header["explode"] = self._style(one, "header", where, draft)
                self.parts.keyed(header, self._inline(one, where, draft), "response", draft)
                headers.append(header)
        return {"content": content, "headers": headers, "source": source(spot)}


def _no_encoding(_node: object, _spot: Spot, _draft: Draft) -> Form:
    """Version 2.0 has no Encoding Objects."""
    return {}


def _or_empty(schema: Node) -> Node:
    """A field of a form that may be sent without a value."""
    return {"anyOf": [schema, {"type": "string", "maxLength": 0}]}
