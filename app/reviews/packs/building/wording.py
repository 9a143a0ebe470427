"""Figures, intervals, targets and reasons as printed texts.

Everything that several sections say alike stands here. Reads nothing, decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.base import formatting
from app.base.charts import Unit as ChartUnit
from app.base.formatting import EN_DASH, NARROW_SPACE, NO_DATA
from app.calc.measure import Measure
from app.judgement.scorecards import absences as why
from app.judgement.scorecards.register import BY_ID, Better, Unit

MOST_IN_LIST = 5
# Notes in narrow columns; the whole reason stands in the notes below.
SHORT_REASONS = {
    why.NO_LINES: "no line was due",
    why.ONLY_PENDING: "all lines pending",
    why.NO_DATES: "no receipt dates",
    why.NO_QUANTITIES: "no quantities",
    why.NO_RECEIPT_FACTS: "no dates, quantities",
    why.NO_CLOSED_ORDERS: "no order is closed",
    why.NO_PRICES: "no prices",
    why.NO_COMPLETED: "no line is complete",
    why.NO_ORDER_DATES: "no order dates",
    why.ONE_LINE: "one line only",
    why.ONE_LINE_PER_PART: "one line per part",
    why.NOTHING_RECEIVED: "nothing was received",
    why.NO_REJECTS: "no quantities",
    why.NO_LOTS: "no lot inspected",
    why.NO_FIRST_YIELD: "first pass not told",
    why.NO_DISRUPTION_LOG: "no disruption log",
    why.NO_CORRECTIVE_ACTIONS: "no 8D recorded",
    why.NO_CONTRACT_PRICES: "no contract prices",
    why.NO_INVOICES: "no invoices",
    why.NO_ACKNOWLEDGEMENTS: "none recorded",
    why.OPEN_IS_LIVE: "not told for the past",
    why.NO_PLAN: "no plan recorded",
    why.PLAN_ASKED: "asked, not overdue",
    why.PLANS_OF_ONE: "one supplier’s only",
    why.NO_ANSWER_DUE: "no answer due",
    why.NO_MEAN: "mean not above zero",
}
ASKING_WORDS = ("Ask ", "Import ", "Record ")


def value(measure: Measure) -> str:
    """Return a measure's value with its unit (“89.9 %”), or “no data”."""
    return figure(measure.id, measure.value)


def figure(measure_id: str, number: float | None) -> str:
    """Return a number of a measure with its unit, or “no data”."""
    if number is None:
        return NO_DATA
    entry = BY_ID[measure_id]
    if measure_id == "price_variance":
        return f"{formatting.signed(number * 100, 1)}{NARROW_SPACE}%"
    if entry.unit is Unit.SHARE:
        return formatting.percent(number)
    if entry.unit is Unit.PPM:
        return formatting.ppm(number)
    if entry.unit is Unit.DAYS:
        return formatting.days(number)
    if entry.unit is Unit.HOURS:
        return f"{formatting.number(number, 1)}{NARROW_SPACE}h"
    return formatting.number(number, 2 if entry.unit is Unit.RATIO else 0)


def bare(measure: Measure) -> tuple[str, str]:
    """Return a measure's value and its unit apart, for large figures (“89.9”, “%”)."""
    text = value(measure)
    if measure.value is None:
        return text, ""
    number, _, unit = text.partition(NARROW_SPACE)
    return number, {"d": "days", "h": "hours"}.get(unit, unit)


def interval(measure: Measure) -> str:
    """Return a measure's 95 % interval in its own unit without the unit, or an empty text."""
    if BY_ID[measure.id].unit is Unit.SHARE:
        return formatting.percent_interval(measure.lo, measure.hi)
    places = 1 if BY_ID[measure.id].unit in (Unit.DAYS, Unit.HOURS) else 0
    if measure.hi is not None and measure.hi < 10:
        places = 1
    return formatting.interval(measure.lo, measure.hi, places)


def interval_or_reason(measure: Measure) -> str:
    """Return the interval, or without a value the reason in few words."""
    return short_reason(measure) if measure.value is None else interval(measure)


def count(number: int | None) -> str:
    """Return a sample size, 0 where none is known."""
    return formatting.number(number or 0)


def counted(measure: Measure) -> str:
    """Return numerator of denominator (“2,317 of 2,577”), or an empty text."""
    top, bottom = measure.numerator, measure.denominator
    if top is None or bottom is None:
        return ""
    return f"{_amount(top)} of {_amount(bottom)}"


def target(measure_id: str, number: float | None) -> str:
    """Return a target (“95 %”, “≤ 2 d”, “0”), or an empty text where none is set."""
    if number is None:
        return ""
    entry = BY_ID[measure_id]
    if entry.unit is Unit.RATIO:
        return f"≤ {formatting.number(number, 2)}"
    text = plain(number * 100 if entry.unit is Unit.SHARE else number)
    if entry.unit is Unit.SHARE:
        text += f"{NARROW_SPACE}%"
    if entry.unit is Unit.DAYS:
        text += f"{NARROW_SPACE}d"
    if entry.unit is Unit.HOURS:
        text += f"{NARROW_SPACE}h"
    return f"≤ {text}" if entry.better is Better.LOWER and number else text


def short_reason(measure: Measure) -> str:
    """Return in few words why a measure has no value."""
    reason = measure.reason or ""
    known = SHORT_REASONS.get(reason)
    if known is not None:
        return known
    return lowered(statement(reason)).rstrip(".").removeprefix("the feed has ")


def statement(reason: str) -> str:
    """Return what a reason states, without what it asks for."""
    told = [each for each in _sentences(reason) if not each.startswith(ASKING_WORDS)]
    return " ".join(told) or reason


def requests(reasons: Iterable[str | None]) -> tuple[str, ...]:
    """Return what reasons ask for, each once, in their order."""
    asked = (each for reason in reasons if reason for each in _sentences(reason))
    return tuple(dict.fromkeys(each for each in asked if each.startswith(ASKING_WORDS)))


def asking(reasons: Iterable[str | None]) -> tuple[str, ...]:
    """Return the reasons that ask for something, whole, each once, in their order."""
    return tuple(dict.fromkeys(reason for reason in reasons if reason and requests([reason])))


def label(measure_id: str) -> str:
    """Return how a measure is called."""
    return BY_ID[measure_id].label


def in_sentence(measure_id: str) -> str:
    """Return how a measure is called within a sentence."""
    return lowered(label(measure_id))


def lowered(text: str) -> str:
    """Return a text with a small first letter, unless it begins with an abbreviation."""
    return text if text[:2].isupper() or text[1:2].isdigit() else text[:1].lower() + text[1:]


def raised(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def listed(words: Iterable[str]) -> str:
    """Return words as people list them (“a, b and c”)."""
    given = list(words)
    if len(given) < 2:
        return "".join(given)
    return f"{', '.join(given[:-1])} and {given[-1]}"


def times(number: float) -> str:
    """Return how many times (“4.2 ×”)."""
    return f"{formatting.number(number, 1)}{NARROW_SPACE}×"


def span(low: float, high: float, places: int = 1) -> str:
    """Return two figures as a range (“59.2 – 64.2”)."""
    return f"{formatting.number(low, places)} {EN_DASH} {formatting.number(high, places)}"


def chart_unit(measure_id: str) -> ChartUnit:
    """Return the unit that a chart of a measure counts in."""
    units = {Unit.SHARE: ChartUnit.PERCENT, Unit.PPM: ChartUnit.PPM, Unit.DAYS: ChartUnit.DAYS}
    return units.get(BY_ID[measure_id].unit, ChartUnit.LINES)


def _sentences(text: str) -> list[str]:
    parts = [each.rstrip(".") for each in text.split(". ")]
    return [f"{each}." for each in parts if each]


def _amount(number: float) -> str:
    return formatting.number(number, 0 if float(number).is_integer() else 1)


def plain(number: float) -> str:
    """Return a number without decimals that are not needed."""
    rounded = round(number, 6)
    return formatting.number(rounded, 0 if float(rounded).is_integer() else 1)
