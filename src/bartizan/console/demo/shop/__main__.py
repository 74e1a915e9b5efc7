"""Runs the shop: prints where it listens as one line of JSON, then serves until it is stopped."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import urllib.request
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.console import lifecycle
from bartizan.console.demo.issuer import Issuer
from bartizan.console.demo.shop import app
from bartizan.console.demo.shop import partner as neighbours
from bartizan.console.demo.shop.database import Database
from bartizan.console.demo.shop.desk import Desk, World
from bartizan.console.demo.shop.serve import Server
from bartizan.console.demo.shop.weaknesses import WEAKNESSES, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

FETCH_MAX_BYTES = 65_536
FETCH_S = 2.0


def flags() -> argparse.ArgumentParser:
    """The command line."""
    holes = "\n".join(f"  {one.id:<6} {one.hole}" for one in WEAKNESSES)
    parser = argparse.ArgumentParser(
        prog="python -m bartizan.console.demo.shop",
        description="A shop that is vulnerable on purpose. Loopback only.",
        epilog=f"planted weaknesses:\n{holes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8000, help="0: any free port")
    parser.add_argument(
        "--fix",
        type=chosen,
        default=os.environ.get("SHOP_FIX", ""),
        help="weaknesses to mend, such as API1,API3 or all; also SHOP_FIX",
    )
    parser.add_argument("--issuer", type=Path, help="file with the 32-byte key of the log-in")
    parser.add_argument(
        "--leave-with-parent", action="store_true", help="stop when standard input ends"
    )
    return parser


def fetch(url: str) -> bytes:
    """The body behind a URL; bounded in size and time. Raises OSError."""
    with urllib.request.urlopen(url, timeout=FETCH_S) as answer:  # noqa: S310, the shop asks for http on loopback only
        body: bytes = answer.read(FETCH_MAX_BYTES)
    return body


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until SIGINT, SIGTERM, or, if asked for, the end of standard input."""
    args = flags().parse_args(argv)
    lifecycle.stop_like_interrupt()
    seed = args.issuer.read_bytes() if args.issuer else lifecycle.seed() + lifecycle.seed()
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        try:
            _serve(args, Path(folder), Issuer(seed))
        except KeyboardInterrupt:
            return 0
    return 0


def _serve(args: argparse.Namespace, folder: Path, issuer: Issuer) -> None:
    partner, insider = Server(0, neighbours.partner), Server(0, neighbours.insider)
    world = World(now_s=lambda: lifecycle.now_ms() // 1000, fetch=fetch, partner=partner.url)
    desk = Desk(Database(str(folder / "shop.db")), issuer, world, args.fix)
    shop = Server(args.port, partial(app.answer, desk), is_strict=desk.is_fixed("API8"))
    for server in (partner, insider, shop):
        server.start()
    addresses = {"shop": shop.url, "partner": partner.url, "insider": insider.url}
    print(json.dumps(addresses), flush=True)  # noqa: T201, its one line of data
    if args.leave_with_parent:
        sys.stdin.buffer.read()
    else:
        threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
