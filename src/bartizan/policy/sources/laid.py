"""Laid: a document changed by overlays, that still knows which file wrote each value."""

from __future__ import annotations

from bartizan.model.errors import Location
from bartizan.policy.document import Document
from bartizan.policy.pointer import escape, tokens

Steps = tuple[str | int, ...]
"""Names and indices from the root of a document to a value in it."""
Origin = tuple[Document, str]
"""The document that wrote a value, and where in it."""


class Laid(Document):
    """A copy of `base` that overlays change.

    Origins are kept for what was put in, by holder and key; all else follows from the holder.
    """

    __slots__ = ("_base", "_homes", "_put", "_removed")

    def __init__(self, base: Document) -> None:
        """Begin with the data of `base`; aliases in it become values of their own."""
        super().__init__(base.name, base.text, copied(base.data))
        self._base = base
        self._put: dict[tuple[int, str | int], Origin] = {}
        self._homes: dict[int, Origin] = {}
        self._removed: list[object] = []  # kept, so that no new value gets the id of an old one

    # ---- where values come from -----------------------------------------------------------

    def locate(self, pointer: str, *, value: bool = False) -> Location:
        """Line of the key in the file that wrote it."""
        document, at = self.wrote(pointer)
        return document.locate(at, value=value)

    def wrote(self, pointer: str) -> Origin:
        """The file that wrote what stands at `pointer`, and where in it."""
        return self.origin(self._steps(pointer))

    def origin(self, steps: Steps) -> Origin:
        """The document that wrote the value, and where in it."""
        node, origin = self.data, (self._base, "")
        for step in steps:
            inner = _inner(node, step)
            put = self._put.get((id(node), step))
            home = self._homes.get(id(inner)) if isinstance(inner, dict | list) else None
            origin = put or home or (origin[0], f"{origin[1]}/{escape(str(step))}")
            node = inner
        return origin

    def value(self, steps: Steps) -> object:
        """The value at the end of `steps`."""
        node = self.data
        for step in steps:
            node = _inner(node, step)
        return node

    def _steps(self, pointer: str) -> Steps:
        node, steps = self.data, list[str | int]()
        for token in tokens(pointer):
            is_index = isinstance(node, list) and token.isdecimal()
            steps.append(int(token) if is_index else token)
            node = _inner(node, steps[-1])
        return tuple(steps)

    # ---- changes --------------------------------------------------------------------------

    def remove(self, steps: Steps) -> None:
        """Take the value out of its mapping or list."""
        holder, last = self.value(steps[:-1]), steps[-1]
        if isinstance(holder, dict) and isinstance(last, str):
            self._removed.append(holder.pop(last, None))
            self._put.pop((id(holder), last), None)
        elif isinstance(holder, list) and isinstance(last, int) and last < len(holder):
            self._hold_places(holder, steps[:-1])
            self._removed.append(holder.pop(last))

    def _hold_places(self, holder: list[object], steps: Steps) -> None:
        """Items keep their origin when their index changes."""
        for index, one in enumerate(holder):
            if isinstance(one, dict | list):
                self._homes.setdefault(id(one), self.origin((*steps, index)))
        for key in [key for key in self._put if key[0] == id(holder)]:
            del self._put[key]

    def merge(
        self, steps: Steps, value: object, origin: Origin, *, joins_lists: bool = True
    ) -> str:
        """Merge `value` into what stands at `steps`; why that cannot be, or empty.

        Mappings are merged, lists take the value as one more item, others are replaced.
        joins_lists: a list takes the items of a list (Overlay 1.1, Action Object), not the list
        itself as its item (Overlay 1.0).
        """
        target = self.value(steps)
        if isinstance(target, dict):
            if not isinstance(value, dict):
                return "the target is a mapping, so `update` must be one"
            return self._merge_mapping(target, value, origin)
        if isinstance(target, list):
            if joins_lists and isinstance(value, list):
                self._extend(target, value, origin)
            else:
                self._append(target, value, origin)
            return ""
        if isinstance(value, dict | list):
            return "the target is a single value, so `update` must be one"
        self._set(self.value(steps[:-1]), steps[-1], value, origin)
        return ""

    def _merge_mapping(
        self, target: dict[str, object], value: dict[str, object], at: Origin
    ) -> str:
        for name, one in value.items():
            origin = (at[0], f"{at[1]}/{escape(name)}")
            held = target.get(name)
            if isinstance(held, dict) and isinstance(one, dict):
                if fault := self._merge_mapping(held, one, origin):
                    return fault
            elif isinstance(held, list) and isinstance(one, list):
                self._extend(held, one, origin)
            elif isinstance(held, dict | list):
                return f"`{name}` is a {'mapping' if isinstance(held, dict) else 'list'} there"
            else:
                self._set(target, name, one, origin)
        return ""

    def _extend(self, holder: list[object], items: list[object], origin: Origin) -> None:
        for index, item in enumerate(items):
            self._append(holder, item, (origin[0], f"{origin[1]}/{index}"))

    def _append(self, holder: list[object], value: object, origin: Origin) -> None:
        holder.append(copied(value))
        self._put[id(holder), len(holder) - 1] = origin

    def _set(self, holder: object, key: str | int, value: object, origin: Origin) -> None:
        if isinstance(holder, dict):
            holder[str(key)] = copied(value)
        elif isinstance(holder, list) and isinstance(key, int):
            holder[key] = copied(value)
        self._put[id(holder), key] = origin


def copied(value: object) -> object:
    """A copy that shares no mapping and no list with `value`."""
    if isinstance(value, dict):
        return {name: copied(one) for name, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


def _inner(node: object, step: str | int) -> object:
    if isinstance(node, dict):
        return node.get(str(step))
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return None
