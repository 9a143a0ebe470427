"""Reads the sums of a period, for everybody or for some, in the shape measures want."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.calc.periods import (
    MONTHS_IN_QUARTER,
    Period,
    last_full_month,
    month_end,
    quarter_label,
)
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.queries import HOUSE, HistogramKind, OrderMeasure
from app.facts.suppliers import directory
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards.manual.queries import manual_scores
from app.judgement.scorecards.plan_readings import plan_readings
from app.judgement.scorecards.scar_sums import scar_sums
from app.judgement.scorecards.scores import Flags, below_floor
from app.judgement.scorecards.sums import PeriodSums, empty

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FLOOR_QUARTERS = 2
# From here on it costs less to read everybody than to name each one.
FEW_SUPPLIERS = 500
LEAD_TIME_SHARES = {"lead_time_p50": 0.5, "lead_time_p90": 0.9}
LATENESS_SHARES = {"lateness_p90": 0.9, "lateness_p95": 0.95}
# Which measures alone rest on reads that cost more than the sums of lines and events.
BY_PERCENTILE = frozenset({"lt_p50", "lt_p90", "lateness_p90", "lateness_p95"})
WITHIN_PARTS = frozenset({"ltv_B"})
BY_ORDER = frozenset({"otif_order"})
OPEN = frozenset({"open_past_due"})


def gather(
    session: Session, period: Period, *, supplier_ids: Sequence[int] | None = None
) -> PeriodSums:
    """Return the sums of a period by supplier; None stands for every rated supplier."""
    ids = suppliers.rated_supplier_ids(session) if supplier_ids is None else sorted(supplier_ids)
    keys, named = np.array(ids, dtype=np.int64), _named(supplier_ids)
    return _gathered(session, period, keys, supplier_ids=named, together=False)


def gather_for(
    session: Session,
    period: Period,
    *,
    measures: Collection[str],
    supplier_ids: Sequence[int] | None = None,
) -> PeriodSums:
    """Return the sums that the values of some measures need, by supplier.

    What only others rest on is left empty: percentiles, spreads within parts, orders with
    the design effects that widen intervals, open lines.
    """
    ids = suppliers.rated_supplier_ids(session) if supplier_ids is None else sorted(supplier_ids)
    keys, named = np.array(ids, dtype=np.int64), _named(supplier_ids)
    if frozenset(measures) & (BY_PERCENTILE | WITHIN_PARTS | BY_ORDER | OPEN):
        return _gathered(session, period, keys, supplier_ids=named, together=False)
    recorded = deliveries.has_disruption_log(session, period.last_day)
    lines = deliveries.delivery_sums(session, period, supplier_ids=named)
    events = deliveries.event_sums(session, period, supplier_ids=named)
    return replace(
        empty(keys, disruptions_recorded=recorded),
        lines=lines.aligned(keys),
        events=events.aligned(keys),
        scars=scar_sums(session, period, keys, supplier_ids=named),
        manual=manual_scores(session, period.last_day, keys, supplier_ids=named),
        readiness=plan_readings(session, period.last_day, keys, supplier_ids=named),
    )


def gather_house(session: Session, period: Period) -> PeriodSums:
    """Return the sums of a period for the house as one: all lines, own warehouses included."""
    keys = np.array([HOUSE], dtype=np.int64)
    sums = _gathered(session, period, keys, supplier_ids=None, together=True)
    return sums.without_values() if len(suppliers.currencies(session)) > 1 else sums


def gather_together(session: Session, period: Period, supplier_ids: Sequence[int]) -> PeriodSums:
    """Return the sums of a period for some suppliers as one: a group."""
    keys, ids = np.array([HOUSE], dtype=np.int64), sorted(supplier_ids)
    sums = _gathered(session, period, keys, supplier_ids=ids, together=True)
    return sums.without_values() if len(directory.currencies_of(session, ids)) > 1 else sums


def otif_below_floor_together(
    session: Session, period: Period, *, supplier_ids: Sequence[int], floor: float
) -> Flags:
    """Tell whether OTIF of some suppliers as one lay below the floor in the last two quarters."""
    keys, ids = np.array([HOUSE], dtype=np.int64), sorted(supplier_ids)
    quarters = [
        deliveries.delivery_sums(session, quarter, supplier_ids=ids, together=True).aligned(keys)
        for quarter in full_quarters(period, FLOOR_QUARTERS)
    ]
    return below_floor(quarters, floor)


def otif_below_floor(
    session: Session, period: Period, *, supplier_ids: Integers, floor: float
) -> Flags:
    """Tell for each supplier whether OTIF lay below the floor in the last two full quarters."""
    some = None if len(supplier_ids) > FEW_SUPPLIERS else supplier_ids.tolist()
    together = supplier_ids.tolist() == [HOUSE]

    def sums(quarter: Period) -> Mapping[str, Integers]:
        return deliveries.delivery_sums(
            session, quarter, supplier_ids=None if together else some, together=together
        ).aligned(supplier_ids)

    # Several windows of one sheet end in the same quarters.
    whose = supplier_ids.tobytes().hex()
    quarters = [
        deliveries.once(session, f"{quarter} of {whose}", partial(sums, quarter))
        for quarter in full_quarters(period, FLOOR_QUARTERS)
    ]
    return below_floor(quarters, floor)


def full_quarters(period: Period, count: int) -> list[Period]:
    """Return the last full quarters that end by the period's last day, the newest first."""
    over = last_full_month(period.last_day) + 1
    first = over // MONTHS_IN_QUARTER * MONTHS_IN_QUARTER - MONTHS_IN_QUARTER
    starts = [first - back * MONTHS_IN_QUARTER for back in range(count)]
    return [
        Period(
            label=quarter_label(start),
            first_month=start,
            last_month=start + MONTHS_IN_QUARTER - 1,
            as_of=max(period.as_of, month_end(start + MONTHS_IN_QUARTER - 1)),
        )
        for start in starts
    ]


def _named(supplier_ids: Sequence[int] | None) -> Sequence[int] | None:
    """Return whom a statement names: nobody where reading everybody costs less."""
    is_many = supplier_ids is not None and len(supplier_ids) > FEW_SUPPLIERS
    return None if is_many else supplier_ids


def _gathered(
    session: Session,
    period: Period,
    keys: Integers,
    *,
    supplier_ids: Sequence[int] | None,
    together: bool,
) -> PeriodSums:
    lines = deliveries.delivery_sums(session, period, supplier_ids=supplier_ids, together=together)
    events = deliveries.event_sums(session, period, supplier_ids=supplier_ids, together=together)
    orders = deliveries.order_sums(session, period, supplier_ids=supplier_ids, together=together)
    within = deliveries.pooled_lead_time_spread(
        session, period, supplier_ids=supplier_ids, together=together
    )
    percentiles = {
        **_percentiles(
            session, period, keys, HistogramKind.LEAD_TIME, LEAD_TIME_SHARES, supplier_ids, together
        ),
        **_percentiles(
            session, period, keys, HistogramKind.LATENESS, LATENESS_SHARES, supplier_ids, together
        ),
    }
    return PeriodSums(
        supplier_ids=keys,
        lines=lines.aligned(keys),
        events=events.aligned(keys),
        orders={str(OrderMeasure(name)): sums.aligned(keys) for name, sums in orders.items()},
        percentiles=percentiles,
        within_part_sd=_aligned(within.supplier_ids, within.sd, keys),
        within_part_n=np.nan_to_num(_aligned(within.supplier_ids, within.lines, keys)).astype(
            np.int64
        ),
        open_past_due=_open(session, period, keys, supplier_ids, together),
        disruptions_recorded=deliveries.has_disruption_log(session, period.last_day),
        scars=scar_sums(session, period, keys, supplier_ids=supplier_ids, together=together),
        manual=manual_scores(session, period.last_day, keys, supplier_ids=supplier_ids),
        readiness=plan_readings(
            session, period.last_day, keys, supplier_ids=supplier_ids, together=together
        ),
    )


def _percentiles(
    session: Session,
    period: Period,
    keys: Integers,
    kind: HistogramKind,
    wanted: Mapping[str, float],
    supplier_ids: Sequence[int] | None,
    together: bool,
) -> dict[str, Floats]:
    found = deliveries.percentiles(
        session,
        period,
        kind,
        wanted=tuple(wanted.values()),
        supplier_ids=supplier_ids,
        together=together,
    )
    return {
        name: _aligned(found.supplier_ids, found.values[share], keys)
        for name, share in wanted.items()
    }


def _open(
    session: Session,
    period: Period,
    keys: Integers,
    supplier_ids: Sequence[int] | None,
    together: bool,
) -> Integers | None:
    # Open lines are told live; of a day in the past they would tell what is known since.
    if period.last_day < period.as_of:
        return None
    found = deliveries.open_past_due(
        session, period.as_of, supplier_ids=supplier_ids, together=together
    )
    return found.aligned(keys)["lines"]


def _aligned(known: Integers, values: Floats | Integers, keys: Integers) -> Floats:
    """Return the values in the order of `keys`, NaN where nothing is known."""
    if not len(known):
        return np.full(len(keys), np.nan)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[places] == keys, values[places], np.nan)
