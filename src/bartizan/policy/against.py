"""Holds a document against recorded traffic: where it forbids what its own API accepts or sends.

Each contradiction is one Diagnostic at the line of the document that is at odds, with what was seen
(kinds of values, never the values) and the change that would make the document true.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.model.diagnostics import Diagnostic
from bartizan.policy.compile import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.model.event import Event, Reason
    from bartizan.policy.compile import Compiled

CODE = "description.contradicted"
_REFUSED = 400
_STAGES = ("match", "inspect", "shape")
_LIMITS = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_LEAST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")


def watching(form: bytes) -> bytes:
    """The form with every control in shadow, so that each recorded response is looked at, too."""
    data = json.loads(form)
    data["controls"] = dict.fromkeys(data["controls"], "shadow")
    for operation in data["operations"]:
        operation["controls"] = {}
    return canonical(data)


@dataclass(slots=True)
class _Seen:
    """One contradiction over all Exchanges."""

    event: Event
    reason: Reason
    count: int = 0
    values: Counter[str] = field(default_factory=Counter)


def contradictions(compiled: Compiled, judged: Iterable[Event]) -> Iterator[Diagnostic]:
    """One for each place of the document, the most frequent first.

    judged: closing Events under `watching`. What the API itself refused does not count.
    """
    seen: dict[tuple[str, str, str, str], _Seen] = {}
    total: Counter[str] = Counter()
    for event in judged:
        total[event.route] += 1
        for reason in event.reasons:
            if _counts(event, reason):
                key = (event.route, reason.code, _generalised(reason.field), reason.source)
                one = seen.setdefault(key, _Seen(event, reason))
                one.count += 1
                one.values[_kind(reason)] += 1
    for one in sorted(seen.values(), key=lambda one: -one.count):
        yield _diagnostic(compiled, one, total[one.event.route])


def _counts(event: Event, reason: Reason) -> bool:
    if reason.stage not in _STAGES or not event.upstream_status:
        return False
    return reason.stage == "shape" or event.upstream_status < _REFUSED


def _generalised(place: str) -> str:
    """Without positions in lists: item 7 tells nothing that item 1 does not."""
    return "/".join("*" if step.isdecimal() else step for step in place.split("/"))


def _kind(reason: Reason) -> str:
    """What sort of value was seen; the value itself may be anybody's data."""
    if reason.value is None:
        return "nothing"
    try:
        value = json.loads(reason.value)
    except ValueError:
        return "string"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return next((name for kind, name in names.items() if type(value) is kind), "object")


def _diagnostic(compiled: Compiled, one: _Seen, total: int) -> Diagnostic:
    event, reason = one.event, one.reason
    place = _generalised(reason.field)
    kinds = ", ".join(kind for kind, _count in one.values.most_common(3))
    side = "answers" if reason.stage == "shape" else "requests that the API took"
    message = f"`{event.route}`"
    if place:
        message += f" at `{place}`"
    message += f": {one.count} of {total} {side} break `{reason.code}`, seen: {kinds}"
    pointer, document = reason.source, reason.document
    hint = _change(event, reason, pointer, one)
    if not document:
        document, pointer = 1, "/paths"
    return compiled.site.document(document).diagnostic(
        pointer, code=CODE, message=message, hint=hint, warning=True
    )


def _change(event: Event, reason: Reason, pointer: str, one: _Seen) -> str:
    """What to write in the document."""
    fixed = {
        "match.unknown-path": f"declare the path of `{event.method} {event.path}`",
        "match.unknown-method": f"declare `{event.method.lower()}` below this path",
        "inspect.body-undeclared": f"declare the member `{reason.pointer}`",
        "inspect.parameter-undeclared": f"declare the parameter `{reason.name}`",
        "inspect.parameter-missing": "take `required: true` from the parameter",
        "inspect.body-missing": "take `required: true` from the body",
        "inspect.body-unexpected": "declare a `requestBody`",
        "inspect.content-type": "declare the media type that is sent below `content`",
        "shape.status": f"declare the response `{event.upstream_status}`",
        "shape.content-type": "declare the media type that is answered below `content`",
        "shape.undeclared-field": f"declare the property `{_last(reason)}` if clients may see it",
    }
    if reason.code in fixed:
        return fixed[reason.code]
    return _keyword(pointer.rpartition("/")[2], reason, one)


def _keyword(word: str, reason: Reason, one: _Seen) -> str:
    kinds = " and ".join(f"`{kind}`" for kind, _count in one.values.most_common(3))
    changes = {
        "type": f"let `type` also be {kinds}",
        "enum": "add the values that are missing to `enum`",
        "required": f"take `{_last(reason)}` out of `required`",
        "additionalProperties": f"declare the property `{_last(reason)}`",
        "pattern": "widen `pattern`",
        "format": "take `format` out, or mend what is sent",
        **dict.fromkeys(_LIMITS, f"raise `{word}`"),
        **dict.fromkeys(_LEAST, f"lower `{word}`"),
    }
    return changes.get(word, "let the schema say what is sent, or mend the API")


def _last(reason: Reason) -> str:
    return reason.pointer.rpartition("/")[2] or reason.name
