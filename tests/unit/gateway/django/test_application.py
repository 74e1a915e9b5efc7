from __future__ import annotations

import pytest

from bartizan.gateway.django.application import Unguarded, mount_of
from tests.unit.gateway.django.projects import guarded, project


def test_the_application_that_the_settings_name_is_found() -> None:
    application = guarded()
    with project(application):
        assert mount_of() is application


def test_an_application_without_a_guard_is_told() -> None:
    with project(object()), pytest.raises(Unguarded, match="not behind"):
        mount_of()


def test_an_application_that_cannot_be_imported_or_is_not_named_is_told() -> None:
    from django.test.utils import override_settings

    with project(object()):
        lost = override_settings(WSGI_APPLICATION="no.such.thing")
        with lost, pytest.raises(Unguarded, match="cannot be imported"):
            mount_of()
        with override_settings(WSGI_APPLICATION=None), pytest.raises(Unguarded, match="neither"):
            mount_of()
