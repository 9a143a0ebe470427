"""Custom measures worked out: a checked definition and what was gathered for it.

What may be defined stands in `custom_definition`. Gathering the quantities, filters
applied, is done elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.calc.custom_definition import CheckedMeasure, Definition, Template, Term
from app.calc.lead_time import percentile_from_histogram
from app.calc.measure import (
    LINES_OK,
    LINES_PROVISIONAL,
    Measure,
    MeasureState,
    no_data,
    rate,
    ratio,
    statistic,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A gathered count or sum: total None where the feed has it not, n members in it.

    `unknown` members could not be added because a fact is missing. A count is its own n. Of
    a share, the unknown of A are members of B of which nobody can say whether they are in A.
    """

    total: float | None
    n: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Observations:
    """Gathered single values; `unknown` members have none.

    `counts` says how often each value was seen, once each where it is None.
    """

    values: Sequence[int]
    unknown: int = 0
    counts: Sequence[int] | None = None

    @property
    def often(self) -> Sequence[int]:
        """How often each value was seen."""
        return [1] * len(self.values) if self.counts is None else self.counts


@dataclass(frozen=True, slots=True)
class LastDay:
    """The gathered day of the latest event; None where none is known to have happened."""

    on: date | None


Gathered = Amount | Observations | LastDay


def evaluate(measure: CheckedMeasure, gathered: Mapping[Term, Gathered], *, as_of: date) -> Measure:
    """Work out a custom measure of one supplier.

    Formula: rate ΣA/ΣB, of a share ΣA/(ΣB − unknown of A); sum and count ΣA; mean
    Σtotal/Σn; percentile by type 7 over all values; days since: as_of − day.

    Args:
        measure: what was checked.
        gathered: for each term of the definition what was gathered, filters applied.
        as_of: the day at whose close is measured.
    Returns:
        The measure in the unit of `measure`. A share has a Wilson interval. Sums and counts
        speak of all there is: ok, provisional where members are unknown. The others have
        the states of lines (10, 30).
    Raises:
        ValueError: a term is not gathered, or not as its kind; a share's A exceeds B.
    Source: domain rules §0.1, §0.8; house rule.
    Edge cases: division by zero is no_data, and so is anything of which a total is unknown.

    >>> from app.calc.custom_definition import Quantity, QuantityKind, checked
    >>> catalogue = {name: Quantity(QuantityKind.COUNT, "lots") for name in ("late lots", "lots")}
    >>> late, lots = Term("late lots"), Term("lots")
    >>> share = Definition("late_share", Template.RATE, (late,), (lots,), is_part=True)
    >>> amounts = {late: Amount(6, 6), lots: Amount(40, 40)}
    >>> evaluate(checked(share, catalogue), amounts, as_of=date(2026, 3, 31)).value
    0.15
    """
    definition = measure.definition
    of = [_gathered(term, gathered) for term in definition.of]
    match definition.template:
        case Template.RATE:
            over = [_gathered(term, gathered) for term in definition.over]
            return _rate(measure, _added(definition, of), _added(definition, over))
        case Template.SUM | Template.COUNT:
            return _whole(definition.id, _added(definition, of))
        case Template.MEAN:
            return _mean(measure, _added(definition, of))
        case Template.PERCENTILE:
            return _percentile(measure, of)
        case Template.DAYS_SINCE:
            return _days_since(definition, of, as_of)


def _gathered(term: Term, gathered: Mapping[Term, Gathered]) -> Gathered:
    if term not in gathered:
        raise ValueError(f"{term.quantity!r} was not gathered; gather every term of a definition")
    return gathered[term]


def _added(definition: Definition, parts: Sequence[Gathered]) -> Amount:
    amounts = [part for part in parts if isinstance(part, Amount)]
    if len(amounts) < len(parts):
        raise ValueError(f"definition {definition.id}: counts and sums must come as an Amount")
    totals = [amount.total for amount in amounts if amount.total is not None]
    return Amount(
        total=sum(totals) if len(totals) == len(amounts) else None,
        n=sum(amount.n for amount in amounts),
        unknown=sum(amount.unknown for amount in amounts),
    )


def _rate(measure: CheckedMeasure, of: Amount, over: Amount) -> Measure:
    definition, unknown = measure.definition, of.unknown + over.unknown
    if of.total is None or over.total is None:
        return no_data(definition.id, _not_told(of.total is None), unknown=unknown)
    zero = "There is nothing to divide by in this period."
    if definition.is_part:
        return rate(
            definition.id,
            _whole_number(definition, of.total),
            _whole_number(definition, over.total) - of.unknown,
            unknown=unknown,
            reason_no_data=zero,
            noun="members",
        )
    return ratio(
        definition.id,
        of.total,
        denominator=over.total,
        n=over.n,
        unknown=unknown,
        reason_no_data=zero,
        noun="members",
    )


def _whole_number(definition: Definition, total: float) -> int:
    if total != int(total):
        raise ValueError(f"definition {definition.id}: a count is {total}, it must be whole")
    return int(total)


def _whole(measure_id: str, amount: Amount) -> Measure:
    if amount.total is None:
        return no_data(measure_id, _not_told(True), unknown=amount.unknown)
    state = MeasureState.PROVISIONAL if amount.unknown else MeasureState.OK
    reason = f"Unknown members, left out: {amount.unknown}." if amount.unknown else None
    total = float(amount.total)
    return Measure(measure_id, total, amount.n, total, None, None, None, state, reason,
                   unknown=amount.unknown)  # fmt: skip


def _mean(measure: CheckedMeasure, amount: Amount) -> Measure:
    definition = measure.definition
    if amount.total is None:
        return no_data(definition.id, _not_told(True), unknown=amount.unknown)
    return _statistic(
        definition.id, amount.total / amount.n if amount.n else None, amount.n, amount.unknown
    )


def _percentile(measure: CheckedMeasure, parts: Sequence[Gathered]) -> Measure:
    definition = measure.definition
    found = [part for part in parts if isinstance(part, Observations)]
    if len(found) < len(parts) or definition.p is None:
        raise ValueError(f"definition {definition.id}: values must come as Observations")
    values = [value for part in found for value in part.values]
    often = [times for part in found for times in part.often]
    unknown = sum(part.unknown for part in found)
    value = percentile_from_histogram(values, often, definition.p)
    return _statistic(definition.id, value, sum(often), unknown)


def _statistic(measure_id: str, value: float | None, n: int, unknown: int) -> Measure:
    return statistic(
        measure_id,
        value,
        n=n,
        unknown=unknown,
        reason_no_data="There is no member with a value in this period.",
        noun="members",
        ok=LINES_OK,
        provisional=LINES_PROVISIONAL,
    )


def _days_since(definition: Definition, parts: Sequence[Gathered], as_of: date) -> Measure:
    day = parts[0]
    if not isinstance(day, LastDay):
        raise ValueError(f"definition {definition.id}: the event must come as a LastDay")
    if day.on is None:
        return no_data(definition.id, "No such event is known to have happened.")
    days = (as_of - day.on).days
    if days < 0:
        raise ValueError(f"the event's day is {day.on}, it must not lie after as_of {as_of}")
    return Measure(definition.id, float(days), 1, None, None, None, None, MeasureState.OK, None)


def _not_told(is_above: bool) -> str:
    side = "measured" if is_above else "divided by"
    return f"The feed does not tell what is {side}. Ask for it."
