"""Tables of corrective actions. A decided answer never changes; another one comes after it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import (
    Base,
    BigKey,
    Key,
    Moment,
    QuantityType,
    ShortText,
    Timestamps,
    UtcDateTime,
    one_of,
)
from app.calc.corrective import Severity, Step
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_TITLE = 200
LONGEST_TEXT = 4000
LONGEST_REASON = 500


class ActionState(StrEnum):
    """Whether a request still asks for something."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class CorrectiveAction(Timestamps, Audited, Base):
    """A request to correct a problem. Its severity follows from what triggered it.

    `line_down_hours`, `same_mode_days` and `defect_millionths` are null where unknown.
    """

    audit = Mark(
        "corrective action",
        label="title",
        personal={"opened_by": Whose.NAMED, "ended_by": Whose.NAMED},
        reason_from=("ended_because",),
    )

    __tablename__ = "corrective_action"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("severity", Severity), name="severity"),
        CheckConstraint(one_of("state", ActionState), name="state"),
        CheckConstraint("line_down_hours IS NULL OR line_down_hours >= 0", name="line_down_hours"),
        CheckConstraint("same_mode_days IS NULL OR same_mode_days >= 0", name="same_mode_days"),
        CheckConstraint(
            "defect_millionths IS NULL OR defect_millionths BETWEEN 0 AND 1000000", name="defects"
        ),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index("ix_corrective_action_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    title: Mapped[ShortText]
    problem: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    severity: Mapped[str] = mapped_column(String(10))
    is_safety: Mapped[bool] = mapped_column(default=False)
    line_down_hours: Mapped[Decimal | None] = mapped_column(QuantityType)
    same_mode_days: Mapped[int | None]
    defect_millionths: Mapped[int | None]
    issued_at: Mapped[Moment]
    opened_by: Mapped[ShortText]
    state: Mapped[str] = mapped_column(String(10), default=ActionState.OPEN)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))

    @property
    def number(self) -> str:
        """How people call it: the year of its issue and its key."""
        return f"SCAR-{self.issued_at.year}-{self.id:04d}"


class AgreedDue(Timestamps, Audited, Base):
    """A due time that was agreed for a step; the newest one holds, all of them stay."""

    audit = Mark(
        "agreed due time", label="step", personal={"agreed_by": Whose.NAMED},
        reason_from=("reason",),
    )  # fmt: skip

    __tablename__ = "corrective_due"
    __scope__ = scope.through("action_id", "corrective_action")
    __table_args__ = (
        CheckConstraint(one_of("step", Step), name="step"),
        Index("ix_corrective_due_action_id", "action_id"),
    )
    id: Mapped[Key]
    action_id: Mapped[int] = mapped_column(BigKey, ForeignKey("corrective_action.id"))
    step: Mapped[str] = mapped_column(String(2))
    due_at: Mapped[Moment]
    agreed_at: Mapped[Moment]
    agreed_by: Mapped[ShortText]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))


class StepAnswer(Timestamps, Audited, Base):
    """What the supplier answered to a step, who entered it, and who decided what.

    D4 brings both root causes along, D6 the day on which the correction was in place.
    """

    audit = Mark(
        "answer to a corrective action",
        label="step",
        personal={"entered_by": Whose.NAMED, "decided_by": Whose.NAMED},
        reason_from=("decided_because",),
    )

    __tablename__ = "corrective_answer"
    __scope__ = scope.through("action_id", "corrective_action")
    __table_args__ = (
        CheckConstraint(one_of("step", Step), name="step"),
        CheckConstraint("(accepted IS NULL) = (decided_at IS NULL)", name="decided"),
        Index("ix_corrective_answer_action_id", "action_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    action_id: Mapped[int] = mapped_column(BigKey, ForeignKey("corrective_action.id"))
    step: Mapped[str] = mapped_column(String(2))
    said: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    occurrence_cause: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    escape_cause: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    corrected_on: Mapped[date | None]
    answered_at: Mapped[Moment]
    entered_by: Mapped[ShortText]
    entered_by_id: Mapped[int | None] = mapped_column(BigKey)
    accepted: Mapped[bool | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
