"""Parts: what the readers of 2.0 and 3.x share while they lower one description."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bartizan.policy.pointer import escape
from bartizan.policy.sources.description import Draft, Form, Requirement, Scheme, source
from bartizan.policy.sources.library import Library, RefError, Spot
from bartizan.policy.sources.notes import Notes
from bartizan.policy.sources.paths import at
from bartizan.policy.sources.schemas import Schemas
from bartizan.policy.suggest import nearest

IGNORED_HEADERS = frozenset(("accept", "authorization", "content-type"))
"""Header parameters with these names are ignored (OpenAPI 3.1.1, Parameter Object)."""

_STATUS = re.compile(r"[1-5](?:[0-9]{2}|XX)")
Node = dict[str, object]


@dataclass(frozen=True, slots=True)
class Item:
    """Operations of a path. holders: all path items around them, with their spots, outer first."""

    node: Node
    spot: Spot
    holders: tuple[tuple[Node, Spot], ...]


class Parts:
    """State of one reading: library, schemas, notes, parts that several Operations share."""

    def __init__(self, library: Library, version: str) -> None:
        """version: `2.0`, `3.0`, `3.1` or `3.2`."""
        self.version = version
        self.library = library
        self.notes = Notes(library)
        self.schemas = Schemas(library, version, self.notes)
        self.schemes: dict[str, Scheme] = {}
        self.broken_schemes: dict[str, tuple[Spot, str]] = {}
        self._needed: set[str] = set()
        self.is_secured = False
        self.undeclared: Callable[[str, Spot], None] = lambda _name, _spot: None
        self._patches: list[tuple[Form, str, str, str]] = []
        self._shared: dict[tuple[str, Spot], tuple[Form, Draft]] = {}
        self._not_enforced: dict[str, tuple[Spot, int]] = {}

    # ---- references and shared parts ------------------------------------------------------

    def follow(self, node: object, spot: Spot, draft: Draft) -> tuple[Node, Spot] | None:
        """The mapping that `node` is or refers to; None after a problem was kept."""
        for _ in range(16):
            if not isinstance(node, dict):
                draft.problems.append((spot, "a mapping is expected here"))
                return None
            ref = node.get("$ref")
            if ref is None:
                return node, spot
            if not isinstance(ref, str):
                draft.problems.append((at(spot, "$ref"), "`$ref` must be a text"))
                return None
            try:
                target = self.library.resolve(ref, *spot)
            except RefError as error:
                draft.problems.append((at(spot, "$ref"), f"`$ref` {error}"))
                return None
            node, spot = self.library.node(target), target
        draft.problems.append((spot, "its `$ref`s lead in a circle"))
        return None

    def items(
        self, node: object, spot: Spot, draft: Draft, methods: tuple[str, ...]
    ) -> Iterator[Item]:
        """The path item itself, then the one it refers to; methods written here come first.

        Where it refers to nothing, what is written beside is given with the problem in `draft`.
        """
        found = self.follow(node, spot, draft)
        if not isinstance(node, dict) or "$ref" not in node:
            if found is not None:
                yield Item(*found, (found,))
            return
        beside = {word: one for word, one in node.items() if word != "$ref"}
        has_operations = any(word in beside for word in (*methods, "additionalOperations"))
        if found is None:
            message = f"the path item cannot be read: {draft.problems[0][1]}"
            self.notes.warn(spot, "description.path-item", message)
            holders: tuple[tuple[Node, Spot], ...] = ((beside, spot),)
        else:
            holders = (found, (beside, spot))
            self._tell_beside(beside, spot, found[0], has_operations=has_operations)
        if beside:
            yield Item(beside, spot, holders)
        if found is not None:
            behind = {word: one for word, one in found[0].items() if word not in beside}
            yield Item(behind, found[1], holders)

    def _tell_beside(self, beside: Node, spot: Spot, behind: Node, *, has_operations: bool) -> None:
        """OpenAPI leaves open what counts where a path item has fields beside its `$ref`."""
        if has_operations:
            message = "operations beside a `$ref` come before those behind it"
            self.notes.warn(spot, "description.path-item", message)
        for word in ("parameters", "servers"):
            if word in beside and word in behind:
                message = f"`{word}` beside a `$ref` come before those behind it"
                self.notes.warn(at(spot, word), "description.path-item", message)

    def share(self, kind: str, spot: Spot, draft: Draft, make: Callable[[Draft], Form]) -> Form:
        """The form of the part at `spot`, made once; what it collected goes to each `draft`."""
        known = self._shared.get((kind, spot))
        if known is None:
            own = Draft()
            known = self._shared[kind, spot] = (make(own), own)
        draft.absorb(known[1])
        return known[0]

    def schema(
        self, form: Form, node: object, spot: Spot, direction: str, draft: Draft,
        *, slot: str = "schema",
    ) -> None:  # fmt: skip
        """Sets `form[slot]` to the key of a schema, once all schemas are known."""
        self.keyed(form, self.schemas.use(node, spot), direction, draft, slot=slot)

    def keyed(
        self, form: Form, key: str, direction: str, draft: Draft, *, slot: str = "schema"
    ) -> None:
        """Sets `form[slot]` to the final name of `key`, once all schemas are known."""
        draft.keys.add(key)
        self._patches.append((form, slot, key, direction))

    def finish(self) -> None:
        """Lower all schemas and set what `schema` promised."""
        self.schemas.finish()
        for form, slot, key, direction in self._patches:
            form[slot] = self.schemas.final(key, direction)
        for name, (spot, reason) in self.broken_schemes.items():
            if name not in self._needed:
                self.notes.warn(spot, "description.security-scheme", reason)
        for what, (spot, count) in self._not_enforced.items():
            named = what if " " in what else f"`{what}`"
            message = f"{named} are not enforced ({count} in the description)"
            self.notes.warn(spot, "description.not-enforced", message)

    # ---- notes ----------------------------------------------------------------------------

    def not_enforced(self, what: str, spot: Spot) -> None:
        """Count something that is told once."""
        first, count = self._not_enforced.get(what, (spot, 0))
        self._not_enforced[what] = (first, count + 1)

    def unknown(
        self, node: Mapping[str, object], known: frozenset[str], spot: Spot, what: str
    ) -> None:
        """Warn of fields that the object does not have."""
        for name in node:
            if name not in known and not name.startswith("x-"):
                message = (
                    f"`{name}` is not a field of {_with_article(what)} in OpenAPI {self.version} "
                    "and has no effect"
                )
                way = _nearest_field(name, known, node)
                self.notes.warn(at(spot, escape(name)), "description.unknown-field", message, way)

    # ---- security -------------------------------------------------------------------------

    def security(
        self, node: object, spot: Spot, draft: Draft
    ) -> tuple[tuple[Requirement, ...], ...]:
        """The alternatives of one `security` list."""
        if not isinstance(node, list):
            draft.problems.append((spot, "`security` must be a list"))
            return ()
        self.is_secured = self.is_secured or bool(node)
        return tuple(self._alternative(one, at(spot, str(i)), draft) for i, one in enumerate(node))

    def _alternative(self, node: object, spot: Spot, draft: Draft) -> tuple[Requirement, ...]:
        if not isinstance(node, dict):
            draft.problems.append((spot, "a security requirement must be a mapping"))
            return ()
        made: list[Requirement] = []
        for name, scopes in node.items():
            place = at(spot, escape(name))
            if name not in self.schemes and name not in self.broken_schemes:
                self.undeclared(name, spot)
            if name in self.broken_schemes:
                self._needed.add(name)
                draft.problems.append(self.broken_schemes[name])
            elif name not in self.schemes:
                draft.problems.append((place, f"security scheme `{name}` is not declared"))
            elif not isinstance(scopes, list) or not all(isinstance(s, str) for s in scopes):
                draft.problems.append((place, "scopes must be a list of texts"))
            else:
                made.append(Requirement(scheme=name, scopes=tuple(scopes), spot=place))
        return tuple(made)

    def declare(self, name: str, spot: Spot, kind: str, credential: Form) -> None:
        """Keep one security scheme."""
        self.schemes[name] = Scheme(name=name, kind=kind, credential=credential, spot=spot)

    def declare_broken(self, name: str, spot: Spot, reason: str) -> None:
        """Keep that a scheme cannot be checked; Operations that need it cannot, either."""
        self.broken_schemes[name] = (spot, reason)

    def api_key(self, node: Node, name: str, spot: Spot) -> None:
        """An `apiKey` scheme, the same in 2.0 and 3.x."""
        place, field = node.get("in"), node.get("name")
        if not isinstance(field, str) or place not in ("header", "query", "cookie"):
            self.declare_broken(
                name, spot, f"security scheme `{name}` does not say where its key travels"
            )
            return
        written = field.lower() if place == "header" else field
        self.declare(name, spot, "api-key", {"in": place, "name": written})

    # ---- small forms ----------------------------------------------------------------------

    def parameter_form(self, name: str, place: str, spot: Spot, *, required: bool) -> Form:
        """A parameter with the defaults of its place."""
        style = "simple" if place in ("path", "header") else "form"
        return {
            "name": name.lower() if place == "header" else name,
            "in": place,
            "required": required,
            "style": style,
            "explode": style == "form",
            "allow_empty": False,
            "content": None,
            "schema": None,
            "source": source(spot),
        }


def status_key(written: object) -> str | None:
    """`200`, `4XX` or `default`; None if it is none of them."""
    text = str(written)
    if text == "default":
        return text
    folded = text.upper()
    return folded if _STATUS.fullmatch(folded) else None


def is_schema(node: object, version: str) -> bool:
    """Whether `node` has the type of a schema."""
    return isinstance(node, dict) or (version in ("3.1", "3.2") and isinstance(node, bool))


def _with_article(what: str) -> str:
    return f"an {what}" if what[0] in "aeio" else f"a {what}"


def _nearest_field(name: str, known: frozenset[str], node: Mapping[str, object]) -> str:
    meant = nearest(name, sorted(known - set(node)))
    return f"did you mean `{meant}`?" if meant else "take it out, or begin its name with `x-`"
