"""Writes of risk meetings: plan, hold, write minutes, decide, commit, settle, close.

Holding freezes the agenda as it is at that moment. Closing ends the minutes; only what
somebody promised goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.platform.audit import services as audit
from app.reviews.meetings.agenda import Point, agenda_hash
from app.reviews.meetings.models import (
    CommitmentState,
    MeetingAttendee,
    MeetingCommitment,
    MeetingDecision,
    MeetingPoint,
    MeetingState,
    RiskMeeting,
)

FARTHEST = timedelta(days=366)
LONGEST_TITLE = 400
LONGEST_DETAIL = 2000
MOST_ATTENDEES = 60


def plan(session: Session, *, planned_on: date, title: str, chair: str) -> RiskMeeting:
    """Plan a meeting on a day; raises Conflict where one is on that day already."""
    today = clock.today()
    if not today <= planned_on <= today + FARTHEST:
        raise InvalidInput(
            "E-MTG-02",
            f"{formatting.day(planned_on)} is not a day from today up to "
            f"{formatting.day(today + FARTHEST)}.",
        )
    row = RiskMeeting(
        planned_on=planned_on, title=title, chair=chair, planned_by=db.actor_of(session).name
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(
            "E-MTG-03", f"A meeting is planned on {formatting.day(planned_on)} already."
        ) from error
    return row


def discard(session: Session, public_id: UUID) -> None:
    """Take away a meeting that was only planned."""
    row = meeting_to_change(session, public_id)
    _require(row, MeetingState.PLANNED)
    session.delete(row)
    session.flush()


def hold(session: Session, public_id: UUID, points: Sequence[Point]) -> RiskMeeting:
    """Begin a meeting: its agenda is frozen as it is now.

    Raises Forbidden for somebody who doesn't reach every supplier: the agenda would lack some.
    """
    row = meeting_to_change(session, public_id)
    _require(row, MeetingState.PLANNED)
    if not db.actor_of(session).reads.is_everything:
        raise Forbidden(
            "E-MTG-04",
            "The agenda covers all suppliers and you see some of them. "
            "Somebody who sees all of them holds the meeting.",
        )
    if row.planned_on > clock.today():
        raise Conflict(
            "E-MTG-05",
            f"It is planned for {formatting.day(row.planned_on)}; hold it from that day on.",
        )
    row.state, row.held_at = MeetingState.HELD, clock.now()
    row.held_by, row.agenda_hash = db.actor_of(session).name, agenda_hash(points)
    row.version += 1
    session.add_all(_frozen(row.id, place, point) for place, point in enumerate(points, start=1))
    session.flush()
    return row


def write_minutes(
    session: Session,
    public_id: UUID,
    *,
    minutes: str,
    attendees: Sequence[tuple[str, str]],
    seen_version: int,
) -> None:
    """Write the minutes and who was there; raises Conflict where somebody did meanwhile."""
    row = meeting_to_change(session, public_id)
    _require(row, MeetingState.HELD)
    _check_seen(row.version, seen_version)
    if len(attendees) > MOST_ATTENDEES:
        raise InvalidInput("E-MTG-06", f"{len(attendees)} people; at most {MOST_ATTENDEES}.")
    row.minutes, row.version = minutes or None, row.version + 1
    session.execute(delete(MeetingAttendee).where(MeetingAttendee.meeting_id == row.id))
    audit.cover(session, ["meeting_attendee"])
    session.add_all(
        MeetingAttendee(meeting_id=row.id, place=place, name=name, part=part or None)
        for place, (name, part) in enumerate(attendees, start=1)
    )
    session.flush()


def note_point(
    session: Session, public_id: UUID, point_id: UUID, *, note: str, seen_version: int
) -> None:
    """Write down what was said to a point of the agenda."""
    row = meeting_to_change(session, public_id)
    _require(row, MeetingState.HELD)
    point = point_of(session, row, point_id)
    _check_seen(point.version, seen_version)
    point.note, point.noted_by = note or None, db.actor_of(session).name
    point.version += 1
    session.flush()


def decide(
    session: Session, public_id: UUID, *, said: str, about: UUID | None = None
) -> MeetingDecision:
    """Write down a decision, about the supplier of a point or about the house."""
    row = meeting_to_change(session, public_id)
    _require(row, MeetingState.HELD)
    made = MeetingDecision(
        meeting_id=row.id,
        supplier_id=None if about is None else point_of(session, row, about).supplier_id,
        said=said,
        noted_by=db.actor_of(session).name,
        noted_at=clock.now(),
    )
    _refuse_twice(session, MeetingDecision, row.id, MeetingDecision.said == said)
    session.add(made)
    session.flush()
    return made


def commit(
    session: Session,
    public_id: UUID,
    *,
    what: str,
    owner: str,
    due_on: date,
    about: UUID | None = None,
) -> MeetingCommitment:
    """Write down what somebody promised until a day."""
    row = meeting_to_change(session, public_id)
    _require(row, MeetingState.HELD)
    if not row.planned_on <= due_on <= row.planned_on + 2 * FARTHEST:
        raise InvalidInput(
            "E-MTG-07",
            f"{formatting.day(due_on)} does not lie within two years after the meeting.",
        )
    is_same = (MeetingCommitment.what == what) & (MeetingCommitment.owner == owner)
    _refuse_twice(session, MeetingCommitment, row.id, is_same)
    made = MeetingCommitment(
        meeting_id=row.id,
        supplier_id=None if about is None else point_of(session, row, about).supplier_id,
        what=what,
        owner=owner,
        due_on=due_on,
        noted_by=db.actor_of(session).name,
        noted_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def settle(
    session: Session,
    public_id: UUID,
    commitment_id: UUID,
    *,
    state: CommitmentState,
    reason: str,
    seen_version: int,
) -> None:
    """Say that something promised was done, or dropped; either way with what shows it or why."""
    row = meeting_to_change(session, public_id)
    found = session.scalar(
        select(MeetingCommitment)
        .where(MeetingCommitment.public_id == commitment_id, MeetingCommitment.meeting_id == row.id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("E-MTG-01", "There is no such commitment.")
    _check_seen(found.version, seen_version)
    if found.state != CommitmentState.OPEN or state is CommitmentState.OPEN:
        raise Conflict("E-MTG-08", f"It is {found.state} already.")
    found.ended_because = audit.give_reason(session, reason)
    found.state, found.ended_at = state, clock.now()
    found.ended_by, found.version = db.actor_of(session).name, found.version + 1
    session.flush()


def close(session: Session, public_id: UUID) -> None:
    """End the minutes: nothing of the meeting changes any more but what is still owed."""
    row = meeting_to_change(session, public_id)
    _require(row, MeetingState.HELD)
    row.state, row.closed_at = MeetingState.CLOSED, clock.now()
    row.closed_by, row.version = db.actor_of(session).name, row.version + 1
    session.flush()


def meeting_to_change(session: Session, public_id: UUID) -> RiskMeeting:
    """Return a meeting, held until the transaction ends; raises NotFound."""
    row = session.scalar(
        select(RiskMeeting).where(RiskMeeting.public_id == public_id).with_for_update()
    )
    if row is None:
        raise NotFound("E-MTG-01", "There is no such meeting.")
    return row


def point_of(session: Session, row: RiskMeeting, point_id: UUID) -> MeetingPoint:
    """Return a point of a meeting's agenda, held; raises NotFound."""
    point = session.scalar(
        select(MeetingPoint)
        .where(MeetingPoint.public_id == point_id, MeetingPoint.meeting_id == row.id)
        .with_for_update()
    )
    if point is None:
        raise NotFound("E-MTG-01", "There is no such point on the agenda.")
    return point


def _frozen(meeting_id: int, place: int, point: Point) -> MeetingPoint:
    link = None
    if point.link is not None:
        link = {"endpoint": point.link.endpoint, "values": dict(point.link.values)}
    return MeetingPoint(
        meeting_id=meeting_id,
        supplier_id=point.supplier_id,
        section=point.section,
        place=place,
        title=point.title[:LONGEST_TITLE],
        detail=point.detail[:LONGEST_DETAIL] or None,
        link=link,
    )


def _require(row: RiskMeeting, state: MeetingState) -> None:
    if row.state != state:
        raise Conflict("E-MTG-09", f"The meeting is {row.state}; that is not possible any more.")


def _check_seen(version: int, seen: int) -> None:
    if version != seen:
        raise Conflict(
            "E-MTG-10",
            "Somebody changed it since you opened the page. Compare, then send it again.",
        )


def _refuse_twice(
    session: Session,
    model: type[MeetingDecision] | type[MeetingCommitment],
    meeting_id: int,
    is_same: object,
) -> None:
    # The meeting's row is held: of two at once the second one sees the first.
    found = session.scalar(select(model.id).where(model.meeting_id == meeting_id, is_same))  # type: ignore[arg-type] # a condition on the model's columns
    if found is not None:
        raise Conflict("E-MTG-11", "This stands in the minutes already. Nothing was stored.")
