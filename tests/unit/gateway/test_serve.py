import asyncio
import json
import struct
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from bartizan.gateway import link
from bartizan.gateway.doors import Doors, Plan
from bartizan.gateway.link import Events, FrameReader, encode
from bartizan.gateway.serve import Control, GatewayFault, ended_how
from bartizan.gateway.standing import Standing
from bartizan.model.credential import KeySecret
from bartizan.model.event import Setting
from bartizan.model.secret import Secret
from bartizan.store.credentials import MemoryCredentials
from bartizan.store.memory import MemoryNotables
from bartizan.store.ports import Query, Totals
from tests.unit.identity.issued import key

HASH = "00112233445566aa"
PEPPERS = [("p2", Secret("newest"))]


def plan(load: bytes = b"{}", policy: str = HASH) -> Plan:
    def located(_document: int | None, pointer: str) -> Setting:
        return Setting("bartizan.yaml", 3, pointer)

    return Plan(load, policy, located, operations=(f"GET /{policy[:1]}",))


def frame(kind: int, **members: object) -> bytes:
    return encode(kind, json.dumps(members).encode())


def batch(*refs: str, others: bytes = b"", count: int | None = None) -> bytes:
    reasons = [{"code": "parse.bad-json", "document": 0, "source": "/relax"}]
    events = [{"id": ref, "policy": HASH, "verdict": "deny", "reasons": reasons} for ref in refs]
    lines = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    counts = struct.pack(">II", len(refs) if count is None else count, len(refs))
    return encode(link.EVENTS, counts + lines + others)


class FakeGateway:
    """A gateway process: speaks the frames, in the same event loop."""

    def __init__(self, answers: Callable[[bytes], list[bytes]] | None = None) -> None:
        self.loads: list[bytes] = []
        self.stands: list[bytes] = []
        self.watches: list[bytes] = []
        self.answers = answers or self.accept
        self.reader: asyncio.StreamReader | None = None
        self.frames = FrameReader()
        self.pid = 1
        self.returncode: int | None = None
        self.ended = asyncio.Event()

    def accept(self, _load: bytes) -> list[bytes]:
        loaded = frame(link.LOADED, hash=HASH, generation=len(self.loads))
        return [loaded, frame(link.LISTENING, address="127.0.0.1:8080", admin="127.0.0.1:9090")]

    async def connect(self) -> tuple[asyncio.StreamReader, "FakeGateway"]:
        if self.returncode is not None or self.reader is not None:
            raise ConnectionRefusedError
        self.reader = asyncio.StreamReader()
        return self.reader, self

    def write(self, data: bytes) -> None:
        for kind, payload in self.frames.feed(data):
            if kind == link.LOAD:
                self.loads.append(payload)
                for answer in self.answers(payload):
                    self.send(answer)
            elif kind == link.STAND:
                self.stands.append(payload)
            elif kind == link.WATCH:
                self.watches.append(payload)
            else:
                self.end(0)

    def send(self, data: bytes) -> None:
        assert self.reader is not None
        self.reader.feed_data(data)

    def end(self, code: int) -> None:
        if self.returncode is None:
            self.returncode = code
            self.ended.set()
            if self.reader:
                self.reader.feed_eof()

    def close(self) -> None:
        pass

    def kill(self) -> None:
        self.end(-9)

    async def wait(self) -> int:
        await self.ended.wait()
        assert self.returncode is not None
        return self.returncode


@dataclass
class Stage:
    """A control process with fakes all around."""

    running: FakeGateway | None = None
    fresh: list[FakeGateway] = field(default_factory=list)
    plans: list[Plan | Exception] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    handed: list[Events] = field(default_factory=list)
    store: MemoryNotables = field(default_factory=MemoryNotables)
    credentials: MemoryCredentials = field(default_factory=MemoryCredentials)
    spawned: int = 0

    tell: Callable[[bool], None] = lambda _is_watched: None

    def hand_on(self, batch: Events) -> None:
        self.handed.append(batch)

    def tell_watched(self, tell: Callable[[bool], None]) -> None:
        self.tell = tell

    def next_plan(self) -> Plan:
        plan = self.plans.pop(0)
        if isinstance(plan, Exception):
            raise plan
        return plan

    async def spawn(self) -> FakeGateway:
        self.spawned += 1
        self.running = self.fresh.pop(0)
        return self.running

    async def connect(self) -> tuple[asyncio.StreamReader, FakeGateway]:
        if self.running is None:
            raise ConnectionRefusedError
        return await self.running.connect()

    async def pause(self, _seconds: float) -> None:
        await asyncio.sleep(0)

    def control(self) -> Control:
        doors = Doors(
            plan=self.next_plan,
            explain_fault=lambda fault: f"bad config: {fault}",
            store=self.store,
            standing=Standing(self.credentials, lambda: PEPPERS, takes_keys=False),
            tail=self,
            say=self.said.append,
            spawn=self.spawn,
            connect=self.connect,
            pause=self.pause,
            tick_s=0.001,
        )
        return Control(doors, plan())


def play(script: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(script())


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110, what is waited for has no event
            await asyncio.sleep(0.001)


async def stopped(control: Control, running: asyncio.Task[int]) -> int:
    control.stop()
    return await running


def test_a_gateway_process_is_started_loaded_and_wound_down() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        control = Stage(fresh=[gateway]).control()
        listening = await control.start()
        assert (listening.address, control.is_adopted) == ("127.0.0.1:8080", False)
        running = asyncio.create_task(control.run())
        assert await stopped(control, running) == 0
        assert (gateway.loads, gateway.returncode) == ([b"{}"], 0)

    play(script)


def test_a_running_gateway_is_joined_and_not_started_again() -> None:
    async def script() -> None:
        stage = Stage(running=FakeGateway())
        control = stage.control()
        await control.start()
        assert (stage.spawned, control.is_adopted) == (0, True)

    play(script)


def test_a_first_load_that_is_refused_ends_with_its_message_and_no_process() -> None:
    async def script() -> None:
        gateway = FakeGateway(lambda _load: [frame(link.REFUSED, error="form: unknown member")])
        control = Stage(fresh=[gateway]).control()
        with pytest.raises(GatewayFault, match="unknown member") as fault:
            await control.start()
        assert fault.value.is_config
        assert gateway.returncode == -9

    play(script)


def test_a_taken_port_is_not_a_fault_of_the_config() -> None:
    async def script() -> None:
        gateway = FakeGateway(
            lambda _load: [
                frame(link.REFUSED, error="edge.address-in-use: another process listens")
            ]
        )
        with pytest.raises(GatewayFault) as fault:
            await Stage(fresh=[gateway]).control().start()
        assert not fault.value.is_config

    play(script)


def test_a_process_that_ends_at_once_is_reported() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        gateway.end(7)
        with pytest.raises(GatewayFault, match="status 7"):
            await Stage(fresh=[gateway]).control().start()

    play(script)


def test_a_process_that_leaves_before_it_answers_is_reported() -> None:
    async def script() -> None:
        gateway = FakeGateway(lambda _load: [])
        control = Stage(fresh=[gateway]).control()
        starting = asyncio.create_task(control.start())
        await until(lambda: gateway.loads)
        gateway.end(1)
        with pytest.raises(GatewayFault, match="left before"):
            await starting

    play(script)


def test_notable_events_are_stored_with_their_lines_and_all_are_handed_on() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        stage = Stage(fresh=[gateway])
        control = stage.control()
        await control.start()
        gateway.send(batch("a", "b", others=b'{"id": "c"}\n', count=3))
        gateway.send(frame(link.COUNTERS, emitted=5, delivered=3, dropped=2, generation=1))
        running = asyncio.create_task(control.run())
        await until(lambda: stage.store.totals().lost)
        kept = stage.store.find("a")
        assert kept is not None
        assert kept.settings == (Setting("bartizan.yaml", 3, "/relax"),)
        assert stage.store.totals() == Totals(delivered=3, lost=2, life=5)
        assert stage.store.count(Query()) == 2
        assert stage.store.operations() == {"GET /0"}
        assert stage.handed[0].others == b'{"id": "c"}\n'
        await stopped(control, running)

    play(script)


def test_a_changed_config_is_loaded_into_the_running_gateway() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        stage = Stage(fresh=[gateway], plans=[plan(b'{"new": 1}', "ff" * 8)])
        control = stage.control()
        await control.start()
        running = asyncio.create_task(control.run())
        control.reload()
        await until(lambda: stage.said)
        assert gateway.loads == [b"{}", b'{"new": 1}']
        assert stage.said == [f"reloaded: policy {HASH}, generation 2"]
        await stopped(control, running)

    play(script)


def test_a_bad_config_keeps_the_good_one_and_says_why() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        stage = Stage(fresh=[gateway], plans=[ValueError("line 3")])
        control = stage.control()
        await control.start()
        running = asyncio.create_task(control.run())
        control.reload()
        await until(lambda: len(stage.said) == 2)
        assert gateway.loads == [b"{}"]
        assert stage.said == ["bad config: line 3", "reload refused, the policy before stays"]
        assert await stopped(control, running) == 0

    play(script)


def test_a_load_that_the_running_gateway_refuses_is_said() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        stage = Stage(fresh=[gateway], plans=[plan(b'{"listen": 1}')])
        control = stage.control()
        await control.start()
        gateway.answers = lambda _load: [frame(link.REFUSED, error="listen cannot change")]
        running = asyncio.create_task(control.run())
        control.reload()
        await until(lambda: stage.said)
        assert stage.said == ["reload refused, the policy before stays: listen cannot change"]
        await stopped(control, running)

    play(script)


def test_a_dead_gateway_process_is_started_again_with_the_same_policy() -> None:
    async def script() -> None:
        first, second = FakeGateway(), FakeGateway()
        stage = Stage(fresh=[first, second])
        control = stage.control()
        await control.start()
        running = asyncio.create_task(control.run())
        first.end(11)
        await until(lambda: second.loads)
        assert second.loads == [b"{}"]
        assert stage.said == ["the gateway process ended with status 11; it is started again"]
        assert await stopped(control, running) == 0
        assert second.returncode == 0

    play(script)


def test_the_use_of_keys_and_their_move_to_another_pepper_are_kept() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        stage = Stage(fresh=[gateway])
        stage.credentials.add(key("1", "a"))
        control = stage.control()
        await control.start()
        gateway.send(frame(link.USED, used={"a": 7}, moved={"a": "x"}))
        running = asyncio.create_task(control.run())

        def kept() -> KeySecret:
            found = stage.credentials.key("1")
            assert found is not None
            return found.secrets[0]

        await until(lambda: kept().digest == "x")
        assert (kept().pepper, kept().used_s) == ("p2", 7)
        await stopped(control, running)

    play(script)


def test_an_exit_status_is_told_in_words() -> None:
    assert (ended_how(3), ended_how(-9)) == (" with status 3", " by signal 9")


def test_keys_that_cannot_be_had_are_said() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        stage = Stage(fresh=[gateway])
        await stage.control().start()
        gateway.send(frame(link.KEYS, issuer="https://idp", state="good", message=""))
        gateway.send(frame(link.KEYS, issuer="https://idp", state="failing", message="no route"))
        await until(lambda: stage.said)
        assert stage.said == ["keys of https://idp: failing: no route"]

    play(script)


class FullStore(MemoryNotables):
    """A store whose disk is full."""

    def keep(self, *_args: object) -> None:
        raise OSError("disk full")


def test_a_store_that_fails_is_said_and_traffic_goes_on() -> None:
    async def script() -> None:
        gateway = FakeGateway()
        stage = Stage(fresh=[gateway], store=FullStore())
        control = stage.control()
        await control.start()
        running = asyncio.create_task(control.run())
        gateway.send(batch("a"))
        await until(lambda: stage.said)
        assert "disk full" in stage.said[0]
        assert await stopped(control, running) == 0

    play(script)


def test_secrets_of_a_load_are_never_printed() -> None:
    assert "canary" not in repr(plan(b'{"pepper": "canary"}'))
