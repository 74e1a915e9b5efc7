"""Did-you-mean: the nearest allowed word, within two edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.listed import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

EDITS_MAX = 2


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word with fewest edits from `word`, at most two, or None.

    An edit is one character put in, taken out or changed, or two neighbours swapped.
    Cost: O(len(word) squared) for each word of about the same length.
    """
    folded = word.lower().replace("-", "_")
    best: tuple[int, str] | None = None
    for candidate in allowed:
        if abs(len(candidate) - len(word)) > EDITS_MAX:
            continue
        edits = distance(folded, candidate.lower().replace("-", "_"))
        limit = min(EDITS_MAX, max(len(candidate) - 1, 0))
        if edits <= limit and (best is None or (edits, candidate) < best):
            best = (edits, candidate)
    return best[1] if best else None


def distance(left: str, right: str) -> int:
    """Edits between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row, before, last = [i], row, before
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def hint(word: str, allowed: Iterable[str]) -> str:
    """`did you mean ...?`, else the list of what is allowed."""
    words = sorted(allowed)
    near = nearest(word, words) or _part(word.lower(), words)
    if near is not None:
        return f"did you mean `{near}`?"
    return f"allowed: {quoted(words, 24)}" if words else ""


def _part(word: str, words: list[str]) -> str | None:
    """The one allowed word inside `word`, or around it: `rate_limits`, `limits`."""
    least = 4
    found = [
        one
        for one in words
        if len(min(one, word, key=len)) >= least and (one in word or word in one)
    ]
    return found[0] if len(found) == 1 else None
