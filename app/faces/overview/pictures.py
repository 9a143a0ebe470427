"""The charts of a supplier's pages: from read models to what `base.charts` draws on screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.base import formatting
from app.base.charts import (
    Bar,
    BarChart,
    ColumnChart,
    DayHistogram,
    LineChart,
    Mark,
    Meter,
    Sparkline,
    Staircase,
    Step,
    Svg,
    Unit,
)
from app.facts.deliveries.lines.line_words import CAUSE_WORDS
from app.judgement.risk_index.evaluation import RiskCard
from app.judgement.risk_index.explanations import LABELS
from app.judgement.scorecards import wording
from app.judgement.scorecards.course import Course
from app.judgement.scorecards.queries import Card, MonthFigures

SPARK_MONTHS = 12
# Drawn a little smaller than their panels, so that they grow with them.
WIDE, NARROW = 760.0, 310.0
HIGHEST_INDEX = 100.0
OURS = frozenset({"buyer"})


def sparkline(card: Card, measure_id: str, *, label: str) -> Svg:
    """Return the last twelve months of a measure, as small as a word."""
    values = _monthly(card.months[-SPARK_MONTHS:], measure_id)
    known = [value for value in values if value is not None]
    if not known:
        return Svg("")
    last = wording.value_text(measure_id, known[-1])
    return Sparkline(f"{label}, 12 months", f"Last known {last}.", values).svg()


def meter(points: float | None) -> Svg:
    """Return points as a filled bar."""
    said = "no points" if points is None else f"{formatting.number(points, 1)} of 100 points"
    return Meter(said, points).svg()


def rate_by_month(
    card: Card, measure_id: str, *, title: str, width: float = WIDE, course: Course | None = None
) -> Svg:
    """Return a rate month by month with its target, and the limits of its p-chart."""
    values = _monthly(card.months, measure_id)
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    target = card.method.target(measure_id)
    described = "No month is known."
    last_label = ""
    if known:
        last_label = formatting.percent(known[-1][1])
        began, ended = (formatting.month(card.months[known[end][0]].month) for end in (0, -1))
        described = (
            f"{formatting.percent(known[0][1])} in {began}, {last_label} in {ended}; "
            f"lowest {formatting.percent(min(value for _, value in known))}."
        )
    has_limits = course is not None and course.has_chart
    if course is not None and has_limits:
        beyond = formatting.count(len(course.outside), "month")
        described += f" {beyond.capitalize()} outside the limits."
    months = course.months if course is not None and has_limits else ()
    return LineChart(
        title=title,
        description=described,
        first_month=card.months[0].month if card.months else 0,
        values=values,
        unit=Unit.PERCENT,
        target=target,
        target_label="" if target is None else f"target {formatting.percent(target, 0)}",
        lower_limits=tuple(month.lower for month in months),
        upper_limits=tuple(month.upper for month in months),
        limit_label="3σ limit" if has_limits else "",
        outside=course.outside if course is not None and has_limits else (),
        last_label=last_label,
    ).svg(width=width)


def defects_by_month(card: Card) -> Svg:
    """Return parts per million month by month with their limit."""
    values = _monthly(card.months, "ppm")
    known = [value for value in values if value is not None]
    limit = card.method.limits["ppm"]
    described = f"Highest {formatting.ppm(max(known))}." if known else "No month is known."
    return ColumnChart(
        title="Defects by month of receipt",
        description=described,
        first_month=card.months[0].month if card.months else 0,
        values=values,
        unit=Unit.PPM,
        limit=limit,
        limit_label=f"limit {formatting.number(limit)}",
    ).svg(width=WIDE, height=180)


def days_histogram(
    days: Mapping[int, int], *, title: str, axis: str, marks: Sequence[tuple[float | None, str]]
) -> Svg:
    """Return how many lines took how many days, with percentiles marked."""
    lines = sum(days.values())
    first, last = (min(days), max(days)) if days else (0, 0)
    told = [
        Mark(day, f"{name} {formatting.days(day, 0)}") for day, name in marks if day is not None
    ]
    described = f"{formatting.count(lines, 'completed line')}, {first} to {last} days."
    counts = tuple(days.get(day, 0) for day in range(first, last + 1))
    return DayHistogram(title, described, first, counts, tuple(told), axis).svg(width=NARROW)


def risk_staircase(card: RiskCard) -> Svg:
    """Return the index as parts that add up, unknown ones in their place."""
    result = card.result
    steps = [_step(LABELS[each.id], result.contributions.get(each.id)) for each in card.dimensions]
    if result.imbalance is not None:
        steps.append(_step("Imbalance", result.imbalance, is_extra=True))
    text = formatting.number(result.value, 1) if result.value is not None else "not rated"
    return Staircase(
        title="What the risk index is made of",
        description=", ".join(f"{step.label} {step.text}" for step in steps) + f"; index {text}.",
        steps=tuple(steps),
        total=result.value,
        total_label="Index",
        total_text=text,
    ).svg(width=NARROW, label_width=80)


def causes_of_misses(causes: Mapping[str | None, int]) -> Svg:
    """Return whose doing the misses were, as people judged them."""
    missed = sum(causes.values())
    bars = tuple(
        Bar(
            CAUSE_WORDS[cause] if cause else "not judged yet",
            n,
            f"{formatting.number(n)} · {formatting.percent(n / missed, 0)}",
            cause in OURS,
        )
        for cause, n in causes.items()
    )
    described = ", ".join(f"{bar.label} {bar.text}" for bar in bars)
    return BarChart("Whose doing the misses were", described, bars).svg(width=NARROW)


def _step(label: str, value: float | None, *, is_extra: bool = False) -> Step:
    text = formatting.NO_DATA if value is None else formatting.signed(value, 1)
    return Step(label, value, text, is_extra)


def _monthly(months: Sequence[MonthFigures], measure_id: str) -> tuple[float | None, ...]:
    return tuple(month.measures[measure_id].value for month in months)
