"""Measures of the scorecard as subjects of rules, each by the month, quarter and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

import numpy as np
from sqlalchemy.orm import Session

from app.calc.measure_columns import INSUFFICIENT, known
from app.calc.periods import (
    Period,
    last_full_month,
    month_end,
    month_index,
    month_label,
    parse_period,
)
from app.facts.deliveries.period_reads import once
from app.facts.suppliers import queries as suppliers
from app.judgement.alerts.catalogue import (
    Cadence,
    Group,
    Reading,
    Readings,
    Subject,
    Table,
    Unit,
    one_each,
)
from app.judgement.scorecards.gathering import gather
from app.judgement.scorecards.measures import MeasureTable, measure_table
from app.judgement.scorecards.register import ENTRIES, Better, MeasureEntry
from app.judgement.scorecards.register import Group as MeasureGroup
from app.judgement.scorecards.sliding import (
    NOT_SUMS,
    columns_over,
    otif_design_effects,
    sums_by_month,
)

# Windows that end with a closed month: name in the id, words, months.
WINDOWS = (("month", "the month", 1), ("3m", "3 months", 3), ("12m", "12 months", 12))
# What is only known live, or has nothing to be read from yet.
LEFT_OUT = frozenset({"open_past_due", "readiness"})
PAGES = {
    MeasureGroup.DELIVERY: "overview.supplier_deliveries",
    MeasureGroup.QUALITY: "overview.supplier_quality",
}
FORECAST_FROM = {"otif_line": "otif_true", "otd": "on_time_true", "in_full": "in_full_true"}
FORECAST_OF = {"otif_line": "otif_known", "otd": "on_time_known", "in_full": "in_full_known"}
FORECAST_MONTHS = 12


def window_to(day: date, name: str) -> Period:
    """Return the window that ends with the last month over by a day."""
    last = last_full_month(day)
    label = month_label(last) if name == "month" else name
    return parse_period(label, as_of=month_end(last))


def table_to(session: Session, day: date, window: str) -> tuple[Period, MeasureTable]:
    """Return all measures of everybody over a window; read once for all of its subjects."""
    period = window_to(day, window)
    name = f"alerts: measures {period.label} {period.last_day}"
    return period, once(session, name, lambda: measure_table(gather(session, period)))


def _read(measure_id: str, window: str, session: Session, as_of: date) -> Readings:
    period, table = table_to(session, as_of, window)
    column = table.columns[measure_id]
    asked = "12m" if window == "12m" else period.label
    door = (PAGES.get(_group_of(measure_id), "overview.supplier"), _query(asked, period))
    return one_each(
        {
            supplier_id: Reading(
                None if column.state[row] <= INSUFFICIENT else known(column.value[row]),
                int(column.n[row]),
                known(column.lo[row]),
                known(column.hi[row]),
                door=door,
            )
            for row, supplier_id in enumerate(table.supplier_ids.tolist())
            if column.n[row]
        }
    )


def _read_many(measure_id: str, months: int, session: Session, ends: Sequence[date]) -> Table:
    found = columns_over(session, measure_id, [month_index(end) for end in ends], months=months)
    known_ = [np.where(each.state <= INSUFFICIENT, np.nan, each.value) for each in found]
    ids = suppliers.rated_supplier_ids(session)
    return Table(ids, np.column_stack(known_), np.column_stack([each.n for each in found]))


def _query(label: str, period: Period) -> dict[str, str]:
    return {"window": label, "as_of": period.last_day.isoformat()}


def _group_of(measure_id: str) -> MeasureGroup:
    return next(entry.group for entry in ENTRIES if entry.id == measure_id)


def course_of(
    measure_id: str, session: Session, as_of: date
) -> Mapping[int, Sequence[float | None]]:
    """Return a rate by month over the last year, for who has lines in it."""
    ids, x, n = months_of(
        session, as_of, FORECAST_FROM[measure_id], FORECAST_OF[measure_id], FORECAST_MONTHS
    )
    rates = np.where(n > 0, x / np.where(n > 0, n, 1.0), np.nan)
    return {
        key: [known(value) for value in row]
        for key, row, seen in zip(ids, rates, (n.sum(axis=1) > 0).tolist(), strict=True)
        if seen
    }


def months_of(
    session: Session, as_of: date, true: str, of: str, count: int
) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Return everybody, and two sums by supplier and month up to the last month over."""
    last = window_to(as_of, "month").last_month
    ids = suppliers.rated_supplier_ids(session)
    name = f"alerts: {true} of {of}, {count} months to {last}"
    x, n = once(session, name, lambda: sums_by_month(session, (true, of), last, count=count))
    return ids, x.astype(np.float64), n.astype(np.float64)


def deffs_of(session: Session, as_of: date) -> np.ndarray:
    """Return the design effect of everybody's lines over the last year, in order of ids."""
    period = window_to(as_of, "12m")
    name = f"alerts: clustering {period.last_day}"
    return once(session, name, lambda: np.maximum(otif_design_effects(session, period), 1.0))


def _of_entry(entry: MeasureEntry) -> Iterator[Subject]:
    for name, words, months in WINDOWS:
        forecast = partial(course_of, entry.id) if entry.id in FORECAST_FROM else None
        yield Subject(
            id=f"measure:{entry.id}:{name}",
            label=f"{entry.label}, {words}",
            unit=Unit(str(entry.unit)),
            group=Group.MEASURE,
            read=partial(_read, entry.id, name),
            cadence=Cadence.MONTH,
            low_is_bad=entry.better is Better.HIGHER,
            endpoint=PAGES.get(entry.group, "overview.supplier"),
            series=forecast if name == "month" else None,
            read_many=None if entry.id in NOT_SUMS else partial(_read_many, entry.id, months),
        )


SUBJECTS = tuple(
    subject for entry in ENTRIES if entry.id not in LEFT_OUT for subject in _of_entry(entry)
)
