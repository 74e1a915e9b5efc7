"""Who may reach an Operation: `exposure` of the config or `x-bartizan-exposure` of a document."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.model.listed import quoted
from bartizan.policy.marks import AUTH, EXPOSURE
from bartizan.policy.parts import report
from bartizan.policy.reading import below

if TYPE_CHECKING:
    from bartizan.model.errors import Diagnostic
    from bartizan.policy.config import Config, OperationSettings
    from bartizan.policy.placed import Placed
    from bartizan.policy.site import Site
    from bartizan.policy.sources.library import Spot

CONTRADICTS = "policy.exposure-contradicts"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_LOOPBACK = (ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("::1"))


@dataclass(frozen=True, slots=True)
class Exposure:
    """word: `internal`, `partner` or `public`; spot: the line that says so."""

    word: str
    spot: Spot


def secured_by(settings: tuple[OperationSettings, ...]) -> OperationSettings | None:
    """The settings whose `security` counts: the last that give it."""
    return next((own for own in reversed(settings) if "security" in own.given), None)


def security_spot(own: OperationSettings) -> Spot:
    """Where their `security` is written."""
    return own.written_in, below(own.pointer, AUTH if own.written_in else "security")


def exposure_of(settings: tuple[OperationSettings, ...]) -> Exposure | None:
    """The last word of outer and inner settings, those of the config behind the document's."""
    last = None
    for own in settings:
        if own.exposure is not None:
            key = EXPOSURE if own.written_in else "exposure"
            last = Exposure(own.exposure, (own.written_in, below(own.pointer, key)))
    return last


class Exposures:
    """Holds exposures against the rest of the config, and tells what does not fit."""

    def __init__(
        self, config: Config, site: Site, faults: list[Diagnostic], warnings: list[Diagnostic]
    ) -> None:
        """faults, warnings: take what is found."""
        self._config = config
        self._site = site
        self._faults = faults
        self._warnings = warnings
        self._internal: list[tuple[str, Exposure]] = []

    def check(
        self, placed: Placed, settings: tuple[OperationSettings, ...], alternatives: list[object]
    ) -> Exposure | None:
        """The exposure of one Operation. alternatives: its compiled security."""
        found = exposure_of(settings)
        if found is None:
            return None
        if found.word == "internal":
            self._internal.append((placed.id, found))
        elif found.word == "public" and alternatives and [] not in alternatives:
            self._tell_closed(placed, found)
        elif found.word == "partner":
            self._tell_open(placed, settings)
        return found

    def tell(self) -> None:
        """What concerns all internal Operations together."""
        if not self._internal:
            return
        if "internal" not in self._config.given:
            self._tell_unnamed()
        elif self._is_everybody():
            message = (
                "every caller counts as internal: the gateway listens on loopback alone, and "
                "whoever comes through a proxy on this host comes from there"
            )
            report(
                self._config, self._warnings, "/internal", "policy.internal-everybody", message,
                "name the proxy under `trusted_proxies`, or take loopback out", warning=True,
                value=False,
            )  # fmt: skip

    def _tell_unnamed(self) -> None:
        """Which networks are one's own cannot be guessed: a proxy makes every caller private."""
        found = self._internal[0][1]
        names = quoted([one for one, _ in self._internal], 1)
        mode = self._config.controls.get("match", self._config.mode)
        is_fatal = mode == "enforce"
        message = f"{names} can be reached by nobody: `internal` names no network"
        self._put(
            self._faults if is_fatal else self._warnings, found.spot, "policy.internal-unnamed",
            message, "write `internal: [10.0.0.0/8]` with the networks of your own callers into "
            "the config, or `[]` for none", warning=not is_fatal,
        )  # fmt: skip

    def _is_everybody(self) -> bool:
        config = self._config
        host = config.listen.rpartition(":")[0].strip("[]")
        is_local = host == "localhost" or _network(host).is_loopback
        own = [_network(one) for one in config.internal]
        return (
            is_local
            and not self._site.is_mounted
            and not config.trusted_proxies
            and any(_covers(one, loop) for one in own for loop in _LOOPBACK)
        )

    def _tell_closed(self, placed: Placed, found: Exposure) -> None:
        """Only where it is said of this Operation alone: an outer word is meant for the others."""
        holder = (found.spot[0], found.spot[1].rpartition("/")[0])
        if holder != placed.operation.spot and (found.spot[0] or holder[1] == "/operations/*"):
            return
        message = f"`{placed.id}` is public, and its security asks for a credential all the same"
        hint = "write `partner`, or open it with `security: none`"
        self._put(self._warnings, found.spot, CONTRADICTS, message, hint, warning=True)

    def _tell_open(self, placed: Placed, settings: tuple[OperationSettings, ...]) -> None:
        """What opens an Operation that is for partners does not."""
        last = secured_by(settings)
        if last is None or last.security != "none":
            return
        message = f"`{placed.id}` is for partners, so it is not opened: a credential is required"
        hint = "take one of the two out; `exposure: public` opens it"
        self._put(
            self._warnings, security_spot(last), CONTRADICTS, message,
            hint, warning=True,
        )  # fmt: skip

    def _put(
        self, kept: list[Diagnostic], spot: Spot, code: str, message: str, hint: str, *,
        warning: bool,
    ) -> None:  # fmt: skip
        if not spot[0]:
            report(self._config, kept, spot[1], code, message, hint, warning=warning, value=False)
            return
        document = self._site.document(spot[0])
        kept.append(
            document.diagnostic(spot[1], code=code, message=message, hint=hint, warning=warning)
        )


def _network(text: str) -> _Network:
    """A network; of a name that is none, the one that holds nobody."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return ipaddress.ip_network("0.0.0.0/32")


def _covers(one: _Network, other: _Network) -> bool:
    return one.version == other.version and one.overlaps(other)
