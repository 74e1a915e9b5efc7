"""Kinds of config values with an inner form: addresses, URLs, paths, networks, moments."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.policy import instead
from bartizan.policy.reading import INVALID, Invalid, Reading

if TYPE_CHECKING:
    from bartizan.policy.kinds import JsonSchema

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?][^\s#]*)?"
)
_LOOPBACK = re.compile(
    r"http://(localhost|127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|\[::1\])(?=[:/?]|$)"
)
_PORT_MAX = 65_535


def is_url(text: str) -> bool:
    """Whether `text` begins like an HTTP URL."""
    return text.startswith(("http://", "https://"))


def is_loopback(url: str) -> bool:
    """Whether the host of an `http:` URL is this machine."""
    return _LOOPBACK.match(url) is not None


@dataclass(frozen=True, slots=True)
class Url:
    """A URL with a host. bare: nothing behind host and port but a slash."""

    schemes: tuple[str, ...]
    bare: bool = False

    def read(self, value: object, at: str, reading: Reading) -> str | Invalid:
        """As written; a bare one without its slash."""
        match = _URL.fullmatch(value) if isinstance(value, str) else None
        if match is None or not isinstance(value, str) or int(match["port"] or 0) > _PORT_MAX:
            wanted = f"a URL, as in `{self._example()}`"
            return reading.wrong(at, wanted, value, instead=self._meant(value))
        if match["scheme"] not in self.schemes:
            wanted = f"a URL that begins with `{self.schemes[0]}://`, as in `{self._example()}`"
            return reading.wrong(at, wanted, value, instead=self._meant(value))
        if self.bare and (match["rest"] or "/") != "/":
            wanted = f"a host and port without a path, as in `{self._example()}`"
            return reading.wrong(at, wanted, value, instead=self._meant(value))
        return str(value).removesuffix("/") if self.bare else str(value)

    def _meant(self, value: object) -> str:
        return instead.url(value, self.schemes[0], bare=self.bare)

    def _example(self) -> str:
        return "http://127.0.0.1:8000" if self.bare else f"{self.schemes[0]}://idp.example.com"

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string."""
        del defs
        return {"type": "string", "pattern": f"^(?:{'|'.join(self.schemes)})://|" + r"\$\{"}


@dataclass(frozen=True, slots=True)
class PathText:
    """A path, relative to the config file. urls: or a URL; words: or one of these."""

    urls: bool = False
    words: tuple[str, ...] = ()

    def read(self, value: object, at: str, reading: Reading) -> str | Invalid:
        """The path as seen from the working directory; flags and variables are so already."""
        if not isinstance(value, str) or not value or "\0" in value:
            return reading.wrong(at, "a path or a URL" if self.urls else "a path", value)
        if value in self.words or (self.urls and is_url(value)):
            return str(value)
        if "://" in value:
            wanted = "a path or an http(s) URL" if self.urls else "a path"
            return reading.wrong(at, wanted, value)
        if reading.origin(at):
            return str(value)
        return os.path.normpath(os.path.join(reading.base, value))  # noqa: PTH118 -- text in, text out

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string."""
        del defs
        return {"type": "string", "minLength": 1}


_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[0-9.]+|localhost)?:(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address and port to listen on: `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`."""

    def read(self, value: object, at: str, reading: Reading) -> str | Invalid:
        """The address with `localhost` written out."""
        from ipaddress import ip_address

        match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
        wanted = "an address and port, as in `127.0.0.1:8080`"
        if match is None or match["host"] is None or int(match["port"]) > _PORT_MAX:
            return reading.wrong(at, wanted, value, instead=instead.address(value))
        host = "127.0.0.1" if match["host"] == "localhost" else match["host"]
        try:
            ip_address(host.strip("[]"))
        except ValueError:
            return reading.wrong(at, wanted, value)
        return f"{host}:{int(match['port'])}"

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string."""
        del defs
        return {"type": "string", "pattern": r":[0-9]{1,5}$|\$\{"}


@dataclass(frozen=True, slots=True)
class Network:
    """A network: `10.0.0.0/8`, or one address."""

    def read(self, value: object, at: str, reading: Reading) -> str | Invalid:
        """In CIDR form."""
        from ipaddress import ip_network

        try:
            return (
                str(ip_network(str(value)))
                if isinstance(value, str)
                else self._wrong(value, at, reading)
            )
        except ValueError:
            return self._wrong(value, at, reading)

    @staticmethod
    def _wrong(value: object, at: str, reading: Reading) -> Invalid:
        wanted = "a network, as in `10.0.0.0/8`, with no address bits beyond its prefix"
        reading.wrong(at, wanted, value, instead=instead.network(value))
        return INVALID

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string."""
        del defs
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a time: `2027-01-31`, `2027-01-31T12:00:00Z`. Without a zone it is UTC."""

    def read(self, value: object, at: str, reading: Reading) -> int | Invalid:
        """Unix seconds."""
        from datetime import UTC, datetime

        try:
            moment = datetime.fromisoformat(str(value)) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None:
            wanted = "a date, as in `2027-01-31` or `2027-01-31T12:00:00Z`"
            return reading.wrong(at, wanted, value, instead=instead.moment(value))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(int(moment.timestamp()), 0)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string."""
        del defs
        return {"type": "string"}


_BASE = re.compile(r"(?:/[^\s{}?#]*)?")


@dataclass(frozen=True, slots=True)
class Base:
    """A path before every operation, or a list of them: `/v1`; `/` is none."""

    def read(self, value: object, at: str, reading: Reading) -> tuple[str, ...] | Invalid:
        """Without a slash at the end."""
        written = value if isinstance(value, list) and value else [value]
        bases: list[str] = []
        for one in written:
            if not isinstance(one, str) or not one or _BASE.fullmatch(one) is None:
                return reading.wrong(at, "a path, as in `/v1` or `/`, or a list of paths", one)
            bases.append(one.rstrip("/"))
        return tuple(dict.fromkeys(bases))

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """A string or a list of strings."""
        del defs
        one: JsonSchema = {"type": "string", "pattern": r"^/|\$\{"}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
