"""The table of attached files. The bytes lie in the file store, by id."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose


class ScanState(StrEnum):
    """What a virus scanner said; without a scanner nobody claims that a file is clean."""

    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"


class Attachment(Audited, Base):
    """One file about one record: what it is as checked, who brought it, what it proves when.

    `entity` and `entity_id` name the record; `supplier_id` says whose reach it falls into,
    None where it belongs to no supplier. A removed file keeps its row and loses its bytes.
    """

    __tablename__ = "attachment"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        CheckConstraint(one_of("scan_state", ScanState), name="scan_state"),
        CheckConstraint("size > 0", name="size_given"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removal_is_whole"),
        Index("ix_attachment_about", "entity", "entity_id"),
        Index("ix_attachment_uploaded_by_id", "uploaded_by_id"),
    )
    audit = Mark(
        "file",
        label="display_name",
        personal={"uploaded_by": Whose.NAMED, "removed_by": Whose.NAMED},
        reason_for={"removed_because"},
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int] = mapped_column(BigKey)
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"), index=True)
    display_name: Mapped[ShortText]
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigKey)
    scan_state: Mapped[str] = mapped_column(String(12), default=ScanState.NOT_SCANNED)
    # The day on which the file's content was true: a certificate's issue, a report's date.
    evidence_on: Mapped[date | None]
    uploaded_by: Mapped[ShortText]
    uploaded_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    uploaded_at: Mapped[Moment]
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(String(200))
    removed_because: Mapped[str | None] = mapped_column(String(500))
