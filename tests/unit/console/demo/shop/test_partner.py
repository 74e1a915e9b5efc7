from __future__ import annotations

from bartizan.console.demo.shop.message import Request
from bartizan.console.demo.shop.partner import insider, partner


def test_neighbours_answer_their_own_pages_only() -> None:
    assert partner(Request("GET", "/spring.json")).status == 200
    assert insider(Request("GET", "/credentials")).status == 200
    assert partner(Request("GET", "/credentials")).status == 404
    assert insider(Request("POST", "/credentials")).status == 404
