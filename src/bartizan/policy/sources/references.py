"""References of schemas to others: `$ref`, `$dynamicRef` and what a discriminator maps to."""

from __future__ import annotations

from bartizan.policy.pointer import escape
from bartizan.policy.sources.keys import Facts, Keys, Node, Walk
from bartizan.policy.sources.library import Library, RefError, Spot
from bartizan.policy.sources.notes import Notes


class References:
    """Lowers references to `$ref`s between keys."""

    def __init__(self, library: Library, dialect: str, notes: Notes, keys: Keys) -> None:
        """keys: takes what is referred to."""
        self._library = library
        self._first = library.first
        self._dialect = dialect
        self._notes = notes
        self._keys = keys
        self._dynamic: list[tuple[Facts, Spot, str]] = []

    def reference(
        self,
        lowered: Node,
        word: str,
        value: object,
        spot: Spot,
        walk: Walk,
        in_place: bool,  # noqa: FBT001
    ) -> None:
        """Lower `$ref` or `$dynamicRef` beside other keywords. in_place: they see one value."""
        if "$ref" in lowered:
            at: Spot = (spot[0], f"{spot[1]}/{word}")
            walk.problem(at, f"`{word}` beside another reference is not supported")
            return
        found = self.follow(value, spot, walk, in_place=in_place, word=word)
        if "$ref" in found:
            lowered["$ref"] = found["$ref"]

    def follow(
        self, ref: object, spot: Spot, walk: Walk, *, in_place: bool, word: str = "$ref"
    ) -> Node:
        """The `$ref` to the key of what `ref` leads to, which is lowered in its turn."""
        at: Spot = (spot[0], f"{spot[1]}/{word}")
        if not isinstance(ref, str):
            return walk.problem(at, f"`{word}` must be a text")
        try:
            target = self._library.resolve(ref, *spot)
        except RefError as error:
            return walk.problem(at, f"`{word}` {error}")
        if word == "$dynamicRef" and walk.first:
            self._note_dynamic(ref, target, at, walk)
        key = self._keys.want(target)
        walk.facts.refs.add(key)
        if in_place:
            walk.facts.in_place.add(key)
        return {"$ref": self._uri(key, walk)}

    def _note_dynamic(self, ref: str, target: Spot, at: Spot, walk: Walk) -> None:
        """Keep that a reference depends on the way by which it is reached.

        Source: JSON Schema 2020-12 core, section 8.2.3.2: it does where it leads to a
        `$dynamicAnchor` by that name; everywhere else it is a `$ref`.
        """
        anchor = ref.rpartition("#")[2]
        node = self._library.node(target)
        if anchor and isinstance(node, dict) and node.get("$dynamicAnchor") == anchor:
            self._dynamic.append((walk.facts, at, anchor))

    def refuse_dynamic(self) -> None:
        """Dynamic references with several targets: which one holds is not known before a value.

        To be called when every document that is referred to is open.
        """
        for facts, at, anchor in self._dynamic:
            count = len(self._library.dynamic_anchors[anchor])
            if count > 1:
                reason = f"`$dynamicRef` `#{anchor}` may mean each of {count} schemas"
                facts.problems.append((at, reason))

    def discriminator(self, lowered: Node, value: object, at: Spot, walk: Walk) -> None:
        """Lower a discriminator: what it maps to are keys."""
        if self._dialect == "2.0":
            if isinstance(value, str):
                lowered["discriminator"] = {"propertyName": value}
            else:
                walk.problem(at, "`discriminator` must name a property")
            return
        name = value.get("propertyName") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(name, str):
            walk.problem(at, "`discriminator` must name its `propertyName`")
            return
        kept: Node = {"propertyName": name}
        mapping = value.get("mapping")
        if isinstance(mapping, dict) and mapping:
            kept["mapping"] = {
                word: uri
                for word, target in mapping.items()
                if (uri := self._mapped(target, (at[0], f"{at[1]}/mapping/{escape(word)}"), walk))
            }
        if "defaultMapping" in value and self._dialect == "3.2":
            spot: Spot = (at[0], f"{at[1]}/defaultMapping")
            if uri := self._mapped(value["defaultMapping"], spot, walk):
                kept["defaultMapping"] = uri
        lowered["discriminator"] = kept

    def _mapped(self, target: object, at: Spot, walk: Walk) -> str | None:
        """A mapping names a schema by URI, or by its bare name among the components."""
        spot = None
        if isinstance(target, str):
            if "/" not in target and "#" not in target:
                spot = self._library.target(
                    f"#/components/schemas/{escape(target)}", (self._first, "")
                )
            spot = spot or self._library.target(target, at)
        if spot is None:
            if walk.first:
                message = f"the discriminator maps to `{target}`, which leads to nothing"
                self._notes.warn(at, "description.discriminator", message)
            return None
        key = self._keys.want(spot)
        walk.facts.refs.add(key)
        return self._uri(key, walk)

    def _uri(self, key: str, walk: Walk) -> str:
        return self._keys.uri(self._keys.named(key, walk.direction) if walk.direction else key)
