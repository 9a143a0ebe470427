"""Tables of import batches: what was read, from where, by whom, and what it changed."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit import marking


class BatchState(StrEnum):
    """A batch is staged, then published or discarded; a published one can be undone."""

    STAGED = "staged"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    UNDONE = "undone"


class SourceBatch(Timestamps, Base):
    """One import of one file with one version of one mapping."""

    __tablename__ = "source_batch"
    __scope__ = scope.owned("staged_by_id")
    __table_args__ = (
        CheckConstraint(one_of("state", BatchState), name="state"),
        Index("ix_source_batch_fingerprint", "fingerprint", "state"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[ShortText]
    # Of the file's bytes; `fingerprint` adds the mapping, so a renamed file is still the same.
    file_sha256: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    mapping_name: Mapped[ShortText]
    mapping_version: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), default=BatchState.STAGED)
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_published: Mapped[int] = mapped_column(default=0)
    # Rows that stand aside (quarantine), and rows read but unchanged against what is stored.
    rows_aside: Mapped[int] = mapped_column(default=0)
    rows_new: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    # Counts by warning and by what was created on the way: {"created": {…}, "warnings": {…}}.
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The latest fact in the batch, for the default as-of date.
    latest_fact_on: Mapped[date | None]
    staged_by: Mapped[ShortText]
    # The account, where a person staged it: row scope shows people their own imports.
    staged_by_id: Mapped[int | None] = mapped_column(BigKey)
    published_by: Mapped[str | None] = mapped_column(String(200))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(200))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rows_digest: Mapped[str | None] = mapped_column(String(64))


class BatchProblem(Base):
    """One thing wrong, or strange, with one row of a batch."""

    __tablename__ = "batch_problem"
    __scope__ = scope.through("batch_id", "source_batch")
    __table_args__ = (Index("ix_batch_problem_batch", "batch_id", "row_no"),)
    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(BigKey, ForeignKey("source_batch.id", ondelete="CASCADE"))
    row_no: Mapped[int]
    column: Mapped[str | None] = mapped_column(String(200))
    value: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(12))
    message: Mapped[str] = mapped_column(Text)
    is_warning: Mapped[bool] = mapped_column(default=False)


class QuarantinedRow(Base):
    """A bad row set aside with its original cells, to be mended and sent again."""

    __tablename__ = "quarantined_row"
    __scope__ = scope.through("batch_id", "source_batch")
    __table_args__ = (UniqueConstraint("batch_id", "row_no"),)
    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(BigKey, ForeignKey("source_batch.id", ondelete="CASCADE"))
    row_no: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(JSON)
    mended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StagedFile(Base):
    """The bytes of an uploaded file until its batch is published or discarded."""

    __tablename__ = "staged_file"
    __scope__ = scope.through("batch_id", "source_batch")
    batch_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("source_batch.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


class BeforeImage(Base):
    """What a row held before a batch changed it (None: the batch inserted it)."""

    __tablename__ = "before_image"
    __scope__ = scope.through("batch_id", "source_batch")
    __table_args__ = (
        UniqueConstraint("batch_id", "table_name", "row_id"),
        Index("ix_before_image_row", "table_name", "row_id"),
    )
    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(BigKey, ForeignKey("source_batch.id", ondelete="CASCADE"))
    table_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int] = mapped_column(BigKey)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    at: Mapped[Moment]


marking.holds_names("source_batch", "staged_by", "published_by", "undone_by")
