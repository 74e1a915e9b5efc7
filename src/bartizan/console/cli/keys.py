"""`bartizan keys hash`: the digest of an API key for the config. The key never leaves."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from bartizan.console.cli.places import chosen_of, declare_state
from bartizan.console.terminal import CLEAN, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal


def declare(flags: ArgumentParser) -> None:
    """Flags of `keys`."""
    declare_state(flags)
    flags.add_argument("action", choices=("hash",), help="hash: read a key, print its digest")
    flags.add_argument("--id", default="my-client", help="public name of the key")


def run(args: Namespace, terminal: Terminal) -> int:
    """Reads a key from the terminal (not shown) or from standard input."""
    from bartizan.console.wire import hash_api_key

    key = getpass.getpass("API key (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise Stopped(
            "no key was given", hint="pipe it in: `openssl rand -hex 24 | bartizan keys hash`"
        )
    digest = hash_api_key(chosen_of(args, terminal), key.strip())
    if args.json:
        terminal.put_json({"id": args.id, "digest": digest})
    else:
        terminal.put(f"- {{ id: {args.id}, digest: {digest} }}")
        terminal.say("paste it below `auth.api_keys.keys` of the config")
    return CLEAN
