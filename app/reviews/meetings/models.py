"""Tables of risk meetings: the meeting, its frozen agenda, what was said, decided, promised.

The agenda is frozen when the meeting is held and never changes; notes stand beside its points.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_NAME = 200
LONGEST_TEXT = 2000
LONGEST_NOTE = 4000
LONGEST_MINUTES = 20_000
LONGEST_REASON = 500


class MeetingState(StrEnum):
    """Planned: its agenda lives. Held: frozen, minutes are written. Closed: nothing changes."""

    PLANNED = "planned"
    HELD = "held"
    CLOSED = "closed"


class CommitmentState(StrEnum):
    """Whether something promised is still owed."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class RiskMeeting(Timestamps, Audited, Base):
    """A meeting about the risks of all suppliers; at most one on a day.

    What concerns one supplier stands at the points of the agenda, in reach of those who see
    the supplier; the minutes here are the house's.
    """

    audit = Mark(
        "risk meeting",
        label="title",
        personal={
            "chair": Whose.NAMED,
            "planned_by": Whose.NAMED,
            "held_by": Whose.NAMED,
            "closed_by": Whose.NAMED,
        },
    )

    __tablename__ = "risk_meeting"
    __scope__ = scope.inside("a meeting of the house; its points follow their suppliers")
    __table_args__ = (
        UniqueConstraint("planned_on"),
        CheckConstraint(one_of("state", MeetingState), name="state"),
        CheckConstraint("(state = 'planned') = (held_at IS NULL)", name="held"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    title: Mapped[ShortText]
    planned_on: Mapped[date]
    chair: Mapped[ShortText]
    state: Mapped[str] = mapped_column(String(10), default=MeetingState.PLANNED)
    minutes: Mapped[str | None] = mapped_column(String(LONGEST_MINUTES))
    agenda_hash: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    planned_by: Mapped[ShortText]
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_by: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(200))


class MeetingAttendee(Audited, Base):
    """Somebody who was there, and as what."""

    audit = Mark("attendee", label="name", personal={"name": Whose.NAMED})

    __tablename__ = "meeting_attendee"
    __scope__ = scope.inside("who of the house was in its meeting")
    __table_args__ = (UniqueConstraint("meeting_id", "place"),)
    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(BigKey, ForeignKey("risk_meeting.id"))
    place: Mapped[int]
    name: Mapped[ShortText]
    part: Mapped[str | None] = mapped_column(String(200))


class MeetingPoint(Timestamps, Audited, Base):
    """A point of the agenda as it was when the meeting was held, with what was said to it.

    `link` names the page behind it: endpoint and values.
    """

    audit = Mark("point of an agenda", label="title", personal={"noted_by": Whose.NAMED})

    __tablename__ = "meeting_point"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        UniqueConstraint("meeting_id", "place"),
        Index("ix_meeting_point_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    meeting_id: Mapped[int] = mapped_column(BigKey, ForeignKey("risk_meeting.id"))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    section: Mapped[str] = mapped_column(String(20))
    place: Mapped[int]
    title: Mapped[str] = mapped_column(String(400))
    detail: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    # Any: whatever stands in an address.
    link: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    noted_by: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)


class MeetingDecision(Timestamps, Audited, Base):
    """What a meeting decided; it is never changed, a later one says otherwise."""

    audit = Mark("decision of a meeting", label="said", personal={"noted_by": Whose.NAMED})

    __tablename__ = "meeting_decision"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        Index("ix_meeting_decision_meeting_id", "meeting_id"),
        Index("ix_meeting_decision_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(BigKey, ForeignKey("risk_meeting.id"))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    said: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    noted_by: Mapped[ShortText]
    noted_at: Mapped[Moment]


class MeetingCommitment(Timestamps, Audited, Base):
    """What somebody promised in a meeting, until when, and what came of it."""

    audit = Mark(
        "commitment",
        label="what",
        personal={"owner": Whose.NAMED, "noted_by": Whose.NAMED, "ended_by": Whose.NAMED},
        reason_from=("ended_because",),
    )

    __tablename__ = "meeting_commitment"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        CheckConstraint(one_of("state", CommitmentState), name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index("ix_meeting_commitment_meeting_id", "meeting_id"),
        Index("ix_meeting_commitment_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    meeting_id: Mapped[int] = mapped_column(BigKey, ForeignKey("risk_meeting.id"))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    what: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    owner: Mapped[ShortText]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=CommitmentState.OPEN)
    noted_by: Mapped[ShortText]
    noted_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version: Mapped[int] = mapped_column(default=1)
