"""`keys create`, `list`, `show`, `rotate`, `revoke`: the keys that this installation issued."""

from __future__ import annotations

import contextlib
import ipaddress
import sys
from functools import partial
from typing import TYPE_CHECKING

from bartizan.console import lifecycle, wire
from bartizan.console.cli.consent import require_consent
from bartizan.console.cli.kept import require_declared, span_ms
from bartizan.console.cli.moments import moment_s, shown
from bartizan.console.cli.places import config_of, state_of
from bartizan.console.plain import plain_config
from bartizan.console.terminal import CLEAN, Stopped
from bartizan.identity import api_keys

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.console.terminal import Terminal
    from bartizan.model.credential import ApiKey, KeySecret
    from bartizan.model.secret import Secret
    from bartizan.store.credentials import Credentials


ID_MAX = 16


@contextlib.contextmanager
def issued(state: Path, *, make: bool = False) -> Iterator[Credentials]:
    """The keys of a state directory, closed afterwards. Raises Stopped when there is none."""
    if make:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not state.is_dir():
        raise Stopped(
            f"no key was issued in `{state}`",
            hint="`bartizan keys create --owner NAME` issues one; `--state` names the directory",
        )
    store = wire.open_credentials(state)
    try:
        yield store
    finally:
        store.close()


def create(args: Namespace, terminal: Terminal) -> int:
    """Issues a key. Its text is printed here and nowhere else, ever."""
    now_s = lifecycle.now_ms() // 1000
    wish = api_keys.Wish(
        owner=args.owner,
        kind=args.kind,
        env=args.env,
        scopes=tuple(args.scope or ()),
        networks=tuple(map(_network, args.network or ())),
        expires_s=_expiry(args, now_s),
        waiver=args.waiver,
        operations=tuple(args.operation),
    )
    state = state_of(args)
    require_declared(args, wish.operations, terminal)
    with issued(state, make=True) as store:
        key_id, text = api_keys.write(
            args.kind, args.env, lifecycle.entropy(api_keys.ENTROPY_BYTES)
        )
        key = api_keys.issue(wish, key_id, _secret(state, text, now_s), now_s)
        store.add(key)
    _give(key, text, terminal, as_json=args.json, now_s=now_s)
    _tell_config(args, terminal)
    return CLEAN


def _give(key: ApiKey, text: Secret, terminal: Terminal, *, as_json: bool, now_s: int) -> None:
    if as_json:
        terminal.put_json({**data(key, now_s), "key": text.reveal()})
    else:
        terminal.put(text.reveal())
        terminal.say(f"key {key.id} of {key.owner}, good until {shown(key.expires_s)}")
        terminal.say("keep it now: it is not stored, and never shown again")


def _tell_config(args: Namespace, terminal: Terminal) -> None:
    """Issued keys open nothing until the config lets them in."""
    auth = plain_config(config_of(args)).get("auth")
    keys = auth.get("api_keys") if isinstance(auth, dict) else None
    if not (isinstance(keys, dict) and keys.get("issued") is True):
        terminal.say("the config does not let issued keys in yet: write")
        terminal.say("auth: { api_keys: { issued: true } }")


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as wrong:
        hint = "write it as `10.0.0.0/8`, with zeros behind the prefix"
        raise Stopped(f"`{text[:60]}` is not a network: {wrong}", hint=hint) from None


def _expiry(args: Namespace, now_s: int) -> int | None:
    ends = None if args.expires == "never" else moment_s(args.expires, now_s)
    if ends is not None and ends <= now_s:
        raise Stopped(f"`{args.expires}` is over already")
    if (ends is None or ends > now_s + api_keys.LIFE_S) and not args.waiver:
        raise Stopped(
            "a key that lives longer than 90 days needs a reason",
            hint="write `--waiver WHY`; it is kept beside the key",
        )
    return ends


def _secret(state: Path, text: Secret, now_s: int) -> KeySecret:
    return wire.key_secret(state, text, lifecycle.entropy(32), now_s)


def list_keys(args: Namespace, terminal: Terminal) -> int:
    """One line for each key."""
    now_s = lifecycle.now_ms() // 1000
    with issued(state_of(args)) as store:
        keys = store.keys()
    if args.json:
        terminal.put_json([data(one, now_s) for one in keys])
        return CLEAN
    width = max((len(one.owner) for one in keys), default=0)
    for one in keys:
        used = f"used {shown(one.used_s)}" if one.used_s else "never used"
        ends = f"until {shown(one.expires_s)}" if one.expires_s else "without end"
        terminal.put(f"{one.id}  {one.state(now_s):8}  {one.owner:{width}}  {ends}  {used}")
    if not keys:
        terminal.say("no key was issued yet")
    return CLEAN


def show(args: Namespace, terminal: Terminal) -> int:
    """All of one key but its text."""
    now_s = lifecycle.now_ms() // 1000
    with issued(state_of(args)) as store:
        key = require_key(store, args.id)
    if args.json:
        terminal.put_json(data(key, now_s))
        return CLEAN
    for name, value in _rows(key, now_s):
        terminal.put(f"{name:9} {value}")
    return CLEAN


def _rows(key: ApiKey, now_s: int) -> Iterator[tuple[str, str]]:
    yield "id", key.id
    yield "state", key.state(now_s)
    yield "owner", key.owner
    yield "kind", f"{api_keys.KINDS[key.kind]}, {key.env}"
    yield "scopes", ", ".join(key.scopes) or "none"
    yield "networks", ", ".join(key.networks) or "everywhere"
    yield "opens", ", ".join(key.operations) or "every operation"
    yield "issued", shown(key.made_s)
    yield "expires", shown(key.expires_s)
    if key.waiver:
        yield "waiver", key.waiver
    if key.revoked_s is not None:
        yield "revoked", shown(key.revoked_s)
    for number, one in enumerate(key.secrets, 1):
        ends = "" if one.retires_s is None else f", ends {shown(one.retires_s)}{_unless(one)}"
        made, used = shown(one.made_s), shown(one.used_s, "never used")
        yield f"secret {number}", f"made {made}{ends}, last use: {used}"


def _unless(one: KeySecret) -> str:
    return "" if one.idle_s is None else " unless it is used"


def rotate(args: Namespace, terminal: Terminal) -> int:
    """A second secret; the first one lives on until it was unused for the grace period."""
    now_s = lifecycle.now_ms() // 1000
    grace_s = span_ms(args.grace) // 1000
    state = state_of(args)
    with issued(state) as store:
        key = require_key(store, args.id)
        if key.state(now_s) in ("revoked", "expired"):
            raise Stopped(f"key `{key.id}` is {key.state(now_s)}", hint="create a new one")
        ends = f"once it is unused for {args.grace}" if grace_s else "now"
        effects = [f"key {key.id} of {key.owner} gets a new secret; the one of now ends {ends}"]
        if key.state(now_s) == "rotating":
            effects.append("an older secret, still live, ends now")
        require_consent(terminal, effects, is_given=args.yes)
        _, text = api_keys.write(
            key.kind, key.env, lifecycle.entropy(api_keys.ENTROPY_BYTES), key.id
        )
        secret = _secret(state, text, now_s)
        turn = partial(api_keys.rotate, secret=secret, now_s=now_s, grace_s=grace_s)
        key = store.change(key.id, turn)
    _give(key, text, terminal, as_json=args.json, now_s=now_s)
    return CLEAN


def revoke(args: Namespace, terminal: Terminal) -> int:
    """Refuses a key from now on, named by its id or by the leaked key itself."""
    now_s = lifecycle.now_ms() // 1000
    key_id = _leaked_id() if args.id == "-" else args.id
    with issued(state_of(args)) as store:
        key = require_key(store, key_id)
        effects = [effect(key, now_s)]
        require_consent(terminal, effects, is_given=args.yes)
        key = store.change(key.id, partial(api_keys.revoke, now_s=now_s))
    if args.json:
        terminal.put_json(data(key, now_s))
    else:
        terminal.put(f"key {key.id} is revoked")
    return CLEAN


def _leaked_id() -> str:
    found = [key_id for _, key_id, _ in api_keys.found_in(sys.stdin.buffer.read(4096))]
    if len(found) != 1:
        raise Stopped("standard input does not hold one key whose checksum is right")
    return found[0]


def effect(key: ApiKey, now_s: int) -> str:
    """What revoking this key does, for the one who has to say yes."""
    used = f"last used {shown(key.used_s)}" if key.used_s else "never used"
    return f"key {key.id} of {key.owner} ({key.state(now_s)}, {used}) is refused from now on"


def require_key(store: Credentials, key_id: str) -> ApiKey:
    """The key of this id. Raises Stopped with what may have been meant."""
    from bartizan.policy.suggest import nearest

    key = store.key(key_id)
    if key is None:
        known = store.keys()
        # A whole key pasted here by mistake must not stand in a message.
        name = key_id if len(key_id) <= ID_MAX else "that"
        close = nearest(key_id, [one.id for one in known])
        hint = f"did you mean `{close}`?" if close else "`bartizan keys list` shows all"
        raise Stopped(f"no key `{name}` was issued here", hint=hint)
    return key


def data(key: ApiKey, now_s: int) -> dict[str, object]:
    """A key for `--json`: never its text, never a digest."""
    return {
        "id": key.id,
        "state": key.state(now_s),
        "owner": key.owner,
        "kind": key.kind,
        "env": key.env,
        "scopes": list(key.scopes),
        "networks": list(key.networks),
        "operations": list(key.operations),
        "issued": key.made_s,
        "expires": key.expires_s,
        "waiver": key.waiver,
        "revoked": key.revoked_s,
        "used": key.used_s,
        "secrets": [
            {"made": one.made_s, "ends": one.retires_s, "used": one.used_s} for one in key.secrets
        ],
    }


ACTS = {"create": create, "list": list_keys, "show": show, "rotate": rotate, "revoke": revoke}
