"""A config and a stand-in for what it compiles to, for the tests of the console."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bartizan.console.wire import Built, Chosen
from bartizan.model.errors import Diagnostic, Location
from bartizan.policy.config import Overrides, load

if TYPE_CHECKING:
    from bartizan.policy.compile import Compiled


@dataclass
class FakeCompiled:
    """The members of a Compiled that the console reads."""

    form: bytes = b'{"issuers":[]}'
    hash: str = "aa" * 32
    secrets: bytes = b"{}"
    options: bytes = b'{"upstream":"http://127.0.0.1:8000"}'
    operations: tuple[str, ...] = ("GET /users", "POST /users")
    unrepresentable: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    files: tuple[str, ...] = ()
    places: dict[str, Location] = field(default_factory=dict)

    def locate(self, _document: int | None, pointer: str) -> Location:
        return self.places.get(pointer, Location(""))


def built(config: Path, compiled: FakeCompiled | None = None, **flags: str) -> Built:
    loaded = load(config, overrides=Overrides(**flags), environ={})
    return Built(loaded, "/openapi.json", cast("Compiled", compiled or FakeCompiled()))


def chosen(config: Path | None = None, **flags: str) -> Chosen:
    return Chosen(config=config, overrides=Overrides(**flags), environ={})
