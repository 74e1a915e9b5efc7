import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bartizan.console import cli, documents
from bartizan.console.cli import VERBS, init, main, overview
from bartizan.console.cli.init import quoted
from bartizan.policy.config import Overrides, load
from bartizan.policy.document import read


def test_no_verb_shows_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {verb} " in out for verb in VERBS)
    assert overview() in out


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["repot"], "unknown verb `repot`", "did you mean `bartizan report`?"),
        (["xyzzyx"], "unknown verb `xyzzyx`", "`bartizan --help` lists all"),
        (["--nope"], "unknown flag `--nope`", "`bartizan --help` lists all"),
        (["up", "--lisen", "a"], "unknown flag `--lisen`", "did you mean `--listen`?"),
        (["version", "now"], "unknown argument `now`", "`bartizan version --help` explains it"),
        (["up", "--mode", "shadw"], "argument --mode: invalid choice", "`bartizan up --help`"),
        (["explain"], "the following arguments are required: what", "--help"),
    ],
)
def test_a_wrong_command_line_is_one_message_with_a_way_out(
    words: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert hint in err


def test_an_unexpected_fault_is_one_line_and_never_a_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def boom(*_args: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.delenv("BARTIZAN_DEBUG", raising=False)
    monkeypatch.setattr("bartizan.console.cli.version.run", boom)
    assert main(["version"]) == 3
    err = capsys.readouterr().err
    assert err.startswith("internal fault: RuntimeError: a bug\n")
    assert "Traceback" not in err


def test_a_fault_of_the_config_is_shown_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "bartizan.yaml"
    config.write_text("upstream: http://127.0.0.1:8000\nmod: shadow\n")
    assert main(["dump", "--config", str(config)]) == 2
    err = capsys.readouterr().err
    assert "error[config.unknown-key]" in err
    assert "bartizan.yaml:2:1" in err
    assert "did you mean `mode`?" in err


def test_an_interrupt_ends_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupt)
    assert main(["version"]) == 0


def test_every_verb_names_a_module_of_its_own() -> None:
    modules = [module for module, _summary in VERBS.values()]
    assert len(set(modules)) == len(modules)


# bartizan init


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the API serves, by URL; it is down where that is empty."""
    bodies: dict[str, bytes] = {}

    def fetch(url: str) -> bytes:
        if url not in bodies:
            raise documents.FetchFault("refused", is_down=not bodies)
        return bodies[url]

    monkeypatch.setattr(documents, "fetch", fetch)
    return bodies


def written(tmp_path: Path, *words: str) -> dict[str, Any]:
    config = tmp_path / "bartizan.yaml"
    assert main(["init", "http://127.0.0.1:9000", "--config", str(config), *words]) == 0
    text = config.read_text()
    assert len(text.splitlines()) <= 7
    data: dict[str, Any] = read("bartizan.yaml", text.encode()).data  # type: ignore[assignment]
    return data


def test_init_writes_at_most_seven_lines_and_never_over_a_file(
    tmp_path: Path, served: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    assert served == {}
    assert written(tmp_path, "--issuer", "https://idp.example.com") == {
        "upstream": "http://127.0.0.1:9000",
        "openapi": "auto",
        "auth": {"oidc": "https://idp.example.com", "audience": "api"},
        "limits": {"per": "principal", "rate": "100/min"},
        "mode": "shadow",
    }
    assert (tmp_path / "bartizan.yaml").read_text().endswith("mode: shadow # then: enforce\n")
    assert "it records and refuses nothing" in capsys.readouterr().err
    assert (tmp_path / ".bartizan" / "schema.json").exists()
    config = tmp_path / "bartizan.yaml"
    config.write_text("mine")
    assert main(["init", "http://127.0.0.1:9000", "--config", str(config)]) == 2
    assert config.read_text() == "mine"
    assert "is left as it is" in capsys.readouterr().err


def test_the_issuer_is_read_from_the_document_of_the_api(
    tmp_path: Path, served: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    url = "https://sso.example.com/.well-known/openid-configuration"
    scheme = {"type": "openIdConnect", "openIdConnectUrl": url}
    document = {"openapi": "3.1.0", "components": {"securitySchemes": {"sso": scheme}}}
    served["http://127.0.0.1:9000/openapi.json"] = json.dumps(document).encode()
    assert written(tmp_path, "--json")["auth"]["oidc"] == "https://sso.example.com"
    assert json.loads(capsys.readouterr().out)["issuer_from"] == "document"
    assert "# as `sso` of the API document says" in (tmp_path / "bartizan.yaml").read_text()


def test_a_concluded_issuer_is_marked_as_a_guess(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scheme = {"type": "oauth2", "flow": "application", "tokenUrl": "https://a.example/oauth/token"}
    document = {"swagger": "2.0", "securityDefinitions": {"o": scheme}}
    (tmp_path / "api.json").write_text(json.dumps(document))
    data = written(tmp_path, "--openapi", str(tmp_path / "api.json"))
    assert data["auth"]["oidc"] == "https://a.example"
    assert "which is guessed" in capsys.readouterr().out
    assert "guessed from what `o`" in (tmp_path / "bartizan.yaml").read_text()


def test_a_placeholder_is_marked_and_called_out(
    tmp_path: Path, served: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    assert served == {}
    assert written(tmp_path)["auth"]["oidc"] == "https://issuer.invalid"
    out, err = capsys.readouterr()
    assert "in the place of the placeholder" in out
    assert "cannot be reached" in err
    config = tmp_path / "bartizan.yaml"
    assert "# PLACEHOLDER" in config.read_text()
    loaded = load(config, overrides=Overrides(), environ={})
    (warning,) = loaded.warnings
    assert (warning.code, warning.line) == ("config.placeholder", 4)


def test_enforce_is_written_where_it_is_asked_for(tmp_path: Path, served: dict[str, bytes]) -> None:
    assert served == {}
    assert written(tmp_path, "--mode", "enforce")["mode"] == "enforce"
    assert "then:" not in (tmp_path / "bartizan.yaml").read_text()


def test_a_log_in_of_the_document_gets_its_limit_within_the_seven_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {"responses": {"200": {"description": "ok"}}}
    paths = {"/login": {"post": answers}, "/items": {"get": answers}}
    document = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths}
    (tmp_path / "api.json").write_text(json.dumps(document))
    file = str(tmp_path / "api.json")
    data = written(tmp_path, "--openapi", file, "--issuer", "https://idp.example.com")
    limit = {"name": "log-in", "per": "address", "rate": "5/min"}
    assert data["operations"] == {"POST /login": {"limits": limit}}
    assert "guessing passwords stands for `POST /login`" in capsys.readouterr().err
    assert main(["check", "--config", str(tmp_path / "bartizan.yaml")]) == 0


def test_a_running_gateway_that_does_not_know_the_file_is_told_of(
    tmp_path: Path,
    served: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert served == {}
    monkeypatch.setattr("bartizan.console.wire.is_running", lambda state: state.is_dir())
    written(tmp_path)
    assert "start it again" in capsys.readouterr().err


def test_what_init_writes_passes_as_a_config(tmp_path: Path, served: dict[str, bytes]) -> None:
    assert served == {}
    config = tmp_path / "bartizan.yaml"
    words = ["--issuer", "https://idp.example.com", "--audience", "a, b: {c}"]
    assert main(["init", "--config", str(config), *words]) == 0
    assert main(["dump", "--config", str(config)]) == 0


@pytest.mark.parametrize("value", ["api", "http://a:1/b", "a, b", "{x}", 'quote"d', "", "-", "a b"])
def test_values_survive_as_yaml(value: str) -> None:
    data = read("x.yaml", f"{{ a: {quoted(value)}, b: 1 }}".encode()).data
    assert data == {"a": value, "b": 1}


def test_init_declares_its_summary() -> None:
    assert init.__name__ == VERBS["init"][0]


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path) -> None:
    # The real thing: a pipe that nobody reads, and the interpreter's own end.
    command = "import sys; from bartizan.console.cli import main; sys.exit(main(['schema']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(  # noqa: S603, our own command
        [sys.executable, "-c", command], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
