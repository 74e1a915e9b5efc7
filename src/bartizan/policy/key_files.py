"""Key files: whether a file that `jwks:` names holds a key that may admit a token.

The core admits keys by stricter rules when it loads them; here a file that can admit none is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.policy.json import parse

if TYPE_CHECKING:
    from pathlib import Path

SIZE_MAX_BYTES = 256 << 10
"""As of the core (`identify/jwk.rs`)."""
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_PUBLIC = frozenset(("RSA", "EC", "OKP"))
_WRITE = "write the issuer's JWK set into it, or name another file or URL"
_SET = '`{"keys": [...]}` with the public keys'


@dataclass(frozen=True, slots=True)
class KeyFault:
    """Why no token passes by a file. is_private: it holds a secret that has no place here."""

    code: str
    message: str
    hint: str

    @property
    def is_private(self) -> bool:
        """Whether a private key lies in the file: wrong in every mode."""
        return self.code == "policy.private-key"


def key_fault(path: Path) -> KeyFault | None:
    """What is wrong with the key file at `path`; None where a key of it may be used."""
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_MAX_BYTES + 1)
    except FileNotFoundError:
        return KeyFault("config.unreadable-file", f"file `{path}` is not there", _WRITE)
    except OSError as fault:
        why = fault.strerror or "it cannot be opened"
        return KeyFault("config.unreadable-file", f"file `{path}` cannot be read: {why}", _WRITE)
    if found := _PEM.search(raw):
        return _pem(path, found[1].decode())
    if len(raw) > SIZE_MAX_BYTES:
        return _unusable(f"file `{path}` is larger than {SIZE_MAX_BYTES} bytes")
    return _set(path, raw)


def _pem(path: Path, label: str) -> KeyFault:
    if label.endswith("PRIVATE KEY"):
        return _private(f"file `{path}` is a PRIVATE key in PEM and no JWK set")
    return _unusable(f"file `{path}` is PEM (`{label}`) and no JWK set")


def _set(path: Path, raw: bytes) -> KeyFault | None:
    from bartizan.model.errors import Fault

    try:
        data = parse(raw.decode(), str(path))
    except (UnicodeDecodeError, Fault):
        return _unusable(f"file `{path}` is no JSON, so no JWK set")
    if isinstance(data, dict) and _is_private(data):
        return _private(f"file `{path}` is a PRIVATE key and no JWK set")
    keys = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(keys, list):
        return _unusable(f"file `{path}` is no JWK set: it has no list `keys`")
    if any(map(_is_usable, keys)):
        return None
    if any(map(_is_private, keys)):
        return _private(f"file `{path}` holds PRIVATE keys, of which none is used")
    return _unusable(f"file `{path}` holds no key that can be used" if keys else
                     f"file `{path}` holds no key: its `keys` is empty")  # fmt: skip


def _is_private(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") in _PUBLIC and "d" in key


def _is_usable(key: object) -> bool:
    if not isinstance(key, dict) or key.get("kty") not in _PUBLIC or "d" in key:
        return False
    return bool(key.get("use", "sig") == "sig")


def _private(message: str) -> KeyFault:
    hint = f"keep it where only the issuer reads it; write {_SET} here"
    return KeyFault("policy.private-key", message, hint)


def _unusable(message: str) -> KeyFault:
    return KeyFault("policy.no-usable-key", message, f"{_WRITE}: {_SET}")
