"""Tables of index methods and published supply risk indexes."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime


class IndexMethod(Timestamps, Base):
    """A version of the index's weights, floors and bands."""

    __tablename__ = "index_method"
    __table_args__ = (
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


class RiskSnapshot(Base):
    """A published supply risk index; never updated."""

    __tablename__ = "risk_snapshot"
    __table_args__ = (
        UniqueConstraint("supplier_id", "period_kind", "period_end", "sequence"),
        Index("ix_risk_snapshot_period", "period_kind", "period_end", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID | None]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    period_kind: Mapped[str] = mapped_column(String(12))
    period_end: Mapped[date]
    sequence: Mapped[int] = mapped_column(default=1)
    as_of: Mapped[date]
    method_id: Mapped[int] = mapped_column(BigKey, ForeignKey("index_method.id"))
    input_digest: Mapped[str] = mapped_column(String(64))
    value: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    band: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    coverage: Mapped[float]
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[Moment]
    supersedes_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("risk_snapshot.id"))
    restated_because: Mapped[str | None] = mapped_column(String(500))
