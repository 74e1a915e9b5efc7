"""Which of several APIs a request is for, by plain comparison; then the oracle of that one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.oracle.decide import Oracle
from tests.replay.rows import Expect, found, refused
from tests.replay.world import World, standing

Json = dict[str, Any]
NOWHERE = refused(404, found("match.unknown-path", "target"))


@dataclass(frozen=True)
class Oracles:
    """The oracle of each entry of `apis`."""

    entries: tuple[tuple[Json, Oracle], ...]

    @classmethod
    def of(cls, world: World, now_s: int) -> Oracles:
        """Reads what the world wrote."""
        made = []
        for entry in world.data["apis"]:
            document = json.loads((world.folder / entry["openapi"]).read_text())
            own = f"{entry['name']}:"
            operations = {
                _without(name.removeprefix(own), entry): settings
                for name, settings in world.data["operations"].items()
                if name.startswith(own)
            }
            config = {**world.data, "operations": operations}
            jwks = json.loads(world.keys.jwks)["keys"]
            one = Oracle(document, config, jwks, now_s, json.loads(standing(now_s)), entry)
            made.append((entry, one))
        return cls(tuple(made))

    def entry(self, capture: Json) -> Json | None:
        """The entry that a request is for: its host written, then the longest prefix."""
        request = capture["request"]
        host = next(value for name, value in request["fields"] if name == "host").lower()
        path = request["target"].partition("?")[0]
        fitting = [one for one, _ in self.entries if _fits(one, host, path)]
        return max(fitting, key=lambda one: ("hosts" in one, len(_prefix(one))), default=None)

    def decide(self, capture: Json) -> Expect:
        """The Decision, findings of the response included."""
        entry = self.entry(capture)
        if entry is None:
            return NOWHERE
        oracle = next(oracle for one, oracle in self.entries if one is entry)
        request = capture["request"]
        target = request["target"]
        if entry.get("strip_prefix"):
            target = target.removeprefix(_prefix(entry)) or "/"
        return oracle.decide({**capture, "request": {**request, "target": target}})


def _prefix(entry: Json) -> str:
    return str(entry.get("prefix", ""))


def _without(operation: str, entry: Json) -> str:
    method, _, path = operation.partition(" ")
    return f"{method} {path.removeprefix(_prefix(entry))}"


def _fits(entry: Json, host: str, path: str) -> bool:
    prefix = _prefix(entry)
    if prefix and path != prefix and not path.startswith(f"{prefix}/"):
        return False
    return "hosts" not in entry or any(_is_same(one.lower(), host) for one in entry["hosts"])


def _is_same(own: str, host: str) -> bool:
    """Without a port in the config, the ports of HTTP and HTTPS may be written or left out."""
    name, _, port = host.partition(":")
    name = name.removesuffix(".")
    return own == f"{name}:{port}" or (own == name and port in ("", "80", "443"))
