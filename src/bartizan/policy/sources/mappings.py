"""Every mapping of a document that says something: neither values nor lists of names by name."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.policy.pointer import escape

_VALUES = frozenset(("const", "default", "enum", "example", "examples"))
"""Keywords that hold values, not descriptions of them."""
_NAMES = frozenset(
    (
        "$defs",
        "callbacks",
        "content",
        "definitions",
        "dependentSchemas",
        "encoding",
        "headers",
        "mediaTypes",
        "parameters",
        "pathItems",
        "patternProperties",
        "properties",
        "requestBodies",
        "schemas",
    )
)
"""Keywords whose members have names of the author's own, so that none of them is a keyword."""
_EXTENSIBLE = frozenset(("responses",))
"""The same, but for `x-` members."""


def mappings(data: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Every mapping with its JSON Pointer, outer before inner. Cost: O(nodes).

    A property called `default` is described like any other; a keyword `default` holds a value.
    """
    waiting: list[tuple[str, object, str]] = [("", data, "")]
    while waiting:
        at, node, word = waiting.pop()
        if isinstance(node, list):
            waiting += [(f"{at}/{index}", one, "") for index, one in enumerate(node)]
        elif isinstance(node, dict) and word in _NAMES:
            waiting += [(f"{at}/{escape(name)}", one, "") for name, one in node.items()]
        elif isinstance(node, dict):
            yield at, node
            has_names = word in _EXTENSIBLE
            waiting += [
                (f"{at}/{escape(key)}", one, "" if has_names else key)
                for key, one in node.items()
                if has_names or key not in _VALUES
            ]
