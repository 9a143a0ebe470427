"""Reads of risk meetings: the list, one with its points, what is still owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.reviews.meetings.agenda import Link, Section, Span
from app.reviews.meetings.models import (
    CommitmentState,
    MeetingAttendee,
    MeetingCommitment,
    MeetingDecision,
    MeetingPoint,
    MeetingState,
    RiskMeeting,
)

# What the first meeting of a house looks back on.
FIRST_SPAN = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting as lists show it."""

    public_id: UUID
    title: str
    planned_on: date
    chair: str
    state: str
    open_commitments: int


@dataclass(frozen=True, slots=True)
class FrozenPoint:
    """A point of a frozen agenda with what was said to it."""

    public_id: UUID
    section: Section
    title: str
    detail: str
    supplier_id: int | None
    supplier_name: str
    link: Link | None
    note: str
    noted_by: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and about whom."""

    said: str
    supplier_name: str
    noted_by: str
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Commitment:
    """What somebody owes, of which meeting, and what came of it."""

    public_id: UUID
    meeting_public_id: UUID
    meeting_on: date
    what: str
    owner: str
    due_on: date
    state: str
    supplier_id: int | None
    supplier_name: str
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None
    version: int

    def is_overdue(self, today: date) -> bool:
        """Tell whether it is owed and its day is over."""
        return self.state == CommitmentState.OPEN and self.due_on < today


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting with all that hangs on it, as far as the reader sees it."""

    id: int
    public_id: UUID
    title: str
    planned_on: date
    chair: str
    state: str
    minutes: str
    agenda_hash: str | None
    version: int
    held_at: datetime | None
    held_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    attendees: tuple[tuple[str, str], ...]
    points: tuple[FrozenPoint, ...]
    decisions: tuple[Decision, ...]
    commitments: tuple[Commitment, ...]

    @property
    def is_planned(self) -> bool:
        """Whether its agenda still lives."""
        return self.state == MeetingState.PLANNED

    @property
    def is_open(self) -> bool:
        """Whether its minutes are being written."""
        return self.state == MeetingState.HELD


def meeting_rows(session: Session) -> list[MeetingRow]:
    """Return every meeting, the latest first, with how much of it is still owed."""
    owed = (
        select(MeetingCommitment.meeting_id, func.count(MeetingCommitment.id))
        .where(MeetingCommitment.state == CommitmentState.OPEN)
        .group_by(MeetingCommitment.meeting_id)
    )
    counts = {row[0]: row[1] for row in session.execute(owed)}
    rows = session.scalars(select(RiskMeeting).order_by(RiskMeeting.planned_on.desc()))
    return [
        MeetingRow(
            row.public_id, row.title, row.planned_on, row.chair, row.state, counts.get(row.id, 0)
        )
        for row in rows
    ]


def meeting(session: Session, public_id: UUID) -> Meeting:
    """Return a meeting; raises NotFound."""
    row = session.scalar(select(RiskMeeting).where(RiskMeeting.public_id == public_id))
    if row is None:
        raise NotFound("E-MTG-01", "There is no such meeting.")
    points = session.scalars(
        select(MeetingPoint).where(MeetingPoint.meeting_id == row.id).order_by(MeetingPoint.place)
    ).all()
    decisions = session.scalars(
        select(MeetingDecision)
        .where(MeetingDecision.meeting_id == row.id)
        .order_by(MeetingDecision.id)
    ).all()
    people = session.execute(
        select(MeetingAttendee.name, MeetingAttendee.part)
        .where(MeetingAttendee.meeting_id == row.id)
        .order_by(MeetingAttendee.place)
    )
    about = [each.supplier_id for each in points] + [each.supplier_id for each in decisions]
    heads = _heads(session, about)
    return Meeting(
        id=row.id,
        public_id=row.public_id,
        title=row.title,
        planned_on=row.planned_on,
        chair=row.chair,
        state=row.state,
        minutes=row.minutes or "",
        agenda_hash=row.agenda_hash,
        version=row.version,
        held_at=row.held_at,
        held_by=row.held_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        attendees=tuple((name, part or "") for name, part in people),
        points=tuple(_point(each, heads) for each in points),
        decisions=tuple(
            Decision(each.said, _name(heads, each.supplier_id), each.noted_by, each.noted_at)
            for each in decisions
        ),
        commitments=tuple(_commitments(session, meeting_id=row.id)),
    )


def open_commitments(session: Session) -> list[Commitment]:
    """Return what is still owed from all meetings, what is due first before the others."""
    return _commitments(session, is_open=True)


def span_of(session: Session, planned_on: date) -> Span:
    """Return the days that a meeting on a day speaks of: since the last one that was held."""
    before = session.scalar(
        select(func.max(RiskMeeting.planned_on)).where(
            RiskMeeting.planned_on < planned_on, RiskMeeting.state != MeetingState.PLANNED
        )
    )
    return Span(before or planned_on - FIRST_SPAN, planned_on)


def _commitments(
    session: Session, *, meeting_id: int | None = None, is_open: bool = False
) -> list[Commitment]:
    rows = (
        select(MeetingCommitment, RiskMeeting.public_id, RiskMeeting.planned_on)
        .join(RiskMeeting, RiskMeeting.id == MeetingCommitment.meeting_id)
        .order_by(MeetingCommitment.due_on, MeetingCommitment.id)
    )
    if meeting_id is not None:
        rows = rows.where(MeetingCommitment.meeting_id == meeting_id)
    if is_open:
        rows = rows.where(MeetingCommitment.state == CommitmentState.OPEN)
    found = session.execute(rows).all()
    heads = _heads(session, [each.supplier_id for each, *_ in found])
    return [
        Commitment(
            public_id=each.public_id,
            meeting_public_id=key,
            meeting_on=day,
            what=each.what,
            owner=each.owner,
            due_on=each.due_on,
            state=each.state,
            supplier_id=each.supplier_id,
            supplier_name=_name(heads, each.supplier_id),
            ended_at=each.ended_at,
            ended_by=each.ended_by,
            ended_because=each.ended_because,
            version=each.version,
        )
        for each, key, day in found
    ]


def _point(row: MeetingPoint, heads: Mapping[int, SupplierHead]) -> FrozenPoint:
    link = None if row.link is None else Link(row.link["endpoint"], row.link["values"])
    return FrozenPoint(
        row.public_id, Section(row.section), row.title, row.detail or "", row.supplier_id,
        _name(heads, row.supplier_id), link, row.note or "", row.noted_by, row.version,
    )  # fmt: skip


def _heads(session: Session, ids: Sequence[int | None]) -> Mapping[int, SupplierHead]:
    known = sorted({key for key in ids if key is not None})
    return suppliers.heads_of(session, known) if known else {}


def _name(heads: Mapping[int, SupplierHead], supplier_id: int | None) -> str:
    head = None if supplier_id is None else heads.get(supplier_id)
    return "" if head is None else head.name
