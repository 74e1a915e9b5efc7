from __future__ import annotations

from pathlib import Path

from bartizan.gateway.guard import Choice
from tests.unit.gateway.django.projects import guarded, project


def ids(application: object) -> list[str]:
    with project(application):
        from bartizan.gateway.django.apps import check_guard

        return [one.id for one in check_guard()]


def test_a_guarded_project_passes_the_check() -> None:
    assert ids(guarded()) == []


def test_an_unguarded_one_is_warned() -> None:
    assert ids(object()) == ["bartizan.W001"]


def test_a_guard_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    assert ids(guarded(Choice(tmp_path / "missing.yaml"))) == ["bartizan.E001"]


def test_django_finds_the_app_by_the_name_of_the_package() -> None:
    from django.apps.config import AppConfig

    config = AppConfig.create("bartizan")
    assert (config.label, config.name) == ("bartizan", "bartizan.gateway.django")
    config.ready()
    from django.core.checks.registry import registry

    from bartizan.gateway.django.apps import check_guard

    assert check_guard in registry.get_checks()
    registry.registered_checks.discard(check_guard)
