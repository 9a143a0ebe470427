"""The summary: one paragraph of facts, what needs the meeting, the period beside the year.

Every sentence is a rule on figures that stand elsewhere in the pack; nothing is judged
that the figures do not say.
"""

from __future__ import annotations

from app.base import formatting
from app.calc.grading import Grade
from app.calc.measure import Measure
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.standing import meets
from app.reviews.packs.basis import ON_TIME, OTIF, Basis, Window
from app.reviews.packs.building import attention, card, misses, risk, states, wording
from app.reviews.packs.building.misses import OURS, SUPPLIER
from app.reviews.packs.content import Summary
from app.reviews.packs.parts import Column, Table

COMPARED = (
    OTIF, ON_TIME, "in_full", "ppm", "lot_accept", "ltv_A", "lt_p90", "ack_hours",
    "price_variance", "disruptions",
)  # fmt: skip
MOST_ASKS = 3
STANDING_ACTIONS = {
    Grade.C: "Agree an improvement plan within 30 days (standing action of grade C).",
    Grade.D: "Restrict new business and qualify a second source, or decide why not (standing "
    "action of grade D).",
}


def summary(basis: Basis) -> Summary:
    """Return the page that the head of procurement reads."""
    return Summary(
        sentences=sentences(basis),
        key_figures=card.key_figures(basis),
        risk=risk.panel(basis),
        attention=attention.attention(basis),
        periods=_periods(basis),
        decisions=_decisions(basis),
    )


def sentences(basis: Basis) -> tuple[str, ...]:
    """Return the one paragraph, a sentence each."""
    told = (
        _delivery(basis),
        _against_target(basis),
        _causes(basis),
        _defects(basis),
        _grade(basis),
        _risk(basis),
        _unknown(basis),
    )
    return tuple(each for each in told if each)


def _delivery(basis: Basis) -> str:
    lead = basis.primary
    now, before = basis.spoken, basis.spoken_before
    measure = now[lead]
    if measure.value is None and _is_silent(basis):
        return f"No line was due and nothing was received in the {basis.year.words}."
    if measure.value is None:
        return f"{wording.label(lead)} is unknown: {_because(measure)}"
    told = (
        f"{wording.label(lead)} was {wording.value(measure)} in {now.named} "
        f"(n {wording.count(measure.n)}, 95 % interval {wording.interval(measure)})"
    )
    earlier = None if before is None else before[lead]
    if before is None or earlier is None or earlier.value is None:
        return f"{told}; there is nothing to compare it with."
    told += f", after {wording.value(earlier)} in {before.named}"
    return f"{told}.{_chance(basis, lead)}"


def _is_silent(basis: Basis) -> bool:
    """Whether nothing was due and nothing came in the 12 months."""
    return not basis.year.scored.population["n_due"] and not basis.year["ppm"].n


def _chance(basis: Basis, measure_id: str) -> str:
    """Say whether the period differs from the 12 months before it by more than chance."""
    moved = states.change(measure_id, basis.spoken, basis.year_before)
    if moved is None or not moved.is_clear:
        return ""
    word = "worse" if moved.is_worse else "better"
    if basis.focus is None:
        return f" That is {word} by more than chance explains."
    whole = wording.value(moved.before)
    return f" Against {whole} in the 12 months before, it is {word} by more than chance explains."


def _against_target(basis: Basis) -> str:
    lead = basis.year[basis.primary]
    if lead.value is None:
        return ""
    if not lead.counts:
        return f"{wording.count(lead.n)} lines are too few to rate it."
    told = _stands(basis, lead)
    run = attention.months_below_floor(basis)
    if run < attention.LEAST_RUN:
        return f"{told}."
    since = formatting.month(basis.months[-run].month)
    floor = formatting.percent(basis.method.otif_floor, 0)
    return f"{told}; {run} months in a row, since {since}, lie below the floor of {floor}."


def _stands(basis: Basis, lead: Measure) -> str:
    """Return how the 12 months stand to the target and the floor."""
    goal = basis.method.target(lead.id)
    target = wording.target(lead.id, goal)
    if states.is_below_floor(basis.method, lead):
        place = f"below the floor of {formatting.percent(basis.method.otif_floor, 0)}"
        place += f" and the target of {target}"
    elif meets(lead, goal):
        place = f"{'on' if lead.value == goal else 'above'} the target of {target}"
    else:
        place = f"below the target of {target}"
    if basis.focus is None:
        return f"It is {place}"
    return f"The 12 months stand at {wording.value(lead)}, {place}"


def _causes(basis: Basis) -> str:
    total = basis.missed_lines
    if not total:
        return ""
    counted = misses.cause_counts(basis)
    attributed = total - counted[None]
    lines = formatting.count(total, "missed line")
    if not attributed:
        first, count = misses.reason_counts(basis).most_common(1)[0]
        each = "all" if count == total else formatting.number(count)
        if total == 1:
            return f"One line was missed in the 12 months ({first}); nobody has attributed it."
        return f"Of {lines} in the 12 months {each} were {first}; nobody has attributed the causes."
    ours, theirs = counted[OURS], counted[SUPPLIER]
    own = f"we {formatting.number(ours)} ({formatting.percent(ours / total, 0)})"
    told = f"Of {lines} in the 12 months the supplier caused {theirs or 'none'}, "
    told += own if ours else "we none"
    others = attributed - ours - theirs
    if others:
        told += f", others {formatting.number(others)}"
    if counted[None]:
        told += f"; {formatting.number(counted[None])} are not attributed"
    return f"{told}."


def _defects(basis: Basis) -> str:
    ppm = basis.year["ppm"]
    if ppm.value is None or not ppm.counts:
        return ""
    limit = basis.method.limits["ppm"]
    told = f"Defects are {wording.value(ppm)} ({wording.counted(ppm)})"
    if ppm.value > limit:
        told += f", {wording.times(ppm.value / limit)} the limit"
    else:
        told += f", within the limit of {formatting.number(limit)}"
    own = None if basis.focus is None else basis.focus["ppm"]
    if own is not None and own.value is not None and basis.focus is not None:
        told += f"; {wording.value(own)} in {basis.focus.named}"
    return f"{told}."


def _grade(basis: Basis) -> str:
    result = basis.year.scored.result
    if result.score is None:
        coverage = formatting.percent(result.coverage, 0)
        return f"There is no grade: only {coverage} of the scorecard's weight has data."
    told = f"The score of {formatting.score(result.score)} is grade {result.grade}"
    before = None if basis.year_before is None else basis.year_before.scored.result
    if before is not None and before.score is not None:
        told += f", after {before.grade} {formatting.score(before.score)}"
    if result.grade != result.grade_before_caps:
        told += f"; the score alone would be {result.grade_before_caps}"
    return f"{told}."


def _risk(basis: Basis) -> str:
    result = basis.risk.card.result
    if result.value is None:
        return "The supply risk index lacks data."
    told = f"The supply risk index is {risk.headline(basis)}"
    floors = risk.floor_sentences(basis, gravest_only=True)
    if floors and result.band != result.band_without_floor:
        told += f". {floors[-1].rstrip('.')}"
    if risk.is_grave(basis) and basis.year.scored.result.grade in (Grade.A, Grade.B):
        told += "; the grade says how it delivered, the index what could go wrong"
    return f"{told}."


def _unknown(basis: Basis) -> str:
    blind = [
        measure_id
        for measure_id in (OTIF, "in_full", "ppm", "lot_accept")
        if basis.year[measure_id].value is None and measure_id != basis.primary
    ]
    if not blind:
        return ""
    names = wording.raised(wording.listed(wording.in_sentence(each) for each in blind))
    asks = wording.requests(basis.year[each].reason for each in blind)
    told = f"{names} {'is' if len(blind) == 1 else 'are'} unknown."
    return " ".join((told, *asks[:MOST_ASKS]))


def _periods(basis: Basis) -> Table:
    focus, year = basis.focus, basis.year
    if focus is None:
        return _year_only(basis)
    before, earlier = basis.focus_before, basis.year_before
    columns = (
        Column("Measure", 23, is_number=False),
        Column(wording.raised(_short(focus)), 12),
        Column("95 % interval", 15),
        Column("n", 8),
        Column("Before" if before is None else _short(before), 12),
        Column("12 months", 12),
        Column("n", 8),
        Column("12 m before", 10),
    )
    rows = tuple(
        (
            wording.label(name),
            wording.value(focus[name]),
            wording.interval(focus[name]),
            wording.count(focus[name].n),
            _past(before, name),
            wording.value(year[name]),
            wording.count(year[name].n),
            _past(earlier, name),
        )
        for name in COMPARED
        if BY_ID[name].id in year.measures
    )
    ends = "" if earlier is None else f" 12 m before: {earlier.named}."
    return Table(
        f"{wording.raised(focus.words)} beside the 12 months",
        f"12 months: to {formatting.long_day(basis.as_of)}.{ends} Each is worked out from its "
        "own lines, none from averages.",
        columns,
        rows,
    )


def _year_only(basis: Basis) -> Table:
    year, earlier = basis.year, basis.year_before
    columns = (
        Column("Measure", 34, is_number=False),
        Column("Value", 16),
        Column("95 % interval", 18),
        Column("n", 14),
        Column("12 months before", 18),
    )
    rows = tuple(
        (
            wording.label(name),
            wording.value(year[name]),
            wording.interval(year[name]),
            wording.count(year[name].n),
            _past(earlier, name),
        )
        for name in COMPARED
    )
    reading = "" if earlier is None else f"12 months before: {earlier.named}."
    return Table(f"{wording.raised(year.words)} beside those before", reading, columns, rows)


def _decisions(basis: Basis) -> tuple[str, ...]:
    """Return what the rules say is to be decided: the grade's standing action, uncovered days."""
    found = []
    grade = basis.year.scored.result.grade
    if grade in STANDING_ACTIONS:
        found.append(STANDING_ACTIONS[grade])
    for each in basis.risk.card.dimensions:
        if each.inputs.get("uncovered_days", 0) > 0:
            days = formatting.count(each.inputs["uncovered_days"], "day")
            found.append(
                f"Cover the {days} of {each.inputs['exposed_part']} that our stock does not last: "
                "more stock, or a second source."
            )
    return tuple(found)


def _past(window: Window | None, measure_id: str) -> str:
    return "–" if window is None else wording.value(window[measure_id])


def _short(window: Window) -> str:
    """Return a window's name for a column head (“4th qu. 2012”, “Oct 2026”)."""
    name = window.words.split(",")[0].replace("quarter", "qu.")
    for long, short in zip(formatting.LONG_MONTHS, formatting.MONTHS, strict=True):
        name = name.replace(long, short)
    return name


def _because(measure: Measure) -> str:
    return wording.lowered(wording.statement(measure.reason or ""))
