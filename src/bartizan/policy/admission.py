"""What lets one recorded Request pass: a change for each reason, and what they do together.

The judge is the core: a recorded reason is held against the Policy that the changes would make.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan import _core
from bartizan.policy.edit import UNWRITTEN, NotOffered, Offer
from bartizan.policy.explain import kind_of
from bartizan.policy.offer import offer, shadow
from bartizan.store.ports import who

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.model.event import Event, Notable, Reason
    from bartizan.policy.explain import Facts


class NotAdmitted(Exception):
    """No change of the config lets the Request pass; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reason and the change that answers it."""

    reason: Reason
    change: Offer

    @property
    def can_be_judged(self) -> bool:
        """Whether the record alone tells what the change does: it holds no body, no credential."""
        last = self.change.path[-1]
        return last in ("exceptions", "relax") or "controls" in self.change.path


def wanted(event: Event, facts: Facts, rule: str = "", *, as_shadow: bool = False) -> list[Wanted]:
    """A change for each reason that counts. rule: only for this one. Raises NotAdmitted."""
    counting = [one for one in event.reasons if one.counts]
    found = [one for one in counting if rule in ("", one.code)]
    if not found:
        codes = ", ".join(f"`{one}`" for one in dict.fromkeys(one.code for one in counting))
        raise NotAdmitted(
            f"rule `{rule}` does not stand against this request, but {codes}"
            if counting
            else "nothing stands against this request"
        )
    return [_wanted(one, event, facts, as_shadow=as_shadow) for one in found]


def _wanted(reason: Reason, event: Event, facts: Facts, *, as_shadow: bool) -> Wanted:
    change = (
        shadow(reason, event)
        if as_shadow
        else offer(reason, event, kind_of(reason, facts), facts.config)
    )
    if isinstance(change, NotOffered):
        at = f" at {reason.field}" if reason.field else ""
        message = f"{reason.code}{at}: {change.reason}"
        raise NotAdmitted(message)
    return Wanted(reason, change)


def signed(changes: Iterable[Offer], **words: str) -> list[Offer]:
    """Each change once; exceptions with `words` (such as `reason`), those not given left out."""
    made = [_signed(one, words) if is_exception(one) else one for one in changes]
    return [one for number, one in enumerate(made) if one not in made[:number]]


def is_exception(change: Offer) -> bool:
    """Whether it is a written exception, which says why and who answers for it."""
    return change.path == ("exceptions",)


def _signed(change: Offer, words: dict[str, str]) -> Offer:
    entry = change.value if isinstance(change.value, dict) else {}
    kept = {name: one for name, one in entry.items() if one != UNWRITTEN}
    return replace(change, value=kept | {name: one for name, one in words.items() if one})


@dataclass(frozen=True, slots=True)
class Effect:
    """What the changes do to the recorded Request, and to others of the record.

    passes: None where the record cannot tell. left: reasons that would still stand.
    others: refusals of other Requests that would pass too, of `of`; callers: how many told apart.
    """

    passes: bool | None
    left: tuple[Reason, ...] = ()
    others: int = 0
    of: int = 0
    callers: int = 0


def effect(
    forms: tuple[bytes, bytes], event: Event, asked: list[Wanted], rows: Iterable[Notable]
) -> Effect:
    """forms: of the Policy before and after. rows: of the record.

    Cost: two builds of a Policy, then O(reasons x operations).
    """
    before, after = (_core.Policy.load(form) for form in forms)
    is_known = all(one.can_be_judged for one in asked)
    judged = {id(one.reason) for one in asked if one.can_be_judged}
    left = tuple(one for one in event.reasons if id(one) in judged and _stops(after, event, one))
    if left:
        return Effect(passes=False, left=left)
    if not is_known:
        return Effect(passes=None)
    others = [row for row in rows if row.event.id != event.id and _is_refused(before, row.event)]
    freed = [row for row in others if not _is_refused(after, row.event)]
    callers = {who(one) for one in freed}
    return Effect(passes=True, others=len(freed), of=len(others), callers=len(callers))


def _is_refused(policy: _core.Policy, event: Event) -> bool:
    return any(_stops(policy, event, one) for one in event.reasons if one.counts)


def _stops(policy: _core.Policy, event: Event, reason: Reason) -> bool:
    """Whether the reason still counts; one that was enforced does not once it stands in shadow."""
    route = (event.method, event.path)
    place = (reason.location, reason.name, reason.pointer)
    try:
        found = policy.standing(event.operation, route, reason.code, place)
    except ValueError:  # Recorded by another version: nothing can be told.
        return True
    return found == "enforced" or (found == "shadow" and reason.standing == "shadow")
