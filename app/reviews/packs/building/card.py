"""The scorecard: its rows, its total, the standing, the large figures, the points lost."""

from __future__ import annotations

from decimal import Decimal

from app.base import formatting
from app.base.charts import Bar, BarChart
from app.base.formatting import EN_DASH, NARROW_SPACE
from app.calc.grading import CapReason, GradeCap
from app.calc.measure import Measure
from app.calc.rate_trend import TrendWord
from app.calc.scoring import COVERAGE_PROVISIONAL, ScorePart, ScoreResult, ScoreState
from app.judgement.scorecards.course import Course
from app.judgement.scorecards.wording import (
    grade_text,
    possible_text,
    prior_line_text,
    range_text,
    trend_text,
)
from app.reviews.packs.basis import ON_TIME, OTIF, Basis, Window
from app.reviews.packs.building import states, wording
from app.reviews.packs.building.sums import contributions
from app.reviews.packs.content import Scorecard
from app.reviews.packs.parts import KeyFigure, MeasureRow, Panel, ScoreTotal, Standing

NOT_RATED = "not rated"
SHARED_OUT = "shared out"
# Labels that the card's first column is too narrow for.
ROW_LABELS = {
    "disruptions": "stops, premium freight",
    "readiness": "readiness",
}
HUNDRED = 100
MOST_LOST = 9
READING = (
    "Value, interval and n speak of the {year}; points lie between fixed anchors, 0 to 100; "
    "contribution is weight × points ÷ 100. The contributions add up, and are divided by the "
    "share of the weight that has data. “Falling” and “rising” say that {spoken} is worse "
    "than the 12 months before it by more than chance explains."
)
CAPS = {
    CapReason.OPEN_CRITICAL_SCAR: "An open critical corrective action",
    CapReason.OTIF_BELOW_FLOOR: "OTIF below its floor of {floor} in two full quarters",
    CapReason.SAFETY_ESCAPE: "A safety escape",
    CapReason.SUPPLIER_LINE_STOP: "A line stop caused by the supplier",
}


def scorecard(basis: Basis) -> Scorecard:
    """Return the scorecard page."""
    reading = READING.format(year=basis.year.words, spoken=basis.spoken.named)
    return Scorecard(reading, rows(basis), total(basis), notes(basis), lost(basis))


def rows(basis: Basis) -> tuple[MeasureRow, ...]:
    """Return a row for every scored measure; the printed contributions add up to the total."""
    parts = basis.year.scored.result.parts
    shares = iter(_printed(basis.year.scored.result)[0])
    return tuple(_row(basis, part, None if part.points is None else next(shares)) for part in parts)


def total(basis: Basis) -> ScoreTotal:
    """Return the closing row of the scorecard."""
    result, sure = basis.year.scored.result, basis.year.scored.sure
    _, printed = _printed(result)
    is_rated = result.score is not None
    return ScoreTotal(
        score=formatting.score(result.score) if is_rated else NOT_RATED,
        interval="" if sure is None else range_text(sure),
        grade=grade_text(result.grade, sure),
        division=f"{printed} ÷ {formatting.number(result.coverage, 2)}" if is_rated else "",
        weight=str(HUNDRED),
        contribution=str(printed) if _is_any_scored(result) else EN_DASH,
    )


def standing(basis: Basis, *, on_sheet: bool = False) -> Standing:
    """Return where the supplier stands, and why; `on_sheet`: as short as one page wants it."""
    result = basis.year.scored.result
    return Standing(
        grade=grade_text(result.grade, basis.year.scored.sure),
        score=_score_words(result),
        previous=_previous(basis.year_before),
        coverage=formatting.percent(result.coverage, 0),
        bounds=_bounds(result),
        notes=_short_notes(basis) if on_sheet else notes(basis),
    )


def notes(basis: Basis) -> tuple[str, ...]:
    """Return in sentences what explains the grade: caps, missing data, small samples."""
    missing = _missing_sentences(basis.year.scored.result)
    return (
        *_standing_told(basis), *_caps_told(basis), *_chance(basis), *missing,
        *_weaknesses(basis), _trend(basis.course), *_restated(basis), *_carried(basis),
    )  # fmt: skip


def _short_notes(basis: Basis) -> tuple[str, ...]:
    result = basis.year.scored.result
    told = [*_caps_told(basis), *_chance(basis), *_restated(basis)]
    # A line of its own may be the one too many for the page.
    told = [" ".join((*_standing_told(basis), *told[:1])), *told[1:]]
    missing = sum(part.weight for part in result.parts if part.points is None)
    if not missing:
        return tuple(filter(None, told))
    bounds = f"if the missing were 0 / 100: {_bounds(result)}."
    if result.score is None:
        known = formatting.percent(result.coverage, 0)
        needed = f"{COVERAGE_PROVISIONAL}{NARROW_SPACE}% are needed"
        told.append(f"Not rated: {known} of the weight has data, {needed}; {bounds}")
    else:
        told.append(f"The weight of {missing} without data is shared out; {bounds}")
    return tuple(filter(None, told))


def _standing_told(basis: Basis) -> list[str]:
    return [basis.standing] if basis.standing else []


def _caps_told(basis: Basis) -> list[str]:
    result = basis.year.scored.result
    told = [_cap_sentence(basis, cap) for cap in result.caps]
    if result.caps and result.grade is not None and result.grade != result.grade_before_caps:
        told.append(f"The score alone would earn {result.grade_before_caps}.")
    return told


def _chance(basis: Basis) -> list[str]:
    """Say that another grade lies within what chance allows, where it does."""
    sure = basis.year.scored.sure
    if sure is None or not sure.is_open:
        return []
    return [f"±: by chance alone {possible_text(sure)}, sampling range {range_text(sure)}."]


def _restated(basis: Basis) -> list[str]:
    """Say that the published card restates an earlier one, and why."""
    head = basis.restated
    if head is None:
        return []
    on = formatting.day(head.published_at.date())
    return [f"Restated on {on}. {head.restated_because} What was published before stays."]


def _carried(basis: Basis) -> list[str]:
    """Tell the corrections of closed periods that were too small to restate them."""
    return [
        prior_line_text(
            f"From a closed period: the 12 months to {formatting.day(each.period_end)}",
            score=(each.score_before, each.score_after),
            because=each.because,
        )
        for each in basis.carried
    ]


def _trend(course: Course) -> str:
    """Return the trend in a word and what it makes over the year, or what is missing for one."""
    told = trend_text(course)
    if course.word is TrendWord.TOO_SHORT or course.change is None:
        return f"{wording.raised(told)}."
    points = formatting.signed(course.change * HUNDRED, 1)
    told = wording.lowered(told)
    return f"Trend of {told}, {points} points over {course.window} months by its median slope."


def _weaknesses(basis: Basis) -> tuple[str, ...]:
    """Return in one sentence each why figures that stand are weak."""
    return tuple(
        f"{wording.label(part.measure_id)}: {wording.lowered(reason)}"
        for part in basis.year.scored.result.parts
        if part.measure_id and part.value is not None
        if (reason := basis.year[part.measure_id].reason)
    )


def key_figures(basis: Basis) -> tuple[KeyFigure, ...]:
    """Return the large figures: the period and the 12 months of what leads, then the rest."""
    year, lead = basis.year, basis.primary
    found = []
    if lead == ON_TIME:
        found.append(KeyFigure(wording.label(OTIF), formatting.NO_DATA, "", _why(year[OTIF])))
    if basis.focus is not None:
        found.append(_large(basis.focus[lead], f"{wording.label(lead)}, {basis.focus.words}"))
        found.append(_large(year[lead], f"{wording.label(lead)}, 12 months"))
    else:
        found.append(_large(year[lead], wording.label(lead)))
    found.append(_defects(basis))
    if lead == OTIF:
        found.append(_spread(year))
    if basis.focus is None:
        found.append(_lead_time(year))
    return (*found, _coverage(year.scored.result))[:5]


def lost(basis: Basis) -> Panel:
    """Return the points that each measure costs, most first."""
    heading = "Where the points are lost"
    result = basis.year.scored.result
    costs = [
        (part, part.weight * (HUNDRED - part.points) / HUNDRED)
        for part in result.parts
        if part.points is not None
    ]
    shown = [(part, cost) for part, cost in costs if formatting.half_up(cost, 2) > 0]
    if not costs:
        return Panel(heading, "", None, "no measure has data.")
    if not shown:
        return Panel(heading, "", None, "No scored measure loses a point.", is_fact=True)
    shown.sort(key=lambda each: -each[1])
    bars = tuple(
        Bar(_row_label(part), cost, formatting.number(cost, 2)) for part, cost in shown[:MOST_LOST]
    )
    first = f"{bars[0].label} costs {bars[0].text} points"
    return Panel(
        heading,
        "Weight × (100 − points) ÷ 100: what each measure costs, most first.",
        BarChart("Points lost by measure", f"{first}; the others less.", bars),
    )


def _row(basis: Basis, part: ScorePart, share: Decimal | None) -> MeasureRow:
    measure_id = part.measure_id or part.id
    measure = basis.year[measure_id]
    points = None if part.points is None else formatting.number(part.points, 1)
    missing = SHARED_OUT if measure.value is None else "too few"
    return MeasureRow(
        label=_row_label(part),
        value=wording.value(measure),
        interval=_beside(basis, measure),
        n=wording.count(measure.n),
        target=wording.target(measure_id, basis.method.target(measure_id)),
        state=states.scored_state(basis, measure, part_id=part.id, points=part.points),
        points=part.points,
        points_text=missing if points is None else points,
        weight=str(part.weight),
        contribution=EN_DASH if share is None else str(share),
    )


def _row_label(part: ScorePart) -> str:
    measure_id = part.measure_id or part.id
    name = ROW_LABELS.get(measure_id, wording.in_sentence(measure_id))
    return f"{part.category.capitalize()} · {name}"


def _beside(basis: Basis, measure: Measure) -> str:
    """Return what stands beside a value: interval, another short note, or the reason."""
    if measure.value is None:
        return wording.short_reason(measure)
    if measure.id == "ltv_A" and basis.year["lateness_p95"].value is not None:
        late = formatting.signed(basis.year["lateness_p95"].value, 0)
        return f"P95 {late}{NARROW_SPACE}d"
    if measure.id == "disruptions" and measure.value:
        return _events(basis.year)
    return wording.interval(measure)


def _events(window: Window) -> str:
    stops, freight = window["line_stops"].value or 0, window["premium_freight"].value or 0
    told = []
    if stops:
        told.append(formatting.count(int(stops), "stop"))
    if freight:
        told.append(f"{int(freight)} freight")
    return ", ".join(told)


def _printed(result: ScoreResult) -> tuple[list[Decimal], Decimal]:
    """Return the printed contributions of the parts with points, and their sum."""
    exact = [
        part.weight * part.points / HUNDRED for part in result.parts if part.points is not None
    ]
    return contributions(exact, score=result.score, share=result.coverage)


def _is_any_scored(result: ScoreResult) -> bool:
    return any(part.points is not None for part in result.parts)


def _score_words(result: ScoreResult) -> str:
    if result.score is None:
        return NOT_RATED
    words = f"{formatting.score(result.score)} of 100"
    return f"{words}, provisional" if result.state is ScoreState.PROVISIONAL else words


def _previous(before: Window | None) -> str:
    if before is None:
        return "first scorecard"
    result = before.scored.result
    if result.score is None:
        return "was not rated"
    return f"was {result.grade} {formatting.score(result.score)}"


def _bounds(result: ScoreResult) -> str:
    return wording.span(result.lower, result.upper) if result.coverage < 1 else ""


def _cap_sentence(basis: Basis, cap: GradeCap) -> str:
    if cap.reason is CapReason.HEAVY_MEASURE_AT_ZERO:
        part = next(p for p in basis.year.scored.result.parts if p.id == cap.measure_id)
        name = wording.label(part.measure_id or part.id)
        return f"{name}, weight {part.weight}, earned no points: at best {cap.limit}."
    floor = formatting.percent(basis.method.otif_floor, 0)
    return f"{CAPS[cap.reason].format(floor=floor)} caps the grade at {cap.limit}."


def _missing_sentences(result: ScoreResult) -> list[str]:
    missing = [part for part in result.parts if part.points is None]
    if not missing:
        return []
    weight = sum(part.weight for part in missing)
    names = wording.listed(wording.in_sentence(part.measure_id or part.id) for part in missing)
    bounds = (
        f"if they were 0 the score would be {formatting.number(result.lower, 1)}, if they were "
        f"100 it would be {formatting.number(result.upper, 1)}."
    )
    lacking = "No data" if all(part.value is None for part in missing) else "No data, or too few,"
    if result.score is None:
        known = formatting.percent(result.coverage, 0)
        return [
            f"Not rated: {known} of the weight has data, {COVERAGE_PROVISIONAL}{NARROW_SPACE}% are "
            f"needed. {lacking} for {names}; {bounds}"
        ]
    provisional = "Provisional. " if result.state is ScoreState.PROVISIONAL else ""
    return [
        f"{provisional}{lacking} for {names}: their weight of {weight} is shared out among the "
        f"others; {bounds}"
    ]


def _large(measure: Measure, label: str) -> KeyFigure:
    number, unit = wording.bare(measure)
    if measure.value is None:
        return KeyFigure(label, number, unit, _why(measure))
    note = f"n {wording.count(measure.n)}"
    if not measure.counts:
        note += ", too few"
    around = wording.interval(measure)
    return KeyFigure(label, number, unit, f"{note} · {around}" if around else note)


def _defects(basis: Basis) -> KeyFigure:
    ppm = basis.year["ppm"]
    number, unit = wording.bare(ppm)
    if ppm.value is None:
        return KeyFigure(wording.label("ppm"), number, unit, _why(ppm))
    limit = formatting.number(basis.method.limits["ppm"])
    return KeyFigure(wording.label("ppm"), number, unit, f"{wording.counted(ppm)} · limit {limit}")


def _spread(year: Window) -> KeyFigure:
    spread = year["ltv_A"]
    number, unit = wording.bare(spread)
    if spread.value is None:
        return KeyFigure(wording.label("ltv_A"), number, unit, _why(spread))
    late = year["lateness_p95"].value
    note = f"n {wording.count(spread.n)}"
    if late is not None:
        note += f" · P95 {formatting.signed(late, 0)}{NARROW_SPACE}d"
    return KeyFigure(wording.label("ltv_A"), number, unit, note)


def _lead_time(year: Window) -> KeyFigure:
    p90, p50 = year["lt_p90"], year["lt_p50"]
    if p90.value is None or p50.value is None:
        return KeyFigure(wording.label("lt_p90"), formatting.NO_DATA, "", _why(p90))
    number = formatting.number(p90.value, 0 if p90.value.is_integer() else 1)
    half = formatting.days(p50.value, 0 if p50.value.is_integer() else 1)
    note = f"P50 {half} · n {wording.count(p90.n)}"
    return KeyFigure(wording.label("lt_p90"), number, "days", note)


def _coverage(result: ScoreResult) -> KeyFigure:
    number = formatting.percent_figure(result.coverage, 0)
    if result.coverage == 1:
        return KeyFigure("Weight with data", number, "%", "every scored measure")
    return KeyFigure("Weight with data", number, "%", f"missing 0 / 100: {_bounds(result)}")


def _why(measure: Measure) -> str:
    return wording.short_reason(measure)
