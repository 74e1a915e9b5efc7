"""Media ranges: their form, and what the core can read of each."""

from __future__ import annotations

import re

_RANGE = re.compile(r"(\*|[a-z0-9!#$&^_.+-]+)/(\*|[a-z0-9!#$&^_.+*-]+)")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
EVENTS = "text/event-stream"
_LINES = (
    "application/jsonl",
    "application/jsonlines",
    "application/ndjson",
    "application/x-jsonlines",
    "application/x-ndjson",
)
_PLAIN = frozenset(("type", "format", "title", "description", "default", "example", "examples"))


def media_range(written: str) -> str | None:
    """A media range, lower case without parameters; None if it is none."""
    name = written.split(";", 1)[0].strip().lower()
    return name if _RANGE.fullmatch(name) else None


def is_json(name: str) -> bool:
    """JSON and `+json`."""
    return name == "application/json" or name.endswith("+json")


def is_xml(name: str) -> bool:
    """XML and `+xml`."""
    return name in ("application/xml", "text/xml") or name.endswith("+xml")


def may_be_xml(name: str) -> bool:
    """Whether XML is or may be sent under this range."""
    return is_xml(name) or name in ("*/*", "application/*", "text/*")


def is_lines(name: str) -> bool:
    """JSON texts one after the other: on lines, or behind record separators (RFC 7464)."""
    return name in _LINES or name == "application/json-seq" or name.endswith("+json-seq")


def is_multipart(name: str) -> bool:
    """Bodies of several parts, and ranges of them."""
    return name.startswith("multipart/")


def is_sequence(name: str) -> bool:
    """Items that can be read one by one."""
    return name == EVENTS or is_lines(name)


def is_read(name: str, direction: str) -> bool:
    """Whether the core holds bodies of this type against a schema."""
    if direction == "response":
        return is_json(name)
    is_text = name.startswith("text/") and name != EVENTS
    is_parsed = is_json(name) or is_lines(name) or is_xml(name) or name == FORM
    return is_parsed or is_multipart(name) or is_text


def says_more_than_bytes(schema: object) -> bool:
    """Whether a schema says anything beyond a text or bytes of any kind."""
    if not isinstance(schema, dict):
        return False
    words = {word for word in schema if not word.startswith("x-")} - _PLAIN
    return bool(words) or schema.get("type", "string") not in ("string", "file")
