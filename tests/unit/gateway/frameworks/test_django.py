from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from bartizan.gateway.frameworks.django import DjangoFrame, methods_of
from bartizan.gateway.frameworks.frame import METHODS, Call
from tests.property.trees.builders import prepare_django

NAME = "tests.unit.gateway.frameworks.urls_of_a_test"


def view(_request: Any, **_given: Any) -> None:
    """Never called."""


@pytest.fixture
def frame() -> Iterator[DjangoFrame]:
    prepare_django()
    from django.conf import settings
    from django.conf.urls.i18n import i18n_patterns
    from django.urls import clear_url_caches, include, path, re_path
    from django.views.decorators.http import require_POST

    module = ModuleType(NAME)
    module.urlpatterns = [  # type: ignore[attr-defined]
        path("a/", view),
        path("shop/<int:n>/", include([path("cart", view), re_path(r"^(?P<y>\d{4})$", view)])),
        path("order", require_POST(view)),
        path("f/<path:rest>", view),
        *i18n_patterns(path("hello/", view), prefix_default_language=False),
    ]
    sys.modules[NAME] = module
    settings.ROOT_URLCONF = NAME
    clear_url_caches()
    yield DjangoFrame(None)
    clear_url_caches()


def routed(frame: DjangoFrame, *paths: str) -> list[str | None]:
    names = {one.key: one.label for one in frame.routes()}
    return [names.get(frame.find(Call("GET", path))) for path in paths]


def test_patterns_and_includes_are_routes(frame: DjangoFrame) -> None:
    assert {one.label: one.methods for one in frame.routes()} == {
        "/a/": METHODS_SORTED, "/shop/{n}/cart": METHODS_SORTED, "/shop/*n/*y": METHODS_SORTED,
        "/order": ("POST",), "/f/*rest": METHODS_SORTED, "/*language/hello/": METHODS_SORTED,
    }  # fmt: skip


METHODS_SORTED = METHODS


def test_the_patterns_themselves_decide(frame: DjangoFrame) -> None:
    assert routed(frame, "/shop/7/cart", "/shop/x/cart", "/shop/7/2026", "/f/a/b", "/b/") == [
        "/shop/{n}/cart", None, "/shop/*n/*y", "/f/*rest", None
    ]  # fmt: skip


def test_an_appended_slash_belongs_to_the_view_it_leads_to(frame: DjangoFrame) -> None:
    assert routed(frame, "/a") == ["/a/"]


def test_any_language_may_come_first(frame: DjangoFrame) -> None:
    assert routed(frame, "/de/hello/", "/hello/", "/xx/hello/") == [
        "/*language/hello/", "/*language/hello/", None
    ]  # fmt: skip


def test_views_say_their_methods_where_they_can() -> None:
    prepare_django()
    from django.views import View
    from django.views.decorators.http import require_http_methods, require_safe
    from rest_framework.decorators import api_view
    from rest_framework.viewsets import ViewSet

    class Own(View):  # type: ignore[misc]
        """Reads and changes."""

        def get(self, _request: Any) -> None:
            """Never called."""

        def patch(self, _request: Any) -> None:
            """Never called."""

    class Many(ViewSet):  # type: ignore[misc]
        """Lists."""

        def list(self, _request: Any) -> None:
            """Never called."""

    assert methods_of(Own.as_view()) == ("GET", "PATCH")
    assert methods_of(Many.as_view({"get": "list", "post": "list"})) == ("GET", "POST")
    assert methods_of(api_view(["PUT"])(view)) == ("PUT",)
    assert methods_of(require_safe(view)) == ("GET",)
    both = require_http_methods(["GET", "POST"])(require_http_methods(["POST", "PUT"])(view))
    assert methods_of(both) == ("POST",)
    assert methods_of(view) == METHODS
