from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask
from quart import Quart
from quart_schema import QuartSchema
from werkzeug.routing import BaseConverter

from bartizan.gateway.frameworks.frame import Call
from bartizan.gateway.frameworks.werkzeug import WerkzeugFrame


def view(**_given: Any) -> str:
    return ""


class Dotted(BaseConverter):
    """Takes segments with slashes."""

    regex = "[a-z/]+"


def flask() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["dotted"] = Dotted
    inner = Blueprint("inner", __name__)
    inner.add_url_rule("/<int:n>/", "n", view, methods=["GET", "POST"])
    app.register_blueprint(inner, url_prefix="/b")
    app.add_url_rule("/f/<path:rest>", "f", view)
    app.add_url_rule("/d/<dotted:x>", "d", view, methods=["DELETE"])
    app.add_url_rule("/v<string(length=2):v>.js", "v", view)
    return app


def frame() -> WerkzeugFrame:
    return WerkzeugFrame(flask(), "Flask")


def routed(made: WerkzeugFrame, *calls: Call) -> list[str | None]:
    names = {one.key: one.label for one in made.routes()}
    return [names.get(made.find(call)) for call in calls]


def test_rules_and_converters_become_labels() -> None:
    assert {one.label: one.methods for one in frame().routes()} == {
        "/b/{n}/": ("GET", "POST"), "/f/*rest": ("GET",), "/d/*x": ("DELETE",),
        "/v{v}.js": ("GET",),
    }  # fmt: skip


def test_the_map_itself_decides() -> None:
    made = routed(
        frame(),
        Call("GET", "/b/7/"),
        Call("GET", "/b/seven/"),
        Call("DELETE", "/d/a/b"),
        Call("GET", "/d/a"),
        Call("HEAD", "/f/x"),
    )
    assert made == ["/b/{n}/", None, "/d/*x", None, "/f/*rest"]


def test_a_redirect_by_slash_belongs_to_the_rule_it_leads_to() -> None:
    assert routed(frame(), Call("GET", "/b/7"), Call("GET", "/")) == ["/b/{n}/", None]


def test_hosts_and_subdomains_part_rules() -> None:
    app = Flask(__name__, static_folder=None, subdomain_matching=True)
    app.config["SERVER_NAME"] = "api.local"
    app.add_url_rule("/a", "one", view, subdomain="x")
    app.add_url_rule("/b", "two", view)
    made = WerkzeugFrame(app, "Flask")
    calls = (Call("GET", "/a", host="x.api.local"), Call("GET", "/a", host="api.local"),
             Call("GET", "/b", host="api.local"), Call("GET", "/b", host="evil.test"))  # fmt: skip
    assert routed(made, *calls) == ["/a", None, "/b", None]


def test_sockets_are_rules_of_their_own() -> None:
    app = Quart(__name__, static_folder=None)
    app.add_websocket("/ws", "ws", view)
    made = WerkzeugFrame(app, "Quart")
    socket = Call("GET", "/ws", is_socket=True)
    assert routed(made, socket, Call("GET", "/ws")) == ["/ws", None]


def test_the_document_of_quart_schema_is_taken() -> None:
    app = Quart(__name__, static_folder=None)
    QuartSchema(app)

    @app.get("/items/<int:number>")
    async def item(number: int) -> str:
        return str(number)

    document = WerkzeugFrame(app, "Quart").document()
    assert document is not None
    paths: Any = document["paths"]
    assert "/items/{number}" in paths
    assert WerkzeugFrame(flask(), "Flask").document() is None
