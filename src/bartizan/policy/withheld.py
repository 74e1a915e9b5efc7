"""What of a capture the data classes of a Policy withhold: personal and secret values.

Names are withheld everywhere, not in their Operation alone: a capture holds requests that matched
none, and a name that is personal once is hardly ever meant for everybody elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bartizan.policy.classes import inside, part_headers
from bartizan.policy.sources.keys import key_of_uri
from bartizan.policy.sources.words import DATA_CLASS

HIDDEN = ("personal", "secret")
Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Of one Operation. path: its template and the parameters in it that are withheld.

    whole: everything is; request, response: the body is, since no name in it stands for the value.
    """

    template: str
    path: frozenset[str] = frozenset()
    whole: bool = False
    request: bool = False
    response: bool = False

    def shown_path(self, path: str) -> str:
        """The path without what is withheld; the template where the two do not fit."""
        if not (self.path or self.whole):
            return path
        wanted, sent = self.template.split("/"), path.split("/")
        if len(wanted) != len(sent):
            return self.template
        return "/".join(
            "[masked]" if self._hides(part) else own for part, own in zip(wanted, sent, strict=True)
        )

    def _hides(self, part: str) -> bool:
        return any(f"{{{name}}}" in part for name in self.path) or (self.whole and "{" in part)


@dataclass(frozen=True, slots=True)
class Classified:
    """names: of members, parameters and headers, lower case. operations: by their id."""

    names: frozenset[str]
    operations: Mapping[str, Withheld]


def classified(data: Mapping[str, Any]) -> Classified:
    """What the form of a Policy withholds. Cost: O(form)."""
    schemas = _Schemas(data.get("schemas", {}))
    names = set(schemas.names())
    operations: dict[str, Withheld] = {}
    for one in data["operations"]:
        headers = [h for response in one["responses"].values() for h in response["headers"]]
        body = one["body"]
        headers += part_headers(body) if body is not None else ()
        hidden = [p for p in (*one["parameters"], *headers) if p.get("class") in HIDDEN]
        names |= {str(p["name"]).lower() for p in hidden if p["in"] != "path"}
        found = Withheld(
            one["template"],
            frozenset(str(p["name"]) for p in hidden if p["in"] == "path"),
            one.get("class") in HIDDEN,
            body is not None and schemas.is_nameless(body["content"]),
            any(schemas.is_nameless(response["content"]) for response in one["responses"].values()),
        )
        if found != Withheld(one["template"]):
            operations[one["id"]] = found
    return Classified(frozenset(names), operations)


class _Schemas:
    def __init__(self, schemas: Mapping[str, object]) -> None:
        self._schemas = schemas
        self._hidden = self._settled()

    def _settled(self) -> set[str]:
        """Keys whose value is withheld, itself or what stands in it without a name."""
        hidden: set[str] = set()
        grows = True
        while grows:
            fresh = {
                key
                for key, schema in self._schemas.items()
                if key not in hidden and self._is_hidden(schema, hidden)
            }
            hidden |= fresh
            grows = bool(fresh)
        return hidden

    def _is_hidden(self, node: object, hidden: set[str]) -> bool:
        if not isinstance(node, dict):
            return False
        ref = node.get("$ref")
        return (
            node.get(DATA_CLASS) in HIDDEN
            or (isinstance(ref, str) and key_of_uri(ref) in hidden)
            or any(
                self._is_hidden(inner, hidden)
                for at, inner, _step in inside(node)
                if not at.startswith("/properties/")
            )
        )

    def is_nameless(self, content: Mapping[str, Node]) -> bool:
        """Whether a body is withheld as a whole."""
        keys = (form.get(slot) for form in content.values() for slot in ("schema", "item", "data"))
        unheld = [form["unheld"] for form in content.values() if form.get("unheld")]
        is_unheld = any(isinstance(one, dict) and one["class"] in HIDDEN for one in unheld)
        return is_unheld or any(key in self._hidden for key in keys)

    def names(self) -> Iterator[str]:
        """Names of members whose value is withheld, in any schema."""
        waiting = list(self._schemas.values())
        while waiting:
            node = waiting.pop()
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                members = node.get("properties")
                for name, one in members.items() if isinstance(members, dict) else ():
                    if self._is_hidden(one, self._hidden):
                        yield name.lower()
                waiting += node.values()
