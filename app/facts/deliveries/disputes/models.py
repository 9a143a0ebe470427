"""Tables of disputes, of the rulings on them, and of what a ruling changes on a line.

A ruling never writes a verdict: it changes what the verdict is made of, and says what stood
there before.
"""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, one_of
from app.facts.deliveries.models import NONE_KEY
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_CLAIM = 1000
LONGEST_REASON = 1000
IS_OPEN = "state = 'open'"


class Ground(StrEnum):
    """What a supplier says is wrong with a line."""

    DATE = "date"
    QUANTITY = "quantity"
    RECEIPT = "receipt"
    CAUSE = "cause"
    NOT_OURS = "not_ours"


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    UPHELD = "upheld"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Effect(StrEnum):
    """What a ruling does to the line."""

    NONE = "none"
    EXCLUDE = "exclude"
    REFERENCE = "reference"
    CAUSE = "cause"
    RECEIPT = "receipt"


class Dispute(Timestamps, Audited, Base):
    """A supplier's objection to how one order line counts.

    said_by: who at the supplier said so. due_on: the last day of the line's dispute window.
    """

    audit = Mark(
        "dispute",
        personal={"opened_by": Whose.NAMED, "said_by": Whose.NAMED},
        left_out={"version"},
    )
    __tablename__ = "dispute"
    __scope__ = scope.of_supplier(site="site_id")
    __table_args__ = (
        CheckConstraint(one_of("ground", Ground), name="ground"),
        CheckConstraint(one_of("state", DisputeState), name="state"),
        CheckConstraint("length(trim(claim)) > 0", name="claim_given"),
        Index("ix_dispute_supplier_id", "supplier_id"),
        Index("ix_dispute_line_id", "line_id"),
        # One at a time: what is said of a line belongs into the dispute that is open.
        Index(
            "uq_dispute_open",
            "line_id",
            unique=True,
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    site_id: Mapped[int] = mapped_column(BigKey, default=NONE_KEY)
    line_id: Mapped[int] = mapped_column(BigKey, ForeignKey("schedule_line.id"))
    ground: Mapped[str] = mapped_column(String(12))
    claim: Mapped[str] = mapped_column(String(LONGEST_CLAIM))
    said_by: Mapped[str | None] = mapped_column(String(200))
    opened_by: Mapped[ShortText]
    opened_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    opened_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=DisputeState.OPEN)
    version: Mapped[int] = mapped_column(default=1)


class DisputeRuling(Audited, Base):
    """A decision on a dispute; never changed. A further one takes its place.

    before, after: what the ruling found and what it put there, by name; JSON.
    """

    audit = Mark("ruling on a dispute", personal={"decided_by": Whose.NAMED})
    __tablename__ = "dispute_ruling"
    __scope__ = scope.through("dispute_id", "dispute")
    __table_args__ = (
        CheckConstraint(one_of("outcome", DisputeState), name="outcome"),
        CheckConstraint(one_of("effect", Effect), name="effect"),
        CheckConstraint("length(trim(reason)) > 0", name="reason_given"),
        Index("ix_dispute_ruling_dispute_id", "dispute_id"),
    )
    id: Mapped[Key]
    dispute_id: Mapped[int] = mapped_column(BigKey, ForeignKey("dispute.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    effect: Mapped[str] = mapped_column(String(10), default=Effect.NONE)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # Any: JSON
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # Any: JSON
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    decided_by: Mapped[ShortText]
    decided_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    decided_at: Mapped[Moment]


class LineRuling(Audited, Base):
    """What a ruling put in the place of a line's own facts; the judging of lines reads it.

    reference_on: the date that the line is judged against, None: as the rule says.
    """

    audit = Mark("effect of a ruling")
    __tablename__ = "line_ruling"
    __scope__ = scope.through("line_id", "schedule_line")
    __table_args__ = (
        CheckConstraint("is_excluded OR reference_on IS NOT NULL", name="says_something"),
    )
    line_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("schedule_line.id"), primary_key=True, autoincrement=False
    )
    ruling_id: Mapped[int] = mapped_column(BigKey, ForeignKey("dispute_ruling.id"))
    is_excluded: Mapped[bool] = mapped_column(default=False)
    reference_on: Mapped[date | None]
