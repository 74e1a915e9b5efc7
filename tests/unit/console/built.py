"""A config and a small description, compiled, for the tests of the console."""

import json
from collections.abc import Mapping
from pathlib import Path

from bartizan.console.wire import Built, Chosen
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.sources import fetch_file, read

USERS: Mapping[str, object] = {
    "openapi": "3.1.0",
    "info": {"title": "users", "version": "1"},
    "paths": {
        "/users": {
            "get": {"responses": {"200": {"description": "ok"}}},
            "post": {"responses": {"201": {"description": "made"}}},
        }
    },
}


def built(config: Path, description: Mapping[str, object] = USERS, **flags: str) -> Built:
    """The config file over a description, which is written beside it."""
    file = config.parent / "openapi.json"
    file.write_text(json.dumps(description, indent=2))
    loaded = load(config, overrides=Overrides(**flags), environ={})
    return Built(loaded, str(file), compile_policy(loaded, read(str(file), fetch_file)))


def chosen(config: Path | None = None, **flags: str) -> Chosen:
    return Chosen(config=config, overrides=Overrides(**flags), environ={})
