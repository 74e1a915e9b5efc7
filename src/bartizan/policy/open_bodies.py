"""Operations whose request bodies take members that no schema names: what mass assignment uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.policy.classes import inside
from bartizan.policy.sources.keys import key_of_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

_SLOTS = ("schema", "item")
_OWN_WORD = ("additionalProperties", "unevaluatedProperties", "patternProperties")
"""Who writes one of these has thought of other members."""


def open_bodies(form: Mapping[str, Any]) -> list[str]:
    """Ids of Operations that are not closed, and where a named object takes more than it names.

    form: of a Policy. An object that the description leaves open by its own word is meant so.
    Cost: O(schemas).
    """
    schemas = _Schemas(form["schemas"])
    return [
        one["id"]
        for one in form["operations"]
        if one["body"] is not None
        and not one["closed_body"]
        and any(
            schemas.is_open(str(media[slot]))
            for media in one["body"]["content"].values()
            for slot in _SLOTS
            if media.get(slot)
        )
    ]


class _Schemas:
    def __init__(self, schemas: Mapping[str, object]) -> None:
        self._schemas = schemas
        self._known: dict[tuple[str, bool], bool] = {}

    def is_open(self, key: str, *, is_closed: bool = False) -> bool:
        """Whether some object in it names members and takes others too.

        is_closed: what refers to it says of the same value that it takes none.
        """
        asked = (key, is_closed)
        if asked not in self._known:
            self._known[asked] = False  # A schema that holds itself says nothing new of itself.
            self._known[asked] = self._node(self._schemas.get(key), is_closed=is_closed)
        return self._known[asked]

    def _node(self, node: object, *, is_closed: bool) -> bool:
        if not isinstance(node, dict):
            return False
        is_closed = is_closed or any(word in node for word in _OWN_WORD)
        if node.get("properties") and not is_closed:
            return True
        ref = node.get("$ref")
        if isinstance(ref, str) and self.is_open(key_of_uri(ref), is_closed=is_closed):
            return True
        # No step: it holds for the same value.
        return any(
            self._node(inner, is_closed=is_closed and not step) for _at, inner, step in inside(node)
        )
