from __future__ import annotations

from bartizan.gateway.frameworks.frame import listed


def test_head_is_left_to_the_get_beside_it() -> None:
    assert listed({"HEAD", "GET", "POST"}) == ("GET", "POST")
    assert listed(["HEAD"]) == ("HEAD",)
