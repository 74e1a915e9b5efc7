"""What the labs share: who calls, what is planted, and how a lab is served on loopback.

A lab is a small API with holes on purpose, a fix for each, its OpenAPI document, honest use that
works with and without the fixes, and an attack for each hole that works without its fix only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bartizan.console.demo.issuer import AUDIENCE, ISSUER, Issuer
from bartizan.console.demo.shop.message import Refused, Request, Response
from bartizan.console.demo.shop.serve import Server

Json = dict[str, object]
Answering = Callable[[Request], Response]
Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Call:
    """One request of honest use or of an attack.

    who: whose token it carries; empty: none. data: sent as JSON. `{name}` in the target and in
    strings of data stands for what an earlier call kept. keep: name -> member of the JSON answer.
    status: what honest use gets.
    """

    method: str
    target: str
    who: str = ""
    data: object = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    def request(self, issuer: Issuer, now_s: int, kept: Mapping[str, object]) -> Request:
        """As it is sent."""
        headers = {"host": "lab.test"} | dict(self.headers)
        body = self.body
        if self.who:
            headers["authorization"] = f"Bearer {issuer.token(self.who, now_s)}"
        if self.data is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(_filled(self.data, kept)).encode()
        if body:
            headers["content-length"] = str(len(body))
        return Request(self.method, str(_filled(self.target, kept)), headers, body)


def _filled(value: object, kept: Mapping[str, object]) -> object:
    if isinstance(value, str):
        whole = re.fullmatch(r"\{(\w+)\}", value)
        if whole and whole[1] in kept:
            return kept[whole[1]]
        return re.sub(r"\{(\w+)\}", lambda hit: str(kept.get(hit[1], hit[0])), value)
    if isinstance(value, dict):
        return {name: _filled(inner, kept) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, kept) for inner in value]
    return value


@dataclass(frozen=True, slots=True)
class Weakness:
    """One planted hole. owasp: API Top 10 of 2023. works: whether the answers show that it does."""

    id: str
    owasp: str
    hole: str
    fix: str
    attack: tuple[Call, ...]
    works: Callable[[Sequence[Response]], bool]


@dataclass(slots=True)
class Desk:
    """Who is served: the issuer that is believed, the clock, and which holes are mended."""

    issuer: Issuer
    now_s: Callable[[], int]
    fixes: frozenset[str] = frozenset()

    def is_fixed(self, weakness: str) -> bool:
        """Whether this hole is mended."""
        return weakness in self.fixes

    def caller(self, request: Request) -> str:
        """The verified name of who asks. Raises Refused."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            claims = self.issuer.verified(token)
        except ValueError:
            raise Refused(401, "log in first") from None
        expires = claims.get("exp")
        is_ours = claims.get("iss") == ISSUER and claims.get("aud") == AUDIENCE
        if not is_ours or not isinstance(expires, int) or expires <= self.now_s():
            raise Refused(401, "log in first")
        return str(claims.get("sub"))


@dataclass(frozen=True, slots=True)
class Lab:
    """One API. start: a fresh one with its data, as a function from request to answer."""

    name: str
    title: str
    start: Callable[[Desk], Answering]
    weaknesses: tuple[Weakness, ...]
    good: tuple[Call, ...]

    @property
    def document(self) -> Path:
        """Its OpenAPI document."""
        return Path(__file__).parent / self.name / "openapi.yaml"

    @property
    def ids(self) -> frozenset[str]:
        """Of its holes."""
        return frozenset(one.id for one in self.weaknesses)

    def chosen(self, words: str) -> frozenset[str]:
        """The ids in `CLINIC-1,CLINIC-3` or `all`. Raises ValueError for an unknown one."""
        if words == "all":
            return self.ids
        found = frozenset(word.strip().upper() for word in words.split(",") if word.strip())
        if unknown := found - self.ids:
            raise ValueError(
                f"unknown weakness `{min(unknown)}`; known: {', '.join(sorted(self.ids))}"
            )
        return found


Route = tuple[str, str, Handler]


def routed(routes: Sequence[Route]) -> Answering:
    """A function that answers by method and path. Paths are patterns, their groups arguments."""
    table = [(method, re.compile(path), handler) for method, path, handler in routes]

    def answer(request: Request) -> Response:
        found = [
            (own, hit, run) for own, path, run in table if (hit := path.fullmatch(request.path))
        ]
        try:
            for own, hit, run in found:
                if own == request.method:
                    return run(request, **hit.groupdict())
        except Refused as refused:
            return Response(refused.status, {"error": str(refused)})
        status = 405 if found else 404
        return Response(status, {"error": "not with this method" if found else "no such page"})

    return answer


def play(answering: Answering, calls: Sequence[Call], issuer: Issuer, now_s: int) -> list[Response]:
    """The answers to the calls, in order."""
    kept: dict[str, object] = {}
    answers = []
    for call in calls:
        given = answering(call.request(issuer, now_s, kept))
        answers.append(given)
        if isinstance(given.data, dict):
            kept |= {name: given.data.get(member) for name, member in call.keep.items()}
    return answers


def main(lab: Lab, argv: Sequence[str] | None = None) -> int:
    """Serves the lab until Ctrl-C; prints where, and a token for each name, as one line of JSON."""
    holes = "\n".join(f"  {one.id:<10} {one.owasp:<12} {one.hole}" for one in lab.weaknesses)
    parser = argparse.ArgumentParser(
        prog=f"python -m labs.{lab.name}",
        description=f"{lab.title}. Vulnerable on purpose; loopback only.",
        epilog=f"planted holes:\n{holes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8000, help="0: any free port")
    parser.add_argument("--fix", type=lab.chosen, default="", help="holes to mend, or all")
    args = parser.parse_args(argv)
    issuer = Issuer(os.urandom(32))
    server = Server(args.port, lab.start(Desk(issuer, _now_s, frozenset(args.fix))))
    server.start()
    names = sorted({call.who for call in lab.good if call.who})
    tokens = {name: issuer.token(name, _now_s(), exp=_now_s() + 86_400) for name in names}
    told = {"api": server.url, "document": str(lab.document), "tokens": tokens}
    print(json.dumps(told | {"key_set": json.loads(issuer.key_set())}), flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    return 0


def _now_s() -> int:
    return int(time.time())


def run(lab: Lab) -> None:
    """As a program."""
    sys.exit(main(lab))
