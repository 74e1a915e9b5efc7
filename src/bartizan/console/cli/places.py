"""Flags that several verbs share: config, overrides, state directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bartizan.console.terminal import Terminal
    from bartizan.console.wire import Chosen

CONFIG = Path("bartizan.yaml")
STATE = Path(".bartizan")
NOWHERE = "http://127.0.0.1:1"
"""In place of an API that nobody asks."""

NO_GATEWAY = (
    "start `bartizan up` first; an app behind `protect(app)` has no live traffic to read along and"
    " no capture window, its refusals are told by `bartizan report`"
)


def declare_state(flags: ArgumentParser) -> None:
    """`--config` and `--state`, for the verbs that look at what is kept."""
    flags.add_argument("--config", type=Path, help="config file; bartizan.yaml if it is there")
    flags.add_argument("--state", help="state directory; from the config, or .bartizan")


def declare_policy(flags: ArgumentParser) -> None:
    """What a Policy is made of, for the verbs that judge offline and take other words."""
    declare_state(flags)
    flags.add_argument("--upstream", metavar="URL", help="URL of the API")
    _declare_document(flags)


def _declare_document(flags: ArgumentParser) -> None:
    flags.add_argument(
        "--openapi", help="FILE or URL of its document; auto looks in the usual places"
    )


def declare_overrides(flags: ArgumentParser) -> None:
    """`--config` and the flags that stand above it."""
    declare_state(flags)
    flags.add_argument("upstream", nargs="?", help="URL of the API, such as http://127.0.0.1:8000")
    flags.set_defaults(upstream_from="the argument URL")
    _declare_document(flags)
    flags.add_argument("--listen", metavar="HOST:PORT", help="where clients come in")
    flags.add_argument("--admin", metavar="HOST:PORT", help="where health and metrics are served")
    flags.add_argument("--workers", metavar="N", help="worker threads")
    flags.add_argument("--mode", choices=("shadow", "enforce"), help="record only, or refuse")


def config_of(args: Namespace) -> Path | None:
    """The config file: as written, else the usual one if it is there."""
    if args.config is not None:
        return Path(args.config)
    return CONFIG if CONFIG.exists() else None


def chosen_of(args: Namespace, terminal: Terminal) -> Chosen:
    """What the flags chose; flags that a verb does not declare are not given."""
    from bartizan.console.wire import Chosen
    from bartizan.policy.config import Overrides

    names = ("upstream", "openapi", "listen", "admin", "workers", "mode", "state")
    overrides = Overrides(
        **{name: getattr(args, name, None) for name in names},
        upstream_from=getattr(args, "upstream_from", "--upstream"),
    )
    return Chosen(config=config_of(args), overrides=overrides, environ=terminal.environ)


def with_upstream(chosen: Chosen) -> Chosen:
    """`chosen`; of the config of an app that carries the guard inside, with an API nobody asks."""
    from dataclasses import replace

    from bartizan.console.plain import plain_config

    if chosen.config is None or {"upstream", "apis"} & set(plain_config(chosen.config)):
        return chosen
    return replace(chosen, overrides=replace(chosen.overrides, upstream=NOWHERE))


def state_of(args: Namespace) -> Path:
    """The state directory: as written, else as the config says, else the usual one."""
    if args.state is not None:
        return Path(args.state)
    from bartizan.console.plain import plain_config

    config = config_of(args)
    written = plain_config(config).get("state")
    if config is None or not isinstance(written, str):
        return (config.parent if config else Path()) / STATE
    return config.parent / written
