from __future__ import annotations

from typing import Any

import pytest

from bartizan.gateway.lifespan import Lifespan, LifespanFault
from bartizan.gateway.messages import Receive, Scope, Send


class App:
    """Lives, and fails where it is told to."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.heard: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            self.heard.append((await receive())["type"])
            scope["state"]["phase"] = phase
            end = "failed" if phase == self.fails else "complete"
            await send({"type": f"lifespan.{phase}.{end}", "message": "no table"})
            if end == "failed":
                return


def test_an_app_starts_up_is_asked_and_shuts_down() -> None:
    app, state, asked = App(), dict[str, Any](), list[str]()
    lifespan = Lifespan(app, state)
    lifespan.start()

    async def ask() -> None:
        asked.append(state["phase"])

    lifespan.run(ask())
    lifespan.stop()
    assert (asked, app.heard) == (["startup"], ["lifespan.startup", "lifespan.shutdown"])


def test_an_app_that_knows_no_lifespan_needs_none() -> None:
    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError(scope["type"])

    lifespan = Lifespan(app, {})
    lifespan.start()
    lifespan.stop()


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_a_failure_is_told(phase: str) -> None:
    lifespan = Lifespan(App(phase), {})
    if phase == "shutdown":
        lifespan.start()
    with pytest.raises(LifespanFault, match="no table"):
        (lifespan.start if phase == "startup" else lifespan.stop)()
