"""What the tables of versioned methods and of published snapshots have in common."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.base.db import BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime

LONGEST_REASON = 500


class MethodVersion(Timestamps):
    """A version of how something is judged; its content never changes once active.

    reason: why it was made. writers: accounts that wrote on it. revision: counts its edits as
    a draft.
    """

    __tablename__: str

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:  # Any: constraints of several kinds
        return (
            UniqueConstraint("name", "version"),
            CheckConstraint("state IN ('draft', 'active', 'retired')", name="state"),
        )

    id: Mapped[Key]
    name: Mapped[ShortText]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    valid_from: Mapped[date]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    author: Mapped[str | None] = mapped_column(String(200))
    writers: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class Snapshot:
    """A published judgement of a supplier; never updated. A later one of its period restates it.

    It is seen from the moment on that its publication is over. `METHODS` names the table of
    the method it was made by.
    """

    __tablename__: str
    METHODS: str

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:  # Any: constraints and indexes
        return (
            UniqueConstraint("supplier_id", "period_kind", "period_end", "sequence"),
            Index(f"ix_{cls.__tablename__}_period", "period_kind", "period_end", "supplier_id"),
            Index(f"ix_{cls.__tablename__}_publication_id", "publication_id"),
        )

    id: Mapped[Key]
    public_id: Mapped[uuid.UUID | None]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    # 12m, quarter, month, all: the window that ends at `period_end`.
    period_kind: Mapped[str] = mapped_column(String(12))
    period_end: Mapped[date]
    sequence: Mapped[int] = mapped_column(default=1)
    as_of: Mapped[date]
    input_digest: Mapped[str] = mapped_column(String(64))
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    state: Mapped[str] = mapped_column(String(12))
    coverage: Mapped[float]
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[Moment]
    restated_because: Mapped[str | None] = mapped_column(String(500))
    # None: from the time before publications were kept; seen like one that is over.
    publication_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("publication.id"))

    @declared_attr
    @classmethod
    def method_id(cls) -> Mapped[int]:
        """The version it was made by."""
        return mapped_column(BigKey, ForeignKey(f"{cls.METHODS}.id"))

    @declared_attr
    @classmethod
    def supersedes_id(cls) -> Mapped[int | None]:
        """The one that it restates."""
        return mapped_column(BigKey, ForeignKey(f"{cls.__tablename__}.id"))
