"""WSGI's environ on one side, the plain values of the core on the other. Conversion only.

A WSGI server has joined fields that were sent twice, lost their order, turned `-` into `_` and
decoded the path. Source: PEP 3333, "environ Variables" and "Unicode Issues".
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote_to_bytes

from bartizan.gateway.frameworks.frame import Call
from bartizan.gateway.messages import FORWARDING, SAFE, Fields

Environ = dict[str, Any]

RAW = ("RAW_URI", "REQUEST_URI")
"""Where servers keep the target as sent. No field of a client can set them."""
OWN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def peer_of(environ: Environ) -> str:
    """Address of the client, without its zone."""
    return str(environ.get("REMOTE_ADDR") or "").partition("%")[0]


def path_of(environ: Environ) -> str:
    """The path below the app's prefix, decoded as the app will decode it."""
    raw = str(environ.get("PATH_INFO") or "/").encode("latin-1")
    return raw.decode("utf-8", "replace")


def call_of(environ: Environ) -> Call:
    """The Request as the router of the app will see it."""
    root = str(environ.get("SCRIPT_NAME") or "").encode("latin-1").decode("utf-8", "replace")
    host = str(environ.get("HTTP_HOST") or "")
    return Call(str(environ["REQUEST_METHOD"]), path_of(environ), root, host)


def target_of(environ: Environ) -> bytes:
    """The target below the app's prefix: as the client sent it where the server kept it whole."""
    path = str(environ.get("PATH_INFO") or "/").encode("latin-1")
    root = str(environ.get("SCRIPT_NAME") or "").encode("latin-1")
    query = str(environ.get("QUERY_STRING") or "").encode("latin-1")
    raw = quote(path, safe=SAFE).encode()
    for name in RAW:
        written = str(environ.get(name) or "").encode("latin-1").partition(b"?")[0]
        prefix = quote(root, safe=SAFE).encode()
        # Believed only where the app's own path is what it decodes to.
        if written.startswith(b"/") and unquote_to_bytes(written) == root + path:
            raw = written.removeprefix(prefix) or b"/"
            break
    return raw + b"?" + query if query else raw


def fields_of(environ: Environ) -> Fields:
    """The fields, with `-` for `_`."""
    fields: Fields = []
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = key[5:].replace("_", "-").lower()
        elif value and key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = key.replace("_", "-").lower()
        else:
            continue
        fields.append((name.encode("latin-1"), str(value).encode("latin-1")))
    return fields


def body_length(environ: Environ) -> int | None:
    """Bytes of the body: 0 for none, None for as many as come."""
    written = str(environ.get("CONTENT_LENGTH") or "")
    if written:
        return int(written) if written.isascii() and written.isdecimal() else 0
    # Without a length only a server that ends the input itself can have a body.
    return None if environ.get("wsgi.input_terminated") and _is_chunked(environ) else 0


def _is_chunked(environ: Environ) -> bool:
    return bool(environ.get("HTTP_TRANSFER_ENCODING"))


def environ_of(
    environ: Environ,
    target: bytes,
    fields: Fields,
    given: bytes,
    length: int | None,
    *,
    keeps: bool = False,
) -> Environ:
    """The environ for the app: path, query and fields as inspected.

    given: the target before; length: of a body given whole; keeps: the app sees what its proxy
    says of the client.
    """
    seen = {key: value for key, value in environ.items() if not _is_field(key)}
    for name, value in fields:
        if name not in FORWARDING:
            _set(seen, name.decode("latin-1"), value.decode("latin-1"))
    if keeps:
        seen |= {key: environ[key] for key in _FORWARDING if key in environ}
    if length is not None:
        seen["CONTENT_LENGTH"] = str(length)
        seen["wsgi.input_terminated"] = True
    else:
        seen |= {key: environ[key] for key in _FRAMING if key in environ}
    if target != given:
        raw, _, query = target.partition(b"?")
        seen["PATH_INFO"] = unquote_to_bytes(raw).decode("latin-1")
        seen["QUERY_STRING"] = query.decode("latin-1")
        for key in RAW:
            seen.pop(key, None)
    return seen


def _is_field(key: str) -> bool:
    return key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")


def _set(seen: Environ, name: str, value: str) -> None:
    key = OWN.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
    glue = "; " if name == "cookie" else ","
    seen[key] = f"{seen[key]}{glue}{value}" if key in seen else value


_FORWARDING = tuple(f"HTTP_{one.decode().upper().replace('-', '_')}" for one in FORWARDING)
_FRAMING = ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")
