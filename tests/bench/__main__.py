"""`make bench`: measure, and write the dated page docs/look-up/benchmarks.md.

Loopback only; every load is bounded in time and connections, every server is stopped at the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable

from tests.bench import bodies, documents, gateway, machine, mounts, scale, start, threads
from tests.bench.peers import BENCH_VENV, ROOT
from tests.bench.report import PAGE, Table, write

Section = Callable[[argparse.Namespace], list[Table]]
METHOD = (
    "One worker each, the same nginx upstream (265 bytes of JSON, one field undeclared), "
    "`wrk -t1 -c32`, keep-alive, interleaved rounds in one run. Cost = user + system CPU time of "
    "all processes of the subject, children and control process included, divided by the good "
    "answers. A row without its proof (bad token 401, over limit 429, bad body 422, undeclared "
    "field gone) or with dropped Events is void."
)


def say(line: str) -> None:
    """One line of progress."""
    print(line, file=sys.stderr, flush=True)


def prepare() -> None:
    """The peers that come as wheels live in a virtual environment of their own."""
    stamp = BENCH_VENV / "ready"
    wanted = (ROOT / "tests" / "bench" / "requirements.txt").read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say("==> bench: peers into target/bench/venv")
    subprocess.run([sys.executable, "-m", "venv", BENCH_VENV], check=True)
    pip = [str(BENCH_VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    flags = ["--disable-pip-version-check", "--require-hashes", "--no-deps"]
    file = ROOT / "tests" / "bench" / "requirements.txt"
    subprocess.run([*pip, *flags, "-r", str(file)], check=True)
    stamp.write_text(wanted, encoding="utf-8")


def measure_gateway(options: argparse.Namespace) -> list[Table]:
    """CPU per request beside the peers."""
    _, table = gateway.run(
        rounds=options.rounds, seconds=options.seconds, only=options.servers, say=say
    )
    return [table]


def measure_bodies(options: argparse.Namespace) -> list[Table]:
    """CPU per MB and memory while large bodies pass."""
    return bodies.run(rounds=options.rounds, only=options.servers, say=say)


def measure_scale(options: argparse.Namespace) -> list[Table]:
    """Operations, memory, limit table."""
    return scale.run(rounds=options.rounds, seconds=options.seconds, say=say)


def measure_start(_: argparse.Namespace) -> list[Table]:
    """What a person waits for."""
    return start.run(say)


def measure_documents(_: argparse.Namespace) -> list[Table]:
    """Compile time and memory of real documents."""
    return documents.run(say)


def measure_mounts(_: argparse.Namespace) -> list[Table]:
    """What mounts add to requests of FastAPI, Flask and Django."""
    return mounts.run(now_s=int(time.time()), say=say)


def measure_threads(options: argparse.Namespace) -> list[Table]:
    """Where our own time goes."""
    return threads.run(seconds=options.seconds, say=say)


SECTIONS: dict[str, Section] = {
    "gateway": measure_gateway,
    "bodies": measure_bodies,
    "scale": measure_scale,
    "start": measure_start,
    "documents": measure_documents,
    "mounts": measure_mounts,
    "threads": measure_threads,
}


def main() -> int:
    """Measure the chosen sections and write the page."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4, help="length of one window")
    parser.add_argument("--servers", nargs="*", default=[], help="only these, page not written")
    options = parser.parse_args()
    prepare()
    now = dt.datetime.now(tz=dt.UTC)
    head = [
        f"Taken {now:%Y-%m-%d} on {machine.description()}; {', '.join(machine.versions())}.",
        f"Command: `make bench` ({options.rounds} rounds of {options.seconds} s).",
    ]
    written = {}
    for name in options.sections or SECTIONS:
        say(f"==> bench: {name}")
        body = "\n\n".join(table.markdown() for table in SECTIONS[name](options))
        written[name] = "\n\n".join([body, *head, *([METHOD] if name == "gateway" else [])])
        print(body, flush=True)
    if not options.servers:
        write(written, list(SECTIONS))
        say(f"==> bench: wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
