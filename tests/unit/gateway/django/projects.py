"""A Django project of two modules that lasts as long as one test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from bartizan.gateway.guard import Choice
from bartizan.gateway.wsgi import WsgiMount
from tests.property.trees.builders import prepare_django

URLS, WSGI = "tests.unit.gateway.django.urls_made", "tests.unit.gateway.django.wsgi_made"


def guarded(choice: Choice | None = None) -> WsgiMount:
    """The project's handler behind a mount."""
    prepare_django()
    from django.core.handlers.wsgi import WSGIHandler

    return WsgiMount(WSGIHandler(), choice or Choice(mode="enforce"))


@contextmanager
def project(application: Any) -> Iterator[None]:
    """`application` is what WSGI_APPLICATION names."""
    prepare_django()
    from django.conf import settings
    from django.test.utils import override_settings
    from django.urls import clear_url_caches, path

    urls, wsgi = ModuleType(URLS), ModuleType(WSGI)
    urls.urlpatterns = [path("a/", lambda _request: None)]  # type: ignore[attr-defined]
    wsgi.application = application  # type: ignore[attr-defined]
    sys.modules |= {URLS: urls, WSGI: wsgi}
    clear_url_caches()
    before = settings.ROOT_URLCONF
    try:
        with override_settings(ROOT_URLCONF=URLS, WSGI_APPLICATION=f"{WSGI}.application"):
            yield
    finally:
        del sys.modules[URLS], sys.modules[WSGI]
        clear_url_caches()
        assert before == settings.ROOT_URLCONF
