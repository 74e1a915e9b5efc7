from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bartizan.gateway.guard import Choice
from bartizan.gateway.mount import Base
from bartizan.store.ports import Query
from bartizan.store.sql import FILE, SqlNotables
from tests.unit.gateway.mounted import DOCUMENT


class Gaps(Base):
    """A mount of its own."""

    gaps = ("tides",)


def test_the_guard_is_compiled_once_and_tells_what_it_cannot_check(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mount = Gaps(object(), Choice(None, DOCUMENT, "enforce"))
    assert mount._open() is mount._open()
    assert capsys.readouterr().err.count("not here: tides") == 1


def test_a_fault_is_said_once_and_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mount = Gaps(object(), Choice(tmp_path / "missing.yaml", DOCUMENT))
    assert [mount._open(), mount._open()] == [None, None]
    assert capsys.readouterr().err.count("cannot start") == 1


def test_the_last_events_are_written_when_the_process_ends(tmp_path: Path) -> None:
    code = f"""
import sys
from tests.unit.gateway.mounted_wsgi import Api, call, environ, mount
from pathlib import Path
call(mount(Api(), config=Path({str(tmp_path / "bartizan.yaml")!r})), environ(path="/nothing"))
"""
    (tmp_path / "bartizan.yaml").write_text("state: kept\n")
    subprocess.run(  # noqa: S603, this interpreter
        [sys.executable, "-c", code], check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    store = SqlNotables(tmp_path / "kept" / FILE)
    assert len(list(store.search(Query()))) == 1
    store.close()


def test_other_attributes_are_those_of_the_app() -> None:
    assert Gaps("text", Choice()).upper() == "TEXT"


def test_a_forked_process_compiles_a_guard_of_its_own_whose_threads_run(tmp_path: Path) -> None:
    code = f"""
import os, sys, threading
from pathlib import Path
from tests.unit.gateway.mounted_wsgi import Api, call, environ, mount
app = mount(Api(), config=Path({str(tmp_path / "bartizan.yaml")!r}))
assert call(app, environ()).status == 200
before = app.opened()
child = os.fork()
if not child:
    assert call(app, environ()).status == 200
    assert app.opened() is not before
    names = {{one.name for one in threading.enumerate() if one.is_alive()}}
    assert {{"bartizan-standing", "bartizan-events"}} <= names, names
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert app.opened() is before
"""
    (tmp_path / "bartizan.yaml").write_text("state: kept\n")
    done = subprocess.run(  # noqa: S603, this interpreter
        [sys.executable, "-W", "ignore", "-c", code], check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
