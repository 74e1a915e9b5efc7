from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.gateway.proxies import Proxies
from tests.unit.gateway.mounted import Api, call, mount, scope
from tests.unit.gateway.mounted_wsgi import Api as WsgiApi
from tests.unit.gateway.mounted_wsgi import call as call_wsgi
from tests.unit.gateway.mounted_wsgi import environ
from tests.unit.gateway.mounted_wsgi import mount as mount_wsgi


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


def seen(tmp_path: Path, config: str) -> tuple[bool, bool]:
    """Whether an app behind each mount sees the scheme that its proxy names."""
    file = tmp_path / "bartizan.yaml"
    file.write_text(config)
    asgi, wsgi = Api(), WsgiApi()
    call(mount(asgi, None, file), scope(fields=[(b"x-forwarded-proto", b"https")]))
    call_wsgi(mount_wsgi(wsgi, None, file), environ(HTTP_X_FORWARDED_PROTO="https"))
    one = (b"x-forwarded-proto", b"https") in asgi.scopes[0]["headers"]
    return one, wsgi.seen[0].get("HTTP_X_FORWARDED_PROTO") == "https"


def test_the_app_hears_a_trusted_proxy_and_no_other(tmp_path: Path) -> None:
    assert seen(tmp_path, "mode: enforce\ntrusted_proxies: 192.0.2.0/24\n") == (True, True)
    assert seen(tmp_path, "mode: enforce\ntrusted_proxies: 10.0.0.0/8\n") == (False, False)
    assert seen(tmp_path, "mode: enforce\n") == (False, False)


def test_a_shadow_lets_the_app_hear_whom_it_heard_before(tmp_path: Path) -> None:
    assert seen(tmp_path, "mode: shadow\n") == (True, True)
