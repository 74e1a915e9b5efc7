"""The checks of `bartizan doctor`: an installation from inside, a running gateway from outside."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from bartizan.console.rendering import counted, extent
from bartizan.console.terminal import Stopped
from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from bartizan.console.probe import Answer
    from bartizan.policy.compile import Compiled
    from bartizan.policy.config import Config

State = Literal["broken", "failed", "ok", "warning"]
PYTHON_LEAST = (3, 11)
SKEW_WARN_S, SKEW_FAIL_S = 5, 30


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. broken: it could not be looked at. hint: what mends it."""

    name: str
    state: State
    words: str
    hint: str = ""


class Looks(Protocol):
    """What the checks need of the network."""

    def get(self, url: str) -> Answer:
        """A GET. Raises OSError."""

    def canary(self, address: str) -> tuple[int, str]:
        """Status and reference id for a request that must be refused. Raises OSError."""


# ---- the installation -----------------------------------------------------------------------


def installation(version: str, core: str | None, python: tuple[int, int]) -> Iterator[Check]:
    """Versions fit each other. core: version of the extension, None where it does not load."""
    if core is None:
        hint = "install `bartizan` again for this Python and machine"
        yield Check("extension", "broken", "the compiled extension does not load", hint)
    elif core != version:
        words = f"the extension is of version {core}, the package of {version}"
        yield Check("extension", "failed", words, "install `bartizan` again")
    else:
        yield Check("extension", "ok", f"bartizan {version}")
    shown = ".".join(map(str, python))
    if python < PYTHON_LEAST:
        yield Check("python", "failed", f"Python {shown} is too old", "use 3.11 or later")
    else:
        yield Check("python", "ok", f"Python {shown}")


def core_version() -> str | None:
    """Version of the extension; None where it does not load."""
    try:
        from bartizan.policy.replay import core_version as version
    except ImportError:
        return None
    return version()


def python_version() -> tuple[int, int]:
    """That of the running interpreter."""
    return sys.version_info[:2]


def state_directory(path: Path) -> Iterator[Check]:
    """It belongs to us, and nobody else can read it."""
    try:
        found = path.stat()
    except OSError as failed:
        if isinstance(failed, FileNotFoundError):
            yield Check("state", "warning", f"`{path}` is not there yet", "`bartizan up` makes it")
        else:
            yield Check("state", "failed", f"`{path}` cannot be read: {failed.strerror}")
        return
    if not path.is_dir():
        yield Check("state", "failed", f"`{path}` is no directory", "name another with `--state`")
        return
    if found.st_uid != os.geteuid():
        yield Check("state", "failed", f"`{path}` belongs to another user", "run as its owner")
        return
    open_to = [one for one in (path, *sorted(path.iterdir())) if _is_open(one)]
    if open_to:
        names = ", ".join(f"`{one}`" for one in open_to[:3])
        words = f"others can read or write {names}"
        yield Check("state", "failed", words, f"`chmod -R go-rwx {path}`")
    else:
        yield Check("state", "ok", f"`{path}` is for its owner alone")


def _is_open(path: Path) -> bool:
    """Whether others have rights; below a closed directory only what is written there counts."""
    mode = path.lstat().st_mode
    if stat.S_ISSOCK(mode) or path.name == "schema.json" or path.suffix == ".moved":
        return False
    return bool(mode & 0o077)


def configuration(built: Compiled | Fault | Stopped) -> Iterator[Check]:
    """Config and document compile."""
    if isinstance(built, Fault):
        told = built.diagnostics[0]
        place = f"{told.location}: " if told.file else ""
        yield Check("config", "failed", f"{place}{told.message}", "`bartizan check` tells all")
    elif isinstance(built, Stopped):
        yield Check("config", "broken", str(built), built.hint)
    else:
        operations = extent(built.operations)
        lost = len({one.operation for one in built.unrepresentable})
        if lost:
            words = f"{operations}, {lost} of them cannot be checked"
            yield Check("config", "warning", words, "`bartizan check` tells why")
        else:
            yield Check("config", "ok", f"{operations}, policy {built.hash[:16]}")


# ---- the running gateway --------------------------------------------------------------------


def gateway(
    config: Config,
    policy: str,
    looks: Looks,
    remember: Callable[[str], bool],
    sending: Callable[[], AbstractContextManager[None]],
) -> Iterator[Check]:
    """Health, policy, keys, records and a canary. policy: hash of the files, empty if unknown.

    remember: takes the reference id of the canary, so that it is told from traffic; sending: open
    until then.
    """
    admin = f"http://{config.admin}"
    try:
        alive = looks.get(f"{admin}/livez").status
    except OSError as failed:
        hint = "start `bartizan up`, or name its address with `--admin`"
        yield Check("live", "broken", f"nothing answers at {admin}: {failed}", hint)
        return
    yield _status("live", alive, "the gateway lives", "/livez")
    try:
        ready = looks.get(f"{admin}/readyz?verbose")
        facts = json.loads(ready.body)
    except (OSError, ValueError) as failed:
        yield Check("ready", "failed", f"/readyz?verbose tells nothing: {failed}")
        return
    waits_for = facts.get("waits_for")
    target = f"/readyz waits ({waits_for}) and" if waits_for else "/readyz"
    yield _status("ready", ready.status, "it serves", target)
    yield _generation(facts, policy)
    yield from _facts(facts)
    with sending():
        canary = _canary(config.listen, looks, remember)
    yield canary


def _status(name: str, status: int, words: str, target: str) -> Check:
    if status == 200:  # noqa: PLR2004 -- OK
        return Check(name, "ok", words)
    return Check(name, "failed", f"{target} answers {status}", "look at what `bartizan up` says")


def _generation(facts: Mapping[str, object], policy: str) -> Check:
    served = str(facts.get("policy", ""))
    if not policy:
        return Check("policy", "warning", f"serves {served[:16]}; the files do not compile")
    if served != policy:
        words = f"serves {served[:16]}, the files give {policy[:16]}"
        hint = "a reload failed, or other flags were given: look at what `bartizan up` says"
        return Check("policy", "failed", words, hint)
    return Check("policy", "ok", f"serves what the files say, generation {facts.get('generation')}")


def _facts(facts: Mapping[str, object]) -> Iterator[Check]:
    if facts.get("control") == "joined":
        yield Check("control", "ok", "the control process is joined")
    else:
        words = "no control process is joined: nothing is recorded and nothing reloads"
        yield Check("control", "failed", words, "start `bartizan up` again; it joins")
    if facts.get("upstream") == "reachable":
        yield Check("upstream", "ok", "the API can be reached from the gateway")
    else:
        yield Check("upstream", "failed", "the API cannot be reached", "start it, mend `upstream`")
    yield from _keys(facts.get("keys"))
    events = facts.get("events")
    dropped = events.get("dropped", 0) if isinstance(events, dict) else 0
    if dropped:
        hint = "raise `ring`, or find out why the control process was away"
        yield Check("events", "warning", f"{counted(dropped, 'event')} dropped", hint)
    else:
        yield Check("events", "ok", "no event was dropped")


def _keys(keys: object) -> Iterator[Check]:
    for issuer, one in sorted(keys.items()) if isinstance(keys, dict) else ():
        usable, state = one.get("keys", 0), one.get("state")
        if usable and state == "good":
            yield Check("keys", "ok", f"{counted(usable, 'key')} of {issuer}")
        else:
            words = f"keys of {issuer} are {state}: {one.get('message') or 'none is usable'}"
            hint = "until they can be had, none of its tokens is believed"
            yield Check("keys", "warning" if usable else "failed", words, hint)


def _canary(listen: str, looks: Looks, remember: Callable[[str], bool]) -> Check:
    try:
        status, ref = looks.canary(listen)
    except OSError as failed:
        hint = "name the address of the gateway with `--listen`"
        return Check("canary", "broken", f"nothing answers at {listen}: {failed}", hint)
    if status == 400 or status == 0:  # noqa: PLR1714, PLR2004 -- refused, or cut off
        is_known = remember(ref) if ref else True
        counted_in = "" if is_known else f"; `bartizan report` counts it as `{ref}`"
        return Check("canary", "ok", f"a request that must be refused is refused{counted_in}")
    words = f"a request that must be refused was answered {status}"
    return Check("canary", "failed", words, f"what listens at {listen} is not this gateway")


def clock(config: Config, now_ms: int, looks: Looks) -> Iterator[Check]:
    """The clocks of the API and of the issuers against ours: tokens live by them."""
    issuers = [one.issuer for one in config.auth.all_issuers]
    for url in [config.upstream, *issuers]:
        try:
            written = looks.get(url).fields.get("date", "")
        except OSError:
            continue  # That it cannot be reached is told elsewhere.
        try:
            skew = abs(parsedate_to_datetime(written).timestamp() - now_ms / 1000)
        except ValueError:
            continue
        words = f"the clock of {url} is {skew:.0f} s off ours"
        if skew > SKEW_WARN_S:
            state: State = "failed" if skew > SKEW_FAIL_S else "warning"
            yield Check("clock", state, words, "set both by NTP")
        else:
            yield Check("clock", "ok", words)
