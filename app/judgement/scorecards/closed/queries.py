"""Reads of proposed restatements: a page of them, those of one supplier and period."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.judgement.scorecards.closed.models import ProposalState, ProposedRestatement
from app.judgement.scorecards.models import ScorecardSnapshot

READ_AT_ONCE = 1000
P = ProposedRestatement
SORTS = {
    "proposed": P.proposed_at,
    "period": P.period_end,
    "supplier": Supplier.name,
    "moved": func.abs(func.coalesce(P.score_after - P.score_before, 0)),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed restatement as lists show it, with its supplier and the card it concerns."""

    id: int
    public_id: UUID
    supplier_id: int
    period_kind: str
    period_end: date
    score_before: float | None
    score_after: float | None
    grade_before: str | None
    grade_after: str | None
    otif_before: float | None
    otif_after: float | None
    because: str
    state: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_because: str | None
    supplier: str
    supplier_number: str
    supplier_public_id: UUID
    card_public_id: UUID | None

    @property
    def points(self) -> float | None:
        """By how many points the score would move, None where one of the two is unknown."""
        if self.score_before is None or self.score_after is None:
            return None
        return self.score_after - self.score_before


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which proposals are wanted; none given means all."""

    states: Collection[str] = ()
    kinds: Collection[str] = ()
    search: str = ""


def proposals_page(
    session: Session, wanted: Wanted, *, sort: str, is_falling: bool, limit: int, offset: int
) -> tuple[list[Proposal], int]:
    """Return a page of proposals, and how many fit in all."""
    rows = _rows(wanted)
    total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    ordered = _ordered(rows, sort, is_falling=is_falling)
    found = session.execute(ordered.limit(limit).offset(offset))
    return [Proposal(*row) for row in found], total


def every_proposal(
    session: Session, wanted: Wanted, *, sort: str, is_falling: bool
) -> Iterator[Proposal]:
    """Yield all proposals that fit, read in pieces."""
    ordered = _ordered(_rows(wanted), sort, is_falling=is_falling)
    for row in session.execute(ordered.execution_options(yield_per=READ_AT_ONCE)):
        yield Proposal(*row)


def waiting_of(
    session: Session, supplier_id: int, *, kind: str, period_end: date
) -> Proposal | None:
    """Return what waits for a supplier's card of a period, None where nothing does."""
    row = session.execute(
        _rows(Wanted([ProposalState.PROPOSED], [kind])).where(
            P.supplier_id == supplier_id, P.period_end == period_end
        )
    ).first()
    return None if row is None else Proposal(*row)


def approval_of(session: Session, restated_id: UUID) -> Proposal | None:
    """Return by whom a published card was approved, None where nobody had to."""
    s = ScorecardSnapshot
    restated = select(s.supersedes_id, s.input_digest).where(s.public_id == restated_id)
    row = session.execute(
        _rows(Wanted([ProposalState.APPROVED])).where(
            tuple_(P.snapshot_id, P.input_digest).in_(restated)
        )
    ).first()
    return None if row is None else Proposal(*row)


def _rows(wanted: Wanted) -> Select[Any]:  # Any: columns of many types
    own = [getattr(P, each.name) for each in fields(Proposal) if hasattr(P, each.name)]
    beside = (Supplier.name, Supplier.number, Supplier.public_id, ScorecardSnapshot.public_id)
    rows = (
        select(*own, *beside)
        .join(Supplier, Supplier.id == P.supplier_id)
        .join(ScorecardSnapshot, ScorecardSnapshot.id == P.snapshot_id)
    )
    if wanted.states:
        rows = rows.where(P.state.in_(wanted.states))
    if wanted.kinds:
        rows = rows.where(P.period_kind.in_(wanted.kinds))
    if wanted.search:
        said = wanted.search
        is_named = (Supplier.name, Supplier.number, P.because)
        rows = rows.where(or_(*(each.icontains(said, autoescape=True) for each in is_named)))
    return rows


def _ordered(rows: Select[Any], sort: str, *, is_falling: bool) -> Select[Any]:
    order = SORTS[sort].desc() if is_falling else SORTS[sort].asc()
    return rows.order_by(order, P.id.desc())
