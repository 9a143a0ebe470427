"""Tables of working days: the calendar of a site of ours, and its holidays."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, ShortText, Timestamps
from app.platform.audit.marking import Action, Audited, Mark

SATURDAY_AND_SUNDAY = "56"
# A week has a day that is worked, so six digits are the most.
LONGEST_WEEKEND = 6


class Calendar(Timestamps, Audited, Base):
    """Which weekdays a site of ours is off; `weekend` holds their digits, Monday is 0."""

    audit = Mark("calendar", label="name", reason_to={Action.DELETE})

    __tablename__ = "calendar"
    __scope__ = scope.inside("the working days of our own sites")
    __table_args__ = (CheckConstraint("length(trim(name)) > 0", name="name_given"),)
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    name: Mapped[ShortText] = mapped_column(unique=True)
    weekend: Mapped[str] = mapped_column(String(LONGEST_WEEKEND), default=SATURDAY_AND_SUNDAY)


class Holiday(Audited, Base):
    """A day on which no site of the calendar works, whatever its weekday."""

    audit = Mark("holiday", label="name")

    __tablename__ = "holiday"
    __scope__ = scope.inside("the working days of our own sites")
    __table_args__ = (UniqueConstraint("calendar_id", "day"),)
    id: Mapped[Key]
    calendar_id: Mapped[int] = mapped_column(BigKey, ForeignKey("calendar.id"))
    day: Mapped[date]
    name: Mapped[ShortText] = mapped_column(default="")
