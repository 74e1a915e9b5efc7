"""The command line: one list of verbs, each in a module of its own that loads only when called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from bartizan.console.terminal import BROKEN, CLEAN, USAGE, Stopped, Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from bartizan.console.cli.flags import Flags

# Verb, module, and what it does; in the order of a first day.
VERBS: dict[str, tuple[str, str]] = {
    "demo": ("bartizan.console.demo", "watch attacks pass a vulnerable shop and fail at Bartizan"),
    "up": ("bartizan.console.cli.up", "put Bartizan in front of an API"),
    "init": ("bartizan.console.cli.init", "write a first bartizan.yaml"),
    "report": ("bartizan.console.cli.report", "what enforce would have blocked, per operation"),
    "explain": (
        "bartizan.console.cli.explain",
        "why one request was refused, or what a code means",
    ),
    "admit": (
        "bartizan.console.cli.admit",
        "let pass what `explain` offers a change for: shown first, then written",
    ),
    "tail": ("bartizan.console.cli.tail", "live traffic"),
    "check": ("bartizan.console.cli.check", "check config and API document without serving"),
    "dump": ("bartizan.console.cli.dump", "every setting with the line it came from"),
    "decide": ("bartizan.console.cli.decide", "judge one request given on the command line"),
    "test": ("bartizan.console.cli.test", "run the `tests:` of the config"),
    "diff": ("bartizan.console.cli.diff", "two configs or API documents compared in words"),
    "capture": ("bartizan.console.cli.capture", "record traffic for replay, bounded and redacted"),
    "replay": ("bartizan.console.cli.replay", "judge recorded requests by the policy of now"),
    "doctor": ("bartizan.console.cli.doctor", "check an installation and a running gateway"),
    "completion": ("bartizan.console.cli.completion", "complete verbs and flags in your shell"),
    "keys": ("bartizan.console.cli.keys", "issue, rotate and revoke API keys; find leaked ones"),
    "revoke": ("bartizan.console.cli.revoke", "take access tokens back before they expire"),
    "schema": ("bartizan.console.cli.schema", "the JSON Schema of bartizan.yaml"),
    "version": ("bartizan.console.cli.version", "versions of Bartizan and what it stands on"),
}

# When a verb ends with 1; those that are not here never do.
FOUND_WHEN: dict[str, str] = {
    "admit": "when the change was shown and not written",
    "check": "when operations cannot be checked, or traffic contradicts the document",
    "decide": "when the request is refused",
    "demo": "when a step did not go as told",
    "diff": "when anything differs",
    "doctor": "when a check fails, with 3 when something could not be looked at",
    "keys": "when `scan` finds a key",
    "replay": "when a request is refused, with 3 when one could not be judged",
    "report": "when enforce would have refused anything",
    "test": "when a test fails",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives its exit status: 0 clean, 1 findings or denied, 2 usage, 3 broken."""
    words = list(sys.argv[1:] if argv is None else argv)
    terminal = Terminal(environ=os.environ)
    try:
        return _run(words, terminal)
    except KeyboardInterrupt:
        return CLEAN
    except BrokenPipeError:
        # The reader has left (`bartizan tail | head`): the interpreter must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN


def _run(words: list[str], terminal: Terminal) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        terminal.put(overview())
        return CLEAN if words else USAGE
    if words[0] in ("-V", "--version"):
        words[0] = "version"
    try:
        return _verb(words[0])(words[1:], terminal)
    except Stopped as stop:
        _tell(terminal, "error", str(stop), stop.hint)
        return stop.status
    except BrokenPipeError:
        raise  # Not ours: the reader has left.
    except Exception as fault:  # noqa: BLE001, a user never meets a stack trace
        return _faulted(fault, terminal)


def _verb(name: str) -> _Verb:
    if name not in VERBS:
        from bartizan.policy.suggest import nearest

        close = nearest(name, VERBS)
        hint = f"did you mean `bartizan {close}`?" if close else "`bartizan --help` lists all"
        kind = "flag" if name.startswith("-") else "verb"
        raise Stopped(f"unknown {kind} `{name}`", hint=hint)
    return _Verb(name)


class _Verb:
    """One verb: its module declares flags and runs."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, words: list[str], terminal: Terminal) -> int:
        module = self._module()
        status: int = module.run(flags_of(self._name, module).parse(words), terminal)
        return status

    def _module(self) -> ModuleType:
        try:
            return import_module(VERBS[self._name][0])
        except ModuleNotFoundError as fault:
            if fault.name != VERBS[self._name][0]:
                raise
            raise Stopped(f"`{self._name}` is not in this build", status=BROKEN) from fault


def flags_of(name: str, module: ModuleType) -> Flags:
    """The flags of one verb, whose module is given."""
    from bartizan.console.cli.flags import Flags

    _where, summary = VERBS[name]
    flags = Flags(prog=f"bartizan {name}", description=f"{summary[0].upper()}{summary[1:]}.")
    flags.add_argument("--json", action="store_true", help="data as JSON")
    module.declare(flags)
    return flags


def _faulted(fault: Exception, terminal: Terminal) -> int:
    """A fault of config or document as diagnostics (2); anything else is ours: one line (3)."""
    from bartizan.model.errors import Fault

    if isinstance(fault, Fault):
        from bartizan.console.rendering import diagnostics

        terminal.say(diagnostics(fault.diagnostics, colour=terminal.talk_is_colourful))
        return USAGE
    if terminal.environ.get("BARTIZAN_DEBUG"):
        raise fault
    message = f"{type(fault).__name__}: {fault}"
    _tell(
        terminal, "internal fault", message, "set BARTIZAN_DEBUG=1 to see where; please report it"
    )
    return BROKEN


def _tell(terminal: Terminal, level: str, message: str, hint: str) -> None:
    terminal.say(f"{level}: {message}")
    if hint:
        terminal.say(f"hint: {hint}")


def overview() -> str:
    """All verbs with what they do."""
    width = max(map(len, VERBS))
    lines = [f"  {verb:<{width}}  {summary}" for verb, (_module, summary) in VERBS.items()]
    return "\n".join(
        [
            "usage: bartizan VERB [flags]      (bartizan VERB --help explains one)",
            "",
            *lines,
            "",
            "start: bartizan up http://127.0.0.1:8000",
        ]
    )
