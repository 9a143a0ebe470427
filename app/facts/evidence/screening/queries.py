"""Reads of screening: who is sanctioned on a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.evidence.screening.models import (
    DecisionState,
    ScreeningDecision,
    ScreeningMatch,
    Verdict,
)
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id


@dataclass(frozen=True, slots=True)
class Sanction:
    """A listed party that people confirmed a supplier to be.

    edition: the day of the list that the decision saw. confirmed_on: since when it holds.
    """

    supplier_id: int
    match_id: UUID
    source: str
    edition: date
    listed_name: str
    program: str | None
    confirmed_on: date
    confirmed_by: str
    approved_by: str | None


def sanctioned(
    session: Session, *, as_of: date, supplier_ids: Collection[int] | None = None
) -> Mapping[int, Sanction]:
    """Return by effective supplier the confirmed match that held on a day; nobody else is in it.

    Absent says nothing of having been screened. Of several the one confirmed first counts.
    """
    d, m = ScreeningDecision, ScreeningMatch
    query = (
        select(effective_id(), m, d)
        .join(m, m.id == d.match_id)
        .join(Supplier, Supplier.id == m.supplier_id)
        .where(
            d.verdict.in_([Verdict.CONFIRM, Verdict.LIFT]),
            d.state == DecisionState.AGREED,
            d.from_on <= as_of,
        )
        .order_by(d.id)
    )
    if supplier_ids is not None:
        query = query.where(effective_id().in_(supplier_ids))
    held: dict[int, Sanction] = {}
    for owner, match, decision in session.execute(query):
        if decision.verdict == Verdict.CONFIRM:
            held[match.id] = _sanction(owner, match, decision)
        else:
            held.pop(match.id, None)
    found: dict[int, Sanction] = {}
    for sanction in held.values():
        found.setdefault(sanction.supplier_id, sanction)
    return found


def _sanction(owner: int, match: ScreeningMatch, decision: ScreeningDecision) -> Sanction:
    return Sanction(
        supplier_id=owner,
        match_id=match.public_id,
        source=match.source,
        edition=decision.edition,
        listed_name=decision.listed_name,
        program=match.program,
        confirmed_on=decision.from_on or decision.decided_at.date(),
        confirmed_by=decision.decided_by,
        approved_by=decision.approved_by,
    )
