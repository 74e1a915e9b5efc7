import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from bartizan.console import lifecycle
from bartizan.console.terminal import BROKEN, USAGE, Stopped
from bartizan.gateway.link import Listening
from bartizan.gateway.serve import Control, GatewayFault
from bartizan.gateway.tail import Tail


class FakeControl:
    """A control process that starts as told and runs until it is stopped."""

    def __init__(self, fault: GatewayFault | None = None, *, hangs: bool = False) -> None:
        self.fault = fault
        self.hangs = hangs
        self.reloads = 0
        self.stopping = asyncio.Event()

    async def start(self) -> Listening:
        if self.fault:
            raise self.fault
        if self.hangs:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        return Listening("127.0.0.1:1", "127.0.0.1:2")

    async def run(self) -> int:
        await self.stopping.wait()
        return 0

    async def stopped(self) -> None:
        await self.stopping.wait()

    def stop(self) -> None:
        self.stopping.set()

    def reload(self) -> None:
        self.reloads += 1
        self.stopping.set()


class QuietTail:
    """A tail that serves nobody."""

    def __init__(self) -> None:
        self.is_open = False

    async def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


@pytest.fixture(autouse=True)
def _signals_are_put_back() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def serve(
    control: list[FakeControl], number: signal.Signals | None = None
) -> tuple[int, list[str]]:
    announced: list[str] = []
    tail = QuietTail()

    def announce(_control: Control) -> None:
        announced.append("ready")
        if number is not None:
            os.kill(os.getpid(), number)

    status = lifecycle.serve(lambda: cast("Control", control[0]), cast("Tail", tail), announce)
    assert not tail.is_open
    return status, announced


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_winds_down_and_exits_clean(number: signal.Signals) -> None:
    assert serve([FakeControl()], number) == (0, ["ready"])


def test_a_hangup_reloads() -> None:
    control = FakeControl()
    serve([control], signal.SIGHUP)
    assert control.reloads == 1


def test_a_signal_before_all_is_ready_exits_clean_without_a_word() -> None:
    assert serve([FakeControl(hangs=True)]) == (0, [])


@pytest.mark.parametrize(("is_config", "status"), [(True, USAGE), (False, BROKEN)])
def test_a_gateway_that_cannot_be_had_is_one_message(is_config: bool, status: int) -> None:
    with pytest.raises(Stopped, match="no gateway") as stop:
        serve([FakeControl(GatewayFault("no gateway", is_config=is_config))])
    assert stop.value.status == status


def test_the_clock_counts_milliseconds_of_this_century(tmp_path: Path) -> None:
    file = tmp_path / "now"
    file.touch()
    assert abs(lifecycle.now_ms() - file.stat().st_mtime * 1000) < 60_000


def test_seeds_differ() -> None:
    assert lifecycle.seed() != lifecycle.seed()
    assert len(lifecycle.seed()) == 16


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_interrupts_even_where_the_shell_ignored_it(number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_IGN)
    lifecycle.stop_like_interrupt()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
