"""Reads of manual scores: what stands on a day, by criterion and supplier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id
from app.judgement.scorecards.kept import kept
from app.judgement.scorecards.manual.models import ManualCriterion, ManualScore
from app.judgement.scorecards.register import MeasureEntry, manual_entry, manual_id

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A manual score with its criterion; `stands` tells whether it is the one that counts."""

    score: ManualScore
    criterion: ManualCriterion
    stands: bool
    is_expired: bool


@dataclass(frozen=True, slots=True)
class EndingScore:
    """Up to which day a supplier is judged by a criterion."""

    supplier_id: int
    criterion: UUID
    name: str
    ends_on: date


def manual_scores(
    session: Session, day: date, keys: Integers, *, supplier_ids: Sequence[int] | None
) -> Mapping[str, Floats]:
    """Return by measure what stands on a day, in the order of `keys`; NaN where nothing does."""
    if not kept(session).manual_scores:
        return {}
    rows = _standing_on(day).order_by(ManualScore.period_from, ManualScore.id)
    if supplier_ids is not None:
        rows = rows.where(ManualScore.supplier_id.in_(members(session, supplier_ids)))
    merged = merged_suppliers(session)
    places = {key: place for place, key in enumerate(keys.tolist())}
    found: dict[str, Floats] = {}
    for score, name in session.execute(rows):
        column = found.setdefault(manual_id(name), np.full(len(keys), np.nan))
        place = places.get(merged.get(score.supplier_id, score.supplier_id))
        # In the order of their periods: the newest one stands.
        if place is not None:
            column[place] = score.value
    return found


def criteria(session: Session, *, with_retired: bool = False) -> list[ManualCriterion]:
    """Return what is judged by hand, by name."""
    rows = select(ManualCriterion).order_by(ManualCriterion.name)
    if not with_retired:
        rows = rows.where(ManualCriterion.retired_at.is_(None))
    return list(session.scalars(rows))


def entries(session: Session) -> list[tuple[MeasureEntry, bool]]:
    """Return what is judged by hand as measures, and whether it is retired."""
    return [
        (manual_entry(manual_id(each.name)), each.retired_at is not None)
        for each in criteria(session, with_retired=True)
    ]


def criterion_by_public_id(session: Session, public_id: UUID) -> ManualCriterion:
    """Return a criterion; raises NotFound."""
    found = session.scalars(
        select(ManualCriterion).where(ManualCriterion.public_id == public_id)
    ).first()
    if found is None:
        raise NotFound("E-MAN-01", "There is no such criterion.")
    return found


def score_of(session: Session, supplier_id: int, public_id: UUID) -> ManualScore:
    """Return a manual score of a supplier; raises NotFound, also for another's."""
    found = session.scalars(select(ManualScore).where(ManualScore.public_id == public_id)).first()
    if found is None or found.supplier_id not in members(session, [supplier_id]):
        raise NotFound("E-MAN-02", "There is no such manual score.")
    return found


def rows_of(session: Session, supplier_id: int, *, day: date) -> list[ScoreRow]:
    """Return all manual scores of a supplier, the newest first, with what stands on a day."""
    own = members(session, [supplier_id])
    standing: dict[int, int] = {}
    for score, _ in session.execute(
        _standing_on(day)
        .where(ManualScore.supplier_id.in_(own))
        .order_by(ManualScore.period_from, ManualScore.id)
    ):
        standing[score.criterion_id] = score.id
    rows = session.execute(
        select(ManualScore, ManualCriterion)
        .join(ManualCriterion, ManualCriterion.id == ManualScore.criterion_id)
        .where(ManualScore.supplier_id.in_(own))
        .order_by(ManualScore.period_from.desc(), ManualScore.id.desc())
    )
    return [
        ScoreRow(score, criterion, standing.get(criterion.id) == score.id, score.expires_on < day)
        for score, criterion in rows
    ]


def ending(session: Session, first: date, last: date) -> list[EndingScore]:
    """Return the last days, within days, of the newest judgements of suppliers."""
    ends_on = func.max(ManualScore.expires_on)
    rows = session.execute(
        select(effective_id(), ManualCriterion.public_id, ManualCriterion.name, ends_on)
        .select_from(ManualScore)
        .join(ManualCriterion, ManualCriterion.id == ManualScore.criterion_id)
        .join(Supplier, Supplier.id == ManualScore.supplier_id)
        .where(ManualScore.withdrawn_at.is_(None), ManualCriterion.retired_at.is_(None))
        .group_by(effective_id(), ManualCriterion.public_id, ManualCriterion.name)
        .having(ends_on.between(first, last))
        .order_by(ends_on, effective_id())
    )
    return [EndingScore(*row) for row in rows]


def _standing_on(day: date) -> Select[ManualScore, str]:
    return (
        select(ManualScore, ManualCriterion.name)
        .join(ManualCriterion, ManualCriterion.id == ManualScore.criterion_id)
        .where(
            ManualScore.withdrawn_at.is_(None),
            ManualScore.period_from <= day,
            ManualScore.expires_on >= day,
        )
    )
