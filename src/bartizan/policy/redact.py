"""Takes secrets out of a capture before anybody keeps it.

Credentials go whole: the verified Principal stands for them as a fact. Members of bodies and
parameters with a telling name are masked, in text what stands behind such a name; so is what has
the shape of a secret under any name, and what the description calls personal or secret. Of files in
multipart bodies name and size stay, of a body that cannot be looked into length and SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl, quote_plus, unquote_plus, urlencode

from bartizan.policy.captures import body_form, bytes_of
from bartizan.policy.redact_shapes import MASK, shapeless, unnamed
from bartizan.policy.sources.media import FORM, is_json, is_lines, is_multipart
from bartizan.policy.withheld import Withheld, classified

if TYPE_CHECKING:
    from collections.abc import Mapping

_CREDENTIALS = frozenset(("authorization", "cookie", "proxy-authorization", "set-cookie"))
_ADDRESSES = frozenset(("content-location", "location", "referer"))
_TELLING = re.compile(
    r"passw|passphrase|secret|token|api[-_]?key|credential|authorization|session|private[-_]?key"
    r"|signature|assertion|samlresponse|^sig$|^hmac$|^pin$|^otp$|^pwd$|^cvv2?$|^cvc$|^iban$|card[-_]?(?:number|no)|^pan$|^ssn$",
    re.IGNORECASE,
)
_NOTHING = Withheld("")
Node = dict[str, object]


@dataclass(frozen=True, slots=True)
class Redactor:
    """names: further header, parameter and member names (lower case) whose values are secret.

    operations: what the description withholds of single Operations, by their id.
    """

    names: frozenset[str] = frozenset()
    operations: Mapping[str, Withheld] = field(default_factory=dict)

    def line(self, capture: bytes) -> bytes:
        """The capture without secrets, as one line. Raises ValueError where it is no capture."""
        data = json.loads(capture)
        note = data.setdefault("note", {})
        held = self.operations.get(str(note.get("operation", "")), _NOTHING)
        request = cast("Node", data["request"])
        request["target"] = self._target(str(request["target"]), held)
        left_out = self._message(request, is_withheld=held.whole or held.request)
        response = data.get("response")
        if isinstance(response, dict):
            is_withheld = held.whole or held.response
            left_out = self._message(response, is_withheld=is_withheld) or left_out
        note["redacted"] = True
        if left_out:
            note["unreadable_body_left_out"] = True
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()

    def is_secret(self, name: str) -> bool:
        """Whether values under this name are masked."""
        return name.lower() in self.names or _TELLING.search(name) is not None

    def _is_granting(self, name: str) -> bool:
        """As `is_secret`, in an address: there `code` is what OAuth gives for a token."""
        return name.lower() == "code" or self.is_secret(name)

    def _field(self, name: str, value: str) -> str:
        if self.is_secret(name):
            return MASK
        is_address = name.lower() in _ADDRESSES
        return unnamed(value, self._is_granting) if is_address else shapeless(value)

    def _target(self, target: str, held: Withheld) -> str:
        path, mark, query = target.partition("?")
        path = held.shown_path(path)
        if not mark:
            return path
        pairs = [self._pair(pair, is_withheld=held.whole) for pair in query.split("&")]
        return f"{path}?{'&'.join(pairs)}"

    def _pair(self, pair: str, *, is_withheld: bool) -> str:
        name, mark, written = pair.partition("=")
        value = unquote_plus(written)
        is_secret = is_withheld or self._is_granting(unquote_plus(name).partition("[")[0])
        shown = MASK if is_secret else shapeless(value)
        return f"{name}={quote_plus(shown)}" if mark and (is_secret or shown != value) else pair

    def _message(self, message: Node, *, is_withheld: bool) -> bool:
        """Fields and body of a message, in place; whether a body had to be left out."""
        fields = cast("list[list[str]]", message.get("fields", []))
        kept = [pair for pair in fields if pair[0].lower() not in _CREDENTIALS]
        message["fields"] = [
            [name, self._field(name, value)]
            for name, value in kept
            if name.lower() not in self.names
        ]
        if "body" not in message:
            return False
        if is_withheld:
            del message["body"]
            return True
        body = cast("Node", message["body"])
        if "unread" in body:
            return True
        names = {name.lower(): value for name, value in kept}
        coding = names.get("content-encoding", "identity").lower()
        kind = names.get("content-type", "") if coding == "identity" else ""
        raw = bytes_of(cast("Mapping[str, str]", body))
        found = self._body(raw, kind)
        if found is None:
            message["body"] = unread(raw)
            return True
        message["body"] = body_form(found)
        # A masked body has another length, and a head that tells the old one would be refused.
        message["fields"] = [
            [name, str(len(found)) if name.lower() == "content-length" else value]
            for name, value in cast("list[list[str]]", message["fields"])
        ]
        return False

    def _body(self, raw: bytes, kind: str) -> bytes | None:
        """The body without secrets; None where it cannot be looked into."""
        essence = kind.partition(";")[0].strip().lower()
        if is_multipart(essence):
            from bartizan.policy.redact_parts import Parts

            return Parts(self).blanked(raw, kind)
        try:
            text = self.text(raw.decode(), essence)
        except UnicodeDecodeError:
            return None
        return None if text is None else text.encode()

    def text(self, text: str, essence: str) -> str | None:
        """A text of this type (lower case, without parameters); None where it hides its members."""
        if essence == FORM:
            pairs = parse_qsl(text, keep_blank_values=True)
            made = [(n, MASK if self.is_secret(n) else shapeless(v)) for n, v in pairs]
            return text if made == pairs else urlencode(made)
        if is_json(essence):
            return self._json(text)
        if is_lines(essence):
            return self._lines(text, "\x1e" if essence.endswith("json-seq") else "\n")
        if essence.startswith("text/") or essence == "application/xml" or essence.endswith("+xml"):
            return unnamed(text, self.is_secret)
        return None

    def _lines(self, text: str, border: str) -> str | None:
        """JSON texts one after the other. border: what stands between them, or before each."""
        made = [self._json(one) if one.strip() else one for one in text.split(border)]
        return None if None in made else border.join(one for one in made if one is not None)

    def _json(self, text: str) -> str | None:
        try:
            data = json.loads(text, object_pairs_hook=_once)
        except ValueError:
            return None  # What other readers see differently cannot be masked for sure.
        masked = self._masked(data)
        # As it came where nothing is masked: blanks and doubled keys are part of what is judged.
        blank = text[len(text.rstrip()) :]
        return text if masked == data else json.dumps(masked, ensure_ascii=False) + blank

    def _masked(self, value: object) -> object:
        if isinstance(value, dict):
            return {
                name: MASK if self.is_secret(name) else self._masked(one)
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [self._masked(one) for one in value]
        return shapeless(value) if isinstance(value, str) else value


def unread(raw: bytes) -> Node:
    """What stands for bytes that are not kept."""
    return {"unread": {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}}


def _once(pairs: list[tuple[str, object]]) -> Node:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def secret_names(form: Node) -> frozenset[str]:
    """Names under which the credentials of a Policy travel, lower case."""
    schemes = cast("list[dict[str, dict[str, object]]]", form.get("schemes", []))
    return frozenset(
        str(scheme["credential"]["name"]).lower()
        for scheme in schemes
        if "name" in scheme["credential"]
    )


class Redaction:
    """Redacts captures by every Policy that was served: a reload forgets no secret."""

    def __init__(self) -> None:
        """Before the first `learn` only telling names are secret."""
        self._names: frozenset[str] = frozenset()
        self._operations: dict[str, Withheld] = {}

    def learn(self, form: bytes) -> None:
        """From now on what this Policy calls secret is taken out, too. Cost: O(form)."""
        data = json.loads(form)
        held = classified(data)
        self._names |= secret_names(data) | held.names
        self._operations.update(held.operations)

    def line(self, capture: bytes, more: tuple[str, ...] = ()) -> bytes:
        """As `Redactor.line`. more: further names."""
        return Redactor(self._names | set(more), self._operations).line(capture)
