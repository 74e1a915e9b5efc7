"""OpenAPI 3: values with `schema` or `content`, bodies and responses, lowered."""

from __future__ import annotations

from functools import partial

from bartizan.policy.pointer import escape
from bartizan.policy.sources.description import Draft, Form, source
from bartizan.policy.sources.encodings3 import Encodings
from bartizan.policy.sources.events3 import hold_data
from bartizan.policy.sources.fields3 import fields_of
from bartizan.policy.sources.library import Spot
from bartizan.policy.sources.media import (
    EVENTS,
    FORM,
    MULTIPART,
    is_multipart,
    is_read,
    is_sequence,
    may_be_xml,
    media_range,
    says_more_than_bytes,
)
from bartizan.policy.sources.multiparts import Multiparts
from bartizan.policy.sources.parts import Node, Parts, is_schema, status_key
from bartizan.policy.sources.paths import at
from bartizan.policy.sources.unheld import strictest_class

_SPREAD = ("form", "cookie")


class Contents:
    """Lowers what a message holds."""

    def __init__(self, parts: Parts) -> None:
        """Keep what is found in `parts`."""
        self._parts = parts
        self._version = parts.version
        self._encodings = Encodings(parts, self._headers)
        self._multiparts = Multiparts(parts, self._encodings.part)

    def known(self, node: Node, what: str, spot: Spot) -> None:
        """Warn of fields that the object does not have in this version."""
        self._parts.unknown(node, fields_of(what, self._version), spot, what)

    # ---- values of parameters and headers -------------------------------------------------

    def valued(
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
        explode = node.get("explode", style in _SPREAD)
        form["style"], form["explode"] = "form" if style == "cookie" else style, explode is True
        content = node.get("content")
        if content is not None and "schema" in node:
            draft.problems.append((spot, "`schema` and `content` exclude each other"))
        elif content is not None:
            self._content_value(form, content, at(spot, "content"), direction, draft)
        elif "schema" in node:
            self._schema(form, node, "schema", spot, direction, draft)
        else:
            message = "neither `schema` nor `content` is written; any value passes"
            self._parts.notes.warn(spot, "description.no-schema", message)

    def _content_value(
        self, form: Form, content: object, spot: Spot, direction: str, draft: Draft
    ) -> None:
        if not isinstance(content, dict) or len(content) != 1:
            draft.problems.append((spot, "`content` of a parameter has exactly one media type"))
            return
        written, media = next(iter(content.items()))
        where = at(spot, escape(written))
        form["content"] = media_range(written)
        found = self._referred(media, where, draft)
        if found is None:
            return
        if form["content"] is None:
            draft.problems.append((where, f"`{written}` is not a media type with a mapping"))
        elif "schema" in found[0]:
            self._schema(form, found[0], "schema", found[1], direction, draft)

    def _schema(
        self, form: Form, node: Node, word: str, spot: Spot, direction: str, draft: Draft
    ) -> None:
        """Set `form["schema"]` or `form["item"]` from `node[word]`."""
        slot = "item" if word == "itemSchema" else "schema"
        if is_schema(node[word], self._version):
            self._parts.schema(form, node[word], at(spot, word), direction, draft, slot=slot)
        else:
            draft.problems.append((at(spot, word), "a schema is a mapping"))

    def _referred(self, media: object, spot: Spot, draft: Draft) -> tuple[Node, Spot] | None:
        """A media type; since 3.2 it may be a `$ref`."""
        if not isinstance(media, dict):
            draft.problems.append((spot, f"{_shown(spot)} is not a media type with a mapping"))
            return None
        if self._version != "3.2":
            return media, spot
        return self._parts.follow(media, spot, draft)

    # ---- bodies ---------------------------------------------------------------------------

    def body(self, node: Node, spot: Spot, draft: Draft) -> Form | None:
        """The request body of an Operation, or None."""
        if "requestBody" not in node:
            return None
        found = self._parts.follow(node["requestBody"], at(spot, "requestBody"), draft)
        if found is None:
            return None
        return self._parts.share("body", found[1], draft, partial(self._body_form, *found))

    def _body_form(self, node: Node, spot: Spot, draft: Draft) -> Form:
        self.known(node, "request body", spot)
        content = self._content(node.get("content"), at(spot, "content"), "request", draft)
        if not node.get("content"):
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
            found = self._referred(media, where, draft) if name is not None else None
            if name is None:
                draft.problems.append((where, f"`{written}` is not a media type with a mapping"))
            elif found is not None:
                form = self._media(name, *found, direction, draft)
                if name in made and found[0].get("schema") != self._parts.library.node(
                    (where[0], f"{spot[1]}/{escape(name)}/schema")
                ):
                    reason = f"`{name}` is declared twice with different schemas"
                    draft.problems.append((where, reason))
                made.setdefault(name, form)
        return made

    def _media(self, name: str, node: Node, spot: Spot, direction: str, draft: Draft) -> Form:
        self.known(node, "media type", spot)
        form: Form = {"schema": None, "source": source(spot)}
        if direction == "request" and is_multipart(name):
            self._multiparts.lower(form, name, node, spot, draft)
            return form
        if "schema" in node and self._holds_schema(name, node["schema"], spot, direction):
            self._schema(form, node, "schema", spot, direction, draft)
            if direction == "request" and may_be_xml(name):
                self._parts.schemas.map_xml()
        elif "schema" in node:
            self._unheld(form, node["schema"], at(spot, "schema"))
        if "itemSchema" in node and self._version == "3.2":
            self._items(form, name, node, spot, direction, draft)
        encoding = node.get("encoding")
        if isinstance(encoding, dict) and encoding and name in (FORM, MULTIPART):
            form["encoding"] = {
                field: self._encodings.field(one, at(at(spot, "encoding"), escape(field)), draft)
                for field, one in encoding.items()
            }
        elif encoding and is_multipart(name):
            self._parts.not_enforced(f"encodings of `{name}` bodies", at(spot, "encoding"))
        for word in ("prefixEncoding", "itemEncoding"):
            if word in node and self._version == "3.2":
                self._parts.not_enforced("encodings of parts by their position", at(spot, word))
        return form

    def _holds_schema(self, name: str, schema: object, spot: Spot, direction: str) -> bool:
        """Whether `schema` is held against bodies of this type; told where it is not."""
        where = at(spot, "schema")
        if is_sequence(name) and (self._version != "3.2" or not is_read(name, direction)):
            if says_more_than_bytes(schema):
                self._parts.not_enforced(f"schemas of whole `{name}` sequences", where)
            return False
        if not is_read(name, direction) and "*" not in name and says_more_than_bytes(schema):
            side = "response" if direction == "response" else "request"
            self._parts.not_enforced(f"schemas of `{name}` {side} bodies", where)
        return True

    def _unheld(self, form: Form, schema: object, where: Spot) -> None:
        """Keep what a schema that is not held against bodies says of how far they may be shown."""
        found = strictest_class(self._parts.library, schema, where)
        if found is not None:
            form["unheld"] = {"class": found[0], "source": source(found[1])}

    def _items(
        self, form: Form, name: str, node: Node, spot: Spot, direction: str, draft: Draft
    ) -> None:
        where = at(spot, "itemSchema")
        is_asked_of_us = direction == "response" or name != EVENTS
        if is_sequence(name) and is_asked_of_us:
            self._schema(form, node, "itemSchema", spot, direction, draft)
            if name == EVENTS:
                hold_data(self._parts, form, node["itemSchema"], where, direction, draft)
        elif is_sequence(name) or is_multipart(name):
            self._unheld(form, node["itemSchema"], where)
            self._parts.not_enforced(f"item schemas of `{name}` {direction} bodies", where)
        else:
            message = f"`itemSchema` has no effect: `{name}` is not a sequence of items"
            self._parts.notes.warn(where, "description.item-schema", message)

    # ---- responses ------------------------------------------------------------------------

    def responses(self, node: Node, spot: Spot, draft: Draft) -> dict[str, Form]:
        """The responses of an Operation by status."""
        responses = node.get("responses")
        made: dict[str, Form] = {}
        if responses is not None and not isinstance(responses, dict):
            draft.problems.append((at(spot, "responses"), "`responses` must be a mapping"))
        for written, one in responses.items() if isinstance(responses, dict) else ():
            if written.startswith("x-"):
                continue
            where = at(at(spot, "responses"), escape(written))
            status = status_key(written)
            found = self._parts.follow(one, where, draft)
            if status is None:
                draft.problems.append((where, f"`{written}` is not a status"))
            elif found is not None:
                made[status] = self._parts.share(
                    "response", found[1], draft, partial(self._response, *found)
                )
        return made

    def _response(self, node: Node, spot: Spot, draft: Draft) -> Form:
        self.known(node, "response", spot)
        if node.get("links"):
            self._parts.not_enforced("links", at(spot, "links"))
        content = self._content(node.get("content"), at(spot, "content"), "response", draft)
        headers = self._headers(node.get("headers"), at(spot, "headers"), "response", draft)
        return {"content": content, "headers": headers, "source": source(spot)}

    def _headers(self, node: object, spot: Spot, direction: str, draft: Draft) -> list[Form]:
        made: list[Form] = []
        for name, one in node.items() if isinstance(node, dict) else ():
            found = self._parts.follow(one, at(spot, escape(name)), draft)
            if found is None or name.lower() == "content-type":
                continue
            header, where = found
            self.known(header, "header", where)
            required = header.get("required") is True
            form = self._parts.parameter_form(name, "header", where, required=required)
            self.valued(form, header, where, ("simple",), direction, draft)
            made.append(form)
        return made


def _shown(spot: Spot) -> str:
    from bartizan.policy.pointer import tokens

    return f"`{tokens(spot[1])[-1]}`"
