"""Offers: the smallest change of the config that would let one refused Request pass.

An offer is data (where, how, what), so it can be shown as YAML and applied by machine alike.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bartizan.model.event import CODE, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.model.event import Event

Path = tuple[str | int, ...]
Config = dict[str, object]

CONTROLS = ("parse", "match", "identify", "limit", "authorize", "inspect", "shape")


@dataclass(frozen=True, slots=True)
class Offer:
    """One edit. append: `value` joins the list at `path`; set: it takes the place of what is there.

    title: lower case, no full stop, says what is given up.
    """

    title: str
    path: Path
    action: Literal["append", "set"]
    value: object

    @property
    def yaml(self) -> str:
        """The edit as YAML to paste, from the top of the config. Ends with a line end."""
        # A step into a list that exists cannot be pasted; it is shown by its number.
        return "\n".join(_lines(self.path, self.action, self.value, 0)) + "\n"

    def as_data(self) -> dict[str, object]:
        """For `--json`: title and YAML for people, path, action and value for machines."""
        return {
            "title": self.title,
            "yaml": self.yaml,
            "path": list(self.path),
            "action": self.action,
            "value": self.value,
        }


@dataclass(frozen=True, slots=True)
class NotOffered:
    """No edit of the config is the answer, and why."""

    reason: str


def offer(
    reason: Reason, event: Event, kind: str, config: Mapping[str, object]
) -> Offer | NotOffered:
    """The change for one reason of an Event.

    kind: class of its code, lower case. config: the config as plain data, {} where there is none.
    """
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
            return _credential(reason, event, config)
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


def apply_offer(config: Mapping[str, object], change: Offer) -> Config:
    """The config with the edit made; `config` itself is left alone.

    A list that is missing is made, a single value becomes a list. Raises KeyError when a list
    position of the path does not exist.
    """
    root = copy.deepcopy(dict(config))
    spot: object = root
    for step in change.path[:-1]:
        spot = _step(spot, step)
    last = change.path[-1]
    old = _at(spot, last)
    if change.action == "append":
        listed = old if isinstance(old, list) else [] if old is None else [old]
        _put(spot, last, listed if change.value in listed else [*listed, change.value])
    else:
        _put(spot, last, change.value)
    return root


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
    written = _resolve(config, ("budget", "inflate_ratio_max"))
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


def _contract(reason: Reason, event: Event) -> Offer:
    is_read = event.method in {"GET", "HEAD"}
    if reason.code == "match.unknown-path" and is_read and event.path in _DOCUMENTATION:
        title = f"let everybody read {event.path}, the API's own documentation"
        return Offer(title, ("public",), "append", event.path)
    return _exception(reason, event)


def _exception(reason: Reason, event: Event) -> Offer:
    entry: dict[str, object] = {"rule": reason.code}
    if event.operation:
        entry["operation"] = event.operation
    else:
        entry["path"] = f"{event.method} {event.path}"
    if event.operation and (field := any_item(reason.field)):
        entry["field"] = field
    entry["reason"] = "false positive"
    return Offer("except this rule here and only here", ("exceptions",), "append", entry)


def _quota(reason: Reason, config: Mapping[str, object]) -> Offer | NotOffered:
    path = _where(config, reason)
    found = None if path is None else _resolve(config, path)
    if path is None or found is None:
        return NotOffered("the limit is a default; write a limit of your own under `limits`")
    if not isinstance(found, dict):
        path, found = path[:-1], _resolve(config, path[:-1])
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
    otherwise = ("breach", "pass", "record breaches of this operation's responses, let them out")
    name, value, title = _SHAPE_SETTINGS.get(reason.code, otherwise)
    where: Path = ("operations", event.operation) if event.operation else ()
    return Offer(title, (*where, "shape", name), "set", value)


def _credential(reason: Reason, event: Event, config: Mapping[str, object]) -> Offer | NotOffered:
    match reason.code:
        case "identify.audience":
            return _audience(reason, config)
        case "identify.credential-missing" | "identify.unsatisfied" if event.operation:
            path: Path = ("operations", event.operation, "security")
            return Offer("declare that everyone may call this operation", path, "set", "none")
        case "authorize.cross-site":
            return _cross_site(reason)
        case "authorize.scope":
            return _scope(reason, event, config)
        case _ if reason.document == CODE:
            return NotOffered("the app's own code says whose it is; no setting of the config does")
        case _:
            return NotOffered("a valid credential mends it, no setting should: " + _ASK)


_ASK = "the caller gets a new one from the issuer"


def _cross_site(reason: Reason) -> Offer | NotOffered:
    origin = reason.value or ""
    if not re.fullmatch(r"https?://[^/\s]+", origin):
        return NotOffered("no origin was named that could be listed")
    title = f"let pages of {origin} act for their users"
    return Offer(title, ("csrf", "origins"), "append", origin)


def _audience(reason: Reason, config: Mapping[str, object]) -> Offer | NotOffered:
    missing = _recorded_audiences(reason.value)
    path = _where(config, reason)
    if not missing or path is None:
        return NotOffered("the token does not tell its audience; the issuer must name this API")
    while path and not isinstance(_resolve(config, path), dict):
        path = path[:-1]
    # The short form `auth: {oidc, audience}` and the entries of `issuers` name it differently.
    name = "audience" if _resolve(config, (*path, "oidc")) is not None else "audiences"
    written = _resolve(config, (*path, name))
    known = written if isinstance(written, list) else [] if written is None else [written]
    value = [*known, *(one for one in missing if one not in known)]
    shown = ", ".join(f"`{one}`" for one in missing)
    return Offer(f"accept tokens for the audience {shown}", (*path, name), "set", value)


def _recorded_audiences(value: str | None) -> list[str]:
    if not value or value.startswith("[masked"):
        return []
    try:
        data = json.loads(value)
    except ValueError:
        data = value
    return [one for one in (data if isinstance(data, list) else [data]) if isinstance(one, str)]


def _scope(reason: Reason, event: Event, config: Mapping[str, object]) -> Offer | NotOffered:
    keys = _resolve(config, ("auth", "api_keys", "keys"))
    subject = event.principal.subject if event.principal else ""
    wanted = re.findall(r"[^\s`,]+", reason.expected.removeprefix("scope"))
    for index, key in enumerate(keys if isinstance(keys, list) else []):
        if isinstance(key, dict) and key.get("id") == subject and wanted:
            path: Path = ("auth", "api_keys", "keys", index, "scopes")
            return Offer(
                f"give the key `{subject}` the scope `{wanted[-1]}`", path, "append", wanted[-1]
            )
    return NotOffered("the issuer grants scopes: the caller asks for a token that has this one")


# paths and YAML


def any_item(field: str) -> str:
    """The field with every list position replaced by `*`: an exception means all items alike."""
    return re.sub(r"/\d+(?=/|$)", "/*", field)


def _pointer(pointer: str) -> Path:
    tokens = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    return tuple(int(token) if token.isdigit() else token for token in tokens)


def _where(config: Mapping[str, object], reason: Reason) -> Path | None:
    """The path in the config that the reason names, as the file writes it; None if it is not there.

    A list of one may be written without its brackets: the position is left out then.
    """
    if reason.document != 0:
        return None
    path: Path = ()
    for step in _pointer(reason.source):
        if step != 0 or isinstance(_resolve(config, path), list):
            path = (*path, step)
    return path


def _resolve(config: object, path: Path) -> object:
    for step in path:
        config = _at(config, step)
    return config


def _at(spot: object, step: str | int) -> object:
    if isinstance(spot, dict):
        return spot.get(step, spot.get(str(step)))
    if isinstance(spot, list) and isinstance(step, int) and step < len(spot):
        return spot[step]
    return None


def _step(spot: object, step: str | int) -> object:
    inner = _at(spot, step)
    if inner is None and isinstance(spot, dict):
        inner = spot[step] = {}
    if not isinstance(inner, dict | list):
        raise KeyError(step)
    return inner


def _put(spot: object, step: str | int, value: object) -> None:
    if not isinstance(spot, dict | list):
        raise KeyError(step)
    spot[step] = value  # type: ignore[index]


def _lines(path: Path, action: str, value: object, depth: int) -> list[str]:
    pad = "  " * depth
    if path:
        key = f"# item {path[0]} of this list" if isinstance(path[0], int) else _scalar(path[0])
        if len(path) == 1 and action == "set" and not isinstance(value, dict):
            return [f"{pad}{key}: {_scalar(value)}"]
        mark = "" if isinstance(path[0], int) else ":"
        return [f"{pad}{key}{mark}", *_lines(path[1:], action, value, depth + 1)]
    if action == "append":
        return _item(value, pad)
    entries = value.items() if isinstance(value, dict) else ()
    return [f"{pad}{_scalar(name)}: {_scalar(inner)}" for name, inner in entries]


def _item(value: object, pad: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{pad}- {_scalar(value)}"]
    marks = ["- ", *["  "] * (len(value) - 1)]
    return [f"{pad}{m}{k}: {_scalar(v)}" for m, (k, v) in zip(marks, value.items(), strict=True)]


# Plain text that YAML reads as itself.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/]*(?: [A-Za-z0-9_.\-/]+)*|\d+/[a-z]+")
_WORDS_OF_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS_OF_YAML:
        return value
    return json.dumps(value, ensure_ascii=False)


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,15}", text)]
