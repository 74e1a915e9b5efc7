"""Rust sources as the contracts see them: which items and files exist for tests alone."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from tests.contract.tree import ROOT, text_of, tracked

CODE = re.compile(r"^\s*(?:pub(?:\([a-z]+\))? )?(?:const |async |unsafe )*fn ", re.MULTILINE)
ITEM = re.compile(
    r"^(?P<indent> *)#\[cfg\(test\)\]\n(?: *(?:#\[.*\]|///.*)\n)*(?P<head> *[^\n]*\n)", re.MULTILINE
)
MODULE = re.compile(
    r'#\[cfg\(test\)\]\s*(?:#\[path = "(?P<path>[^"]+)"\]\s*)?'
    r"(?:#\[[^\]]*\]\s*)*(?:pub(?:\([a-z]+\))? )?mod (?P<name>\w+);"
)
OWN_TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod (?:tests|\w+_tests)\b")


def sources(crate: str) -> list[Path]:
    """Every Rust file below the `src` of a crate."""
    folder = Path("crates") / crate / "src"
    return [file for file in tracked() if file.suffix == ".rs" and folder in file.parents]


@functools.cache
def for_tests_alone(crate: str) -> frozenset[Path]:
    """The files that some `#[cfg(test)] mod x;` brings in, and those below them."""
    roots = {
        one
        for file in sources(crate)
        for found in MODULE.finditer(text_of(file) or "")
        for one in declared(file, found["name"], found["path"])
    }
    below = {root.with_suffix("") for root in roots if root.stem != "mod"}
    below |= {root.parent for root in roots if root.stem == "mod"}
    return frozenset(file for file in sources(crate) if file in roots or below & set(file.parents))


def declared(file: Path, name: str, path: str | None) -> list[Path]:
    """Where a module declared in `file` can stand."""
    if path:
        return [file.parent / path]
    folder = file.parent if file.stem in {"mod", "lib", "main"} else file.with_suffix("")
    return [folder / f"{name}.rs", folder / name / "mod.rs"]


def without_tests(text: str) -> str:
    """The text without its test items; what stands behind them stays."""
    kept, at = [], 0
    while found := ITEM.search(text, at):
        kept.append(text[at : found.start()])
        at = found.end()
        if not found["head"].rstrip().endswith((";", "}")):
            # rustfmt puts the closing brace of an item where the item begins.
            closing = re.compile(rf"^{found['indent']}\}}\n?", re.MULTILINE)
            end = closing.search(text, at)
            at = end.end() if end else len(text)
    return "".join([*kept, text[at:]])


def modules(crate: str) -> list[Path]:
    """The files that hold code of the product, tests taken out."""
    return [
        file
        for file in sources(crate)
        if file not in for_tests_alone(crate) and CODE.search(without_tests(text_of(file) or ""))
    ]


def has_tests(file: Path) -> bool:
    """Whether the file holds its tests, or a file beside it or in tests/ is named for it."""
    if OWN_TESTS.search(text_of(file) or ""):
        return True
    crate = Path(*file.parts[:2])
    named = [
        file.with_name(f"{file.stem}_tests.rs"),
        file.with_suffix("") / "tests.rs",
        file.parent / "tests" / file.name,
    ]
    apart = crate / "tests" / file.relative_to(crate / "src")
    return any((ROOT / one).is_file() for one in (*named, apart))
