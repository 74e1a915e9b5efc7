"""The Django app. It registers one system check and changes nothing else."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig

from bartizan.gateway.django.application import Unguarded, mount_of


class BartizanConfig(AppConfig):  # type: ignore[misc]
    """`INSTALLED_APPS = ["bartizan"]`."""

    name = "bartizan.gateway.django"
    label = "bartizan"
    verbose_name = "Bartizan"

    def ready(self) -> None:
        """Registers the check."""
        from django.core.checks import Tags, register

        register(check_guard, Tags.security)


def check_guard(**_about: Any) -> list[Any]:
    """bartizan.W001: the application is not behind the guard. bartizan.E001: it cannot start."""
    from django.core.checks import Error
    from django.core.checks import Warning as Notice

    try:
        mount = mount_of()
    except Unguarded as reason:
        hint = "in wsgi.py: `application = protect(get_wsgi_application())`"
        return [Notice(str(reason), hint=hint, id="bartizan.W001")]
    if mount.opened() is None:
        return [Error(mount.fault, hint="every request is refused", id="bartizan.E001")]
    return []
