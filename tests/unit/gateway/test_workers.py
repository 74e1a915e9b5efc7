from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from bartizan.gateway.workers import divided, thin, workers
from bartizan.policy.config import Config, Overrides, load


def config(tmp_path: Path, text: str = "") -> Config:
    file = tmp_path / "bartizan.yaml"
    file.write_text(f"upstream: http://127.0.0.1:1\n{text}")
    return load(file, overrides=Overrides(), environ={})


@pytest.mark.parametrize(
    ("argv", "environ", "count"),
    [
        (["uvicorn", "app:app"], {}, 1),
        (["uvicorn", "app:app", "--workers", "4"], {}, 4),
        (["hypercorn", "-w", "3", "app:app"], {}, 3),
        (["gunicorn", "-w8", "app:app"], {}, 8),
        (["gunicorn", "app:app", "--workers=2"], {"WEB_CONCURRENCY": "9"}, 2),
        (["gunicorn", "app:app"], {"GUNICORN_CMD_ARGS": "--workers 5"}, 5),
        (["gunicorn", "app:app"], {}, 1),
        (["gunicorn", "app:app"], {"WEB_CONCURRENCY": "3"}, 3),
        (["uvicorn", "app:app"], {"UVICORN_WORKERS": "5", "WEB_CONCURRENCY": "6"}, 5),
        (["uvicorn", "--ws=none", "app:app"], {}, 1),
        (["fastapi", "run", "--workers", "4", "app.py"], {}, 4),
        (["flask", "run"], {}, 1),
        (["hypercorn", "-c", "python:settings", "app:app"], {}, None),
        (["hypercorn", "app:app"], {"WEB_CONCURRENCY": "6"}, 1),
        (["uvicorn", "app:app"], {"WEB_CONCURRENCY": "6"}, 6),
        (["site/uvicorn/__main__.py", "app:app", "--workers", "2"], {}, 2),
        (["waitress-serve", "app:app"], {}, 1),
        (["serve.py", "-w", "3"], {}, None),
        (["serve.py"], {"WEB_CONCURRENCY": "3"}, 3),
        ([], {}, None),
    ],
)
def test_the_server_is_asked_how_many_processes_there_are(
    tmp_path: Path, argv: list[str], environ: dict[str, str], count: int | None
) -> None:
    assert workers(config(tmp_path), environ, argv) == count


GUNICORN = ["gunicorn", "app:app"]


@pytest.mark.parametrize(
    ("module", "argv", "environ", "count"),
    [
        ("__config__", GUNICORN, {"WEB_CONCURRENCY": "9"}, 4),
        ("__config__", [*GUNICORN, "-c", "conf.py"], {}, 4),
        ("__config__", [*GUNICORN, "-w", "2"], {}, 2),
        ("__config__", GUNICORN, {"GUNICORN_CMD_ARGS": "-w 3"}, 3),
        ("settings.web", [*GUNICORN, "--config=python:settings.web"], {}, 4),
        ("__config__", ["uvicorn", "app:app"], {}, 1),
    ],
)
def test_what_gunicorn_has_read_in_its_file_is_looked_at_and_not_run_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    argv: list[str],
    environ: dict[str, str],
    count: int,
) -> None:
    read = ModuleType(module)
    read.workers = 4  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module, read)
    assert workers(config(tmp_path), environ, argv) == count


def test_a_file_of_hypercorn_tells_and_one_that_cannot_be_read_tells_nothing(
    tmp_path: Path,
) -> None:
    file = tmp_path / "hypercorn.toml"
    file.write_text("workers = 6\n")
    assert workers(config(tmp_path), {}, ["hypercorn", "-c", str(file), "app:app"]) == 6
    file.write_text("bind = 'x'\n")
    assert workers(config(tmp_path), {}, ["hypercorn", "-c", str(file), "app:app"]) == 1
    file.write_text("workers = [\n")
    assert workers(config(tmp_path), {}, ["hypercorn", "-c", str(file), "app:app"]) is None


def test_the_config_stands_above_the_server(tmp_path: Path) -> None:
    assert workers(config(tmp_path, "workers: 7\n"), {}, ["uvicorn", "--workers", "2"]) == 7


def test_every_limit_is_shared_out(tmp_path: Path) -> None:
    text = """
limits:
  - { per: address, rate: 100/min }
  - { per: all, concurrency: 50 }
  - { per: address, rate: 3/min, burst: 2 }
operations: { "POST /login": { limits: [{ per: address, rate: 8/min }] } }
"""
    shared = divided(config(tmp_path, text), 4)
    rate, concurrency, small = shared.limits
    assert rate.rate is not None
    assert (rate.rate.count, rate.rate.window_ms, rate.burst) == (100, 240_000, 25)
    assert concurrency.concurrency == 12
    assert small.burst == 1
    (own,) = shared.operations["POST /login"].limits
    assert own.burst == 2


def test_one_process_has_it_all(tmp_path: Path) -> None:
    whole = config(tmp_path, "limits: { per: address, rate: 100/min }\n")
    assert divided(whole, 1) is whole


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16, 60])
@pytest.mark.parametrize("limit", ["rate: 60/h", "rate: 90/h, burst: 61", "concurrency: 71"])
def test_the_parts_together_are_the_limit_or_less_by_no_more_than_their_number(
    tmp_path: Path, limit: str, count: int
) -> None:
    written = config(tmp_path, f"limits: {{ per: address, {limit} }}\n")
    (whole,), (part,) = written.limits, divided(written, count).limits
    assert thin(written, count) == 0
    if whole.rate is None or part.rate is None:
        assert whole.concurrency is not None
        assert part.concurrency is not None
        assert whole.concurrency - count < part.concurrency * count <= whole.concurrency
        return
    burst = whole.burst or whole.rate.count
    together = (part.burst or part.rate.count) * count
    assert burst - count < together <= burst
    # What comes back in a window, of all together: exactly the rate.
    assert part.rate.count == whole.rate.count
    assert part.rate.window_ms == whole.rate.window_ms * count


def test_a_limit_smaller_than_the_number_of_processes_is_counted(tmp_path: Path) -> None:
    text = """
limits: [{ per: address, rate: 5/min }, { per: all, concurrency: 3 }, { per: address, rate: 9/min }]
operations: { "POST /login": { limits: [{ per: address, rate: 90/min, burst: 2 }] } }
"""
    written = config(tmp_path, text)
    assert [thin(written, count) for count in (1, 3, 4, 6, 10)] == [0, 1, 2, 3, 4]
    assert divided(written, 6).limits[0].burst == 1
