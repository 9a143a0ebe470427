"""Tables of manual scores. A score is never changed: it is withdrawn, or a newer one stands."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_NAME = 40
LONGEST_SHORT = 200
LONGEST_EVIDENCE = 1000
LONGEST_REASON = 500


class ManualCriterion(Timestamps, Audited, Base):
    """Something that people judge from 0 to 100, because no figures tell it."""

    audit = Mark("manual criterion", label="name")

    __tablename__ = "manual_criterion"
    __scope__ = scope.inside("what a house judges by hand concerns no single supplier")
    __table_args__ = (CheckConstraint("length(trim(name)) > 0", name="name_given"),)
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), unique=True)
    # What 0 and 100 mean, so that two people mean the same.
    short: Mapped[str] = mapped_column(String(LONGEST_SHORT))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ManualScore(Timestamps, Audited, Base):
    """What somebody judged of a supplier, about which days, on what evidence, until when."""

    audit = Mark(
        "manual score",
        personal={"scored_by": Whose.NAMED, "withdrawn_by": Whose.NAMED},
        reason_from=("withdrawn_because", "evidence"),
    )

    __tablename__ = "manual_score"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint("value BETWEEN 0 AND 100", name="value"),
        CheckConstraint("period_to >= period_from", name="period"),
        CheckConstraint("expires_on >= period_to", name="expiry"),
        Index("ix_manual_score_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    criterion_id: Mapped[int] = mapped_column(BigKey, ForeignKey("manual_criterion.id"))
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    value: Mapped[int] = mapped_column(SmallInteger)
    period_from: Mapped[date]
    period_to: Mapped[date]
    expires_on: Mapped[date]
    evidence: Mapped[str] = mapped_column(String(LONGEST_EVIDENCE))
    scored_by: Mapped[ShortText]
    scored_at: Mapped[Moment]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
