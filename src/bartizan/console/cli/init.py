"""`bartizan init`: a first config, never over an existing one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.terminal import CLEAN, Stopped

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal

TEMPLATE = """\
# yaml-language-server: $schema=./.bartizan/schema.json
upstream: {upstream}
openapi: {openapi}
auth: {{ oidc: {oidc}, audience: {audience} }}
limits: {{ per: principal, rate: {rate} }}
mode: {mode}
"""


def declare(flags: ArgumentParser) -> None:
    """Flags of `init`."""
    flags.add_argument(
        "upstream", nargs="?", default="http://127.0.0.1:8000", help="URL of the API"
    )
    flags.add_argument("--config", type=Path, default=Path("bartizan.yaml"), help="file to write")
    flags.add_argument("--openapi", default="auto", help="FILE or URL of the API document")
    flags.add_argument("--oidc", default="https://idp.example.com", help="issuer of the tokens")
    flags.add_argument("--audience", default="api", help="audience the tokens must name")
    flags.add_argument("--rate", default="100/min", help="requests of one caller")
    flags.add_argument("--mode", choices=("shadow", "enforce"), default="enforce", help="mode")


def run(args: Namespace, terminal: Terminal) -> int:
    """Writes the config and the schema that editors read."""
    names = ("upstream", "openapi", "oidc", "audience", "rate", "mode")
    text = TEMPLATE.format(**{name: quoted(getattr(args, name)) for name in names})
    _write(args.config, text)
    _write_schema(args.config.parent / ".bartizan")
    if args.json:
        terminal.put_json({"file": str(args.config), "lines": text.count("\n")})
    else:
        terminal.put(
            f"wrote {args.config}: edit the issuer, then `bartizan check` and `bartizan up`"
        )
    return CLEAN


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
        raise Stopped(
            f"`{path}` exists and is left as it is", hint="give another `--config`"
        ) from None
    except OSError as fault:
        raise Stopped(f"`{path}` cannot be written: {fault.strerror}") from fault


def _write_schema(state: Path) -> None:
    from bartizan.console.cli.schema import schema_text

    state.mkdir(mode=0o700, exist_ok=True)
    (state / "schema.json").write_text(schema_text(), encoding="utf-8")
