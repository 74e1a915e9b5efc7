"""What the gateway process needs beside the Policy: options and secrets, outside the hash."""

from __future__ import annotations

import json

from bartizan.policy.config import Config


def options_of(config: Config) -> bytes:
    """Options of one load, as crates/edge/src/options.rs reads them. Times in milliseconds."""
    timeouts, pool, caps = config.timeouts, config.pool, config.connections
    options = {
        "upstreams": [api.upstream for api in config.all_apis],
        "listen": config.listen,
        "admin": config.admin,
        "workers": config.workers,
        "state": config.state,
        "timeouts": {
            "head_ms": timeouts.head,
            "idle_ms": timeouts.idle,
            "body_ms": timeouts.body,
            "body_rate": timeouts.body_rate,
            "exchange_ms": timeouts.exchange,
            "connect_ms": timeouts.connect,
            "first_byte_ms": timeouts.first_byte,
            "gap_ms": timeouts.gap,
            "stream_idle_ms": timeouts.stream_idle,
            "wind_down_ms": timeouts.wind_down,
        },
        "pool": {
            "max_connections": pool.max_connections,
            "queue": pool.queue,
            "queue_ms": pool.queue_wait,
            "idle_ms": pool.idle,
        },
        "connections": {"per_address": caps.per_address, "total": caps.total},
        "ring": config.ring,
    }
    return json.dumps(options, sort_keys=True).encode()


def secrets_of(config: Config) -> bytes:
    """The secrets, by name: the one place that reveals them. Never logged, never stored."""
    pepper = config.auth.api_keys.pepper
    return json.dumps({"api_key_pepper": pepper.reveal()} if pepper is not None else {}).encode()
