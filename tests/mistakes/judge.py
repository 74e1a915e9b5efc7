"""Judges what `bartizan check` says of each mistake: its line, how many messages, its hint."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bartizan.console.cli import main
from bartizan.model.diagnostics import Diagnostic
from bartizan.policy.mend import applied, edit_of
from tests.mistakes.seeds import Mistake
from tests.mistakes.site import CONFIG, DOCUMENT, PEPPER

CLEAN, BROKEN = 0, 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mistake."""

    mistake: Mistake
    status: int
    told: tuple[Diagnostic, ...]
    is_mended: bool
    talk: str

    @property
    def has_right_line(self) -> bool:
        """Whether the first message names the line that is to blame."""
        return bool(self.told) and self.told[0].line in self.mistake.lines

    @property
    def is_single(self) -> bool:
        """Whether there is exactly one message."""
        return len(self.told) == 1

    @property
    def has_crashed(self) -> bool:
        """Whether anything of ours came to light."""
        return self.status == BROKEN or "Traceback" in self.talk or "internal fault" in self.talk


def write_site(folder: Path, mistake: Mistake | None = None) -> Path:
    """The site with one mistake, or none; gives the config file."""
    folder.mkdir(exist_ok=True)
    kind, text = (mistake.file, mistake.text) if mistake else ("", "")
    as_json = kind == "json"
    config = text if kind == "config" else CONFIG
    if as_json:
        config = config.replace("openapi: openapi.yaml", "openapi: openapi.json")
    (folder / "bartizan.yaml").write_text(config, encoding="utf-8")
    (folder / "pepper.txt").write_text(PEPPER, encoding="utf-8")
    document = text if kind in ("yaml", "json") else DOCUMENT
    (folder / f"openapi.{'json' if as_json else 'yaml'}").write_text(document, encoding="utf-8")
    return folder / "bartizan.yaml"


def checked(config: Path) -> tuple[int, tuple[Diagnostic, ...], str]:
    """Status, messages and talk of `bartizan check --json`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["check", "--json", "--config", str(config)])
    data = json.loads(out.getvalue()) if out.getvalue() else {"diagnostics": []}
    told = tuple(
        Diagnostic(**{key: value for key, value in one.items() if key != "edit"})
        for one in data["diagnostics"]
    )
    return status, told, err.getvalue()


def judged(mistake: Mistake, folder: Path) -> Verdict:
    """One mistake, checked; then its hint applied and checked again."""
    config = write_site(folder, mistake)
    status, told, talk = checked(config)
    return Verdict(mistake, status, told, _is_mended(told, config), talk)


def _is_mended(told: Sequence[Diagnostic], config: Path) -> bool:
    """Whether applying the hint of the first message leaves nothing to say."""
    if not told or not told[0].file:
        return False
    file = Path(told[0].file)
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    edit = edit_of(told[0], text)
    if edit is None:
        return False
    file.write_text(applied(text, [edit]), encoding="utf-8")
    status, left, _talk = checked(config)
    return (status, left) == (CLEAN, ())


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of all mistakes, from 0 to 1."""

    count: int
    right_line: float
    single: float
    mended: float
    crashed: int

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"{self.count} mistakes: right line {self.right_line:.1%}, one message "
            f"{self.single:.1%}, mended by the hint {self.mended:.1%}, {self.crashed} stack traces"
        )


def figures(verdicts: Iterable[Verdict]) -> Figures:
    """The shares."""
    all_of_them = list(verdicts)
    count = len(all_of_them)
    return Figures(
        count=count,
        right_line=sum(one.has_right_line for one in all_of_them) / count,
        single=sum(one.is_single for one in all_of_them) / count,
        mended=sum(one.is_mended for one in all_of_them) / count,
        crashed=sum(one.has_crashed for one in all_of_them),
    )


def json_document() -> str:
    """The document as JSON."""
    return json.dumps(yaml.safe_load(DOCUMENT), indent=2)
