"""Shadow never changes what the client gets; enforce does exactly what shadow said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.replay import drivers
from tests.replay.asgi import body_of
from tests.replay.conftest import Played, play
from tests.replay.rows import Row
from tests.replay.world import World, build

Judged = dict[str, tuple[dict[str, Any], drivers.Answer]]
Fields = list[tuple[bytes, bytes]]

# Fields of one connection (RFC 9110 section 7.6.1) and the framing, which each mount writes anew.
HOP = {b"connection", b"content-length", b"keep-alive", b"transfer-encoding"}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("corpus"))


def controls(data: dict[str, Any], mode: str) -> dict[str, Any]:
    """The config with every control in one mode, the corpus's own exemptions taken out."""
    made: dict[str, Any] = json.loads(json.dumps(data)) | {"mode": mode}
    for settings in made["operations"].values():
        settings.pop("controls", None)
    return made


def worlds(played: Played, folder: Path) -> tuple[World, World]:
    made = []
    for mode in ("shadow", "enforce"):
        place = folder / mode
        place.mkdir()
        made.append(build(place, played.world.keys, controls(played.world.data, mode)))
    return made[0], made[1]


@pytest.fixture(scope="module")
def judged(played: Played, tmp_path_factory: pytest.TempPathFactory) -> tuple[Judged, Judged]:
    """Event and answer of every row in shadow and in enforce. Each row has a Live of its own.

    "Shadow equals enforce" is meant for one Exchange from the same Live: what shadow lets through
    counts against limits that enforce would not have reached.
    """
    shadow, enforce = worlds(played, tmp_path_factory.mktemp("modes"))
    return judge(shadow, played), judge(enforce, played)


def judge(world: World, played: Played) -> Judged:
    found: Judged = {}
    for row in played.rows:
        alone = Row(row.name, row.capture)
        for _, event, answer in drivers.replay(world, [alone], played.now_ms):
            found[row.name] = (event, answer)
    return found


def is_always(event: dict[str, Any]) -> bool:
    """Framing, or ourselves: no control stands behind it."""
    stages = ("wire", "decide", "forward")
    return any(one["stage"] in stages for one in event.get("reasons", ()))


def leading(event: dict[str, Any]) -> str | None:
    """Code of the first reason that counts towards the verdict."""
    counting = (
        one for one in event.get("reasons", ())
        if one["standing"] != "excepted" and one["stage"] != "shape"
    )  # fmt: skip
    return next((one["code"] for one in counting), None)


def sent(captured: dict[str, Any]) -> Fields:
    """The header fields that the API sent, without those of its connection."""
    pairs = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in captured["fields"]
    ]
    named = {
        token for name, value in pairs if name.lower() == b"connection" for token in tokens(value)
    }
    return [(name, value) for name, value in pairs if name.lower() not in HOP | named]


def is_cross_origin(row: Row) -> bool:
    """`cors:` is a service, not a control: it answers an Origin in every mode."""
    fields = row.capture["request"].get("fields", ())
    return any(name.lower() == "origin" for name, _ in fields)


def is_of_cors(name: bytes) -> bool:
    return name.startswith(b"access-control-")


def tokens(value: bytes) -> list[bytes]:
    return [token.strip().lower() for token in value.split(b",")]


def test_shadow_gives_the_client_the_response_of_the_api(
    played: Played, judged: tuple[Judged, Judged]
) -> None:
    compared = 0
    for row in played.rows:
        event, got = judged[0][row.name]
        answer = row.capture.get("response")
        if is_always(event) or answer is None or "OPTIONS" in str(row.capture["request"]):
            continue
        assert event["enforcement"] == "shadow" or event["verdict"] == "allow", row.name
        assert event["status"] == answer["status"] == event["upstream_status"], row.name
        assert (got.body or b"") == body_of(answer.get("body")), row.name
        given = sent(answer) + [(b"vary", b"Origin")] * is_cross_origin(row)
        fields = [one for one in got.fields if not is_of_cors(one[0]) or not is_cross_origin(row)]
        assert fields == given, row.name
        compared += 1
    assert compared >= 700


def test_enforce_does_what_shadow_said(played: Played, judged: tuple[Judged, Judged]) -> None:
    refused = 0
    for row in played.rows:
        said, did = judged[0][row.name][0], judged[1][row.name][0]
        told = [(one["verdict"], one.get("decided_status"), leading(one)) for one in (said, did)]
        assert told[0] == told[1], row.name
        refused += did["verdict"] != "allow"
        if did["verdict"] != "allow":
            assert did["enforcement"] == "enforced", row.name
    assert refused >= 350


def test_framing_is_refused_in_shadow_too(played: Played, judged: tuple[Judged, Judged]) -> None:
    rows = [row for row in played.rows if row.name.startswith("wire.")]
    assert len(rows) >= 60
    for row in rows:
        event, _ = judged[0][row.name]
        assert (event["verdict"], event["enforcement"]) == ("deny", "enforced"), row.name
