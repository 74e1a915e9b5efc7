"""Values out of schemas that should fit them: small, with what is required and a little more."""

from __future__ import annotations

import random
import re
from typing import Any

from tests.documents.spec import Memo, Schema, Spec

RICH_DEPTH = 2
"""Down to this depth values hold properties that are not required."""

SHORT = 22
SAMPLES = {
    "date": "2026-02-03",
    "date-time": "2026-02-03T04:05:06Z",
    "time": "04:05:06Z",
    "email": "ada@example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "hostname": "example.com",
    "byte": "aGVsbG8=",
    "duration": "P1D",
}
TRIES = (
    "a", "abc", "1", "abc123", "0x12", "A1", "*", "1.0.0", "2026-01-01", "a/b", "0" * 40, "a" * 56,
    "a" * 64, "http://a", "9" * 10, "a-b", "v1", "1.0", "https://a.example/b", "aaaaaaaa", "00:00",
    "openapi.json", "/projects/me", "/versions/1.0/guides/a", "/versions/1.0/categories/guides/a",
    "rdme_a", "0" * 24, "a@b.example", "sha256:" + "a" * 64, "refs/heads/a", "ssh-rsa a",
    "#ff0000", "ff0000", "en-US", "en", "US", "+15550100", "12345-6789", "a_b",
)  # fmt: skip


class Instances:
    """Makes values for the schemas of one document."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._random = random.Random(0)
        self._least: Memo[Any] = Memo(dict)

    def seed(self, seed: str) -> None:
        """Begin anew, so that values do not depend on what was made before."""
        self._random = random.Random(seed)

    def least(self, schema: Schema) -> Any:
        """A value that should fit, with nothing but what is required."""
        return self.valid(schema, RICH_DEPTH + 1)

    def valid(self, schema: Schema, depth: int = 0) -> Any:
        """A value that should fit. Cost: bounded below RICH_DEPTH, where it is made once."""
        node = self._spec.flat(schema)
        if depth > RICH_DEPTH:
            return self._least.get(node, lambda: self._value(node, depth))
        return self._value(node, depth)

    def _value(self, node: dict[str, Any], depth: int) -> Any:
        if "const" in node:
            return node["const"]
        if node.get("enum"):
            listed = [one for one in node["enum"] if one is not None] or [None]
            return listed[0] if depth > RICH_DEPTH else self._random.choice(listed)
        maker = getattr(self, f"_{kind_of(node)}", None)
        return maker(node, depth) if maker else None

    def _object(self, node: dict[str, Any], depth: int) -> Any:
        own = node.get("properties", {})
        required = node.get("required", [])
        extra = [one for one in own if one not in required]
        more = self._random.sample(extra, min(len(extra), 3)) if depth < RICH_DEPTH else []
        made = {}
        for name in dict.fromkeys([*required, *more]):
            inner = own.get(name, {})
            if self._spec.flat(inner).get("readOnly") is not True:
                made[name] = self.valid(inner, depth + 1)
        inner = node.get("additionalProperties", {})
        for number in range(node.get("minProperties", 0) - len(made)):
            made[f"key{number}"] = self.valid(inner if isinstance(inner, dict) else {}, depth + 1)
        return made

    def _array(self, node: dict[str, Any], depth: int) -> Any:
        least = node.get("minItems", 0)
        some = min(1, node.get("maxItems", 1)) if depth <= RICH_DEPTH else 0
        return [self.valid(node.get("items", {}), depth + 1) for _ in range(max(least, some))]

    def _string(self, node: dict[str, Any], _depth: int) -> Any:
        least, most = node.get("minLength", 0), node.get("maxLength", 10**6)
        text = SAMPLES.get(node.get("format", ""), "") or "abc"[:most]
        text = text if len(text) >= least else text + "a" * (least - len(text))
        pattern = node.get("pattern")
        if not isinstance(pattern, str):
            return text
        # Python's engine takes 2^length steps for some real patterns: long texts for counted ones.
        takes_long = re.search(r"\{[0-9]", pattern) or pattern.lstrip("^").startswith(("/", "\\/"))
        for one in (one for one in (text, *TRIES) if takes_long or len(one) <= SHORT):
            if least <= len(one) <= most and re.search(python_pattern(pattern), one):
                return one
        return text

    def _integer(self, node: dict[str, Any], _depth: int) -> Any:
        low, high = bounds(node, 1)
        value = 7 if low is None else low
        value = value if high is None or value <= high else high
        step = node.get("multipleOf")
        return int(-(-value // step) * step) if step else int(value)

    def _number(self, node: dict[str, Any], depth: int) -> Any:
        low, _ = bounds(node, 1)
        return low if isinstance(low, float) else self._integer(node, depth)

    def _boolean(self, _node: dict[str, Any], depth: int) -> Any:
        return depth <= RICH_DEPTH and self._random.random() < 0.5

    def _null(self, _node: dict[str, Any], _depth: int) -> Any:
        return None


def kind_of(node: dict[str, Any]) -> str:
    """The type that a schema names first, or seems to mean."""
    kind = node.get("type")
    if isinstance(kind, list):
        return next((one for one in kind if one != "null"), "null")
    if kind is not None:
        return "string" if kind == "file" else str(kind)
    if "properties" in node or "additionalProperties" in node:
        return "object"
    return "array" if "items" in node else "string"


def bounds(node: dict[str, Any], step: int) -> tuple[Any, Any]:
    """Lowest and highest number that fit, in steps of `step` where a bound is exclusive."""
    low, high = node.get("minimum"), node.get("maximum")
    for word, sign in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        limit = node.get(word)
        if limit is True and sign > 0:
            low = None if low is None else low + step
        elif limit is True:
            high = None if high is None else high - step
        elif limit is not None and limit is not False:
            low, high = (limit + step, high) if sign > 0 else (low, limit - step)
    return low, high


def python_pattern(pattern: str) -> str:
    """A pattern of ECMA-262 near enough for Python's engine."""
    return re.sub(r"\\p\{[^}]*\}|\\/", lambda m: "/" if m[0] == "\\/" else r"\w", pattern)
