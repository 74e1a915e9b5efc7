"""Refusals in the shape of a framework's own errors, for clients that know no other.

Only where `protect(app, errors="framework")` asks for it; else they are problem details (RFC 9457).
"""

from __future__ import annotations

import json
import sys
from html import escape
from typing import Any

Shaped = tuple[bytes, bytes]
JSON, HTML, TEXT = b"application/json", b"text/html; charset=utf-8", b"text/plain; charset=utf-8"
SCHEMA = 422


def shaped(name: str, problem: dict[str, Any]) -> Shaped:
    """Content type and body for a problem of ours. name: of the framework.

    The reference id stays in it: beside `detail`, or in the words of a page.
    """
    if name == "FastAPI":
        return JSON, _json({"detail": _fastapi(problem), "reference": problem.get("reference")})
    if name == "Django" and "rest_framework" in sys.modules:
        return JSON, _json({"detail": problem["title"], "reference": problem.get("reference")})
    if name == "Litestar":
        told = {"status_code": problem["status"], "detail": problem["title"]}
        return JSON, _json({**told, "extra": problem.get("errors", []),
                            "reference": problem.get("reference")})  # fmt: skip
    if name == "Starlette":
        return TEXT, str(problem["title"]).encode()
    return HTML, _page(problem)


def _fastapi(problem: dict[str, Any]) -> Any:
    """Words, or for a breach of the contract one entry for each place, as pydantic's are."""
    errors = problem.get("errors")
    if problem["status"] != SCHEMA or not errors:
        return problem["title"]
    return [
        {"type": "value_error", "loc": _place(one), "msg": one.get("detail", "is not valid")}
        for one in errors
    ]


def _place(error: dict[str, Any]) -> list[str]:
    steps = [one for one in str(error.get("pointer", "")).removeprefix("#").split("/") if one]
    name = str(error.get("name", ""))
    return [str(error.get("in", "body")), *([name] if name else []), *steps]


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _page(problem: dict[str, Any]) -> bytes:
    title = escape(f"{problem['status']} {problem['title']}")
    told = escape(str(problem.get("reference", "")))
    return (
        f"<!doctype html>\n<html lang=en>\n<title>{title}</title>\n"
        f"<h1>{escape(str(problem['title']))}</h1>\n<p>Reference: {told}</p>\n</html>\n"
    ).encode()
