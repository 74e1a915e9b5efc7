"""Path templates and server paths."""

from __future__ import annotations

import re
from itertools import product
from posixpath import dirname
from urllib.parse import unquote

from bartizan.policy.sources.library import Spot

EXPANSIONS_MAX = 64
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_AUTHORITY = re.compile(r"[^/?#]*//[^/?#]*")


def template_fault(path: str) -> str:
    """Why `path` cannot be matched, in words; empty if it can."""
    if not path.startswith("/"):
        return "the path does not begin with a slash"
    outside = _VARIABLE.sub("", path)
    if "{" in outside or "}" in outside:
        return "the path has a brace that is not closed"
    names = _VARIABLE.findall(path)
    if "" in names:
        return "the path has a parameter without a name"
    if len(set(names)) < len(names):
        return "the path names one parameter twice"
    if any("/" in name for name in names):
        return "a parameter name holds a slash"
    if "}{" in path:
        return "two parameters touch in the path"
    if "?" in outside or "#" in outside:
        return "the path holds a query or a fragment"
    return ""


def template_names(path: str) -> list[str]:
    """Parameter names in order of appearance."""
    return _VARIABLE.findall(path)


def decoded(path: str) -> str:
    """The template with percent-escapes of its literals decoded."""
    if "%" not in path:
        return path
    parts = re.split(r"(\{[^{}]*\})", path)
    return "".join(part if part.startswith("{") else unquote(part) for part in parts)


def server_paths(servers: object, location: str) -> tuple[tuple[str, ...], str]:
    """The distinct paths of a `servers` list, and what is wrong with it in words (or empty).

    location: of the document, that relative URLs start from. No servers = `/`, which is "".
    Source: OpenAPI 3.1.1, Server Object and Server Variable Object.
    """
    if servers is None:
        return ("",), ""
    if not isinstance(servers, list):
        return ("",), "`servers` must be a list"
    paths: dict[str, None] = {}
    for server in servers:
        url = server.get("url") if isinstance(server, dict) else None
        if not isinstance(server, dict) or not isinstance(url, str):
            return ("",), "a server needs a `url`"
        urls, fault = _urls(url, server.get("variables"))
        if fault:
            return ("",), fault
        paths.update(dict.fromkeys(_path(one, location) for one in urls))
    return tuple(paths) or ("",), ""


def _urls(url: str, variables: object) -> tuple[list[str], str]:
    """`url` with every combination of the values its variables may take."""
    names = list(dict.fromkeys(_VARIABLE.findall(url)))
    choices: list[list[str]] = []
    for name in names:
        variable = variables.get(name) if isinstance(variables, dict) else None
        if not isinstance(variable, dict) or "default" not in variable:
            return [], f"server variable `{name}` has no default"
        enum = variable.get("enum")
        allowed = enum if isinstance(enum, list) and enum else [variable["default"]]
        choices.append([str(one) for one in allowed])
    urls: dict[str, None] = {}
    for values in product(*choices):
        made = url
        for name, value in zip(names, values, strict=True):
            made = made.replace(f"{{{name}}}", value)
        urls[made] = None
        if len(urls) > EXPANSIONS_MAX * 16:
            return [], "the server variables have too many combinations"
    return list(urls), ""


def _path(url: str, location: str) -> str:
    authority = _AUTHORITY.match(url)
    path = url[authority.end() :] if authority else url
    path = re.split(r"[?#]", path, maxsplit=1)[0]
    if not authority and path and not path.startswith("/"):
        home = _AUTHORITY.match(location)
        folder = dirname(location[home.end() :]) if home and "://" in location else ""
        path = f"{folder.rstrip('/')}/{path.removeprefix('./')}"
    return unquote(path).rstrip("/")


def at(spot: Spot, step: str) -> Spot:
    """The spot one step below; `step` is escaped already."""
    return (spot[0], f"{spot[1]}/{step}")
