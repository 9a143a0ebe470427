"""Reviews of rows: which are due by the cadence of their priority, which were raised, done.

A row is looked at when it is rated or when somebody says that it was reviewed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import InvalidInput
from app.calc.fmea_action import DEFAULT_CADENCE, review_due_on
from app.judgement.fmea.living.models import FmeaCadence, FmeaReview, ReviewKind
from app.judgement.fmea.living.rows import RowHead, of_running_rows, running_rows
from app.judgement.fmea.models import (
    PRESENT_KINDS,
    FmeaCause,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
)
from app.platform.audit import services as audit

LONGEST_MONTHS = 60


@dataclass(frozen=True, slots=True)
class RaisedReview:
    """A reason to look at a row again, or what came of one."""

    cause_id: int
    kind: str
    raised_on: date
    because: str
    done_at: datetime | None
    done_by: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ReviewDay:
    """A row by the day on which it is to be looked at; what was raised is due already.

    because: what asks for it, else when it was looked at last.
    """

    public_id: UUID
    mode: str
    cause: str
    priority: str | None
    supplier_id: int | None
    owner: str | None
    day: date
    because: str


@dataclass(frozen=True, slots=True)
class RegisterReview:
    """A register that is to be looked at as a whole by a day."""

    public_id: UUID
    title: str
    supplier_id: int | None
    owner: str | None
    day: date


@dataclass(frozen=True, slots=True)
class DueReview:
    """A row, when it was looked at last, by when it is to be again, and what asks for it."""

    row: RowHead
    last_on: date
    due_on: date
    raised: tuple[RaisedReview, ...] = ()

    def is_due(self, day: date) -> bool:
        """Tell whether it is to be looked at by a day."""
        return bool(self.raised) or self.due_on <= day


def cadence(session: Session) -> Mapping[str, int]:
    """Return the months between two looks, by priority."""
    row = session.scalar(select(FmeaCadence).order_by(FmeaCadence.id.desc()).limit(1))
    if row is None:
        return DEFAULT_CADENCE
    return {"H": row.high_months, "M": row.medium_months, "L": row.low_months}


def set_cadence(session: Session, *, high: int, medium: int, low: int, reason: str) -> None:
    """Set how many months may pass; what was set before stays readable."""
    for months in (high, medium, low):
        if not 1 <= months <= LONGEST_MONTHS:
            raise InvalidInput("E-FMA-02", f"{months} months; give 1 to {LONGEST_MONTHS}.")
    if not high <= medium <= low:
        raise InvalidInput(
            "E-FMA-02", "High risks are looked at as often as medium ones, and those as low ones."
        )
    session.add(
        FmeaCadence(
            high_months=high, medium_months=medium, low_months=low,
            reason=audit.give_reason(session, reason), set_by=db.actor_of(session).name,
            set_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()


def review_dates(session: Session, *, cause_ids: Collection[int] | None = None) -> list[DueReview]:
    """Return every running row with its next review, what is due first before the others."""
    looks, found = _Looks(session), []
    for row in running_rows(session, cause_ids=cause_ids):
        last, due = looks.of(row.cause_id, row.priority, row.created_at)
        found.append(DueReview(row, last, due, tuple(looks.raised.get(row.cause_id, ()))))
    return sorted(found, key=lambda each: (not each.raised, each.due_on, each.row.cause_id))


def reviews_within(session: Session, first: date, last: date) -> list[ReviewDay]:
    """Return the running rows whose review falls on one of some days, both included."""
    looks, cause, register = _Looks(session), FmeaCause, FmeaRegister
    rows = session.execute(
        of_running_rows(
            cause.id, cause.public_id, cause.text, cause.priority, cause.created_at,
            FmeaMode.name, register.supplier_id, register.owner,
        )
    )  # fmt: skip
    found = []
    for key, public_id, text, priority, begun, mode, supplier_id, owner in rows:
        last_on, due_on = looks.of(key, priority, begun)
        raised = looks.raised.get(key, ())
        day = min((due_on, *(each.raised_on for each in raised)))
        if first <= day <= last:
            because = raised[0].because if raised else f"Last looked at {formatting.day(last_on)}"
            found.append(
                ReviewDay(public_id, mode, text, priority, supplier_id, owner, day, because)
            )
    return found


def register_reviews(session: Session, first: date, last: date) -> list[RegisterReview]:
    """Return the running registers that are to be looked at on one of some days, by day."""
    of = FmeaRegister
    rows = session.execute(
        select(of.public_id, of.title, of.supplier_id, of.owner, of.review_on)
        .where(of.closed_at.is_(None), of.review_on.between(first, last))
        .order_by(of.review_on, of.id)
    )
    return [
        RegisterReview(public_id, title, supplier_id, owner, day)
        for public_id, title, supplier_id, owner, day in rows
        if day is not None
    ]


def due_reviews(session: Session, day: date) -> list[DueReview]:
    """Return the rows that are to be looked at by a day."""
    return [each for each in review_dates(session) if each.is_due(day)]


def reviews_of(session: Session, cause_id: int) -> list[RaisedReview]:
    """Return every review of a row, the newest first."""
    rows = session.scalars(
        select(FmeaReview).where(FmeaReview.cause_id == cause_id).order_by(FmeaReview.id.desc())
    )
    return [_raised(row) for row in rows]


def raise_review(
    session: Session, cause_id: int, kind: ReviewKind, *, key: str, on: date, because: str
) -> int:
    """Ask for a review, once per key; return how many were raised (1 or 0)."""
    known = session.scalar(
        select(FmeaReview.id).where(
            FmeaReview.cause_id == cause_id, FmeaReview.kind == kind, FmeaReview.key == key
        )
    )
    if known is not None:
        return 0
    session.add(
        FmeaReview(cause_id=cause_id, kind=kind, key=key, raised_on=on, because=because[:500])
    )
    session.flush()
    return 1


def reviewed(session: Session, row: RowHead, *, outcome: str) -> None:
    """Say that a row was looked at: what was raised is done, the cadence begins anew."""
    told, now = audit.give_reason(session, outcome), clock.now()
    who = db.actor_of(session).name
    waiting = session.scalars(
        select(FmeaReview)
        .where(FmeaReview.cause_id == row.cause_id, FmeaReview.done_at.is_(None))
        .with_for_update()
    ).all()
    for each in waiting:
        each.done_at, each.done_by, each.outcome = now, who, told
    if not waiting:
        session.add(
            FmeaReview(
                cause_id=row.cause_id, kind=ReviewKind.CADENCE, key=now.isoformat(),
                raised_on=now.date(), because="Looked at by its cadence.", done_at=now,
                done_by=who, outcome=told,
            )
        )  # fmt: skip
    session.flush()


class _Looks:
    """When rows were looked at last, and what asks for another look."""

    def __init__(self, session: Session) -> None:
        self.months, self.raised = cadence(session), _open_reviews(session)
        self.rated, self.done = _last_rated(session), _last_done(session)

    def of(self, cause_id: int, priority: str | None, begun: datetime) -> tuple[date, date]:
        """Return the day of the last look at a row, and by when its cadence asks for another."""
        looks = (self.rated.get(cause_id), self.done.get(cause_id))
        last = max((each for each in looks if each is not None), default=begun).date()
        return last, review_due_on(last, priority, self.months)


def _open_reviews(session: Session) -> dict[int, list[RaisedReview]]:
    found: dict[int, list[RaisedReview]] = defaultdict(list)
    rows = select(FmeaReview).where(FmeaReview.done_at.is_(None)).order_by(FmeaReview.id)
    for row in session.scalars(rows):
        found[row.cause_id].append(_raised(row))
    return found


def _last_rated(session: Session) -> dict[int, datetime]:
    rows = (
        select(FmeaRating.cause_id, func.max(FmeaRating.rated_at))
        .where(FmeaRating.kind.in_(PRESENT_KINDS))
        .group_by(FmeaRating.cause_id)
    )
    return {row[0]: row[1] for row in session.execute(rows)}


def _last_done(session: Session) -> dict[int, datetime]:
    rows = (
        select(FmeaReview.cause_id, func.max(FmeaReview.done_at))
        .where(FmeaReview.done_at.is_not(None))
        .group_by(FmeaReview.cause_id)
    )
    return {key: moment for key, moment in session.execute(rows) if moment is not None}


def _raised(row: FmeaReview) -> RaisedReview:
    return RaisedReview(
        row.cause_id, row.kind, row.raised_on, row.because, row.done_at, row.done_by, row.outcome
    )
