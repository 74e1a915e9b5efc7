"""Labels: the path of a route as a template of the Policy.

`{name}` is one parameter of one segment, which the core splits itself; `*name` is a segment, or
more, that only the framework can split. A label with a star has no `{name}` at all.
"""

from __future__ import annotations

import re

_PARAMETER = re.compile(r"\{(\*?)([^{}]*)\}")


def label(written: str) -> str:
    """`written`, with `{name}` and `{*name}`, as a label."""
    path = written if written.startswith("/") else f"/{written}"
    names = [name for _, name in _PARAMETER.findall(path)]
    is_plain = len(set(names)) == len(names) and "" not in names
    segments = path.split("/")
    if is_plain and "{*" not in path and all(part.count("{") <= 1 for part in segments):
        return path
    return "/".join(_starred(part) for part in segments)


def _starred(segment: str) -> str:
    names = [name for _, name in _PARAMETER.findall(segment)]
    return f"*{'-'.join(names)}" if names else segment


def bare(written: str) -> str:
    """`written` as a document has it: without stars."""
    return written.replace("{*", "{")


def shape(path: str) -> str:
    """What two labels that fit the same requests have in common: their names are left out."""
    return re.sub(r"\{[^{}]*\}|\*[^/]*", "{}", path)


class Labels:
    """Gives each path a label that no other one has."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._given: dict[str, str] = {}

    def distinct(self, raw: str, written: str) -> str:
        """A label for the path that the framework has as `raw`: two of one `raw` share it.

        written: as for `label`. What an earlier label fits gets one with a star.
        """
        made = self._given.get(raw)
        if made is None:
            made = self._given[raw] = self._free(label(written))
            self._taken.add(_fit(made))
        return made

    def _free(self, path: str) -> str:
        if _fit(path) not in self._taken:
            return path
        starred = "/".join(_starred(part) for part in path.split("/"))
        made, number = starred, 2
        while _fit(made) in self._taken:
            made, number = f"{starred.rstrip('/')}/*{number}", number + 1
        return made


def _fit(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path)
