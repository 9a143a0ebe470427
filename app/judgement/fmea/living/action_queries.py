"""Reads of actions: lists over all registers, one with its ratings before and after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.fmea import rpn_reduction
from app.calc.fmea_action import ENDED
from app.judgement.fmea.living.models import FmeaAction
from app.judgement.fmea.living.rows import (
    RatingRow,
    RowHead,
    head_from,
    ratings_by_id,
    row_heads,
)
from app.judgement.fmea.models import FmeaCause, FmeaMode, FmeaRegister


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action with the row that it is about, and its ratings: planned, before, after."""

    id: int
    public_id: UUID
    title: str
    kind: str
    owner: str
    owner_id: int | None
    due_on: date
    cost: Decimal | None
    currency: str | None
    state: str
    state_because: str | None
    evidence: str | None
    effect_change: str | None
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    told_at: datetime | None
    escalated_at: datetime | None
    version: int
    row: RowHead
    planned: RatingRow | None
    before: RatingRow | None
    revised: RatingRow | None

    @property
    def is_running(self) -> bool:
        """Whether something is still to be done."""
        return self.state not in ENDED

    @property
    def reduction(self) -> float | None:
        """By how much the RPN fell [per cent], None where a side is missing."""
        if self.before is None or self.revised is None:
            return None
        return rpn_reduction(self.before.scores, self.revised.scores)

    def is_overdue(self, today: date) -> bool:
        """Tell whether it is running and its day is over."""
        return self.is_running and self.due_on < today


def actions(
    session: Session, *, cause_id: int | None = None, overdue_on: date | None = None
) -> list[ActionRow]:
    """Return the actions of running registers, or of one row, or those overdue on a day."""
    found = row_heads().add_columns(FmeaAction).join(
        FmeaAction, FmeaAction.cause_id == FmeaCause.id
    )  # fmt: skip
    if cause_id is not None:
        found = found.where(FmeaAction.cause_id == cause_id)
    else:
        found = found.where(
            FmeaCause.removed_at.is_(None),
            FmeaMode.removed_at.is_(None),
            FmeaRegister.closed_at.is_(None),
        )
    if overdue_on is not None:
        found = found.where(FmeaAction.state.not_in(ENDED), FmeaAction.due_on < overdue_on)
    rows = session.execute(found.order_by(FmeaAction.due_on, FmeaAction.id)).all()
    return _rows(session, [(row[-1], head_from(row)) for row in rows])


def action(session: Session, public_id: UUID) -> ActionRow:
    """Return one action; raises NotFound."""
    found = session.execute(
        row_heads()
        .add_columns(FmeaAction)
        .join(FmeaAction, FmeaAction.cause_id == FmeaCause.id)
        .where(FmeaAction.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound("E-FMA-01", "There is no such action.")
    return _rows(session, [(found[-1], head_from(found))])[0]


def overdue_count(session: Session, today: date) -> int:
    """Return how many actions within reach are overdue."""
    return len(actions(session, overdue_on=today))


def _rows(session: Session, found: Collection[tuple[FmeaAction, RowHead]]) -> list[ActionRow]:
    ids = [
        key
        for each, _ in found
        for key in (each.planned_rating_id, each.before_rating_id, each.revised_rating_id)
    ]
    ratings = ratings_by_id(session, ids)
    return [
        ActionRow(
            id=each.id,
            public_id=each.public_id,
            title=each.title,
            kind=each.kind,
            owner=each.owner,
            owner_id=each.owner_id,
            due_on=each.due_on,
            cost=each.cost,
            currency=each.currency,
            state=each.state,
            state_because=each.state_because,
            evidence=each.evidence,
            effect_change=each.effect_change,
            made_by=each.made_by,
            made_at=each.made_at,
            ended_at=each.ended_at,
            ended_by=each.ended_by,
            told_at=each.told_at,
            escalated_at=each.escalated_at,
            version=each.version,
            row=row,
            planned=ratings.get(each.planned_rating_id or 0),
            before=ratings.get(each.before_rating_id or 0),
            revised=ratings.get(each.revised_rating_id or 0),
        )
        for each, row in found
    ]
