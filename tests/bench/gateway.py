"""The gateway beside its peers: CPU microseconds per good answer."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench import ours, peers
from tests.bench.api import READ_CLEAN, upstream_config
from tests.bench.load import Call
from tests.bench.measure import Row, measure
from tests.bench.processes import free_port, running
from tests.bench.report import Table
from tests.bench.subjects import Bench, Start, Subject
from tests.bench.tokens import Issuer

TOKEN_PROOFS = ("bad token 401", "over limit 429")
ALL_PROOFS = (*TOKEN_PROOFS, "bad body 422", "undeclared field gone")
STARTS: dict[str, Start] = {
    "nginx": peers.nginx,
    "haproxy": peers.haproxy,
    "haproxy-token": peers.haproxy_token,
    "envoy": peers.envoy,
    "envoy-token": peers.envoy_token,
    "plain": ours.plain,
    "token": ours.token,
    "everything": ours.everything,
}


def subjects(bench: Bench) -> list[Subject]:
    """All rows, in the order of the table."""
    read, write = bench.read(), bench.write()
    signed, signed_write = bench.read(signed=True), bench.write(signed=True)
    post = "nginx, POST 1.7 kB"
    return [
        Subject("nginx, GET", "nginx", read, baseline="nginx, GET"),
        Subject("HAProxy, GET", "haproxy", read, baseline="nginx, GET"),
        Subject("Envoy, GET", "envoy", read, baseline="nginx, GET"),
        Subject("Bartizan plain, GET", "plain", read, (), "nginx, GET", 0.95),
        Subject("HAProxy, RS256 + limit, GET", "haproxy-token", signed, TOKEN_PROOFS, "nginx, GET"),
        Subject("Envoy, RS256 cached + limit, GET", "envoy-token", signed, TOKEN_PROOFS,
                "nginx, GET"),
        Subject("Bartizan, RS256 cached + limit, GET", "token", signed, TOKEN_PROOFS,
                "nginx, GET", 1.25),
        Subject("Bartizan, everything on, GET", "everything", signed, ALL_PROOFS,
                "nginx, GET", 1.6),
        Subject("Bartizan, everything on, GET, nothing undeclared", "everything",
                Call(READ_CLEAN, headers=(bench.bearer,)), ALL_PROOFS, "nginx, GET", 1.6),
        Subject(post, "nginx", write, baseline=post),
        Subject("HAProxy, POST 1.7 kB", "haproxy", write, baseline=post),
        Subject("Envoy, POST 1.7 kB", "envoy", write, baseline=post),
        Subject("Bartizan, everything on, POST 1.7 kB", "everything", signed_write, ALL_PROOFS,
                post, 2.2),
    ]  # fmt: skip


@contextlib.contextmanager
def upstream() -> Iterator[Bench]:
    """The API that answers every subject, with an issuer made for this run."""
    with tempfile.TemporaryDirectory(prefix="bartizan-bench-") as name:
        folder, port, issuer = Path(name), free_port(), Issuer.fresh()
        config = folder / "upstream.conf"
        config.write_text(upstream_config(port, folder), encoding="utf-8")
        command = [peers.program("nginx"), "-c", str(config)]
        with running(command, port, folder / "upstream-start.log"):
            yield Bench(folder, port, issuer, issuer.access_token(int(time.time())))


def run(
    *, rounds: int, seconds: int, only: Sequence[str], say: Callable[[str], None]
) -> tuple[list[Row], Table]:
    """Start all servers, measure all subjects, stop them."""
    with contextlib.ExitStack() as stack:
        bench = stack.enter_context(upstream())
        wanted = [one for one in subjects(bench) if not only or one.server in only]
        servers = dict.fromkeys(one.server for one in wanted)
        doors = {name: stack.enter_context(STARTS[name](bench)) for name in servers}
        rows = measure(wanted, doors, bench, rounds=rounds, seconds=seconds, say=say)
    return rows, table(rows)


def table(rows: Sequence[Row]) -> Table:
    """The rows with their ratios and goals."""
    medians = {row.subject.name: row.median for row in rows if row.cost_us}
    cells = [
        [
            row.subject.name,
            f"{row.median:.1f}",
            f"{min(row.cost_us):.1f} to {max(row.cost_us):.1f}" if row.cost_us else "",
            ratio(row, medians),
            f"{row.subject.goal:.2f}x" if row.subject.goal else "",
            verdict(row, medians),
            f"{max(row.rate, default=0):.0f}",
            f"{row.resident_kib / 1024:.0f}",
        ]
        for row in rows
    ]
    return Table(
        "CPU per request",
        ["subject", "median us", "range us", "ratio", "goal", "", "best requests/s", "RSS MiB"],
        cells,
    )


def ratio(row: Row, medians: dict[str, float]) -> str:
    """The median as a multiple of the baseline of the same run."""
    base = medians.get(row.subject.baseline)
    return f"{row.median / base:.2f}x" if base and row.cost_us else ""


def verdict(row: Row, medians: dict[str, float]) -> str:
    """Void without its proof; else whether the goal is met."""
    if row.void:
        return "void: " + "; ".join(dict.fromkeys(row.void))
    base = medians.get(row.subject.baseline)
    if not row.subject.goal or not base:
        return ""
    return "met" if row.median <= row.subject.goal * base else "missed"
