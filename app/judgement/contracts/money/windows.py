"""The windows of obligations that end in a period: months, quarters, years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.calc.periods import (
    MONTHS_IN_QUARTER,
    MONTHS_IN_YEAR,
    month_end,
    month_index,
    month_label,
    month_start,
    quarter_label,
)
from app.judgement.contracts.models import ObligationWindow


@dataclass(frozen=True, slots=True)
class Window:
    """A window of an obligation.

    first_on … last_on: what is measured. spend_from: from when on the spend counts; a rolling
    year is measured every quarter and credits on the quarter's spend.
    """

    label: str
    first_on: date
    last_on: date
    spend_from: date

    @property
    def is_rolling(self) -> bool:
        """Whether more is measured than is spent in it."""
        return self.first_on < self.spend_from

    def is_over(self, as_of: date) -> bool:
        """Whether all of it lies behind."""
        return self.last_on <= as_of


def windows_ending(kind: ObligationWindow, first_on: date, last_on: date) -> list[Window]:
    """Return the windows of a kind whose last day lies within two days, the oldest first."""
    step = _step(kind)
    months = range(month_index(first_on), month_index(last_on) + 1)
    return [
        _window(kind, month)
        for month in months
        if (month + 1) % step == 0 and first_on <= month_end(month) <= last_on
    ]


def _step(kind: ObligationWindow) -> int:
    if kind is ObligationWindow.MONTH:
        return 1
    return MONTHS_IN_YEAR if kind is ObligationWindow.YEAR else MONTHS_IN_QUARTER


def _window(kind: ObligationWindow, last: int) -> Window:
    step = _step(kind)
    spend_from = month_start(last - step + 1)
    if kind is ObligationWindow.ROLLING_YEAR:
        first = month_start(last - MONTHS_IN_YEAR + 1)
        return Window(f"12 months to {quarter_label(last)}", first, month_end(last), spend_from)
    label = {
        ObligationWindow.MONTH: month_label(last),
        ObligationWindow.QUARTER: quarter_label(last),
    }.get(kind, str(last // MONTHS_IN_YEAR))
    return Window(label, spend_from, month_end(last), spend_from)
