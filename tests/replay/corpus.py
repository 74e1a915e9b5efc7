"""The corpus: attacks beside the good traffic nearest to them, made from a seed and one moment.

What a row must come to stands in it (`told`), or is left to the oracle; never is it taken from the
core. `UNREACHABLE` names the codes that a recorded Exchange cannot give, and why.
"""

from __future__ import annotations

from dataclasses import replace

from tests.replay import (
    made,
    rows_body,
    rows_identity,
    rows_labels,
    rows_parse,
    rows_parts,
    rows_reply,
    rows_wire,
    rows_xml,
)
from tests.replay.rows import WSGI, Maker, Row, fits_wsgi
from tests.replay.world import World

SEED = 20261125

UNREACHABLE = {
    "wire.bad-status-line": "replay holds responses that are read already",
    "wire.body-timeout": "replay knows no pace; a deadline of the gateway",
    "wire.head-timeout": "replay knows no pace; a deadline of the gateway",
    "wire.too-many-interim": "interim responses are not recorded",
    "authorize.data-missing": "an app tells it, behind a mount; a recorded Exchange has none",
    "authorize.foreign-object": "an app tells it, behind a mount; a recorded Exchange has none",
    "authorize.lookup-failed": "an app tells it, behind a mount; a recorded Exchange has none",
    "authorize.no-object": "an app tells it, behind a mount; a recorded Exchange has none",
    "limit.concurrency": "recorded Exchanges follow one another; none is under way beside another",
    "upstream.queue": "a pool of the gateway is needed",
    "upstream.timeout": "replay knows no pace; a deadline of the gateway",
    "upstream.truncated": "replay holds whole responses",
    "internal.fault": "given for a bug of ours alone",
}


def corpus(world: World, now_s: int) -> tuple[Row, ...]:
    """Every row, in order. now_s: the moment they play at, Unix seconds."""
    make = Maker(now_s * 1000)
    parts = (
        rows_wire.rows(make),
        rows_parse.rows(make),
        rows_identity.rows(make, world, now_s),
        rows_body.rows(make),
        rows_parts.rows(make),
        rows_xml.rows(make),
        rows_reply.rows(make),
        rows_labels.rows(make, world, now_s),
        made.rows(make, world, now_s, SEED),
    )
    return tuple(with_wsgi(row) for part in parts for row in part)


def with_wsgi(row: Row) -> Row:
    """The row, played over WSGI too where that can carry it."""
    return replace(row, mounts=row.mounts | {WSGI}) if fits_wsgi(row) else row
