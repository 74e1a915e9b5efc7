"""`bartizan init`: a first config, never over an existing one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console import wire
from bartizan.console.terminal import CLEAN, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping

    from bartizan.console.terminal import Terminal

TEMPLATE = """\
# yaml-language-server: $schema=./.bartizan/schema.json
upstream: {upstream}
openapi: {openapi}
auth: {{ oidc: {oidc}, audience: {audience} }}{remark}
limits: {{ per: principal, rate: {rate} }}
{operations}mode: {mode}{then}
"""
LOG_IN = "{ limits: { name: log-in, per: address, rate: 5/min } }"
"""Passwords are guessed before anybody is known, so it counts by address."""
LOG_INS_MAX = 3
PLACEHOLDER = "https://issuer.invalid"


@dataclass(frozen=True, slots=True)
class Issuer:
    """What is written as issuer. remark: a comment behind it; todo: what is left for people."""

    url: str
    origin: str
    remark: str = ""
    todo: str = "then"


def declare(flags: ArgumentParser) -> None:
    """Flags of `init`."""
    flags.add_argument(
        "upstream", nargs="?", default="http://127.0.0.1:8000", help="URL of the API"
    )
    flags.add_argument("--config", type=Path, default=Path("bartizan.yaml"), help="file to write")
    flags.add_argument("--openapi", default="auto", help="FILE or URL of the API document")
    flags.add_argument(
        "--issuer",
        "--oidc",
        dest="issuer",
        metavar="URL",
        help="issuer of the tokens; from the document, else a placeholder",
    )
    flags.add_argument("--audience", default="api", help="audience the tokens must name")
    flags.add_argument("--rate", default="100/min", help="requests of one caller")
    flags.add_argument(
        "--mode",
        choices=("shadow", "enforce"),
        default="shadow",
        help="record only, as `up` without a config does (default), or refuse",
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Writes the config and the schema that editors read."""
    if args.config.exists():
        raise _exists(args.config)
    document = _document(args, terminal)
    issuer = Issuer(args.issuer, "flag") if args.issuer else _from_document(document)
    log_ins = list(islice(_log_ins(document), LOG_INS_MAX))
    names = ("upstream", "openapi", "audience", "rate", "mode")
    values = {name: quoted(getattr(args, name)) for name in names}
    remark = f" # {issuer.remark}" if issuer.remark else ""
    own = ", ".join(f"{quoted(one)}: {LOG_IN}" for one in log_ins)
    text = TEMPLATE.format(
        **values,
        oidc=quoted(issuer.url),
        remark=remark,
        operations=f"operations: {{ {own} }}\n" if own else "",
        then=" # then: enforce" if args.mode == "shadow" else "",
    )
    _write(args.config, text)
    _write_schema(args.config.parent / ".bartizan")
    if args.json:
        told = {"issuer": issuer.url, "issuer_from": issuer.origin, "log_ins": log_ins}
        lines = text.count("\n")
        terminal.put_json({"file": str(args.config), "lines": lines, "mode": args.mode, **told})
    else:
        terminal.put(f"wrote {args.config}: {issuer.todo} `bartizan check` and `bartizan up`")
        for line in _following(args, log_ins):
            terminal.say(line)
    return CLEAN


def _following(args: Namespace, log_ins: list[str]) -> Iterator[str]:
    """What is to be known of the file that was written."""
    if args.mode == "shadow":
        yield "it records and refuses nothing; once `bartizan report` is quiet, `mode: enforce`"
    if log_ins:
        yield f"a limit on guessing passwords stands for {', '.join(f'`{one}`' for one in log_ins)}"
    if wire.is_running(args.config.parent / ".bartizan"):
        yield "the `bartizan up` that runs here was started without this file: start it again"


def _log_ins(document: Mapping[str, object]) -> Iterator[str]:
    from bartizan.policy.log_ins import log_ins

    return log_ins(document)


def _from_document(document: Mapping[str, object]) -> Issuer:
    """The issuer that the document declares, if it can be read; else the placeholder."""
    from bartizan.policy.declared_issuer import declared_issuer

    found = declared_issuer(document)
    if found is None:
        remark = "PLACEHOLDER: write the URL of your issuer"
        todo = "write your issuer in the place of the placeholder, then"
        return Issuer(PLACEHOLDER, "placeholder", remark, todo)
    how = "as" if found.is_sure else "guessed from what"
    remark = f"{how} `{found.scheme}` of the API document says"
    todo = "then" if found.is_sure else "look at the issuer, which is guessed, then"
    return Issuer(found.issuer, "document", remark, todo)


def _document(args: Namespace, terminal: Terminal) -> Mapping[str, object]:
    """The API document as plain data, {} where it cannot be had, which is said."""
    from bartizan.console import documents
    from bartizan.model.errors import Fault
    from bartizan.policy.document import read

    try:
        place = args.openapi
        if place == "auto":
            place = documents.find(args.upstream, documents.fetch)
        data = read(place, wire.fetch(place)).data
    except (Fault, OSError, Stopped) as failed:
        terminal.say(f"the API document cannot be read yet: {failed}")
        return {}
    return data if isinstance(data, dict) else {}


def quoted(value: str) -> str:
    """`value` as YAML, quoted where it would read as something else in a flow mapping."""
    is_plain = not any(letter in value for letter in "{}[],#&*!|>'\"%@`\\ \n") and value.strip(
        "-?:"
    )
    return value if is_plain else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as fault:
        raise Stopped(f"`{path}` cannot be written: {fault.strerror}") from fault


def _exists(path: Path) -> Stopped:
    return Stopped(f"`{path}` exists and is left as it is", hint="give another `--config`")


def _write_schema(state: Path) -> None:
    from bartizan.console.cli.schema import schema_text

    state.mkdir(mode=0o700, exist_ok=True)
    (state / "schema.json").write_text(schema_text(), encoding="utf-8")
