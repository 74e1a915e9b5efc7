"""What Bartizan recorded of the steps: reference ids, reasons in one sentence, explanations."""

from __future__ import annotations

import io
import json
import time
from argparse import Namespace
from typing import TYPE_CHECKING

from bartizan.console.terminal import CLEAN, Terminal
from bartizan.policy.words import code_facts
from bartizan.store.ports import Query
from bartizan.store.sql import FILE, SqlNotables

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.console.demo.stage import Stage
    from bartizan.model.event import Notable, Reason

WAIT_S = 10.0
LOOK_S = 0.05


class Record:
    """The table of notable Events of the stage, looked at until what is sought has arrived."""

    def __init__(self, stage: Stage, pause: Callable[[float], None] = time.sleep) -> None:
        self._stage = stage
        self._pause = pause
        self._table = SqlNotables(stage.state / FILE)
        self._seen: set[str] = set()

    def close(self) -> None:
        """Lets go of the table."""
        self._table.close()

    def find(self, reference: str, code: str, path: str) -> Notable | None:
        """The Event with this reference id, else the next one with this code and path, or None."""
        for _ in range(int(WAIT_S / LOOK_S)):
            if row := self._found(reference, code, path):
                self._seen.add(row.event.id)
                return row
            self._pause(LOOK_S)
        return None

    def _found(self, reference: str, code: str, path: str) -> Notable | None:
        if reference:
            return self._table.find(reference)
        rows = self._table.search(Query(code=code))
        fitting = (row for row in rows if row.event.path == path)
        return next((row for row in fitting if row.event.id not in self._seen), None)

    def explains(self, reference: str) -> str:
        """Empty when `bartizan explain` tells all eight fields of this Decision, else why not."""
        from bartizan.console.cli import explain

        told = io.StringIO()
        stage = self._stage
        args = Namespace(what=reference, config=stage.config, state=str(stage.state), json=True)
        if explain.run(args, Terminal(out=told)) != CLEAN:
            return "explain does not end with 0"
        data = json.loads(told.getvalue())
        missing = 8 - data["present"] - data["not_applicable"]
        return f"{missing} fields are not explained" if missing else ""


def sentence(reason: Reason | None) -> str:
    """A reason in one sentence, with its place and what is expected there."""
    if reason is None:
        return "no reason is recorded"
    fact = code_facts().get(reason.code)
    title = (fact.title if fact else reason.code).replace("`", "")
    place = f" at {reason.pointer}" if reason.pointer else ""
    tells_more = reason.expected and (place or reason.code.endswith("malformed"))
    return f"{title}{place}; expected is {reason.expected}" if tells_more else f"{title}{place}"
