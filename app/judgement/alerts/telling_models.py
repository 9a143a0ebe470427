"""Tables of who is told of alerts: ladders, what was told by them, subscriptions."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, Timestamps, UtcDateTime, one_of
from app.judgement.alerts.models import Severity
from app.platform.audit.marking import Audited, Mark

MOST_RUNGS = 5
# Where a key can't be null: the default ladder's category.
NO_CATEGORY = 0


class Cadence(StrEnum):
    """How often somebody gets a digest."""

    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"


class Rung(Timestamps, Audited, Base):
    """A rung of a ladder: who is told, how many hours behind the raise, by severity.

    Null hours: alerts of that severity never get so far. `category_key` 0 is the default
    ladder, which holds wherever a category and those above it have none.
    """

    audit = Mark("rung of a ladder", label="title")

    __tablename__ = "alert_rung"
    __scope__ = scope.inside("who is told, and when, concerns the house alone")
    __table_args__ = (
        UniqueConstraint("category_key", "place"),
        CheckConstraint(f"place BETWEEN 1 AND {MOST_RUNGS}", name="place"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    category_key: Mapped[int] = mapped_column(BigKey, default=NO_CATEGORY)
    place: Mapped[int]
    title: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id"))
    alarm_hours: Mapped[int | None]
    warning_hours: Mapped[int | None]
    watch_hours: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class Escalation(Base):
    """One rung that an alert reached: taken once. `is_told` is false where nobody could be
    told, and `why` says why."""

    __tablename__ = "alert_escalation"
    __scope__ = scope.through("alert_id", "alert")
    __table_args__ = (UniqueConstraint("alert_id", "place"),)
    id: Mapped[Key]
    alert_id: Mapped[int] = mapped_column(BigKey, ForeignKey("alert.id", ondelete="CASCADE"))
    place: Mapped[int]
    title: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id"))
    at: Mapped[Moment]
    is_told: Mapped[bool]
    why: Mapped[str | None] = mapped_column(String(200))


class Subscription(Timestamps, Audited, Base):
    """What one person gets by mail: a digest, and alarms at once if wanted."""

    audit = Mark("alert subscription", left_out={"last_digest_at", "last_period"})

    __tablename__ = "alert_subscription"
    __scope__ = scope.inside("who is told concerns the house alone")
    __table_args__ = (
        CheckConstraint(one_of("cadence", Cadence), name="cadence"),
        CheckConstraint(one_of("least_severity", Severity), name="least_severity"),
        Index("ix_alert_subscription_cadence", "cadence"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("user.id", ondelete="CASCADE"), unique=True
    )
    cadence: Mapped[str] = mapped_column(String(10), default=Cadence.NEVER)
    at_once: Mapped[bool] = mapped_column(default=False)
    least_severity: Mapped[str] = mapped_column(String(10), default=Severity.WATCH)
    last_digest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The last day or week that a digest was made, or found empty, for.
    last_period: Mapped[str | None] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
