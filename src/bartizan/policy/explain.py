"""Explains one Decision in eight fields, each with its value or the reason why there is none.

Pure: the Event with its settings, the table of codes and the config come in as arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bartizan.model.event import CODE
from bartizan.policy.caution import refused_by_api
from bartizan.policy.edit import NotOffered, Offer
from bartizan.policy.offer import is_of_whole, offer, shadow
from bartizan.policy.words import WORDS, CodeFact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.model.event import Event, Notable, Reason, Setting

Value = dict[str, object]
FIELDS = (
    "decision",
    "rule",
    "setting",
    "place",
    "why",
    "without",
    "caller",
    "choices",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One of the eight: `value`, or None and in `reason` why it does not apply."""

    name: str
    value: Value | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One Decision explained. `offers`: one for each reason that counts, in their order."""

    ref: str
    fields: tuple[Field, ...]
    offers: tuple[Offer | NotOffered, ...]

    @property
    def present(self) -> int:
        """Fields with a value."""
        return sum(1 for own in self.fields if own.value is not None)

    @property
    def not_applicable(self) -> int:
        """Fields without one, for a stated reason."""
        return sum(1 for own in self.fields if own.value is None and own.reason)

    def as_data(self) -> Value:
        """For `--json`."""
        return {
            "ref": self.ref,
            "present": self.present,
            "not_applicable": self.not_applicable,
            "fields": {
                own.name: own.value if own.value is not None else {"not_applicable": own.reason}
                for own in self.fields
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known besides the Event.

    version: of the product. codes: the core's table. config: as plain data, {} where there is
    none. similar: Events of the last 24 hours with the same code, route and caller, this included.
    is_kept: it is of the record, so that `admit` finds it.
    """

    version: str
    codes: Mapping[str, CodeFact]
    config: Mapping[str, object] = field(default_factory=dict)
    similar: int = 1
    is_kept: bool = False


def explain(row: Notable, facts: Facts) -> Explanation:
    """The eight fields of one Decision. Cost: O(reasons)."""
    event = row.event
    reason = event.leading
    if reason is None:
        return _nothing_against(event, facts)
    kind = kind_of(reason, facts)
    offers = tuple(
        offer(each, event, kind_of(each, facts), facts.config)
        for each in event.reasons
        if each.counts
    )
    fields = (
        _decision(event),
        _rule(event, reason, facts),
        _setting(reason, row.setting(reason), kind),
        _with_others(_place(reason, kind), event, reason),
        _why(event, reason, kind),
        _without(event, reason),
        _caller(event, facts),
        _choices(event, reason, offer(reason, event, kind, facts.config), row.setting(reason)),
    )
    if facts.is_kept:
        fields = (*fields[:-1], _with_verb(fields[-1], event))
    return Explanation(event.id, fields, offers)


def kind_of(reason: Reason, facts: Facts) -> str:
    """Class of its code, lower case; empty for one that this version does not know."""
    fact = facts.codes.get(reason.code)
    return fact.kind if fact else ""


def _nothing_against(event: Event, facts: Facts) -> Explanation:
    why = "nothing stands against this request"
    empty = {name: Field(name, None, why) for name in FIELDS}
    empty |= {"decision": _decision(event), "caller": _caller(event, facts)}
    return Explanation(event.id, tuple(empty.values()), ())


def _decision(event: Event) -> Field:
    value: Value = {
        "verdict": event.verdict,
        "enforcement": event.enforcement,
        **({"status": event.status} if event.status else {}),
        "request": event.line or event.route,
        **({"operation": event.operation} if event.operation else {}),
        "time_ms": event.time_ms,
    }
    if event.decided_status and event.decided_status != event.status:
        value["status_in_enforce"] = event.decided_status
    if event.outcome:
        value["outcome"] = event.outcome
    if event.owner:
        value["owner"] = event.owner
    if event.data:
        value["data"] = list(event.data)
    return Field("decision", value)


def _rule(event: Event, reason: Reason, facts: Facts) -> Field:
    value: Value = {
        "stage": reason.stage or reason.code.partition(".")[0],
        "rule": reason.code,
        "version": facts.version,
        "policy": event.policy,
    }
    others = [each.code for each in event.reasons if each is not reason]
    if others:
        value["also"] = others
    return Field("rule", value)


_NO_SETTING = {
    "framing": "framing is checked always; no setting asks for it",
    "internal": "no setting of the policy is behind it",
}


def _setting(reason: Reason, setting: Setting | None, kind: str) -> Field:
    if setting:
        value: Value = {"file": setting.file, "line": setting.line, "text": setting.text}
        return Field("setting", value)
    if kind in _NO_SETTING:
        return Field("setting", None, _NO_SETTING[kind])
    # Document 0 is the config: what it does not say is a default.
    if not reason.document:
        return Field("setting", None, "a built-in default asks for it; no line of yours does")
    return Field("setting", None, "the documents of that policy were not at hand when it was kept")


def _place(reason: Reason, kind: str) -> Field:
    if reason.location in ("", "connection"):
        return Field("place", None, "it concerns the exchange as a whole, not one field")
    value: Value = {"field": reason.field, "value": reason.value}
    if reason.span:
        value["span"] = list(reason.span)
    if reason.value is None:
        value["value_reason"] = _unseen(reason, kind)
    if reason.expected:
        value["expected"] = reason.expected
    if reason.code == "identify.credential-missing" and (send := _send(reason)):
        value["send"] = send
    return Field("place", value)


def _with_others(place: Field, event: Event, reason: Reason) -> Field:
    """The place, with those of the other reasons that count."""
    others = [
        {
            "rule": one.code,
            **({"field": one.field} if one.location not in ("", "connection") else {}),
            **({"value": one.value} if one.value is not None else {}),
            **({"expected": one.expected} if one.expected else {}),
        }
        for one in event.reasons
        if one.counts and one is not reason
    ]
    if not others:
        return place
    return Field("place", {**(place.value or {"field": None}), "also": others})


def _send(reason: Reason) -> str:
    """What a missing credential looks like on the wire; empty where its place does not tell."""
    match reason.location, reason.name.lower():
        case "header", "authorization":
            # Schemes are known by name only: most say in it which kind they are.
            name = reason.expected.lower()
            basic, bearer = "Authorization: Basic <user:password>", "Authorization: Bearer <token>"
            one_kind = basic if "basic" in name else bearer if "bearer" in name else ""
            return one_kind or f"{bearer}, or as its scheme in the document says"
        case "header", name if name:
            return f"{name}: <key>"
        case "cookie", _ if reason.name:
            return f"Cookie: {reason.name}=<key>"
        case "query", _ if reason.name:
            return f"?{reason.name}=<key>"
        case _:
            return ""


def _unseen(reason: Reason, kind: str) -> str:
    if reason.location.startswith("response"):
        return "values of responses are not kept"
    if kind == "content" and reason.span:
        return "what cannot be read is not kept: a part of it may be secret"
    if kind == "credential" and reason.code != "identify.credential-missing":
        return "credentials are not kept"
    return "the field is missing or has no value of its own"


_CERTAINTY = {
    "content": "certain: a rule of form, not a guess",
    "contract": "certain: the API document says so",
    "credential": "certain: the proof does not hold",
    "framing": "certain: a rule of form, not a guess",
    "internal": "certain: it happened",
    "quota": "certain: counted",
    "response": "certain: the API document or a setting says so",
}


def _certainty(code: str, kind: str) -> str:
    if code.startswith("match.internal"):
        return "certain: the caller's address is in none of those networks"
    return _CERTAINTY.get(kind, "certain: a fixed rule")


def _why(event: Event, reason: Reason, kind: str) -> Field:
    words = WORDS.get(reason.code)
    if words is None:
        return Field("why", None, f"this version does not know `{reason.code}`")
    value: Value = {
        "why": words.why,
        "confidence": _certainty(reason.code, kind),
        "what_was_fine": _what_was_fine(event, reason),
        "mend": words.mend,
    }
    return Field("why", value)


_ORDER = ("wire", "parse", "match", "identify", "limit", "authorize", "inspect", "forward", "shape")
_FINE = {
    "wire": "the framing",
    "parse": "the form of path, headers and body",
    "match": "the operation is declared",
    "limit": "no limit was reached",
    "inspect": "the request keeps its contract",
}


def _what_was_fine(event: Event, reason: Reason) -> list[str]:
    """Counter-evidence: the stages before this one that found nothing."""
    stage = reason.stage or reason.code.partition(".")[0]
    before = _ORDER[: _ORDER.index(stage)] if stage in _ORDER else ()
    found = {each.stage for each in event.reasons}
    said = _FINE | _of_caller(event)
    fine = [said[name] for name in before if name in said and name not in found]
    return fine or ["nothing was checked before it"]


def _of_caller(event: Event) -> dict[str, str]:
    """What identify and authorize found: nothing is called fine that nobody verified."""
    principal = event.principal
    if principal and principal.is_proven:
        return {"identify": "the credential", "authorize": "no scope was missing"}
    if principal and principal.kind == "unverified":
        return {"identify": "a credential was there, but nobody verified it"}
    return {}


def _without(event: Event, reason: Reason) -> Field:
    if reason.stage in ("forward", "decide"):
        return Field("without", None, "nothing was refused by a rule")
    left = [each for each in event.reasons if each.counts and each is not reason]
    value: Value = {"what": _outcome(event, reason, left)}
    if event.upstream_status:
        value["upstream_status"] = event.upstream_status
    return Field("without", value)


def _outcome(event: Event, reason: Reason, left: list[Reason]) -> str:
    if reason.stage == "shape":
        return "the response would have gone out as the API made it"
    if event.enforcement == "shadow":
        return f"it went on in shadow, and the API answered {event.upstream_status or 'nothing'}"
    if left:
        return f"{len(left)} more reasons would still have refused it"
    if reason.document == CODE:
        return f"the app would have gone on with `{event.line}`"
    if reason.stage == "wire":
        return "the API would have had to read these bytes its own way"
    return f"it would have gone to the API as `{event.line}`"


def _caller(event: Event, facts: Facts) -> Field:
    principal = event.principal
    value: Value = {
        "principal": principal.label if principal else "none verified",
        "address": event.peer,
        "similar_in_24_h": facts.similar,
    }
    return Field("caller", value)


def _choices(
    event: Event, reason: Reason, change: Offer | NotOffered, setting: Setting | None
) -> Field:
    off = shadow(reason, event)
    if isinstance(change, NotOffered) and isinstance(off, NotOffered):
        return Field("choices", None, change.reason)
    leave: Value = {"true_attack": "leave it: the rule did its work"}
    if refused_by_api(event):
        leave = {"true_attack": f"leave it: the API itself answered {event.upstream_status} to it"}
    offered = change.as_data() if isinstance(change, Offer) else {"not_applicable": change.reason}
    mends = _mends(reason, setting)
    value = mends | {"change": offered} if is_of_whole(reason) else {"change": offered} | mends
    if isinstance(off, Offer):
        value["shadow"] = off.as_data()
    return Field("choices", leave | value if refused_by_api(event) else value | leave)


def _with_verb(choices: Field, event: Event) -> Field:
    """The choices, each change with the command that makes it."""
    made = {
        name: one | {"command": f"bartizan admit {event.id}{' --shadow' * (name == 'shadow')}"}
        if isinstance(one, dict) and "yaml" in one
        else one
        for name, one in (choices.value or {}).items()
    }
    return replace(choices, value=made) if made else choices


def _mends(reason: Reason, setting: Setting | None) -> Value:
    """Where the declaration behind the rule is corrected."""
    if setting and reason.document == CODE:
        return {"code": f"correct the declaration at {setting.file}:{setting.line}"}
    if setting and reason.document:
        return {"document": f"correct the API document at {setting.file}:{setting.line}"}
    return {}
