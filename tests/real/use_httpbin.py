"""Honest use of httpbin: what people send to it to try their clients."""

from __future__ import annotations

from tests.real.steps import Step, send_json

_FORM = ("content-type", "application/x-www-form-urlencoded")
_BASIC = ("authorization", "Basic dXNlcjpwYXNz")
_BOUNDARY = "zz-boundary-zz"
_MULTIPART = (
    f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="note"\r\n\r\nhello\r\n'
    f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n'
    f"content-type: text/plain\r\n\r\nline one\nline two\r\n--{_BOUNDARY}--\r\n"
).encode()


def _get(target: str, *fields: tuple[str, str]) -> Step:
    return Step("GET", target, fields=fields)


_READ = (
    _get("/get?a=1&b=two%20words&c="),
    _get("/get?list=1&list=2", ("accept-language", "de,en;q=0.5"), ("x-trace", "7")),
    Step("HEAD", "/get"),
    _get("/ip"),
    _get("/headers", ("x-custom", "yes")),
    _get("/user-agent", ("user-agent", "people/1.0")),
    _get("/uuid"),
    _get("/json"),
    _get("/xml"),
    _get("/html"),
    _get("/robots.txt"),
    _get("/deny"),
    _get("/encoding/utf8"),
    _get("/image", ("accept", "image/png")),
    _get("/image/png"),
    _get("/image/jpeg"),
    _get("/image/webp"),
    _get("/image/svg"),
    _get("/base64/aGVsbG8gd29ybGQ%3D"),
    _get("/bytes/64?seed=7"),
    _get("/links/5/1"),
    _get("/anything/some/deep/path?x=1"),
    _get("/delay/0"),
)
_CODINGS = tuple(
    _get(f"/{name}", ("accept-encoding", name)) for name in ("gzip", "deflate", "brotli")
)
_STREAMS = (
    _get("/stream/3"),
    _get("/stream-bytes/2048?seed=3"),
    _get("/stream-bytes/4096?seed=3&chunk_size=100"),
    _get("/drip?duration=1&numbytes=8&delay=0"),
    _get("/range/256"),
    _get("/range/256", ("range", "bytes=10-19")),
    _get("/range/256", ("range", "bytes=900-")),
)
_CACHES = (
    _get("/cache"),
    _get("/cache", ("if-none-match", '"abc"')),
    _get("/cache", ("if-modified-since", "Wed, 21 Oct 2015 07:28:00 GMT")),
    _get("/cache/60"),
    _get("/etag/abc", ("if-none-match", '"abc"')),
    _get("/etag/abc", ("if-match", '"other"')),
)
_LOG_IN = (
    _get("/basic-auth/user/pass"),
    _get("/basic-auth/user/pass", _BASIC),
    _get("/hidden-basic-auth/user/pass", _BASIC),
    _get("/hidden-basic-auth/user/pass"),
    _get("/bearer"),
    _get("/bearer", ("authorization", "Bearer abc.def")),
    _get("/cookies/set?flavour=plain"),
    _get("/cookies/set/other/value"),
    _get("/cookies", ("cookie", "flavour=plain; other=value")),
    _get("/cookies/delete?flavour", ("cookie", "flavour=plain")),
)
_MOVES = (
    _get("/redirect/2"),
    _get("/relative-redirect/1"),
    _get("/absolute-redirect/1"),
    _get("/redirect-to?url=/get&status_code=307"),
    Step("POST", "/redirect-to", b"url=%2Fget&status_code=303", (_FORM,)),
    _get("/status/204"),
    _get("/status/404"),
    _get("/status/418"),
    _get("/status/503"),
    Step("POST", "/status/201"),
    _get("/response-headers?x-answer=42"),
    Step("POST", "/response-headers?x-answer=42"),
)
_WRITE = (
    send_json("POST", "/post", {"name": "pen", "prices": [1, 2.5], "deep": {"a": None}}),
    Step("POST", "/post", b"name=pen&colour=blue&colour=red", (_FORM,)),
    Step(
        "POST",
        "/post",
        _MULTIPART,
        (("content-type", f"multipart/form-data; boundary={_BOUNDARY}"),),
    ),
    Step("POST", "/post", b"plain words", (("content-type", "text/plain; charset=utf-8"),)),
    Step("POST", "/post", bytes(range(256)) * 300, (("content-type", "application/octet-stream"),)),
    Step(
        "POST",
        "/post",
        chunks=(b"one ", b"two ", b"three"),
        fields=(("content-type", "text/plain"),),
    ),
    Step("POST", "/post", b""),
    send_json("PUT", "/put", {"whole": True}),
    send_json("PATCH", "/patch", {"part": 1}),
    Step("DELETE", "/delete"),
    send_json("DELETE", "/delete?why=test", {"force": True}),
    send_json("PUT", "/anything", [1, 2, 3]),
    Step("OPTIONS", "/get"),
)
STEPS = _READ + _CODINGS + _STREAMS + _CACHES + _LOG_IN + _MOVES + _WRITE
