"""Tables of scoring methods and published scorecards."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime


class ScoringMethod(Timestamps, Base):
    """A version of how measures become points; its content never changes once active."""

    __tablename__ = "scoring_method"
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


class ScorecardSnapshot(Base):
    """A published score; never updated. A later one of the same period restates it."""

    __tablename__ = "scorecard_snapshot"
    __table_args__ = (
        UniqueConstraint("supplier_id", "period_kind", "period_end", "sequence"),
        Index("ix_scorecard_snapshot_period", "period_kind", "period_end", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID | None]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    # 12m, quarter, month, all: the window that ends at `period_end`.
    period_kind: Mapped[str] = mapped_column(String(12))
    period_end: Mapped[date]
    sequence: Mapped[int] = mapped_column(default=1)
    as_of: Mapped[date]
    method_id: Mapped[int] = mapped_column(BigKey, ForeignKey("scoring_method.id"))
    input_digest: Mapped[str] = mapped_column(String(64))
    score: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    grade: Mapped[str | None] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12))
    coverage: Mapped[float]
    # Read by lists, so that no page parses thousands of documents.
    otif: Mapped[float | None]
    otif_n: Mapped[int | None]
    ppm: Mapped[float | None]
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[Moment]
    supersedes_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("scorecard_snapshot.id"))
    restated_because: Mapped[str | None] = mapped_column(String(500))
