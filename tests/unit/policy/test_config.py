"""Seeded mistakes: each is told once, at its line, with a way out."""

from pathlib import Path

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.config import Config, Overrides, load
from bartizan.policy.kinds import Rate

GOOD = "upstream: http://127.0.0.1:8000\n"


def config_of(text: str, tmp_path: Path, **environ: str) -> Config:
    path = tmp_path / "bartizan.yaml"
    path.write_text(text)
    return load(path, overrides=Overrides(), environ=environ)


def test_the_seven_lines_of_the_guide_are_read(tmp_path: Path) -> None:
    config = config_of(
        GOOD + "openapi: auto\nauth: { oidc: https://idp.example.com, audience: api }\n"
        "limits: { per: principal, rate: 100/min }\nmode: enforce\n",
        tmp_path,
    )
    assert config.mode == "enforce"
    assert config.limits[0].rate == Rate(100, 60_000)
    assert config.auth.all_issuers[0].audiences == ("api",)
    assert config.listen == "127.0.0.1:8080"


def test_without_a_file_flags_and_defaults_hold() -> None:
    config = load(None, overrides=Overrides(upstream="http://a:1", workers="3"), environ={})
    assert (config.upstream, config.workers, config.mode) == ("http://a:1", 3, "shadow")
    assert str(config.locate("/workers")) == "--workers"


MISTAKES = [
    ("mdoe: shadow", "config.unknown-key", 2, "did you mean `mode`?"),
    ("rate_limits: 5/min", "config.unknown-key", 2, "did you mean `limits`?"),
    ("limits: { per: principal, rate: 100/mn }", "config.wrong-value", 2, ""),
    ("limits:\n  - { per: adress, rate: 5/s }", "config.unknown-word", 3, "did you mean `address`?"),
    ("limits:\n  - per: address", "config.conflict", 3, "add `rate: 100/min`"),
    ("limits: { rate: 5/s, concurrency: 5 }", "config.conflict", 2, "take one of them out"),
    ("limits: { concurrency: 5, burst: 2 }", "config.conflict", 2, ""),
    ("limits: { rate: 0/s }", "config.wrong-value", 2, ""),
    ("limits: { per: [all, address], rate: 5/s }", "config.conflict", 2, ""),
    ("mode: on", "config.unknown-word", 2, "allowed: `enforce`, `shadow`"),
    ("mode: yes", "config.unknown-word", 2, "allowed"),
    ("workers: 0", "config.wrong-value", 2, ""),
    ("workers: true", "config.wrong-value", 2, ""),
    ('workers: "2"', "config.wrong-value", 2, ""),
    ("timeouts: { head: 5 }", "config.wrong-value", 2, ""),
    ("timeouts: { head: 5 parsecs }", "config.wrong-value", 2, ""),
    ("timeouts: { haed: 5s }", "config.unknown-key", 2, "did you mean `head`?"),
    ("controls: { inspekt: shadow }", "config.unknown-key", 2, "did you mean `inspect`?"),
    ("auth: { oidc: idp.example.com }", "config.wrong-value", 2, ""),
    ("auth: { oidc: ftp://idp.example.com }", "config.wrong-value", 2, ""),
    ("auth: { oidc: http://idp.example.com }", "config.plain-http", 2, "write `https://idp.example.com`"),
    ("auth: { audience: api }", "config.conflict", 2, "write `oidc:`"),
    ("auth: { require: always }", "config.conflict", 2, "write `oidc:`"),
    ("auth:\n  issuers:\n    - audiences: [a]", "config.missing-key", 4, "add `issuer:"),
    ("auth:\n  issuers:\n    - { issuer: https://a, skew: 2h }", "config.wrong-value", 4, ""),
    ("auth:\n  issuers:\n    - { issuer: https://a, algorithms: [HS256] }", "config.unknown-word", 4, "did you mean"),
    ("auth:\n  api_keys:\n    keys: [{ id: a, digest: abc }]", "config.wrong-value", 4, ""),
    ("relax: parse.semicolon", "config.wrong-value", 2, ""),
    ("operations: { /login: {} }", "config.wrong-key", 2, ""),
    ('operations:\n  "POST /login": { limit: {} }', "config.unknown-key", 3, "did you mean `limits`?"),
    ("exceptions: [{ rule: inspect.body-schema }]", "config.conflict", 2, "`operation:`"),
    ('cors: { origins: "*", credentials: true }', "config.conflict", 2, "list the origins"),
    ("hosts: [api/x]", "config.wrong-value", 2, ""),
    ("trusted_proxies: [10.0.0.1/8]", "config.wrong-value", 2, ""),
    ("listen: 8080", "config.wrong-value", 2, ""),
    ("listen: example.com:80", "config.wrong-value", 2, ""),
    ("listen: 127.0.0.1:1\nadmin: 127.0.0.1:1", "config.conflict", 3, "a port of its own"),
    ("listen: 127.0.0.1:9090", "config.conflict", 2, "a port of its own"),
    ("admin: 127.0.0.1:8080", "config.conflict", 2, "a port of its own"),
    ("budget: { json_depth_max: 9999 }", "config.wrong-value", 2, ""),
    ("base_path: v1", "config.wrong-value", 2, ""),
    ("workers: ${NOPE}", "config.unset-variable", 2, "${NOPE:-default}"),
    ("workers: ${TWO_X}", "config.wrong-value", 2, ""),
    ("state: ${file:none}", "config.unreadable-file", 2, ""),
    ('shape: { headers: { x-a: "a\\nb" } }', "config.wrong-value", 2, ""),
    ("mode: shadow\nmode: enforce", "yaml.duplicate-key", 3, ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line", "hint"), MISTAKES)
def test_a_mistake_is_told_once_at_its_line(
    text: str, code: str, line: int, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(Fault) as caught:
        config_of(GOOD + text + "\n", tmp_path, TWO_X="2x")
    assert [(one.code, one.line) for one in caught.value.diagnostics] == [(code, line)]
    assert hint in caught.value.diagnostics[0].hint
    assert caught.value.diagnostics[0].file.endswith("bartizan.yaml")


def test_all_mistakes_are_told_in_one_run_in_order(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        config_of("mode: shade\nworkers: x\nlimits: { rate: 5 }\n", tmp_path)
    assert [one.line for one in caught.value.diagnostics] == [1, 1, 2, 3]


@pytest.mark.parametrize("text", ["[]", "text", "3"])
def test_a_config_is_a_mapping(text: str, tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        config_of(text, tmp_path)
    assert caught.value.code == "config.wrong-value"


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        load(tmp_path / "none.yaml", overrides=Overrides(), environ={})
    assert caught.value.code == "config.unreadable"


def test_variables_override_the_file_and_flags_override_variables(tmp_path: Path) -> None:
    path = tmp_path / "bartizan.yaml"
    path.write_text(GOOD + "limits: { rate: 5/s }\nmode: shadow\nhosts: [a]\n")
    environ = {
        "BARTIZAN_LIMITS__RATE": "9/s",
        "BARTIZAN_MODE": "shadow",
        "BARTIZAN_WORKERS": "4",
        "BARTIZAN_HOSTS": "[b.example, c.example]",
        "BARTIZAN_SERVICE_HOST": "10.0.0.1",
    }
    config = load(path, overrides=Overrides(mode="enforce"), environ=environ)
    assert config.limits[0].rate == Rate(9, 1_000)
    assert (config.mode, config.workers, config.hosts) == ("enforce", 4, ("b.example", "c.example"))
    assert str(config.locate("/workers")) == "environment BARTIZAN_WORKERS"
    assert config.warnings == ()


def test_a_variable_that_names_no_key_is_not_left_unsaid(tmp_path: Path) -> None:
    assert config_of(GOOD, tmp_path, BARTIZAN_MOED="enforce").warnings[0].hint.count("MODE")
    with pytest.raises(Fault) as caught:
        config_of(GOOD, tmp_path, BARTIZAN_TIMEOUTS__HAED="5s")
    assert caught.value.diagnostics[0].hint == "did you mean `head`?"


def test_relative_paths_are_seen_from_the_config_file(tmp_path: Path) -> None:
    config = config_of(GOOD + "openapi: api/openapi.yaml\n", tmp_path)
    assert config.openapi == str(tmp_path / "api/openapi.yaml")
    assert config.state == str(tmp_path / ".bartizan")


CANARY = "canary-1f9c"
DIGEST = "0" * 64


def test_a_secret_never_shows_in_messages(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text(CANARY)
    for pepper in ("${file:pepper}", "${PEPPER}", CANARY):
        keys = f"keys: [{{ id: a, digest: '{DIGEST}', oops: 1 }}]"
        text = GOOD + f"auth: {{ api_keys: {{ pepper: '{pepper}', {keys} }} }}\n"
        with pytest.raises(Fault) as caught:
            config_of(text, tmp_path, PEPPER=CANARY)
        assert CANARY not in str(caught.value)
    with pytest.raises(Fault) as caught:
        config_of(GOOD + f"auth: {{ api_keys: {{ pepper: {CANARY}\n", tmp_path)
    assert CANARY not in str(caught.value)


def test_a_key_in_the_place_of_its_digest_never_shows(tmp_path: Path) -> None:
    for value in ("canary-api-key", "[canary-api-key]", "{ a: canary-api-key }"):
        path = tmp_path / "bartizan.yaml"
        for name, keys in (
            ("digest", f"keys: [{{ id: a, digest: {value} }}]"), ("pepper", f"pepper: {value}"),
            ("unknown", f"peper: {value}"), ("key", f"keys: [{{ id: a, key: {value} }}]"),
        ):  # fmt: skip
            path.write_text(f"upstream: http://127.0.0.1:1\nauth:\n  api_keys:\n    {keys}\n")
            if name == "pepper" and value == "canary-api-key":
                continue
            with pytest.raises(Fault) as raised:
                load(path, overrides=Overrides(), environ={})
            assert "canary" not in str(raised.value)


def test_a_plain_secret_is_taken_with_a_warning(tmp_path: Path) -> None:
    text = GOOD + f"auth: {{ api_keys: {{ pepper: {CANARY} }} }}\n"
    config = config_of(text, tmp_path)
    assert [one.code for one in config.warnings] == ["config.plain-secret"]
    assert CANARY not in config.warnings[0].render()
    assert CANARY not in repr(config)
