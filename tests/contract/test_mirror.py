from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.contract.tree import ROOT, text_of, tracked

CODE = re.compile(r"^\s*(?:pub(?:\([a-z]+\))? )?(?:const |async |unsafe )*fn ", re.MULTILINE)
TEST_MODULE = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*mod \w+;")


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


def is_test_module(file: Path) -> bool:
    """Whether the file itself holds tests: `tests.rs`, `x_tests.rs`, or anything under `tests/`."""
    return file.stem.endswith(("tests", "testing")) or "tests" in file.parts[3:-1]


def stands_apart(file: Path) -> bool:
    """Whether the tests of a module stand in a file of their own.

    Places: NAME/tests.rs or NAME_tests.rs beside it, a test module of its folder (declared in
    mod.rs or present as tests.rs or tests/), tests/NAME* of the crate.
    """
    if is_test_module(file):
        return True
    crate = ROOT / Path(*file.parts[:2])
    folders = file.parts[3:-1]
    names = {file.stem, *folders} - {"mod"}
    if any(any((crate / "tests").glob(f"{name}*")) for name in names):
        return True
    beside = ROOT / file.with_suffix("")
    places = [beside / "tests.rs", beside.with_name(f"{file.stem}_tests.rs")]
    if folders:
        places += [ROOT / file.parent / "tests.rs", ROOT / file.parent / "tests"]
    if any(place.exists() for place in places):
        return True
    declared = file.parent / "mod.rs"
    return (ROOT / declared).is_file() and TEST_MODULE.search(text_of(declared) or "") is not None
