"""The compiled binding (crates/py): conversion only, no logic.

`_At` is a moment: milliseconds since the Unix epoch, and microseconds of a monotonic clock.
"""

from typing import Literal, TypeAlias, final

_At: TypeAlias = tuple[int, int]
_Fields: TypeAlias = list[tuple[bytes, bytes]]
_Outcome: TypeAlias = Literal["complete", "client-left", "upstream-failed", "fault"]

__all__ = [
    "Exchange",
    "Live",
    "Policy",
    "PolicyFault",
    "Reply",
    "Step",
    "Unread",
    "codes",
    "hash_api_key",
    "replay",
    "run",
    "version",
]

class PolicyFault(ValueError):
    """A form that cannot be a Policy: args are (message, document or None, JSON Pointer)."""

class Unread(ValueError):
    """The Policy reads a body that the capture does not hold."""

@final
class Policy:
    """An immutable, hashed snapshot of all that is decided by."""

    @staticmethod
    def load(form: bytes) -> Policy:
        """Build from the canonical form; all or nothing.

        Raises PolicyFault. Cost: O(form), schemas dominate; the interpreter lock is released.
        """

    @property
    def hash(self) -> str:
        """SHA-256 of the form, lower-case hex."""

    @property
    def operations(self) -> list[str]:
        """Ids of all Operations, in the order of the form."""

    @property
    def issuers(self) -> list[str]:
        """Ids of all issuers, by the index that `Live.load_keys` takes."""

    @property
    def unmapped(self) -> list[tuple[int | None, str, str]]:
        """Document, pointer and reason of each schema that XML cannot be held against."""
    @property
    def unrepresentable(self) -> list[tuple[str, str]]:
        """(Operation id, why) for each reason why an Operation cannot be checked."""

    def standing(
        self,
        operation: str,
        route: tuple[str, str],
        rule: str,
        place: tuple[str, str, str],
    ) -> str | None:
        """How a recorded reason stands: `enforced`, `excepted`, `shadow`; None where relaxed.

        operation: its id, empty where none matched; route: method and path; place: location, name
        and JSON Pointer. Raises ValueError for an unknown rule or location.
        """

@final
class Live:
    """What changes while a Policy stands: limits, verified tokens, key sets, API keys."""

    def __new__(
        cls,
        policy: Policy,
        seed: bytes,
        pepper: bytes | None = None,
        before: Live | None = None,
    ) -> Live:
        """seed: 16 random bytes of this process; pepper: of the API keys, 16 bytes or more.

        Takes over limits, tokens and keys of `before`. Raises ValueError for a bad table of keys.
        """

    def stand(self, standing: bytes, unix_s: int) -> None:
        """Take in issued API keys (whole) and revocations (added), as JSON; all or nothing.

        They outlive the Policy: a Live made from this one shares them. Raises ValueError.
        """

    def take_used(self) -> list[tuple[str, int]]:
        """Digest and Unix seconds of each issued secret that was used since the last call."""

    def take_moved(self) -> list[tuple[str, str]]:
        """Old and new digest of each issued secret that came and is kept under an older pepper."""

    def load_keys(self, issuer: int, keys: bytes, unix_ms: int) -> int:
        """Put a JWK set in place; the number of admitted keys. Raises ValueError."""

@final
class Step:
    """What the mount does next with the Request."""

    @property
    def kind(self) -> Literal["more", "ask", "forward", "answer"]:
        """Which of the four."""

    def forward(self) -> tuple[bytes, bytes, _Fields, bytes | None, bool]:
        """Take method, target, fields, body so far, and whether more streams; once only."""

    def answer(self) -> tuple[int, _Fields, bytes | None]:
        """Take status, fields and body of an answer of ours; once only."""

    def issuer(self) -> int:
        """Take the index of the issuer whose keys must be looked up; once only."""

@final
class Reply:
    """What the mount does next with the Response."""

    @property
    def kind(self) -> Literal["data", "done", "head", "hold", "pass", "send", "stream"]:
        """`send` carries a whole answer, `head` a head whose body streams.

        `stream`: a head whose body streams altered, so that its length is not known; `data`: bytes
        in place of the chunk.
        """

    def data(self) -> bytes:
        """Take the bytes of `data`; once only."""

    def sent(self) -> tuple[int, _Fields, bytes | None]:
        """Take status, fields and, for `send`, the body; once only."""

@final
class Exchange:
    """One Request from head to close. Every call may be made from any thread."""

    def __new__(cls, policy: Policy, live: Live, peer: str, id: int, at: _At) -> Exchange:  # noqa: A002
        """peer: IP address; id: 80 random bits, the reference id."""

    def route(self, operation: int | None, asked: int | None) -> None:
        """Tell where the router of the app sends the Request, in place of path templates.

        operation: index in `Policy.operations`, None for nowhere; asked: that of a preflight.
        Before `head`.
        """

    def head(
        self, method: bytes, target: bytes, fields: _Fields, length: int | None, at: _At
    ) -> Step:
        """length: bytes of the body, None for unknown, 0 for no body."""

    def chunk(self, data: bytes, at: _At) -> Step:
        """Feed a piece of the body."""

    def end(self, at: _At) -> Step:
        """End the body."""

    def answered(self, done: bool, at: _At) -> Step:
        """Tell how the look-up of `ask` went."""

    def stream(self, length: int) -> bool:
        """Count a piece that streams on; false when it is over its cap."""

    def socket(self) -> None:
        """Tell that the Request is the handshake of a WebSocket, before `head`."""

    def accepted(self) -> None:
        """Tell that the app has accepted the handshake."""

    def refusal(self) -> tuple[int, _Fields, bytes | None] | None:
        """The answer that stands for an object that is withheld; None where none is."""

    @property
    def reference(self) -> str:
        """Its reference id."""

    @property
    def principal(self) -> tuple[str, str, str, list[str]] | None:
        """Kind, issuer, subject and scopes of who asks; None before `identify` is through."""

    def presume(self, kind: str, issuer: str, subject: str, scopes: list[str]) -> None:
        """Take a Principal as a fact in place of its secret, for the tests of an app.

        Before `head`. kind: `anonymous`, `api-key`, `framework` or `token`, else ValueError.
        """

    def vouch(self, framework: str, subject: str) -> bool:
        """Tell whom the app's framework has authenticated; whether that counts.

        Not before `identify`, and never above a credential that was verified.
        """

    def withhold(
        self,
        code: str,
        *,
        parameter: str,
        id: str,  # noqa: A002
        expected: str,
        declared: str,
        status: int,
        is_shadow: bool,
        keeps_words: bool,
    ) -> bool:
        """Tell that the app does not give out an object; whether it must refuse.

        declared: `file:line`. keeps_words: the app's answer goes out also where it is no JSON.
        Joins the Decision. Raises ValueError for an unknown code.
        """

    def reply_head(self, status: int, fields: _Fields, length: int | None, at: _At) -> Reply:
        """Feed the head of the Response, without framing fields.

        length: bytes of the body, None for unknown, 0 for no body.
        """

    def reply_chunk(self, data: bytes) -> Reply:
        """Feed a piece of the Response."""

    def reply_end(self) -> Reply:
        """End the Response."""

    def upstream_failed(self) -> Reply:
        """The app failed before or inside its Response."""

    def close(self, outcome: _Outcome, at: _At) -> tuple[bytes, bool]:
        """End it: the one Event as JSON, and whether it is notable."""

def codes() -> list[tuple[str, str, str, int, str]]:
    """Every reason code: name, stage, class, status, title."""

def hash_api_key(pepper: bytes, key: bytes) -> str:
    """Lower-case hex of HMAC-SHA-256(pepper, key), as `auth.api_keys` holds it."""

def replay(
    policy: Policy, live: Live, capture: bytes, *, number: int = 0, without: str | None = None
) -> tuple[bytes, bytes | None, _Fields]:
    """Judge one capture: the Event as JSON; body and header fields as the client would get them.

    capture: a JSON object; number: becomes the reference id; without: a rule taken out, to see
    what it does.
    Raises ValueError for a line that is not a capture, Unread where the body that decides was not
    kept.
    """

def run(options: bytes) -> int:
    """Become the gateway process until it has wound down; the exit code.

    options: JSON with the state directory; everything else comes by the control link.
    """

def version() -> str:
    """The version of the compiled core, equal to the version of the package."""
