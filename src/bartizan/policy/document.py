"""Document: one JSON or YAML text as plain data, with lines found only when one must be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.diagnostics import excerpt
from bartizan.model.errors import Diagnostic, Fault, Location

if TYPE_CHECKING:
    from bartizan.policy.yaml import Positions


class Document:
    """name: as shown and as the Policy names it. data: dicts, lists, scalars; not changed."""

    __slots__ = ("_is_json", "_lines", "_positions", "data", "name", "text")

    def __init__(self, name: str, text: str, data: object) -> None:
        """Hold what `read` has parsed."""
        self.name = name
        self.text = text
        self.data = data
        self._is_json = is_json(text)
        self._lines: list[str] | None = None
        self._positions: Positions | None = None

    def locate(self, pointer: str, *, value: bool = False) -> Location:
        """Line of the key that `pointer` ends with (or of its value), else of its nearest ancestor.

        Cost: the first call on a YAML text parses it again, about 0.5 s a megabyte.
        """
        line, column = self._find(pointer, value=value)
        return Location(self.name, line, column)

    def diagnostic(
        self,
        pointer: str,
        *,
        code: str,
        message: str,
        hint: str = "",
        value: bool = False,
        secret: bool = False,
        warning: bool = False,
    ) -> Diagnostic:
        """A Diagnostic placed at `pointer`. secret: the line may hold a secret and is not shown."""
        document, at = self.wrote(pointer)
        place = document.locate(at, value=value)
        line = document.whole_line(place.line)
        snippet, cut = excerpt(line, place.column)
        return Diagnostic(
            code=code,
            message=message,
            hint=hint,
            file=place.file,
            line=place.line,
            column=place.column,
            snippet="" if secret else snippet,
            cut=cut,
            length=_word(line, place.column),
            severity="warning" if warning else "error",
            pointer=at,
        )

    def wrote(self, pointer: str) -> tuple[Document, str]:
        """The document that wrote what stands at `pointer`, and where in it: this one."""
        return self, pointer

    def line(self, number: int) -> str:
        """The text of line `number`, 1-based, cut to 200 characters."""
        return self.whole_line(number)[:200]

    def whole_line(self, number: int) -> str:
        """The text of line `number`, 1-based; empty where there is none."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines[number - 1].rstrip("\r") if 0 < number <= len(self._lines) else ""

    def _find(self, pointer: str, *, value: bool) -> tuple[int, int]:
        if self._is_json:
            from bartizan.policy import json

            return json.find(self.text, pointer, value=value)
        if self._positions is None:
            from bartizan.policy.yaml import Positions

            self._positions = Positions(self.text)
        return self._positions.find(pointer, value=value)


def _word(line: str, column: int) -> int:
    """Length of the key or scalar that begins at `column`."""
    rest = line[max(column - 1, 0) :]
    if rest[:1] in ('"', "'"):
        end = rest.find(rest[0], 1)
        return end + 1 if end > 0 else len(rest)
    for stop in (": ", ", ", " #", "}", "]"):
        rest = rest.split(stop, 1)[0]
    return max(len(rest.rstrip(" :")), 1)


def is_json(text: str) -> bool:
    """Whether `text` is read as JSON: it begins with a brace or bracket and is not a YAML flow."""
    begin = text[:4096].lstrip()
    if begin[:1] == "[":
        return True
    return begin[:1] == "{" and begin[1:].lstrip()[:1] in ('"', "}")


def read(name: str, raw: bytes) -> Document:
    """The document in `raw`, JSON or YAML by its first characters.

    Raises Fault: "document.not-utf8", "document.empty" and those of the two parsers.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8"
        raise Fault([Diagnostic(code="document.not-utf8", message=message, file=name)]) from None
    if is_json(text):
        from bartizan.policy import json

        return Document(name, text, json.parse(text, name))
    from bartizan.policy import yaml

    data = yaml.parse(text, name)
    if data is None and not text.strip():
        raise Fault([Diagnostic(code="document.empty", message="the document is empty", file=name)])
    return Document(name, text, data)
