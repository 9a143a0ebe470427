"""Everybody's readiness as a list, with what each supplier lacks in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.continuity import Basis, Readiness
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import is_rated
from app.judgement.continuity.checks import Survival, checks_of, survival
from app.judgement.continuity.coming import coming_exercises
from app.judgement.continuity.readiness import NOT_ASKED, PlanReading, SupplierReading, readings
from app.judgement.continuity.wording import PART_WORDS

# So many suppliers are asked for by their keys.
FEW = 500
NO_PLAN_GAPS: Mapping[Basis, str] = {
    Basis.NEVER_ASKED: "never asked",
    Basis.WAITING: "waits for an answer",
    Basis.NO_PLAN: "no plan handed in",
    Basis.NO_ANSWER: "answer overdue",
}


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A supplier in the list of plans; what it lacks is told by `with_gaps`."""

    supplier_id: int
    public_id: UUID
    number: str
    name: str
    reading: SupplierReading
    exercises_on: tuple[date, ...]
    gaps: tuple[str, ...] = ()

    @property
    def readiness(self) -> Readiness:
        """How ready it is."""
        return self.reading.readiness

    @property
    def plan(self) -> PlanReading | None:
        """The plan that decides, None without any."""
        return self.reading.plan

    @property
    def review_on(self) -> date | None:
        """When that plan is to be reviewed."""
        return None if self.plan is None else self.plan.next_review_on

    @property
    def exercised_on(self) -> date | None:
        """When that plan was last exercised."""
        done = () if self.plan is None else self.plan.facts.exercises
        return max((each.done_on for each in done), default=None)

    @property
    def exercise_on(self) -> date | None:
        """The first exercise that is planned."""
        return min(self.exercises_on, default=None)


def portfolio(session: Session, as_of: date) -> list[PortfolioRow]:
    """Return every rated supplier within reach with its readiness, by name."""
    found = readings(session, as_of)
    coming = coming_exercises(session)
    rows = session.execute(
        select(Supplier.id, Supplier.public_id, Supplier.number, Supplier.name)
        .where(is_rated())
        .order_by(Supplier.name, Supplier.id)
    )
    return [
        PortfolioRow(
            key,
            public_id,
            number,
            name,
            found.get(key) or SupplierReading(key, NOT_ASKED, None, ()),
            tuple(coming.get(key, ())),
        )
        for key, public_id, number, name in rows
    ]


def with_gaps(session: Session, rows: Sequence[PortfolioRow], as_of: date) -> list[PortfolioRow]:
    """Return rows with what each lacks; those of one page cost a fraction of them all."""
    keys = [row.supplier_id for row in rows] if len(rows) <= FEW else None
    survive = survival(session, as_of, supplier_ids=keys)
    return [
        replace(
            row,
            gaps=gaps_of(
                row.reading,
                row.exercises_on,
                None if row.plan is None else survive.get(row.plan.about),
                as_of,
            ),
        )
        for row in rows
    ]


def gaps_of(
    reading: SupplierReading,
    exercises_on: Sequence[date],
    survive: Survival | None,
    as_of: date,
) -> tuple[str, ...]:
    """Return in a few words each what is missing or out of date for a supplier."""
    plan, told = reading.plan, list[str]()
    if plan is None:
        return (NO_PLAN_GAPS[reading.readiness.basis],)
    checks = checks_of(plan, survive, as_of)
    if checks.is_beyond_tolerance:
        told.append("RTO over MTPD")
    if checks.gap is not None and checks.gap > 0:
        told.append(f"recovers {checks.gap:g} days after our stock is gone")
    documented = plan.readiness.parts[0]
    if not documented.points:
        told.append("approval ran out" if plan.is_approved else "not approved")
    if plan.next_review_on is not None and plan.next_review_on < as_of:
        told.append("review overdue")
    if any(day < as_of for day in exercises_on):
        told.append("exercise overdue")
    # The approval was told of above.
    without = [each.part for each in plan.readiness.parts[1:] if each.points == 0]
    if without:
        told.append(f"nothing for: {', '.join(PART_WORDS[each] for each in without)}")
    if reading.readiness.unknown:
        told.append(
            f"{len(reading.readiness.unknown)} of {len(plan.readiness.parts)} parts not known"
        )
    return tuple(told)
