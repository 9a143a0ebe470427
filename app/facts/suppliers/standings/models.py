"""Tables of standings and of exceptions from a block. Neither is ever overwritten: a standing
is followed by a later one, an exception ends."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit.marking import Action, Audited, Mark, Whose

LONGEST_REASON = 500


class Standing(StrEnum):
    """The terms on which we buy, best first; each is a status of the supplier too."""

    PREFERRED = "preferred"
    APPROVED = "approved"
    IMPROVEMENT_PLAN = "improvement_plan"
    RESTRICTED = "restricted"
    BLOCKED = "blocked"


class Origin(StrEnum):
    """Where a standing comes from: the grade of a published card, or a person against it."""

    GRADE = "grade"
    OVERRIDE = "override"


class State(StrEnum):
    """Where a decision stands; what needs four eyes waits until somebody else agreed."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class SupplierStanding(Timestamps, Audited, Base):
    """A standing that was decided, from a day on, until a day or the next one.

    grade, score and card are those of the published card that it was decided beside.
    `status_before` is the supplier's status when it was confirmed.
    """

    audit = Mark(
        "standing",
        label="standing",
        personal={"decided_by": Whose.NAMED, "approved_by": Whose.NAMED},
        reason_to={Action.CREATE, Action.DELETE},
        reason_from=("reason",),
    )

    __tablename__ = "supplier_standing"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("standing", Standing), name="standing"),
        CheckConstraint(one_of("origin", Origin), name="origin"),
        CheckConstraint(one_of("state", State), name="state"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),
        Index("ix_supplier_standing_supplier_id", "supplier_id", "from_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    standing: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    origin: Mapped[str] = mapped_column(String(10))
    grade: Mapped[str | None] = mapped_column(String(2))
    score: Mapped[float | None] = mapped_column(Float)
    card: Mapped[uuid.UUID | None]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    state: Mapped[str] = mapped_column(String(10), default=State.PROPOSED)
    status_before: Mapped[str | None] = mapped_column(String(20))
    decided_by: Mapped[ShortText]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OrderException(Timestamps, Audited, Base):
    """Somebody may order from a blocked supplier nevertheless, for a reason, until a day."""

    audit = Mark(
        "order exception",
        label="buyer",
        personal={
            "buyer": Whose.NAMED,
            "asked_by": Whose.NAMED,
            "approved_by": Whose.NAMED,
            "ended_by": Whose.NAMED,
        },
        reason_for={"ended_on"},
        reason_to={Action.CREATE, Action.DELETE},
        reason_from=("ended_because", "reason"),
    )

    __tablename__ = "order_exception"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("state", State), name="state"),
        CheckConstraint("until_on >= from_on", name="days"),
        Index("ix_order_exception_supplier_id", "supplier_id", "from_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    # Who may order, as people call them; what was ordered meanwhile stands in the facts.
    buyer: Mapped[ShortText]
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    state: Mapped[str] = mapped_column(String(10), default=State.PROPOSED)
    asked_by: Mapped[ShortText]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The last day on which it held where it was ended before `until_on`.
    ended_on: Mapped[date | None]
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
