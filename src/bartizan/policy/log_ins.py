"""The operations of an API document by which people log in: where passwords are guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bartizan.policy.pointer import follow, members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SURE = re.compile(r"\b(?:log ?in|sign ?in|log ?on)\b")
"""Words that name a log-in whatever is sent."""
_LIKELY = re.compile(r"\b(?:tokens?|sessions?|auth|authenticate|authentication|authorize)\b")
"""Words that name one where a password goes with them."""
_OTHER = re.compile(
    r"\b(?:register|sign ?up|reset|forgot(?:ten)?|change|refresh|revoke|log ?out)\b"
)
_PASSWORD = re.compile(r"^(?:pass(?:word|wd|phrase|code)?|pwd|pin|secret)$")
DEPTH_MAX = 4


def log_ins(document: Mapping[str, object]) -> Iterator[str]:
    """Each as `POST /login`, in the order of the document. Local references are followed."""
    for path, item in members(document.get("paths")).items():
        operation = members(item).get("post")
        if isinstance(operation, dict) and _is_log_in(str(path), operation, document):
            yield f"POST {path}"


def _is_log_in(path: str, operation: Mapping[str, object], document: Mapping[str, object]) -> bool:
    last = [part for part in path.split("/") if part and "{" not in part][-1:]
    name = _words(*last, operation.get("operationId"))
    if _OTHER.search(name):
        return False
    if _SURE.search(name):
        return True
    tags = operation.get("tags")
    named = _words(name, *(tags if isinstance(tags, list) else ()))
    is_named = _LIKELY.search(named) or _SURE.search(named)
    return is_named is not None and _sends_password(operation, document)


def _words(*texts: object) -> str:
    """Names in small letters with blanks between their words: `userLogin` is `user login`."""
    text = " ".join(_HUMP.sub(" ", one) for one in texts if isinstance(one, str))
    return re.sub(r"[^a-z0-9]+", " ", text.lower())


def _sends_password(operation: Mapping[str, object], document: Mapping[str, object]) -> bool:
    written = operation.get("parameters")
    parameters = [_followed(one, document) for one in written] if isinstance(written, list) else []
    body = _followed(operation.get("requestBody"), document)
    media = [members(one) for one in members(body.get("content")).values()]
    names = {str(one.get("name")) for one in parameters if one.get("in") == "formData"}
    for holder in (*media, *(one for one in parameters if one.get("in") == "body")):
        names |= set(_properties(holder.get("schema"), document))
    return any(_PASSWORD.match(name.lower()) for name in names)


def _properties(
    schema: object, document: Mapping[str, object], depth: int = DEPTH_MAX
) -> Iterator[str]:
    found = _followed(schema, document)
    yield from members(found.get("properties"))
    for word in ("allOf", "anyOf", "oneOf"):
        parts = found.get(word)
        for part in parts if isinstance(parts, list) and depth else ():
            yield from _properties(part, document, depth - 1)


def _followed(node: object, document: Mapping[str, object]) -> Mapping[str, object]:
    """`node`, or what its local reference leads to."""
    found = members(node)
    for _step in range(DEPTH_MAX):
        reference = found.get("$ref")
        if not isinstance(reference, str):
            break
        found = members(follow(document, reference.removeprefix("#")))
    return found
