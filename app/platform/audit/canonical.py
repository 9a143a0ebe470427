"""One way of writing an event down, so that its hash means the same everywhere.

Canonical JSON: keys sorted, no blanks, ASCII only; exact decimals as text, moments in UTC,
nothing that a reader could write otherwise. `scripts/verify_audit.py` repeats this without
the product.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

GENESIS = "0" * 64
# Of an event, what its hash is not taken over: they follow from it.
CHAINED = frozenset({"prev_hash", "hash", "mac"})

Plain = None | bool | int | str | list[Any] | dict[str, Any]  # Any: nested plain values


def plain(value: object) -> Plain:
    """Return a value as JSON keeps it exactly; the same value is always written the same."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    return _nested(value)


def moment(value: datetime) -> str:
    """Return an aware moment in UTC, to the microsecond."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def written(value: Plain) -> str:
    """Return plain JSON as canonical text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_of(prev_hash: str, event: Mapping[str, Any]) -> str:
    """Return SHA-256(previous hash ‖ canonical event)."""
    body = {name: value for name, value in event.items() if name not in CHAINED}
    return hashlib.sha256(prev_hash.encode("ascii") + written(body).encode("ascii")).hexdigest()


def mac_of(key: bytes, event_hash: str) -> str:
    """Return HMAC-SHA-256(key, hash): who holds the database alone can't make it."""
    return hmac.digest(key, event_hash.encode("ascii"), "sha256").hex()


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that the log keeps")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _nested(value: object) -> Plain:
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest(), "size": len(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form in the audit log")
