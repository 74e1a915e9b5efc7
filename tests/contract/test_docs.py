from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.snippets import Snippet, snippets
from tests.contract.tree import ROOT, text_of, tracked

PAGE_S = 60
GENERATED = {
    f"docs/look-up/{name}.md" for name in ("benchmarks", "cli", "codes", "config", "metrics")
}
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#|mailto:)(?P<target>[^)#\s]+)(?:#[^)]*)?\)")
FIGURE = re.compile(r"\d+(?:\.\d+)?\s?(?:us|µs|ms|MiB|requests/s|x nginx)\b")
DATED = re.compile(r"20\d\d-\d\d")


def pages() -> list[Path]:
    return [file for file in tracked() if file.suffix == ".md"]


def handwritten() -> list[Path]:
    return [page for page in pages() if str(page) not in GENERATED]


@pytest.mark.parametrize("page", handwritten(), ids=str)
def test_every_snippet_that_claims_to_work_is_one_the_runner_knows(page: Path) -> None:
    unknown = [one for one in snippets(ROOT / page) if one.needs_a_run and not one.is_known]
    assert unknown == []


@pytest.mark.parametrize("page", handwritten(), ids=str)
def test_every_snippet_of_a_page_runs_in_its_order(page: Path, tmp_path: Path) -> None:
    blocks = [one for one in snippets(ROOT / page) if one.needs_a_run]
    if not blocks:
        return
    printed, code = run_page(blocks, tmp_path)
    assert code == 0, printed
    missing = [line for block in blocks for line in block.expected() if line not in printed]
    assert missing == [], printed


def run_page(blocks: list[Snippet], folder: Path) -> tuple[str, int]:
    """Run the blocks as one script; whatever it left running ends with its process group."""
    script = "set -e\n" + "".join(block.script() for block in blocks)
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        # A page may write what stands in a home; it is not ours.
        "HOME": str(folder),
    }
    with (folder / ".printed").open("w+b") as output:
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(PAGE_S)
        finally:
            end_group(process.pid)
            process.wait()
        output.seek(0)
        return output.read().decode(errors="replace"), code


def end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGTERM)
    except ProcessLookupError:
        return


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_inside_the_tree_leads_somewhere(page: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(text_of(page) or "")]
    missing = [one for one in targets if not (ROOT / page.parent / one).exists()]
    assert missing == []


# What is generated from the code holds settings, not measurements; only benchmarks do.
MEASURED = [page for page in pages() if page.stem == "benchmarks" or str(page) not in GENERATED]


@pytest.mark.parametrize("page", MEASURED, ids=str)
def test_every_figure_stands_on_a_page_that_says_when_it_was_taken(page: Path) -> None:
    text = text_of(page) or ""
    if FIGURE.search(text):
        assert DATED.search(text), "a figure needs its date"
