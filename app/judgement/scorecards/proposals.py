"""Which standing the grade of a published card proposes, beside the one that holds.

Proposes only: a person confirms (`facts.suppliers.standings`). Read from the newest published
12 months, by the method that judged them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.grading import Grade
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.standings import queries as standings
from app.facts.suppliers.standings.models import Standing
from app.facts.suppliers.standings.services import Proposal
from app.judgement.scorecards import queries
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.scorecards.stored_methods import method_by_id

KIND = PeriodKind.ROLLING_YEAR
ORDER = {str(standing): place for place, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A supplier whose grade proposes another standing than it has."""

    supplier_id: int
    public_id: UUID
    number: str
    name: str
    category: str | None
    present: str
    proposal: Proposal

    @property
    def is_worse(self) -> bool:
        """Whether the proposal is stricter than what holds."""
        return ORDER[self.proposal.standing] > ORDER.get(self.present, 0)


def proposal_of(session: Session, supplier_id: int) -> Proposal | None:
    """Return what the newest published card of a supplier proposes, None without a grade."""
    end = queries.newest_period_end(session, KIND)
    if end is None:
        return None
    return _proposals(session, end, supplier_id).get(supplier_id)


def proposed(session: Session, day: date) -> list[Proposed]:
    """Return whose grade proposes another standing than holds on a day, the strictest first."""
    end = queries.newest_period_end(session, KIND)
    if end is None:
        return []
    held = standings.standings_on(session, day)
    heads = {row.supplier_id: row for row in session.execute(suppliers.portfolio_heads())}
    found = []
    for supplier_id, proposal in _proposals(session, end).items():
        head = heads.get(supplier_id)
        if head is None:
            continue
        present = held[supplier_id].standing if supplier_id in held else head.status
        if present != proposal.standing:
            found.append(
                Proposed(
                    supplier_id, head.public_id, head.number, head.name, head.category, present,
                    proposal,
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (-ORDER[each.proposal.standing], each.name.lower()))


def _proposals(session: Session, end: date, supplier_id: int | None = None) -> dict[int, Proposal]:
    cards = queries.newest_cards(KIND, end).subquery().c
    rows = select(
        cards.supplier_id, cards.method_id, cards.grade, cards.score, ScorecardSnapshot.public_id
    ).join(ScorecardSnapshot, ScorecardSnapshot.id == cards.snapshot_id)
    if supplier_id is not None:
        rows = rows.where(cards.supplier_id == supplier_id)
    period = f"12 months to {formatting.day(end)}"
    methods: dict[int, dict[Grade, Standing]] = {}
    found = {}
    for owner, method_id, grade, score, card in session.execute(rows.where(cards.grade != "")):
        if method_id not in methods:
            methods[method_id] = dict(method_by_id(session, method_id).standings)
        found[owner] = Proposal(methods[method_id][Grade(grade)], grade, score, card, period)
    return found
