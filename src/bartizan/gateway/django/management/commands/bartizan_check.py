"""`manage.py bartizan_check`: what the guard of this project covers; fails where there is none."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bartizan.gateway.coverage import coverage
from bartizan.gateway.django.application import Unguarded, mount_of


class Command(BaseCommand):  # type: ignore[misc]
    """Prints coverage and every Operation."""

    help = "Shows what Bartizan covers of this project, and what it does not."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Raises CommandError where nothing is guarded."""
        try:
            mount = mount_of()
        except Unguarded as reason:
            raise CommandError(str(reason)) from reason
        guard = mount.opened()
        if guard is None:
            raise CommandError(mount.fault)
        for line in (*coverage(guard, mount.gaps), *guard.policy.operations):
            self.stdout.write(line)
