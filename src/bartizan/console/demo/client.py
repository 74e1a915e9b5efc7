"""Sends the calls of a step to one side and gives the last answer."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.console.demo.issuer import Issuer, claims, unsigned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.console.demo.steps import Call

TIMEOUT_S = 10.0
RAW_MAX_BYTES = 65_536
HOUR_S = 3_600
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Answer:
    """head: `name: value` lines, names in lower case."""

    status: int
    head: str
    body: str

    @property
    def text(self) -> str:
        """Head and body."""
        return f"{self.head}\n\n{self.body}"

    @property
    def reference(self) -> str:
        """The reference id in an answer of Bartizan; empty in others."""
        with contextlib.suppress(ValueError):
            data = json.loads(self.body.rpartition("\r\n\r\n")[2])
            if isinstance(data, dict):
                return str(data.get("reference", ""))
        return ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Tokens of the cast. forger: an issuer with the same name and another key."""

    issuer: Issuer
    forger: Issuer
    now_s: int

    def token(self, who: str) -> str:
        """The token of `ann`, `ann expired`, `ann forged` or `ann unsigned`."""
        name, _, flaw = who.partition(" ")
        match flaw:
            case "":
                return self.issuer.token(name, self.now_s, exp=self.now_s + 8 * HOUR_S)
            case "expired":
                return self.issuer.token(name, self.now_s - 3 * HOUR_S, exp=self.now_s - 2 * HOUR_S)
            case "forged":
                return self.forger.token(name, self.now_s)
            case "unsigned":
                return unsigned({"alg": "none", "typ": "at+jwt"}, claims(name, self.now_s)) + "."
            case _:
                raise ValueError(f"no token is called `{who}`")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two doors. address: host and port. words: what `{name}` in a call stands for."""

    address: tuple[str, int]
    words: Mapping[str, str]
    header: Callable[[str], str]

    def send(self, calls: Sequence[Call]) -> Answer:
        """Sends all of them, in order; gives the answer to the last. Raises OSError."""
        return [self._send_often(call) for call in calls][-1]

    def filled(self, text: str) -> str:
        """`text` with the words of this side."""
        for name, value in self.words.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _send_often(self, call: Call) -> Answer:
        """A flood has met its limit with the first 429: a slow machine may refill it meanwhile."""
        answer = self._send(call)
        for _ in range(call.times - 1):
            if answer.status == TOO_MANY:
                break
            answer = self._send(call)
        return answer

    def _send(self, call: Call) -> Answer:
        if call.raw:
            return self._send_raw(self.filled(call.raw).encode())
        source = (call.source, 0) if call.source else None
        link = http.client.HTTPConnection(*self.address, timeout=TIMEOUT_S, source_address=source)
        with contextlib.closing(link):
            link.request(call.method, self.filled(call.target), self._body(call), self._head(call))
            return answer_of(link.getresponse())

    def _head(self, call: Call) -> dict[str, str]:
        head = {"User-Agent": "demo", "Accept": "*/*", **call.headers}
        if call.who:
            head["Authorization"] = self.header(call.who)
        if call.data is not None:
            head["Content-Type"] = "application/json"
        return head

    def _body(self, call: Call) -> bytes | None:
        return None if call.data is None else self.filled(json.dumps(call.data)).encode()

    def _send_raw(self, data: bytes) -> Answer:
        with socket.create_connection(self.address, timeout=TIMEOUT_S) as link:
            link.sendall(data)
            received = b""
            while len(received) < RAW_MAX_BYTES and (more := link.recv(RAW_MAX_BYTES)):
                received += more
        return raw_answer(received.decode("latin-1"))


def answer_of(response: http.client.HTTPResponse) -> Answer:
    """An answer as http.client read it."""
    head = "\n".join(f"{name.lower()}: {value}" for name, value in response.getheaders())
    return Answer(response.status, head, response.read().decode(errors="replace"))


def raw_answer(text: str) -> Answer:
    """All that came over a connection: the first status, and the rest as body."""
    line, _, rest = text.partition("\r\n")
    words = line.split()
    is_http = len(words) > 1 and words[1].isdigit()
    return Answer(int(words[1]) if is_http else 0, line, rest)
