"""The lead-time page: how long lines take, how late they come, by part."""

from __future__ import annotations

from app.base import formatting
from app.base.charts import DayHistogram, Mark
from app.base.formatting import NARROW_SPACE
from app.calc.measure import Measure
from app.judgement.scorecards import absences as why
from app.reviews.packs.basis import Basis
from app.reviews.packs.building import states, wording
from app.reviews.packs.content import LeadTime
from app.reviews.packs.parts import Column, Figure, Panel, Table

STABLE, MODERATE = 0.15, 0.30
PLANNING = (
    "Plan with the spread within parts (B) where orders are released by mean lead time, with "
    "the lateness spread (A) where they are released by promised date."
)
NAMES = {
    "lt_sd": "Lead time, spread, parts mixed",
    "ltv_A": "Lateness spread (A), scored",
    "ltv_A_raw": "Lateness spread (A), raw",
    "ltv_B": "Spread within parts (B)",
    "lt_cv": "Variation, spread ÷ mean",
}


def lead_time(basis: Basis) -> LeadTime:
    """Return the lead-time page."""
    return LeadTime(
        reading=reading(basis),
        taken=_taken(basis),
        lateness=_lateness(basis),
        figures=_figures(basis),
        notes=_notes(basis),
        parts=_parts(basis),
    )


def reading(basis: Basis) -> str:
    """Return what the page says in one or two sentences."""
    half, most = basis.year["lt_p50"], basis.year["lt_p90"]
    late = basis.year["lateness_p90"]
    told = []
    if half.value is None or most.value is None:
        told.append(f"Lead time is unknown. {wording.statement(half.reason or '')}")
    else:
        told.append(
            f"Half of the completed lines took {_days(half.value)} or less from order to "
            f"complete, one in ten more than {_days(most.value)}."
        )
    if late.value is not None:
        told.append(_lateness_sentence(late.value))
    return " ".join(told)


def _lateness_sentence(late: float) -> str:
    if late <= 0:
        return "Nine in ten came on their day or before it."
    return f"One in ten came more than {_days(late)} late."


def _taken(basis: Basis) -> Panel:
    heading = "Lead time, order to complete"
    half, most = basis.year["lt_p50"], basis.year["lt_p90"]
    if not basis.lead_time_days or half.value is None or most.value is None:
        return Panel(heading, "", None, half.reason or "")
    marks = (
        Mark(half.value, f"P50 {_days(half.value)}"),
        Mark(most.value, f"P90 {_days(most.value)}"),
    )
    lines = sum(basis.lead_time_days.values())
    reading = f"{formatting.count(lines, 'completed line')}.{_open_words(basis)}"
    first, counts = _dense(basis.lead_time_days)
    longest = max(basis.lead_time_days)
    return Panel(
        heading,
        reading,
        DayHistogram(
            "Lead time in days",
            f"{marks[0].label}, {marks[1].label}, longest {_days(longest)}.",
            first_day=first,
            counts=counts,
            marks=marks,
            axis="days from order to complete",
        ),
    )


def _lateness(basis: Basis) -> Panel:
    heading = "Days late"
    most = basis.year["lateness_p95"]
    if not basis.lateness_days or most.value is None:
        return Panel(heading, "", None, most.reason or "")
    first, counts = _dense(basis.lateness_days)
    lines = sum(basis.lateness_days.values())
    late = sum(count for days, count in basis.lateness_days.items() if days > 0)
    return Panel(
        heading,
        f"{formatting.number(late)} of {formatting.count(lines, 'completed line')} came late; "
        "early is negative.",
        DayHistogram(
            "Days late",
            f"P95 {_signed(most.value)}; {formatting.number(late)} lines late.",
            first_day=first,
            counts=counts,
            marks=_late_marks(most.value),
            axis="days late",
        ),
    )


def _late_marks(most: float) -> tuple[Mark, ...]:
    own = Mark(most, f"P95 {_signed(most)}")
    return (Mark(0, "reference date"), own) if most else (Mark(0, "reference date = P95"),)


def _figures(basis: Basis) -> tuple[Figure, ...]:
    year = basis.year
    if year["lt_mean"].value is None and year["lateness_mean"].value is None:
        return (_figure(basis, year["lt_mean"], name="Lead time and lateness, every figure"),)
    found = [_figure(basis, year["lt_mean"]), _percentiles(basis)]
    found += [_figure(basis, year[name]) for name in ("ltv_A", "ltv_A_raw", "ltv_B", "lt_sd")]
    found.append(_figure(basis, year["lt_cv"], note=_variation(year["lt_cv"])))
    found.append(_figure(basis, year["lateness_mean"]))
    if basis.focus is not None:
        for name in ("lt_p90", "ltv_A"):
            label = f"{NAMES.get(name, wording.label(name))}, {basis.focus.words}"
            found.append(_figure(basis, basis.focus[name], name=label))
    return tuple(found)


def _figure(basis: Basis, measure: Measure, *, name: str = "", note: str = "") -> Figure:
    unknown = measure.value is None
    if not note and measure.id == "ltv_A":
        note = "early counted as 0"
    return Figure(
        label=name or NAMES.get(measure.id, wording.label(measure.id)),
        value=wording.value(measure),
        interval=wording.short_reason(measure) if unknown else note,
        n=wording.count(measure.n),
        target=wording.target(measure.id, basis.method.target(measure.id)),
        state=states.shown_state(basis, measure),
    )


def _percentiles(basis: Basis) -> Figure:
    half, most = basis.year["lt_p50"], basis.year["lt_p90"]
    if half.value is None or most.value is None:
        return _figure(basis, half, name="Lead time, P50 / P90")
    shown = f"{_plain(half.value)} / {_days(most.value)}"
    return Figure("Lead time, P50 / P90", shown, "", wording.count(half.n))


def _variation(measure: Measure) -> str:
    if measure.value is None:
        return ""
    if measure.value <= STABLE:
        return "stable"
    return "moderate" if measure.value <= MODERATE else "erratic"


def _notes(basis: Basis) -> tuple[str, ...]:
    found = []
    if basis.year["lt_p90"].value is not None and basis.oldest_open_days is not None:
        found.append(
            "Open lines are not in these figures; the oldest has been due for "
            f"{formatting.count(basis.oldest_open_days, 'day')}, so the true P90 is longer."
        )
    backwards = sum(lines for days, lines in basis.lead_time_days.items() if days < 0)
    if backwards:
        were = formatting.count(backwards, "completed line bears", "completed lines bear")
        found.append(
            f"{were} an order date after the receipt. They count as they stand; check the dates."
        )
    if basis.year["ltv_B"].value is not None:
        found.append(PLANNING)
    return tuple(found)


def _parts(basis: Basis) -> Table:
    heading = "By part"
    columns = (
        Column("Part", 40, is_number=False),
        Column("Lines due", 12),
        Column("Completed", 12),
        Column("Mean", 12),
        Column("Spread", 12),
        Column("Late, mean", 12),
    )
    if not basis.parts:
        missing = "no due line names its part."
        if not basis.year.scored.population["n_due"]:
            missing = wording.lowered(why.NO_LINES)
        return Table(heading, "", columns, (), missing=missing)
    rows = tuple(
        (
            _part_name(part.number, part.name),
            formatting.number(part.lines),
            formatting.number(part.completed),
            formatting.days(part.mean),
            formatting.days(part.sd),
            _signed_or_none(part.lateness_mean),
        )
        for part in basis.parts
    )
    which = (
        "The part with due lines."
        if len(rows) == 1
        else (
            f"The {len(rows)} parts with most due lines. Spread: standard deviation of lead time."
        )
    )
    return Table(heading, which, columns, rows)


def _part_name(number: str, name: str | None) -> str:
    return f"{number} · {name}" if name and name != number else number


def _open_words(basis: Basis) -> str:
    if basis.open_lines is None or not basis.open_lines.lines:
        return ""
    lines = basis.open_lines.lines
    oldest = "" if basis.oldest_open_days is None else f", oldest {basis.oldest_open_days} days"
    return f" {formatting.number(lines)} open ones stand apart{oldest}."


def _dense(days: dict[int, int]) -> tuple[int, tuple[int, ...]]:
    """Return the first day and the counts without holes."""
    first, last = min(days), max(days)
    return first, tuple(days.get(day, 0) for day in range(first, last + 1))


def _plain(days: float) -> str:
    return formatting.number(days, 0 if float(days).is_integer() else 1)


def _days(days: float) -> str:
    return f"{_plain(days)}{NARROW_SPACE}d"


def _signed(days: float) -> str:
    return f"{formatting.signed(days, 0 if float(days).is_integer() else 1)}{NARROW_SPACE}d"


def _signed_or_none(days: float | None) -> str:
    return formatting.NO_DATA if days is None else f"{formatting.signed(days)}{NARROW_SPACE}d"
