"""`${VAR}`, `${VAR:-default}` and `${file:path}` in config values; `$${` writes `${`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

FILE_MAX_BYTES = 65_536
_EXPRESSION = re.compile(r"\$(\$\{)|\$\{([^}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Interpolated(str):
    """A value that came from the environment, a file or a flag; read as the type its key wants.

    written: the expression as it stands in the config, which may be shown where the value may not.
    """

    __slots__ = ("written",)
    written: str

    def __new__(cls, value: str, written: str) -> Self:
        """Hold `value` beside what was written."""
        made = super().__new__(cls, value)
        made.written = written
        return made


class InterpolationError(Exception):
    """An expression cannot be filled in. code, message, hint: as in a Diagnostic."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Hold the parts of the Diagnostic."""
        self.code = code
        self.message = message
        self.hint = hint
        super().__init__(message)


def interpolate(text: str, environ: Mapping[str, str], base: Path) -> str:
    """`text` with every expression filled in; the same object where there is none.

    base: directory that `${file:...}` is relative to.
    Raises InterpolationError: "config.unset-variable", "config.unreadable-file",
    "config.bad-expression".
    """
    if "${" not in text:
        return text
    filled = _EXPRESSION.sub(lambda match: _fill(match, environ, base), text)
    return Interpolated(filled, text)


def _fill(match: re.Match[str], environ: Mapping[str, str], base: Path) -> str:
    if match.group(1):
        return "${"
    whole, inner = match.group(0), match.group(2)
    if not whole.endswith("}"):
        hint = f"write `{whole}}}`; a plain `${{` is `$${{`"
        raise InterpolationError("config.bad-expression", f"`{whole[:40]}` is not closed", hint)
    if inner.startswith("file:"):
        return _file(inner.removeprefix("file:"), base)
    name, default_mark, default = inner.partition(":-")
    if _NAME.fullmatch(name) is None:
        hint = "write `${NAME}`, `${NAME:-default}` or `${file:path}`"
        raise InterpolationError("config.bad-expression", f"`{whole[:40]}` names no variable", hint)
    found = environ.get(name)
    if found is not None and (found or not default_mark):
        return found
    if default_mark:
        return default
    raise InterpolationError(
        "config.unset-variable",
        f"variable `{name}` is not set",
        f"set it, or write `${{{name}:-default}}`",
    )


def _file(written: str, base: Path) -> str:
    path = base / written
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "not readable").lower()
        message = f"file `{written}` cannot be read: {reason}"
        raise InterpolationError(
            "config.unreadable-file", message, _near_file(path, written)
        ) from None
    if len(raw) > FILE_MAX_BYTES:
        raise InterpolationError(
            "config.unreadable-file", f"file `{written}` is larger than {FILE_MAX_BYTES} bytes"
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InterpolationError(
            "config.unreadable-file", f"file `{written}` is not UTF-8"
        ) from None
    return text.removesuffix("\n").removesuffix("\r")


def _near_file(path: Path, written: str) -> str:
    """Another file of the same folder that was probably meant."""
    from bartizan.policy.suggest import nearest

    try:
        names = sorted(one.name for one in path.parent.iterdir() if one.is_file())
    except OSError:
        return ""
    meant = nearest(path.name, names)
    folder = written[: len(written) - len(path.name)]
    return f"did you mean `${{file:{folder}{meant}}}`?" if meant else ""
