"""Liquidated damages for late delivery: what one delayed line owes under a clause.

Knows neither lines nor contracts in a database; how several lines share one cap and how
credits stand beside damages is said in `recovery`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.calc.attribution import BUYERS_CAUSES, MissCause
from app.calc.cents import USUAL_PLACES, ZERO, limit, owed, product
from app.calc.incoterms import DeliveryEvent, delivery_event

DAYS_IN_WEEK = 7
NO_LATENESS = "How late it was is not known."
NO_BASE = "The value of the delayed portion without VAT is not known."
_TRANSPORT = frozenset({MissCause.CARRIER, MissCause.CUSTOMS})


class DamagesMode(StrEnum):
    """How damages grow with lateness."""

    PER_DAY_PERCENT = "per_day_percent"
    PER_WEEK_OR_PART_PERCENT = "per_week_or_part_percent"
    FIXED_PER_DAY = "fixed_per_day"


class GraceKind(StrEnum):
    """What the days of grace become once they are over: never charged, or all charged."""

    FREE = "free"
    THEN_FROM_DAY_ONE = "then_from_day_one"


class CapBase(StrEnum):
    """What the cap is a share of: each delayed portion by itself, or the contract's value.

    CONTRACT: once over the whole term; YEAR: anew for what was due in each calendar year.
    """

    DELAYED_PORTION = "delayed_portion"
    CONTRACT = "contract"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class DamagesClause:
    """The numbers of one clause.

    `rate` is a fraction of the delayed portion per day or per week begun, or money per day
    and line where the mode is fixed. `cap` is a fraction of `cap_base`, None is no cap.

    Raises ValueError for a negative rate, grace or cap.
    """

    mode: DamagesMode
    rate: Decimal
    grace_days: int = 0
    grace_kind: GraceKind = GraceKind.FREE
    cap: Decimal | None = None
    cap_base: CapBase = CapBase.DELAYED_PORTION

    def __post_init__(self) -> None:
        for name, value in (("rate", self.rate), ("grace_days", self.grace_days)):
            if value < 0:
                raise ValueError(f"{name} is {value}, it must be at least 0")
        if self.cap is not None and self.cap < 0:
            raise ValueError(f"cap is {self.cap}, it must be at least 0 or None")

    @property
    def needs_value(self) -> bool:
        """Whether nothing can be said without the value of the delayed portion."""
        is_fixed = self.mode is DamagesMode.FIXED_PER_DAY
        return not is_fixed or self.has_line_cap

    @property
    def is_yearly(self) -> bool:
        """Whether its cap begins anew each calendar year."""
        return self.cap_base is CapBase.YEAR

    @property
    def has_line_cap(self) -> bool:
        """Whether each delayed portion has a cap of its own."""
        return self.cap is not None and self.cap_base is CapBase.DELAYED_PORTION


@dataclass(frozen=True, slots=True)
class Excuse:
    """A run of days, both ends included, that the supplier does not answer for."""

    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class LineDamages:
    """What one delayed line owes.

    `amount` is None where a fact it needs is not known, and `reason` says which.
    `capped_by` is what the cap of the delayed portion took away.
    """

    chargeable_days: int | None
    amount: Decimal | None
    capped_by: Decimal = ZERO
    reason: str | None = None


def excused_days(due_on: date, delivered_on: date, excuses: Iterable[Excuse]) -> int:
    """Return how many days of a delay are excused; a day excused twice counts once.

    Formula: |⋃ excuses ∩ (due, delivered]|.

    Args:
        due_on: the last day of the delivery window.
        delivered_on: the day that completed the line, or the day up to which is reckoned.
        excuses: force majeure and what the buyer caused, in any order.
    Returns:
        The days [count], 0 … days late.
    Raises:
        Nothing.
    Source: domain rules §10; overlapping causes are one span, as with outages.
    Edge cases: an excuse that ends before it starts excuses nothing.

    >>> storm = Excuse(date(2026, 3, 1), date(2026, 3, 4))
    >>> excused_days(date(2026, 3, 2), date(2026, 3, 10), [storm, storm])
    2
    """
    reached = due_on.toordinal()
    last = delivered_on.toordinal()
    found = 0
    for excuse in sorted(excuses, key=lambda span: span.first_on):
        start = max(excuse.first_on.toordinal() - 1, reached)
        end = min(excuse.last_on.toordinal(), last)
        found += max(0, end - start)
        reached = max(reached, end)
    return found


def chargeable_days(clause: DamagesClause, late_days: int, *, excused: int = 0) -> int:
    """Return the days of a delay that a clause charges.

    Formula: l = max(0, late − excused); grace free → max(0, l − grace); then from day one →
    l where l > grace, else 0.

    Args:
        clause: the clause.
        late_days: days after the window's end [days]; early is negative.
        excused: days of force majeure or caused by the buyer [days], ≥ 0.
    Returns:
        The days [count], ≥ 0, more is worse for the supplier.
    Raises:
        ValueError: excused is negative.
    Source: domain rules §10.
    Edge cases: late by exactly the days of grace charges nothing, of either kind.

    >>> clause = DamagesClause(
    ...     DamagesMode.PER_DAY_PERCENT, Decimal("0.015"), 10, GraceKind.THEN_FROM_DAY_ONE
    ... )
    >>> [chargeable_days(clause, late) for late in (9, 10, 11)]
    [0, 0, 11]
    """
    if excused < 0:
        raise ValueError(f"excused is {excused}, it must be at least 0")
    late = max(0, late_days - excused)
    if late <= clause.grace_days:
        return 0
    return late - clause.grace_days if clause.grace_kind is GraceKind.FREE else late


def line_damages(
    clause: DamagesClause,
    late_days: int | None,
    value: Decimal | None,
    *,
    excused: int = 0,
    places: int = USUAL_PLACES,
) -> LineDamages:
    """Return what one delayed line owes, to the smallest coin, under its own cap.

    Formula: per day: value · rate · d; per week or part: value · rate · ⌈d/7⌉; fixed: rate
    · d; with d the chargeable days. Rounded half up once, then min(·, ⌊value · cap⌋) where
    the cap is on the delayed portion.

    Args:
        clause: the clause.
        late_days: days after the window's end [days], early is negative, None unknown.
        value: the delayed portion without VAT [money], ≥ 0, None unknown.
        excused: days of force majeure or caused by the buyer [days], ≥ 0.
        places: decimals of the currency [count].
    Returns:
        What is owed [money], more is worse; amount None where a needed fact is unknown.
        A cap on the contract is not applied here.
    Raises:
        ValueError: value or excused is negative.
    Source: domain rules §10; `ld_buckinghamshire`, `ld_grace_then_from_day_one`, `ld_nec_x7`.
    Edge cases: nothing chargeable owes 0 even where the value is unknown.

    >>> clause = DamagesClause(
    ...     DamagesMode.PER_WEEK_OR_PART_PERCENT, Decimal("0.025"), cap=Decimal("0.15")
    ... )
    >>> [str(line_damages(clause, late, Decimal(40000)).amount) for late in (0, 1, 17, 50)]
    ['0', '1000.00', '3000.00', '6000.00']
    """
    if value is not None and value < 0:
        raise ValueError(f"value is {value}, it must be at least 0 or None")
    if late_days is None:
        return LineDamages(None, None, reason=NO_LATENESS)
    days = chargeable_days(clause, late_days, excused=excused)
    if days == 0:
        return LineDamages(0, ZERO)
    if value is None and clause.needs_value:
        return LineDamages(days, None, reason=NO_BASE)
    grown = owed(_grown(clause, days, value or ZERO), places)
    if clause.cap is None or not clause.has_line_cap:
        return LineDamages(days, grown)
    most = min(grown, limit(product(value or ZERO, clause.cap), places))
    return LineDamages(days, most, capped_by=grown - most)


def _grown(clause: DamagesClause, days: int, value: Decimal) -> Decimal:
    if clause.mode is DamagesMode.FIXED_PER_DAY:
        return product(clause.rate, days)
    is_weekly = clause.mode is DamagesMode.PER_WEEK_OR_PART_PERCENT
    steps = -(-days // DAYS_IN_WEEK) if is_weekly else days
    return product(value, clause.rate, steps)


def excuses_supplier(cause: MissCause | None, incoterm: str | None) -> bool:
    """Tell whether the coded cause of a miss takes the line out of a claim.

    Formula: force majeure, buyer and receiving excuse; carrier and customs excuse where the
    term ends the supplier's duty before arrival (E, F and C terms).

    Args:
        cause: what a person coded, None where nobody did.
        incoterm: the line's term, None where unknown.
    Returns:
        True where the supplier does not answer for it.
    Raises:
        Nothing.
    Source: domain rules §10; the Incoterm's delivery event (`incoterms`).
    Edge cases: silence excuses nobody; an unknown term is judged at arrival, as the
        verdict is, so the supplier answers for the transport.

    >>> excuses_supplier(MissCause.CARRIER, "FCA"), excuses_supplier(MissCause.CARRIER, "DAP")
    (True, False)
    """
    if cause is MissCause.FORCE_MAJEURE or cause in BUYERS_CAUSES:
        return True
    return cause in _TRANSPORT and delivery_event(incoterm) is not DeliveryEvent.ARRIVAL
