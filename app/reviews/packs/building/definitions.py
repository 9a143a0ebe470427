"""How the numbers are made, in print: the short ones of a card, the whole of a pack."""

from __future__ import annotations

from app.base import formatting
from app.base.formatting import EN_DASH
from app.calc.closing import closing_days
from app.calc.grading import GradeBands
from app.calc.measure import LINES_OK, LINES_PROVISIONAL
from app.calc.risk_bands import CRITICAL_FROM, HIGH_FROM, MEDIUM_FROM
from app.calc.scoring import COVERAGE_PROVISIONAL, COVERAGE_RATED, ScoredMeasure
from app.judgement.scorecards.register import BY_ID, Unit
from app.reviews.packs.basis import OTIF, Basis
from app.reviews.packs.building import wording
from app.reviews.packs.building.delivery import left_out
from app.reviews.packs.parts import Definition

RULE = (
    "a schedule line counts when its full quantity (tolerance 0 %, weight and bulk ±5 %, or as "
    "agreed for the line) comes inside its window: up to the original promise, or the date we "
    "moved it to by agreement, 0 days late, any day early unless agreed otherwise. Judged at "
    "hand-over for E and F terms, at dispatch for C terms, else at arrival; a later event stands "
    "in where the date is unknown, transit included. A window counts once it has closed; open "
    "lines then count as missed."
)

SHORT_RULE = (
    "a schedule line counts when its full quantity (tolerance 0 %, weight and bulk ±5 %, or as "
    "agreed) comes by the original promise, or by the date we moved it to by agreement; any day "
    "early unless agreed otherwise. Judged at hand-over, dispatch or arrival, as the Incoterm "
    "says. A window counts once it has closed; open lines then count as missed."
)
PERCENT = 100
UNITS = {
    Unit.SHARE: "%",
    Unit.PPM: "ppm",
    Unit.DAYS: "d",
    Unit.HOURS: "h",
    Unit.COUNT: "count",
    Unit.RATIO: "ratio",
    Unit.POINTS: "points",
}
DATE_RULE = (
    "a schedule line counts when it is complete by the end of its window: the original promise, "
    "or the date we moved it to by agreement, 0 days late, any day early. Where the feed has no "
    "quantities a receipt completes its line. A window counts once it has closed; open lines "
    "then count as missed."
)

DEFECTS = Definition(
    "Defects",
    "units rejected per million received, by date of receipt, returns in the month of their "
    "receipt.",
)


def short(basis: Basis) -> tuple[Definition, ...]:
    """Return the definitions that a one-page scorecard has room for."""
    return (
        *_period(basis),
        _lead(basis, SHORT_RULE),
        DEFECTS,
        Definition(
            "Lateness spread",
            "standard deviation of days late, early counted as 0, of completed lines.",
        ),
        Definition(
            "Score",
            "points between fixed anchors, weighted; a measure without data gives its weight to "
            "the others and is shown. ±: chance alone reaches another grade. Intervals speak of "
            "the long-run rate, not of this year's count, which is complete.",
        ),
    )


def full(basis: Basis) -> tuple[Definition, ...]:
    """Return every definition of a review pack."""
    bands = basis.method.scoring.bands
    return (
        *_period(basis),
        _lead(basis, RULE),
        Definition(
            "On time",
            "the date only, quantity complete; against the date of the rule, and beside it "
            "against the original promise, the current promise, the date we asked for, and on "
            "arrival at our dock whatever the Incoterm.",
        )
        if basis.primary == OTIF
        else Definition("OTIF", RULE),
        Definition(
            "OTIF by order, unit, value",
            "orders whose due lines are all on time and in full; quantity, and value, in the "
            "window ÷ due, over-delivery not counted.",
        ),
        Definition("In full", "the total quantity within tolerance, whenever it came."),
        *_clusters(basis),
        Definition(
            "n",
            f"how many lines, lots or units a value rests on. From {LINES_OK} lines a rate is "
            f"firm, from {LINES_PROVISIONAL} provisional, below it is shown but not rated.",
        ),
        DEFECTS,
        Definition(
            "Interval of defects",
            f"exact Poisson interval (Garwood), wider where rejects come by lot{_by_lot(basis)}. "
            "Rated by the rejects to be expected at the limit: "
            "firm from 3, provisional from 0.5, else too few units.",
        ),
        Definition(
            "Lots accepted",
            "lots accepted, with or without concession, of the lots inspected; lots that skipped "
            "inspection are left out. First pass: without concession.",
        ),
        Definition(
            "Spread (A) and (B)",
            "(A) standard deviation of completion − reference date; scored with early counted as "
            "0, the raw one beside it. (B) standard deviation of lead time within parts, pooled. "
            "Sample form, n − 1, completed lines only.",
        ),
        Definition("P50, P90, P95", "half, nine tenths, 95 in 100 of the lines took no longer."),
        Definition("Points", _anchors(basis)),
        Definition("Grade", _grades(bands)),
        Definition(
            "Sampling range, ±",
            "beside the score: what holds 95 % of seeded draws of its measures from their "
            "intervals; ± where it reaches another grade. What missing measures could do is told "
            "apart, as 0 / 100.",
        ),
        Definition(
            "Trend",
            f"of {wording.in_sentence(basis.primary)} over 12 months: Mann–Kendall with Sen's "
            "slope, at least 2 points, read together with p-chart and EWMA; told from 8 months "
            "with lines. Limits are 3σ, widened by clustering.",
        ),
        Definition(
            "Caps",
            f"OTIF below {formatting.percent(basis.method.otif_floor, 0)} in two full quarters, "
            "or a measure of weight 20 or more without points, holds the grade at C; two of "
            "these, or a line stop caused by the supplier, at D.",
        ),
        Definition(
            "Supply risk index",
            "0 best to 100 worst, from six weighted dimensions; one very bad dimension costs "
            f"more than its weight (imbalance). Low below {MEDIUM_FROM}, medium below "
            f"{HIGH_FROM}, high below {CRITICAL_FROM}, critical from there; floors lift the band, "
            "never the figure.",
        ),
        Definition("Single-sourced", "a part without a second approved source on that day."),
        Definition(
            "As of",
            f"windows that had closed by {formatting.long_day(basis.as_of)} count; what came for "
            "them later counts as late, as far as it is known.",
        ),
        Definition(
            "No data",
            "no population, or a fact that the feed does not carry. It is never counted as 0 or "
            "100; its weight goes to the others, and the coverage says so.",
        ),
    )


def dispute(basis: Basis) -> str:
    """Return how long the figures may be disputed, in one sentence."""
    if not basis.is_over:
        return (
            "These figures are preliminary: the period has not ended. They become final on the "
            "5th working day after it, and any line may then be disputed for 10 working days."
        )
    days = closing_days(basis.period.last_day)
    until, final = formatting.long_day(days.disputed_until), formatting.long_day(days.final_on)
    return (
        f"Any line may be disputed until {until}: final on {final}, "
        "the 5th working day after the period, and 10 working days from there (Monday to Friday)."
    )


def short_dispute(basis: Basis) -> str:
    """Return the same for the one-page scorecard."""
    if not basis.is_over:
        return "Preliminary: the period has not ended."
    until = formatting.long_day(closing_days(basis.period.last_day).disputed_until)
    return f"Any line may be disputed until {until}."


def _period(basis: Basis) -> tuple[Definition, ...]:
    if basis.focus is None:
        return ()
    told = f"everything speaks of the {basis.year.words}, unless {basis.focus.named} is named."
    return (Definition("Period", told),)


def _lead(basis: Basis, rule: str) -> Definition:
    """Return the leading measure's rule, with the lines that it leaves out."""
    is_otif = basis.primary == OTIF
    told = rule if is_otif else DATE_RULE
    found = left_out(basis)
    out = wording.listed(f"{each.count} {each.reason}" for each in found)
    told += f" Left out: {out}." if found else " No line is left out."
    return Definition("OTIF" if is_otif else "On time", told)


def _clusters(basis: Basis) -> tuple[Definition, ...]:
    deff = basis.year[basis.primary].deff
    effect = "" if deff is None else f" (design effect {formatting.number(deff, 2)})"
    return (
        Definition(
            "Interval",
            "95 % Wilson interval with the effective number of lines: lines of one order share "
            f"their fate{effect}. It speaks of the long-run rate, not of this year's count, which "
            "is complete. Contracts go by the value itself.",
        ),
    )


def _by_lot(basis: Basis) -> str:
    """Return by how much, where two receipts or more show it."""
    phi = basis.year["ppm"].deff
    return "" if phi is None else f" (dispersion {formatting.number(phi, 2)})"


def _anchors(basis: Basis) -> str:
    told = []
    for row in basis.method.scoring.measures[:4]:
        limit = basis.method.limits.get(row.measure_id, 1.0)
        factor = limit if row.anchors.relative_to_limit else 1.0
        pairs = ", ".join(
            f"{wording.plain(place * factor / _scale(row))} → {points}"
            for place, points in row.anchors.points
        )
        told.append(
            f"{wording.in_sentence(row.measure_id)} [{UNITS[BY_ID[row.measure_id].unit]}] {pairs}"
        )
    return "straight lines between fixed anchors: " + "; ".join(told) + "."


def _scale(row: ScoredMeasure) -> float:
    """Return what an anchor is divided by to be printed: percent stay percent."""
    is_percent = BY_ID[row.measure_id].unit is Unit.SHARE
    return row.anchors.scale / PERCENT if is_percent else row.anchors.scale


def _grades(bands: GradeBands) -> str:
    edges = ", ".join(f"{grade} from {edge}" for edge, grade in bands.edges[:-1])
    last = bands.edges[-1][1]
    return (
        f"{edges}, {last} below; on the unrounded score. Rated from a coverage of "
        f"{COVERAGE_PROVISIONAL} %, provisional below {COVERAGE_RATED} % {EN_DASH} else NR."
    )
