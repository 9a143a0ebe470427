"""How money under a contract is put into words: figures, states, periods."""

from __future__ import annotations

from datetime import date

from app.base import formatting
from app.calc.periods import (
    MONTHS_IN_QUARTER,
    MONTHS_IN_YEAR,
    month_end,
    month_index,
    month_start,
    quarter_label,
    quarter_named,
)
from app.judgement.contracts.money.figures import Figure
from app.judgement.contracts.money.judged_lines import Apart
from app.judgement.contracts.money.models import ClaimState, ReliefKind, SavingState
from app.judgement.scorecards.wording import value_text

FIRST_YEAR, LAST_YEAR = 1970, 2199
# Badge and word, as `parts.badge` takes them.
CLAIM_WORDS = {
    ClaimState.DRAFT: ("info", "draft"),
    ClaimState.ISSUED: ("watch", "issued"),
    ClaimState.SETTLED: ("good", "settled"),
    ClaimState.WITHDRAWN: ("none", "withdrawn"),
}
SAVING_WORDS = {
    SavingState.ENTERED: ("info", "waits to be verified"),
    SavingState.VERIFIED: ("good", "verified"),
    SavingState.WITHDRAWN: ("none", "withdrawn"),
}
RELIEF_WORDS = {ReliefKind.FORCE_MAJEURE: "Force majeure", ReliefKind.BUYER: "Caused by us"}
APART_WORDS = {
    Apart.NOTHING_CHARGEABLE: "nothing chargeable",
    Apart.EXCUSED: "not theirs",
    Apart.DISPUTED: "disputed",
    Apart.UNKNOWN: "not known",
    Apart.OTHER_CURRENCY: "other currency",
    Apart.NO_CLAUSE: "no clause",
    Apart.CLAIMED: "claimed",
    Apart.OPEN: "still open",
}


def figure_words(measure: str, figure: Figure) -> str:
    """Return a figure with what it was counted from (“94.9 %, 56 of 59 lines”)."""
    value = None if figure.value is None else float(figure.value)
    told = value_text(measure, value)
    if figure.met is not None and figure.n:
        return f"{told}, {figure.met} of {formatting.count(figure.n, 'line')}"
    return told if figure.n is None else f"{told}, n {figure.n:,}"


def days_of(label: str) -> tuple[date, date] | None:
    """Return first and last day of a quarter or a year that a label names, None for others."""
    year = label.partition("Q")[0]
    is_year = len(year) == len("2026") and year.isascii() and year.isdecimal()
    if not is_year or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    if label == year:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    named = quarter_named(label)
    if named is None:
        return None
    first = named[0] * MONTHS_IN_YEAR + (named[1] - 1) * MONTHS_IN_QUARTER
    return month_start(first), month_end(first + MONTHS_IN_QUARTER - 1)


def quarter_of(day: date) -> str:
    """Return the label of the quarter that holds a day."""
    return quarter_label(month_index(day))


def period_words(label: str) -> str:
    """Return a period as people say it (“quarter 3 of 2026”, “2026”)."""
    quarter = quarter_named(label)
    return label if quarter is None else f"quarter {quarter[1]} of {quarter[0]}"
