"""Faults of a document beside those of a config, so that one run tells both.

Only for documents whose place does not hang on what is broken: files that the config names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console.missing import hinted
from bartizan.console.plain import plain_config
from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bartizan.model.errors import Diagnostic

    Fetch = Callable[[str], bytes]

BROKEN_FILE = ("config.unreadable", "yaml.", "json.", "document.")
"""Faults after which nothing of the config can be believed."""


def told_together(failed: Fault, config: Path | None, openapi: str | None, fetch: Fetch) -> Fault:
    """The faults of the config, and behind them those of the documents that it names.

    openapi: the document that a flag names instead.
    """
    if failed.code.startswith(BROKEN_FILE):
        return failed
    base = config.parent if config else Path()
    places = _documents(config) if openapi is None else _file(openapi, None)
    told = [hinted(one, base) for place in places for one in _faults(place, fetch)]
    return Fault([*failed.diagnostics, *told])


def _documents(config: Path | None) -> Iterator[str]:
    written = plain_config(config)
    apis = written.get("apis")
    for api in (written, *(apis if isinstance(apis, list) else ())):
        # An overlay may mend its document.
        if isinstance(api, dict) and not api.get("overlays"):
            yield from _file(api.get("openapi"), config.parent if config else None)


def _file(place: object, base: Path | None) -> Iterator[str]:
    """A local file, as the config would name it."""
    if not isinstance(place, str) or place == "auto" or "://" in place or "$" in place:
        return
    yield str(base / place) if base is not None else place


def _faults(place: str, fetch: Fetch) -> Iterator[Diagnostic]:
    from bartizan.policy.sources import read

    try:
        yield from read(place, fetch).warnings
    except Fault as fault:
        yield from fault.diagnostics
