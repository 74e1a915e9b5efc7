"""Notes: what a description holds that we warn of, or that cannot be checked."""

from __future__ import annotations

from bartizan.model.errors import Diagnostic
from bartizan.policy.remedy import remedy
from bartizan.policy.sources.library import Library, Spot

WARNINGS_MAX = 100


class Notes:
    """Collects warnings; places are kept as spots and turned into lines when they are asked for."""

    def __init__(self, library: Library) -> None:
        """Keep warnings about the documents of `library`."""
        self._library = library
        self._places: dict[tuple[str, str, str], set[Spot]] = {}

    def warn(self, spot: Spot, code: str, message: str, hint: str = "") -> None:
        """Keep one warning; the same at several places is told once, with their number."""
        self._places.setdefault((code, message, hint), set()).add(spot)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """One for each cause, in order of its first place; beyond a bound they are counted."""
        first = sorted((min(spots), *key, len(spots)) for key, spots in self._places.items())
        listed = [self._diagnostic(*one) for one in first[:WARNINGS_MAX]]
        if len(first) > WARNINGS_MAX:
            message = f"{len(first) - WARNINGS_MAX} more warnings are not listed"
            listed.append(
                Diagnostic(code="description.more-warnings", message=message, severity="warning")
            )
        return tuple(listed)

    def _diagnostic(self, spot: Spot, code: str, message: str, hint: str, count: int) -> Diagnostic:
        document = self._library.document(spot[0])
        more = f" (and at {count - 1} more places)" if count > 1 else ""
        text = f"{message}{more}"
        told = None if hint else remedy(document, spot[1])
        if told is None:
            return document.diagnostic(spot[1], code=code, message=text, hint=hint, warning=True)
        return document.diagnostic(
            told.pointer, code=code, message=text, hint=told.hint, value=told.at_value, warning=True
        )
