"""`bartizan decide METHOD URL`: one request, judged offline and explained in eight fields."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bartizan import __version__
from bartizan.console import lifecycle, rendering, wire
from bartizan.console.cli.places import chosen_of, config_of, declare_policy
from bartizan.console.terminal import CLEAN, FOUND, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal
    from bartizan.console.wire import Built
    from bartizan.model.event import Notable
    from bartizan.policy.captures import Capture, Fields
    from bartizan.policy.explain import Explanation

_MEMBERS = {"kind", "issuer", "subject", "scopes"}


def declare(flags: ArgumentParser) -> None:
    """Flags of `decide`, named as those of curl where they mean the same."""
    flags.add_argument("method", metavar="METHOD", help="such as GET")
    flags.add_argument("url", metavar="URL", help="URL or path, with its query")
    flags.add_argument(
        "-H", "--header", action="append", default=[], metavar="'NAME: VALUE'", help="header field"
    )
    flags.add_argument(
        "-d", "--data", metavar="DATA", help="body; @FILE reads one, @- standard input"
    )
    flags.add_argument(
        "--as",
        dest="principal",
        metavar="PRINCIPAL",
        help="who asks, taken as verified: a subject, or JSON with kind, issuer, subject, scopes",
    )
    flags.add_argument(
        "--from", dest="peer", default="", metavar="ADDRESS", help="caller's address"
    )
    declare_policy(flags)


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the Decision; gives 1 when the request is refused, in shadow too."""
    from bartizan.model.event import ALLOW, Notable, parse_event
    from bartizan.policy.cases import decided
    from bartizan.policy.lines import Lines
    from bartizan.policy.replay import CaptureFault, replay

    built = wire.build(chosen_of(args, terminal), terminal)
    now, seed = lifecycle.now_ms(), lifecycle.seed()
    asked = capture(args, built, now)
    court = wire.court(built, terminal, seed=seed, now_ms=now, wants_keys=_has_token(asked.fields))
    try:
        line = next(replay(court, [asked.line()]))
    except CaptureFault as fault:
        raise Stopped(str(fault)) from fault
    event = decided(parse_event(line))
    setting = Lines(built.compiled).setting
    settings = tuple(setting(one.document, one.source) for one in event.reasons)
    told = _explained(Notable(event, line, settings), config_of(args))
    if args.json:
        terminal.put_json(
            {"verdict": event.verdict, "enforcement": event.enforcement, **told.as_data()}
        )
    else:
        terminal.put(rendering.explanation(told, colour=terminal.is_colourful))
    return CLEAN if event.verdict == ALLOW else FOUND


def _explained(row: Notable, config: Path | None) -> Explanation:
    from bartizan.console.plain import plain_config
    from bartizan.policy.explain import Facts, explain
    from bartizan.policy.words import code_facts

    facts = Facts(version=__version__, codes=code_facts(), config=plain_config(config))
    return explain(row, facts)


def capture(args: Namespace, built: Built, now_ms: int) -> Capture:
    """The request of the command line. Raises Stopped."""
    from bartizan.policy.captures import Capture, with_defaults

    parts = urlsplit(args.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.startswith("/"):
        raise Stopped(f"`{args.url}` is no URL and no path", hint="write `/orders?limit=5`")
    hosts = built.config.hosts
    host = parts.netloc or (hosts[0] if hosts else "localhost")
    body = _body(args.data)
    return Capture(
        method=args.method.upper(),
        target=target,
        fields=with_defaults(tuple(map(_field, args.header)), host, body),
        body=body,
        principal=principal_of(args.principal, built) if args.principal else None,
        peer=args.peer,
        time_ms=now_ms,
    )


def _field(written: str) -> tuple[str, str]:
    name, mark, value = written.partition(":")
    if not mark or not name.strip():
        raise Stopped(f"`{name[:40]}` is no header field", hint="write `-H 'name: value'`")
    return name.strip(), value.strip()


def _body(written: str | None) -> bytes:
    if written is None:
        return b""
    if written == "@-":
        return sys.stdin.buffer.read()
    if not written.startswith("@"):
        return written.encode()
    try:
        return Path(written[1:]).read_bytes()
    except OSError as fault:
        raise Stopped(f"`{written[1:]}` cannot be read: {fault.strerror}") from fault


def principal_of(written: str, built: Built) -> dict[str, object]:
    """The Principal as a fact: a subject alone is a token of the only issuer. Raises Stopped."""
    from bartizan.policy.cases import issuer_of

    data: object = {"subject": written}
    if written.lstrip().startswith("{"):
        try:
            data = json.loads(written)
        except ValueError as fault:
            raise Stopped(f"`--as` is no JSON: {fault}") from fault
    if not isinstance(data, dict) or not isinstance(data.get("subject"), str):
        raise Stopped("`--as` names no `subject`", hint='write `--as \'{"subject": "ann"}\'`')
    for name in sorted(set(data) - _MEMBERS):
        from bartizan.policy.suggest import hint

        raise Stopped(f"unknown member `{name}` in `--as`", hint=hint(name, _MEMBERS))
    kind = str(data.get("kind", "token"))
    return {"kind": kind, "issuer": issuer_of(built.config, kind), "scopes": [], **data}


def _has_token(fields: Fields) -> bool:
    return any(name.lower() == "authorization" for name, _value in fields)
