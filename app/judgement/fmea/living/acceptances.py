"""Acceptances: somebody takes a risk as it is until a day, and somebody else agrees.

What is agreed to is the rating of the moment: another rating before the decision voids it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.fmea import Row, needs_second_approver
from app.calc.fmea_matrix import Priority
from app.judgement.fmea.living import reviews
from app.judgement.fmea.living.models import AcceptanceState, FmeaAcceptance, ReviewKind
from app.judgement.fmea.living.rows import (
    RatingRow,
    RowHead,
    head_from,
    ratings_by_id,
    row_heads,
    running_rows,
)
from app.judgement.fmea.models import FmeaCause
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.approvals.values import content_hash
from app.platform.audit import services as audit

ACCEPTANCE = "fmea_acceptance"
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AcceptanceRow:
    """An acceptance with the row and the rating that were accepted."""

    id: int
    public_id: UUID
    row: RowHead
    rating: RatingRow | None
    accepted_by: str
    reason: str
    until_on: date
    state: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_because: str | None

    def holds_on(self, day: date) -> bool:
        """Tell whether it was agreed to and has not run out."""
        return self.state == AcceptanceState.CONFIRMED and day <= self.until_on

    def has_expired(self, day: date) -> bool:
        """Tell whether it was agreed to and its last day is over."""
        return self.state == AcceptanceState.CONFIRMED and self.until_on < day

    @property
    def is_worse_now(self) -> bool:
        """Whether the row's priority has risen above what was accepted."""
        if self.rating is None or self.rating.priority is None or self.row.priority is None:
            return False
        now, then = Priority(self.row.priority), Priority(self.rating.priority)
        return now.urgency > then.urgency


def acceptances(session: Session, *, cause_id: int | None = None) -> list[AcceptanceRow]:
    """Return acceptances, of one row or of all running ones, that end first before the others."""
    found = (
        row_heads()
        .add_columns(FmeaAcceptance)
        .join(FmeaAcceptance, FmeaAcceptance.cause_id == FmeaCause.id)
        .order_by(FmeaAcceptance.until_on, FmeaAcceptance.id)
    )
    if cause_id is not None:
        found = found.where(FmeaAcceptance.cause_id == cause_id)
    rows = session.execute(found).all()
    rated = ratings_by_id(session, [row[-1].rating_id for row in rows])
    return [_row(row[-1], head_from(row), rated.get(row[-1].rating_id)) for row in rows]


def current(session: Session, day: date) -> list[AcceptanceRow]:
    """Return the newest agreed acceptance of each running row, expired ones too."""
    agreed = [each for each in acceptances(session) if each.state == AcceptanceState.CONFIRMED]
    about = {each.row.cause_id for each in agreed}
    running = {row.cause_id for row in running_rows(session, cause_ids=about)} if about else set()
    newest = {each.row.cause_id: each for each in agreed if each.row.cause_id in running}
    return sorted(newest.values(), key=lambda each: (each.until_on, each.id))


def ask(
    session: Session, row: RowHead, *, accepted_by: str, until_on: date, reason: str
) -> FmeaAcceptance:
    """Ask that a rated risk is accepted until a day; it waits for another person, or two."""
    today = clock.today()
    if not today < until_on <= today + LONGEST:
        raise InvalidInput(
            "E-FMA-12",
            f"{formatting.day(until_on)} is not a day from tomorrow up to "
            f"{formatting.day(today + LONGEST)}: no risk is accepted for longer than a year.",
        )
    if row.rating_id is None or row.priority is None:
        raise Conflict("E-FMA-13", "Rate it first: nobody accepts what nobody has judged.")
    if any(
        each.state == AcceptanceState.PROPOSED and _is_waiting(session, each.id)
        for each in acceptances(session, cause_id=row.cause_id)
    ):
        raise Conflict("E-FMA-14", "An acceptance of this row waits for a decision already.")
    made = FmeaAcceptance(
        cause_id=row.cause_id,
        rating_id=row.rating_id,
        accepted_by=accepted_by,
        reason=audit.give_reason(session, reason),
        until_on=until_on,
        asked_by=db.actor_of(session).name,
        asked_at=clock.now(),
    )
    session.add(made)
    session.flush()
    is_grave = needs_second_approver([Row(row.scores, Priority(row.priority))])
    approvals.submit(
        session,
        about=ObjectRef(ACCEPTANCE, str(made.id)),
        version=1,
        title=f"Accept until {formatting.day(until_on)}: {row.mode}, {row.about}"[:200],
        content=_content(made, row),
        because=made.reason,
        needs=2 if is_grave else 1,
        supplier_id=row.supplier_id,
    )
    return made


def end(session: Session, row: RowHead, public_id: UUID, *, reason: str) -> None:
    """End an acceptance before its last day."""
    found = session.scalar(
        select(FmeaAcceptance)
        .where(FmeaAcceptance.public_id == public_id, FmeaAcceptance.cause_id == row.cause_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("E-FMA-01", "There is no such acceptance.")
    if found.state != AcceptanceState.CONFIRMED:
        raise Conflict("E-FMA-15", "This acceptance does not hold; there is nothing to end.")
    found.ended_because = audit.give_reason(session, reason)
    found.state, found.ended_at = AcceptanceState.ENDED, clock.now()
    found.ended_by = db.actor_of(session).name
    session.flush()


def raise_expired(session: Session, day: date) -> int:
    """Ask for a review of every row whose acceptance has run out; return how many are new."""
    return sum(
        reviews.raise_review(
            session,
            each.row.cause_id,
            ReviewKind.ACCEPTANCE,
            key=str(each.id),
            on=day,
            because=f"{each.accepted_by} accepted it until {formatting.day(each.until_on)}; "
            "nobody accepts it any more.",
        )
        for each in current(session, day)
        if each.has_expired(day)
    )


def _is_waiting(session: Session, acceptance_id: int) -> bool:
    about = ObjectRef(ACCEPTANCE, str(acceptance_id))
    return approval_queries.waiting_for(session, about) is not None


def _content(made: FmeaAcceptance, row: RowHead) -> dict[str, Any]:  # Any: JSON
    return {
        "about": row.about,
        "failure mode": row.mode,
        "cause": row.cause,
        "severity": row.severity,
        "occurrence": row.occurrence,
        "detection": row.detection,
        "action priority": row.priority,
        "accepted by": made.accepted_by,
        "until": made.until_on.isoformat(),
    }


def _present_hash(session: Session, key: str) -> str | None:
    found = session.get(FmeaAcceptance, int(key))
    rows = [] if found is None else running_rows(session, cause_ids=[found.cause_id])
    if found is None or not rows:
        # The row was taken out: whatever was asked for is about nothing any more.
        return ""
    return content_hash(_content(found, rows[0]))


def _settle(session: Session, settled: Settled) -> None:
    row = session.get_one(FmeaAcceptance, int(settled.about.key))
    if settled.is_approved and row.until_on < clock.today():
        raise Conflict(
            "E-FMA-16",
            f"It was asked for until {formatting.day(row.until_on)}, which is over. Reject it; "
            "another one can be asked for.",
        )
    row.state = AcceptanceState.CONFIRMED if settled.is_approved else AcceptanceState.REFUSED
    row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
    session.flush()


def _row(row: FmeaAcceptance, head: RowHead, rating: RatingRow | None) -> AcceptanceRow:
    return AcceptanceRow(
        row.id, row.public_id, head, rating, row.accepted_by, row.reason, row.until_on, row.state,
        row.asked_by, row.asked_at, row.approved_by, row.approved_at, row.ended_by,
        row.ended_because,
    )  # fmt: skip


def _list(_key: str) -> str:
    return "/fmea/acceptances/"


KIND = ObjectKind(
    type=ACCEPTANCE,
    words="Acceptances of risks",
    approvers=holders_of_grant(ACCEPTANCE),
    settle=_settle,
    present_hash=_present_hash,
    address=_list,
)
