from __future__ import annotations

import subprocess
import sys
from typing import Any

from flask import Flask
from starlette.applications import Starlette
from werkzeug.middleware.proxy_fix import ProxyFix

from bartizan.gateway.frameworks import frame_of


class Layer:
    """Middleware that keeps what it wraps in `app`."""

    def __init__(self, app: Any) -> None:
        self.app = app


def test_an_app_is_known_by_its_class_also_inside_its_middleware() -> None:
    for app in (Starlette(), Layer(Layer(Starlette()))):
        frame = frame_of(app)
        assert frame is not None
        assert frame.name == "Starlette"


def test_a_method_of_an_app_leads_to_it() -> None:
    app = Flask(__name__)
    for one in (app, app.wsgi_app, ProxyFix(app.wsgi_app)):
        frame = frame_of(one)
        assert frame is not None
        assert frame.name == "Flask"


def test_other_apps_have_no_frame() -> None:
    loop = Layer(None)
    loop.app = Layer(loop)
    for app in (lambda _a, _b, _c: None, loop, object()):
        assert frame_of(app) is None


def test_no_framework_is_imported_to_look_for_it() -> None:
    code = (
        "import sys; from bartizan.gateway.frameworks import frame_of; frame_of(object());"
        "print([one for one in ('flask', 'django', 'starlette', 'quart', 'litestar')"
        " if one in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603, this interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
