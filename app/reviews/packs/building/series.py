"""Months as charts and tables: the leading measure, defects, and what a chart says in words."""

from __future__ import annotations

from app.base import formatting
from app.base.charts import ColumnChart, LineChart, Unit
from app.base.formatting import EN_DASH
from app.calc.measure import Measure
from app.calc.periods import MONTHS_IN_YEAR
from app.judgement.scorecards.course import ALARMS
from app.judgement.scorecards.queries import MonthFigures
from app.judgement.scorecards.wording import TREND_WORDS
from app.reviews.packs.basis import ON_TIME, OTIF, Basis
from app.reviews.packs.building import wording
from app.reviews.packs.parts import Panel

GAP_WORDS = "Gaps: months in which no line was due."


def leading_panel(basis: Basis) -> Panel:
    """Return the leading measure by month; on time where OTIF is unknown, and why."""
    measure_id = basis.primary
    year = basis.year
    heading = f"{wording.label(measure_id)}, month by month"
    if year[measure_id].value is None and not _is_any_known(basis, measure_id):
        return Panel(heading, "", None, year[measure_id].reason or "")
    if word := TREND_WORDS[basis.course.word]:
        heading += f": {word}"
    goal = basis.method.target(measure_id)
    goal_text = wording.target(measure_id, goal)
    values, first = _values(basis, measure_id)
    drawn = basis.course.months[len(basis.months) - len(values) :]
    has_limits = basis.course.has_chart
    reading = f"Months of the due window's end. Dashed: target {goal_text}.{_limits_told(basis)}"
    if None in values:
        reading += f" {GAP_WORDS}"
    if measure_id == ON_TIME:
        why = wording.statement(year[OTIF].reason or "")
        reading += f" {wording.label(OTIF)} is unknown: {wording.lowered(why)}"
    return Panel(
        heading,
        reading,
        LineChart(
            title=f"{wording.label(measure_id)} by month",
            description=_course(basis, measure_id),
            first_month=first,
            values=values,
            unit=Unit.PERCENT,
            target=goal,
            target_label=f"target {goal_text}",
            lower_limits=tuple(month.lower for month in drawn) if has_limits else (),
            upper_limits=tuple(month.upper for month in drawn) if has_limits else (),
            outside=tuple(at for at, month in enumerate(drawn) if month.verdict in ALARMS),
            last_label=_last_label(values),
        ),
    )


def _limits_told(basis: Basis) -> str:
    course = basis.course
    if not course.has_chart:
        return ""
    centre = formatting.percent(course.centre)
    ends = (course.baseline_from, course.baseline_from + course.baseline_months - 1)
    first, last = (formatting.month(month) for month in ends)
    told = f" Shaded: what chance explains around {centre} of {first} {EN_DASH} {last}"
    return f"{told}; rings lie outside." if course.outside else f"{told}."


def defects_panel(basis: Basis) -> Panel:
    """Return defects by month of receipt, over the 12 months."""
    ppm = basis.year["ppm"]
    heading = "Defects by month of receipt"
    if ppm.value is None:
        return Panel(heading, "", None, ppm.reason or "")
    limit = basis.method.limits["ppm"]
    limit_text = formatting.number(limit)
    months = last_year(basis)
    values = tuple(month.measures["ppm"].value for month in months)
    reading = (
        f"Rejected units per million received, {wording.counted(ppm)}. Dashed: limit {limit_text}."
    )
    if None in values:
        reading += " ○ nothing received."
    return Panel(
        heading,
        reading,
        ColumnChart(
            title="Defects by month of receipt",
            description=_defects_in_words(months, limit),
            first_month=months[0].month,
            values=values,
            unit=Unit.PPM,
            limit=limit,
            limit_label=f"limit {limit_text}",
        ),
    )


def last_year(basis: Basis) -> tuple[MonthFigures, ...]:
    """Return the last twelve months."""
    return basis.months[-MONTHS_IN_YEAR:]


def cell(measure: Measure) -> str:
    """Return a month's value for a table; unknown months say so."""
    return wording.value(measure)


def _values(basis: Basis, measure_id: str) -> tuple[tuple[float | None, ...], int]:
    """Return the values and the first month, empty months before the first known left out."""
    values = [month.measures[measure_id].value for month in basis.months]
    start = next((place for place, value in enumerate(values) if value is not None), 0)
    # A year at least, so that a young supplier's chart says how young it is.
    start = min(start, max(0, len(values) - MONTHS_IN_YEAR))
    return tuple(values[start:]), basis.months[start].month


def _is_any_known(basis: Basis, measure_id: str) -> bool:
    return any(month.measures[measure_id].value is not None for month in basis.months)


def _last_label(values: tuple[float | None, ...]) -> str:
    last = values[-1]
    return "" if last is None else formatting.percent(last)


def _course(basis: Basis, measure_id: str) -> str:
    known = [month for month in basis.months if month.measures[measure_id].value is not None]
    if not known:
        return f"{wording.label(measure_id)} is unknown in every month."
    first, last = known[0], known[-1]
    start, end = wording.value(first.measures[measure_id]), wording.value(last.measures[measure_id])
    return (
        f"{wording.label(measure_id)} was {start} in {formatting.month(first.month)} and {end} in "
        f"{formatting.month(last.month)}."
    )


def _defects_in_words(months: tuple[MonthFigures, ...], limit: float) -> str:
    known = [(month.month, month.measures["ppm"].value) for month in months]
    values = [(index, value) for index, value in known if value is not None]
    over = sum(value > limit for _, value in values)
    if not values:
        return "No units were received."
    index, highest = max(values, key=lambda pair: pair[1])
    return (
        f"Highest {formatting.ppm(highest)} in {formatting.month(index)}; "
        f"{formatting.count(over, 'month')} over the limit of {formatting.number(limit)}."
    )
