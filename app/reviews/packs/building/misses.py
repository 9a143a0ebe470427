"""Missed lines: the worst of them told one by one, and all of them by cause."""

from __future__ import annotations

from collections import Counter

from app.base import formatting
from app.base.charts import Bar, BarChart
from app.facts.deliveries.lines import line_words
from app.reviews.packs.basis import ON_TIME, Basis, ToldLine
from app.reviews.packs.building import wording
from app.reviews.packs.content import Misses
from app.reviews.packs.parts import Miss, Panel

OURS, SUPPLIER = "buyer", "supplier"
UNATTRIBUTED = "unattributed"
MOST_BARS = 6
ON_SHEET = 3
TIMES = {1: "once", 2: "twice"}


def misses(basis: Basis) -> Misses:
    """Return the worst missed lines of the 12 months with what happened to them."""
    lines = tuple(_told(basis, each) for each in basis.worst)
    if not lines:
        return Misses("", (), none_words(basis), is_fact=_is_known(basis))
    return Misses(_reading(basis, len(lines)), lines)


def on_sheet(basis: Basis) -> tuple[Miss, ...]:
    """Return the few worst missed lines that a one-page scorecard has room for."""
    return tuple(_told(basis, each, in_short=True) for each in basis.worst[:ON_SHEET])


def causes_panel(basis: Basis) -> Panel:
    """Return the missed lines by cause as people attributed them, else by what happened."""
    total = basis.missed_lines
    heading = f"How the {formatting.count(total, 'line was', 'lines were')} missed"
    if not total:
        is_fact = _is_known(basis)
        return Panel("How lines were missed", "", None, none_words(basis), is_fact=is_fact)
    if _is_attributed(basis):
        bars, reading = _by_cause(basis), _cause_reading(basis)
    else:
        bars = _by_reason(basis)
        reading = "By what happened; nobody has attributed a cause yet."
    told = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    return Panel(heading, reading, BarChart("Missed lines by cause", f"{told}.", bars))


def cause_counts(basis: Basis) -> Counter[str | None]:
    """Return how many missed lines each party caused; None: nobody has judged."""
    counted: Counter[str | None] = Counter()
    for group in basis.missed:
        counted[group.cause] += group.lines
    return counted


def reason_counts(basis: Basis) -> Counter[str]:
    """Return how many missed lines failed in which way, in words."""
    counted: Counter[str] = Counter()
    for group in basis.missed:
        counted[line_words.reason_words(group.reason) or "not on time"] += group.lines
    return counted


def _told(basis: Basis, told: ToldLine, *, in_short: bool = False) -> Miss:
    line = told.line
    number = line.label if line.schedule_no == "1" else f"{line.label} / {line.schedule_no}"
    return Miss(
        order_line=number,
        part=line.part_name or line.part_number or "",
        ordered=formatting.quantity(line.quantity_due or line.quantity_ordered),
        due=formatting.day(line.window_end_on),
        happened=_story(told) if in_short else _happened(told),
        cause=_cause(told),
        late=_late(basis, told),
    )


def _story(told: ToldLine) -> str:
    return line_words.story(told.line, told.arrivals)


def _happened(told: ToldLine) -> str:
    words = _story(told)
    if told.moved:
        often = TIMES.get(told.moved, f"{told.moved} times")
        words += f"; promise moved {often} by the supplier"
    if told.has_stopped_us:
        words += "; stopped one of our lines"
    return words


def _cause(told: ToldLine) -> str:
    if told.line.cause is None:
        return UNATTRIBUTED
    party = line_words.CAUSE_WORDS.get(told.line.cause, told.line.cause)
    return f"{party} · {wording.lowered(told.note)}" if told.note else party


def _late(basis: Basis, told: ToldLine) -> str:
    if told.is_open or told.line.lateness_days is not None:
        return line_words.late_words(told.line, as_of=basis.as_of)
    return "–"


def _reading(basis: Basis, shown: int) -> str:
    total = basis.missed_lines
    what = "not on time" if basis.primary == ON_TIME else "missed"
    told = f"{formatting.count(total, 'line was', 'lines were')} {what} in the {basis.year.words}."
    if total > shown:
        told += (
            f" These {shown} stopped us, or have waited or waited longest; the others stand in "
            "the list behind the figure."
        )
    return told


def none_words(basis: Basis) -> str:
    """Return why there is no missed line to tell of."""
    lead = basis.year[basis.primary]
    if lead.value is None:
        return wording.statement(lead.reason or "")
    return f"No line was missed in the {basis.year.words}."


def _is_known(basis: Basis) -> bool:
    return basis.year[basis.primary].value is not None


def _is_attributed(basis: Basis) -> bool:
    return any(group.cause is not None for group in basis.missed)


def _by_cause(basis: Basis) -> tuple[Bar, ...]:
    """Return bars by note where few notes are used, else by party; what is ours drawn open."""
    noted: Counter[tuple[str | None, str]] = Counter()
    party: Counter[tuple[str | None, str]] = Counter()
    for group in basis.missed:
        name = _party(group.cause)
        noted[group.cause, wording.lowered(group.note) if group.note else name] += group.lines
        party[group.cause, name] += group.lines
    chosen = noted if len(noted) <= MOST_BARS else party
    return tuple(
        Bar(name, lines, _share(lines, basis.missed_lines), is_ours=cause == OURS)
        for (cause, name), lines in sorted(chosen.items(), key=lambda item: (-item[1], item[0][1]))
    )


def _by_reason(basis: Basis) -> tuple[Bar, ...]:
    return tuple(
        Bar(name, lines, _share(lines, basis.missed_lines))
        for name, lines in reason_counts(basis).most_common(MOST_BARS)
    )


def _cause_reading(basis: Basis) -> str:
    ours = cause_counts(basis)[OURS]
    if not ours:
        return "As our people attributed them; none is our own doing."
    share = formatting.percent(ours / basis.missed_lines, 0)
    return f"As our people attributed them. Open bars: our own doing, {share}."


def _party(cause: str | None) -> str:
    return UNATTRIBUTED if cause is None else line_words.CAUSE_WORDS.get(cause, cause)


def _share(lines: int, total: int) -> str:
    return f"{formatting.number(lines)} · {formatting.percent(lines / total, 0)}"
