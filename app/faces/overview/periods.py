"""Which period a page speaks of: its window and its as-of day, both in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import request
from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.base.web.lists import BadQuery
from app.base.web.rendering import url_with
from app.calc.periods import YEAR_TO_DATE, Period, month_index, parse_period
from app.facts.deliveries import queries as deliveries

DEFAULT_WINDOW = "12m"
MONTHS_IN_QUARTER = 3
MONTHS_IN_YEAR = 12
QUARTERS_OFFERED = 4


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

    @property
    def as_of(self) -> date:
        """The day whose knowledge is shown."""
        return self.period.as_of

    @property
    def words(self) -> str:
        """The period as people say it (“12 months to 31 Oct 2026”)."""
        return period_words(self.period)

    @property
    def query(self) -> dict[str, str]:
        """What an address needs to show the same period; nothing for the default one."""
        found = {} if self.period.label == DEFAULT_WINDOW else {"window": self.period.label}
        if self.period.as_of != self.latest:
            found["as_of"] = self.period.as_of.isoformat()
        return found

    def choices(self) -> list[Choice]:
        """Return the periods that a page offers."""
        offered = [(DEFAULT_WINDOW, "12 months")]
        offered += [(label, label.replace("Q", " Q")) for label in full_quarters(self.as_of)]
        offered.append(("all", "All"))
        return [
            Choice(words, url_with(window=None if label == DEFAULT_WINDOW else label, page=None),
                   label == self.period.label)
            for label, words in offered
        ]  # fmt: skip


def shown_period(session: Session) -> ShownPeriod:
    """Return the period that the address asks for; 12 months to the latest fact by default.

    Raises BadQuery for a window or a day that can't be.
    """
    latest = latest_day(session)
    as_of = _asked_day(request.args.get("as_of")) or latest
    if as_of > clock.today():
        raise BadQuery("E-API-06", f"as_of {as_of.isoformat()} lies in the future.")
    try:
        period = parse_period(request.args.get("window") or DEFAULT_WINDOW, as_of=as_of)
    except ValueError as error:
        raise BadQuery("E-API-06", f"{error}.") from error
    return ShownPeriod(period, latest)


def latest_day(session: Session) -> date:
    """Return the day of the latest fact, at most today; today where there are no facts."""
    found = deliveries.latest_fact_on(session)
    return min(found or clock.today(), clock.today())


def period_words(period: Period) -> str:
    """Return a period as people say it."""
    end = formatting.day(period.last_day)
    if period.label == "all":
        return f"everything to {end}"
    if period.label == YEAR_TO_DATE:
        return f"the year to {end}"
    if period.label.endswith("m"):
        return f"{period.label.removesuffix('m')} months to {end}"
    if "Q" in period.label:
        year, quarter = period.label.split("Q")
        return f"quarter {quarter} of {year}"
    return period.label


def full_quarters(as_of: date) -> list[str]:
    """Return the labels of the last full quarters, the newest first."""
    month = month_index(as_of) // MONTHS_IN_QUARTER * MONTHS_IN_QUARTER
    labels = []
    for back in range(1, QUARTERS_OFFERED + 1):
        first = month - MONTHS_IN_QUARTER * back
        quarter = first % MONTHS_IN_YEAR // MONTHS_IN_QUARTER + 1
        labels.append(f"{first // MONTHS_IN_YEAR}Q{quarter}")
    return labels


def _asked_day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) == len("2026-10-31") else _refuse(text)
    except ValueError:
        return _refuse(text)


def _refuse(text: str) -> date:
    raise BadQuery("E-API-06", f"as_of {text[:20]!r} is not a day such as 2026-10-31.")
