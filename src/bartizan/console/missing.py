"""A document that is not there: where it was looked for, and which file was probably meant."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.model.errors import Fault

if TYPE_CHECKING:
    from bartizan.policy.config import Config

SHOWN_MAX = 5
ENDINGS = (".json", ".yaml", ".yml")


def told_better(failed: Fault, config: Config) -> Fault:
    """A document that cannot be read, or that an API does not have, at the line that names it."""
    told = failed.diagnostics[0]
    if told.line or told.code not in ("description.unreadable", "overlay.no-document"):
        return failed
    is_lost = told.code == "description.unreadable"
    at = _naming(told.file, config) if is_lost else _overlaid(told.file, config)
    document = config.document
    is_there = document is not None and config.locate(at).file.endswith(document.name)
    if is_lost and "://" not in told.file:
        base = Path(document.name).parent if document is not None and is_there else Path()
        hint, where = _hint(told.file, base)
        told = replace(told, message=told.message + where, hint=hint)
    if document is None or not is_there or not at:
        return Fault([told])
    return Fault(
        [document.diagnostic(at, code=told.code, message=told.message, hint=told.hint,
                             value=is_lost)]
    )  # fmt: skip


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
