"""Tables of rendered packs."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, ShortText, Timestamps
from app.platform.audit import marking


class Pack(Timestamps, Base):
    """A rendered document; an unchanged content hash reuses its file."""

    __tablename__ = "pack"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("supplier_id", "kind", "period", "content_hash"),
        CheckConstraint("state IN ('draft', 'frozen', 'superseded')", name="state"),
        Index("ix_pack_supplier", "supplier_id", "kind"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(String(12))
    audience: Mapped[str] = mapped_column(String(20), default="internal")
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    period: Mapped[str] = mapped_column(String(12))
    as_of: Mapped[date]
    scorecard_snapshot_id: Mapped[int | None] = mapped_column(
        BigKey, ForeignKey("scorecard_snapshot.id")
    )
    risk_snapshot_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("risk_snapshot.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[ShortText]
    size: Mapped[int]
    pages: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    made_by: Mapped[ShortText]
    # The audit log's head when the pack was made, as its pages print it.
    audit_head: Mapped[str | None] = mapped_column(String(100))


marking.holds_names("pack", "made_by")
