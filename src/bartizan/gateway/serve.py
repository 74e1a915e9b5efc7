"""The control process: starts or joins the gateway process, gives it Policies, takes its Events.

It may die or pause: traffic does not notice, and the next control process joins what runs.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from bartizan.gateway import spawn
from bartizan.gateway.link import (
    CAPTURE,
    LOAD,
    STAND,
    STOP,
    UNWATCHED,
    WATCH,
    WATCHED,
    Captured,
    Counters,
    Events,
    FrameReader,
    Keys,
    LinkFault,
    Listening,
    Loaded,
    Message,
    Refused,
    Stood,
    Used,
    decode,
    encode,
)
from bartizan.gateway.record import Ledger, Settings
from bartizan.gateway.standing import LOOK_S
from bartizan.gateway.watch import Watch

if TYPE_CHECKING:
    from bartizan.gateway.doors import Doors, Plan, Writer

READ_BYTES = 1 << 20
START_MAX_S = 30.0
WIND_DOWN_MAX_S = 40.0
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0


class GatewayFault(Exception):
    """The gateway process cannot be had, or refuses. `is_config`: the load is to blame."""

    def __init__(self, message: str, *, is_config: bool = False) -> None:
        super().__init__(message)
        self.is_config = is_config


class Control:
    """One control process. Call `start`, then `run`; `stop` and `reload` at any time."""

    def __init__(self, doors: Doors, plan: Plan) -> None:
        self._doors = doors
        self._plan = plan
        self._tried = plan
        self._settings = Settings()
        self._ledger = Ledger(self._settings)
        self._watch = Watch(plan.files)
        self._process: spawn.Process | None = None
        self._writer: Writer | None = None
        self._answer: asyncio.Queue[Message] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._reload = asyncio.Event()
        self._is_watched = False
        doors.tail.tell_watched(self._on_watched)
        self._used: dict[str, int] = {}
        self._moved: dict[str, str] = {}
        # Operations that the store is not told yet; None: it knows those in force.
        self._operations: tuple[str, ...] | None = None
        self.listening: Listening | None = None
        self.is_adopted = False

    def stop(self) -> None:
        """Asks for the wind-down."""
        self._stopping.set()

    async def stopped(self) -> None:
        """Returns once `stop` was called."""
        await self._stopping.wait()

    def reload(self) -> None:
        """Asks for a new Policy from the files as they are now."""
        self._reload.set()

    async def start(self) -> Listening:
        """Joins a running gateway process or starts one, and loads the first Policy.

        Raises GatewayFault; nothing that was started here runs on then.
        """
        try:
            await self._join_or_spawn()
            async with asyncio.timeout(START_MAX_S):
                return await self._load_first()
        except TimeoutError:
            await self._end()
            raise GatewayFault("the gateway process did not answer in time") from None
        except BaseException:
            await self._end()
            raise

    async def run(self) -> int:
        """Serves until `stop`. Gives 0, or 3 when the wind-down had to be cut short."""
        captures = self._doors.captures
        if captures:
            captures.send = self._order
            await captures.open()
        stopped = asyncio.create_task(self._stopping.wait())
        keeping = asyncio.gather(self._keep_running(), self._keep_standing())
        while not stopped.done():
            await asyncio.wait({stopped}, timeout=self._doors.tick_s)
            await self._tick()
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        if captures:
            captures.close()
        return await self._wind_down()

    def _order(self, payload: bytes) -> None:
        """Opens or shuts the capture window of the gateway process."""
        if self._writer:
            self._writer.write(encode(CAPTURE, payload))

    # joining and loading

    async def _join_or_spawn(self) -> None:
        try:
            await self._join()
        except OSError:
            self._ledger.start(self._doors.store.totals().life)
            await self._start_process()
        else:
            self.is_adopted = True
            self._ledger.join(self._doors.store.totals().life)

    async def _start_process(self) -> None:
        self._process = await self._doors.spawn()
        waited = 0.0
        while self._process.returncode is None and waited < START_MAX_S:
            try:
                await self._join()
            except OSError:
                await self._doors.pause(0.02)
                waited += 0.02
            else:
                return
        code = self._process.returncode
        raise GatewayFault(
            f"the gateway process ended with status {code} before it could be joined"
            if code is not None
            else "the gateway process does not open its control socket"
        )

    async def _join(self) -> None:
        reader, self._writer = await self._doors.connect()
        self._answer = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(reader))
        if self._is_watched:
            self._on_watched(is_watched=True)

    def _on_watched(self, is_watched: bool) -> None:  # noqa: FBT001, a callback of one fact
        self._is_watched = is_watched
        if self._writer:
            self._writer.write(encode(WATCH, WATCHED if is_watched else UNWATCHED))

    async def _load_first(self) -> Listening:
        self._send_load(self._plan)
        loaded = await self._answered()
        if isinstance(loaded, Refused):
            raise GatewayFault(loaded.error, is_config=not _is_busy(loaded.error))
        self._settings.learn(self._plan.hash, self._plan.locate)
        while self.listening is None:
            answer = await self._answered()
            if isinstance(answer, Refused):
                raise GatewayFault(answer.error, is_config=not _is_busy(answer.error))
        return self.listening

    def _send_load(self, plan: Plan) -> None:
        self._tried = plan
        # INVARIANT: an Event can arrive before `loaded` is read; its lines are known by then.
        self._settings.learn(plan.hash, plan.locate)
        self._doors.standing.takes_keys = plan.takes_keys
        if self._writer:
            # INVARIANT: first, so that nothing is served before what was revoked is known.
            self._writer.write(encode(STAND, self._doors.standing.whole()))
            self._writer.write(encode(LOAD, plan.load))

    async def _answered(self) -> Message:
        answer = asyncio.create_task(self._answer.get())
        gone = self._reading
        waiting: set[asyncio.Task[object]] = {answer, gone} if gone else {answer}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        raise GatewayFault("the gateway process left before it was ready")

    # while running

    async def _read(self, reader: asyncio.StreamReader) -> None:
        frames = FrameReader()
        try:
            while data := await reader.read(READ_BYTES):
                for kind, payload in frames.feed(data):
                    self._take(decode(kind, payload))
        except LinkFault as fault:
            self._doors.say(f"control link: {fault}")
        except OSError:
            pass  # A reset says the same as an end: the gateway process is gone.
        if self._writer:
            self._writer.close()
        self._writer = None

    def _take(self, message: Message | None) -> None:
        match message:
            case Events():
                self._ledger.add(message.notable, message.count)
                self._doors.tail.hand_on(message)
            case Counters():
                self._ledger.count(message)
            case Captured():
                if self._doors.captures:
                    self._doors.captures.take(message.line)
            case Keys():
                self._say_keys(message)
            case Stood(error) if error:
                self._doors.say(f"API keys and revocations are not taken, the old stay: {error}")
            case Used(at_s, moved):
                self._used |= at_s
                self._moved |= moved
            case Listening():
                self.listening = message
                self._answer.put_nowait(message)
            case Loaded() | Refused():
                self._settle(message)
                self._answer.put_nowait(message)

    def _say_keys(self, keys: Keys) -> None:
        if keys.message:
            self._doors.say(f"keys of {keys.issuer}: {keys.state}: {keys.message}")

    def _settle(self, answer: Loaded | Refused) -> None:
        if isinstance(answer, Loaded):
            if self._tried is not self._plan:
                self._doors.say(
                    f"reloaded: policy {answer.hash[:16]}, generation {answer.generation}"
                )
            self._plan = self._tried
            self._operations = self._plan.operations
        elif self.listening:
            self._doors.say(f"reload refused, the policy before stays: {answer.error}")

    async def _tick(self) -> None:
        await self._flush()
        if self._watch.changed() or self._reload.is_set():
            self._reload.clear()
            await self._reload_now()

    async def _flush(self) -> None:
        await self._stamp()
        await self._tell_operations()
        taken = self._ledger.take()
        if taken is None:
            return
        try:
            await asyncio.to_thread(self._doors.store.keep, *taken)
        except Exception as fault:  # noqa: BLE001, whatever the store: traffic goes on, and it is said
            self._doors.say(
                f"the event table cannot be written, {len(taken[0])} Events lost: {fault}"
            )

    async def _tell_operations(self) -> None:
        operations, self._operations = self._operations, None
        if operations is not None:
            try:
                await asyncio.to_thread(self._doors.store.know, operations)
            except Exception as fault:  # noqa: BLE001, as above
                self._doors.say(f"the operations cannot be kept for `report`: {fault}")

    async def _stamp(self) -> None:
        used, self._used = self._used, {}
        moved, self._moved = self._moved, {}
        if used or moved:
            try:
                await asyncio.to_thread(self._doors.standing.stamp, used, moved)
            except Exception as fault:  # noqa: BLE001, as above
                self._doors.say(f"the last use of API keys cannot be kept: {fault}")

    async def _reload_now(self) -> None:
        if self._writer is None:
            self._reload.set()  # No gateway process to take it: again at the next tick.
            return
        try:
            plan = await asyncio.to_thread(self._doors.plan)
        except Exception as fault:  # noqa: BLE001, a bad config of any kind keeps the good one
            self._doors.say(self._doors.explain_fault(fault))
            self._doors.say("reload refused, the policy before stays")
            return
        self._watch.follow(plan.files)
        self._send_load(plan)

    async def _keep_running(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            joined_at = loop.time()
            if self._reading:
                await asyncio.wait({self._reading})
            failures = 0 if loop.time() - joined_at > STEADY_S else failures
            await self._say_gone()
            await self._doors.pause(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
            failures += 1
            with contextlib.suppress(GatewayFault):
                await self._join_or_spawn()
                self._send_load(self._plan)

    async def _keep_standing(self) -> None:
        while True:
            await self._doors.pause(LOOK_S)
            try:
                changes = await asyncio.to_thread(self._doors.standing.changes)
            except Exception as fault:  # noqa: BLE001, whatever the store: what is in force stays
                self._doors.say(f"API keys and revocations cannot be read, the old stay: {fault}")
                await self._doors.pause(STEADY_S)
                continue
            if changes is not None and self._writer:
                self._writer.write(encode(STAND, changes))

    async def _say_gone(self) -> None:
        code = await self._process.wait() if self._process else None
        status = "" if code is None else ended_how(code)
        self._doors.say(f"the gateway process ended{status}; it is started again")

    # ending

    async def _wind_down(self) -> int:
        if self._writer:
            self._writer.write(encode(STOP))
        in_time = await self._ended()
        await self._end()
        await self._flush()
        return 0 if in_time else 3

    async def _ended(self) -> bool:
        try:
            async with asyncio.timeout(WIND_DOWN_MAX_S):
                if self._reading:
                    await asyncio.wait({self._reading})
                if self._process:
                    await self._process.wait()
        except TimeoutError:
            self._doors.say("the wind-down took too long and was cut short")
            return False
        return True

    async def _end(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reading:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        if self._writer:
            self._writer.close()
            self._writer = None


def ended_how(code: int) -> str:
    """The exit status of a process in words, with a blank before."""
    return f" with status {code}" if code >= 0 else f" by signal {-code}"


def _is_busy(error: str) -> bool:
    return error.startswith(("edge.address-in-use", "edge.bind"))
