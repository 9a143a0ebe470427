"""Tables of alert rules and of what they raised. A version of a rule never changes but to be
muted or retired."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.calc.alerting import Operator
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_NAME = 120
LONGEST_WORDS = 300
LONGEST_REASON = 500
LONGEST_NOTE = 1000


class Severity(StrEnum):
    """How grave an alert is, mildest first; of several of one supplier the gravest counts."""

    WATCH = "watch"
    WARNING = "warning"
    ALARM = "alarm"


class AlertState(StrEnum):
    """Where an alert stands. Muted: raised while its rule was muted, so nobody is told."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    CLEARED = "cleared"


class Verdict(StrEnum):
    """What somebody thinks of an alert."""

    USEFUL = "useful"
    NOISE = "noise"


class AlertRule(Audited, Base):
    """A version of a rule. `key` is the same in all versions; the one not retired is in force.

    threshold and clear are in the subject's unit; a null of the three scopes means any.
    """

    audit = Mark(
        "alert rule",
        label="name",
        personal={"author": Whose.NAMED, "retired_by": Whose.NAMED, "muted_by": Whose.NAMED},
        reason_from=("retired_because", "muted_because", "reason"),
    )

    __tablename__ = "alert_rule"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(one_of("operator", Operator), name="operator"),
        CheckConstraint(one_of("severity", Severity), name="severity"),
        CheckConstraint("duration >= 1 AND good_to_clear >= 1 AND least_n >= 0", name="counts"),
        Index("ix_alert_rule_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    subject: Mapped[str] = mapped_column(String(60))
    operator: Mapped[str] = mapped_column(String(10))
    threshold: Mapped[float]
    clear: Mapped[float | None]
    least_n: Mapped[int] = mapped_column(default=0)
    duration: Mapped[int] = mapped_column(default=1)
    good_to_clear: Mapped[int] = mapped_column(default=2)
    severity: Mapped[str] = mapped_column(String(10))
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"))
    segment: Mapped[str | None] = mapped_column(String(40))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    # Periods that ended before it raise nothing.
    valid_from: Mapped[date]
    author: Mapped[ShortText]
    made_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    # The last day on which it tells nobody.
    muted_until: Mapped[date | None]
    muted_by: Mapped[str | None] = mapped_column(String(200))
    muted_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retired_by: Mapped[str | None] = mapped_column(String(200))
    retired_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    # When it was judged last, and the last period of it.
    judged_on: Mapped[date | None]
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AlertWatch(Base):
    """How far a rule has come with one thing of a supplier, before and behind one period.

    What stood before the period is kept, so that the same period can be judged again.
    """

    __tablename__ = "alert_watch"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("rule_key", "supplier_id", "thing"),
        Index("ix_alert_watch_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    rule_key: Mapped[str] = mapped_column(String(40))
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    thing: Mapped[str] = mapped_column(String(80), default="")
    period_end: Mapped[date]
    bad_before: Mapped[int] = mapped_column(default=0)
    good_before: Mapped[int] = mapped_column(default=0)
    stood_before: Mapped[bool] = mapped_column(default=False)
    bad: Mapped[int] = mapped_column(default=0)
    good: Mapped[int] = mapped_column(default=0)
    stands: Mapped[bool] = mapped_column(default=False)


class Alert(Timestamps, Audited, Base):
    """What a rule raised for one thing of a supplier, from the period that raised it on.

    `evidence` keeps what raised it and what was seen last; `raised_on` and `last_seen_on` are
    ends of periods.
    """

    audit = Mark(
        "alert",
        label="words",
        left_out={"evidence", "last_seen_on", "last_value", "last_words", "soon", "told_state"},
        personal={"acknowledged_by": Whose.NAMED},
    )

    __tablename__ = "alert"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("rule_key", "supplier_id", "thing", "raised_on"),
        CheckConstraint(one_of("severity", Severity), name="severity"),
        CheckConstraint(one_of("state", AlertState), name="state"),
        CheckConstraint("(state = 'cleared') = (cleared_on IS NOT NULL)", name="cleared"),
        Index("ix_alert_supplier_id", "supplier_id"),
        Index("ix_alert_state", "state", "severity"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    rule_id: Mapped[int] = mapped_column(BigKey, ForeignKey("alert_rule.id"))
    rule_key: Mapped[str] = mapped_column(String(40))
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    thing: Mapped[str] = mapped_column(String(80), default="")
    severity: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12), default=AlertState.OPEN)
    # What raised it, and what was seen last, in the subject's unit.
    value: Mapped[float | None]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    last_value: Mapped[float | None]
    last_words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    # Any: JSON.
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    # When the trend reaches the threshold: weeks, soonest, latest; null where nothing is said.
    soon: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    raised_on: Mapped[date]
    raised_at: Mapped[Moment]
    last_seen_on: Mapped[date]
    cleared_on: Mapped[date | None]
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(200))
    acknowledged_by_id: Mapped[int | None] = mapped_column(BigKey)
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    # The state that subscribers and programs were told of last.
    told_state: Mapped[str | None] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(default=1)


class AlertFeedback(Timestamps, Base):
    """Whether one person found an alert useful; the newest word of each holds."""

    __tablename__ = "alert_feedback"
    __scope__ = scope.through("alert_id", "alert")
    __table_args__ = (
        UniqueConstraint("alert_id", "user_id"),
        CheckConstraint(one_of("verdict", Verdict), name="verdict"),
    )
    id: Mapped[Key]
    alert_id: Mapped[int] = mapped_column(BigKey, ForeignKey("alert.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    verdict: Mapped[str] = mapped_column(String(10))
    at: Mapped[Moment]
