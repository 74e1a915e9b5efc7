"""Load by wrk: one thread, 32 connections, keep-alive; bounded in time, loopback only."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32
REPORT = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\nREPORT {"requests":%d,"duration_us":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Call:
    """The one request that a subject is loaded with."""

    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    # More Lua, for calls that differ from each other.
    extra: str = ""

    def script(self) -> str:
        """The request in wrk's Lua; JSON strings are Lua strings here."""
        lines = [f"wrk.method = {json.dumps(self.method)}"]
        lines += [
            f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in self.headers
        ]
        if self.body:
            lines.append(f"wrk.body = [==[{self.body}]==]")
        return "\n".join([*lines, self.extra]) + REPORT


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw."""

    requests: int
    duration_s: float
    refused: int
    broken: int
    p50_us: int
    p99_us: int

    @property
    def good(self) -> int:
        """Answers with a status below 400."""
        return self.requests - self.refused


def drive(call: Call, port: int, seconds: int, folder: Path) -> Load:
    """Load 127.0.0.1:`port` with the call for `seconds`."""
    script = folder / "call.lua"
    script.write_text(call.script(), encoding="utf-8")
    url = f"http://127.0.0.1:{port}{call.path}"
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url],
        capture_output=True,
        check=True,
        text=True,
        timeout=seconds + 30,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("REPORT "))
    report = json.loads(line.removeprefix("REPORT "))
    return Load(
        requests=report["requests"],
        duration_s=report["duration_us"] / 1e6,
        refused=report["refused"],
        broken=report["broken"],
        p50_us=report["p50"],
        p99_us=report["p99"],
    )
