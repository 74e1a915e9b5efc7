"""The completion scripts in the real shells, as a person would press the tab key."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from tests.journey.api import until
from tests.journey.guard import bartizan

# What is typed before the tab key, and the line after it.
COMPLETED = {
    "bartizan expl": "bartizan explain",
    "bartizan check --out": "bartizan check --output-format",
    "bartizan check --output-format sa": "bartizan check --output-format sarif",
    "bartizan up --mode sh": "bartizan up --mode shadow",
    "bartizan completion zs": "bartizan completion zsh",
    "bartizan keys cre": "bartizan keys create",
    "bartizan keys create --env te": "bartizan keys create --env test",
    "bartizan keys create --env test --own": "bartizan keys create --env test --owner",
    "bartizan keys rotate --gr": "bartizan keys rotate --grace",
    "bartizan revoke sub": "bartizan revoke subject",
    "bartizan replay recor": "bartizan replay recorded.har",
    "bartizan check --against recor": "bartizan check --against recorded.har",
    "bartizan frobnicate --x": "bartizan frobnicate --x",
    "bartizan keys frobnicate --x": "bartizan keys frobnicate --x",
}
# A key that writes the line as it stands into the file `line`.
SHOW = {
    "bash": 'bind -x \'"\\C-t": printf %s "$READLINE_LINE" >line.new; mv line.new line\'',
    "zsh": 'show() { print -rn -- "$BUFFER" >line.new; mv line.new line }; '
    "zle -N show; bindkey -e; bindkey '^T' show",
}
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
LOAD = {
    "bash": "source ./script",
    "zsh": "autoload -U compinit; compinit -D -u; source ./script",
}


class Typist:
    """Somebody at a terminal with an interactive shell."""

    def __init__(self, shell: str, folder: Path) -> None:
        self._folder = folder
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            START[shell],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder), "PS1": "$ "},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        threading.Thread(target=self._read_off, daemon=True).start()
        self.type(f"{LOAD[shell]}; {SHOW[shell]}; touch ready\n")
        until(lambda: (folder / "ready").exists() or None, what="the shell")

    def _read_off(self) -> None:
        try:
            while os.read(self._ours, 4096):
                pass
        except OSError:
            pass  # The shell has left.

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def completes(self, typed: str) -> str:
        """The line after the tab key; a blank at its end does not count."""
        shown = self._folder / "line"
        shown.unlink(missing_ok=True)
        # ^U, so that the line is empty; ^T writes it down, once the tab key has done its work.
        self.type(f"\x15{typed}\t\x14")
        until(lambda: shown.exists() or None, what="the line")
        return shown.read_text(encoding="utf-8").rstrip()

    def leave(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


def written(shell: str, folder: Path) -> Path:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed; tools/debian test brings it")
    made = bartizan(folder, "completion", shell)
    assert made.returncode == 0
    (folder / "script").write_text(made.stdout, encoding="utf-8")
    (folder / "recorded.har").touch()
    return folder


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_tab_key_completes(shell: str, tmp_path: Path) -> None:
    typist = Typist(shell, written(shell, tmp_path))
    try:
        assert {typed: typist.completes(typed) for typed in COMPLETED} == COMPLETED
    finally:
        typist.leave()


def offered(folder: Path, line: str) -> list[str]:
    """What fish offers for the last word; it tells without a terminal."""
    done = subprocess.run(
        ["fish", "--no-config", "-c", 'source script; complete -C "$argv[1]"', "--", line],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [one.partition("\t")[0] for one in done.stdout.splitlines()]


def test_fish_offers_the_same(tmp_path: Path) -> None:
    folder = written("fish", tmp_path)
    for typed, line in COMPLETED.items():
        wanted = [] if typed == line else [line.rpartition(" ")[2]]
        assert offered(folder, typed) == wanted, typed
    assert {"create", "rotate-pepper"} < set(offered(folder, "bartizan keys "))
    assert {"check", "keys"} < set(offered(folder, "bartizan "))


def test_zsh_finds_the_script_as_a_file_of_its_path(tmp_path: Path) -> None:
    folder = written("zsh", tmp_path)
    (folder / "functions").mkdir()
    (folder / "script").rename(folder / "functions" / "_bartizan")
    (folder / "script").write_text(
        "fpath=(./functions $fpath); autoload -U compinit; compinit -D -u\n", encoding="utf-8"
    )
    typist = Typist("zsh", folder)
    try:
        assert typist.completes("bartizan expl") == "bartizan explain"
        assert typist.completes("bartizan keys cre") == "bartizan keys create"
    finally:
        typist.leave()
