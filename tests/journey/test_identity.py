"""Who asks: keys from a file, a URL and discovery, rotation, API keys, scopes, and what goes on."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.api import Api, Call, answer, document, until
from tests.journey.client import Response
from tests.journey.conftest import GuardMaker
from tests.journey.guard import Guard, bartizan
from tests.journey.tokens import AUDIENCE, Key, bearer, jwks

PEPPER = "canary-pepper-of-32-bytes-or-more"
API_KEY = "canary-key-4f1c5d2e9a7b4c8d"


def guarded() -> dict[str, Any]:
    """The document with a credential declared for every item."""
    described = document(
        components={
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "x-key"},
                "oauth": {"type": "oauth2", "flows": {}},
            }
        }
    )
    read, write = described["paths"]["/items/{id}"]["get"], described["paths"]["/items"]["post"]
    read["security"] = [{"token": []}, {"key": []}]
    write["security"] = [{"oauth": ["items:write"]}]
    return described


class Issuer:
    """A server that publishes keys at `/jwks` and by discovery."""

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.is_down = False
        self.server = Api()
        self.url = self.server.url
        self.server._plain = self._answer  # type: ignore[method-assign]

    def _answer(self, call: Call) -> bytes:
        if self.is_down:
            return answer(500, b"{}")
        if call.path == "/.well-known/openid-configuration":
            about = {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}
            return answer(200, json.dumps(about).encode())
        self.asked += 1
        return answer(200, jwks(*self.keys))


@pytest.fixture(scope="module")
def shop() -> Iterator[Api]:
    shop = Api(openapi=guarded())
    yield shop
    shop.close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer(Key("first"))
    yield issuer
    issuer.server.close()


def believe(issuer: str, **more: Any) -> dict[str, Any]:
    return {"issuers": [{"id": "idp", "issuer": issuer, "audiences": [AUDIENCE]} | more]}


def read(guard: Guard, token: str) -> Response:
    return guard.call("GET", "/items/1", **bearer(token))


def codes(guard: Guard, refused: Response) -> list[str]:
    return [reason["code"] for reason in guard.event(refused.ref)["reasons"]]


def ready(guard: Guard, state: str = "good") -> None:
    until(lambda: f'"state": "{state}"' in guard.page("/readyz?verbose")[1] or None, what=state)


@pytest.fixture(scope="module")
def rotating() -> Iterator[Issuer]:
    issuer = Issuer(Key("first"))
    yield issuer
    issuer.server.close()


@pytest.fixture(scope="module")
def rotated(up: GuardMaker, shop: Api, rotating: Issuer) -> Guard:
    """Believes an issuer that will change its keys, at the end of this file."""
    guard = up(shop, auth=believe(rotating.url, jwks=f"{rotating.url}/jwks"))
    ready(guard)
    return guard


def test_keys_come_from_a_url_and_forged_ones_make_us_ask_twice_and_no_more(
    rotated: Guard, rotating: Issuer
) -> None:
    assert read(rotated, rotating.keys[0].token(rotating.url)).status == 200
    for number in range(5):
        forged = read(rotated, Key(f"forged-{number}").token(rotating.url))
        assert forged.status == 401
        assert codes(rotated, forged) == ["identify.key-unknown"]
    assert rotating.asked == 3


def test_a_key_rotated_right_after_the_start_is_believed_at_once(
    up: GuardMaker, shop: Api, issuer: Issuer
) -> None:
    guard = up(shop, auth=believe(issuer.url, jwks=f"{issuer.url}/jwks"))
    ready(guard)
    issuer.keys = [Key("second")]
    assert read(guard, issuer.keys[0].token(issuer.url)).status == 200
    assert issuer.asked == 2
    assert read(guard, Key("first").token(issuer.url)).status == 401


def test_keys_come_by_discovery_and_the_short_form(
    up: GuardMaker, shop: Api, issuer: Issuer
) -> None:
    guard = up(shop, auth={"oidc": issuer.url, "audience": AUDIENCE})
    ready(guard)
    assert read(guard, issuer.keys[0].token(issuer.url)).status == 200
    assert read(guard, Key("first").token(issuer.url)).status == 401


def test_a_changed_file_of_keys_is_taken_over(up: GuardMaker, shop: Api) -> None:
    old, new, url = Key("old"), Key("new"), "https://idp.example.com"
    guard = up(shop, auth=believe(url, jwks="keys.json"))
    assert read(guard, old.token(url)).status == 503
    # Nobody who must be known can get in: no traffic should be sent here yet.
    assert guard.page("/readyz") == (
        503,
        "not ready: no issuer has keys, so no token is believed\n",
    )
    told = json.loads(guard.page("/readyz?verbose")[1])
    assert (told["ready"], told["waits_for"]) == (
        False,
        "no issuer has keys, so no token is believed",
    )
    assert guard.page("/livez")[0] == 200
    (guard.folder / "keys.json").write_bytes(jwks(old))
    until(lambda: guard.page("/readyz")[0] == 200 or None, what="that it is ready")
    until(lambda: read(guard, old.token(url)).status == 200 or None, what="the first keys")
    assert read(guard, new.token(url)).status == 401
    (guard.folder / "keys.json").write_bytes(jwks(new))
    until(lambda: read(guard, new.token(url)).status == 200 or None, what="the new keys")
    refused = until(
        lambda: one if (one := read(guard, old.token(url))).status == 401 else None,
        what="the end of the old key",
    )
    assert refused.field("www-authenticate") is not None


def test_keys_that_cannot_be_had_are_503_and_come_back(
    up: GuardMaker, shop: Api, issuer: Issuer
) -> None:
    issuer.is_down = True
    guard = up(shop, auth=believe(issuer.url, jwks=f"{issuer.url}/jwks"))
    token = issuer.keys[0].token(issuer.url)
    refused = read(guard, token)
    assert refused.status == 503
    assert refused.field("retry-after") is not None
    assert codes(guard, refused) == ["identify.keys-unavailable"]
    guard.says("keys of idp")
    issuer.is_down = False
    until(lambda: read(guard, token).status == 200 or None, what="the keys")


@pytest.fixture(scope="module")
def trusted() -> Key:
    return Key("trusted")


URL = "https://idp.example.com"


@pytest.fixture(scope="module")
def guard(up: GuardMaker, shop: Api, trusted: Key) -> Guard:
    digest = hmac.new(PEPPER.encode(), API_KEY.encode(), hashlib.sha256).hexdigest()
    auth = believe(URL, jwks="keys.json") | {
        "api_keys": {"pepper": PEPPER, "keys": [{"id": "partner", "digest": digest}]}
    }
    guard = up(shop, auth=auth)
    (guard.folder / "keys.json").write_bytes(jwks(trusted))
    until(lambda: read(guard, trusted.token(URL)).status == 200 or None, what="the keys")
    return guard


def test_who_asks_reaches_the_api_and_nobody_can_pretend(
    guard: Guard, shop: Api, trusted: Key
) -> None:
    pretended = {"x_bartizan_principal": "admin", "x_bartizan_scopes": "all"}
    token = trusted.token(URL, scope="items:read items:write")
    assert guard.call("GET", "/items/1", **bearer(token), **pretended).status == 200
    seen = shop.seen[-1]
    assert seen.values("x-bartizan-principal") == ["ann"]
    assert seen.values("x-bartizan-issuer") == ["idp"]
    assert seen.values("x-bartizan-scopes") == ["items:read items:write"]
    assert seen.values("authorization") == [f"Bearer {token}"]
    text = guard.call("POST", "/text", b"hi", content_type="text/plain", **pretended)
    assert text.status == 200
    assert shop.seen[-1].values("x-bartizan-scopes") == []
    assert "admin" not in shop.seen[-1].values("x-bartizan-principal")


def test_an_api_key_is_known_by_its_hash_and_kept_from_the_api(guard: Guard, shop: Api) -> None:
    assert guard.call("GET", "/items/1", x_key=API_KEY).status == 200
    assert shop.seen[-1].values("x-bartizan-principal") == ["partner"]
    assert shop.seen[-1].values("x-key") == []
    refused = guard.call("GET", "/items/1", x_key=API_KEY[:-1] + "0")
    assert refused.status == 401
    hashed = bartizan(
        guard.folder, "keys", "hash", "--config", str(guard.folder / "bartizan.yaml"), "--json"
    )
    assert "Traceback" not in hashed.stderr


def test_a_missing_scope_is_403_and_names_what_is_missing(guard: Guard, trusted: Key) -> None:
    def write(scope: str) -> Response:
        fields = bearer(trusted.token(URL, scope=scope)) | {"content_type": "application/json"}
        return guard.call("POST", "/items", b'{"name":"pen"}', **fields)

    assert write("items:read items:write").status == 200
    refused = write("items:read")
    assert refused.status == 403
    assert codes(guard, refused) == ["authorize.scope"]
    assert "insufficient_scope" in str(refused.field("www-authenticate"))


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": int(time.time()) - 60}, "identify.expired"),
        ({"aud": "another-api"}, "identify.audience"),
        ({"iss": "https://evil.example.com"}, "identify.unknown-issuer"),
        ({"nbf": int(time.time()) + 600}, "identify.not-yet-valid"),
    ],
    ids=["expired", "audience", "issuer", "early"],
)
def test_a_token_that_does_not_fit_is_401(
    guard: Guard, shop: Api, trusted: Key, claims: dict[str, Any], code: str
) -> None:
    calls = len(shop.seen)
    refused = read(guard, trusted.token(URL, **claims))
    assert refused.status == 401
    assert codes(guard, refused) == [code]
    assert len(shop.seen) == calls
    assert read(guard, trusted.token(URL)).status == 200


def test_no_credential_forged_and_unsigned_ones_are_401(guard: Guard, trusted: Key) -> None:
    missing = guard.call("GET", "/items/1")
    assert missing.status == 401
    assert str(missing.field("www-authenticate")).startswith("Bearer")
    token = trusted.token(URL)
    head, claims, _ = token.split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
    for wrong in (Key("trusted").token(URL), f"{unsigned}.{claims}.", f"{head}.{claims}."):
        assert read(guard, wrong).status == 401
    assert read(guard, token).status == 200


def test_a_token_seen_before_is_not_verified_again_and_still_expires(
    guard: Guard, trusted: Key
) -> None:
    # The skew of 10 s leaves this token two seconds.
    token = trusted.token(URL, exp=int(time.time()) - 8)
    assert [read(guard, token).status for _ in range(3)] == [200] * 3
    until(lambda: read(guard, token).status == 401 or None, what="the end of the token")


def test_secrets_stand_nowhere(guard: Guard, trusted: Key) -> None:
    token = trusted.token(URL, sub="canary")
    head, claims, signature = token.split(".")
    for fields in (bearer(token), bearer(token[:-3]), {"x_key": API_KEY}, {"x_key": API_KEY + "x"}):
        guard.call("GET", "/items/1?password=canary-query", **fields)
        guard.call("POST", "/items", b'{"name":1,"password":"canary-body"}', **fields)
        guard.call("GET", "/canary-path/1", **fields)
    until(lambda: guard.counts()[3] == 0 or None, what="the last Event")
    time.sleep(1.1)  # Two ticks of the control process: the table is written.
    metrics, verbose = guard.page("/metrics")[1], guard.page("/readyz?verbose")[1]
    kept = b"".join(path.read_bytes() for path in guard.state.iterdir() if path.is_file())
    assert b"identify." in kept, "the table of Events was not read"
    outputs = {
        "metrics": metrics,
        "readyz": verbose,
        "stdout": guard.out,
        "stderr": guard.err,
        "events": json.dumps(guard.events),
        "files": kept.decode("latin-1"),
        "report": bartizan(guard.folder, "report", "--json").stdout,
        "command line": _command_lines(guard),
    }
    secrets = [signature, API_KEY, PEPPER, "canary-query", "canary-body", f"{head}.{claims}"]
    found = [(name, one) for name, text in outputs.items() for one in secrets if one in text]
    assert found == []
    assert "canary-path" not in metrics
    assert re.search(r'http_route="/items/\{id\}"', metrics)
    assert 'http_route="_undeclared"' in metrics
    assert "/items/1" not in metrics


def test_after_a_flood_a_rotated_key_is_fetched_once_in_30_s(
    rotated: Guard, rotating: Issuer
) -> None:
    key = Key("second")
    rotating.keys.append(key)
    token = key.token(rotating.url)
    until(lambda: read(rotated, token).status == 200 or None, 40, what="the rotated key")
    assert rotating.asked == 4
    for number in range(5):
        assert read(rotated, Key(f"late-{number}").token(rotating.url)).status == 401
    assert rotating.asked == 4
    assert read(rotated, rotating.keys[0].token(rotating.url)).status == 200


def _command_lines(guard: Guard) -> str:
    pids = (guard.process.pid, guard.gateway_pid)
    return "".join(Path(f"/proc/{pid}/cmdline").read_text(encoding="latin-1") for pid in pids)
