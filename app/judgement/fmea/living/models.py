"""Tables of what happens to a rated row: actions, acceptance, joint assessment, suggestions,
reviews, links. Ratings themselves stay in `fmea_rating`; these rows point at them.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import (
    Base,
    BigKey,
    Key,
    Moment,
    MoneyType,
    ShortText,
    Timestamps,
    UtcDateTime,
    one_of,
)
from app.calc.fmea_action import ActionKind, ActionState, EffectChange
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_TITLE = 200
LONGEST_TEXT = 2000
LONGEST_REASON = 500
LONGEST_LABEL = 200


class AcceptanceState(StrEnum):
    """Where an acceptance stands; whether it has run out is said by its day."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ENDED = "ended"


class ReviewKind(StrEnum):
    """Why a row is looked at again."""

    CADENCE = "cadence"
    DRIFT = "drift"
    ACCEPTANCE = "acceptance"


class LinkKind(StrEnum):
    """What a failure mode touches. Contracts and plans go by the name they have elsewhere."""

    PART = "part"
    SUPPLIER = "supplier"
    CONTRACT = "contract"
    PLAN = "plan"


def _rating(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IS NULL OR {column} BETWEEN 1 AND 10", name=column)


class FmeaAction(Timestamps, Audited, Base):
    """What somebody does about a row of a register.

    planned_rating_id: what it is meant to leave. before_rating_id, revised_rating_id: how the
    row stood when the action was completed, and what it was rated after. owner_id: the owner's
    account, where one is known by the name.
    """

    audit = Mark(
        "action on a risk",
        label="title",
        left_out={"planned_rating_id", "before_rating_id", "revised_rating_id", "told_at",
                  "escalated_at"},
        personal={"owner": Whose.NAMED, "made_by": Whose.NAMED, "ended_by": Whose.NAMED},
        reason_from=("state_because",),
    )  # fmt: skip

    __tablename__ = "fmea_action"
    __scope__ = scope.through("cause_id", "fmea_cause")
    __table_args__ = (
        CheckConstraint(one_of("kind", ActionKind), name="kind"),
        CheckConstraint(one_of("state", ActionState), name="state"),
        CheckConstraint(
            "effect_change IS NULL OR " + one_of("effect_change", EffectChange),
            name="effect_change",
        ),
        CheckConstraint("cost IS NULL OR cost >= 0", name="cost"),
        CheckConstraint("(cost IS NULL) = (currency IS NULL)", name="currency"),
        CheckConstraint(
            "(state IN ('completed', 'not_implemented')) = (ended_at IS NOT NULL)", name="ended"
        ),
        CheckConstraint("state <> 'completed' OR evidence IS NOT NULL", name="evidence"),
        CheckConstraint("revised_rating_id IS NULL OR state = 'completed'", name="revised"),
        Index("ix_fmea_action_cause_id", "cause_id"),
        Index("ix_fmea_action_due_on", "due_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    cause_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_cause.id"))
    title: Mapped[ShortText]
    kind: Mapped[str] = mapped_column(String(12))
    owner: Mapped[ShortText]
    owner_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    due_on: Mapped[date]
    cost: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(24), default=ActionState.OPEN)
    state_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    planned_rating_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("fmea_rating.id"))
    before_rating_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("fmea_rating.id"))
    revised_rating_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("fmea_rating.id"))
    evidence: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    effect_change: Mapped[str | None] = mapped_column(String(12))
    made_by: Mapped[ShortText]
    made_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    # When the owner, and when those above, were told that it is overdue.
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class FmeaAcceptance(Timestamps, Audited, Base):
    """Somebody takes a risk as it is, until a day; somebody else agreed. Never extended: a new
    one comes after it."""

    audit = Mark(
        "acceptance of a risk",
        left_out={"rating_id"},
        personal={
            "accepted_by": Whose.NAMED, "asked_by": Whose.NAMED, "approved_by": Whose.NAMED,
            "ended_by": Whose.NAMED,
        },
        reason_from=("ended_because", "reason"),
    )  # fmt: skip

    __tablename__ = "fmea_acceptance"
    __scope__ = scope.through("cause_id", "fmea_cause")
    __table_args__ = (
        CheckConstraint(one_of("state", AcceptanceState), name="state"),
        Index("ix_fmea_acceptance_cause_id", "cause_id"),
        Index("ix_fmea_acceptance_until_on", "until_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    cause_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_cause.id"))
    # What was accepted: the row as it was rated then.
    rating_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_rating.id"))
    accepted_by: Mapped[ShortText]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    until_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=AcceptanceState.PROPOSED)
    asked_by: Mapped[ShortText]
    asked_at: Mapped[Moment]
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class FmeaJoint(Timestamps, Audited, Base):
    """How the supplier rates the row, as it was said in a talk; our rating of then beside it."""

    audit = Mark(
        "joint assessment",
        left_out={"rating_id"},
        personal={"spoke_with": Whose.NAMED, "entered_by": Whose.NAMED},
    )

    __tablename__ = "fmea_joint"
    __scope__ = scope.through("cause_id", "fmea_cause")
    __table_args__ = (
        _rating("severity"),
        _rating("occurrence"),
        _rating("detection"),
        Index("ix_fmea_joint_cause_id", "cause_id"),
    )
    id: Mapped[Key]
    cause_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_cause.id"))
    rating_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("fmea_rating.id"))
    met_on: Mapped[date]
    spoke_with: Mapped[ShortText]
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    occurrence: Mapped[int | None] = mapped_column(SmallInteger)
    detection: Mapped[int | None] = mapped_column(SmallInteger)
    note: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    entered_by: Mapped[ShortText]


class FmeaSuggestion(Base):
    """What the facts suggested for a row at a quarter's end, beside what was stored then.

    Derived; `basis` holds the count, the exposure and the interval as they were.
    """

    __tablename__ = "fmea_suggestion"
    __scope__ = scope.through("cause_id", "fmea_cause")
    __table_args__ = (
        Unique("cause_id", "dimension", "quarter_end"),
        _rating("suggested"),
        _rating("stored"),
    )
    id: Mapped[Key]
    cause_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_cause.id"))
    dimension: Mapped[str] = mapped_column(String(10))
    quarter_end: Mapped[date]
    suggested: Mapped[int | None] = mapped_column(SmallInteger)
    stored: Mapped[int | None] = mapped_column(SmallInteger)
    # Any: JSON of numbers and texts.
    basis: Mapped[dict[str, Any]] = mapped_column(JSON)
    noted_at: Mapped[Moment]


class FmeaReview(Timestamps, Audited, Base):
    """A row that is to be looked at again, or was. `key` makes each cause to do so count once."""

    audit = Mark(
        "review of a risk", label="because", left_out={"key"},
        personal={"done_by": Whose.NAMED},
    )  # fmt: skip

    __tablename__ = "fmea_review"
    __scope__ = scope.through("cause_id", "fmea_cause")
    __table_args__ = (
        Unique("cause_id", "kind", "key"),
        CheckConstraint(one_of("kind", ReviewKind), name="kind"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done"),
    )
    id: Mapped[Key]
    cause_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_cause.id"))
    kind: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(60))
    raised_on: Mapped[date]
    because: Mapped[str] = mapped_column(String(LONGEST_REASON))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[str | None] = mapped_column(String(200))
    outcome: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class FmeaCadence(Audited, Base):
    """How many months may pass between two looks, by priority; the newest row holds."""

    audit = Mark("review cadence", personal={"set_by": Whose.NAMED}, reason_from=("reason",))

    __tablename__ = "fmea_cadence"
    __scope__ = scope.inside("how often everybody's risks are looked at")
    __table_args__ = (
        CheckConstraint("high_months BETWEEN 1 AND 60", name="high"),
        CheckConstraint("medium_months BETWEEN 1 AND 60", name="medium"),
        CheckConstraint("low_months BETWEEN 1 AND 60", name="low"),
    )
    id: Mapped[Key]
    high_months: Mapped[int] = mapped_column(SmallInteger)
    medium_months: Mapped[int] = mapped_column(SmallInteger)
    low_months: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    set_by: Mapped[ShortText]
    set_at: Mapped[Moment]


class FmeaLink(Timestamps, Audited, Base):
    """What a failure mode touches beside its register's subject."""

    audit = Mark("link of a failure mode", label="label", personal={"made_by": Whose.NAMED})

    __tablename__ = "fmea_link"
    __scope__ = scope.through("mode_id", "fmea_mode")
    __table_args__ = (
        CheckConstraint(one_of("kind", LinkKind), name="kind"),
        CheckConstraint("(kind = 'part') = (part_id IS NOT NULL)", name="part"),
        CheckConstraint("(kind = 'supplier') = (linked_supplier_id IS NOT NULL)", name="supplier"),
        Unique("mode_id", "kind", "label"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    mode_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_mode.id"))
    kind: Mapped[str] = mapped_column(String(10))
    label: Mapped[str] = mapped_column(String(LONGEST_LABEL))
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    linked_supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    made_by: Mapped[ShortText]
