"""The same verdicts counted by line, by order, by unit and by value, and what is open.

Reference for the set-based sums that do this at scale. Each rate leaves out what is
unknown and says how much that was; one contractual figure stands on a card, not all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.calc.delivery import LineState, LineVerdict
from app.calc.measure import Measure, rate, ratio
from app.calc.schedule_line import MILLION

NO_LINE_DUE = "No line is due with the facts this needs. Ask for received dates and quantities."
WEEK_DAYS = 7
MONTH_DAYS = 30


class Claim(StrEnum):
    """What is claimed of a line; the value is the verdict's field."""

    OTIF = "otif"
    ON_TIME = "on_time"
    IN_FULL = "in_full"


_LINE_MEASURES = {Claim.OTIF: "otif_line", Claim.ON_TIME: "otd", Claim.IN_FULL: "in_full"}


class AgeBucket(StrEnum):
    """How long an open line is past its date."""

    WEEK = "1–7 d"
    MONTH = "8–30 d"
    OLDER = "over 30 d"


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line not yet complete: what is missing, since when, and its value if known."""

    reference_on: date
    quantity_open: int
    value_open: int | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open past-due lines of one age; value is None where one line's is unknown."""

    lines: int
    quantity: int
    value: int | None


def line_rate(
    verdicts: Iterable[LineVerdict], claim: Claim, *, deff: float | None = None
) -> Measure:
    """Return the share of due lines of which a claim is true.

    Formula: Σtrue/Σknown over due lines.

    Args:
        verdicts: shape (n,), any state; only due lines count.
        claim: OTIF, on time (OTD) or in full.
        deff: design effect of orders [ratio], ≥ 1; None where not known.
    Returns:
        `otif_line`, `otd` or `in_full` [fraction], lower is worse.
    Raises:
        ValueError: deff is below 1.
    Source: domain rules §1.3.
    Edge cases: no due line with a known verdict is no_data.

    >>> due = LineVerdict(LineState.DUE, None, otif=True, on_time=True, in_full=True)
    >>> line_rate([due], Claim.OTIF).value
    1.0
    """
    known, unknown = _split(getattr(verdict, claim.value) for verdict in _due(verdicts))
    return rate(
        _LINE_MEASURES[claim],
        sum(known),
        len(known),
        unknown=unknown,
        deff=deff,
        reason_no_data=NO_LINE_DUE,
    )


def otif_by_order(orders: Iterable[Sequence[LineVerdict]]) -> Measure:
    """Return the share of orders whose every due line is OTIF.

    Formula: orders with all due lines OTIF / orders with a due line and no pending one.

    Args:
        orders: per order the verdicts of its lines.
    Returns:
        `otif_order` [fraction], lower is worse.
    Raises:
        Nothing.
    Source: domain rules §1.3.
    Edge cases: an order with one unknown line is unknown, even if another line fails;
    excluded lines do not count; call-offs have no orders.

    >>> otif_by_order([]).state.value
    'no_data'
    """
    outcomes = []
    for lines in orders:
        due = list(_due(lines))
        if not due or any(line.state is LineState.PENDING for line in lines):
            continue
        flags = [line.otif for line in due]
        outcomes.append(None if None in flags else all(flags))
    known, unknown = _split(outcomes)
    return rate(
        "otif_order",
        sum(known),
        len(known),
        unknown=unknown,
        reason_no_data=NO_LINE_DUE,
        noun="orders",
    )


def otif_by_unit(verdicts: Iterable[LineVerdict]) -> Measure:
    """Return the share of units due that came in the window.

    Formula: Σmin(w, Q)/ΣQ over due lines with both known.

    Args:
        verdicts: shape (n,), any state; quantities in one unit.
    Returns:
        `otif_unit` [fraction], ≤ 1 because over-delivery is capped, lower is worse.
    Raises:
        Nothing.
    Source: McKinsey 2019 (case level); domain rules §1.3.
    Edge cases: lines with unknown quantities are left out and counted as unknown.

    >>> otif_by_unit([LineVerdict(LineState.DUE, None, quantity_due=200, unit_on_time=180)]).value
    0.9
    """
    return otif_by_value(((verdict, 1) for verdict in verdicts), measure_id="otif_unit")


def otif_by_value(
    priced: Iterable[tuple[LineVerdict, int | None]], *, measure_id: str = "otif_value"
) -> Measure:
    """Return the share of the value due that came in the window.

    Formula: Σmin(w, Q)·price/ΣQ·price over due lines with all three known.

    Args:
        priced: (verdict, unit price as an exact integer in one currency, ≥ 0), the price
            None where unknown.
        measure_id: the id of the measure.
    Returns:
        `otif_value` [fraction], ≤ 1, lower is worse.
    Raises:
        Nothing.
    Source: domain rules §1.3.
    Edge cases: never sum mixed currencies; lines of price 0 carry no weight.

    >>> verdict = LineVerdict(LineState.DUE, None, quantity_due=10, unit_on_time=5)
    >>> otif_by_value([(verdict, 300)]).value
    0.5
    """
    due = [(v.unit_on_time, v.quantity_due, p) for v, p in priced if v.state is LineState.DUE]
    return _share(measure_id, due)


def fill_by_unit(verdicts: Iterable[LineVerdict], *, by_window_end: bool = True) -> Measure:
    """Return the share of units due that came, by the window's end or whenever.

    Formula: Σmin(e + w, Q)/ΣQ by the window's end; Σmin(tot, Q)/ΣQ whenever.

    Args:
        verdicts: shape (n,), any state; quantities in one unit.
        by_window_end: False: the ultimate fill, which ignores the date.
    Returns:
        `fill_unit` or `fill_ultimate` [fraction], ≤ 1, lower is worse.
    Raises:
        Nothing.
    Source: domain rules §1.3.
    Edge cases: as `otif_by_unit`; early units count, unlike there.

    >>> early = LineVerdict(
    ...     LineState.DUE, None, quantity_due=100, early_quantity=30, quantity_in_window=60
    ... )
    >>> fill_by_unit([early]).value
    0.9
    """
    parts = []
    for verdict in _due(verdicts):
        came = _come_by_end(verdict) if by_window_end else verdict.total
        due = verdict.quantity_due
        capped = None if came is None or due is None else max(0, min(came, due))
        parts.append((capped, due, 1))
    return _share("fill_unit" if by_window_end else "fill_ultimate", parts)


def fill_by_line(verdicts: Iterable[LineVerdict], *, under_ppm: int = 0) -> Measure:
    """Return the share of due lines of which enough had come by the window's end.

    Formula: lines with e + w ≥ Q(1 − u) / known due lines.

    Args:
        verdicts: shape (n,), any state.
        under_ppm: u [millionths], as in the rule that judged the lines.
    Returns:
        `fill_line` [fraction], lower is worse.
    Raises:
        Nothing.
    Source: domain rules §1.3.
    Edge cases: as `line_rate`; early goods count.

    >>> fill_by_line([]).value is None
    True
    """
    known, unknown = _split(_is_filled(verdict, under_ppm) for verdict in _due(verdicts))
    return rate("fill_line", sum(known), len(known), unknown=unknown, reason_no_data=NO_LINE_DUE)


def age_bucket(days_past: int) -> AgeBucket | None:
    """Return the age of an open line.

    Formula: 1–7, 8–30, over 30 days past its reference date.

    Args:
        days_past: as-of date − reference date [days].
    Returns:
        The bucket; None where the line is not past due.
    Raises:
        Nothing.
    Source: domain rules §1.3.
    Edge cases: on the reference date itself a line is not past due.

    >>> age_bucket(0), age_bucket(7).value, age_bucket(31).value
    (None, '1–7 d', 'over 30 d')
    """
    if days_past < 1:
        return None
    if days_past <= WEEK_DAYS:
        return AgeBucket.WEEK
    return AgeBucket.MONTH if days_past <= MONTH_DAYS else AgeBucket.OLDER


def backlog(lines: Iterable[OpenLine], *, as_of: date) -> dict[AgeBucket, Backlog]:
    """Return open past-due lines by age.

    Formula: age = as_of − reference date; sums of lines, quantity and value per bucket.

    Args:
        lines: shape (n,), lines that are not complete.
        as_of: the day at whose close is counted.
    Returns:
        Every bucket, oldest last; quantities [their unit], higher is worse.
    Raises:
        Nothing.
    Source: domain rules §1.3.
    Edge cases: the value of a bucket is None where one line's value is unknown.

    >>> backlog([OpenLine(date(2026, 3, 1), 40)], as_of=date(2026, 3, 5))[AgeBucket.WEEK]
    Backlog(lines=1, quantity=40, value=None)
    """
    buckets: dict[AgeBucket, list[OpenLine]] = {bucket: [] for bucket in AgeBucket}
    for line in lines:
        bucket = age_bucket((as_of - line.reference_on).days)
        if bucket is not None:
            buckets[bucket].append(line)
    return {bucket: _sum_open(aged) for bucket, aged in buckets.items()}


def _sum_open(lines: Sequence[OpenLine]) -> Backlog:
    values = [line.value_open for line in lines if line.value_open is not None]
    is_known = len(values) == len(lines)
    quantity = sum(line.quantity_open for line in lines)
    return Backlog(len(lines), quantity, sum(values) if is_known else None)


def _due(verdicts: Iterable[LineVerdict]) -> Iterable[LineVerdict]:
    return (verdict for verdict in verdicts if verdict.state is LineState.DUE)


def _come_by_end(verdict: LineVerdict) -> int | None:
    if verdict.early_quantity is None or verdict.quantity_in_window is None:
        return None
    return verdict.early_quantity + verdict.quantity_in_window


def _is_filled(verdict: LineVerdict, under_ppm: int) -> bool | None:
    came, due = _come_by_end(verdict), verdict.quantity_due
    if came is None or due is None:
        return None
    return came * MILLION >= due * (MILLION - under_ppm)


def _split(outcomes: Iterable[bool | None]) -> tuple[list[bool], int]:
    every = list(outcomes)
    known = [outcome for outcome in every if outcome is not None]
    return known, len(every) - len(known)


def _share(measure_id: str, parts: Sequence[tuple[int | None, int | None, int | None]]) -> Measure:
    known = [
        (came * price, due * price)
        for came, due, price in parts
        if came is not None and due is not None and price is not None
    ]
    return ratio(
        measure_id,
        sum(came for came, _ in known),
        denominator=sum(due for _, due in known),
        n=len(known),
        unknown=len(parts) - len(known),
        reason_no_data=NO_LINE_DUE,
    )
