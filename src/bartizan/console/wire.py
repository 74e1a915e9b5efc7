"""The composition root: the one place that joins config, documents, policy, store and gateway."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan.console import documents
from bartizan.console.rendering import diagnostics
from bartizan.console.terminal import BROKEN, Stopped
from bartizan.model.errors import Fault, fault
from bartizan.policy import config as policy_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bartizan.console.terminal import Terminal
    from bartizan.gateway.doors import Plan
    from bartizan.gateway.serve import Control
    from bartizan.gateway.tail import Tail
    from bartizan.model.credential import KeySecret
    from bartizan.model.event import Event
    from bartizan.model.secret import Secret
    from bartizan.policy.compile import Compiled
    from bartizan.policy.config import Config, Overrides
    from bartizan.policy.recordings import Recording
    from bartizan.policy.replay import Court
    from bartizan.store.credentials import Credentials
    from bartizan.store.ports import Notables

CONNECT_S = 2.0


class NothingKept(Stopped):
    """There is no table of Events in a state directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the command line chose."""

    config: Path | None
    overrides: Overrides
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Built:
    """A config and what it compiled to. openapi: where the API document came from."""

    config: Config
    openapi: str
    compiled: Compiled


_NAMED = ("BARTIZAN_UPSTREAM", "BARTIZAN_APIS")


def load_config(chosen: Chosen) -> Config:
    """The config that the choices give. Raises Fault, with faults of its documents behind it."""
    is_named = any(name.startswith(_NAMED) for name in chosen.environ)
    if not (chosen.config or chosen.overrides.upstream or is_named):
        message = "no API is named, and there is no `bartizan.yaml` here"
        raise fault("config.missing-key", message, hint="`bartizan init` writes one")
    try:
        return policy_config.load(chosen.config, overrides=chosen.overrides, environ=chosen.environ)
    except Fault as failed:
        from bartizan.console.together import told_together

        told = told_together(failed, chosen.config, chosen.overrides.openapi, fetch)
        raise told from failed


def build(chosen: Chosen, terminal: Terminal, config: Config | None = None) -> Built:
    """Reads config and API document and compiles them. Raises Fault, Stopped.

    config: what `load_config` gave, where it has been read before.
    """
    from bartizan.policy.compile import compile as compile_policy
    from bartizan.policy.load import require_loadable
    from bartizan.policy.site import read_site

    config = config or load_config(chosen)
    with terminal.progress("reading the API document"):
        try:
            site = read_site(config, documents.find, fetch)
        except Fault as failed:
            from bartizan.console.missing import told_better

            raise told_better(failed, config) from failed
    openapi = ", ".join(part.description.library.location for part in site.parts)
    with terminal.progress("compiling the policy"):
        return Built(config, openapi, require_loadable(compile_policy(config, site)))


def fetch(location: str) -> bytes:
    """The document at a path or behind a URL. Raises OSError, or Fault for a URL."""
    if "://" not in location:
        return Path(location).read_bytes()
    try:
        return documents.fetch(location)
    except documents.FetchFault as failed:
        raise fault("document.unreachable", str(failed), file=location) from failed


def plan(chosen: Chosen, built: Built) -> Plan:
    """What the gateway process is to run."""
    from bartizan.gateway.doors import Plan
    from bartizan.policy.lines import Lines

    compiled = built.compiled
    parts = (compiled.options, compiled.form, compiled.secrets)
    load = b'{"options":%s,"form":%s,"secrets":%s}' % parts
    takes_keys = built.config.auth.api_keys.issued
    return Plan(
        load,
        compiled.hash,
        Lines(compiled).setting,
        watched(chosen, built),
        takes_keys,
        tuple(one.id for one in compiled.operations),
    )


def watched(chosen: Chosen, built: Built) -> tuple[Path, ...]:
    """The local files behind a Policy: config, documents and overlays."""
    files = built.compiled.site.files
    names = [str(chosen.config or ""), *(document.name for document in files)]
    return tuple(dict.fromkeys(Path(name) for name in names if name and "://" not in name))


# serving


def control(chosen: Chosen, built: Built, terminal: Terminal) -> tuple[Callable[[], Control], Tail]:
    """Makes a control process for the state directory of `built`, and its tail."""
    from bartizan.console.lifecycle import now_ms
    from bartizan.gateway import capture, serve, spawn, standing, tail
    from bartizan.gateway.doors import Doors
    from bartizan.policy.redact import Redaction
    from bartizan.store import pepper

    state = state_directory(built.config)
    tailing = tail.Tail(state / tail.SOCKET)
    store = open_store(state, make=True)
    takes_keys = built.config.auth.api_keys.issued
    beside = standing.Standing(
        open_credentials(state), partial(pepper.named, state / pepper.FILE), takes_keys=takes_keys
    )
    redaction = Redaction()

    def planned(anew: Built) -> Plan:
        redaction.learn(anew.compiled.form)
        return plan(chosen, anew)

    captures = capture.Captures(state / capture.SOCKET, redaction.line, now_ms)
    doors = Doors(
        captures=captures,
        plan=lambda: planned(build(chosen, terminal)),
        explain_fault=partial(explain_fault, terminal=terminal),
        store=store,
        standing=beside,
        tail=tailing,
        say=terminal.say,
        spawn=partial(spawn.spawn, state),
        connect=partial(spawn.connect, state),
    )
    first = planned(built)
    return partial(serve.Control, doors, first), tailing


def explain_fault(failed: Exception, *, terminal: Terminal) -> str:
    """A failed reload in words."""
    if isinstance(failed, Fault):
        return diagnostics(failed.diagnostics, colour=terminal.talk_is_colourful)
    return f"error: {failed}"


def state_directory(config: Config) -> Path:
    """The state directory, made when missing, for its owner alone. Raises Stopped."""
    from bartizan.gateway.spawn import SOCKET_PATH_MAX_BYTES

    state = Path(config.state)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failed:
        message = f"state directory `{state}` cannot be made: {failed.strerror}"
        raise Stopped(message, status=BROKEN) from failed
    if len(os.fsencode(state / "gateway.sock")) > SOCKET_PATH_MAX_BYTES:
        raise Stopped(
            f"the path of state directory `{state}` is too long for a Unix socket",
            hint="choose a shorter one with `state:` or `--state`",
        )
    return state


def hold(state: Path) -> int:
    """A lock on the state directory, held until this process ends. Raises Stopped."""
    handle = os.open(state / "control.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Stopped(
            f"another `bartizan up` runs with the state directory `{state}`",
            hint="stop it, or choose another directory with `--state`",
            status=BROKEN,
        ) from None
    return handle


def require_upstream(url: str) -> None:
    """Whether something listens where the API should be. Raises Stopped."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port or 80), timeout=CONNECT_S).close()
    except OSError as failed:
        raise Stopped(
            f"the API at `{url}` cannot be reached: {failed.strerror or failed}",
            hint="start it first",
            status=BROKEN,
        ) from failed


def require_free(name: str, address: str) -> None:
    """Whether a `HOST:PORT` can be listened on. Raises Stopped.

    Bound without SO_REUSEPORT: the gateway would share the port with a stranger in silence.
    """
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
            probe.listen(1)
        except OSError as failed:
            taken = failed.errno == errno.EADDRINUSE
            reason = "is in use" if taken else f"cannot be used: {failed.strerror}"
            message = f"the address `{address}` {reason}"
            raise Stopped(
                message, hint=f"choose another with `--{name}`", status=BROKEN
            ) from failed


def is_running(state: Path) -> bool:
    """Whether a gateway process of this state directory answers.

    Only for who will be its control process: it lets go of the one that it had.
    """
    return _answers(state / "gateway.sock")


def is_guarded(state: Path) -> bool:
    """Whether a control process runs with this state directory, which takes changed files over."""
    from bartizan.gateway.tail import SOCKET

    return _answers(state / SOCKET)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


# looking


def open_store(state: Path, *, make: bool) -> Notables:
    """The table of notable Events. Raises Stopped when it is not there and shall not be made."""
    from bartizan.store.sql import FILE, SqlNotables

    if not make and not (state / FILE).exists():
        raise NothingKept(
            f"nothing is recorded in `{state}`",
            hint="start `bartizan up` first, or name its directory with `--state`",
        )
    return SqlNotables(state / FILE)


def open_credentials(state: Path) -> Credentials:
    """Issued API keys and revocations of a state directory, which must be there."""
    from bartizan.store.sql_credentials import FILE, SqlCredentials

    return SqlCredentials(state / FILE)


def key_secret(state: Path, text: Secret, fresh: bytes, now_s: int) -> KeySecret:
    """What is kept of the text of an API key.

    fresh: 32 random bytes, the pepper if none is there.
    """
    from bartizan.model.credential import KeySecret
    from bartizan.policy.replay import hash_api_key as keyed_hash
    from bartizan.store import pepper

    own = pepper.read_or_make(state / pepper.FILE, fresh.hex())
    digest = keyed_hash(own.reveal(), text.reveal())
    return KeySecret(digest=digest, made_s=now_s, pepper=pepper.id_of(own))


def key_digests(state: Path, text: Secret) -> frozenset[str]:
    """The digests that a key may be kept under, one for each pepper."""
    from bartizan.policy.replay import hash_api_key as keyed_hash
    from bartizan.store import pepper

    own = pepper.read(state / pepper.FILE)
    return frozenset(keyed_hash(one.reveal(), text.reveal()) for one in own)


def hash_api_key(chosen: Chosen, key: str) -> str:
    """The digest of an API key under the pepper of the config. Raises Fault, Stopped."""
    from bartizan.policy.replay import hash_api_key as keyed_hash

    pepper = load_config(chosen).auth.api_keys.pepper
    if not pepper:
        raise Stopped(
            "the config has no `auth.api_keys.pepper`",
            hint="write 32 random bytes into a file and set `pepper: ${file:pepper.txt}`",
        )
    return keyed_hash(pepper.reveal(), key)


def court(
    built: Built, terminal: Terminal, *, seed: bytes, now_ms: int, wants_keys: bool = True
) -> Court:
    """What judges captures by the Policy of `built`, with the key sets that can be had.

    wants_keys: whether any capture holds a token that must be verified.
    """
    from bartizan.policy.replay import Court

    pepper = built.config.auth.api_keys.pepper
    return Court(
        form=built.compiled.form,
        seed=seed,
        pepper=pepper.reveal().encode() if pepper else None,
        keys=dict(_key_sets(built.compiled.form, terminal)) if wants_keys else {},
        now_ms=now_ms,
    )


def judged(
    court: Court, recorded: Recording, unread: Callable[[int], None]
) -> Iterator[tuple[int, Event]]:
    """The number and closing Event of each capture. Raises Stopped at one that cannot be read.

    unread: takes the numbers of those that lack the body which decides.
    """
    from bartizan.model.event import parse_event
    from bartizan.policy.replay import CaptureFault
    from bartizan.policy.replay import judged as in_court

    try:
        for number, line in in_court(court, recorded.lines, unread):
            yield number, parse_event(line)
    except CaptureFault as failed:
        raise Stopped(f"{recorded.place(failed.line)}: {failed}") from failed


def _key_sets(form: bytes, terminal: Terminal) -> Iterator[tuple[int, bytes]]:
    for index, issuer in enumerate(json.loads(form)["issuers"]):
        try:
            yield index, _key_set(issuer["issuer"], issuer["keys"])
        except (documents.FetchFault, OSError, ValueError, KeyError) as failed:
            terminal.say(f"keys of {issuer['issuer']} cannot be had: {failed}")


def _key_set(issuer: str, source: Mapping[str, str]) -> bytes:
    match source["from"]:
        case "file":
            return Path(source["path"]).read_bytes()
        case "url":
            return documents.fetch(source["url"])
        case _:
            about = documents.fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
            return documents.fetch(json.loads(about)["jwks_uri"])
