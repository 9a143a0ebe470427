"""A delivery rule in words: for whom it is, and what it asks for. Pages say it alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.base import formatting
from app.calc.delivery_rules import DayCount, ReferenceDate, RuleScope

MILLION = Decimal(1_000_000)
SCOPE_WORDS: Mapping[str, str] = {
    RuleScope.DEFAULT: "everything",
    RuleScope.CATEGORY: "a category",
    RuleScope.SUPPLIER: "a supplier",
    RuleScope.PART: "a part",
    RuleScope.CONTRACT: "a contract",
}
REFERENCE_WORDS: Mapping[str, str] = {
    ReferenceDate.REQUESTED: "the date we asked for",
    ReferenceDate.ORIGINAL: "the first promise",
    ReferenceDate.CURRENT: "the current promise",
}
DAY_COUNT_WORDS: Mapping[str, str] = {
    DayCount.CALENDAR: "calendar days",
    DayCount.BUSINESS: "business days of the receiving site",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a line: by its rule, or by its own terms put before the rule's."""

    early_days: int | None
    late_days: int
    is_business: bool
    under_millionths: int | None
    over_millionths: int | None
    may_split: bool
    accepted_only: bool


def window_words(terms: Terms) -> str:
    """Return the window (“from 2 business days before to 1 business day after it”)."""
    kind = "business day" if terms.is_business else "day"
    if terms.early_days is None:
        opens = "any day before it"
    elif terms.early_days == 0:
        opens = "the day itself"
    else:
        opens = f"{formatting.count(terms.early_days, kind)} before it"
    if terms.late_days == 0:
        return "only the day itself" if terms.early_days == 0 else f"from {opens} to the day itself"
    return f"from {opens} to {formatting.count(terms.late_days, kind)} after it"


def tolerance_words(under: int | None, over: int | None) -> str:
    """Return the tolerances (“−5.0 % / +10.0 %”), an open one as “by unit”."""
    if under is None and over is None:
        return "by unit: none for pieces, 5 % for weight and bulk"
    if not under and under == over:
        return "none"
    if under is None:
        return f"less by unit, more {_percent(over or 0)}"
    if over is None:
        return f"less {_percent(under)}, more by unit"
    return f"−{_percent(under)} / +{_percent(over)}"


def days_words(valid_from: date | None, valid_to: date | None) -> str:
    """Return for orders of which days a rule is (“from 1 Jan 2026 on”)."""
    if valid_from is None and valid_to is None:
        return "always"
    if valid_to is None:
        return f"from {formatting.day(valid_from)} on"
    if valid_from is None:
        return f"to {formatting.day(valid_to)}"
    return f"{formatting.day(valid_from)} to {formatting.day(valid_to)}"


def _percent(millionths: int) -> str:
    return formatting.percent(millionths / MILLION, 1)
