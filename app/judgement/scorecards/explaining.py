"""A measure as a sum that anybody can follow: its formula, and this supplier's numbers put in.

The lines behind it are listed elsewhere. Rounds nothing: it formats what the card says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.base import formatting
from app.calc.measure import Measure
from app.facts.deliveries.disputes.queries import Disputed
from app.judgement.scorecards.register import BY_ID, Unit
from app.judgement.scorecards.wording import value_text

MILLION = 1_000_000
DUE_LINES = "due lines whose outcome is known"
# What is divided by what, in words.
QUOTIENTS: Mapping[str, tuple[str, str]] = {
    "otif_line": ("lines with the full quantity inside their window", DUE_LINES),
    "otif_order": ("orders with every due line OTIF", "orders without a pending or unknown line"),
    "otif_unit": ("units received in the window, at most those due", "units due"),
    "otif_value": ("value received in the window, at most that due", "value due"),
    "otd": ("lines complete by the end of their window", DUE_LINES),
    "otd_requested": ("lines complete by the date we asked for", DUE_LINES),
    "otd_original": ("lines complete by the first promise", DUE_LINES),
    "otd_current": ("lines complete by the current promise", DUE_LINES),
    "otd_dock": ("lines complete at our dock in time", DUE_LINES),
    "in_full": ("lines whose total quantity is within tolerance", DUE_LINES),
    "fill_unit": ("units received by the window’s end, at most those due", "units due"),
    "ppm": ("units rejected", "units received"),
    "lot_accept": ("lots accepted", "lots inspected"),
    "lot_reject": ("lots rejected", "lots inspected"),
    "first_pass": ("lots accepted without concession", "lots whose first pass is known"),
    "scar_ontime": ("8D answers on time", "8D answers given or overdue"),
    "price_variance": ("billed less contract value", "contract value"),
    "invoice_accuracy": ("invoice lines that match order and receipt", "invoice lines checked"),
}
# What is worked out of the days of completed lines.
STATISTICS: Mapping[str, str] = {
    "lt_mean": "sum of lead times ÷ completed lines",
    "lt_sd": "standard deviation (n − 1) of the lead times of completed lines",
    "lt_p50": "the lead time that half of the completed lines did not exceed",
    "lt_p90": "the lead time that nine of ten completed lines did not exceed",
    "lt_cv": "standard deviation ÷ mean of the lead times of completed lines",
    "ltv_A": "standard deviation (n − 1) of lateness, early days that the rule allows as 0",
    "ltv_A_raw": "standard deviation (n − 1) of lateness, early days negative",
    "ltv_B": "√(Σ(nₚ − 1)·sₚ² ÷ Σ(nₚ − 1)) over the parts p, of lead times",
    "lateness_mean": "sum of days late ÷ completed lines, early days negative",
    "lateness_p90": "the days late that nine of ten completed lines did not exceed",
    "lateness_p95": "the days late that nineteen of twenty completed lines did not exceed",
    "ack_hours": "sum of hours to acknowledge ÷ orders acknowledged",
    "open_past_due": "lines whose window has closed and that lack goods on the as-of day",
    "line_stops": "line stops that the supplier caused",
    "premium_freight": "shipments at premium freight that the supplier caused",
    "disruptions": "line stops + premium freight that the supplier caused",
    "special_status": "notices of special status",
    "readiness": "points of the readiness rubric",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A measure as a sum.

    formula: in words. put_in: the same with the numbers, None where nothing is known.
    unknown: what stands in neither number, disputed: what open disputes would change; empty
    texts where there is nothing to say.
    """

    id: str
    label: str
    formula: str
    put_in: str | None
    unknown: str
    disputed: str = ""


def explained(measure: Measure, disputed: Disputed | None = None) -> Explained:
    """Return a measure as a sum; `disputed` are the lines of its period under dispute."""
    return Explained(
        id=measure.id,
        label=BY_ID[measure.id].label,
        formula=_formula(measure.id),
        put_in=None if measure.value is None else _put_in(measure),
        unknown=_unknown(measure),
        disputed="" if disputed is None else _disputed(measure, disputed),
    )


def _formula(measure_id: str) -> str:
    if measure_id not in QUOTIENTS:
        return STATISTICS.get(measure_id, BY_ID[measure_id].short)
    top, bottom = QUOTIENTS[measure_id]
    factor = "1,000,000 × " if BY_ID[measure_id].unit is Unit.PPM else ""
    return f"{factor}{top} ÷ {bottom}"


def _put_in(measure: Measure) -> str:
    result = value_text(measure.id, measure.value)
    if measure.id in QUOTIENTS and measure.denominator is not None:
        factor = "1,000,000 × " if BY_ID[measure.id].unit is Unit.PPM else ""
        top, bottom = _amount(measure.numerator), _amount(measure.denominator)
        return f"{factor}{top} ÷ {bottom} = {result}"
    if BY_ID[measure.id].unit is Unit.COUNT:
        return result
    return f"of {formatting.number(measure.n or 0)}: {result}"


def _unknown(measure: Measure) -> str:
    if measure.value is None:
        return measure.reason or ""
    if not measure.unknown:
        return ""
    return f"{formatting.number(measure.unknown)} more are not known and stand in neither number."


def _disputed(measure: Measure, found: Disputed) -> str:
    if not found.lines:
        return ""
    told = f"{formatting.count(found.lines, 'line')} disputed"
    if measure.numerator is None or measure.denominator is None:
        return f"{told}."
    without = found.without(measure.id, met=measure.numerator, known=measure.denominator)
    if without is None:
        return f"{told}."
    return f"{told}; without {'it' if found.lines == 1 else 'them'}: {formatting.percent(without)}."


def _amount(value: float | None) -> str:
    if value is None:
        return formatting.NO_DATA
    return formatting.number(value, 0 if float(value).is_integer() else 2)
