"""`owns` in every framework under a real server: real keys, both sides, `explain`."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from bartizan import _core
from tests.journey.api import until
from tests.journey.guard import bartizan, explained
from tests.journey.test_mounts import served
from tests.unit.gateway.owned_apps import APPS

PEPPER = "a pepper that is long enough"
KEYS = {"alice": [], "bob": [], "staff": ["orders:any"]}
SERVERS = {
    "flask": "gunicorn", "django": "gunicorn", "django-rest": "waitress", "fastapi": "uvicorn",
    "starlette": "hypercorn", "quart": "hypercorn", "litestar": "uvicorn",
    "django-asgi-slow": "uvicorn",
}  # fmt: skip
MODULE = """
from tests.unit.gateway.owned_apps import APPS
app = APPS["{name}"][0](mode=None)
"""


def config(mode: str) -> str:
    keys = [
        {"id": one, "digest": _core.hash_api_key(PEPPER.encode(), one.encode()), "scopes": scopes}
        for one, scopes in KEYS.items()
    ]
    auth = {"require": "always", "api_keys": {"pepper": PEPPER, "keys": keys}}
    return json.dumps({"mode": mode, "state": ".bartizan", "auth": auth})


def ask(client: httpx.Client, path: str, key: str) -> httpx.Response:
    return client.get(path, headers={"x-api-key": key, "x-bartizan-principal": "bob"})


@pytest.mark.parametrize(("name", "server"), SERVERS.items())
def test_each_reaches_what_is_its_own_and_no_more(tmp_path: Path, name: str, server: str) -> None:
    path = APPS[name][1]
    with served(tmp_path, MODULE.format(name=name), server, config("enforce")) as it:
        assert ask(it.client, f"{path}/7", "alice").json() == {"number": 7}
        assert ask(it.client, f"{path}/8", "bob").json() == {"number": 8}
        assert ask(it.client, f"{path}/8", "staff").json() == {"number": 8}
        refused = ask(it.client, f"{path}/8", "alice")
        assert refused.status_code == 404
        assert ask(it.client, f"{path}/9", "alice").status_code == 404
        assert ask(it.client, f"{path}/8", "eve").status_code == 401
        assert ask(it.client, f"{path}/0", "alice").status_code == 503
        told = refused.json()
        told = next((one for one in told.values() if isinstance(one, dict)), told)
        fields = explained(tmp_path, told["reference"])["fields"]
    assert fields["rule"]["rule"] == "authorize.foreign-object"
    assert fields["decision"]["verdict"] == "deny"
    assert fields["setting"]["file"].endswith("owned_apps.py")
    assert fields["setting"]["text"].startswith('RULE: Any = owns("order", "number"')
    assert fields["place"]["field"] == "path:number"
    assert fields["caller"]["principal"].startswith("alice")
    assert "correct the declaration" in fields["choices"]["code"]


def _reported(folder: Path) -> dict[str, dict[str, int]] | None:
    done = bartizan(folder, "report", "--json")
    lines = json.loads(done.stdout)["lines"] if done.stdout else []
    return {line["code"]: line for line in lines} or None


def test_in_shadow_everything_passes_and_the_report_tells_what_would_not(tmp_path: Path) -> None:
    with served(tmp_path, MODULE.format(name="fastapi"), "uvicorn", config("shadow")) as it:
        assert ask(it.client, "/orders/8", "alice").json() == {"number": 8}
        assert ask(it.client, "/orders/7", "alice").json() == {"number": 7}
        lines = until(lambda: _reported(tmp_path), 40, "the report")
    assert lines["authorize.foreign-object"]["would_be_refused"] == 1
    assert lines["authorize.foreign-object"]["refused"] == 0


# ---- users of Django's session ----------------------------------------------------------------

SESSIONS = """
from django.conf import settings
from django.http import JsonResponse
from django.urls import path
from bartizan import owns, protect

settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", LOGGING_CONFIG=None, USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}},
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
)
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import login
from django.contrib.auth.models import User
USERS = {name: User.objects.get_or_create(username=name)[0] for name in ("ann", "ben")}
OWNERS = {7: str(USERS["ann"].pk), 8: str(USERS["ben"].pk)}
RULE = owns("order", "number")

def enter(request, name):
    login(request, USERS[name], "django.contrib.auth.backends.ModelBackend")
    return JsonResponse({"pk": USERS[name].pk})

@RULE
def order(request, number):
    return JsonResponse({"number": number})

@RULE
async def later(request, number):
    return JsonResponse({"number": number})

urlpatterns = [path("enter/<str:name>", enter), path("orders/<int:number>", order),
               path("later/<int:number>", later)]
"""
GATEWAYS = {
    "gunicorn": "from django.core.wsgi import get_wsgi_application as get_application\n",
    "uvicorn": "from django.core.asgi import get_asgi_application as get_application\n",
}
MOUNT = "app = protect(get_application(), owners={{'order': OWNERS.get}}{session})\n"


@pytest.mark.parametrize("server", GATEWAYS)
def test_a_user_of_djangos_session_reaches_what_is_its_own(tmp_path: Path, server: str) -> None:
    module = SESSIONS + GATEWAYS[server] + MOUNT.format(session=", session_user='django'")
    with served(tmp_path, module, server, "mode: enforce\nstate: .bartizan\n") as it:
        forged = {"x-bartizan-principal": "1", "remote-user": "ann"}
        assert it.client.get("/orders/7", headers=forged).status_code == 404
        key = str(it.client.get("/enter/ann").json()["pk"])
        assert it.client.get("/later/7").json() == {"number": 7}
        assert it.client.get("/later/8").status_code == 404
        assert it.client.get("/orders/7").json() == {"number": 7}
        refused = it.client.get("/orders/8")
        assert refused.status_code == 404
        it.client.get("/enter/ben")
        assert it.client.get("/orders/8").status_code == 200
        assert it.client.get("/orders/7").status_code == 404
        reference = refused.json()["reference"]
        fields = explained(tmp_path, reference)["fields"]
    assert fields["rule"]["rule"] == "authorize.foreign-object"
    assert fields["caller"]["principal"] == f"{key} (framework of django)"


def test_without_a_word_a_session_is_nobody(tmp_path: Path) -> None:
    module = SESSIONS + GATEWAYS["gunicorn"] + MOUNT.format(session="")
    with served(tmp_path, module, "gunicorn", "mode: enforce\n") as it:
        it.client.get("/enter/ann")
        assert it.client.get("/orders/7").status_code == 404
