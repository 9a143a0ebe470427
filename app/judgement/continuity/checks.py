"""Whether the times of a plan agree: with each other, and with how long our own stock lasts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.continuity import is_beyond_tolerance, survival_gap
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.models import ApprovedSource, Part, Supplier
from app.facts.suppliers.queries import effective_id
from app.judgement.continuity.models import PlanScope
from app.judgement.continuity.readiness import About, PlanReading
from app.judgement.continuity.wording import shown_days


@dataclass(frozen=True, slots=True)
class Survival:
    """How long our stock lasts without a supplier [days], and the part that runs out first."""

    days: int
    part: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Whether a plan's times agree, with each other and with ours; None where nobody knows.

    stated, shown: the recovery that it claims and the one that an exercise timed [days].
    """

    required: float | None
    mtpd: int | None
    stated: float | None
    shown: int | None
    survival: Survival | None

    @property
    def is_beyond_tolerance(self) -> bool | None:
        """Whether its recovery takes longer than it says is tolerable."""
        return is_beyond_tolerance(self.stated, self.mtpd)

    @property
    def gap(self) -> float | None:
        """By how many days its recovery exceeds our stock; what was shown goes before claims."""
        recovery = self.stated if self.shown is None else self.shown
        return survival_gap(recovery, None if self.survival is None else self.survival.days)

    @property
    def shown_beyond_stated(self) -> float | None:
        """By how many days the exercise took longer than claimed."""
        return survival_gap(self.shown, self.stated)


def checks_of(plan: PlanReading, survive: Survival | None, as_of: date) -> Checks:
    """Return how a plan's times stand to each other and to ours."""
    return Checks(
        required=plan.facts.required_days,
        mtpd=plan.mtpd_days,
        stated=plan.facts.claimed_days,
        shown=shown_days(plan, as_of),
        survival=survive,
    )


def survival(
    session: Session, as_of: date, *, supplier_ids: Collection[int] | None = None
) -> dict[About, Survival]:
    """Return how long our stock lasts without a supplier: that of the part gone first.

    By what a plan may be about: all that a supplier does, one of its sites, a family of parts.
    """
    source = ApprovedSource
    query = (
        select(effective_id(), source.site_id, Part.category_id, Part.survive_days, Part.number)
        .select_from(source)
        .join(Supplier, Supplier.id == source.supplier_id)
        .join(Part, Part.id == source.part_id)
        .where(
            Part.survive_days.is_not(None),
            source.valid_from <= as_of,
            source.valid_to.is_(None) | (source.valid_to >= as_of),
        )
        .order_by(Part.survive_days.desc(), Part.number.desc())
    )
    if supplier_ids is not None:
        query = query.where(source.supplier_id.in_(members(session, supplier_ids)))
    found: dict[About, Survival] = {}
    for key, site_id, category_id, days, part in session.execute(query):
        found[key, PlanScope.SUPPLIER, None] = own = Survival(days or 0, part)
        found[key, PlanScope.SITE, site_id] = own
        found[key, PlanScope.PART_FAMILY, category_id] = own
    return found
