"""`keys scan`: leaked API keys in files and logs. Says where and which, never the key."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console import lifecycle, wire
from bartizan.console.cli.consent import require_consent
from bartizan.console.cli.keys_issue import effect, issued
from bartizan.console.cli.places import state_of
from bartizan.console.rendering import counted, plain
from bartizan.console.terminal import CLEAN, FOUND, Stopped
from bartizan.identity import api_keys
from bartizan.identity.leaks import files_below, leaks_in

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.identity.leaks import Leak
    from bartizan.model.credential import ApiKey

STRANGER = "not issued here"


def run(args: Namespace, terminal: Terminal) -> int:
    """Status 1 when a key was found, whatever its state."""
    now_s = lifecycle.now_ms() // 1000
    with terminal.progress("looking for keys"):
        found = list(_leaks(args.paths, terminal))
    keys = _known(args, found)
    rows = [(leak, _state(keys.get(leak.id), leak, args, now_s)) for leak in found]
    if args.json:
        terminal.put_json([_data(leak, state) for leak, state in rows])
    else:
        for leak, state in rows:
            terminal.put(f"{plain(leak.file)}:{leak.line}:{leak.column}: key {leak.id}, {state}")
        terminal.say(f"{counted(len(rows), 'key')} found")
    open_ids = dict.fromkeys(leak.id for leak, state in rows if state in ("live", "rotating"))
    if open_ids:
        _take_back(args, terminal, [keys[one] for one in open_ids], now_s)
    return FOUND if rows else CLEAN


def _leaks(paths: Sequence[str], terminal: Terminal) -> Iterator[Leak]:
    if "-" in paths:
        yield from leaks_in(sys.stdin.buffer, "-")
    try:
        for file in files_below(Path(one) for one in paths if one != "-"):
            try:
                with file.open("rb") as stream:
                    yield from leaks_in(stream, str(file))
            except PermissionError as unread:
                terminal.say(f"{file}: {unread.strerror}, not looked at")
    except FileNotFoundError as missing:
        raise Stopped(f"`{missing.filename}` is not there") from missing


def _known(args: Namespace, found: Sequence[Leak]) -> Mapping[str, ApiKey]:
    state = state_of(args)
    if not found or not state.is_dir():
        return {}
    with issued(state) as store:
        return {one.id: key for one in found if (key := store.key(one.id))}


def _state(key: ApiKey | None, leak: Leak, args: Namespace, now_s: int) -> str:
    """State of what this very text opens: a secret that was rotated away opens nothing."""
    if key is None:
        return STRANGER
    digests = wire.key_digests(state_of(args), leak.text)
    secret = next((one for one in key.secrets if one.digest in digests), None)
    if secret is None:
        return "rotated away" if key.revoked_s is None else "revoked"
    return key.state(now_s) if secret.is_live(now_s) else "rotated away"


def _take_back(args: Namespace, terminal: Terminal, keys: Sequence[ApiKey], now_s: int) -> None:
    if not args.revoke:
        terminal.say(f"{counted(len(keys), 'key')} still open: `--revoke` takes them back,")
        terminal.say("`bartizan keys rotate ID --grace 0s` keeps the client at work")
        return
    require_consent(terminal, [effect(one, now_s) for one in keys], is_given=args.yes)
    with issued(state_of(args)) as store:
        for one in keys:
            store.change(one.id, partial(api_keys.revoke, now_s=now_s))
            terminal.say(f"key {one.id} is revoked")


def _data(leak: Leak, state: str) -> dict[str, object]:
    place = {"file": leak.file, "line": leak.line, "column": leak.column}
    return {**place, "id": leak.id, "state": state}
