"""Recorded Exchanges to judge again: our own captures, one a line, or a HAR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.policy.har import captures, is_har

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(frozen=True, slots=True)
class Recording:
    """Captures as lines (empty ones passed over), and the file they came from."""

    name: str
    lines: tuple[bytes, ...]
    is_har: bool = False

    def place(self, number: int) -> str:
        """Where capture `number`, from 1, stands."""
        return f"{self.name} entry {number}" if self.is_har else f"{self.name}:{number}"


def recording(name: str, raw: bytes, hosts: Collection[str] = ()) -> Recording:
    """The captures in `raw`. hosts: of a HAR, only entries of these. Raises Fault for a bad HAR."""
    if is_har(raw):
        made = tuple(one.line() for one in captures(name, raw, hosts))
        return Recording(name, made, is_har=True)
    return Recording(name, tuple(raw.splitlines()))


def has_tokens(lines: Iterable[bytes]) -> bool:
    """Whether any capture may hold a token that must be verified."""
    return any(b"uthorization" in line or b'"raw"' in line for line in lines)
