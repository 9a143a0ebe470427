"""One measure of everybody over many windows that slide by a month: one read for all of them.

What many months of thousands of suppliers cost is the columns that are read; here only those
are that the measure rests on. A measure that does not follow from sums of months has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from sqlalchemy.orm import Session

from app.calc.measure_columns import MeasureColumn
from app.calc.periods import Period, month_end
from app.facts.deliveries import queries as deliveries
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards.gathering import BY_ORDER, BY_PERCENTILE, OPEN, WITHIN_PARTS
from app.judgement.scorecards.measures import family_of, otif_by_line
from app.judgement.scorecards.sums import (
    EVENT_SUMS,
    LINE_SUMS,
    Columns,
    Floats,
    Integers,
    PeriodSums,
    empty,
)

# What is told by histograms, parts, orders, the present day, people and corrective actions.
NOT_SUMS = BY_PERCENTILE | WITHIN_PARTS | BY_ORDER | OPEN | {"scar_ontime", "readiness"}


def columns_over(
    session: Session, measure_id: str, ends: Sequence[int], *, months: int
) -> list[MeasureColumn]:
    """Return a measure of every rated supplier over the windows that end with some months.

    ends: month indexes, rising. months: the length of each window. Values, samples and states
    are those of `measure_table`; limits know no clustering. Raises ValueError for what is no sum
    of months.
    """
    if measure_id in NOT_SUMS:
        raise ValueError(f"{measure_id} is no sum of months")
    keys = np.array(suppliers.rated_supplier_ids(session), dtype=np.int64)
    span = range(ends[0] - months + 1, ends[-1] + 1)
    running = _running_sums(session, keys, span, _needed(measure_id))
    found = []
    for end in ends:
        after, before = end - span.start + 1, end - span.start + 1 - months
        cut = {name: sums[:, after] - sums[:, before] for name, sums in running.items()}
        recorded = deliveries.has_disruption_log(session, month_end(end))
        blank = empty(keys, disruptions_recorded=recorded)
        own = replace(blank, lines={**blank.lines, **cut}, events={**blank.events, **cut})
        found.append(_column(own, measure_id))
    return found


def sums_by_month(
    session: Session, names: Sequence[str], last: int, *, count: int
) -> tuple[Integers, ...]:
    """Return some sums of every rated supplier, a row each, for `count` months up to `last`."""
    keys = np.array(suppliers.rated_supplier_ids(session), dtype=np.int64)
    span = range(max(0, last - count + 1), last + 1)
    running = _running_sums(session, keys, span, names)
    return tuple(np.diff(running[name], axis=1) for name in names)


def otif_design_effects(session: Session, period: Period) -> Floats:
    """Return how much the lines of every rated supplier come in clusters; NaN where unknown."""
    keys = np.array(suppliers.rated_supplier_ids(session), dtype=np.int64)
    found = deliveries.order_sums(session, period)
    orders = {str(name): sums.aligned(keys) for name, sums in found.items()}
    deff = otif_by_line(replace(empty(keys), orders=orders)).deff
    return np.full(len(keys), np.nan) if deff is None else deff


def _column(sums: PeriodSums, measure_id: str) -> MeasureColumn:
    return next(each for each in family_of(measure_id)(sums) if each.id == measure_id)


def _running_sums(
    session: Session, keys: Integers, span: range, names: Sequence[str]
) -> dict[str, Integers]:
    """Return by name the sums of all months before each one, a row for each supplier."""
    window = Period("months", span.start, span[-1], month_end(span[-1]))
    running: dict[str, Integers] = {}
    for kind in (LINE_SUMS, EVENT_SUMS):
        own = [name for name in names if name in kind]
        if not own:
            continue
        found = deliveries.few_sums_by_month(session, window, own)
        rows = np.searchsorted(keys, found.supplier_ids)
        is_rated = keys[np.minimum(rows, len(keys) - 1)] == found.supplier_ids if len(keys) else []
        for name, column in found.columns.items():
            sums = np.zeros((len(keys), len(span) + 1), np.int64)
            sums[rows[is_rated], found.months[is_rated] - span.start + 1] = column[is_rated]
            running[name] = sums.cumsum(axis=1)
    return running


class _Noting(dict[str, Integers]):
    """Columns that note which of them are asked for."""

    def __init__(self, columns: Columns) -> None:
        super().__init__(columns)
        self.asked: dict[str, None] = {}

    def __getitem__(self, name: str) -> Integers:
        self.asked[name] = None
        return super().__getitem__(name)


@cache
def _needed(measure_id: str) -> tuple[str, ...]:
    """Return the sums that a measure is worked out from, found by working it out of nothing."""
    blank = empty(np.zeros(0, np.int64))
    lines, events = _Noting(blank.lines), _Noting(blank.events)
    family_of(measure_id)(replace(blank, lines=lines, events=events))
    return (*lines.asked, *events.asked)
