"""`keys rotate-pepper`: another pepper for the keyed hashes of issued API keys.

A key moves when it is used: only then its text is there to be hashed anew. Until all have moved,
the old pepper is kept beside the newest.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bartizan.console import lifecycle
from bartizan.console.cli.consent import require_consent
from bartizan.console.cli.keys_issue import issued
from bartizan.console.cli.places import state_of
from bartizan.console.rendering import counted
from bartizan.console.terminal import CLEAN, Stopped
from bartizan.identity import api_keys
from bartizan.model.listed import listed
from bartizan.store import pepper

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from bartizan.console.terminal import Terminal
    from bartizan.model.credential import ApiKey

SHOWN_MAX = 10


def run(args: Namespace, terminal: Terminal) -> int:
    """Begins a rotation, tells why none can begin yet, or ends one with `--drop-old`."""
    now_s = lifecycle.now_ms() // 1000
    path = state_of(args) / pepper.FILE
    with issued(state_of(args)) as store:
        peppers = pepper.named(path)
        if not peppers:
            raise Stopped("no key was issued here: there is no pepper to rotate")
        newest = peppers[0][0]
        issued_keys = store.keys()
        kept = [one for one in issued_keys if one.state(now_s) not in ("expired", "revoked")]
        left = [one for one in kept if _needs_old(one, newest, now_s)]
        if args.drop_old:
            effects = [f"key {one.id} of {one.owner} opens nothing from now on" for one in left]
            require_consent(terminal, effects, is_given=args.yes or not left)
            for one in left:
                store.change(one.id, partial(api_keys.drop_pepper, newest=newest, now_s=now_s))
            pepper.drop_old(path)
        else:
            if len(peppers) > 1 and left:
                raise _under_way(left)
            pepper.rotate(path, lifecycle.entropy(32).hex())
            left = kept
        store.announce()
    _tell(args, terminal, left)
    return CLEAN


def _needs_old(key: ApiKey, newest: str, now_s: int) -> bool:
    """Whether a live secret of a key that opens something is not under the newest pepper."""
    return any(one.is_live(now_s) and one.pepper != newest for one in key.secrets)


def _under_way(left: Sequence[ApiKey]) -> Stopped:
    ids = listed([one.id for one in left], SHOWN_MAX)
    return Stopped(
        f"{counted(len(left), 'key')} did not move from the old pepper yet: {ids}",
        hint="a key moves when it is used; rotate or revoke the others, or write `--drop-old`",
    )


def _tell(args: Namespace, terminal: Terminal, left: Sequence[ApiKey]) -> None:
    ids = [one.id for one in left]
    if args.json:
        terminal.put_json({"ended" if args.drop_old else "to_move": ids})
    elif args.drop_old:
        terminal.put(f"the old pepper is gone, and {counted(len(left), 'key')} with it")
    else:
        terminal.put(f"new keys are under another pepper; {counted(len(left), 'key')} to move")
        terminal.say("run it again later: it begins the next rotation, or tells who is left")
