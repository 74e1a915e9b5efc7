import io
import sys
from pathlib import Path

import pytest

from bartizan.console.cli import main


def test_the_digest_is_printed_and_the_key_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "bartizan.yaml"
    config.write_text(
        "upstream: http://127.0.0.1:8000\nauth: { api_keys: { pepper: canary-pepper } }\n"
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO("canary-key\n"))
    assert main(["keys", "hash", "--id", "partner", "--config", str(config)]) == 0
    out, err = capsys.readouterr()
    # HMAC-SHA-256("canary-pepper", "canary-key"), by Python's hmac.
    digest = "5bcb432018a8c7a90f8faff594762e645162f23ad27cf20186a356bd940e5df8"
    assert out == f"- {{ id: partner, digest: {digest} }}\n"
    assert "canary" not in out + err


@pytest.mark.parametrize(
    ("config", "key", "message"),
    [
        ("upstream: http://127.0.0.1:8000\n", "k\n", "no `auth.api_keys.pepper`"),
        ("upstream: http://127.0.0.1:8000\n", "\n", "no key was given"),
    ],
)
def test_what_is_missing_is_one_message(
    config: str,
    key: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "bartizan.yaml"
    file.write_text(config)
    monkeypatch.setattr(sys, "stdin", io.StringIO(key))
    assert main(["keys", "hash", "--config", str(file)]) == 2
    assert message in capsys.readouterr().err
