"""The delivery page: every way of counting, causes, ages, what is left out, the months."""

from __future__ import annotations

from app.base import formatting
from app.base.charts import Bar, BarChart, IntervalStrip
from app.base.formatting import NARROW_SPACE
from app.calc.measure import Measure
from app.facts.deliveries.lines import line_words
from app.judgement.scorecards import absences as why
from app.reviews.packs.basis import OTIF, Basis
from app.reviews.packs.building import misses, series, states, wording
from app.reviews.packs.content import Delivery
from app.reviews.packs.parts import Column, Figure, LeftOut, Panel, Sign, State, Table

# The contractual way first; the others are told on this page only.
WAYS = (
    OTIF, "otif_order", "otif_unit", "otif_value", "otd", "otd_original", "otd_current",
    "otd_requested", "otd_dock", "in_full", "fill_unit",
)  # fmt: skip
LEVELS = ("otif_order", "otif_unit", "otif_value", "fill_unit")
LEVELS_TOGETHER = "OTIF by order, unit, value"
EVERY_OTHER_WAY = "On time, in full, every other way"
VERY_EARLY_DAYS = 5
CLEAR_TRANSIT = 0.02
HIGHEST_START, STEP = 0.7, 0.1
CONTRACTUAL = "{} (the contractual one)"


def delivery(basis: Basis) -> Delivery:
    """Return the delivery page."""
    start = _scale_start(basis)
    return Delivery(
        reading=reading(basis),
        otif=series.leading_panel(basis),
        figures=_figures(basis, start),
        causes=misses.causes_panel(basis),
        ages=_ages(basis),
        left_out=left_out(basis),
        months=_months(basis),
        scale=f"{formatting.number(start * 100)} – 100{NARROW_SPACE}%, target dashed",
    )


def reading(basis: Basis) -> str:
    """Return what the page says in one or two sentences."""
    lead = basis.year[basis.primary]
    if lead.value is None:
        return f"{wording.label(basis.primary)} is unknown. {wording.statement(lead.reason or '')}"
    told = (
        f"{wording.label(lead.id)} was {wording.value(lead)} of "
        f"{formatting.count(lead.n or 0, 'line')} in the {basis.year.words}"
    )
    if basis.focus is not None and basis.focus[lead.id].value is not None:
        own = basis.focus[lead.id]
        told += (
            f", {wording.value(own)} of {formatting.count(own.n or 0, 'line')} in "
            f"{basis.focus.named}"
        )
    missed = basis.missed_lines
    if not missed:
        return f"{told}. No line was missed.{_transit(basis)}"
    worst = misses.reason_counts(basis).most_common(1)[0]
    most = "all of them" if worst[1] == missed else f"{formatting.number(worst[1])} of them"
    return (
        f"{told}. {formatting.count(missed, 'line was', 'lines were')} missed, {most} {worst[0]}."
        f"{_transit(basis)}"
    )


def _transit(basis: Basis) -> str:
    """Say what our own carriers add where the supplier's duty ends at hand-over or dispatch."""
    agreed, dock = basis.year["otd"], basis.year["otd_dock"]
    if agreed.value is None or dock.value is None or agreed.value - dock.value < CLEAR_TRANSIT:
        return ""
    return (
        f" At our dock only {wording.value(dock)} were on time: the rest is transit, which is ours "
        "by the Incoterm."
    )


def left_out(basis: Basis) -> tuple[LeftOut, ...]:
    """Return the lines of the 12 months that count in no rate, by reason."""
    found = [
        LeftOut(line_words.reason_words(reason), formatting.number(lines))
        for reason, lines in basis.excluded.items()
    ]
    pending = basis.year.scored.population["n_pending"]
    if pending:
        words = f"window not yet closed on {formatting.long_day(basis.as_of)}"
        found.append(LeftOut(words, formatting.number(pending)))
    unknown = basis.year[basis.primary].unknown
    if unknown and basis.year[basis.primary].value is not None:
        words = f"due, but {wording.in_sentence(basis.primary)} cannot be judged"
        found.append(LeftOut(words, formatting.number(unknown)))
    return tuple(found)


def _figures(basis: Basis, start: float) -> tuple[Figure, ...]:
    found = [_figure(basis, basis.year[basis.primary], start, name=_lead_name(basis))]
    if basis.focus is not None:
        own = basis.focus[basis.primary]
        name = f"{wording.label(basis.primary)}, {basis.focus.words}"
        found.append(_figure(basis, own, start, name=name))
    if all(basis.year[way].value is None for way in WAYS):
        return (found[0], _figure(basis, basis.year["in_full"], start, name=EVERY_OTHER_WAY))
    if _is_blind_on_levels(basis):
        found += [_figure(basis, basis.year[OTIF], start)]
        found += [_figure(basis, basis.year[LEVELS[0]], start, name=LEVELS_TOGETHER)]
        ways = [way for way in WAYS if way not in (OTIF, *LEVELS)]
    else:
        ways = list(WAYS)
    ways = [way for way in ways if way != basis.primary and not _says_nothing_new(basis, way)]
    found += [_figure(basis, basis.year[way], start) for way in ways]
    return (*found, _open(basis), _very_early(basis))


def _is_blind_on_levels(basis: Basis) -> bool:
    """Whether OTIF leads nowhere: then its levels lack the same fact and share a row."""
    return basis.primary != OTIF and all(basis.year[way].value is None for way in LEVELS)


def _says_nothing_new(basis: Basis, way: str) -> bool:
    """Leave out the fill rate where no day before the window fails a line: it is OTIF by unit."""
    return way == "fill_unit" and basis.year[way].value == basis.year["otif_unit"].value


def _lead_name(basis: Basis) -> str:
    return CONTRACTUAL.format(wording.label(basis.primary))


def _figure(basis: Basis, measure: Measure, start: float, *, name: str = "") -> Figure:
    return Figure(
        label=name or wording.label(measure.id),
        value=wording.value(measure),
        interval=wording.interval_or_reason(measure),
        n=wording.count(measure.n),
        counted=_counted(basis, measure),
        target=wording.target(measure.id, basis.method.target(measure.id)),
        state=states.shown_state(basis, measure),
        strip=_strip(basis, measure, start),
    )


def _counted(basis: Basis, measure: Measure) -> str:
    if measure.id != "otif_value" or measure.value is None:
        return wording.counted(measure)
    part, whole = measure.numerator or 0.0, measure.denominator or 0.0
    unit = basis.head.currency or ""
    scale, word = (1e6, " m") if whole >= 1e6 else (1e3, " k")
    top, bottom = (formatting.number(each / scale, 2) for each in (part, whole))
    return f"{top} of {bottom}{word} {unit}".rstrip()


def _strip(basis: Basis, measure: Measure, start: float) -> IntervalStrip:
    return IntervalStrip(
        wording.value(measure),
        measure.value,
        measure.lo,
        measure.hi,
        basis.method.target(measure.id),
        start=start,
        end=1.0,
    )


def _scale_start(basis: Basis) -> float:
    """Return where the strips begin: at 70 %, or lower where a value or interval is lower."""
    lowest = HIGHEST_START
    for way in WAYS:
        measure = basis.year[way]
        known = [each for each in (measure.lo, measure.value) if each is not None]
        lowest = min([lowest, *known])
    return max(0.0, int(lowest / STEP + 1e-9) * STEP)


def _open(basis: Basis) -> Figure:
    if basis.open_lines is None:
        return Figure(
            wording.label("open_past_due"),
            formatting.NO_DATA,
            wording.SHORT_REASONS[why.OPEN_IS_LIVE],
            "",
            state=states.NOT_JUDGED,
        )
    lines = basis.open_lines.lines
    oldest = basis.oldest_open_days
    sign, words = (Sign.ACT, formatting.count(lines, "line")) if lines else (Sign.FINE, "none")
    return Figure(
        wording.label("open_past_due"),
        formatting.number(lines),
        "" if not lines or oldest is None else f"oldest {oldest}{NARROW_SPACE}d",
        formatting.number(lines),
        target="0",
        state=State(sign, words),
    )


def _very_early(basis: Basis) -> Figure:
    name = f"More than {VERY_EARLY_DAYS} days early"
    completed = basis.year["lateness_mean"]
    if completed.value is None:
        reason = wording.short_reason(completed)
        return Figure(name, formatting.NO_DATA, reason, "0", state=states.NOT_JUDGED)
    early = basis.year.scored.population["n_very_early"]
    n = wording.count(completed.n)
    share = formatting.percent(early / completed.n) if completed.n else ""
    return Figure(name, formatting.number(early), share, n, counted=f"{early:,} of {n}")


def _ages(basis: Basis) -> Panel:
    heading = "Open past due, by age"
    day = formatting.long_day(basis.as_of)
    found = basis.open_lines
    if found is None:
        return Panel(heading, "", None, wording.lowered(why.OPEN_IS_LIVE))
    if not found.lines:
        return Panel(heading, "", None, f"No line was open past due on {day}.", is_fact=True)
    bars = tuple(
        Bar(name, lines, formatting.count(lines, "line"))
        for name, lines in (
            ("1 – 7 d", found.days_1_7),
            ("8 – 30 d", found.days_8_30),
            ("over 30 d", found.days_over_30),
        )
    )
    told = ", ".join(f"{bar.text} {bar.label}" for bar in bars)
    words = formatting.count(found.lines, "line")
    return Panel(heading, f"{words}, as of {day}.", BarChart(heading, f"{told}.", bars))


def _months(basis: Basis) -> Table:
    heading, note = "By month", "A line belongs to the month in which its due window ends."
    columns = (
        Column("Month", 19, is_number=False),
        Column("Lines", 13),
        Column("OTIF", 17),
        Column("On time", 17),
        Column("In full", 17),
        Column("Late, mean", 17),
    )
    if not any(month.measures["otd"].n for month in series.last_year(basis)):
        missing = basis.year["otd"].reason or ""
        return Table(heading, note, columns, (), missing=missing)
    ways = (OTIF, "otd", "in_full", "lateness_mean")
    rows = tuple(
        (
            formatting.month(month.month),
            formatting.number(month.measures["otd"].n or 0),
            *(series.cell(month.measures[way]) for way in ways),
        )
        for month in series.last_year(basis)
    )
    return Table(heading, note, columns, rows)
