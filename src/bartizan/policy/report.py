"""What was refused, or would have been, put together per operation. Pure: rows in, lines out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.policy.edit import NotOffered, Offer, stands
from bartizan.policy.offer import any_item, offer
from bartizan.store.ports import who

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bartizan.model.event import Notable, Reason, Setting
    from bartizan.policy.words import CodeFact


@dataclass(slots=True)
class Line:
    """One reason on one operation and field, with how often it came.

    refused: acted upon. in_shadow: would have been. taken_by_api, refused_by_api: of the recorded
    in shadow, those that the API answered with 2xx or 3xx, and with 4xx. is_settled: the config of
    now holds the change already. ref: the newest Event; rules: how many stand against that one.
    callers: how many told apart by subject, else address. owner, data: of the operation.
    """

    operation: str
    code: str
    place: str
    expected: str
    setting: Setting | None
    change: Offer | NotOffered
    ref: str
    last_ms: int
    owner: str = ""
    data: tuple[str, ...] = ()
    refused: int = 0
    in_shadow: int = 0
    taken_by_api: int = 0
    refused_by_api: int = 0
    is_settled: bool = False
    rules: int = 1
    callers: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        """Both together."""
        return self.refused + self.in_shadow

    @property
    def command(self) -> str:
        """What makes the change; empty where none is offered."""
        if not isinstance(self.change, Offer):
            return ""
        rule = f" --rule {self.code}" if self.rules > 1 else ""
        return f"bartizan admit {self.ref}{rule}"

    def as_data(self) -> dict[str, object]:
        """For `--json`."""
        change: dict[str, object] = (
            self.change.as_data()
            if isinstance(self.change, Offer)
            else {"not_applicable": self.change.reason}
        )
        place = self.setting and {"file": self.setting.file, "line": self.setting.line}
        return {
            "operation": self.operation,
            "code": self.code,
            "field": self.place,
            "expected": self.expected,
            "would_be_refused": self.in_shadow,
            "taken_by_api": self.taken_by_api,
            "refused_by_api": self.refused_by_api,
            "refused": self.refused,
            "callers": len(self.callers),
            "setting": place,
            "change": change,
            "command": self.command,
            "admitted_now": self.is_settled,
            "owner": self.owner,
            "data": list(self.data),
            "ref": self.ref,
            "last_ms": self.last_ms,
        }


def summarise(
    rows: Iterable[Notable], codes: Mapping[str, CodeFact], config: Mapping[str, object]
) -> list[Line]:
    """Lines, the operation with most refusals first, then by count. Cost: O(reasons of the rows).

    rows: newest first. A reason that a written exception covers does not count.
    """
    lines: dict[tuple[str, str, str], Line] = {}
    for row in rows:
        for reason in row.event.reasons:
            if reason.counts:
                _add(lines, row, reason, codes, config)
    totals: dict[str, int] = {}
    for line in lines.values():
        totals[line.operation] = totals.get(line.operation, 0) + line.count
    return sorted(
        lines.values(), key=lambda line: (-totals[line.operation], line.operation, -line.count)
    )


def _add(
    lines: dict[tuple[str, str, str], Line],
    row: Notable,
    reason: Reason,
    codes: Mapping[str, CodeFact],
    config: Mapping[str, object],
) -> None:
    event = row.event
    key = (event.route, reason.code, any_item(reason.field))
    line = lines.get(key)
    if line is None:
        fact = codes.get(reason.code)
        change = offer(reason, event, fact.kind if fact else "", config)
        line = lines[key] = Line(
            operation=key[0],
            code=key[1],
            place=key[2],
            expected=reason.expected,
            setting=row.setting(reason),
            change=change,
            is_settled=isinstance(change, Offer) and stands(config, change),
            ref=event.id,
            rules=len({one.code for one in event.reasons if one.counts}),
            last_ms=event.time_ms,
            owner=event.owner,
            data=event.data,
        )
    if reason.standing == "shadow":
        line.in_shadow += 1 + event.repeats
        # What the API answered is known of the kept Event alone, not of its repeats.
        line.taken_by_api += event.upstream_status // 100 in (2, 3)
        line.refused_by_api += event.upstream_status // 100 == 4  # noqa: PLR2004 -- 4xx
    else:
        line.refused += 1 + event.repeats
    line.callers.add(who(row))
