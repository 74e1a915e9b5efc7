"""Offers for credentials that were refused: what the config can give, and who gives the rest."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bartizan.model.event import CODE
from bartizan.policy.edit import Config, NotOffered, Offer, Path, resolve, where
from bartizan.policy.kinds import Duration, shown_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.model.event import Event, Reason


def admit(reason: Reason, event: Event, config: Mapping[str, object]) -> Offer | NotOffered:
    """The change for one reason of class `credential`."""
    path: Path
    match reason.code:
        case "identify.audience":
            return _audience(reason, config)
        case "identify.unknown-issuer":
            return _believe(reason, event, config)
        case "identify.token-type":
            return _token_type(reason, config)
        case "identify.lifetime":
            return _lifetime(reason, config)
        case "match.internal" | "match.internal-method":
            title = f"let {event.peer} reach internal operations, all of them"
            return Offer(title, ("internal",), "append", event.peer)
        case "identify.credential-missing" if event.operation and _is_exposed(reason):
            path = ("operations", event.operation, "exposure")
            title = "leave it to `security` alone who may call this operation"
            return Offer(title, path, "set", "public")
        case "identify.credential-missing" | "identify.unsatisfied" if event.operation:
            path = ("operations", event.operation, "security")
            return Offer("declare that everyone may call this operation", path, "set", "none")
        case "authorize.cross-site":
            return _cross_site(reason)
        case "authorize.scope":
            return _scope(reason, event, config)
        case _ if reason.document == CODE:
            return NotOffered("the app's own code says whose it is; no setting of the config does")
        case _:
            return NotOffered(f"a valid credential mends it, no setting should: {_ask(reason)}")


def _is_exposed(reason: Reason) -> bool:
    """Whether `exposure: partner` asks for the credential, not `security`."""
    return reason.source.rpartition("/")[2] in ("exposure", "x-bartizan-exposure")


_ASK = "the caller gets a new one from the issuer"
_KEYS = {
    "authorize.operation": "the key is meant for other operations, which `bartizan keys show ID` "
    "tells; `bartizan keys create --operation` issues another",
    "identify.network": "the key opens from its own networks; `bartizan keys show ID` tells them",
    "identify.unknown-api-key": "`bartizan keys create` issues a key, or `auth.api_keys.keys` "
    "lists one of your own",
}


def _ask(reason: Reason) -> str:
    """Who gives the caller another credential: you, for API keys, else the issuer."""
    if reason.code in _KEYS:
        return _KEYS[reason.code]
    # One code for tokens and keys; only the core's own words tell them apart.
    of_key = "API key" in reason.expected
    return "you issue keys: `bartizan keys create` gives the caller a new one" if of_key else _ASK


def _cross_site(reason: Reason) -> Offer | NotOffered:
    origin = reason.value or ""
    if not re.fullmatch(r"https?://[^/\s]+", origin):
        return NotOffered("no origin was named that could be listed")
    title = f"let pages of {origin} act for their users"
    return Offer(title, ("csrf", "origins"), "append", origin)


def _audience(reason: Reason, config: Mapping[str, object]) -> Offer | NotOffered:
    missing = _recorded_audiences(reason.value)
    path = where(config, reason)
    if not missing or path is None:
        return NotOffered("the token does not tell its audience; the issuer must name this API")
    is_of_api = path[:1] == ("apis",)
    path = _entry(config, path)
    # Entries of `apis` and the short form `auth: {oidc, audience}` name it in the singular.
    is_short = is_of_api or resolve(config, (*path, "oidc")) is not None
    name = "audience" if is_short else "audiences"
    value = _with(resolve(config, (*path, name)), missing)
    shown = ", ".join(f"`{one}`" for one in missing)
    return Offer(f"accept tokens for the audience {shown}", (*path, name), "set", value)


def _believe(reason: Reason, event: Event, config: Mapping[str, object]) -> Offer | NotOffered:
    """An issuer that is listed, but for other APIs alone."""
    path = where(config, reason)
    entry = resolve(config, path) if path is not None else None
    api = event.operation.partition(" ")[0].rpartition(":")[0]
    if path is None or not isinstance(entry, dict) or "apis" not in entry or not api:
        return NotOffered(f"a valid credential mends it, no setting should: {_ASK}")
    title = f"let `{api}` believe `{entry.get('issuer', '')}`"
    return Offer(title, (*path, "apis"), "set", _with(entry["apis"], [api]))


def _token_type(reason: Reason, config: Mapping[str, object]) -> Offer | NotOffered:
    told = _read(reason.value)
    if not isinstance(told, str):
        return NotOffered(f"a token of this kind never opens an API: {_ASK}")
    title = f"accept tokens of the `typ` `{told}`" if told else "accept tokens without a `typ`"
    return _of_issuer(title, "types", [told], reason, config)


def _lifetime(reason: Reason, config: Mapping[str, object]) -> Offer | NotOffered:
    life_s = _read(reason.value)
    if not isinstance(life_s, int) or not 0 < life_s * 1000 <= Duration().most_ms:
        return NotOffered(f"a token that lives this long is none: {_ASK}")
    life = shown_ms(life_s * 1000)
    title = f"let tokens of this issuer live for {life}"
    return _of_issuer(title, "lifetime_max", life, reason, config)


def _of_issuer(
    title: str, name: str, value: object, reason: Reason, config: Mapping[str, object]
) -> Offer | NotOffered:
    """One more key of the entry of an issuer; the short form becomes an entry first."""
    path = where(config, reason)
    if path is None:
        return NotOffered(f"the issuer is not in this config: `{name}` of its entry lets it pass")
    path = path[:-1] if path[-1:] == ("oidc",) else path
    entry = resolve(config, path)
    if not isinstance(entry, dict) or not {"issuer", "oidc"} & set(entry):
        return NotOffered(f"the issuer is no longer in the config; `{name}` is set in its entry")
    if "oidc" not in entry:
        added = _with(entry.get(name), value) if isinstance(value, list) else value
        return Offer(title, (*path, name), "set", added)
    long = {"issuer": entry["oidc"], **_audience_keys(entry.get("audience")), name: value}
    kept = {key: one for key, one in entry.items() if key not in ("oidc", "audience")}
    others = kept.get("issuers", [])
    issuers = [long, *(others if isinstance(others, list) else [others])]
    title = f"{title}, in the long form"
    return Offer(title, path, "set", {**kept, "issuers": issuers})


def _audience_keys(audience: object) -> Config:
    if audience in ("any", ["any"]):
        return {"audience_rule": "any"}
    return {} if audience is None else {"audiences": audience}


def _entry(config: Mapping[str, object], path: Path) -> Path:
    """The nearest mapping around a place."""
    while path and not isinstance(resolve(config, path), dict):
        path = path[:-1]
    return path


def _with(written: object, more: list[str]) -> list[object]:
    known = written if isinstance(written, list) else [] if written is None else [written]
    return [*known, *(one for one in more if one not in known)]


def _read(value: str | None) -> object:
    """What the core wrote down of a verified token; None where it did not."""
    if not value or value.startswith("[masked"):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return value


def _recorded_audiences(value: str | None) -> list[str]:
    data = _read(value)
    return [one for one in (data if isinstance(data, list) else [data]) if isinstance(one, str)]


def _scope(reason: Reason, event: Event, config: Mapping[str, object]) -> Offer | NotOffered:
    keys = resolve(config, ("auth", "api_keys", "keys"))
    subject = event.principal.subject if event.principal else ""
    wanted = re.findall(r"[^\s`,]+", reason.expected.removeprefix("scope"))
    for index, key in enumerate(keys if isinstance(keys, list) else []):
        if isinstance(key, dict) and key.get("id") == subject and wanted:
            path: Path = ("auth", "api_keys", "keys", index, "scopes")
            return Offer(
                f"give the key `{subject}` the scope `{wanted[-1]}`", path, "append", wanted[-1]
            )
    return NotOffered("the issuer grants scopes: the caller asks for a token that has this one")
