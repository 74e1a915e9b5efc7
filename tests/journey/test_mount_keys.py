"""API keys and revocations of a state directory, as worker processes of an app follow them."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journey.api import until
from tests.journey.guard import bartizan, explained
from tests.journey.test_mounts import Served, served
from tests.journey.tokens import AUDIENCE, Key, jwks

ISSUER = "https://idp.example.com"
PATIENCE_S = 60
ASKS = 12
"""A connection each, so that every worker process is asked."""
MOUNTS = pytest.mark.parametrize(
    ("name", "server", "more"),
    [("fastapi", "uvicorn", ()), ("fastapi", "uvicorn", ("--workers", "2")),
     ("flask", "gunicorn", ("--workers", "2")),
     ("flask", "gunicorn", ("--workers", "2", "--preload"))],
    ids=["fastapi", "fastapi-2", "flask-2", "flask-2-preload"],
)  # fmt: skip


def config(folder: Path, key: Key) -> str:
    (folder / "jwks.json").write_bytes(jwks(key))
    issuer = {"issuer": ISSUER, "audiences": [AUDIENCE], "jwks": "jwks.json"}
    auth = {"require": "always", "issuers": [issuer], "api_keys": {"issued": True}}
    return json.dumps({"mode": "enforce", "state": ".bartizan", "auth": auth})


def run(folder: Path, *words: str) -> Any:
    """One command of `bartizan` in the folder of the app; what it gives as JSON."""
    done = bartizan(folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


def all_answer(client: httpx.Client, wanted: int, fields: dict[str, str]) -> None:
    """Waits until every worker process answers like this."""

    def answer() -> bool | None:
        told = {
            client.get("/orders/7", headers={**fields, "connection": "close"}).status_code
            for _ in range(ASKS)
        }
        return told == {wanted} or None

    until(answer, PATIENCE_S, f"{wanted} of every process")


def by_key(made: dict[str, Any]) -> dict[str, str]:
    return {"x-api-key": made["key"]}


def by_token(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@MOUNTS
def test_keys_and_tokens_are_taken_in_and_taken_back_in_every_process(
    tmp_path: Path, name: str, server: str, more: tuple[str, ...]
) -> None:
    signer = Key("trusted")
    with served(tmp_path, name, server, config(tmp_path, signer), *more) as it:
        all_answer(it.client, 401, {})
        made, other = (run(tmp_path, "keys", "create", "--owner", one) for one in ("one", "two"))
        all_answer(it.client, 200, by_key(made))
        run(tmp_path, "keys", "revoke", made["id"], "--yes")
        all_answer(it.client, 401, by_key(made))
        assert it.client.get("/orders/7", headers=by_key(other)).status_code == 200

        first, second = (signer.token(ISSUER, jti=jti) for jti in ("t1", "t2"))
        all_answer(it.client, 200, by_token(first))
        run(tmp_path, "revoke", "token", "t1", "--yes")
        all_answer(it.client, 401, by_token(first))
        assert it.client.get("/orders/7", headers=by_token(second)).status_code == 200
        run(tmp_path, "revoke", "subject", "ann", "--yes")
        all_answer(it.client, 401, by_token(second))
        bob = signer.token(ISSUER, sub="bob")
        assert it.client.get("/orders/7", headers=by_token(bob)).status_code == 200
        _is_explained(tmp_path, it, by_token(first), "identify.revoked")


def _is_explained(folder: Path, it: Served, fields: dict[str, str], code: str) -> None:
    reference = it.client.get("/orders/7", headers=fields).json()["reference"]
    assert explained(folder, reference)["fields"]["rule"]["rule"] == code


def test_a_worker_process_that_comes_later_knows_what_was_revoked(tmp_path: Path) -> None:
    with served(tmp_path, "flask", "gunicorn", config(tmp_path, Key("k")), "--workers", "1") as it:
        made, other = (run(tmp_path, "keys", "create", "--owner", one) for one in ("one", "two"))
        all_answer(it.client, 200, by_key(made))
        run(tmp_path, "keys", "revoke", made["id"], "--yes")
        all_answer(it.client, 401, by_key(made))
        (worker,) = _workers(it)
        os.kill(worker, signal.SIGKILL)
        until(lambda: _workers(it)[1:] or None, PATIENCE_S, "another worker process")
        _settled(lambda: all_answer(it.client, 200, by_key(other)))
        all_answer(it.client, 401, by_key(made))


def _workers(it: Served) -> list[int]:
    """The worker processes that gunicorn has told of so far."""
    return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", it.log.read_text())]


def _settled(ask: Callable[[], None]) -> None:
    """`ask`, again while connections of the process that is gone break."""

    def asked() -> bool | None:
        try:
            ask()
        except httpx.TransportError:
            return None
        return True

    until(asked, PATIENCE_S, "an answer")
