"""ASGI's dicts on one side, the plain values of the core on the other. Conversion only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote, unquote

from bartizan.gateway.frameworks.frame import Call

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Fields = list[tuple[bytes, bytes]]

UNTOLD = -1
"""Length of a body that only its first message can tell (HTTP/2 without `content-length`)."""
BODILESS = frozenset((204, 304))
LEFT: Message = {"type": "http.disconnect"}
FORWARDING = frozenset(
    (b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto")
)
"""Set by the core for an API behind a connection. In a mount nothing is forwarded."""
DENIAL = "websocket.http.response"
"""The extension by which a handshake is answered with a Response (ASGI, "WebSocket Denial")."""
EXTENSIONS = frozenset(("tls", DENIAL))
"""What a server offers and an app may use. The others send what the Exchange would not see."""


def problem(status: int, title: str, code: str) -> tuple[Message, ...]:
    """An answer where no Exchange can give one: fixed words, no echo (RFC 9457)."""
    body = b'{"type":"about:blank","title":"%b","status":%d,"code":"%b"}'
    filled = body % (title.encode(), status, code.encode())
    return whole(status, [(b"content-type", b"application/problem+json")], filled)


def whole(status: int, fields: Fields, body: bytes | None) -> tuple[Message, ...]:
    """A whole answer as two messages. A body that was altered has its own length."""
    body = body or b""
    if status not in BODILESS:
        fields = [*fields, (b"content-length", b"%d" % len(body))]
    return (
        {"type": "http.response.start", "status": status, "headers": fields},
        {"type": "http.response.body", "body": body, "more_body": False},
    )


def peer_of(scope: Scope) -> str:
    """Address of the client, without its zone; empty where the server names none."""
    client = scope.get("client")
    return str(client[0]).partition("%")[0] if client else ""


SAFE = "/!$&'()*+,;=:@~"


def call_of(scope: Scope) -> Call:
    """The Request as the router of the app will see it."""
    root = str(scope.get("root_path") or "")
    path = str(scope["path"])
    if root and path.startswith(root):
        path = path[len(root) :] or "/"
    elif root:
        root = ""
    host = b""
    for name, value in scope["headers"]:
        if name == b"host":
            host = value
    is_socket = scope["type"] == "websocket"
    method = "GET" if is_socket else scope["method"]
    return Call(method, path, root, host.decode("latin-1"), is_socket)


def target_of(scope: Scope, root: str = "") -> bytes:
    """The request target as the client sent it, where the server kept it, below `root`."""
    path = scope.get("raw_path")
    raw: bytes = path or quote(scope["path"], safe=SAFE).encode()
    if root:
        raw = raw.removeprefix(quote(root, safe=SAFE).encode()) or b"/"
    query: bytes = scope.get("query_string", b"")
    return raw + b"?" + query if query else raw


def pairs(headers: Iterable[Iterable[bytes]]) -> Fields:
    """Header pairs as tuples: a server may give lists."""
    return [(name, value) for name, value in headers]


def handshake(scope: Scope) -> Fields:
    """The fields of a WebSocket's GET, without the upgrade that the server itself has made."""
    return [one for one in pairs(scope["headers"]) if one[0] not in _UPGRADE]


def body_length(scope: Scope) -> int | None:
    """Bytes of the body: 0 for none, None for unknown, UNTOLD where the head does not tell."""
    is_chunked = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
        is_chunked = is_chunked or name == b"transfer-encoding"
    if is_chunked:
        return None
    return 0 if scope.get("http_version", "1.1").startswith("1") else UNTOLD


def without_length(headers: Iterable[Iterable[bytes]]) -> tuple[Fields, int | None]:
    """The fields of a Response without those of its framing, and the length that they promise."""
    fields: Fields = []
    length = None
    for name, value in headers:
        lower = name.lower()
        if lower == b"content-length":
            length = int(value)
        elif lower != b"transfer-encoding":
            fields.append((lower, value))
    return fields, length


def scope_of(
    scope: Scope,
    target: bytes,
    fields: Fields,
    length: int | None,
    root: str = "",
    *,
    keeps: bool = False,
) -> Scope:
    """The scope for the app: path, query and fields as inspected. length: of a body given whole.

    keeps: the app sees what its proxy says of the client.
    """
    seen = dict(scope)
    kept = [one for one in fields if one[0] not in FORWARDING]
    if keeps:
        kept += [one for one in pairs(scope["headers"]) if one[0] in FORWARDING]
    if length is not None:
        kept.append((b"content-length", b"%d" % length))
    else:
        kept += [one for one in pairs(scope["headers"]) if one[0] in _FRAMING]
    seen["headers"] = kept
    offered = scope.get("extensions")
    if offered:
        seen["extensions"] = {name: offered[name] for name in offered if name in EXTENSIONS}
    if target != target_of(scope, root):
        raw, _, query = target.partition(b"?")
        raw = quote(root, safe=SAFE).encode() + raw
        seen["path"], seen["raw_path"] = unquote(raw.decode("ascii")), raw
        seen["query_string"] = query
    return seen


_UPGRADE = frozenset((b"connection", b"upgrade"))
_FRAMING = frozenset((b"content-length", b"transfer-encoding"))
BROKEN = problem(500, "Internal Server Error", "unavailable")
TOO_LARGE = problem(413, "Content Too Large", "body-too-large")
