"""Sums by month, in the shape measures want: each month of a supplier stands for a supplier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy.orm import Session

from app.calc.periods import MONTHS_IN_YEAR, Period, month_index
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.queries import HOUSE, MonthlySums
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards.sums import Columns, Integers, PeriodSums, empty

YEAR = MONTHS_IN_YEAR


def monthly_sums(
    session: Session, supplier_id: int | None, period: Period, *, count: int
) -> tuple[PeriodSums, range]:
    """Return the sums of the last `count` months up to the period's end, and the months.

    Clustering by order, percentiles and open lines are not told by month.
    """
    last = month_index(period.last_day)
    months = range(max(0, last - count + 1), last + 1)
    window = Period(f"{count}m", months.start, last, period.last_day)
    together = supplier_id is None
    own = None if supplier_id is None else [supplier_id]
    key = HOUSE if supplier_id is None else supplier_id
    lines = deliveries.delivery_sums_by_month(session, window, supplier_ids=own, together=together)
    events = deliveries.event_sums_by_month(session, window, supplier_ids=own, together=together)
    recorded = deliveries.has_disruption_log(session, period.last_day)
    blank = empty(np.array(months, dtype=np.int64), disruptions_recorded=recorded)
    sums = PeriodSums(
        supplier_ids=blank.supplier_ids,
        lines=_by_month(lines, key, months) or blank.lines,
        events=_by_month(events, key, months) or blank.events,
        orders=blank.orders,
        percentiles=blank.percentiles,
        within_part_sd=blank.within_part_sd,
        within_part_n=blank.within_part_n,
        open_past_due=None,
        disruptions_recorded=recorded,
    )
    if together and len(suppliers.currencies(session)) > 1:
        return sums.without_values(), months
    return sums, months


def monthly_sums_of(
    session: Session, supplier_ids: Sequence[int], period: Period, *, count: int
) -> tuple[PeriodSums, range]:
    """Return the sums of the last `count` months of some suppliers, and the months.

    Row i·count + j is the j-th month of the i-th supplier; the ids must rise.
    """
    last = month_index(period.last_day)
    months = range(max(0, last - count + 1), last + 1)
    window = Period(f"{count}m", months.start, last, period.last_day)
    lines = deliveries.delivery_sums_by_month(session, window, supplier_ids=supplier_ids)
    events = deliveries.event_sums_by_month(session, window, supplier_ids=supplier_ids)
    recorded = deliveries.has_disruption_log(session, period.last_day)
    rows = len(supplier_ids) * len(months)
    blank = empty(np.arange(rows, dtype=np.int64), disruptions_recorded=recorded)
    sums = replace(
        blank,
        lines=_spread(lines, supplier_ids, months),
        events=_spread(events, supplier_ids, months),
    )
    return sums, months


def _spread(found: MonthlySums, supplier_ids: Sequence[int], months: range) -> Columns:
    """Return the columns with a place for every supplier and month, 0 where nothing is."""
    owners = np.searchsorted(np.array(supplier_ids, dtype=np.int64), found.supplier_ids)
    places = owners * len(months) + found.months - months.start
    columns: dict[str, Integers] = {}
    for name, column in found.columns.items():
        spread = np.zeros(len(supplier_ids) * len(months), np.int64)
        spread[places] = column
        columns[name] = spread
    return columns


def _by_month(found: MonthlySums, key: int, months: range) -> Columns | None:
    """Return the columns of one supplier with a place for every month, 0 where nothing is."""
    first, last = np.searchsorted(found.supplier_ids, [key, key + 1])
    if first == last:
        return None
    places = found.months[first:last] - months.start
    columns: dict[str, Integers] = {}
    for name, column in found.columns.items():
        spread = np.zeros(len(months), np.int64)
        spread[places] = column[first:last]
        columns[name] = spread
    return columns
