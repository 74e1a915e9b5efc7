"""Offers: the smallest change of the config that would let one refused Request pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bartizan.model.event import Reason
from bartizan.policy.admit import admit
from bartizan.policy.caution import cautioned
from bartizan.policy.edit import UNWRITTEN, Config, NotOffered, Offer, Path, resolve, where
from bartizan.policy.traffic_keys import CONTROLS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.model.event import Event


def offer(
    reason: Reason, event: Event, kind: str, config: Mapping[str, object]
) -> Offer | NotOffered:
    """The change for one reason of an Event.

    kind: class of its code, lower case. config: the config as plain data, {} where there is none.
    """
    found = _bare(reason, event, kind, config)
    return cautioned(found, event) if isinstance(found, Offer) else found


def _bare(
    reason: Reason, event: Event, kind: str, config: Mapping[str, object]
) -> Offer | NotOffered:
    match kind:
        case "content":
            return _content(reason, event, config)
        case "contract":
            return _contract(reason, event)
        case "quota":
            return _quota(reason, config)
        case "response":
            return _response(reason, event)
        case "credential":
            return admit(reason, event, config)
        case "framing":
            return NotOffered(
                "bytes with two readings cannot be passed on faithfully, so no setting allows them"
            )
        case _:
            return NotOffered("no rule of the policy refused it, so no setting lets it pass")


def shadow(reason: Reason, event: Event) -> Offer | NotOffered:
    """Putting the control of this reason into shadow, on the Operation if there is one."""
    if reason.stage not in CONTROLS:
        return NotOffered(
            f"`{reason.stage or 'this stage'}` is not a control that has a shadow mode"
        )
    where: Path = ("operations", event.operation) if event.operation else ()
    scope = "on this operation" if event.operation else "everywhere"
    title = f"put `{reason.stage}` into shadow {scope}"
    return Offer(title, (*where, "controls", reason.stage), "set", "shadow")


# one function for each class of codes


# Codes that a larger cap mends better than a relaxed rule.
_CAPS = ("parse.body-too-large", "parse.decoded-too-large")


# Codes of readers that run after the head: they know exceptions, not relaxed rules.
_READ_LATE = (
    "parse.bad-coding",
    "parse.bad-json",
    "parse.duplicate-key",
    "parse.json-limit",
    "parse.json-number",
    "parse.prototype-key",
)
_RATIO = 100
_RATIO_FREE_BYTES = 1 << 16


def _ratio(reason: Reason, event: Event, config: Mapping[str, object]) -> int:
    """The ratio that stopped a coded body below its cap; 0 where the cap did."""
    written = resolve(config, ("budget", "inflate_ratio_max"))
    ratio = written if isinstance(written, int) else _RATIO
    is_coded = reason.code == "parse.decoded-too-large"
    reached = _RATIO_FREE_BYTES + ratio * event.bytes_in
    return ratio if is_coded and reached < max(_numbers(reason.expected), default=0) else 0


def _content(reason: Reason, event: Event, config: Mapping[str, object]) -> Offer | NotOffered:
    if ratio := _ratio(reason, event, config):
        path: Path = ("budget", "inflate_ratio_max")
        return Offer(f"let bodies grow {10 * ratio}-fold, everywhere", path, "set", 10 * ratio)
    if reason.code in _CAPS and event.operation:
        cap = 2 * max(
            event.bytes_in, *_numbers(reason.expected), *_numbers(reason.value or ""), 1 << 20
        )
        path = ("operations", event.operation, "body_max_bytes")
        return Offer(f"allow bodies of {cap} bytes on this operation", path, "set", cap)
    if event.operation and reason.location == "body":
        # A body that cannot be read has no fields to name: the rule is excepted for all of it.
        return _exception(Reason(reason.code), event)
    if event.operation and reason.code in _READ_LATE:
        return _exception(Reason(reason.code, location=reason.location, name=reason.name), event)
    if event.operation:
        path = ("operations", event.operation, "relax")
        return Offer(f"relax `{reason.code}` on this operation", path, "append", reason.code)
    return Offer(f"relax `{reason.code}` everywhere", ("relax",), "append", reason.code)


# Where frameworks and people put an API's own documentation.
_DOCUMENTATION = frozenset(
    {"/docs", "/openapi.json", "/openapi.yaml", "/redoc", "/swagger", "/swagger.json"}
)


def _contract(reason: Reason, event: Event) -> Offer | NotOffered:
    is_read = event.method in {"GET", "HEAD"}
    if reason.code == "match.unknown-path" and is_read and event.path in _DOCUMENTATION:
        title = f"let everybody read {event.path}, the API's own documentation"
        return Offer(title, ("public",), "append", event.path)
    if _is_pattern(reason, event):
        return NotOffered(
            "written as an exception, what was sent means more than itself (`*`, a path ending in "
            "`/**`, a parameter without a name)"
        )
    return _exception(reason, event)


def _is_pattern(reason: Reason, event: Event) -> bool:
    """Whether the sender chose words that an exception reads as a pattern."""
    if not event.operation:
        return event.method == "*" or event.path.endswith("/**")
    is_nameless = reason.location in ("query", "header", "cookie") and not reason.name
    return is_nameless or "#" in reason.name or "*" in reason.pointer.split("/")


_WHOLE = (
    "switch off what is asked of this place as a whole (its type, every member it must have), not "
    "of the members in it; better correct the document"
)
_OF_WHOLE = re.compile(r"(?:the|a) members? |object\b|array\b")


_REST = (
    "except this rule in the whole of it: more is broken than is told, and an exception from the "
    "places that are told would not cover the rest; better correct the document"
)
UNTOLD = "fewer breaches than can be told"
"""What the core expects where more is broken than it lists."""


def is_of_whole(reason: Reason) -> bool:
    """Whether the reason is about a body or an object in it, such as a member that is missing."""
    if reason.code != "inspect.body-schema" or reason.location != "body":
        return False
    return not reason.pointer or _OF_WHOLE.match(reason.expected) is not None


def _exception(reason: Reason, event: Event) -> Offer:
    entry: dict[str, object] = {"rule": reason.code}
    if event.operation:
        entry["operation"] = event.operation
    else:
        entry["path"] = f"{event.method} {event.path}"
    is_rest = reason.expected == UNTOLD
    whole = event.operation and not is_rest and is_of_whole(reason)
    # What no schema names is a member, even where it is called by a number.
    is_member = reason.code == "inspect.body-undeclared"
    around, slash, last = reason.field.rpartition("/")
    field = f"{any_item(around)}{slash}{last}" if is_member else any_item(reason.field)
    if event.operation and field:
        # An empty pointer fits that very place; without one the exception fits all below it too.
        entry["field"] = f"{field}#" if whole and not reason.pointer else field
    entry["reason"] = UNWRITTEN
    title = _WHOLE if whole else "except this rule here and only here"
    title = _REST if is_rest else title
    return Offer(title, ("exceptions",), "append", entry)


def _quota(reason: Reason, config: Mapping[str, object]) -> Offer | NotOffered:
    path = where(config, reason)
    found = None if path is None else resolve(config, path)
    if path is None or found is None:
        return NotOffered("the limit is a default; write a limit of your own under `limits`")
    if not isinstance(found, dict):
        path, found = path[:-1], resolve(config, path[:-1])
    match found:
        case {"rate": str(rate), "burst": burst} if wider := _wider(rate):
            # A written burst caps how many pass at once: a higher rate alone would not help.
            title = f"raise this limit from {rate} to {wider}, without its burst of {burst}"
            return Offer(title, path, "set", _without(found, "burst") | {"rate": wider})
        # The whole limit, not its figure alone: pasted, it takes the place of what is there.
        case {"rate": str(rate)} if wider := _wider(rate):
            title = f"raise this limit from {rate} to {wider}"
            return Offer(title, path, "set", _without(found, "") | {"rate": wider})
        case {"concurrency": int(count)}:
            title = f"raise this limit from {count} to {10 * count} under way"
            return Offer(title, path, "set", _without(found, "") | {"concurrency": 10 * count})
        case _:
            return NotOffered("the limit that refused it is no longer in the config")


def _without(found: object, name: str) -> Config:
    return (
        {key: value for key, value in found.items() if key != name}
        if isinstance(found, dict)
        else {}
    )


def _wider(rate: str) -> str:
    parts = re.fullmatch(r"\s*(\d+)(\s*/.*)", rate)
    return f"{10 * int(parts[1])}{parts[2].rstrip()}" if parts else ""


_SHAPE_SETTINGS: dict[str, tuple[str, object, str]] = {
    "shape.undeclared-field": ("fields", "pass", "let undeclared fields of this operation out"),
    "shape.error-scrubbed": ("scrub_errors", False, "let error bodies of this operation out"),
}


def _response(reason: Reason, event: Event) -> Offer:
    if reason.code == "shape.secret-field" and event.operation:
        return _exception(reason, event)
    otherwise = ("breach", "pass", "record breaches of this operation's responses, let them out")
    name, value, title = _SHAPE_SETTINGS.get(reason.code, otherwise)
    where: Path = ("operations", event.operation) if event.operation else ()
    return Offer(title, (*where, "shape", name), "set", value)


def any_item(field: str) -> str:
    """The field with every list position replaced by `*`: an exception means all items alike."""
    return re.sub(r"/\d+(?=/|$)", "/*", field)


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,15}", text)]
