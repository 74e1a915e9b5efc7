"""Guard: what an in-process mount decides by: one Policy, its Live, its keys, where Events go."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bartizan import _core
from bartizan.gateway.ownership import Lookups
from bartizan.gateway.proxies import Proxies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # Names that exist for types alone.
    from bartizan._core.native import _At as At  # noqa: TID251
    from bartizan._core.native import _Fields as Fields  # noqa: TID251
    from bartizan._core.native import _Outcome as Outcome  # noqa: TID251
    from bartizan.gateway.drain import Drain
    from bartizan.gateway.frameworks.frame import Frame
    from bartizan.gateway.frameworks.router import Router
    from bartizan.gateway.keys import Keys
    from bartizan.gateway.ownership import Lookup
    from bartizan.gateway.session_user import SessionUser
    from bartizan.gateway.standing import Standing
    from bartizan.policy.compile import Compiled
    from bartizan.policy.config import Config
    from bartizan.policy.site import Site
    from bartizan.policy.sources import Description

    Say = Callable[[str], None]

CONFIG = Path("bartizan.yaml")
UPSTREAM = "http://127.0.0.1:1"
"""Stands where the config wants the address of the API: the app is called, not connected to."""
DOCUMENT_MAX_BYTES = 32 << 20
STAND_AGAIN_S = 5.0
GENERATED = "app.openapi()"


def now() -> At:
    """Milliseconds since 1970 and monotonic microseconds. Cost: two system clocks, no call out."""
    return time.time_ns() // 1_000_000, time.monotonic_ns() // 1_000  # noqa: TID251, the mount drives its Exchanges


@dataclass(frozen=True, slots=True)
class Choice:
    """What `protect` was given."""

    config: Path | None = None
    openapi: str | Mapping[str, object] | None = None
    mode: str | None = None
    errors: str = "problem"
    owners: Mapping[str, Lookup] = field(default_factory=dict)
    session_user: SessionUser | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """Ready to judge. router: knows the app's own routes. workers: processes that share limits.

    lookups: of owners, as the app gave them. thin: limits smaller than the number of processes.
    """

    policy: _core.Policy
    live: _core.Live
    keys: Keys
    drain: Drain | None
    compiled: Compiled
    proxies: Proxies
    router: Router | None = None
    workers: int | None = None
    errors: str = "problem"
    lookups: Lookups = field(default_factory=lambda: Lookups({}))
    thin: int = 0

    def open(self, peer: str) -> _core.Exchange:
        """One Exchange. A peer that is no IP address (Unix socket, test client) is `0.0.0.0`."""
        number = int.from_bytes(os.urandom(10), "big")
        try:
            return _core.Exchange(self.policy, self.live, peer, number, now())
        except ValueError:
            return _core.Exchange(self.policy, self.live, "0.0.0.0", number, now())  # noqa: S104, nobody listens

    def told(
        self, status: int, fields: Fields, body: bytes | None
    ) -> tuple[int, Fields, bytes | None]:
        """A refusal of ours as clients of the app expect it; as it is unless asked for."""
        if self.errors == "problem" or self.router is None or not body:
            return status, fields, body
        from bartizan.gateway.frameworks.errors import shaped

        media, body = shaped(self.router.frame.name, json.loads(body))
        kept = [one for one in fields if one[0] != b"content-type"]
        return status, [*kept, (b"content-type", media)], body

    def close(self, exchange: _core.Exchange, outcome: Outcome) -> None:
        """Ends an Exchange; its Event goes to the store where one is configured."""
        line, is_notable = exchange.close(outcome, now())
        if self.drain is not None:
            self.drain.take(line, is_notable=is_notable)

    def stop(self) -> None:
        """Writes the last Events. Blocks for some seconds at most."""
        if self.drain is not None:
            self.drain.stop()


def compile_guard(choice: Choice, app: object, environ: Mapping[str, str], say: Say) -> Guard:
    """Reads config, document and keys and builds the Guard; starts its threads.

    Raises Fault. Blocks: the compile, and up to some seconds for each issuer's keys.
    """
    from bartizan.gateway.frameworks import frame_of
    from bartizan.gateway.workers import divided, thin, workers
    from bartizan.policy.compile import compile as compile_policy
    from bartizan.policy.config import Overrides, load
    from bartizan.policy.load import require_loadable

    path = choice.config or (CONFIG if CONFIG.exists() else None)
    overrides = Overrides(upstream=UPSTREAM, mode=choice.mode)
    config = load(path, overrides=overrides, environ=environ)
    frame = frame_of(app)
    described = _described(choice, config, app, frame)
    count = workers(config, environ, sys.argv)
    written, config = config, divided(config, count or 1)
    if frame is not None:
        config = _placed(config, described, frame)
    compiled = require_loadable(compile_policy(config, described))
    policy = _core.Policy.load(compiled.form)
    pepper = config.auth.api_keys.pepper
    live = _core.Live(policy, os.urandom(16), pepper.reveal().encode() if pepper else None)
    router = None if frame is None else _router(frame, policy, is_own=not _given(choice, written))
    _stand(config, live, say)
    keys, drain = _keys(compiled, live, say), _drain(config, compiled, say)
    controls = json.loads(compiled.form)["controls"].values()
    passes = all(one == "shadow" for one in controls)
    proxies = Proxies(config.trusted_proxies, say, passes=passes)
    lookups = _lookups(choice, config, len(policy.issuers))
    few = thin(written, count or 1)
    return Guard(
        policy, live, keys, drain, compiled, proxies, router, count, choice.errors, lookups, few
    )


def _lookups(choice: Choice, config: Config, issuers: int) -> Lookups:
    """Raises Fault where an `owns` could let nobody at its objects, ever."""
    from bartizan.gateway.ownership import require_lookups

    if config.controls.get("authorize", config.mode) == "enforce":
        require_lookups()
    sources = issuers + config.auth.api_keys.has_any + (choice.session_user is not None)
    return Lookups(choice.owners, sources > 1, choice.errors == "framework", choice.session_user)


def _router(frame: Frame, policy: _core.Policy, *, is_own: bool) -> Router:
    from bartizan.gateway.frameworks.router import Router

    return Router(frame, policy.operations, is_own=is_own)


def _given(choice: Choice, config: Config) -> bool:
    """Whether somebody wrote the document down, so that it is not made by the app."""
    return choice.openapi is not None or config.openapi != "auto" or bool(config.apis)


def _placed(config: Config, described: Site | Description, frame: Frame) -> Config:
    """`config` with base paths as the app has them: it may be below the prefix of its document."""
    from bartizan.gateway.frameworks.router import is_below
    from bartizan.policy.sources import Description

    apis = tuple(replace(one, base_path=("",)) for one in config.apis)
    if not isinstance(described, Description):
        return replace(config, base_path=("",), apis=apis)
    if config.base_path is None and is_below(frame, described):
        return replace(config, base_path=("",))
    return config


def _described(
    choice: Choice, config: Config, app: object, frame: Frame | None
) -> Site | Description:
    """Every API of the config, or the description of the app. Raises Fault."""
    from bartizan.model.errors import fault
    from bartizan.policy.site import read_site

    if not config.apis or choice.openapi is not None:
        return describe(choice, config, app, frame)

    def find(upstream: str) -> str:
        message = f"an API of `apis` does not name its document (`{upstream}` is not asked)"
        raise fault("mount.no-document", message, hint="write its `openapi: FILE`")

    return read_site(config, find, _document).mounted()


def describe(
    choice: Choice, config: Config, app: object, frame: Frame | None = None
) -> Description:
    """The API's description: the one given, else the config's, else what the app says of itself.

    A framework that makes no document has its routes as Operations without schemas.
    Raises Fault "mount.no-document" when nobody has one.
    """
    from bartizan.model.errors import fault
    from bartizan.policy.sources import read

    given = choice.openapi
    if given is None and config.openapi != "auto":
        given = config.openapi
    if isinstance(given, str):
        return read(given, _document, overlays=config.overlays)
    name, document = GENERATED, given
    if document is None and frame is not None:
        name, document = said_by(frame)
    elif document is None:
        document = generated(app)
    if document is None:
        hint = "give it: `protect(app, openapi='openapi.yaml')`"
        raise fault("mount.no-document", "the app does not say its own OpenAPI document", hint=hint)
    text = json.dumps(document, indent=2, ensure_ascii=False).encode()

    files = {one.location for one in config.overlays}

    def only(place: str) -> bytes:
        if place in files:
            return _document(place)
        if place != name:
            raise FileNotFoundError(2, "a generated document has no files beside it", place)
        return text

    return read(name, only, overlays=config.overlays)


def said_by(frame: Frame) -> tuple[str, Mapping[str, object]]:
    """The name and text of the document that the framework makes, or that its routes make up."""
    from bartizan.gateway.frameworks.routes_document import document_of

    made = frame.document()
    if made is not None:
        return GENERATED, made
    return f"routes of {frame.name}", document_of(frame.routes(), frame.name)


def _document(place: str) -> bytes:
    """A document at a path or URL. Raises OSError, Fault."""
    from bartizan.gateway.keys import fetch
    from bartizan.model.errors import fault

    if "://" not in place:
        return Path(place).read_bytes()
    try:
        return fetch(place, DOCUMENT_MAX_BYTES)
    except (OSError, ValueError) as failed:
        raise fault("document.unreachable", str(failed), file=place) from failed


def generated(app: object) -> Mapping[str, object] | None:
    """What `app.openapi()` gives, of the app itself or of the one inside its middleware."""
    for _ in range(16):
        ask = getattr(app, "openapi", None)
        if callable(ask):
            return cast("Mapping[str, object]", ask())
        app = getattr(app, "app", None)
    return None


def _keys(compiled: Compiled, live: _core.Live, say: Say) -> Keys:
    from bartizan.gateway.keys import Keys, fetch, sources_of

    sources = sources_of(json.loads(compiled.form))
    keys = Keys(sources, live.load_keys, fetch=fetch, now_ms=lambda: now()[0], say=say)
    keys.refresh_all()
    if keys.has_issuers:
        threading.Thread(
            target=_keep_fresh, args=(keys,), name="bartizan-keys", daemon=True
        ).start()
    return keys


def _keep_fresh(keys: Keys) -> None:
    from bartizan.gateway.keys import TTL_S

    while True:
        time.sleep(TTL_S)
        keys.refresh_all()


def _stand(config: Config, live: _core.Live, say: Say) -> None:
    """Issued API keys and revocations of the state directory, where the config names one.

    The first read is done when this returns; a thread follows every change.
    """
    from functools import partial

    from bartizan.gateway.standing import Standing
    from bartizan.store import pepper
    from bartizan.store.sql_credentials import FILE, SqlCredentials

    if "state" not in config.given:
        return
    state = Path(config.state)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    takes_keys = config.auth.api_keys.issued
    peppers = partial(pepper.named, state / pepper.FILE)
    standing = Standing(SqlCredentials(state / FILE), peppers, takes_keys=takes_keys)
    live.stand(standing.whole(), now()[0] // 1000)
    threading.Thread(
        target=_follow, args=(standing, live, say), name="bartizan-standing", daemon=True
    ).start()


def _follow(standing: Standing, live: _core.Live, say: Say) -> None:
    from bartizan.gateway.standing import LOOK_S, STAMP_LOOKS

    looks = 0
    while True:
        time.sleep(LOOK_S)
        looks += 1
        try:
            changes = standing.changes()
            if changes is not None:
                live.stand(changes, now()[0] // 1000)
            if looks % STAMP_LOOKS == 0:
                standing.stamp(dict(live.take_used()), dict(live.take_moved()))
        except Exception as fault:  # noqa: BLE001, what is in force stays, and it is said
            say(f"API keys and revocations cannot be read, the old stay: {fault}")
            time.sleep(STAND_AGAIN_S)


def _drain(config: Config, compiled: Compiled, say: Say) -> Drain | None:
    """Where notable Events are kept: in the state directory, where the config names one."""
    from bartizan.gateway.drain import Drain
    from bartizan.gateway.record import Settings
    from bartizan.policy.lines import Lines
    from bartizan.store.sql import FILE, SqlNotables

    if "state" not in config.given:
        return None
    state = Path(config.state)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = Settings()
    settings.learn(compiled.hash, Lines(compiled).setting)

    def opened() -> SqlNotables:
        store = SqlNotables(state / FILE)
        store.know([one.id for one in compiled.operations])
        return store

    drain = Drain(settings, opened, say)
    drain.start()
    return drain
