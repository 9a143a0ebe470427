"""The table of backups on their way to release: one row per part and supplier."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, QuantityType, ShortText, Timestamps, one_of
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_TEXT = 1000
LONGEST_REASON = 500


class BackupStage(StrEnum):
    """How far a backup is, in the order in which one goes."""

    IDENTIFIED = "identified"
    SAMPLING = "sampling"
    QUALIFIED = "qualified"
    RELEASED = "released"
    DROPPED = "dropped"


class BackupSupplier(Timestamps, Audited, Base):
    """A supplier that could take over a part, and how far it is.

    due_on: when the next stage is to be reached; null once released. target_share: of our need,
    in millionths, that it is to get all the time. capacity: what it can deliver in an emergency,
    units a month. ready_days: from the call to its first delivery. rotate_days: how long it may
    go without an order. Null where nobody knows.
    """

    audit = Mark(
        "backup supplier",
        left_out={"version"},
        personal={"owner": Whose.NAMED},
        reason_from=("stage_because",),
    )

    __tablename__ = "backup_supplier"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("part_id", "supplier_id"),
        CheckConstraint(one_of("stage", BackupStage), name="stage"),
        CheckConstraint(
            "target_share IS NULL OR target_share BETWEEN 0 AND 1000000", name="target_share"
        ),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("ready_days IS NULL OR ready_days BETWEEN 0 AND 3650", name="ready_days"),
        CheckConstraint("rotate_days BETWEEN 1 AND 3650", name="rotate_days"),
        Index("ix_backup_supplier_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    part_id: Mapped[int] = mapped_column(BigKey, ForeignKey("part.id"))
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    stage: Mapped[str] = mapped_column(String(10), default=BackupStage.IDENTIFIED)
    # What shows that the stage was reached, or why it was left.
    stage_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    owner: Mapped[ShortText]
    identified_on: Mapped[date]
    sampling_on: Mapped[date | None]
    qualified_on: Mapped[date | None]
    released_on: Mapped[date | None]
    due_on: Mapped[date | None]
    target_share: Mapped[int | None] = mapped_column(BigKey)
    capacity: Mapped[Decimal | None] = mapped_column(QuantityType)
    ready_days: Mapped[int | None]
    rotate_days: Mapped[int] = mapped_column(default=180)
    note: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    version: Mapped[int] = mapped_column(default=1)
