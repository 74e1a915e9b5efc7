"""Ownership: whether an object that a Request names belongs to its Principal.

The mount puts one into the ASGI scope or the WSGI environ of each Request that it lets through. The
app gives the look-ups; the Principal is the one that the guard has verified, never a header.
"""

from __future__ import annotations

from dataclasses import dataclass
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeAlias

from bartizan.model.event import Principal

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
    from uuid import UUID

    from bartizan._core import Exchange
    from bartizan.gateway.session_user import SessionUser

KEY = "bartizan.ownership"
PRINCIPAL = "bartizan.principal"
NOT_FOUND, FORBIDDEN, UNAVAILABLE = 404, 403, 503
PHRASES = {NOT_FOUND: "Not Found", FORBIDDEN: "Forbidden", UNAVAILABLE: "Service Unavailable"}
CODES = {NOT_FOUND: "not-found", FORBIDDEN: "scope", UNAVAILABLE: "unavailable"}

Owner: TypeAlias = "str | int | UUID | tuple[str, str]"
"""The subject; with several issuers, or API keys beside one, (issuer or `api-key`, subject)."""
Owners: TypeAlias = "Owner | Iterable[Owner] | None"
Lookup: TypeAlias = "Callable[[Any], Owners | Awaitable[Owners]]"


class Withheld(Exception):
    """An object is not given out. status: of the refusal; reference: of its Event, maybe empty."""

    def __init__(self, status: int, reference: str = "") -> None:
        super().__init__(f"{PHRASES[status]} (reference {reference or 'none'})")
        self.status = status
        self.reference = reference

    @property
    def problem(self) -> dict[str, object]:
        """As problem details (RFC 9457): alike for a foreign object and one that is not there."""
        told: dict[str, object] = {
            "type": "about:blank",
            "title": PHRASES[self.status],
            "status": self.status,
            "code": CODES[self.status],
        }
        if self.reference:
            told |= {
                "reference": self.reference,
                "instance": f"urn:bartizan:exchange:{self.reference}",
            }
        return told


@dataclass(frozen=True, slots=True)
class Declared:
    """One `owns` in the code of an app. place: `file:line`; or_scope: who has it needs not own."""

    kind: str
    parameter: str
    place: str
    or_scope: str = ""
    status: int = NOT_FOUND
    is_shadow: bool = False


DECLARED: dict[str, str] = {}
"""Each kind that an `owns` of this process names, and the place of its first one."""
NEEDED: dict[str, str] = {}
"""Those of `DECLARED` with an enforced one that no scope opens."""
GIVEN: set[str] = set()
"""Kinds that some `protect` of this process has a look-up for."""


def require_lookups() -> None:
    """Raises Fault "mount.no-lookup" for an `owns` by which nobody gets anything, ever."""
    lacking = {kind: place for kind, place in NEEDED.items() if kind not in GIVEN}
    if not lacking:
        return
    from bartizan.model.errors import fault
    from bartizan.policy.suggest import nearest

    kind, place = min(lacking.items())
    near = nearest(kind, GIVEN)
    name = f"`{near}` of it, or this one, is misspelt" if near else f'give it `{{"{kind}": ...}}`'
    message = f'`owns("{kind}")` at {place} has no look-up in `protect(owners=...)`'
    raise fault("mount.no-lookup", f"{message}, so nobody could get such an object", hint=name)


@dataclass(frozen=True, slots=True)
class Lookups:
    """How owners are found, by type of object. is_qualified: a bare subject could be of two.

    keeps_words: the app's own words for a refusal go out also where they are no JSON.
    session_user: who is asked whom the framework has authenticated.
    """

    by_kind: Mapping[str, Lookup]
    is_qualified: bool = False
    keeps_words: bool = False
    session_user: SessionUser | None = None

    def unknown(self, declared: Mapping[str, str]) -> Iterator[str]:
        """What to say of kinds that are declared without a look-up. declared: place by kind."""
        from bartizan.policy.suggest import nearest

        for kind, place in sorted(declared.items()):
            if kind in self.by_kind:
                continue
            near = nearest(kind, self.by_kind)
            meant = f"; was `{near}` meant to be `{kind}`?" if near else ""
            yield (
                f'`owns("{kind}")` at {place} has no look-up in `protect(owners=...)`, so nobody '
                f"gets such an object{meant}"
            )

    def owns(self, principal: Principal, owners: Owners) -> bool:
        """Whether `principal` is among them. Raises TypeError for what is no owner."""
        name: str | tuple[str, str] = principal.subject
        if self.is_qualified:
            name = (principal.issuer or principal.kind, principal.subject)
        return any(self._named(one) == name for one in _several(owners))

    def _named(self, owner: object) -> str | tuple[str, str]:
        from uuid import UUID

        match owner:
            case (str(issuer), str(subject)) if self.is_qualified and isinstance(owner, tuple):
                return issuer, subject
            case bool() if not self.is_qualified:
                pass
            case str() | int() | UUID() if not self.is_qualified:
                return str(owner)
        expected = "an (issuer, subject) pair" if self.is_qualified else "a subject"
        raise TypeError(f"an owner is {expected}, not {type(owner).__name__}")


def _several(owners: Any) -> Iterable[object]:
    return owners if isinstance(owners, list | set | frozenset) else (owners,)


def seat(
    exchange: Exchange,
    lookups: Lookups,
    holder: MutableMapping[str, Any],
    loop: asyncio.AbstractEventLoop | None = None,
) -> Ownership:
    """Puts into a scope or an environ who asks, and what `owns` asks of."""
    ownership = Ownership(exchange, lookups, loop)
    holder[KEY], holder[PRINCIPAL] = ownership, ownership.principal
    return ownership


class Ownership:
    """Of one Exchange. principal: who asks, as the guard has verified it.

    is_withheld: an object was refused, so that nothing else may go out.
    """

    __slots__ = ("_exchange", "_lookups", "_loop", "is_withheld", "principal")

    def __init__(
        self,
        exchange: Exchange,
        lookups: Lookups,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """loop: on which asynchronous look-ups run when the app asks from a thread."""
        self._exchange = exchange
        self._lookups = lookups
        self._loop = loop
        self.is_withheld = False
        kind, issuer, subject, scopes = exchange.principal or ("anonymous", "", "", [])
        self.principal = Principal(kind, issuer, subject, tuple(scopes))

    def require(self, declared: Declared, object_id: object, request: Any = None) -> None:
        """Returns where the object is the Principal's own. Raises Withheld. Blocks.

        request: of the framework, for who is asked for its session user.
        """
        told = self._lookups.session_user
        if told is not None and not self.principal.is_proven:
            try:
                self._vouch(told, self._now(told.ask(request)))
            except Exception as fault:  # noqa: BLE001, who cannot be told is nobody
                self._unknown(declared, object_id, fault)
                return
        lookup = self._lookup(declared, object_id)
        if lookup is None:
            return
        try:
            owners = self._now(lookup(object_id))
            is_own = self._is_own(owners)
        except Exception as fault:  # noqa: BLE001, what cannot be told is not given out
            self._failed(declared, object_id, fault)
        else:
            self._settle(declared, object_id, owners, is_own=is_own)

    async def arequire(self, declared: Declared, object_id: object, request: Any = None) -> None:
        """As `require`, on the event loop; a look-up that is a plain function gets a thread."""
        told = self._lookups.session_user
        if told is not None and not self.principal.is_proven:
            try:
                found: Any = told.ask_async(request)
                self._vouch(told, await found if isawaitable(found) else found)
            except Exception as fault:  # noqa: BLE001, who cannot be told is nobody
                self._unknown(declared, object_id, fault)
                return
        lookup = self._lookup(declared, object_id)
        if lookup is None:
            return
        try:
            owners: Any = await _asked(lookup, object_id)
            is_own = self._is_own(owners)
        except Exception as fault:  # noqa: BLE001, what cannot be told is not given out
            self._failed(declared, object_id, fault)
        else:
            self._settle(declared, object_id, owners, is_own=is_own)

    def _vouch(self, told: SessionUser, subject: object) -> None:
        """Raises TypeError for what is no subject."""
        if subject is None:
            return
        if isinstance(subject, bool) or not isinstance(subject, str | int):
            expected = "a session user is told by a string or number"
            raise TypeError(f"{expected}, not {type(subject).__name__}")
        if self._exchange.vouch(told.name, str(subject)):
            self.principal = Principal("framework", told.name, str(subject))

    def _unknown(self, declared: Declared, object_id: object, fault: Exception) -> None:
        from logging import getLogger

        getLogger("bartizan").error("the session user could not be told", exc_info=fault)
        expected = f"a session user that can be told; it raised {type(fault).__name__}"
        self.withhold(declared, object_id, "authorize.lookup-failed", expected)

    def _lookup(self, declared: Declared, object_id: object) -> Lookup | None:
        """The look-up that tells; None where the Decision stands without it."""
        principal = self.principal
        if not principal.is_proven:
            self.withhold(declared, object_id, "authorize.data-missing", "a proven principal")
            return None
        if declared.or_scope and declared.or_scope in principal.scopes:
            return None
        if object_id is None:
            expected = f"a path parameter `{declared.parameter}`"
            self.withhold(declared, object_id, "authorize.data-missing", expected)
            return None
        lookup = self._lookups.by_kind.get(declared.kind)
        if lookup is None:
            expected = f"a look-up for `{declared.kind}` in `protect(owners=...)`"
            self.withhold(declared, object_id, "authorize.data-missing", expected)
        return lookup

    def _is_own(self, owners: Owners) -> bool:
        return owners is not None and self._lookups.owns(self.principal, owners)

    def _settle(
        self, declared: Declared, object_id: object, owners: Owners, *, is_own: bool
    ) -> None:
        if is_own:
            return
        if owners is None:
            self.withhold(declared, object_id, "authorize.no-object", "an object that exists")
            return
        scope = f", or scope `{declared.or_scope}`" if declared.or_scope else ""
        expected = f"the owner of the {declared.kind}{scope}"
        self.withhold(declared, object_id, "authorize.foreign-object", expected)

    def _failed(self, declared: Declared, object_id: object, fault: Exception) -> None:
        from logging import getLogger

        name = type(fault).__name__
        getLogger("bartizan").error(
            "the owner of a `%s` could not be looked up", declared.kind, exc_info=fault
        )
        expected = f"a look-up for `{declared.kind}` that answers; it raised {name}"
        self.withhold(declared, object_id, "authorize.lookup-failed", expected)

    def withhold(self, declared: Declared, object_id: object, code: str, expected: str) -> None:
        """Records the refusal. Raises Withheld, unless it stands in shadow."""
        status = UNAVAILABLE if code == "authorize.lookup-failed" else declared.status
        try:
            stops = self._exchange.withhold(
                code,
                parameter=declared.parameter,
                id="" if object_id is None else str(object_id),
                expected=expected,
                declared=declared.place,
                status=status,
                is_shadow=declared.is_shadow,
                keeps_words=self._lookups.keeps_words,
            )
        except RuntimeError:  # The Exchange is over: its Request has no business any more.
            raise Withheld(status) from None
        if stops:
            self.is_withheld = True
            raise Withheld(status, self._exchange.reference)

    def _now(self, found: Any) -> Any:
        """What `found` comes to, waited for in this thread."""
        import asyncio

        if not isawaitable(found):
            return found
        if _is_running():
            if hasattr(found, "close"):
                found.close()
            raise RuntimeError("an asynchronous look-up cannot be waited for on the event loop")
        if self._loop is None:
            return asyncio.run(_await(found))
        return asyncio.run_coroutine_threadsafe(_await(found), self._loop).result()


async def _await(found: Awaitable[object]) -> object:
    return await found


async def _asked(lookup: Any, object_id: object) -> object:
    import asyncio

    if iscoroutinefunction(lookup) or iscoroutinefunction(getattr(lookup, "__call__", None)):  # noqa: B004, its kind is wanted
        return await lookup(object_id)
    found = await asyncio.to_thread(lookup, object_id)
    return await found if isawaitable(found) else found


def _is_running() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
