import json

from bartizan.policy.options import options_of, secrets_of
from tests.unit.policy.configured import configured


def test_times_are_written_in_milliseconds_and_defaults_are_written_out() -> None:
    options = json.loads(options_of(configured("timeouts: { head: 3s }\nworkers: 2\n")))
    assert options["timeouts"]["head_ms"] == 3_000
    assert options["timeouts"]["connect_ms"] == 2_000
    assert options["timeouts"]["stream_idle_ms"] == 300_000
    assert options["pool"] == {
        "max_connections": 1_024,
        "queue": 64,
        "queue_ms": 100,
        "idle_ms": 4_000,
    }
    assert (options["workers"], options["upstreams"]) == (2, ["http://127.0.0.1:8000"])


def test_options_hold_no_secret_and_secrets_hold_it() -> None:
    config = configured(
        f'auth: {{ api_keys: {{ pepper: "${{PEPPER}}", keys: [{{ id: a, digest: {"a" * 64} }}] }} }}',
        {"PEPPER": "canary-5e"},
    )
    assert b"canary" not in options_of(config)
    assert json.loads(secrets_of(config)) == {"api_key_pepper": "canary-5e"}


def test_without_keys_there_is_no_secret() -> None:
    assert json.loads(secrets_of(configured(""))) == {}
