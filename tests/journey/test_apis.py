"""Two APIs behind one gateway: each request reaches the one of its host and path, or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.journey.api import Api
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard


class Two(NamedTuple):
    """A shop below `/shop`, a bank of its own host, and the guard of both."""

    shop: Api
    bank: Api
    guard: Guard


@pytest.fixture(scope="module", params=["enforce", "shadow"])
def two(up: GuardMaker, request: pytest.FixtureRequest) -> Iterator[Two]:
    shop, bank = Api(), Api()
    apis = [
        {"name": "shop", "prefix": "/shop", "strip_prefix": True, "upstream": shop.url},
        {"name": "bank", "hosts": ["bank.test"], "upstream": bank.url},
    ]
    guard = up(shop, apis=apis, mode=request.param)
    yield Two(shop, bank, guard)
    shop.close()
    bank.close()


def status(guard: Guard, path: str, host: str) -> int:
    """The status of a GET that names this host."""
    with guard.client() as client:
        client.send(f"GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())
        return client.response().status


def seen(api: Api) -> list[str]:
    """Targets that the API was asked for since the last look."""
    targets = [call.path for call in api.seen if "openapi" not in call.path]
    api.seen.clear()
    return targets


def test_a_prefix_leads_to_its_api_which_never_sees_it(two: Two) -> None:
    assert two.guard.call("GET", "/shop/items/7").status == 200
    assert (seen(two.shop), seen(two.bank)) == (["/items/7"], [])


def test_a_host_leads_to_its_api(two: Two) -> None:
    assert status(two.guard, "/items/7", "bank.test") == 200
    assert (seen(two.shop), seen(two.bank)) == ([], ["/items/7"])


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/items/7", "api.test"),
        ("/shopping/items/7", "api.test"),
        ("/SHOP/items/7", "api.test"),
        ("/items/7", "evil.bank.test"),
        ("/items/7", "bank.test.evil"),
        ("/items/7", "bank.test:8443"),
    ],
)
def test_what_no_api_claims_goes_nowhere_in_shadow_neither(two: Two, path: str, host: str) -> None:
    assert status(two.guard, path, host) == 404
    assert (seen(two.shop), seen(two.bank)) == ([], [])
