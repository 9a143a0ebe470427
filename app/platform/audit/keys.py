"""The key of the log's MAC: kept outside the database, bound to the process or from settings."""

from __future__ import annotations

import hashlib

from config import Settings

_bound: bytes | None = None


def bind(key: str | None) -> None:
    """Make `key` the one this process writes and checks the log with; None unbinds it."""
    global _bound
    _bound = None if key is None else key.encode()


def audit_key() -> bytes:
    """Return the log's key; a process that bound none reads it from its settings."""
    if _bound is None:
        bind(Settings.from_env().audit_key)
    return _bound or b""


def commitment(text: str) -> str:
    """Return a keyed digest: the same text gives the same, and nobody can guess back from it."""
    return hashlib.blake2b(text.encode(), key=audit_key()[:64], digest_size=20).hexdigest()
