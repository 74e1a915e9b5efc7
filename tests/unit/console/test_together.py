from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.console import wire
from bartizan.model.errors import Fault
from bartizan.policy.config import Overrides

SOUND = "openapi: 3.1.0\ninfo: { title: x, version: '1' }\npaths: {}\n"
BROKEN = "openapi: 4.0.0\npaths: {}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(text: str, **documents: str) -> list[str]:
    """`code file` of everything that is said."""
    for name, written in documents.items():
        Path(f"{name}.yaml").write_text(written)
    Path("bartizan.yaml").write_text(text)
    chosen = wire.Chosen(config=Path("bartizan.yaml"), overrides=Overrides(), environ={})
    with pytest.raises(Fault) as caught:
        wire.load_config(chosen)
    return [f"{one.code} {one.file}" for one in caught.value.diagnostics]


def test_a_fault_of_the_config_and_one_of_its_document_are_told_in_one_run() -> None:
    text = "upstream: http://127.0.0.1:1\nmod: shadow\nopenapi: a.yaml\n"
    assert told(text, a=BROKEN) == [
        "config.unknown-key bartizan.yaml",
        "description.version a.yaml",
    ]
    assert told(text, a=SOUND)[0] == "config.unknown-key bartizan.yaml"


def test_every_document_is_looked_at_and_one_that_is_not_there_is_told() -> None:
    text = """
upstream: http://127.0.0.1:1
mod: shadow
apis: [{ name: a, prefix: /a, openapi: a.yaml }, { name: b, prefix: /b, openapi: b.yaml }]
"""
    assert told(text, a=BROKEN) == [
        "config.unknown-key bartizan.yaml",
        "description.version a.yaml",
        "description.unreadable b.yaml",
    ]


def test_what_hangs_on_the_fault_is_not_guessed_at() -> None:
    known = "upstream: http://127.0.0.1:1\nmod: shadow\n"
    for written in ("", "openapi: auto\n", "openapi: ${NONE}\n", "openapi: [x]\n"):
        assert all(one.startswith("config.") for one in told(known + written, a=BROKEN))
    assert told("openapi: a.yaml\nopenapi: a.yaml\n", a=BROKEN) == [
        "yaml.duplicate-key bartizan.yaml"
    ]
    overlaid = known + "openapi: a.yaml\noverlays: [o.yaml]\n"
    assert told(overlaid, a=BROKEN) == ["config.unknown-key bartizan.yaml"]
