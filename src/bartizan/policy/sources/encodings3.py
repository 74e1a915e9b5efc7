"""OpenAPI 3: Encoding Objects, which say how one property of a form or one part is written."""

from __future__ import annotations

from collections.abc import Callable

from bartizan.policy.sources.description import Draft, Form, source
from bartizan.policy.sources.fields3 import STYLES, fields_of
from bartizan.policy.sources.library import Spot
from bartizan.policy.sources.media import is_multipart, media_range
from bartizan.policy.sources.parts import Parts
from bartizan.policy.sources.paths import at

Headers = Callable[[object, Spot, str, Draft], list[Form]]
"""Lowers a map of Header Objects: node, spot, direction, draft."""

_CODED = ("content-encoding", "content-transfer-encoding")


class Encodings:
    """Lowers Encoding Objects."""

    def __init__(self, parts: Parts, headers: Headers) -> None:
        """Keep what is found in `parts`."""
        self._parts = parts
        self._headers = headers

    def field(self, node: object, spot: Spot, draft: Draft) -> Form:
        """Of a field of a form, or of anything in a response."""
        node, form = self._common(node, spot, draft)
        if node.get("headers"):
            self._parts.not_enforced("headers of encodings", at(spot, "headers"))
        self._tell_nested(node, spot)
        return form

    def part(self, node: object, spot: Spot, draft: Draft) -> Form:
        """Of a part of a multipart request body."""
        node, form = self._common(node, spot, draft)
        types = form["content_types"]
        if isinstance(types, list) and any(map(is_multipart, types)):
            reason = "parts that are multipart bodies themselves cannot be checked"
            draft.problems.append((at(spot, "contentType"), reason))
        else:
            self._tell_nested(node, spot)
        if node.get("headers"):
            place = at(spot, "headers")
            headers = self._headers(node["headers"], place, "request", draft)
            form["headers"] = headers
            for header in headers:
                if header["required"] and header["name"] in _CODED:
                    reason = f"parts with `{header['name']}` are refused, and it asks for one"
                    draft.problems.append((place, reason))
        return form

    def _common(self, node: object, spot: Spot, draft: Draft) -> tuple[dict[str, object], Form]:
        if not isinstance(node, dict):
            draft.problems.append((spot, "an encoding must be a mapping"))
            node = {}
        known = fields_of("encoding", self._parts.version)
        self._parts.unknown(node, known, spot, "encoding")
        style = node.get("style", "form")
        if style not in STYLES["query"]:
            draft.problems.append((at(spot, "style"), f"style `{style}` does not fit its place"))
            style = "form"
        types = node.get("contentType")
        ranges = [media_range(one) for one in types.split(",")] if isinstance(types, str) else []
        if None in ranges:
            draft.problems.append(
                (at(spot, "contentType"), f"`{types}` is not a list of media types")
            )
        return node, {
            "content_types": [one for one in ranges if one],
            "style": style,
            "explode": node.get("explode", style == "form") is True,
            "source": source(spot),
        }

    def _tell_nested(self, node: dict[str, object], spot: Spot) -> None:
        for word in ("encoding", "prefixEncoding", "itemEncoding"):
            if word in node and self._parts.version == "3.2":
                self._parts.not_enforced("encodings inside encodings", at(spot, word))
