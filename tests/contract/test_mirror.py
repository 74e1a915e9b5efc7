from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.contract.tree import ROOT, text_of, tracked

CODE = re.compile(r"^\s*(?:pub(?:\([a-z]+\))? )?(?:const |async |unsafe )*fn ", re.MULTILINE)
TEST_MODULE = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod \w+;")
ON_SOCKETS = re.compile(r"\basync fn |\.await\b|\bthread::|\bblock_on\b|\bArcSwap\b")


def holds_code(file: Path) -> bool:
    """Whether a Python file defines or does anything beyond its docstring and imports."""
    body = ast.parse(text_of(file) or "").body
    quiet = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    return any(not isinstance(node, quiet) for node in body)


def python_modules() -> list[Path]:
    package = Path("src/bartizan")
    modules = [file for file in tracked() if file.suffix == ".py" and package in file.parents]
    return [file.relative_to(package) for file in modules if holds_code(file)]


def rust_modules(crate: str) -> list[Path]:
    folder = Path("crates") / crate / "src"
    modules = [file for file in tracked() if file.suffix == ".rs" and folder in file.parents]
    return [file for file in modules if CODE.search(text_of(file) or "")]


def test_every_python_module_has_its_unit_test_file() -> None:
    missing = [
        str(module)
        for module in python_modules()
        if not (ROOT / "tests/unit" / module.parent / f"test_{unit_name(module)}.py").is_file()
    ]
    assert missing == []


def unit_name(module: Path) -> str:
    return {"__init__": "init", "__main__": "main"}.get(module.stem, module.stem)


def test_every_unit_test_file_has_its_python_module() -> None:
    orphans = []
    for file in tracked():
        if Path("tests/unit") not in file.parents or not file.name.startswith("test_"):
            continue
        module = Path("src/bartizan") / file.relative_to("tests/unit").parent
        stem = {"init": "__init__", "main": "__main__"}.get(file.stem[5:], file.stem[5:])
        if not any((ROOT / module / f"{stem}{end}").is_file() for end in (".py", ".pyi")):
            orphans.append(str(file))
    assert orphans == []


def test_every_rust_module_holds_tests_beside_its_code() -> None:
    missing = [
        str(file)
        for crate in ("core", "edge")
        for file in rust_modules(crate)
        if "#[cfg(test)]" not in (text_of(file) or "") and not stands_apart(file)
    ]
    assert missing == []


def stands_apart(file: Path) -> bool:
    """Whether tests/NAME* of the crate, or a test module of the folder, tests the file."""
    if "tests" in {file.stem, file.parent.name} or file.stem.endswith(("_tests", "testing")):
        return True
    crate = ROOT / Path(*file.parts[:2])
    # What reads and writes sockets is tested on sockets, by the crate's own tests/.
    if crate.name == "edge" and ON_SOCKETS.search(text_of(file) or ""):
        return any(crate.glob("tests/*.rs"))
    names = {file.stem, *file.parts[3:-1]} - {"mod"}
    if any(one.stem.startswith(name) for one in crate.glob("tests/*") for name in names):
        return True
    if (ROOT / file.with_suffix("") / "tests.rs").is_file():
        return True
    # `tests.rs` and `NAME_tests.rs` test the files beside them; tests/ the modules it names.
    folder = (ROOT / file).parent
    if folder.name != "src" and any(folder.glob("*tests.rs")):
        return True
    texts = [one.read_text("utf-8") for one in crate.glob("tests/*/*.rs")]
    if any(f"::{file.stem}::" in text for text in texts):
        return True
    parent = file.parent / "mod.rs"
    # A folder's own test modules (`#[cfg(test)] mod x;` in mod.rs) test its files.
    return (ROOT / parent).is_file() and TEST_MODULE.search(text_of(parent) or "") is not None
