"""What is measured: a subject is a started proxy, the call it gets, and the work it must prove."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.api import READ, WRITE, compact, new_order
from tests.bench.load import Call
from tests.bench.tokens import Issuer

JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Bench:
    """What every subject is built from: a folder, the upstream's port, one issuer, one token."""

    folder: Path
    upstream: int
    issuer: Issuer
    token: str

    @property
    def bearer(self) -> tuple[str, str]:
        """The header that carries the token."""
        return ("Authorization", f"Bearer {self.token}")

    def read(self, *, signed: bool = False) -> Call:
        """The GET of one order."""
        return Call(READ, headers=(self.bearer,) if signed else ())

    def write(self, *, signed: bool = False) -> Call:
        """The POST of a new order, 1.7 kB of JSON."""
        headers = (self.bearer, JSON) if signed else (JSON,)
        return Call(WRITE, "POST", headers, compact(new_order()))


@dataclass(frozen=True, slots=True)
class Door:
    """A started subject: where it listens, its process, and where its counters are."""

    port: int
    pid: int
    admin: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of the table."""

    name: str
    server: str
    call: Call
    proofs: tuple[str, ...] = ()
    baseline: str = "nginx"
    goal: float | None = None


Start = Callable[[Bench], AbstractContextManager[Door]]
