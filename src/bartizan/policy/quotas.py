"""Limits of the config as the form writes them, and which Operation each belongs to."""

from __future__ import annotations

from bartizan.policy.config import Config, Limit, OperationSettings
from bartizan.policy.parts import Form, Names, at_config
from bartizan.policy.reading import below


class Quotas:
    """Numbers the limits. Those without `operations` apply everywhere, unknown paths included."""

    def __init__(self, config: Config, names: Names) -> None:
        """Take the common limits."""
        self.forms: list[Form] = []
        self._names: set[str] = set()
        self._indices: dict[tuple[int, str], int] = {}
        self._of: dict[str, list[int]] = {}
        for limit in config.limits:
            index = self._add(limit, everywhere=not limit.operations)
            for number, written in enumerate(limit.operations):
                place = below(below(limit.pointer, "operations"), number)
                for one in names.resolve(written, place, value=True):
                    self._of.setdefault(one, []).append(index)

    def of(self, one: str, settings: tuple[OperationSettings, ...]) -> list[int]:
        """Indices of the limits of one Operation, its own included."""
        own = [self._once(limit) for each in settings for limit in each.limits]
        return sorted({*self._of.get(one, ()), *own})

    def _once(self, limit: Limit) -> int:
        """The index of a limit of Operations; `*` and a whole document share one among all."""
        place = (limit.written_in, limit.pointer)
        if place not in self._indices:
            self._indices[place] = self._add(limit, everywhere=False)
        return self._indices[place]

    def _add(self, limit: Limit, *, everywhere: bool) -> int:
        index = len(self.forms)
        quota: Form
        if limit.rate is not None:
            count = limit.rate.count
            burst = limit.burst if limit.burst is not None else count
            quota = {
                "kind": "rate",
                "count": count,
                "window_ms": limit.rate.window_ms,
                "burst": burst,
            }
        else:
            quota = {"kind": "concurrency", "count": limit.concurrency}
        self.forms.append(
            {
                "name": self._name(limit.name or ("default" if index == 0 else f"limit-{index}")),
                "per": [] if limit.per == ("all",) else sorted(set(limit.per)),
                "quota": quota,
                "everywhere": everywhere,
                "source": at_config(limit),
            }
        )
        return index

    def _name(self, wanted: str) -> str:
        name, number = wanted, 2
        while name in self._names:
            name, number = f"{wanted}-{number}", number + 1
        self._names.add(name)
        return name
