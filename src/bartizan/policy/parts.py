"""Small parts of the form that come from the config alone, and the names of Operations in it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bartizan.model.errors import Diagnostic
from bartizan.model.listed import quoted
from bartizan.policy.config import SECURITY_HEADERS, Config, Shape
from bartizan.policy.reading import Reading
from bartizan.policy.records import Settings, keys_of
from bartizan.policy.suggest import nearest

FORM = 1
"""Number of the form; `FORM` in crates/core/src/policy/form.rs."""

Form = dict[str, object]


def at_config(settings: Settings, *, key: str = "") -> Form:
    """A place in the config as the form writes it; a built-in default where nothing is written."""
    if not settings.pointer and not settings.given:
        return {"document": None, "pointer": ""}
    pointer = f"{settings.pointer}/{key}" if key else settings.pointer
    return {"document": settings.written_in, "pointer": pointer}


def bounds_of(config: Config) -> Form:
    """Every bound, the defaults written out."""
    return {name: getattr(config.budget, name) for name in keys_of(type(config.budget))}


def shape_of(*shapes: Shape) -> Form:
    """The last shape over those before it, key by key."""
    shape = shapes[0]
    for own in shapes[1:]:
        written = {name: getattr(own, name) for name in own.given}
        shape = replace(shape, pointer=own.pointer, given=own.given, **written)
    headers = {**SECURITY_HEADERS, **{k.lower(): v for k, v in shape.headers.items()}}
    return {
        "fields": shape.fields,
        "breach": shape.breach,
        "secrets": shape.secrets,
        "scrub_errors": shape.scrub_errors,
        "headers": {name: value for name, value in headers.items() if value},
        "strip": sorted({name.lower() for name in shape.strip}),
        "no_store": shape.no_store,
        "source": at_config(shape),
    }


def cors_of(config: Config) -> Form | None:
    """Cross-origin access, if it is ours to answer."""
    cors = config.cors
    if cors is None:
        return None
    return {
        "origins": list(cors.origins),
        "credentials": cors.credentials,
        "headers": sorted(name.lower() for name in cors.headers),
        "expose": sorted(name.lower() for name in cors.expose),
        "max_age_s": cors.max_age // 1_000,
        "source": at_config(cors),
    }


def csrf_of(config: Config) -> Form | None:
    """How cross-site requests are told apart, unless that is off."""
    csrf = config.csrf
    if csrf.proof == "off":
        return None
    return {
        "proof": csrf.proof,
        "origins": list(csrf.origins),
        "cookie": csrf.cookie,
        "header": csrf.header.lower(),
        "every_cookie": csrf.every_cookie,
        "source": at_config(csrf),
    }


class Names:
    """Operations as the config may write them: by id, or by the path in the description."""

    def __init__(
        self, placed: list[tuple[str, str]], config: Config, faults: list[Diagnostic]
    ) -> None:
        """placed: id and path of each Operation. faults: takes what names nothing."""
        self._reading = Reading(document=config.document, base=Path(), origins=config.origins)
        self._faults = faults
        self.ids = [one for one, _ in placed]
        self._known = set(self.ids)
        self._by_path: dict[str, list[str]] = {}
        for one, path in placed:
            head, _, template = one.partition(" ")
            method = head.rpartition(":")[2]
            for key in dict.fromkeys(
                (f"{head} {path}", f"{method} {path}", f"{method} {template}")
            ):
                self._by_path.setdefault(key, []).append(one)

    def resolve(self, written: str, pointer: str, *, value: bool = False) -> list[str]:
        """Ids that `written` names; a fault at `pointer` is kept where it names none."""
        if written == "*":
            return self.ids
        head, _, path = written.partition(" ")
        api, colon, method = head.rpartition(":")
        one = f"{api}{colon}{method.upper()} {path}"
        for name in (written, one):
            if name in self._known:
                return [name]
            if name in self._by_path:
                return self._by_path[name]
        message = f"operation `{written}` is not in the description"
        self._report(pointer, "policy.unknown-operation", message, self._hint(one), value=value)
        return []

    def _hint(self, written: str) -> str:
        near = nearest(written, self.ids)
        if near is None:
            path = written.partition(" ")[2]
            same = [one for one in self.ids if one.partition(" ")[2] == path]
            same += [one for one in self.ids if path and one.endswith(path)]
            near = same[0] if same else self._of_shape(written)
        if near:
            return f"did you mean `{near}`?"
        return f"allowed: {quoted(self.ids, 8)}" if self.ids else ""

    def _of_shape(self, written: str) -> str | None:
        """The operation with the same path but for the names of its parameters."""
        shape = re.sub(r"\{[^{}]*\}", "{}", written)
        same = (one for one in self.ids if re.sub(r"\{[^{}]*\}", "{}", one) == shape)
        return next(same, None)

    def _report(self, pointer: str, code: str, message: str, hint: str, *, value: bool) -> None:
        before = len(self._reading.diagnostics)
        self._reading.report(pointer, code, message, hint=hint, value=value)
        self._faults += self._reading.diagnostics[before:]


def report(
    config: Config, faults: list[Diagnostic], pointer: str, code: str, message: str, hint: str = "",
    *, warning: bool = False, value: bool = True,
) -> None:  # fmt: skip
    """Keep one fault (or warning) at a place of the config."""
    reading = Reading(document=config.document, base=Path(), origins=config.origins)
    reading.report(pointer, code, message, hint=hint, warning=warning, value=value)
    faults += reading.warnings if warning else reading.diagnostics
