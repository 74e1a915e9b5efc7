"""Overlays (OpenAPI Overlay 1.0 and 1.1) laid over a description, so that it need not be edited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.document import Document
from bartizan.policy.pause import collector_paused
from bartizan.policy.pointer import escape
from bartizan.policy.sources.laid import Laid, copied

if TYPE_CHECKING:
    from bartizan.policy.sources.laid import Steps

_VERSION = re.compile(r"1\.[01](?:\.[0-9]+)?")
_ACTION = frozenset(("target", "description", "update", "remove"))
Node = dict[str, object]


def lay(base: Document, overlays: list[Document], warnings: list[Diagnostic]) -> Document:
    """`base` with every action done, in order; places in it lead to the file that wrote them.

    warnings: takes actions without effect. Raises Fault: "overlay.not-overlay",
    "overlay.version", "overlay.action", "overlay.target".
    Cost: O(nodes) for each action whose target holds `..` or `*`.
    """
    with collector_paused():
        laid = Laid(base)
        for one in overlays:
            _Overlay(one, laid, warnings).do_all()
            laid.text += one.text
        return laid


class _Overlay:
    def __init__(self, document: Document, laid: Laid, warnings: list[Diagnostic]) -> None:
        self._document = document
        self._laid = laid
        self._warnings = warnings
        self._has_copy = False

    def do_all(self) -> None:
        data = self._document.data
        version = data.get("overlay") if isinstance(data, dict) else None
        if not isinstance(data, dict) or version is None:
            hint = "an overlay begins with `overlay: 1.1.0`"
            self._stop("", "overlay.not-overlay", "this is not an overlay", hint)
        if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
            message = f"overlay version {version} is not supported"
            self._stop("/overlay", "overlay.version", message, "supported: 1.0 and 1.1")
        self._has_copy = str(version).startswith("1.1")
        actions = data.get("actions") if isinstance(data, dict) else None
        if not isinstance(actions, list) or not actions:
            self._stop("/actions", "overlay.action", "`actions` must be a list with an action")
            return
        for index, action in enumerate(actions):
            self._do(action, f"/actions/{index}")

    def _do(self, action: object, at: str) -> None:
        target = action.get("target") if isinstance(action, dict) else None
        if not isinstance(action, dict) or not isinstance(target, str):
            self._stop(at, "overlay.action", "an action needs a `target`")
            return
        self._tell_unknown(action, at)
        found = self._find(target, f"{at}/target")
        is_removal = action.get("remove") is True
        if not found:
            message = f"the target `{target}` matches nothing, so this action does nothing"
            self._warn(f"{at}/target", "overlay.no-match", message)
        elif is_removal:
            self._remove(found, at)
        elif "update" in action:
            for steps in found:
                self._update(steps, action["update"], at, (self._document, f"{at}/update"))
        elif "copy" in action and self._has_copy:
            self._copy(found, action["copy"], at)

    def _tell_unknown(self, action: Node, at: str) -> None:
        """Fields that do nothing, alone or beside each other."""
        known = _ACTION | {"copy"} if self._has_copy else _ACTION
        for word in action:
            if word not in known and not word.startswith("x-"):
                message = f"`{word}` is not a field of an action and has no effect"
                self._warn(f"{at}/{escape(word)}", "overlay.no-effect", message)
        doers = [
            word for word in ("remove", "update", "copy") if action.get(word, False) is not False
        ]
        doers = [word for word in doers if word in known]
        if not doers:
            wanted = "`update`, `remove` or `copy`" if self._has_copy else "`update` or `remove`"
            self._stop(at, "overlay.action", f"an action needs {wanted}")
        for word in doers[1:]:
            message = f"`{word}` has no effect beside `{doers[0]}`"
            self._warn(f"{at}/{word}", "overlay.no-effect", message)

    # ---- what actions do ------------------------------------------------------------------

    def _find(self, target: str, at: str) -> list[Steps]:
        from jsonpath import JSONPathEnvironment, JSONPathError

        try:
            data = cast("Node", self._laid.data)
            matches = JSONPathEnvironment(strict=True).finditer(target, data)
            return [tuple(match.parts) for match in matches]
        except (JSONPathError, RecursionError) as error:
            reason = str(error).split("\n", 1)[0] or "it cannot be read"
            self._stop(at, "overlay.target", f"`{target}` is not a JSONPath (RFC 9535): {reason}")
            return []

    def _remove(self, found: list[Steps], at: str) -> None:
        if () in found:
            self._stop(f"{at}/target", "overlay.target", "the whole document cannot be removed")
        for steps in sorted(found, key=_depth_and_place, reverse=True):
            self._laid.remove(steps)

    def _update(self, steps: Steps, value: object, at: str, origin: tuple[Document, str]) -> None:
        fault = self._laid.merge(steps, value, origin)
        if fault:
            self._stop(f"{at}/update", "overlay.action", fault)

    def _copy(self, found: list[Steps], source: object, at: str) -> None:
        place = f"{at}/copy"
        if not isinstance(source, str):
            self._stop(place, "overlay.action", "`copy` must be a JSONPath")
            return
        sources = self._find(source, place)
        if len(sources) != 1:
            message = f"`copy` must name one value; `{source}` names {len(sources)}"
            self._stop(place, "overlay.target", message)
            return
        value, origin = copied(self._laid.value(sources[0])), self._laid.origin(sources[0])
        for steps in found:
            self._update(steps, value, at, origin)

    # ---- what is told ---------------------------------------------------------------------

    def _warn(self, pointer: str, code: str, message: str) -> None:
        one = self._document.diagnostic(pointer, code=code, message=message, warning=True)
        self._warnings.append(one)

    def _stop(self, pointer: str, code: str, message: str, hint: str = "") -> None:
        raise Fault([self._document.diagnostic(pointer, code=code, message=message, hint=hint)])


def _depth_and_place(steps: Steps) -> tuple[int, list[tuple[str, int]]]:
    """Order in which removals from the end disturb none of the others."""
    keys = [("", one) if isinstance(one, int) else (one, 0) for one in steps]
    return len(steps), keys
