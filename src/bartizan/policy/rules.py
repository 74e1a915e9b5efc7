"""Rules that the config relaxes or excepts, held against the core's table of codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from bartizan.model.errors import Diagnostic
from bartizan.policy.config import Config
from bartizan.policy.edit import MARK
from bartizan.policy.fields import LOCATIONS
from bartizan.policy.parts import Form, Names, at_config, report
from bartizan.policy.reading import below
from bartizan.policy.suggest import hint

EXCEPTABLE = ("content", "contract", "response")


@cache
def classes() -> Mapping[str, str]:
    """Class of each code, lower case; empty where the compiled core is not there (unit tests)."""
    try:
        from bartizan import _core
    except ImportError:
        return {}
    return {name: kind.lower() for name, _, kind, _, _ in _core.codes()}


def check_relax(
    config: Config, faults: list[Diagnostic], known: Mapping[str, str] | None = None
) -> None:
    """Only content faults can be relaxed; a name that is no rule would relax nothing in silence."""
    known = classes() if known is None else known
    _relaxed(config, faults, known, config.relax, "/relax")
    for settings in config.operations.values():
        _relaxed(config, faults, known, settings.relax, below(settings.pointer, "relax"))


def _relaxed(
    config: Config,
    faults: list[Diagnostic],
    known: Mapping[str, str],
    codes: tuple[str, ...],
    at: str,
) -> None:
    for index, code in enumerate(codes if known else ()):
        place = below(at, index)
        if code not in known:
            allowed = [name for name, kind in known.items() if kind == "content"]
            report(
                config,
                faults,
                place,
                "policy.unknown-rule",
                f"there is no rule `{code}`",
                hint(code, allowed),
            )
        elif known[code] != "content":
            message = f"rule `{code}` cannot be relaxed"
            way = "put its control into shadow, or write an exception"
            report(config, faults, place, "policy.rule-cannot-be-relaxed", message, way)


def check_exceptions(
    config: Config, names: Names, faults: list[Diagnostic], known: Mapping[str, str] | None = None
) -> list[Form]:
    """The exceptions as the form writes them, one for each Operation they name."""
    known = classes() if known is None else known
    made: list[Form] = []
    for one in config.exceptions:
        at = below(one.pointer, "rule")
        if known and one.rule not in known:
            message = f"there is no rule `{one.rule}`"
            allowed = [name for name, kind in known.items() if kind in EXCEPTABLE]
            report(config, faults, at, "policy.unknown-rule", message, hint(one.rule, allowed))
        elif known and known[one.rule] not in EXCEPTABLE:
            message = f"rule `{one.rule}` takes no exception"
            way = "another credential, another limit or shadow mends it"
            report(config, faults, at, "policy.rule-cannot-be-excepted", message, way)
        location = re.split("[:#]", one.field, maxsplit=1)[0]
        if location and location not in LOCATIONS:
            at = below(one.pointer, "field")
            message = f"there is no place `{location}` in a message"
            report(config, faults, at, "policy.unknown-place", message, hint(location, LOCATIONS))
        place = below(one.pointer, "operation")
        ids = names.resolve(one.operation, place, value=True) if one.operation else [""]
        made += [
            {
                "rule": one.rule,
                "operation": id_,
                "path": _path(one.path),
                "field": one.field,
                "source": at_config(one),
            }
            for id_ in ids
        ]
    return made


def tell_unwritten(config: Config, warnings: list[Diagnostic]) -> None:
    """Warn of exceptions that were pasted without a word on why they are there."""
    for one in config.exceptions:
        if one.reason.startswith(MARK):
            report(
                config, warnings, below(one.pointer, "reason"), "policy.unwritten-reason",
                f"nobody wrote why `{one.rule}` is excepted here",
                "say why this is honest traffic, or delete the exception", warning=True,
            )  # fmt: skip


def _path(written: str) -> str:
    method, _, path = written.partition(" ")
    return f"{method.upper()} {path}" if path else ""
