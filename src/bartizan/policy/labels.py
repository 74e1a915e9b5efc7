"""What an Operation is labelled with: owner, exposure, data classes, and where each is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.model.listed import quoted
from bartizan.policy.classes import Classes, Classified
from bartizan.policy.exposure import Exposure, Exposures, secured_by, security_spot
from bartizan.policy.marks import AUTH, EXPOSURE, LIMITS, OWNER
from bartizan.policy.parts import shape_of
from bartizan.policy.reading import below
from bartizan.policy.sources.words import CLASSES, DATA_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.model.errors import Diagnostic
    from bartizan.policy.config import Config, OperationSettings
    from bartizan.policy.marks import Marks
    from bartizan.policy.parts import Form
    from bartizan.policy.placed import Placed
    from bartizan.policy.security import Alternatives
    from bartizan.policy.site import Site
    from bartizan.policy.sources.library import Spot


@dataclass(frozen=True, slots=True)
class Mark:
    """One `x-bartizan-` word that is in force. field: of a data class, the value that has it."""

    word: str
    value: object
    spot: Spot
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Of one Operation. classes: the strictest first; marks: all that documents say of it."""

    owner: str = ""
    exposure: str = ""
    classes: tuple[str, ...] = ()
    classified: tuple[Classified, ...] = ()
    marks: tuple[Mark, ...] = ()


class Labeller:
    """Labels every Operation, and tells what does not fit together."""

    def __init__(
        self,
        config: Config,
        site: Site,
        marks: Marks,
        told: tuple[list[Diagnostic], list[Diagnostic]],
    ) -> None:
        """told: faults and warnings, which take what is found."""
        self._config = config
        self._site = site
        self._marks = marks
        self._uncut: dict[tuple[Spot, str], list[str]] = {}
        self._warnings = told[1]
        self._exposures = Exposures(config, site, *told)
        self._classes = Classes(site.schemas, marks)
        self.found: dict[str, Labels] = {}

    def of(
        self, placed: Placed, settings: tuple[OperationSettings, ...], alternatives: Alternatives
    ) -> Form:
        """Members of the form that come from labels; they are kept in `found`, too."""
        exposure = self._exposures.check(placed, settings, list(alternatives))
        part, operation = placed.part, placed.operation
        owner = self._marks.label(part, operation, OWNER)
        whole = self._marks.label(part, operation, DATA_CLASS)
        classified = self._classes.of(operation)
        if whole is not None:
            classified = [Classified("", *whole), *classified]
        held = {one.word for one in classified}
        classes = tuple(word for word in reversed(CLASSES) if word in held)
        self.found[placed.id] = Labels(
            owner=owner[0] if owner else "",
            exposure=exposure.word if exposure else "",
            classes=classes,
            classified=tuple(classified),
            marks=tuple(self._in_force(settings, exposure, owner, classified)),
        )
        self._tell_exposed(placed, classified, alternatives, exposure)
        self._find_uncut(placed, settings)
        internal = exposure if exposure and exposure.word == "internal" else None
        return {
            "owner": owner[0] if owner else "",
            "internal": {"document": internal.spot[0], "pointer": internal.spot[1]}
            if internal
            else None,
            "class": whole[0] if whole else None,
            "data": list(classes),
        }

    def tell(self) -> None:
        """What concerns several Operations together."""
        self._exposures.tell()
        for (spot, media), operations in self._uncut.items():
            document = self._site.document(spot[0])
            message = (
                f"{quoted(operations)} may give a secret as `{media}`, out of which no field can "
                "be taken: the whole response is refused"
            )
            self._warnings.append(
                document.diagnostic(
                    spot[1], code="policy.secret-uncut", message=message, warning=True,
                    hint="give it as JSON, or let it out with `shape: { secrets: pass }` for the "
                    "operation",
                )
            )  # fmt: skip

    def _find_uncut(self, placed: Placed, settings: tuple[OperationSettings, ...]) -> None:
        """Secrets in bodies that are not JSON; none where the config lets them out."""
        written = [own.shape for own in settings if own.shape is not None]
        if shape_of(self._config.shape, *written)["secrets"] == "pass":
            return
        for media, spot in self._classes.uncut(placed.operation):
            self._uncut.setdefault((spot, media), []).append(placed.id)

    def _in_force(
        self,
        settings: tuple[OperationSettings, ...],
        exposure: Exposure | None,
        owner: tuple[str, Spot] | None,
        classified: list[Classified],
    ) -> Iterator[Mark]:
        if (last := secured_by(settings)) and last.written_in:
            yield Mark(AUTH, last.security, security_spot(last))
        for own in settings:
            if own.limits and own.written_in:
                spot = (own.written_in, below(own.pointer, LIMITS))
                yield Mark(LIMITS, self._site.part(spot[0]).description.library.node(spot), spot)
        if owner:
            yield Mark(OWNER, *owner)
        if exposure and exposure.spot[0]:
            yield Mark(EXPOSURE, exposure.word, exposure.spot)
        yield from (Mark(DATA_CLASS, one.word, one.spot, one.field) for one in classified)

    def _tell_exposed(
        self,
        placed: Placed,
        classified: list[Classified],
        alternatives: Alternatives,
        exposure: Exposure | None,
    ) -> None:
        """Personal or secret data in answers for everybody."""
        is_open = not alternatives or [] in alternatives
        if not is_open or (exposure and exposure.word == "internal"):
            return
        given = [
            one
            for one in classified
            if one.word == "personal" and (not one.field or one.field.startswith("response"))
        ]
        if given:
            one = given[0]
            document = self._site.document(one.spot[0])
            what = f"`{one.field}`" if one.field else "what it gives"
            message = f"everybody may call `{placed.id}`, and {what} is {one.word}"
            self._warnings.append(
                document.diagnostic(
                    one.spot[1], code="policy.personal-open", message=message, warning=True,
                    hint="declare `security`, or write `x-bartizan-exposure: partner`",
                )
            )  # fmt: skip


def by_class(labels: Mapping[str, Labels]) -> dict[str, list[str]]:
    """Ids of the Operations that carry each class, the strictest class first."""
    return {
        word: found
        for word in reversed(CLASSES)
        if (found := [one for one, own in labels.items() if word in own.classes])
    }
