from __future__ import annotations

import ast
from pathlib import Path

from tests.contract.rust import has_tests, modules, without_tests
from tests.contract.tree import ROOT, text_of, tracked

SRC = Path("crates/core/src")
EDGE = Path("crates/edge/src")


def spoken_for(where: str, *files: str) -> dict[Path, Path]:
    return {SRC / file: Path("crates/core") / where for file in files}


# A state machine, a grammar or a public face is tested as one: these modules in that file.
TESTED_IN = {
    **spoken_for("src/exchange/tests/decisions.rs", "exchange/body.rs", "exchange/head.rs"),
    **spoken_for("src/exchange/tests/replies.rs", "exchange/reply.rs"),
    **spoken_for("src/exchange/tests/streams.rs", "exchange/items.rs"),
    **spoken_for("src/exchange/tests/withheld.rs", "exchange/withhold.rs"),
    **spoken_for("tests/identify/signature.rs", "identify/jws.rs"),
    **spoken_for("tests/identify/caches.rs", "identify/token.rs"),
    **spoken_for("tests/identify/http.rs", "identify/verb.rs"),
    **spoken_for("tests/identify/keys.rs", "identify/admission.rs", "identify/jwk.rs"),
    **spoken_for(
        "src/inspect/parameters/tests.rs",
        *(f"inspect/parameters/{name}.rs" for name in ("body", "emit", "reader", "styles")),
    ),
    **spoken_for("src/limit/tests.rs", "limit/table.rs"),
    **spoken_for(
        "src/parse/checklist.rs",
        *(f"parse/{name}.rs" for name in ("cookies", "mod", "request", "target")),
    ),
    **spoken_for(
        "src/parse/json/tests.rs",
        *(f"parse/json/{name}.rs" for name in ("fault", "keys", "parser", "tape")),
    ),
    **spoken_for("src/shape/tests.rs", "shape/plan.rs"),
    **spoken_for("tests/json_schema_suite.rs", "inspect/testing.rs"),
    **spoken_for(
        "src/wire/tests/requests.rs",
        *(
            f"wire/{name}.rs"
            for name in (
                "body", "chunks", "extension", "facts", "lines", "request_reader", "start_line",
                "trailers",
            )
        ),
    ),
    **spoken_for("src/wire/tests/responses.rs", "wire/response_head.rs", "wire/response_reader.rs"),
    **spoken_for("src/wire/tests/limits.rs", "wire/fault.rs", "wire/parts.rs"),
}  # fmt: skip

# Reads and writes sockets: crates/edge/tests plays it on loopback.
ON_SOCKETS = {
    EDGE / f"{name}.rs"
    for name in (
        "connection", "gateway", "keys/mod", "keys/tls", "lib",
        "relay/bytes", "relay/failure", "relay/mod", "relay/request",
    )
}  # fmt: skip


def holds_code(file: Path) -> bool:
    """Whether a Python file defines or does anything beyond its docstring and imports."""
    body = ast.parse(text_of(file) or "").body
    quiet = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr)
    return any(not isinstance(node, quiet) for node in body)


def python_modules() -> list[Path]:
    package = Path("src/bartizan")
    modules = [file for file in tracked() if file.suffix == ".py" and package in file.parents]
    return [file.relative_to(package) for file in modules if holds_code(file)]


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


def test_every_rust_module_has_tests_of_its_own() -> None:
    missing = [
        str(file)
        for crate in ("core", "edge")
        for file in modules(crate)
        if not has_tests(file) and file not in TESTED_IN and file not in ON_SOCKETS
    ]
    assert missing == []


def test_a_test_file_that_speaks_for_a_module_is_there_and_needed() -> None:
    for file, other in TESTED_IN.items():
        assert "#[test]" in (text_of(other) or ""), other
        assert file in modules("core"), f"{file} is gone"
        assert not has_tests(file), f"{file} has tests of its own"


def test_code_behind_a_test_item_is_still_seen() -> None:
    text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n"
    assert without_tests(text) == "fn a() {}\nfn c() {}\n"
    line = "mod a;\n#[cfg(test)]\npub(crate) mod testing;\nmod b;\n"
    assert without_tests(line) == "mod a;\nmod b;\n"
