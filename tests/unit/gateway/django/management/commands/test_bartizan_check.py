from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from bartizan.gateway.django.management.commands.bartizan_check import Command
from bartizan.gateway.guard import Choice
from tests.unit.gateway.django.projects import guarded, project


def told(application: object) -> str:
    with project(application):
        output = io.StringIO()
        Command(stdout=output).handle()
        return output.getvalue()


def test_coverage_and_operations_are_printed() -> None:
    text = told(guarded())
    assert "5 operations: 5 protected, 0 exempt, 0 unresolved" in text
    assert "GET /a/" in text.splitlines()


def test_a_project_without_a_guard_fails(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not behind"):
        told(object())
    with pytest.raises(CommandError, match="missing"):
        told(guarded(Choice(tmp_path / "missing.yaml")))
