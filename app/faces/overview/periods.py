"""Which period a page speaks of: its window and its as-of day, both in the address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import cast

from flask import current_app, request
from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.base.web.lists import BadQuery
from app.base.web.rendering import url_with
from app.calc.periods import (
    FISCAL_YEAR_TO_DATE,
    MONTHS_IN_QUARTER,
    YEAR_TO_DATE,
    Period,
    last_full_month,
    quarter_label,
    quarter_named,
)
from app.calc.windows import (
    THIRTEEN_WEEKS,
    Fiscal,
    fiscal_windows,
    last_month,
    last_quarter,
    parse_window,
)
from app.facts.deliveries import queries as deliveries
from config import Settings

DEFAULT_WINDOW = "12m"
QUARTERS_OFFERED = 4
FISCAL = re.compile(r"FY(\d{4})(?:(Q|P)(\d+))?")
# No page counts from here on back: what lies before is a slip of the keyboard.
EARLIEST = date(1900, 1, 1)
FISCAL_NOUNS = {"Q": "quarter", "P": "period"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A period that can be chosen: its words, its address, whether it is shown now."""

    words: str
    address: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ShownPeriod:
    """The period a page shows. `latest` is the day of the latest fact, at most today."""

    period: Period
    latest: date
    fiscal: Fiscal | None = None

    @property
    def as_of(self) -> date:
        """The day whose knowledge is shown."""
        return self.period.as_of

    @property
    def words(self) -> str:
        """The period as people say it (“12 months to 31 Oct 2026”)."""
        return period_words(self.period)

    @property
    def name(self) -> str:
        """The window as a choice names it (“12 months”)."""
        return window_words(self.period.label)

    @property
    def query(self) -> dict[str, str]:
        """What an address needs to show the same period; nothing for the default one."""
        found = {} if self.period.label == DEFAULT_WINDOW else {"window": self.period.label}
        if self.period.as_of != self.latest:
            found["as_of"] = self.period.as_of.isoformat()
        return found

    @property
    def beside(self) -> Period:
        """The window that stands beside it: the last full quarter, beside another 12 months."""
        is_year = self.period.label == DEFAULT_WINDOW
        label = last_quarter(self.as_of) if is_year else DEFAULT_WINDOW
        return parse_window(label, as_of=self.as_of)

    def choices(self) -> list[Choice]:
        """Return the periods that a page offers by name: rolling ones, the last full quarters."""
        labels = [DEFAULT_WINDOW, THIRTEEN_WEEKS, *full_quarters(self.as_of)]
        return [self._choice(label) for label in labels]

    def more_choices(self) -> list[Choice]:
        """Return the periods that a page offers one click further."""
        labels = [last_month(self.as_of), YEAR_TO_DATE, *fiscal_windows(self.as_of, self.fiscal)]
        return [self._choice(label) for label in (*labels, "all")]

    def _choice(self, label: str) -> Choice:
        return Choice(
            window_words(label),
            url_with(window=None if label == DEFAULT_WINDOW else label, page=None),
            label == self.period.label,
        )


def shown_period(session: Session) -> ShownPeriod:
    """Return the period that the address asks for; 12 months to the latest fact by default.

    Raises BadQuery for a window or a day that can't be.
    """
    latest = latest_day(session)
    as_of = _asked_day(request.args.get("as_of")) or latest
    if as_of > clock.today():
        raise BadQuery("E-API-06", f"as_of {as_of.isoformat()} lies in the future.")
    if as_of < EARLIEST:
        raise BadQuery("E-API-06", f"as_of {as_of.isoformat()} lies before {EARLIEST}.")
    fiscal = cast(Settings, current_app.config["SETTINGS"]).fiscal
    try:
        asked = request.args.get("window") or DEFAULT_WINDOW
        period = parse_window(asked, as_of=as_of, fiscal=fiscal)
        begins, _ = period.first_day, period.last_day
    except (ValueError, OverflowError) as error:
        raise BadQuery("E-API-06", f"{error}.") from error
    if begins is not None and begins < EARLIEST:
        raise BadQuery("E-API-06", f"window {asked!r} begins before {EARLIEST}.")
    return ShownPeriod(period, latest, fiscal)


def latest_day(session: Session) -> date:
    """Return the day of the latest fact, at most today; today where there are no facts."""
    found = deliveries.latest_fact_on(session)
    return min(found or clock.today(), clock.today())


def window_words(label: str) -> str:
    """Return a window as a choice names it (“13 weeks”, “2026 Q3”)."""
    if label == "all":
        return "All"
    if label == YEAR_TO_DATE:
        return "Year to date"
    if label == FISCAL_YEAR_TO_DATE:
        return "Fiscal year to date"
    if label[-1] in "mw":
        return f"{label[:-1]} {'months' if label[-1] == 'm' else 'weeks'}"
    if FISCAL.fullmatch(label):
        return label.replace("FY", "FY ").replace("Q", " Q")
    return quarter_words(label) if quarter_named(label) else _month_words(label)


def quarter_words(label: str) -> str:
    """Return a quarter as lists name it (“2026 Q3”)."""
    return label.replace("Q", " Q")


def period_words(period: Period) -> str:
    """Return a period as people say it."""
    end, label = formatting.day(period.last_day), period.label
    if label == "all":
        return f"everything to {end}"
    if label == YEAR_TO_DATE:
        return f"the year to {end}"
    if label == FISCAL_YEAR_TO_DATE:
        return f"the fiscal year to {end}"
    if label[-1] in "mw":
        return f"{window_words(label)} to {end}"
    if quarter := quarter_named(label):
        return f"quarter {quarter[1]} of {quarter[0]}"
    if found := FISCAL.fullmatch(label):
        of = f"fiscal year {found[1]}"
        return f"{FISCAL_NOUNS[found[2]]} {int(found[3])} of {of}" if found[2] else of
    return _month_words(label)


def full_quarters(as_of: date) -> list[str]:
    """Return the labels of the last full quarters, the newest first."""
    over = (last_full_month(as_of) + 1) // MONTHS_IN_QUARTER * MONTHS_IN_QUARTER
    return [
        quarter_label(over - MONTHS_IN_QUARTER * back) for back in range(1, QUARTERS_OFFERED + 1)
    ]


def _month_words(label: str) -> str:
    year, _, month = label.partition("-")
    return f"{formatting.MONTHS[int(month) - 1]} {year}" if month else label


def _asked_day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) == len("2026-10-31") else _refuse(text)
    except ValueError:
        return _refuse(text)


def _refuse(text: str) -> date:
    raise BadQuery("E-API-06", f"as_of {text[:20]!r} is not a day such as 2026-10-31.")
