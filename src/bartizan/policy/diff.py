"""`diff`: two Policies compared in words: who may call, limits, modes, contract; each with its way.

It compares forms, so that what cannot change a Decision is no difference.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bartizan.policy.limit_diff import limits
from bartizan.policy.schema_diff import Effect, SchemaDiff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Form = dict[str, object]
EVERYWHERE = ""
"""Operation of a change that concerns all of them."""

_GLOBALS = {
    "hosts": "hosts that requests may name",
    "trusted_proxies": "proxies that are believed",
    "internal": "networks whose callers are internal",
    "relax": "parse rules that apply nowhere",
}
_RECORDS = {
    "cors": "cross-origin access",
    "csrf": "protection against cross-site requests",
    "shape": "what is done to responses",
    "bounds": "bounds of one exchange",
    "limit_table": "memory of the limit table",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. operation: EVERYWHERE for what concerns all."""

    operation: str
    words: str
    effect: Effect


def diff(old: bytes, new: bytes) -> list[Change]:
    """Every difference between two forms: what concerns all, then by Operation."""
    return list(_Diff(json.loads(old), json.loads(new)).changes())


class _Diff:
    def __init__(self, old: Form, new: Form) -> None:
        self._old = old
        self._new = new
        self._schemes = [_schemes(form) for form in (old, new)]

    def changes(self) -> Iterator[Change]:
        for words, effect in self._everywhere():
            yield Change(EVERYWHERE, words, effect)
        old, new = _by_id(self._old), _by_id(self._new)
        for one in sorted(old.keys() - new.keys()):
            yield Change(one, "is no longer declared, so it is refused", "tighter")
        for one in sorted(new.keys() - old.keys()):
            who = _who(self._alternatives(new[one], 1))
            yield Change(one, f"is declared; open to {who}", "looser")
        for one in sorted(old.keys() & new.keys()):
            for words, effect in self._operation(old[one], new[one]):
                yield Change(one, words, effect)

    # ---- everywhere -----------------------------------------------------------------------

    def _everywhere(self) -> Iterator[tuple[str, Effect]]:
        old, new = self._old, self._new
        yield from _modes(_map(old["controls"]), _map(new["controls"]))
        yield from _named(old, new, "issuers", "issuer", "issuer")
        yield from _named(old, new, "api_keys", "API key", "id")
        yield from limits(_common(old), _common(new))
        yield from _exceptions(_list(old["exceptions"]), _list(new["exceptions"]))
        for key, words in _GLOBALS.items():
            left, right = set(_texts(old.get(key))), set(_texts(new.get(key)))
            if left != right:
                yield f"{words}: {_from_to(sorted(left), sorted(right))}", "other"
        for key, words in _RECORDS.items():
            left_record, right_record = _plain(old.get(key)), _plain(new.get(key))
            if left_record != right_record:
                yield f"{words}: {_members(left_record, right_record)}", "other"

    # ---- one Operation --------------------------------------------------------------------

    def _operation(self, old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
        yield from self._callers(old, new)
        yield from self._own_modes(old, new)
        yield from limits(_own(self._old, old), _own(self._new, new))
        yield from _checkable(old, new)
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._responses(old, new)
        yield from _settings(old, new)

    def _alternatives(self, operation: Form, side: int) -> set[frozenset[str]]:
        names = self._schemes[side]
        return {
            frozenset(_requirement(one, names) for one in _list(group))
            for group in _list(operation["security"])
        }

    def _callers(self, old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
        left, right = self._alternatives(old, 0), self._alternatives(new, 1)
        if left == right:
            return
        was_open, is_open = _is_open(left), _is_open(right)
        effect: Effect = "other"
        if is_open or (not was_open and left < right):
            effect = "looser"
        elif was_open or right < left:
            effect = "tighter"
        yield f"open to {_who(right)}; it was {_who(left)}", effect

    def _own_modes(self, old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
        """Modes where they change here and not everywhere."""
        left, right = (
            {**_map(whole["controls"]), **_map(own["controls"])}
            for whole, own in ((self._old, old), (self._new, new))
        )
        common = dict(_modes(_map(self._old["controls"]), _map(self._new["controls"])))
        yield from ((words, way) for words, way in _modes(left, right) if words not in common)

    def _schema(self, old: object, new: object, place: str) -> Iterator[tuple[str, Effect]]:
        compared = SchemaDiff(_map(self._old["schemas"]), _map(self._new["schemas"]))
        if old is None and new is None:
            return
        if old is None or new is None:
            words = f"{place} has {'a' if old is None else 'no longer a'} schema"
            yield words, "tighter" if old is None else "looser"
            return
        for one in compared.between(old, new):
            where = f"{place}{'#' + one.pointer if one.pointer else ''}"
            yield f"{where}: {one.words}", one.effect

    def _parameters(self, old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
        left, right = (_by_place(one) for one in (old, new))
        for place in sorted(right.keys() - left.keys()):
            needed = right[place]["required"] is True
            words = f"{place} is declared" + (" and required" if needed else "")
            yield words, "tighter" if needed else "other"
        for place in sorted(left.keys() - right.keys()):
            yield f"{place} is no longer declared", "other"
        for place in sorted(left.keys() & right.keys()):
            yield from _required(place, left[place], right[place])
            yield from self._schema(left[place].get("schema"), right[place].get("schema"), place)

    def _body(self, old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
        left, right = old.get("body"), new.get("body")
        if not isinstance(left, dict) or not isinstance(right, dict):
            if left != right:
                words = "a body is declared" if left is None else "a body is no longer declared"
                yield words, "looser" if left is None else "tighter"
            return
        yield from _required("body", left, right)
        yield from self._contents(left, right, "body")

    def _responses(self, old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
        left, right = _map(old["responses"]), _map(new["responses"])
        for status in sorted(right.keys() - left.keys()):
            yield f"response {status} is declared", "looser"
        for status in sorted(left.keys() - right.keys()):
            yield f"response {status} is no longer declared", "tighter"
        for status in sorted(left.keys() & right.keys()):
            yield from self._contents(_map(left[status]), _map(right[status]), f"response {status}")

    def _contents(self, old: Form, new: Form, place: str) -> Iterator[tuple[str, Effect]]:
        left, right = _map(old["content"]), _map(new["content"])
        for kind in sorted(right.keys() - left.keys()):
            yield f"{place} may be `{kind}`", "looser"
        for kind in sorted(left.keys() - right.keys()):
            yield f"{place} may no longer be `{kind}`", "tighter"
        for kind in sorted(left.keys() & right.keys()):
            one, other = _map(left[kind]), _map(right[kind])
            yield from self._schema(one.get("schema"), other.get("schema"), place)


def _modes(old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            effect: Effect = "tighter" if new[name] == "enforce" else "looser"
            yield f"`{name}` from {old[name]} to {new[name]}", effect


def _named(old: Form, new: Form, key: str, word: str, name: str) -> Iterator[tuple[str, Effect]]:
    left, right = ({str(one[name]): _plain(one) for one in _forms(x[key])} for x in (old, new))
    for one in sorted(right.keys() - left.keys()):
        yield f"{word} `{one}` is believed", "looser"
    for one in sorted(left.keys() - right.keys()):
        yield f"{word} `{one}` is no longer believed", "tighter"
    for one in sorted(left.keys() & right.keys()):
        if left[one] != right[one]:
            yield f"{word} `{one}`: {_members(left[one], right[one])}", "other"


def _exceptions(old: list[object], new: list[object]) -> Iterator[tuple[str, Effect]]:
    left, right = ({_exception(one) for one in side} for side in (old, new))
    for words in sorted(right - left):
        yield f"exception: {words}", "looser"
    for words in sorted(left - right):
        yield f"no exception any more: {words}", "tighter"


def _exception(one: object) -> str:
    form = _map(one)
    at = f" at {form['field']}" if form.get("field") else ""
    return f"`{form['rule']}` on {form.get('operation') or form.get('path') or 'all'}{at}"


def _checkable(old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
    left, right = bool(old["unrepresentable"]), bool(new["unrepresentable"])
    if left != right:
        words = "cannot be checked any more, so enforce refuses it" if right else "can be checked"
        yield words, "tighter" if right else "looser"


def _required(place: str, old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
    if old["required"] != new["required"]:
        is_needed = new["required"] is True
        words = "is required now" if is_needed else "is no longer required"
        yield f"{place} {words}", "tighter" if is_needed else "looser"


def _settings(old: Form, new: Form) -> Iterator[tuple[str, Effect]]:
    if old["closed_query"] != new["closed_query"]:
        is_closed = new["closed_query"] is True
        words = "undeclared query parameters are refused" if is_closed else "they are passed"
        yield words, "tighter" if is_closed else "looser"
    if old["closed_body"] != new["closed_body"]:
        is_closed = new["closed_body"] is True
        words = "undeclared members of its body are refused" if is_closed else "they are passed"
        yield words, "tighter" if is_closed else "looser"
    if old["body_max_bytes"] != new["body_max_bytes"]:
        words = f"body_max_bytes from {old['body_max_bytes']} to {new['body_max_bytes']}"
        yield words.replace("None", "the common cap"), "other"
    left, right = set(_texts(old["relax"])), set(_texts(new["relax"]))
    for rule in sorted(right - left):
        yield f"parse rule `{rule}` is relaxed", "looser"
    for rule in sorted(left - right):
        yield f"parse rule `{rule}` applies again", "tighter"
    if bool(old.get("internal")) != bool(new.get("internal")):
        is_internal = bool(new.get("internal"))
        words = "is internal" if is_internal else "is no longer internal"
        yield words, "tighter" if is_internal else "looser"
    if old.get("owner") != new.get("owner"):
        yield f"owner from `{old.get('owner')}` to `{new.get('owner')}`", "other"
    if old.get("data") != new.get("data"):
        was, now = (", ".join(_texts(one.get("data"))) or "none" for one in (old, new))
        yield f"classes of its data from {was} to {now}", "other"
    if _plain(old["shape"]) != _plain(new["shape"]):
        yield f"shape: {_members(_plain(old['shape']), _plain(new['shape']))}", "other"


# ---- forms in words -------------------------------------------------------------------------


def _common(form: Form) -> list[Form]:
    return [one for one in _forms(form["limits"]) if one.get("everywhere")]


def _own(form: Form, operation: Form) -> list[Form]:
    every = _forms(form["limits"])
    found = (every[one] for one in _list(operation["limits"]) if isinstance(one, int))
    return [one for one in found if not one.get("everywhere")]


def _requirement(one: object, names: list[str]) -> str:
    form = _map(one)
    scopes = _texts(form["scopes"])
    name = names[cast("int", form["scheme"])]
    return f"`{name}` with {', '.join(f'`{scope}`' for scope in scopes)}" if scopes else f"`{name}`"


def _is_open(alternatives: set[frozenset[str]]) -> bool:
    return not alternatives or frozenset[str]() in alternatives


def _who(alternatives: set[frozenset[str]]) -> str:
    if _is_open(alternatives):
        return "everyone"
    return ", or ".join(sorted(" and ".join(sorted(group)) for group in alternatives))


def _schemes(form: Form) -> list[str]:
    """Each scheme by its name, with whose tokens it takes where that is not everybody's."""
    issuers = [str(one["id"]) for one in _forms(form["issuers"])]
    return [_scheme(one, issuers) for one in _forms(form["schemes"])]


def _scheme(form: Form, issuers: list[str]) -> str:
    name = str(form["name"])
    if form.get("issuers") is not None:
        believed = [issuers[cast("int", one)] for one in _list(form["issuers"])]
        name += f" of {', '.join(believed) or 'nobody'}"
    audience = _texts(_map(form.get("audience") or {}).get("any_of"))
    return f"{name} for {', '.join(audience)}" if audience else name


def _by_id(form: Form) -> dict[str, Form]:
    return {str(one["id"]): one for one in _forms(form["operations"])}


def _by_place(operation: Form) -> dict[str, Form]:
    return {f"{one['in']}:{one['name']}": one for one in _forms(operation["parameters"])}


def _members(old: object, new: object) -> str:
    """Members that differ, with both values; keys and digests are named only."""
    left, right = _map(old or {}), _map(new or {})
    if not left or not right:
        return "set" if right else "no longer set"
    names = [
        name for name in sorted(left.keys() | right.keys()) if left.get(name) != right.get(name)
    ]
    return "; ".join(
        f"`{name}` changed"
        if name == "digest"
        else f"`{name}` {_from_to(left.get(name), right.get(name))}"
        for name in names
    )


def _from_to(old: object, new: object) -> str:
    return f"from {_brief(old)} to {_brief(new)}"


def _brief(value: object) -> str:
    if value in (None, [], {}):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return json.dumps(value) if isinstance(value, dict | bool) else str(value)


def _plain(form: object) -> object:
    """Without the places of settings: they are no difference."""
    if isinstance(form, dict):
        return {name: _plain(one) for name, one in form.items() if name != "source"}
    return form


def _map(value: object) -> Form:
    return cast("Form", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _forms(value: object) -> list[Form]:
    return [cast("Form", one) for one in _list(value)]


def _texts(value: object) -> list[str]:
    return [str(one) for one in _list(value)]


def by_operation(changes: list[Change]) -> Mapping[str, list[Change]]:
    """Grouped, what concerns all first."""
    grouped: dict[str, list[Change]] = {}
    for change in changes:
        grouped.setdefault(change.operation, []).append(change)
    return grouped
