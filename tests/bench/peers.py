"""The peers: nginx, HAProxy and Envoy as plain proxies, the latter two also with a token check.

One worker each, upstream keep-alive, no access log: each as its own documentation tunes it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.api import SCARCE
from tests.bench.processes import free_port, running
from tests.bench.subjects import Bench, Door
from tests.bench.tokens import AUDIENCE, ISSUER, KEY_ID

ROOT = Path(__file__).resolve().parent.parent.parent
BENCH_VENV = ROOT / "target" / "bench" / "venv"
SCARCE_LIMIT = 2
PLENTY = 100_000_000


def program(name: str) -> str:
    """A server of the system, also where sbin is not on the PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        message = f"{name} is missing; `tools/debian bench` installs it"
        raise RuntimeError(message)
    return found


@contextlib.contextmanager
def serve(name: str, config: str, bench: Bench, command: list[str], port: int) -> Iterator[Door]:
    """Write the config, start the command with it, wait for the port."""
    file = bench.folder / name
    file.write_text(config, encoding="utf-8")
    log = bench.folder / f"{name}.log"
    with running([*command, str(file)], port, log) as pid:
        yield Door(port, pid)


@contextlib.contextmanager
def nginx(bench: Bench, more: str = "") -> Iterator[Door]:
    """One worker, keep-alive to the upstream. more: settings of its one location."""
    port, folder = free_port(), bench.folder
    config = f"""
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log warn; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000; keepalive_timeout 300s;
  upstream api {{
    server 127.0.0.1:{bench.upstream}; keepalive 64; keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location / {{
      proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; {more}
    }}
  }}
}}
"""
    with serve("nginx.conf", config, bench, [program("nginx"), "-c"], port) as door:
        yield door


@contextlib.contextmanager
def nginx_streaming(bench: Bench) -> Iterator[Door]:
    """Bodies pass as they come, without a temporary file."""
    more = "client_max_body_size 20m; proxy_request_buffering off; proxy_max_temp_file_size 0;"
    with nginx(bench, more) as door:
        yield door


def haproxy_config(bench: Bench, port: int, rules: str = "", tables: str = "") -> str:
    """One thread, connections to the upstream reused by all clients."""
    return f"""
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout client 60s
  timeout server 30s
  timeout connect 2s
  timeout http-request 5s
  http-reuse always
frontend door
  bind 127.0.0.1:{port} backlog 1024
{rules}
  default_backend api
backend api
  server one 127.0.0.1:{bench.upstream} pool-max-conn 64
{tables}
"""


@contextlib.contextmanager
def haproxy(bench: Bench) -> Iterator[Door]:
    """A plain proxy."""
    port = free_port()
    config = haproxy_config(bench, port)
    with serve("haproxy.cfg", config, bench, [program("haproxy"), "-db", "-f"], port) as door:
        yield door


@contextlib.contextmanager
def haproxy_token(bench: Bench) -> Iterator[Door]:
    """RS256 verified for each request, issuer, audience and expiry checked, limit by subject."""
    port, pem = free_port(), bench.folder / "issuer.pem"
    pem.write_bytes(bench.issuer.public_pem())
    rules = f"""
  stick-table type string len 64 size 100k expire 120s store http_req_rate(60s)
  http-request set-var(txn.bearer) http_auth_bearer
  http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
  http-request set-var(txn.iss) var(txn.bearer),jwt_payload_query('$.iss')
  http-request set-var(txn.aud) var(txn.bearer),jwt_payload_query('$.aud')
  http-request set-var(txn.sub) var(txn.bearer),jwt_payload_query('$.sub')
  http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless {{ var(txn.alg) -m str RS256 }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.alg,"{pem}") 1 }}
  http-request deny deny_status 401 unless {{ var(txn.iss) -m str {ISSUER} }}
  http-request deny deny_status 401 unless {{ var(txn.aud) -m str {AUDIENCE} }}
  http-request deny deny_status 401 if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}
  http-request track-sc0 var(txn.sub)
  http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt {PLENTY} }}
  http-request track-sc1 var(txn.sub) table scarce if {{ path {SCARCE} }}
  http-request deny deny_status 429 if {{ path {SCARCE} }} {{ sc1_http_req_rate gt {SCARCE_LIMIT} }}
"""
    tables = """
backend scarce
  stick-table type string len 64 size 100k expire 120s store http_req_rate(60s)
"""
    config = haproxy_config(bench, port, rules, tables)
    with serve("haproxy-token.cfg", config, bench, [program("haproxy"), "-db", "-f"], port) as door:
        yield door


def envoy_limit(name: str, tokens: int) -> dict[str, Any]:
    """A bucket of the local rate limit filter."""
    return {
        "@type": "type.googleapis.com/envoy.extensions.filters.http"
        ".local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": name,
        "token_bucket": {"max_tokens": tokens, "tokens_per_fill": tokens, "fill_interval": "60s"},
        "filter_enabled": {"default_value": {"numerator": 100}},
        "filter_enforced": {"default_value": {"numerator": 100}},
    }


def envoy_filters(bench: Bench) -> list[dict[str, Any]]:
    """Token check with the token cache on, then the limit."""
    provider = {
        "issuer": ISSUER,
        "audiences": [AUDIENCE],
        "forward": True,
        "local_jwks": {"inline_string": json.dumps(bench.issuer.jwks())},
        "jwt_cache_config": {"jwt_cache_size": 1000},
    }
    token = {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers": {KEY_ID: provider},
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": KEY_ID}}],
    }
    return [
        {"name": "envoy.filters.http.jwt_authn", "typed_config": token},
        {
            "name": "envoy.filters.http.local_ratelimit",
            "typed_config": envoy_limit("all", PLENTY),
        },
    ]


def envoy_config(bench: Bench, port: int, filters: list[dict[str, Any]]) -> dict[str, Any]:
    """One listener, one route, one cluster; the admin listener is off."""
    router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
    routes: list[dict[str, Any]] = [{"match": {"prefix": "/"}, "route": {"cluster": "api"}}]
    if filters:
        limit = envoy_limit("scarce", SCARCE_LIMIT)
        scarce = {"envoy.filters.http.local_ratelimit": limit}
        match = {"path": SCARCE}
        routes.insert(
            0, {"match": match, "route": {"cluster": "api"}, "typed_per_filter_config": scarce}
        )
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network"
        ".http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "door",
        "generate_request_id": False,
        "http_filters": [*filters, {"name": "envoy.filters.http.router", "typed_config": router}],
        "route_config": {"virtual_hosts": [{"name": "api", "domains": ["*"], "routes": routes}]},
    }
    chain = {
        "filters": [
            {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
        ]
    }
    listener = {"name": "door", "address": address(port), "filter_chains": [chain]}
    endpoint = {"endpoint": {"address": address(bench.upstream)}}
    cluster = {
        "name": "api",
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": "api", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def address(port: int) -> dict[str, Any]:
    """A loopback address as Envoy writes it."""
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@contextlib.contextmanager
def start_envoy(bench: Bench, name: str, filters: list[dict[str, Any]]) -> Iterator[Door]:
    """One worker thread."""
    port = free_port()
    config = json.dumps(envoy_config(bench, port, filters))
    command = [str(BENCH_VENV / "bin" / "envoy"), "--concurrency", "1", "--log-level", "warn"]
    command += ["--disable-hot-restart", "-c"]
    with serve(name, config, bench, command, port) as door:
        yield door


@contextlib.contextmanager
def envoy(bench: Bench) -> Iterator[Door]:
    """A plain proxy."""
    with start_envoy(bench, "envoy.json", []) as door:
        yield door


@contextlib.contextmanager
def envoy_token(bench: Bench) -> Iterator[Door]:
    """RS256 from the token cache, limit for all callers together."""
    with start_envoy(bench, "envoy-token.json", envoy_filters(bench)) as door:
        yield door
