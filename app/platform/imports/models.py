"""Tables of staging: checked rows that wait for their batch to be published.

Delivery lines have a typed staging table of their own (`facts.deliveries.staging`);
the smaller kinds share one that keeps a row's values as JSON.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, ShortText


class StagedRow(Base):
    """One checked row of a small kind: canonical values by field."""

    __tablename__ = "staged_row"
    __scope__ = scope.through("batch_id", "source_batch")
    __table_args__ = (Index("ix_staged_row_batch", "batch_id", "row_no"),)
    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(BigKey, ForeignKey("source_batch.id", ondelete="CASCADE"))
    row_no: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class StagedKey(Base):
    """One thing that a batch's rows name by key: a supplier, a part, a site, a category.

    Rows refer to it by `key_no`, so that publishing looks up each thing once.
    """

    __tablename__ = "staged_key"
    __scope__ = scope.through("batch_id", "source_batch")
    __table_args__ = (UniqueConstraint("batch_id", "entity", "key_no"),)
    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(BigKey, ForeignKey("source_batch.id", ondelete="CASCADE"))
    entity: Mapped[str] = mapped_column(String(20))
    key_no: Mapped[int]
    key: Mapped[ShortText]
    # What the row that named it first says about it, for creating it.
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
