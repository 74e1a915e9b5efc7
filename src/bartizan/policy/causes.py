"""One message for each root cause: what follows from a misspelt name is not told beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.policy.pointer import escape, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.model.diagnostics import Diagnostic

_SLIPS = ("config.unknown-key", "description.unknown-field", "description.unknown-keyword")
# What is not told beside these codes: a scheme or a `security` may have gone with them.
_LOST = {"policy.keys-unasked": ("description.unknown-field", "description.unrepresentable")}
_HINT = "did you mean `"
# The hint for a path template that cannot be matched.
_PATH = "write `/"


@dataclass(frozen=True, slots=True)
class _Slip:
    """A misspelt name. parent: of the mapping; meant: pointer that the right name would have."""

    parent: str
    meant: str


def root_causes(told: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is left without the consequences of misspelt names, in the order given."""
    listed = _once(told)
    codes = {one.code for one in listed}
    listed = [one for one in listed if codes.isdisjoint(_LOST.get(one.code, ()))]
    slips = {one: _slip(one) for one in listed if is_slip(one)}
    if not slips:
        return listed
    return [one for one in listed if one in slips or not _follows(one, list(slips.values()))]


def _once(told: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Without what asks for the same edit a second time; slips come before what is else told."""
    listed = list(enumerate(told))
    kept: dict[tuple[object, ...], tuple[int, Diagnostic]] = {}
    for number, one in sorted(listed, key=lambda pair: pair[1].code not in _SLIPS):
        is_edit = bool(one.pointer) and one.hint.startswith((_HINT, "write `"))
        key = (one.file, one.pointer, one.hint) if is_edit else (number,)
        kept.setdefault(key, (number, one))
    return [one for _number, one in sorted(kept.values(), key=lambda pair: pair[0])]


def is_slip(one: Diagnostic) -> bool:
    """Whether it is about a misspelt name that others may refer to."""
    if one.code == "description.unrepresentable":
        return one.hint.startswith(_PATH) and one.pointer.startswith("/paths/")
    return one.code in _SLIPS and one.hint.startswith(_HINT) and bool(one.pointer)


def _slip(one: Diagnostic) -> _Slip:
    parent = one.pointer.rpartition("/")[0]
    name = one.hint.partition("`")[2].partition("`")[0]
    return _Slip(parent, f"{parent}/{escape(name)}")


def _follows(one: Diagnostic, slips: list[_Slip]) -> bool:
    return any(_from_parent(one, slip) or _from_target(one, slip) for slip in slips)


def _from_parent(one: Diagnostic, slip: _Slip) -> bool:
    """The mapping lacks something, since its name is misspelt in it."""
    lacking = ("description.no-schema", "description.unrepresentable", "description.path-parameter")
    if one.code == "description.path-parameter":
        return bool(slip.parent) and f"{one.pointer}/".startswith(f"{slip.parent}/")
    return one.code in lacking and bool(slip.parent) and one.pointer == slip.parent


def _from_target(one: Diagnostic, slip: _Slip) -> bool:
    """Something refers to what would be there under the right name."""
    meant = slip.meant
    if one.code == "policy.unknown-operation":
        return meant == "/paths" or _names_method(one, meant)
    if one.code == "description.no-operations":
        return meant == "/paths"
    if one.code in ("description.unrepresentable", "policy.unknown-scheme"):
        is_scheme = "security scheme" in one.message and "not " in one.message
        if is_scheme and meant in ("/components", "/components/securitySchemes"):
            return True
        return f"#{meant}/" in one.message
    return False


def _names_method(one: Diagnostic, meant: str) -> bool:
    """Whether the operation that is not there would be this one."""
    steps = tokens(meant)
    if len(steps) < 2 or steps[0] != "paths":  # noqa: PLR2004 -- paths and template
        return False
    method = f"`{steps[2].upper()} " if len(steps) > 2 else ""  # noqa: PLR2004 -- a method as well
    return method in one.message and f"{steps[1]}`" in one.message
