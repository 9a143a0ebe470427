"""Improvement clauses: the frozen baseline, the target of today, and where the measure stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from app.base import formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.glidepath import PERFECT_RATE, glide_target, years_between
from app.calc.measure import Measure
from app.calc.periods import Period, month_end, month_index
from app.judgement.contracts.money.claims import facts_until
from app.judgement.contracts.money.held_terms import (
    HUNDRED,
    At,
    TermsBook,
    is_valid,
    terms_book,
    whose_contract,
)
from app.judgement.contracts.money_models import ImprovementClause
from app.judgement.scorecards.gathering import gather
from app.judgement.scorecards.measures import measure_table
from app.judgement.scorecards.register import BY_ID, Better, Unit
from app.platform.audit import services as audit

MILLIONTH = Decimal("0.000001")
STOOD = 12


@dataclass(frozen=True, slots=True)
class Frozen:
    """A baseline as it was written down."""

    value: Decimal
    n: int | None


@dataclass(frozen=True, slots=True)
class Glide:
    """A clause and where it stands: target and actual of a day, None where not known.

    is_met: whether the last twelve months reach the target; None where either is unknown.
    """

    clause: ImprovementClause
    base: Frozen | None
    target: float | None
    yearly: tuple[tuple[int, float | None], ...]
    actual: Measure | None
    is_met: bool | None
    missing: str | None


def glides(session: Session, book: TermsBook, as_of: date) -> list[Glide]:
    """Return the improvement clauses that hold on a day, each with its target and its actual."""
    held = book.on(as_of)
    if held is None:
        return []
    clauses = [each for each in held.improvements if is_valid(each, as_of)]
    if not clauses:
        return []
    year = Period("12m", month_index(as_of) - STOOD + 1, month_index(as_of), as_of=as_of)
    found = _measures(session, book.whose.supplier_id, year)
    return [
        _glide(each, frozen_base(book, each), found.get(each.measure), as_of) for each in clauses
    ]


def frozen_base(book: TermsBook, clause: ImprovementClause) -> Frozen | None:
    """Return the baseline of a clause, None before it was frozen.

    One that was frozen under another version holds for the same measure and window there too.
    """
    asked = (clause.measure, clause.base_from, clause.base_to)
    every = (each for held in book.versions for each in held.improvements)
    same = (each for each in every if (each.measure, each.base_from, each.base_to) == asked)
    frozen = (
        Frozen(each.base_value, each.base_n)
        for each in (clause, *same)
        if each.base_value is not None
    )
    return next(frozen, None)


def freeze_baseline(session: Session, at: At, clause_id: UUID, *, reason: str) -> ImprovementClause:
    """Freeze what a measure was in the clause's window; raises Conflict where it is frozen.

    With fewer observations than the clause asks for there is no baseline, and nothing is stored.
    """
    whose = whose_contract(session, at)
    scope.require_writable(session, "supplier", whose.supplier_id)
    book = terms_book(session, whose)
    every = (each for held in book.versions for each in held.improvements)
    clause = next((each for each in every if each.public_id == clause_id), None)
    if clause is None:
        raise NotFound("E-CLM-19", "There is no such improvement clause under this contract.")
    if frozen_base(book, clause) is not None:
        raise Conflict("E-CLM-20", "Its baseline is frozen already; it never changes.")
    found = baseline_of(session, whose.supplier_id, clause, facts_until(session))
    audit.give_reason(session, reason)
    clause.base_value, clause.base_n = frozen_value(found), found.n
    session.flush()
    return clause


def frozen_value(found: Measure) -> Decimal:
    """Return a baseline as it is written down, to a millionth of the measure's unit."""
    return Decimal(repr(found.value)).quantize(MILLIONTH)


def _measures(session: Session, supplier_id: int, period: Period) -> Mapping[str, Measure]:
    return measure_table(gather(session, period, supplier_ids=[supplier_id])).measures(0)


def baseline_of(
    session: Session, supplier_id: int, clause: ImprovementClause, until: date
) -> Measure:
    """Return what a measure was in the clause's window; raises InvalidInput where it can't be."""
    first, last = month_index(clause.base_from), month_index(clause.base_to)
    if clause.base_from.day != 1 or clause.base_to != month_end(last):
        raise InvalidInput(
            "E-CLM-21", "A baseline is of whole months. Amend the clause: first to last day."
        )
    if clause.base_to > until:
        raise InvalidInput(
            "E-CLM-22",
            f"The window of the baseline ends on {formatting.day(clause.base_to)}, the facts "
            f"reach to {formatting.day(until)}. Freeze it when it is over.",
        )
    period = Period("baseline", first, last, as_of=clause.base_to)
    found = _measures(session, supplier_id, period).get(clause.measure)
    n = 0 if found is None else found.n or 0
    if found is None or found.value is None or n < clause.min_n:
        raise InvalidInput(
            "E-CLM-23",
            f"Only {n:,} were observed in the window, the clause asks for {clause.min_n:,}: there "
            "is no baseline. Amend the clause, or wait for more facts of that window.",
        )
    return found


def _glide(
    clause: ImprovementClause, base: Frozen | None, actual: Measure | None, as_of: date
) -> Glide:
    entry = BY_ID[clause.measure]
    is_rising = entry.better is Better.HIGHER
    if is_rising and entry.unit is not Unit.SHARE:
        told = "A rising measure needs a rate to glide to."
        return Glide(clause, base, None, (), actual, None, told)
    start = clause.base_to + timedelta(days=1)
    years = years_between(start, as_of)
    target = _target(clause, base, years if clause.is_pro_rata else float(int(max(years, 0))))
    yearly = tuple((each, _target(clause, base, float(each))) for each in range(4))
    if target is None:
        told = "The baseline is not frozen yet."
        return Glide(clause, base, None, yearly, actual, None, told)
    value = None if actual is None else actual.value
    is_met = None
    if value is not None:
        is_met = value >= target if is_rising else value <= target
    return Glide(clause, base, target, yearly, actual, is_met, None)


def _target(clause: ImprovementClause, base: Frozen | None, years: float) -> float | None:
    return glide_target(
        None if base is None else float(base.value),
        yearly_rate=float(clause.yearly_rate / HUNDRED),
        years=years,
        n=None if base is None else base.n,
        min_n=clause.min_n,
        perfect=PERFECT_RATE if BY_ID[clause.measure].better is Better.HIGHER else 0.0,
    )
