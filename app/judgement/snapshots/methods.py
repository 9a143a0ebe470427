"""How versions of a method are kept, whatever it judges. What a method says is its feature's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.judgement.snapshots.columns import MethodVersion

Json = dict[str, Any]  # Any: what JSON can hold
Version = TypeVar("Version", bound=MethodVersion)

ALWAYS = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A method that was typed, read: its content, or what is wrong by field."""

    content: Json | None
    errors: Mapping[str, str] = field(default_factory=dict)


def in_force(session: Session, methods: type[Version], *, on: date) -> Version | None:
    """Return the stored version that is in force on a day, None where none is."""
    return session.scalar(
        select(methods)
        .where(methods.state == "active", methods.valid_from <= on)
        .order_by(methods.valid_from.desc(), methods.version.desc())
        .limit(1)
    )


def shipped(methods: type[Version], *, name: str, content: Json, version: int = 1) -> Version:
    """Return a shipped method as a row that is not stored yet; it holds from the beginning."""
    columns: Json = {
        "name": name,
        "version": version,
        "state": "active",
        "valid_from": ALWAYS,
        "content": content,
        "content_hash": hash_of(content),
    }
    return methods(**columns)


def stored(session: Session, methods: type[Version], *, name: str, content: Json) -> Version:
    """Store a shipped method as the next version of its name."""
    latest = session.scalar(select(func.max(methods.version)).where(methods.name == name))
    row = shipped(methods, name=name, content=content, version=(latest or 0) + 1)
    session.add(row)
    session.flush()
    return row


def hash_of(content: Json) -> str:
    """Return the sha256 of content, written in one way only."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
