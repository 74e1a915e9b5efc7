"""`bartizan keys`: issues API keys, looks at them, rotates and revokes them, finds leaked ones."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from bartizan.console.cli.consent import declare_yes
from bartizan.console.cli.inner import declare_inner
from bartizan.console.cli.places import chosen_of
from bartizan.console.terminal import CLEAN, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal

ACTIONS = {
    "create": "issue a key; its text is shown once",
    "list": "every key that was issued",
    "show": "all that is known of one key",
    "rotate": "give a key a second secret; the old one ends once nobody uses it any more",
    "revoke": "refuse a key from now on",
    "scan": "find leaked keys in files and logs",
    "rotate-pepper": "give the keyed hashes of all keys another pepper; keys move as they are used",
    "hash": "the digest of a key of your own, for the config",
}


def declare(flags: ArgumentParser) -> None:
    """Flags of `keys`: one inner verb each."""
    declare_inner(flags, ACTIONS, lambda name, own: _DECLARE[name](own))


def _create(flags: ArgumentParser) -> None:
    flags.add_argument("--owner", required=True, help="who answers for it")
    flags.add_argument(
        "--kind", choices=("svc", "usr", "agt"), default="svc", help="service, person or agent"
    )
    flags.add_argument("--env", choices=("live", "test"), default="live", help="told in its text")
    flags.add_argument("--scope", action="append", help="a scope that it carries; repeatable")
    flags.add_argument(
        "--network", action="append", metavar="CIDR", help="a network it may come from; repeatable"
    )
    flags.add_argument(
        "--operation",
        action="append",
        default=[],
        help="an operation that it opens, such as `GET /orders`; repeatable, all unless written",
    )
    flags.add_argument("--expires", default="90d", help="a date, a span such as `30d`, or `never`")
    flags.add_argument("--waiver", default="", help="why it lives longer than 90 days; is kept")


def _rotate(flags: ArgumentParser) -> None:
    flags.add_argument("id", help="id of the key")
    flags.add_argument(
        "--grace",
        default="24h",
        help="the old secret ends when nobody has used it for so long; 0s ends it now",
    )
    declare_yes(flags)


def _rotate_pepper(flags: ArgumentParser) -> None:
    flags.add_argument(
        "--drop-old",
        action="store_true",
        help="give up the old pepper; keys that did not move yet open nothing from then on",
    )
    declare_yes(flags)


def _show(flags: ArgumentParser) -> None:
    flags.add_argument("id", help="id of the key")


def _revoke(flags: ArgumentParser) -> None:
    flags.add_argument("id", help="id of the key, or `-` to read a leaked key")
    declare_yes(flags)


def _scan(flags: ArgumentParser) -> None:
    flags.add_argument("paths", nargs="+", help="files and folders; `-` is standard input")
    flags.add_argument("--revoke", action="store_true", help="revoke what is found and still opens")
    declare_yes(flags)


def _hash(flags: ArgumentParser) -> None:
    flags.add_argument("--id", default="my-client", help="public name of the key")


_DECLARE = {
    "create": _create,
    "list": lambda _flags: None,
    "show": _show,
    "rotate": _rotate,
    "rotate-pepper": _rotate_pepper,
    "revoke": _revoke,
    "scan": _scan,
    "hash": _hash,
}


def run(args: Namespace, terminal: Terminal) -> int:
    """Runs the inner verb."""
    if args.action == "hash":
        return hash_key(args, terminal)
    if args.action == "scan":
        from bartizan.console.cli import keys_scan

        return keys_scan.run(args, terminal)
    if args.action == "rotate-pepper":
        from bartizan.console.cli import keys_pepper

        return keys_pepper.run(args, terminal)
    from bartizan.console.cli import keys_issue

    return keys_issue.ACTS[args.action](args, terminal)


def hash_key(args: Namespace, terminal: Terminal) -> int:
    """Reads a key from the terminal (not shown) or from standard input. The key never leaves."""
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
