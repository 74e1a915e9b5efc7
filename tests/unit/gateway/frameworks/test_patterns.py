from __future__ import annotations

import pytest

from bartizan.gateway.frameworks.patterns import written
from tests.property.trees.builders import prepare_django


@pytest.mark.parametrize(
    ("regex", "text"),
    [
        (r"^a/(?P<year>[0-9]{4})/$", "a/{*year}/"),
        (r"^a/([^/]+)/b$", "a/{*part}/b"),
        (r"^x\.json\Z", "x.json"),
        (r"^(?:en|de)/(?P<p>a(b)c)?$", "{*part}/{*p}"),
        (r"^a/\d+/b.*$", "a/{*part}/b{*part}"),
        (r"^colou?r/[a-z]{1,3}$", "colo{*part}r/{*part}"),
        (r"^a[)]b(?P<q>[)(]+)$", "a{*part}b{*q}"),
    ],
)
def test_a_regular_expression_is_its_text_and_its_groups(regex: str, text: str) -> None:
    prepare_django()
    from django.urls import re_path

    assert written(re_path(regex, lambda _request: None).pattern) == text


@pytest.mark.parametrize(
    ("route", "text"),
    [
        ("a/<int:n>/", "a/{n}/"), ("<slug:s>/<uuid:u>", "{s}/{u}"), ("<p>", "{p}"),
        ("f/<path:rest>", "f/{*rest}"), ("v<int:n>.js", "v{n}.js"),
    ],
)  # fmt: skip
def test_a_converter_is_a_parameter(route: str, text: str) -> None:
    prepare_django()
    from django.urls import path

    assert written(path(route, lambda _request: None).pattern) == text


def test_a_language_may_be_any() -> None:
    prepare_django()
    from django.urls.resolvers import LocalePrefixPattern

    assert written(LocalePrefixPattern()) == "{*language}/"
