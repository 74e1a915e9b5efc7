"""Diagnostics for machines: JSON, SARIF 2.1.0, and the workflow commands of GitHub."""

from __future__ import annotations

import hashlib
import os.path
from dataclasses import asdict
from typing import TYPE_CHECKING

from bartizan import __version__
from bartizan.policy.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.model.diagnostics import Diagnostic

FORMATS = ("text", "json", "sarif", "github")
SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def as_data(items: Sequence[Diagnostic]) -> list[dict[str, object]]:
    """One mapping each, for `--json`."""
    return [asdict(item) for item in items]


def sarif(items: Sequence[Diagnostic], root: Path) -> dict[str, object]:
    """A SARIF log with one run. root: files below it are named relative to it.

    Source: SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.19 (driver), 3.27 (result).
    """
    codes = sorted({item.code for item in items})
    rules = [_rule(code) for code in codes]
    driver: dict[str, object] = {"name": "bartizan", "version": __version__, "rules": rules}
    run: dict[str, object] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, codes.index(item.code), root) for item in items],
    }
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, object]:
    words = FAULTS.get(code)
    rule: dict[str, object] = {"id": code}
    if words:
        rule["shortDescription"] = {"text": _sentence(words.title)}
        rule["fullDescription"] = {"text": _sentence(words.why)}
        rule["help"] = {"text": _sentence(words.mend)}
    return rule


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _result(item: Diagnostic, index: int, root: Path) -> dict[str, object]:
    text = f"{item.message} ({item.hint})" if item.hint else item.message
    result: dict[str, object] = {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": item.severity,
        "message": {"text": _sentence(text)},
        "partialFingerprints": {"bartizan/v1": _fingerprint(item, root)},
    }
    if item.file:
        result["locations"] = [_location(item, root)]
    return result


def _location(item: Diagnostic, root: Path) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": {"uri": _name(item.file, root)}}
    if item.line:
        region: dict[str, object] = {"startLine": item.line}
        if item.column:
            region["startColumn"] = item.column
            region["endColumn"] = item.column + max(item.length, 1)
        if item.snippet:
            region["snippet"] = {"text": item.snippet}
        physical["region"] = region
    location: dict[str, object] = {"physicalLocation": physical}
    if item.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": item.pointer}]
    return location


def _name(file: str, root: Path) -> str:
    """A URI reference: relative where the file lies below `root`."""
    from urllib.parse import quote

    if "://" in file:
        return quote(file, safe="%/:?#[]@!$&'()*+,;=~")
    absolute = os.path.abspath(file)  # noqa: PTH100 -- links are not followed
    relative = os.path.relpath(absolute, root)
    return quote(absolute if relative.startswith("..") else relative)


def _fingerprint(item: Diagnostic, root: Path) -> str:
    """The same while the fault stays where it is in the document, whatever its line."""
    place = item.pointer or item.message
    parts = (item.code, _name(item.file, root) if item.file else "", place)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def github(items: Sequence[Diagnostic], root: Path) -> str:
    """One workflow command a line; GitHub shows each beside its line of the change."""
    return "\n".join(_command(item, root) for item in items)


def _command(item: Diagnostic, root: Path) -> str:
    fields: dict[str, object] = {}
    if item.file:
        fields["file"] = _name(item.file, root)
    if item.line:
        fields |= {"line": item.line, "col": max(item.column, 1)}
        fields["endColumn"] = max(item.column, 1) + max(item.length, 1)
    fields["title"] = item.code
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    text = f"{item.message}\nhint: {item.hint}" if item.hint else item.message
    return f"::{item.severity} {listed}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
