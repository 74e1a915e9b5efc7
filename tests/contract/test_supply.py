from __future__ import annotations

import importlib.metadata
import re
import tomllib
from typing import Any

from packaging.requirements import Requirement

from tests.contract.tree import ROOT, cargo_metadata

# What Python packages call the licences that deny.toml allows.
PYTHON_LICENCES = re.compile(r"^(?:MIT|Apache|BSD|ISC|PSF|Python Software Foundation|MPL-2\.0)")
OUR_OWN = "bartizan"
PYTHON_DIRECT_MAX = 20


def rules() -> dict[str, Any]:
    return tomllib.loads((ROOT / "deny.toml").read_text("utf-8"))


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be met with the allowed licences alone."""
    # Old manifests write `MIT/Apache-2.0` for `OR`.
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    met, rest = met_by(tokens, allowed)
    assert rest == [], f"cannot read the licence `{expression}`"
    return met


def met_by(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    met, rest = one_of(tokens, allowed)
    while rest and rest[0] == "OR":
        other, rest = one_of(rest[1:], allowed)
        met = met or other
    return met, rest


def one_of(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    met, rest = single(tokens, allowed)
    while rest and rest[0] == "AND":
        other, rest = single(rest[1:], allowed)
        met = met and other
    return met, rest


def single(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    if tokens[0] == "(":
        met, rest = met_by(tokens[1:], allowed)
        return met, rest[1:]
    if tokens[1:2] == ["WITH"]:
        return " ".join(tokens[:3]) in allowed, tokens[3:]
    return tokens[0] in allowed, tokens[1:]


def test_every_rust_dependency_has_an_allowed_licence() -> None:
    allowed = set(rules()["licenses"]["allow"])
    refused = [
        f"{package['name']} {package['version']}: {package['license']}"
        for package in cargo_metadata()["packages"]
        if not is_allowed(package["license"] or "none", allowed)
    ]
    assert refused == []


def test_every_rust_dependency_comes_from_the_registry() -> None:
    sources = {package["source"] for package in cargo_metadata()["packages"]}
    assert all(source is None or source.startswith("registry+") for source in sources)
    assert len(sources) <= len({"workspace", "registry"})


def test_no_banned_crate_is_locked() -> None:
    banned = {entry["crate"] for entry in rules()["bans"]["deny"]}
    assert {package["name"] for package in cargo_metadata()["packages"]} & banned == set()


def test_a_licence_outside_the_list_is_refused_and_a_choice_is_met() -> None:
    allowed = {"MIT", "ISC", "Apache-2.0 WITH LLVM-exception"}
    assert not is_allowed("GPL-3.0-only", allowed)
    assert not is_allowed("MIT AND GPL-3.0-only", allowed)
    assert is_allowed("GPL-3.0-only OR MIT", allowed)
    assert is_allowed("(GPL-2.0 OR MIT) AND ISC", allowed)
    assert is_allowed("Apache-2.0 WITH LLVM-exception", allowed)
    assert is_allowed("MIT/Apache-2.0", allowed)


def licence_of(name: str) -> str:
    metadata = importlib.metadata.metadata(name)
    stated = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]
    classified = [
        line.rsplit(" :: ", 1)[-1]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    return next(iter([*stated, *classified]), "none")


def runtime_packages() -> set[str]:
    """Every package that an installation of Bartizan brings, by the installed metadata."""
    seen, queue = set[str](), [OUR_OWN]
    while queue:
        for line in importlib.metadata.requires(queue.pop()) or []:
            requirement = Requirement(line)
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and requirement.name not in seen:
                seen.add(requirement.name)
                queue.append(requirement.name)
    return seen


def test_every_python_run_time_dependency_has_an_allowed_licence() -> None:
    refused = {
        name: licence_of(name)
        for name in runtime_packages()
        if not PYTHON_LICENCES.match(licence_of(name))
    }
    assert refused == {}


def test_there_are_few_direct_python_run_time_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert len(project["dependencies"]) <= PYTHON_DIRECT_MAX


def test_development_tools_are_pinned_with_hashes() -> None:
    lines = (ROOT / "requirements-dev.txt").read_text("utf-8").split("\n")
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins
    assert [pin for pin in pins if "==" not in pin] == []
    blocks = re.split(r"\n(?=\S)", "\n".join(lines))
    assert [block for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
