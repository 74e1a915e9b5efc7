"""`bartizan revoke`: takes access tokens back before they expire; in force within a second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bartizan.console import lifecycle, wire
from bartizan.console.cli.consent import declare_yes, require_consent
from bartizan.console.cli.inner import declare_inner
from bartizan.console.cli.keys_issue import issued
from bartizan.console.cli.moments import moment_s, shown
from bartizan.console.cli.places import chosen_of, state_of
from bartizan.console.terminal import CLEAN, Stopped
from bartizan.identity.revocations import Trusted, entry

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal
    from bartizan.model.credential import Revocation

ANYWHERE = "http://127.0.0.1:1"
ACTIONS = {
    "token": "one token, by its `jti`",
    "subject": "every token that one subject was given up to a moment",
    "issuer": "every token that one issuer gave up to a moment",
    "list": "what is revoked now",
}


def declare(flags: ArgumentParser) -> None:
    """Flags of `revoke`: what to revoke."""
    declare_inner(flags, ACTIONS, _declare_one, metavar="WHAT")


def _declare_one(name: str, flags: ArgumentParser) -> None:
    if name == "list":
        return
    if name != "issuer":
        flags.add_argument("name", help={"token": "its `jti`", "subject": "its name"}[name])
    flags.add_argument("--issuer", help="id or URL; may be left out where there is one")
    if name != "token":
        flags.add_argument(
            "--before", default="now", help="tokens issued then or earlier: a date, or `now`"
        )
    declare_yes(flags)


def run(args: Namespace, terminal: Terminal) -> int:
    """Shows what ends, asks, and appends to the log."""
    now_s = lifecycle.now_ms() // 1000
    if args.action == "list":
        return _list(args, terminal, now_s)
    issuer = _issuer(args, terminal)
    before_s = min(moment_s(getattr(args, "before", "now"), now_s), now_s)
    new = entry(args.action, issuer, getattr(args, "name", ""), before_s, now_s)
    require_consent(terminal, [f"from now on refused: {_words(new)}"], is_given=args.yes)
    with issued(state_of(args), make=True) as store:
        new = store.revoke(new, now_s)
    if args.json:
        terminal.put_json(_data(new))
    else:
        terminal.put(f"revoked: entry {new.position}, kept until {shown(new.until_s)}")
    return CLEAN


def _list(args: Namespace, terminal: Terminal, now_s: int) -> int:
    with issued(state_of(args)) as store:
        log = [one for one in store.revocations() if one.until_s > now_s]
    if args.json:
        terminal.put_json([_data(one) for one in log])
        return CLEAN
    for one in log:
        terminal.put(f"{one.position}  {_words(one)}, kept until {shown(one.until_s)}")
    if not log:
        terminal.say("nothing is revoked")
    return CLEAN


def _issuer(args: Namespace, terminal: Terminal) -> Trusted:
    from bartizan.policy.security import issuer_id

    chosen = chosen_of(args, terminal)
    # An app behind `protect` has no upstream, and who may be believed does not depend on one.
    anywhere = replace(chosen.overrides, upstream=ANYWHERE)
    known = wire.load_config(replace(chosen, overrides=anywhere)).auth.all_issuers
    wanted = [one for one in known if args.issuer in (None, one.issuer, issuer_id(one))]
    if len(wanted) != 1:
        ids = ", ".join(f"`{issuer_id(one)}`" for one in known)
        message = "no issuer of this name is configured" if not wanted else "which issuer?"
        hint = f"`--issuer` is one of {ids}" if known else "write it under `auth` of the config"
        raise Stopped(message, hint=hint)
    one = wanted[0]
    return Trusted(issuer_id(one), -(-one.lifetime_max // 1000), -(-one.skew // 1000))


def _words(one: Revocation) -> str:
    until = f" issued {shown(one.before_s)} or before"
    match one.kind:
        case "token":
            return f"the token `{one.name}` of {one.issuer}"
        case "subject":
            return f"tokens of `{one.name}` at {one.issuer}{until}"
        case _:
            return f"all tokens of {one.issuer}{until}"


def _data(one: Revocation) -> dict[str, object]:
    return {
        "position": one.position,
        "kind": one.kind,
        "issuer": one.issuer,
        "name": one.name,
        "before": None if one.kind == "token" else one.before_s,
        "until": one.until_s,
        "revoked": one.made_s,
    }
