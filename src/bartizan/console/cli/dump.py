"""`bartizan dump --effective`: every setting with the line, flag or variable it came from.

With `--effective`, those of the API documents and their overlays behind those of the config.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.console.cli.places import chosen_of, declare_overrides
from bartizan.console.rendering import table
from bartizan.console.terminal import CLEAN, Stopped
from bartizan.console.wire import build, load_config
from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal
    from bartizan.console.wire import Chosen
    from bartizan.policy.compile import Compiled
    from bartizan.policy.config import Config


def declare(flags: ArgumentParser) -> None:
    """Flags of `dump`."""
    declare_overrides(flags)
    flags.add_argument(
        "--effective",
        action="store_true",
        help="with what the API documents say, too: every x-bartizan- word in force",
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """Prints the settings; secrets are masked."""
    from bartizan.policy.dump import dump, dump_marks

    chosen = chosen_of(args, terminal)
    config = load_config(chosen)
    settings = dump(config)
    compiled = _compiled(chosen, terminal, config) if args.effective else None
    if compiled is not None:
        settings += dump_marks(compiled)
    if args.json:
        rows = [{"path": s.path, "value": s.value, "origin": s.origin} for s in settings]
        terminal.put_json(rows)
    else:
        cells = [(s.path, s.value, s.origin) for s in settings]
        terminal.put(table(("setting", "value", "from"), cells, colour=terminal.is_colourful))
    return CLEAN


def _compiled(chosen: Chosen, terminal: Terminal, config: Config) -> Compiled | None:
    """The Policy, for what the documents say; None, with a word, where they do not give one."""
    try:
        return build(chosen, terminal, config).compiled
    except (Fault, Stopped) as failed:
        told = failed.diagnostics[0].message if isinstance(failed, Fault) else str(failed)
        terminal.say(f"what the API document says is left out: {told}")
        return None
