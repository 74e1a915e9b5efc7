from __future__ import annotations

import pytest

from bartizan.gateway.proxies import Proxies
from tests.unit.gateway.mounted import Api, call, mount, scope


def test_an_untrusted_proxy_is_told_of_once() -> None:
    said: list[str] = []
    proxies = Proxies((), said.append)
    for peer in ("192.0.2.7", "192.0.2.8"):
        proxies.see(peer)
    assert len(said) == 1
    assert "192.0.2.7" in said[0]
    assert "trusted_proxies" in said[0]


def test_a_trusted_one_is_not() -> None:
    said: list[str] = []
    proxies = Proxies(("10.0.0.0/8", "::1"), said.append)
    for peer in ("10.1.2.3", "::1"):
        proxies.see(peer)
    assert said == []
    proxies.see("testclient")
    assert len(said) == 1


def test_a_mount_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    app = mount(Api())
    call(app, scope())
    assert "X-Forwarded-For" not in capsys.readouterr().err
    for _ in range(2):
        call(app, scope(fields=[(b"x-forwarded-for", b"1.2.3.4")]))
    assert capsys.readouterr().err.count("X-Forwarded-For") == 1
