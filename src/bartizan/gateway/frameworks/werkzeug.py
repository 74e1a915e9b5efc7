"""Flask and Quart: the rules of a werkzeug map, and the document that quart-schema makes.

The map's own matcher is asked. Hosts and subdomains are bound as the framework binds them.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

from bartizan.gateway.frameworks.frame import METHODS, Call, Route, listed
from bartizan.gateway.frameworks.label import Labels, bare
from bartizan.gateway.frameworks.routes_document import relabelled


class WerkzeugFrame:
    """One Flask or Quart app."""

    def __init__(self, app: Any, name: str) -> None:
        self._app = app
        self.name = name
        self._map = app.url_map
        self._map.update()
        self._parts_hosts = self._map.host_matching or getattr(app, "subdomain_matching", False)
        self._adapter = self._bound(Call("GET", "/"))
        self._written: dict[str, str] = {}
        labels = Labels()
        self._routes = [self._route(rule, labels) for rule in self._map.iter_rules()]

    def routes(self) -> list[Route]:
        """Every rule, in the order of the map."""
        return self._routes

    def _route(self, rule: Any, labels: Labels) -> Route:
        written = _written(rule)
        made = labels.distinct(f"{rule.host}|{rule.subdomain}|{rule.rule}", written)
        self._written.setdefault(bare(written), made)
        methods = set(rule.methods or METHODS)
        # An answer to OPTIONS that the framework makes up itself is no Operation.
        if self._is_automatic(rule):
            methods.discard("OPTIONS")
        return Route(id(rule), made, listed(methods))

    def _is_automatic(self, rule: Any) -> bool:
        return bool(getattr(rule, "provide_automatic_options", True))

    def document(self) -> Mapping[str, object] | None:
        """That of quart-schema, if it is in use."""
        extension = getattr(self._app, "extensions", {}).get("QUART_SCHEMA")
        provider = getattr(extension, "openapi_provider", None)
        if provider is None:
            return None
        made = {**provider.schema()}
        made.pop("servers", None)
        return relabelled(made, self._written)

    def find(self, call: Call) -> Hashable | None:
        """As `MapAdapter.match` says; a redirect by slash belongs to the rule it leads to."""
        adapter = self._bind(call)
        found = self._match(adapter, call, call.path)
        if found is None and call.path.strip("/"):
            turned = call.path.rstrip("/") if call.path.endswith("/") else call.path + "/"
            found = self._match(adapter, call, turned)
        return found

    def _bind(self, call: Call) -> Any:
        if not self._parts_hosts and not call.root:
            return self._adapter
        return self._bound(call)

    def _bound(self, call: Call) -> Any:
        host = call.host.lower()
        subdomain = None
        if not self._map.host_matching:
            subdomain = self._map.default_subdomain or ""
            if getattr(self._app, "subdomain_matching", False):
                subdomain = self._subdomain(host)
        return self._map.bind(host or "localhost", call.root, subdomain)

    def _subdomain(self, host: str) -> str:
        server = str(self._app.config.get("SERVER_NAME") or "").lower()
        if not server or host == server:
            return ""
        return host.removesuffix(f".{server}") if host.endswith(f".{server}") else "<invalid>"

    def _match(self, adapter: Any, call: Call, path: str) -> Hashable | None:
        """None for a redirect too: it leads elsewhere."""
        from werkzeug.exceptions import HTTPException

        try:
            rule, _ = adapter.match(path, call.method, return_rule=True, websocket=call.is_socket)
        except HTTPException:
            return None
        return id(rule)


_VARIABLE = re.compile(r"<(?:[a-zA-Z_]\w*(?:\(.*?\))?:)?([a-zA-Z_]\w*)>")


def _written(rule: Any) -> str:
    """The rule with `{name}`, or `{*name}` where a converter may take more than a segment."""

    def parameter(found: re.Match[str]) -> str:
        converter = rule._converters[found[1]]  # noqa: SLF001, public only as a built URL
        star = "" if getattr(converter, "part_isolating", False) else "*"
        return f"{{{star}{found[1]}}}"

    return _VARIABLE.sub(parameter, str(rule.rule))
