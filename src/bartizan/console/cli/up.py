"""`bartizan up`: puts Bartizan in front of an API and stays until Ctrl-C."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bartizan.console import lifecycle, wire
from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.rendering import counted, extent
from bartizan.console.terminal import Stopped
from bartizan.policy.traffic_keys import CONTROLS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from pathlib import Path

    from bartizan.console.terminal import Terminal
    from bartizan.console.wire import Built, Chosen
    from bartizan.gateway.link import Listening
    from bartizan.gateway.serve import Control
    from bartizan.policy.config import Config

ADMIN_DEFAULT = "127.0.0.1:9090"
ADMIN_ANY = "127.0.0.1:0"
ADMIN_MOVED = "admin.moved"


def declare(flags: ArgumentParser) -> None:
    """Flags of `up`."""
    declare_overrides(flags)


def run(args: Namespace, terminal: Terminal) -> int:
    """Finds the document, compiles, starts, prints four lines, serves."""
    lifecycle.stop_like_interrupt()
    chosen = chosen_of(args, terminal)
    if chosen.config is None and not args.upstream and "BARTIZAN_UPSTREAM" not in chosen.environ:
        raise Stopped("no API is named", hint="`bartizan up http://127.0.0.1:8000`")
    config = wire.load_config(chosen)
    for upstream in config.upstreams:
        wire.require_upstream(upstream)
    state = wire.state_directory(config)
    _lock = wire.hold(state)
    chosen = _with_addresses(chosen, config, state)
    built = wire.build(chosen, terminal)
    make, tail = wire.control(chosen, built, terminal)
    announce = partial(_announce, built, terminal, as_json=args.json)
    return lifecycle.serve(make, tail, announce)


def _with_addresses(chosen: Chosen, config: Config, state: Path) -> Chosen:
    """Refuses a taken address; the admin address moves instead when nobody chose it.

    A running gateway keeps its addresses: that the admin address moved is kept beside its socket.
    """
    is_free = config.admin == ADMIN_DEFAULT and not chosen.overrides.admin
    mark = state / ADMIN_MOVED
    if not wire.is_running(state):
        mark.unlink(missing_ok=True)
        wire.require_free("listen", config.listen)
        try:
            wire.require_free("admin", config.admin)
        except Stopped:
            if not is_free:
                raise
            mark.touch()
    if is_free and mark.exists():
        return replace(chosen, overrides=replace(chosen.overrides, admin=ADMIN_ANY))
    return chosen


def _announce(built: Built, terminal: Terminal, control: Control, *, as_json: bool) -> None:
    listening = control.listening
    if listening is None:
        return
    if as_json:
        terminal.put_json(_data(built, listening, is_adopted=control.is_adopted))
    else:
        terminal.put("\n".join(four_lines(built, listening)))


def _data(built: Built, listening: Listening, *, is_adopted: bool) -> dict[str, object]:
    return {
        "address": f"http://{listening.address}",
        "admin": f"http://{listening.admin}",
        "upstream": ", ".join(built.config.upstreams),
        "openapi": built.openapi,
        "operations": len(built.compiled.operations),
        "policy": built.compiled.hash,
        "controls": modes(built.config),
        "off": off(built),
        "joined_a_running_gateway": is_adopted,
    }


def four_lines(built: Built, listening: Listening) -> list[str]:
    """The address, what is on, what is not, and the next command."""
    config = built.config
    on = modes(config)
    names = {mode: [name for name, own in on.items() if own == mode] for mode in on.values()}
    controls = "; ".join(f"{mode}: {', '.join(own)}" for mode, own in sorted(names.items()))
    shadowed = "shadow" in names
    following = (
        "bartizan report   (what enforce would have blocked)" if shadowed else "bartizan tail"
    )
    operations = extent(built.compiled.operations)
    guards = f"Bartizan guards {', '.join(config.upstreams)} at http://{listening.address}"
    return [
        f"{guards} (health and metrics at http://{listening.admin})",
        f"on:   {operations} of {built.openapi}; {controls}",
        f"not:  {'; '.join(off(built))}",
        f"next: {following}",
    ]


def modes(config: Config) -> dict[str, str]:
    """Each control with its mode."""
    return {name: config.controls.get(name, config.mode) for name in CONTROLS}


def off(built: Built) -> list[str]:
    """What is not on, in words."""
    from bartizan.policy.open_operations import asks_for_keys

    config, compiled = built.config, built.compiled
    found = []
    lost = {one.operation for one in compiled.unrepresentable}
    if lost:
        found.append(f"{counted(len(lost), 'operation')} that cannot be checked (`bartizan check`)")
    form = json.loads(compiled.form)
    if unverified := presence_only(form):
        found.append(f"only the presence is checked of {', '.join(unverified)}")
    keys = config.auth.api_keys
    if not (config.auth.all_issuers or keys.keys or keys.issued):
        found.append("no issuer is configured, so credentials are seen but not verified")
    if keys.has_any and not asks_for_keys(form["schemes"], form["operations"]):
        found.append("no operation takes an API key, so keys open nothing (`bartizan check`)")
    if not form["limits"]:
        found.append("no limits are configured")
    found += ["event streams pass unshaped", "TLS and HTTP/2"]
    if any(is_loopback(upstream) for upstream in config.upstreams):
        found.append(
            "the API sees every caller as 127.0.0.1: let it trust that address for nothing"
        )
    return found


def presence_only(form: dict[str, Any]) -> list[str]:
    """Names of the security schemes that cannot be verified yet. form: of the Policy."""
    return [scheme["name"] for scheme in form["schemes"] if scheme["verify"] == "presence"]


def is_loopback(url: str) -> bool:
    """Whether the host of this URL is this machine."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
