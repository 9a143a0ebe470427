"""The hash of a printed content: the same values give the same digest, in another year too."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.reviews.packs.content import Document

# Set after the hash is taken: the hash itself, and the audit log's head at freezing.
OUTSIDE_THE_HASH = frozenset({"content_hash", "audit_head"})
SHORT_HASH_GROUPS = 3
HASH_GROUP = 4


def content_hash(content: Document) -> str:
    """Return the sha256 of the content's canonical form, in 64 hexadecimal digits.

    The form is JSON with sorted keys, each value under the name of its class and field; the
    hash itself and the audit log's head are left out.
    """
    form = {
        field.name: _canonical(getattr(content, field.name))
        for field in dataclasses.fields(content)
        if field.name not in OUTSIDE_THE_HASH
    }
    text = json.dumps(
        {type(content).__name__: form}, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def short_hash(digest: str) -> str:
    """Return the first digits of a digest in groups (“7c1e 09ab 44d2 …”)."""
    groups = [digest[i * HASH_GROUP :][:HASH_GROUP] for i in range(SHORT_HASH_GROUPS)]
    return " ".join(groups) + " …" if digest else ""


def _canonical(value: Any) -> Any:
    """Return a value as JSON knows it. Any: contents nest dataclasses, tuples and scalars."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        fields = {f.name: _canonical(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {type(value).__name__: fields}
    if isinstance(value, tuple):
        return [_canonical(each) for each in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a content holds texts, numbers and parts, not {type(value).__name__}")
