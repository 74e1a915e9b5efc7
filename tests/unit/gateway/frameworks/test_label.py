from __future__ import annotations

import pytest

from bartizan.gateway.frameworks.label import Labels, bare, label, shape


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("/a/{b}", "/a/{b}"),
        ("a", "/a"),
        ("/v{b}.js", "/v{b}.js"),
        ("/a/{*rest}", "/a/*rest"),
        ("/{a}/{*rest}", "/*a/*rest"),
        ("/{a}-{b}", "/*a-b"),
        ("/{a}/{a}", "/*a/*a"),
    ],
)
def test_what_the_core_cannot_split_has_stars_alone(written: str, made: str) -> None:
    assert label(written) == made


def test_no_two_paths_share_a_label_unless_they_are_one() -> None:
    labels = Labels()
    raws = ["/x/<int:a>", "/x/<b>", "/x/<any(u):a>", "/y", "^/y$"]
    written = ["/x/{a}", "/x/{b}", "/x/{a}", "/y", "/y"]
    made = [labels.distinct(raw, text) for raw, text in zip(raws, written, strict=True)]
    assert made == ["/x/{a}", "/x/*b", "/x/*a", "/y", "/y/*2"]
    assert labels.distinct("/y", "/y") == "/y"


def test_a_shape_leaves_names_out() -> None:
    assert shape("/x/{a}/y") == shape("/x/*b/y")
    assert shape("/x/{a}") != shape("/x/{a}/")
    assert bare("/a/{*rest}") == "/a/{rest}"
