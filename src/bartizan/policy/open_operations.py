"""Operations that ask nobody although there is an issuer: an issuer alone asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.policy.parts import report

if TYPE_CHECKING:
    from bartizan.model.errors import Diagnostic
    from bartizan.policy.config import Config
    from bartizan.policy.security import Security
    from bartizan.policy.site import Part, Site
    from bartizan.policy.sources import Operation

SHOWN_MAX = 3


def tell_open(config: Config, site: Site, security: Security, warnings: list[Diagnostic]) -> None:
    """Warn for each description without `security`. security: after every Operation was compiled.

    What config or document open by a word of their own is meant, and not told.
    """
    if not security.issuers:
        return
    for part in site.parts:
        found = security.open.get(part.index, [])
        if found and not part.description.secured:
            report(
                config, warnings, config.auth.pointer, "policy.open-operations",
                _message(part, found), "write `require: always` under `auth`",
                warning=True, value=False,
            )  # fmt: skip


def _message(part: Part, found: list[Operation]) -> str:
    unique = {(one.method, one.path) for one in found}
    if len(unique) == len(part.description.operations):
        return "the description declares no `security`, so no operation requires a token"
    names = [f"`{method} {path}`" for method, path in sorted(unique, key=lambda one: one[::-1])]
    more = f" and {len(names) - SHOWN_MAX} more" if len(names) > SHOWN_MAX else ""
    verb = "requires" if len(names) == 1 else "require"
    return (
        f"the description declares no `security`, so {', '.join(names[:SHOWN_MAX])}{more} "
        f"{verb} no token"
    )
