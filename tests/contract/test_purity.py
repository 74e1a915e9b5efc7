from __future__ import annotations

import re
from pathlib import Path

from tests.contract.rust import for_tests_alone, sources, without_tests
from tests.contract.tree import ROOT, cargo_metadata, text_of

CORE = "bartizan-core"
DIRECT_CRATES_MAX = 15
# Crates that read a socket, a file, a clock or a runtime: none may come near the core.
IMPURE_CRATES = {
    "async-std", "chrono-tz", "hyper", "mio", "notify", "rand", "reqwest", "rustls", "smol",
    "socket2", "tempfile", "tokio", "ureq", "walkdir",
}  # fmt: skip
IMPURE_CODE = re.compile(
    r"std::(?:net::(?:Tcp|Udp|ToSocketAddrs)|fs\b|env::(?!consts)|process\b|thread\b|os::)"
    r"|\b(?:SystemTime|Instant|RandomState|SystemRandom)::"
    r"|\binclude_(?:str|bytes)!|\bprintln!|\beprintln!|\bdbg!"
)


def core_sources() -> list[Path]:
    return [file for file in sources("core") if file not in for_tests_alone("core")]


def normal_dependencies(name: str) -> tuple[set[str], set[str]]:
    """Names of the direct and of all crates that `name` is built from."""
    metadata = cargo_metadata()
    names = {package["id"]: package["name"] for package in metadata["packages"]}
    edges = {
        node["id"]: [
            dependency["pkg"]
            for dependency in node["deps"]
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        ]
        for node in metadata["resolve"]["nodes"]
    }
    start = next(key for key, value in names.items() if value == name)
    seen, queue = set[str](), list(edges[start])
    while queue:
        package = queue.pop()
        if package not in seen:
            seen.add(package)
            queue.extend(edges[package])
    return {names[package] for package in edges[start]}, {names[package] for package in seen}


def test_core_reads_no_clock_socket_file_environment_or_chance() -> None:
    breaches = [
        f"{file}: {found.group()}"
        for file in core_sources()
        for found in IMPURE_CODE.finditer(without_tests(text_of(file) or ""))
    ]
    assert breaches == []


def test_a_planted_clock_is_seen() -> None:
    assert IMPURE_CODE.search("let now = std::time::SystemTime::now();")
    assert IMPURE_CODE.search("let text = std::fs::read_to_string(path);")
    assert not IMPURE_CODE.search("use std::net::IpAddr;")


def test_core_forbids_unsafe_code() -> None:
    assert "#![forbid(unsafe_code)]" in (ROOT / "crates/core/src/lib.rs").read_text("utf-8")


def test_core_is_built_from_few_crates_and_none_that_does_io() -> None:
    direct, whole = normal_dependencies(CORE)
    assert len(direct) <= DIRECT_CRATES_MAX
    assert whole & IMPURE_CRATES == set()


def test_chance_enters_the_core_only_as_the_seed_of_a_map_in_the_validator() -> None:
    # jsonschema keeps its keywords in ahash maps; our errors are sorted, so no order leaks out.
    metadata = cargo_metadata()
    names = {package["id"]: package["name"] for package in metadata["packages"]}
    _, whole = normal_dependencies(CORE)
    users = {
        names[node["id"]]
        for node in metadata["resolve"]["nodes"]
        for dependency in node["deps"]
        if names[dependency["pkg"]] == "getrandom" and names[node["id"]] in whole
    }
    assert users <= {"ahash"}


def test_core_knows_neither_edge_nor_binding() -> None:
    _, whole = normal_dependencies(CORE)
    assert {name for name in whole if name.startswith("bartizan")} == set()
