"""Events of an in-process mount on their way to the store: a bounded queue, one daemon thread."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from bartizan.gateway.link import Counters
from bartizan.gateway.record import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.gateway.record import Settings
    from bartizan.store.ports import Notables

QUEUE_MAX = 4_096
EVERY_S = 0.5


class Drain:
    """Takes the closing Event of every Exchange; notable ones reach the store, all are counted.

    emitted = delivered + dropped, once `stop` has returned. The request path never waits.
    """

    def __init__(
        self,
        settings: Settings,
        open_store: Callable[[], Notables],
        say: Callable[[str], None],
        queue_max: int = QUEUE_MAX,
    ) -> None:
        self._ledger = Ledger(settings)
        self._open_store = open_store
        self._say = say
        self._queue: deque[bytes] = deque()
        self._queue_max = queue_max
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._is_stopping = False
        self._plain = 0
        self.emitted = 0
        self.dropped = 0
        self._thread: threading.Thread | None = None

    def take(self, line: bytes, *, is_notable: bool) -> None:
        """One Event. Cost: O(1), no IO."""
        with self._lock:
            self.emitted += 1
            if not is_notable:
                self._plain += 1
            elif len(self._queue) < self._queue_max:
                self._queue.append(line)
            else:
                self.dropped += 1

    def start(self) -> None:
        """Starts the thread that writes."""
        self._thread = threading.Thread(target=self._run, name="bartizan-events", daemon=True)
        self._thread.start()

    def stop(self, wait_s: float = 5.0) -> None:
        """Writes what waits, then ends the thread; waits for it at most `wait_s`."""
        self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(wait_s)

    def _run(self) -> None:
        try:
            store = self._open_store()
        except Exception as fault:  # noqa: BLE001, whatever the store: traffic goes on, and it is said
            self._say(f"the event table cannot be opened, Events are not kept: {fault}")
            return
        while not self._is_stopping:
            self._wake.wait(EVERY_S)
            self._try_write(store)
        self._try_write(store)
        store.close()

    def _try_write(self, store: Notables) -> None:
        try:
            self.write(store)
        except Exception as fault:  # noqa: BLE001, as above
            self._say(f"the event table cannot be written, Events are lost: {fault}")

    def write(self, store: Notables) -> None:
        """Everything that waits, into the store."""
        with self._lock:
            lines, count = list(self._queue), self._plain + len(self._queue)
            self._queue.clear()
            self._plain, dropped, emitted = 0, self.dropped, self.emitted
        self._ledger.add(lines, count)
        self._ledger.count(Counters(emitted, emitted - dropped, dropped, 0))
        taken = self._ledger.take()
        if taken is not None:
            rows, seen = taken
            # `life` belongs to the gateway process, should one use the same store.
            store.keep(rows, replace(seen, life=0))
