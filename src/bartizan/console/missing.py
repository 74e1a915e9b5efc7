"""A document that is not there: where it was looked for, and which file was probably meant."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from bartizan.model.errors import Diagnostic
    from bartizan.policy.config import Config

SHOWN_MAX = 5
ENDINGS = (".json", ".yaml", ".yml")


def told_better(failed: Fault, config: Config) -> Fault:
    """Documents that cannot be read, or that an API does not have, at the line that names them."""
    return Fault([_told(one, config) for one in failed.diagnostics])


def hinted(told: Diagnostic, base: Path) -> Diagnostic:
    """With where a file was looked for and what to write below `base` instead."""
    if told.code != "description.unreadable" or told.line or "://" in told.file:
        return told
    hint, where = _hint(told.file, base)
    return replace(told, message=told.message + where, hint=hint)


def _told(told: Diagnostic, config: Config) -> Diagnostic:
    is_lost = told.code == "description.unreadable"
    if told.line or not (is_lost or told.code == "overlay.no-document"):
        return told
    at = _naming(told.file, config) if is_lost else _overlaid(told.file, config)
    document = config.document
    if document is None or not at or not config.locate(at).file.endswith(document.name):
        return hinted(told, Path())
    told = hinted(told, Path(document.name).parent)
    return document.diagnostic(
        at, code=told.code, message=told.message, hint=told.hint, value=is_lost
    )


def _naming(file: str, config: Config) -> str:
    """Pointer in the config that names this document or overlay; empty for none."""
    for api in config.all_apis:
        if api.openapi == file:
            return f"{api.pointer}/openapi"
        for one in api.overlays:
            if one.location == file:
                return one.pointer
    return ""


def _overlaid(file: str, config: Config) -> str:
    """Pointer of the overlays for a document of this name; empty for none."""
    overlays = [one for api in config.all_apis for one in api.overlays]
    places = [one.pointer for one in overlays if one.document == file]
    return re.sub(r"/[0-9]+$", "", places[0]) if places else ""


def _hint(file: str, base: Path) -> tuple[str, str]:
    """What to write below `base`, and where it was looked for."""
    path = Path(file)
    folder = path.parent
    where = f"; looked for `{path.absolute()}`" if not path.is_absolute() else ""
    if not folder.is_dir():
        return f"there is no folder `{folder}`", where
    meant = _meant(path)
    if meant is not None:
        return f"did you mean `{_written(meant, base)}`?", where
    beside = [_written(one, base) for one in _files(folder)]
    if beside:
        shown = ", ".join(f"`{one}`" for one in beside[:SHOWN_MAX])
        return f"beside it lie {shown}", where
    return f"no JSON or YAML file lies in `{folder}`; name a file, a URL, or `auto`", where


def _meant(path: Path) -> Path | None:
    """The file beside it that is spelt alike, of the same name with another ending, or elsewhere.

    Elsewhere: in the working directory, where a config in another folder is meant to look.
    """
    from bartizan.policy.suggest import nearest

    names = {one.name: one for one in _files(path.parent)}
    near = nearest(path.name, names)
    if near is not None:
        return names[near]
    alike = [one for one in names.values() if one.stem == path.stem]
    return next(iter([*alike, *([Path(path.name)] if Path(path.name).is_file() else [])]), None)


def _files(folder: Path) -> list[Path]:
    """Files that can be a document, in order."""
    try:
        found = [one for one in folder.iterdir() if one.suffix in ENDINGS and one.is_file()]
    except OSError:
        return []
    return sorted(one for one in found if one.name != "bartizan.yaml")


def _written(file: Path, base: Path) -> str:
    """`file` as a config in `base` names it."""
    return Path(os.path.relpath(file, base)).as_posix()
