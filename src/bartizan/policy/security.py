"""Who must show what: schemes, issuers, keys and the security alternatives of each Operation."""

from __future__ import annotations

import re
from pathlib import Path

from bartizan.model.errors import Diagnostic
from bartizan.policy.api_entries import Api
from bartizan.policy.auth_keys import ApiKey
from bartizan.policy.config import Config, Issuer, OperationSettings
from bartizan.policy.exposure import exposure_of, secured_by, security_spot
from bartizan.policy.forms import is_url
from bartizan.policy.key_files import key_fault
from bartizan.policy.marks import AUTH
from bartizan.policy.parts import Form, Names, at_config, report
from bartizan.policy.reading import below
from bartizan.policy.site import Part, Site
from bartizan.policy.sources import Operation
from bartizan.policy.sources.description import Requirement, Scheme, source
from bartizan.policy.sources.library import Spot

OWN_TOKEN, OWN_KEY = "bartizan token", "bartizan api key"
"""Names of the schemes that `require: always` adds where the description declares none."""

OURS = -1
"""Stands for an API where a scheme is our own; those below it, where it is for one API alone."""

Alternatives = list[list[Form]]
Known = tuple[int, str]
"""Index of an API, and the name of a scheme in its description."""


class Security:
    """Maps declared schemes to what we can verify.

    With issuers, bearer, OAuth 2 and OpenID Connect schemes are verified as access tokens; with
    keys, `apiKey` schemes by them; all else is presence only, which is told.
    """

    def __init__(
        self,
        config: Config,
        site: Site,
        faults: list[Diagnostic],
        warnings: list[Diagnostic],
    ) -> None:
        """faults, warnings: take what is found."""
        self._config = config
        self._site = site
        self._faults = faults
        self._warnings = warnings
        self.issuers = [self._issuer(one) for one in config.auth.all_issuers]
        self._has_keys = config.auth.api_keys.has_any
        self._verify: dict[Known, str] = {}
        self.schemes: list[Form] = []
        self._indices: dict[Known, int] = {}
        for part in site.parts:
            for scheme in part.description.schemes.values():
                self._declare(scheme, part)
        self._check_names({name for part in site.parts for name in part.description.schemes})
        self.open: dict[int, list[Operation]] = {}
        """By index of the API: Operations that ask nobody, since no line of anyone says so."""

    # ---- whom we believe ------------------------------------------------------------------

    def _issuer(self, issuer: Issuer) -> Form:
        rule = issuer.audience_rule
        if not issuer.audiences and rule != "any":
            self._tell_audience(issuer)
        self._tell_keys(issuer)
        return {
            "id": issuer_id(issuer),
            "issuer": issuer.issuer,
            "keys": _keys_from(issuer),
            "algorithms": list(issuer.algorithms),
            "audiences": list(issuer.audiences),
            "audience_rule": rule,
            "types": [one.lower() for one in issuer.types],
            "skew_s": issuer.skew // 1_000,
            "lifetime_max_s": issuer.lifetime_max // 1_000,
            "subject_claim": issuer.subject_claim,
            "scope_claims": list(issuer.scope_claims),
            "upstream_credential": issuer.upstream_credential,
            "source": at_config(issuer)
            if issuer.pointer
            else {"document": 0, "pointer": "/auth/oidc"},
        }

    def _tell_keys(self, issuer: Issuer) -> None:
        """A file by which no token passes is told: it may come later; a private key is refused.

        The gateway looks at the file again and again: until it holds keys, tokens get 503, and it
        is not ready where no other issuer has any.
        """
        if not issuer.jwks or is_url(issuer.jwks):
            return
        fault = key_fault(Path(issuer.jwks))
        if fault is None:
            return
        kept = self._faults if fault.is_private else self._warnings
        message = f"{fault.message}, so no token of `{issuer.issuer}` is accepted"
        if not fault.is_private:
            message += " until it holds a key; enforced, `/readyz` waits for one"
        report(
            self._config, kept, below(issuer.pointer, "jwks"), fault.code, message, fault.hint,
            warning=not fault.is_private,
        )  # fmt: skip

    def _tell_audience(self, issuer: Issuer) -> None:
        """Without an audience a token for another API would pass: refused in enforce."""
        config = self._config
        is_short = issuer.pointer.endswith("/oidc")
        hint = (
            "name this API: `audience: my-api`"
            if is_short
            else "name this API: `audiences: [my-api]`"
        )
        anyone = "audience: any" if is_short else "audience_rule: any"
        hint += f", or write `{anyone}` to accept tokens meant for others"
        mode = config.controls.get("identify", config.mode)
        message = f"issuer `{issuer.issuer}` has no audience, so none of its tokens is accepted"
        kept = self._faults if mode == "enforce" else self._warnings
        report(
            config, kept, issuer.pointer, "policy.audience-missing", message, hint,
            warning=mode != "enforce", value=False,
        )  # fmt: skip

    # ---- schemes --------------------------------------------------------------------------

    def _declare(self, scheme: Scheme, part: Part) -> None:
        written = self._config.auth.schemes.get(scheme.name)
        verify = written or self._usual(scheme, part)
        credential = scheme.credential
        is_header = credential == {"in": "header", "name": "authorization"}
        if verify == "token" and is_header:
            # 2.0 has no bearer scheme; documents write `apiKey` in `Authorization` for it.
            credential = {"in": "authorization", "scheme": "bearer"}
        self._add((part.index, scheme.name), credential, verify, source(scheme.spot), part.api)
        if verify == "presence":
            document = part.description.library.document(scheme.spot[0])
            message = f"security scheme `{scheme.name}` is checked for presence only"
            if credential == {"in": "certificate"}:
                message = (
                    f"security scheme `{scheme.name}` needs a client certificate, "
                    "which no request can show here"
                )
            hint = _presence_hint(scheme)
            is_fault = not written and self._is_left_out(scheme)
            if is_fault:
                # Whoever names the APIs of an issuer leaves none of the others open to any text.
                message += f", since no issuer is for the API `{part.api.name}`"
                hint = (
                    f"name `{part.api.name}` in `apis` of an issuer; `schemes: "
                    f"{{ {scheme.name}: presence }}` under `auth` leaves it to every API itself"
                )
            kept = self._faults if is_fault else self._warnings
            kept.append(
                document.diagnostic(
                    scheme.spot[1], code="policy.presence-only", message=message,
                    warning=not is_fault, hint=hint,
                )
            )  # fmt: skip

    def _is_left_out(self, scheme: Scheme) -> bool:
        """Whether tokens are verified, but, enforced, none that this scheme carries."""
        mode = self._config.controls.get("identify", self._config.mode)
        return scheme.kind == "token" and mode == "enforce" and bool(self._config.auth.all_issuers)

    def _believed(self, api: Api) -> list[int]:
        """Indices of the issuers whose tokens this API takes."""
        issuers = enumerate(self._config.auth.all_issuers)
        return [index for index, one in issuers if not one.apis or api.name in one.apis]

    def _usual(self, scheme: Scheme, part: Part) -> str:
        if scheme.kind == "token" and self._believed(part.api):
            return "token"
        return "api-key" if scheme.kind == "api-key" and self._has_keys else "presence"

    def _add(self, known: Known, credential: Form, verify: str, place: Form, api: Api) -> int:
        index = len(self.schemes)
        self._indices[known] = index
        self._verify[known] = verify
        believed = self._believed(api)
        self.schemes.append(
            {
                "name": known[1],
                "credential": credential,
                "verify": verify,
                "issuers": None if len(believed) == len(self.issuers) else believed,
                "audience": {
                    "any_of": sorted(api.audience),
                    "source": at_config(api, key="audience"),
                }
                if api.audience
                else None,
                "source": place,
            }
        )
        return index

    def _check_names(self, declared: set[str]) -> None:
        from bartizan.policy.suggest import hint

        auth = self._config.auth
        for name, verify in auth.schemes.items():
            at = below(below(auth.pointer, "schemes"), name)
            if name not in declared:
                message = f"security scheme `{name}` is not in the description"
                allowed = hint(name, declared)
                report(
                    self._config,
                    self._faults,
                    at,
                    "policy.unknown-scheme",
                    message,
                    allowed,
                    value=False,
                )
            elif (verify == "token" and not self.issuers) or (
                verify == "api-key" and not self._has_keys
            ):
                message = (
                    f"`{verify}` needs `{'issuers' if verify == 'token' else 'api_keys'}` beside it"
                )
                report(self._config, self._faults, at, "policy.scheme-without-keys", message)

    # ---- alternatives ---------------------------------------------------------------------

    def of(
        self, operation: Operation, settings: tuple[OperationSettings, ...], api: int = 0
    ) -> Alternatives:
        """The alternatives of one Operation; an empty list is anonymous. api: its index."""
        last = secured_by(settings) or OperationSettings()
        word, is_ours = last.security, last.written_in == 0
        exposed = exposure_of(settings)
        if exposed is not None and exposed.word == "partner" and word != "required":
            declared = self._declared(operation, api)
            return self._strengthened(operation.security, declared, exposed.spot, api)
        if word == "none" and not is_ours and self._config.auth.require == "always":
            word = "declared"
        if word == "none":
            if not is_ours and operation.security:
                self._tell_opened(operation, last)
            return []
        declared = self._declared(operation, api)
        if word == "required" or (word == "declared" and self._config.auth.require == "always"):
            place: Spot = (0, "/auth/require")
            if word == "required":
                place = security_spot(last)
            return self._strengthened(operation.security, declared, place, api)
        if not declared and (exposed is None or exposed.word != "public"):
            self.open.setdefault(api, []).append(operation)
        return declared

    def _declared(self, operation: Operation, api: int) -> Alternatives:
        return [[self._requirement(one, api) for one in group] for group in operation.security]

    def _tell_opened(self, operation: Operation, last: OperationSettings) -> None:
        """A document that takes its own security away is believed, and told aloud."""
        document = self._site.document(last.written_in)
        message = (
            f"`{AUTH}: none` opens `{operation.method} {operation.path}`, whose `security` asks "
            "for a credential"
        )
        hint = "take it out, or write `require: always` under `auth`"
        self._warnings.append(
            document.diagnostic(
                f"{last.pointer}/{AUTH}", code="policy.opened-by-document", message=message,
                hint=hint, warning=True,
            )
        )  # fmt: skip

    def _requirement(self, one: Requirement, api: int) -> Form:
        return {
            "scheme": self._indices[api, one.scheme],
            "scopes": list(one.scopes),
            "source": source(one.spot),
        }

    def _strengthened(
        self,
        groups: tuple[tuple[Requirement, ...], ...],
        declared: Alternatives,
        place: Spot,
        api: int,
    ) -> Alternatives:
        """Alternatives that verify somebody stay; to the others our own requirement is added."""
        made: Alternatives = []
        for group, forms in zip(groups, declared, strict=True):
            if any(self._verify[api, one.scheme] != "presence" for one in group):
                made.append(forms)
            else:
                made += [[*forms, own] for own in self._own(place, api)]
        for own in self._own(place, api) if not groups else ():
            made.append([own])
        unique: Alternatives = []
        for one in made:
            if one not in unique:
                unique.append(one)
        return unique

    def _own(self, place: Spot, api: int) -> list[Form]:
        """Requirements of a verified credential: a token, or a key, whichever we can verify."""
        at: Form = {"document": place[0], "pointer": place[1]}
        where = "/auth" if place[0] else place[1]
        believed = ((OWN_TOKEN, self._believed(self._api(api))), (OWN_KEY, self._has_keys))
        names = [name for name, has in believed if has]
        if not names:
            message = "a required credential needs somebody whose credentials can be verified"
            hint = "write `oidc:`, `issuers:` or `api_keys:` under `auth`"
            if not any(one.code == "policy.nobody-believed" for one in self._faults):
                report(self._config, self._faults, where, "policy.nobody-believed", message, hint)
        return [
            {"scheme": self._own_scheme(name, api), "scopes": [], "source": at} for name in names
        ]

    def _api(self, index: int) -> Api:
        return self._site.parts[index].api

    def _own_scheme(self, name: str, api: int) -> int:
        entry = self._api(api)
        is_common = len(self._believed(entry)) == len(self.issuers) and not entry.audience
        ours = OURS if is_common else OURS - 1 - api
        if (ours, name) in self._indices:
            return self._indices[ours, name]
        verify = "token" if name == OWN_TOKEN else "api-key"
        own = (known for known, how in self._verify.items() if how == verify and known[0] == api)
        found = next(own, None)
        if found is not None:
            return self._indices[found]
        auth = self._config.auth
        header = auth.api_keys.header.lower()
        credential: Form = (
            {"in": "authorization", "scheme": "bearer"}
            if verify == "token"
            else {"in": "header", "name": header}
        )
        return self._add((ours, name), credential, verify, at_config(auth), entry)


def issuer_id(issuer: Issuer) -> str:
    """The short id of an issuer in Events, limits and revocations."""
    return issuer.id or re.sub(r"^https?://", "", issuer.issuer).rstrip("/")


def api_keys_of(config: Config, names: Names) -> list[Form]:
    """The API keys of the config, with the Operations that each opens."""
    return [
        {
            "id": one.id,
            "digest": one.digest,
            "scopes": list(one.scopes),
            "operations": _opened(one, names),
            "expires_s": one.expires,
            "upstream_credential": one.upstream_credential,
            "source": at_config(one),
        }
        for one in config.auth.api_keys.keys
    ]


def _opened(key: ApiKey, names: Names) -> list[str]:
    at = below(key.pointer, "operations")
    found = [
        names.resolve(written, below(at, number), value=True)
        for number, written in enumerate(key.operations)
    ]
    return sorted({one for ids in found for one in ids})


def _keys_from(issuer: Issuer) -> Form:
    if not issuer.jwks:
        return {"from": "discovery", "danger_allow_http": issuer.danger_allow_http}
    if is_url(issuer.jwks):
        return {"from": "url", "url": issuer.jwks, "danger_allow_http": issuer.danger_allow_http}
    return {"from": "file", "path": issuer.jwks}


def _presence_hint(scheme: Scheme) -> str:
    if scheme.kind == "token":
        return "write `oidc:` or `issuers:` under `auth` to verify its tokens"
    if scheme.kind == "api-key":
        return (
            "write `api_keys:` under `auth` to verify its keys, or `schemes:` if it carries tokens"
        )
    return "the API has to verify it; the credential is passed through"
