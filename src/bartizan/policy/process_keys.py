"""Config keys of the gateway process: bounds, deadlines, connections, memory."""

from __future__ import annotations

from typing import cast

from bartizan.policy.kinds import Duration, Milliseconds, Whole
from bartizan.policy.records import Settings, key, settings


def _bound(about: str, default: int, *, least: int = 1, most: int = 2**32 - 1) -> int:
    return cast("int", key(Whole(least, most), about, example=default, default=default))


def _span(about: str, default_ms: int) -> Milliseconds:
    example = f"{default_ms // 1_000}s" if default_ms % 1_000 == 0 else f"{default_ms}ms"
    return cast(
        "Milliseconds",
        key(Duration(1, 86_400_000), about, example=example, default=Milliseconds(default_ms)),
    )


@settings
class Bounds(Settings):
    """Bounds of one exchange. Defaults: crates/core/src/budget.rs, held equal by a test."""

    request_line_max_bytes: int = _bound("Request line, bytes.", 8 << 10)
    head_max_bytes: int = _bound("Whole head, bytes.", 16 << 10)
    field_max_bytes: int = _bound("One header value, bytes.", 8 << 10)
    fields_max: int = _bound("Header fields.", 100)
    cookies_max: int = _bound("Cookies in all `Cookie` headers.", 64)
    cookies_max_bytes: int = _bound("Bytes of all `Cookie` headers.", 8 << 10)
    pairs_max: int = _bound("Pairs in a query or form.", 256)
    body_max_bytes: int = _bound(
        "JSON, form, text and XML bodies, bytes, decoded.", 1 << 20, most=2**40
    )
    upload_max_bytes: int = _bound("Multipart and other bodies, bytes.", 10 << 20, most=2**40)
    inflate_ratio_max: int = _bound("Decoded bytes per encoded byte, beyond the first 64 KiB.", 100)
    json_depth_max: int = _bound("Nesting of JSON.", 32, most=128)
    json_keys_max: int = _bound("Keys of one JSON object.", 1_000)
    json_nodes_max: int = _bound("Nodes of one JSON text.", 100_000)
    json_string_max_bytes: int = _bound("One JSON string, bytes.", 256 << 10)
    json_digits_max: int = _bound("Digits of one JSON number.", 64)
    xml_depth_max: int = _bound("Nesting of XML.", 64, most=128)
    xml_nodes_max: int = _bound(
        "Elements, attributes, texts and comments of one XML document.", 10_000
    )
    xml_attributes_max: int = _bound(
        "Attributes of one XML element, and namespaces in one scope.", 64, most=256
    )
    parts_max: int = _bound("Parts of a multipart body.", 64)
    part_head_max_bytes: int = _bound("Head of one part, bytes.", 4 << 10)
    response_head_max_bytes: int = _bound("Response head, bytes.", 32 << 10)
    interim_max: int = _bound("Interim (1xx) responses before the final one.", 8, least=0)
    shape_max_bytes: int = _bound(
        "Response body that is held to be shaped, bytes, decoded.", 4 << 20, most=2**40
    )
    item_max_bytes: int = _bound(
        "One event, line or record of a streamed response, bytes.", 64 << 10, most=2**30
    )
    errors_max: int = _bound("Schema errors kept for one message.", 32)
    steps_max: int = _bound("Work units of one exchange.", 64 << 20, most=2**53)
    asks_max: int = _bound("Look-ups of one exchange.", 4, least=0)


@settings
class Timeouts(Settings):
    """Deadlines of the gateway."""

    head: Milliseconds = _span("Request head, first byte to end.", 5_000)
    idle: Milliseconds = _span("Idle client connection.", 60_000)
    body: Milliseconds = _span("Grace before `body_rate` counts.", 5_000)
    body_rate: int = _bound(
        "Least rate after the grace, bytes a second, at which a client sends or takes a body.",
        1_024,
    )
    exchange: Milliseconds = _span(
        "Whole exchange, until its response has begun; bodies that stream are exempt.", 60_000
    )
    connect: Milliseconds = _span("Connecting to the API.", 2_000)
    first_byte: Milliseconds = _span("First byte of the response.", 15_000)
    gap: Milliseconds = _span("Between two reads of the response.", 30_000)
    stream_idle: Milliseconds = _span("Between two events of an event stream.", 300_000)
    wind_down: Milliseconds = _span("Exchanges under way after a stop.", 10_000)


@settings
class Pool(Settings):
    """Connections to the API, of all workers together."""

    max_connections: int = _bound("Open at once.", 1_024, most=65_535)
    queue: int = _bound("Exchanges that may wait for one, per worker.", 64, least=0)
    queue_wait: Milliseconds = _span("How long they wait.", 100)
    idle: Milliseconds = _span("Unused connections are closed after this.", 4_000)


@settings
class Connections(Settings):
    """Caps of client connections."""

    per_address: int = _bound("Per IPv4 address or IPv6 /64 network.", 256)
    total: int | None = key(
        Whole(1),
        "In all; 80 % of the file descriptors unless written.",
        example=10_000,
        default=None,
    )


@settings
class LimitTable(Settings):
    """Memory of the limit table."""

    slots: int = _bound("Counters kept; each takes 32 bytes or less.", 262_144, most=2**28)
