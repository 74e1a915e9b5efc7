"""Overlays (OpenAPI Overlay 1.0 and 1.1) laid over a description, so that it need not be edited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.document import Document
from bartizan.policy.pause import collector_paused
from bartizan.policy.pointer import escape
from bartizan.policy.sources.laid import Laid, copied
from bartizan.policy.suggest import nearest

if TYPE_CHECKING:
    from bartizan.policy.sources.laid import Steps

_VERSION = re.compile(r"1\.[01](?:\.[0-9]+)?")
_ROOT = frozenset(("overlay", "info", "extends", "actions"))
_ACTION = frozenset(("target", "description", "update", "remove"))
_REF_OUT = re.compile(r"""\$ref["']?\s*:\s*["']?[^#"'\s]""")
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
        self._is_1_1 = False

    def do_all(self) -> None:
        data = self._document.data
        version = data.get("overlay") if isinstance(data, dict) else None
        if not isinstance(data, dict) or version is None:
            hint = "an overlay begins with `overlay: 1.1.0`"
            self._stop("", "overlay.not-overlay", "this is not an overlay", hint)
        if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
            message = f"overlay version {version} is not supported"
            self._stop("/overlay", "overlay.version", message, "supported: 1.0 and 1.1")
        self._is_1_1 = str(version).startswith("1.1")
        for word in data if isinstance(data, dict) else ():
            if word not in _ROOT and not word.startswith("x-"):
                message = f"`{word}` is not a field of an overlay and has no effect"
                near = nearest(word, _ROOT)
                hint = f"did you mean `{near}`?" if near else ""
                self._warn(f"/{escape(word)}", "overlay.no-effect", message, hint)
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
        if not found:
            self._tell_lost(target, at)
        elif action.get("remove") is True:
            self._remove(found, at)
        elif "update" in action:
            self._update(found, action["update"], at, (self._document, f"{at}/update"))
        elif "copy" in action and self._is_1_1:
            self._copy(found, action["copy"], at)

    def _tell_lost(self, target: str, at: str) -> None:
        message = f"the target `{target}` matches nothing, so this action does nothing"
        hint = ""
        if _REF_OUT.search(self._laid.text):
            hint = "a target does not follow `$ref`: what stands in another file needs an overlay "
            hint += "with that file as `extends`"
        self._warn(f"{at}/target", "overlay.no-match", message, hint)

    def _tell_unknown(self, action: Node, at: str) -> None:
        """Fields that do nothing, alone or beside each other."""
        known = _ACTION | {"copy"} if self._is_1_1 else _ACTION
        for word in action:
            if word not in known and not word.startswith("x-"):
                message = f"`{word}` is not a field of an action and has no effect"
                self._warn(f"{at}/{escape(word)}", "overlay.no-effect", message)
        if not isinstance(action.get("remove", False), bool):
            self._stop(f"{at}/remove", "overlay.action", "`remove` must be `true` or `false`")
        doers = [
            word for word in ("remove", "update", "copy") if action.get(word, False) is not False
        ]
        doers = [word for word in doers if word in known]
        if not doers:
            wanted = "`update`, `remove` or `copy`" if self._is_1_1 else "`update` or `remove`"
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

    def _update(
        self, found: list[Steps], value: object, at: str, origin: tuple[Document, str]
    ) -> None:
        kinds = {_kind(self._laid.value(steps)) for steps in found}
        if len(kinds) > 1:
            message = f"the target matches {' and '.join(sorted(kinds))}, which no change fits"
            self._stop(f"{at}/target", "overlay.target", message)
        for steps in found:
            if fault := self._laid.merge(steps, value, origin, joins_lists=self._is_1_1):
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
        self._update(found, value, at, origin)

    # ---- what is told ---------------------------------------------------------------------

    def _warn(self, pointer: str, code: str, message: str, hint: str = "") -> None:
        one = self._document.diagnostic(
            pointer, code=code, message=message, hint=hint, warning=True
        )
        self._warnings.append(one)

    def _stop(self, pointer: str, code: str, message: str, hint: str = "") -> None:
        raise Fault([self._document.diagnostic(pointer, code=code, message=message, hint=hint)])


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "mappings"
    return "lists" if isinstance(value, list) else "single values"


def _depth_and_place(steps: Steps) -> tuple[int, list[tuple[str, int]]]:
    """Order in which removals from the end disturb none of the others."""
    keys = [("", one) if isinstance(one, int) else (one, 0) for one in steps]
    return len(steps), keys
