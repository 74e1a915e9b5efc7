"""Operations that ask nobody although an issuer or keys are there: alone they ask nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bartizan.model.listed import quoted
from bartizan.policy.parts import report

if TYPE_CHECKING:
    from bartizan.model.errors import Diagnostic
    from bartizan.policy.config import Config
    from bartizan.policy.parts import Form
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


def asks_for_keys(schemes: list[Form], operations: list[Form]) -> bool:
    """Whether any Operation takes an API key that is verified. schemes, operations: of the form."""
    keys = {index for index, one in enumerate(schemes) if one["verify"] == "api-key"}
    return any(
        requirement["scheme"] in keys
        for one in operations
        for group in cast("list[list[Form]]", one["security"])
        for requirement in group
    )


def tell_unasked(
    config: Config, security: Security, operations: list[Form], warnings: list[Diagnostic]
) -> None:
    """Warn where API keys are configured and no Operation takes one: a key opens nothing."""
    keys = config.auth.api_keys
    if keys.has_any and not asks_for_keys(security.schemes, operations):
        report(
            config, warnings, keys.pointer, "policy.keys-unasked",
            "no operation takes an API key, so the keys open nothing: no `security` of the "
            "description names a scheme of type `apiKey`",
            "declare such a scheme in the description or an overlay, or write `security: required` "
            "under `operations` (or `require: always` under `auth`), which takes a key in "
            f"`{keys.header}`",
            warning=True, value=False,
        )  # fmt: skip


def _message(part: Part, found: list[Operation]) -> str:
    unique = {(one.method, one.path) for one in found}
    if len(unique) == len(part.description.operations):
        return "the description declares no `security`, so no operation requires a token"
    names = [f"{method} {path}" for method, path in sorted(unique, key=lambda one: one[::-1])]
    verb = "requires" if len(names) == 1 else "require"
    return f"the description declares no `security`, so {quoted(names, SHOWN_MAX)} {verb} no token"
