"""The limits of two Policies compared: which came, which went, and which changed how far."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.policy.schema_diff import Effect

_SECONDS = {1: "s", 60: "min", 3600: "h", 86_400: "d"}


@dataclass(frozen=True, slots=True, order=True)
class _Limit:
    """Of a form, without name and place. window_ms: 0 = so many under way."""

    per: tuple[str, ...]
    window_ms: int
    count: int
    burst: int

    @property
    def quota(self) -> str:
        """`100/min`, `5/90s (burst 20)`, `3 under way`."""
        if not self.window_ms:
            return f"{self.count} under way"
        burst = "" if self.burst == self.count else f" (burst {self.burst})"
        return f"{self.count}/{_window(self.window_ms)}{burst}"

    @property
    def whose(self) -> str:
        return f"per {' and '.join(self.per)}" if self.per else "of all together"


def _window(window_ms: int) -> str:
    if window_ms % 1000:
        return f"{window_ms}ms"
    seconds = window_ms // 1000
    if seconds in _SECONDS:
        return _SECONDS[seconds]
    unit = max(one for one in _SECONDS if seconds % one == 0)
    return f"{seconds // unit}{_SECONDS[unit]}"


def limits(
    old: Sequence[dict[str, object]], new: Sequence[dict[str, object]]
) -> Iterator[tuple[str, Effect]]:
    """Changed limits first, each as one change; then those that came, and those that went."""
    gone, come = sorted(set(map(_limit, old))), sorted(set(map(_limit, new)))
    gone, come = [one for one in gone if one not in come], [one for one in come if one not in gone]
    # The nearest of the same kind are the same limit; what is left may have another window.
    for same in (_alike, _of_one_kind):
        for left, right in list(_pairs(gone, come, same)):
            gone.remove(left)
            come.remove(right)
            yield f"limit {left.whose} from {left.quota} to {right.quota}", _effect(left, right)
    for one in come:
        yield f"limit {one.quota} {one.whose}", "tighter"
    for one in gone:
        yield f"no limit {one.quota} {one.whose} any more", "looser"


def _alike(one: _Limit) -> Hashable:
    return one.per, one.window_ms


def _of_one_kind(one: _Limit) -> Hashable:
    return one.per, bool(one.window_ms)


def _pairs(
    gone: Sequence[_Limit], come: Sequence[_Limit], key: Callable[[_Limit], Hashable]
) -> Iterator[tuple[_Limit, _Limit]]:
    """In order, as many as both sides have of one key."""
    for wanted in dict.fromkeys(map(key, gone)):
        ours = (one for one in gone if key(one) == wanted)
        theirs = (one for one in come if key(one) == wanted)
        yield from zip(ours, theirs, strict=False)


def _effect(old: _Limit, new: _Limit) -> Effect:
    """`other` where one measure falls and another grows."""
    pairs = [(old.burst, new.burst)]
    if old.window_ms:
        pairs.append((old.count * new.window_ms, new.count * old.window_ms))
    if all(after <= before for before, after in pairs):
        return "tighter"
    if all(after >= before for before, after in pairs):
        return "looser"
    return "other"


def _limit(form: dict[str, object]) -> _Limit:
    quota = cast("dict[str, int]", form["quota"])
    count = quota["count"]
    per = tuple(cast("list[str]", form["per"]))
    return _Limit(per, quota.get("window_ms", 0), count, quota.get("burst", count))
