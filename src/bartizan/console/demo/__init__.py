"""`bartizan demo`: a guided tour with a vulnerable shop and Bartizan in front of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console import lifecycle
from bartizan.console.terminal import CLEAN, FOUND

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.demo.client import Credentials
    from bartizan.console.demo.stage import Stage
    from bartizan.console.demo.tour import Outcome
    from bartizan.console.terminal import Terminal

# Between two lines, so that a person can read along.
PACE_S = 0.5
# Whose token is put beside the config, for a person to try.
CAST = ("ann", "mallory", "olga")


def declare(flags: ArgumentParser) -> None:
    """Flags of `demo`."""
    flags.add_argument(
        "--once", action="store_true", help="end after the tour; so does a run without a terminal"
    )


def run(args: Namespace, terminal: Terminal) -> int:
    """The tour. Gives 0 only if every step went as told."""
    from bartizan.console.demo.client import Credentials
    from bartizan.console.demo.issuer import Issuer
    from bartizan.console.demo.stage import staged

    lifecycle.stop_like_interrupt()
    _stop_with_the_terminal()
    ours, forger = (Issuer(lifecycle.seed() + lifecycle.seed()) for _ in range(2))
    credentials = Credentials(ours, forger, lifecycle.now_ms() // 1000)
    try:
        with contextlib.ExitStack() as running:
            folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="bartizan-")))
            with terminal.progress("setting the stage"):
                stage = running.enter_context(staged(folder, ours, terminal.environ))
            _leave_tokens(folder, credentials)
            outcomes = _tour(args, terminal, stage, credentials)
            if terminal.out.isatty() and not args.json and not args.once:
                _stay()
    except KeyboardInterrupt:
        terminal.say("stopped before the end of the tour")
        return FOUND
    except BrokenPipeError:
        # Nobody sees the end. The interpreter must not complain of that at its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), terminal.out.fileno())
        return FOUND
    return status(outcomes)


def status(outcomes: list[Outcome]) -> int:
    """0 only if every step went as told."""
    return FOUND if any(outcome.deviations for outcome in outcomes) else CLEAN


def _tour(
    args: Namespace, terminal: Terminal, stage: Stage, credentials: Credentials
) -> list[Outcome]:
    from bartizan.console.demo.guide import Guide
    from bartizan.console.demo.record import Record
    from bartizan.console.demo.show import Show
    from bartizan.console.demo.steps import CHAPTERS
    from bartizan.console.demo.tour import acted, sides

    steps = acted(CHAPTERS, *sides(stage, lambda who: f"Bearer {credentials.token(who)}"))
    is_watched = terminal.out.isatty() and not args.json
    stays = is_watched and not args.once
    door = entry(stage.folder) if stays else ""
    with contextlib.closing(Record(stage)) as record:
        guide = Guide(
            show=Show(colour=terminal.is_colourful),
            put=(lambda _text: None) if args.json else terminal.put,
            pause=(lambda: time.sleep(PACE_S)) if is_watched else (lambda: None),
            record=record,
            is_watched=is_watched,
        )
        outcomes = guide.lead(stage, door, steps)
        if args.json:
            terminal.put_json(data(stage, outcomes))
        if stays:
            guide.stay(stage, door)
        else:
            guide.leave()
    return outcomes


def data(stage: Stage, outcomes: list[Outcome]) -> dict[str, object]:
    """The whole tour for `--json`."""
    return {
        "as_told": status(outcomes) == CLEAN,
        "urls": {"shop": stage.shop, "bartizan": stage.guarded, "admin": stage.admin},
        "steps": [outcome.as_data() for outcome in outcomes],
    }


def entry(folder: Path) -> str:
    """What makes `bartizan` work in a second terminal: its folder, and its path where needed."""
    found = shutil.which("bartizan")
    own = Path(sys.argv[0]).absolute()
    is_found = found is not None or own.name != "bartizan"
    return f"cd {folder}" if is_found else f"cd {folder}; PATH={own.parent}:$PATH"


def _leave_tokens(folder: Path, credentials: Credentials) -> None:
    """Header lines for `curl -H @ann`."""
    for name in CAST:
        file = os.open(folder / name, os.O_CREAT | os.O_WRONLY, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(f"Authorization: Bearer {credentials.token(name)}\n")


def _stop_with_the_terminal() -> None:
    """A closed terminal ends the tour as Ctrl-C does, unless `nohup` asks for the contrary."""
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _stay() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
