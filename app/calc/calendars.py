"""Business days: which days count, how to step over them, and windows made of them.

A calendar is a weekend pattern and a set of holidays, one per site. A year whose holidays
nobody entered counts as having none; whoever keeps the calendar says how far it reaches.
Nothing here knows what day it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.calc.schedule_line import Window

Days = NDArray[np.datetime64]

DAYS_IN_WEEK = 7
SATURDAY_AND_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The days on which a site works: `weekend` holds weekdays off, Monday is 0.

    Formula: a day is a business day when neither its weekday nor its date is off.

    Raises ValueError for a weekday outside 0 … 6 and for a week without a working day.

    >>> calendar = BusinessCalendar(holidays={date(2026, 12, 25)})
    >>> calendar.is_business_day(date(2026, 12, 25)), calendar.add(date(2026, 12, 24), 1)
    (False, datetime.date(2026, 12, 28))
    """

    holidays: Collection[date] = frozenset()
    weekend: Collection[int] = SATURDAY_AND_SUNDAY
    # Any: numpy's busdaycalendar is opaque to the type checker.
    _days: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        holidays, weekend = frozenset(self.holidays), frozenset(self.weekend)
        if not weekend <= set(range(DAYS_IN_WEEK)):
            raise ValueError(f"weekend is {sorted(weekend)}, weekdays must lie in 0 … 6")
        if len(weekend) == DAYS_IN_WEEK:
            raise ValueError("weekend holds all seven weekdays, at least one must be worked")
        mask = [weekday not in weekend for weekday in range(DAYS_IN_WEEK)]
        days = np.busdaycalendar(weekmask=mask, holidays=_array(sorted(holidays)))
        object.__setattr__(self, "holidays", holidays)
        object.__setattr__(self, "weekend", weekend)
        object.__setattr__(self, "_days", days)

    def is_business_day(self, day: date) -> bool:
        """Return whether a day is worked.

        Formula: its weekday is not in `weekend` and it is no holiday.

        Args:
            day: any date.
        Returns:
            True for a business day.
        Raises:
            Nothing.
        Source: domain rules §0.3.
        Edge cases: none.

        >>> BusinessCalendar(weekend={4, 5}).is_business_day(date(2026, 3, 8))
        True
        """
        return bool(np.is_busday(np.datetime64(day, "D"), busdaycal=self._days))

    def roll(self, day: date, *, forward: bool = True) -> date:
        """Return the day itself when it is worked, else the nearest business day.

        Formula: min {b ≥ day} forward, max {b ≤ day} backward, b a business day.

        Args:
            day: any date.
            forward: False rolls back.
        Returns:
            A business day.
        Raises:
            ValueError: no business day lies within the dates that exist.
        Source: a term that ends on a day off ends on the next working day (§ 193 BGB);
        house rule, domain rules §0.3.
        Edge cases: none.

        >>> calendar = BusinessCalendar()
        >>> calendar.roll(date(2026, 3, 7)), calendar.roll(date(2026, 3, 7), forward=False)
        (datetime.date(2026, 3, 9), datetime.date(2026, 3, 6))
        """
        return _date(self.rolled(_array([day]), forward=forward)[0])

    def add(self, day: date, count: int) -> date:
        """Return the day that lies a number of business days after or before a day.

        Formula: count > 0: the count-th business day after `day`; count < 0: the count-th
        one before it; 0: `day` itself, worked or not.

        Args:
            day: where to start, any date; itself never counted.
            count: business days [days], negative steps back.
        Returns:
            A business day, or `day` for 0.
        Raises:
            ValueError: the result lies outside the dates that exist.
        Source: house rule, domain rules §0.3, §0.7 (“working day +5 of the next period”).
        Edge cases: from a Saturday, 1 is the Monday and −1 the Friday.

        >>> BusinessCalendar().add(date(2026, 10, 31), 5)
        datetime.date(2026, 11, 6)
        """
        return _date(self.added(_array([day]), count)[0])

    def count(self, start: date, end: date) -> int:
        """Return the business days from one date to another.

        Formula: business days in (start, end]; the negative of (end, start] when end is
        earlier. So count(a, c) = count(a, b) + count(b, c), whatever the order.

        Args:
            start: where to start, itself not counted.
            end: where to end, itself counted when it is worked.
        Returns:
            Business days [days], negative when end is before start; late is positive.
        Raises:
            Nothing.
        Source: house rule, domain rules §0.3.
        Edge cases: from a Friday to the Saturday or Sunday behind it is 0.

        >>> calendar = BusinessCalendar()
        >>> calendar.count(date(2026, 3, 6), date(2026, 3, 9)), calendar.count(
        ...     date(2026, 3, 9), date(2026, 3, 6)
        ... )
        (1, -1)
        """
        first, last = sorted((start, end))
        step = np.timedelta64(1, "D")
        worked = np.busday_count(
            np.datetime64(first, "D") + step, np.datetime64(last, "D") + step, busdaycal=self._days
        )
        return int(worked) if start <= end else -int(worked)

    def rolled(self, days: Days, *, forward: bool = True) -> Days:
        """Return many days rolled to business days, as `roll`.

        Formula: as `roll`, element by element.

        Args:
            days: shape (n,), dates (datetime64[D]); NaT is unknown.
            forward: False rolls back.
        Returns:
            shape (n,), dates; NaT stays NaT.
        Raises:
            Nothing.
        Source: as `roll`.
        Edge cases: an empty array gives an empty array.

        >>> BusinessCalendar().rolled(np.array(["2026-03-07", "NaT"], dtype="M8[D]")).tolist()
        [datetime.date(2026, 3, 9), None]
        """
        direction: Any = "forward" if forward else "backward"  # Any: numpy's literal type
        rolled: Days = np.busday_offset(days, 0, roll=direction, busdaycal=self._days)
        return rolled

    def added(self, days: Days, count: int) -> Days:
        """Return many days moved by business days, as `add`.

        Formula: as `add`, element by element.

        Args:
            days: shape (n,), dates (datetime64[D]); NaT is unknown.
            count: business days [days], one number for all.
        Returns:
            shape (n,), dates; NaT stays NaT.
        Raises:
            Nothing.
        Source: as `add`.
        Edge cases: 0 gives the days as they are.

        >>> BusinessCalendar().added(np.array(["2026-03-06"], dtype="M8[D]"), 2).tolist()
        [datetime.date(2026, 3, 10)]
        """
        if count == 0:
            return days.copy()
        # Rolled away from the direction of travel, so that a day off is never counted.
        direction: Any = "backward" if count > 0 else "forward"  # Any: numpy's literal type
        moved: Days = np.busday_offset(days, count, roll=direction, busdaycal=self._days)
        return moved


def due_window(
    calendar: BusinessCalendar, reference_on: date, *, early_days: int | None, late_days: int
) -> tuple[date | None, date]:
    """Return the first and the last day of a due window counted in business days.

    Formula: r = roll(ref); closes = add(r, L); opens = min(ref, add(r, −E)), open when E is
    None. A reference date on a day off is due on the next business day, and goods that the
    site takes on the reference date itself are never early.

    Args:
        calendar: the receiving site's.
        reference_on: ref, any date.
        early_days: E [business days], ≥ 0; None: any early day is inside.
        late_days: L [business days], ≥ 0.
    Returns:
        (opens, closes); opens ≤ ref ≤ closes.
    Raises:
        ValueError: a number of days is negative.
    Source: house rule, domain rules §0.3, §1.1; § 193 BGB for the day off.
    Edge cases: E = L = 0 on a Saturday gives Saturday to Monday.

    >>> due_window(BusinessCalendar(), date(2026, 3, 9), early_days=1, late_days=2)
    (datetime.date(2026, 3, 6), datetime.date(2026, 3, 11))
    """
    opens, closes = due_windows(
        calendar, _array([reference_on]), early_days=early_days, late_days=late_days
    )
    return None if opens is None else _date(opens[0]), _date(closes[0])


def due_windows(
    calendar: BusinessCalendar, references: Days, *, early_days: int | None, late_days: int
) -> tuple[Days | None, Days]:
    """Return the due windows of many reference dates at once.

    Formula: as `due_window`, element by element.

    Args:
        calendar: the receiving site's.
        references: shape (n,), reference dates (datetime64[D]); NaT is unknown.
        early_days: E [business days], ≥ 0; None: any early day is inside.
        late_days: L [business days], ≥ 0.
    Returns:
        (opens, closes), each of shape (n,); opens is None when E is; NaT stays NaT.
    Raises:
        ValueError: a number of days is negative.
    Source: as `due_window`.
    Edge cases: an empty array gives empty arrays.

    >>> references = np.array(["2026-03-07"], dtype="M8[D]")
    >>> opens, closes = due_windows(BusinessCalendar(), references, early_days=0, late_days=0)
    >>> opens.tolist(), closes.tolist()
    ([datetime.date(2026, 3, 7)], [datetime.date(2026, 3, 9)])
    """
    for name, days in (("early_days", early_days), ("late_days", late_days)):
        if days is not None and days < 0:
            raise ValueError(f"{name} is {days}, it must be at least 0")
    rolled = calendar.rolled(references)
    closes = calendar.added(rolled, late_days)
    if early_days is None:
        return None, closes
    return np.minimum(references, calendar.added(rolled, -early_days)), closes


def business_window(calendar: BusinessCalendar, reference_on: date, *, terms: Window) -> Window:
    """Return the window of one reference date, so that `delivery.judge_line` can judge by it.

    Formula: the days of `due_window`, told as calendar days around ref.

    Args:
        calendar: the receiving site's.
        reference_on: ref of the line.
        terms: the rule's window, its early and late days meant as business days.
    Returns:
        The window in calendar days around this one reference date; tolerances as given.
    Raises:
        Nothing; `Window` has checked the days.
    Source: house rule, domain rules §0.3.
    Edge cases: early_days None stays None. Holds for this reference date only.

    >>> terms = Window(early_days=1, late_days=2)
    >>> window = business_window(BusinessCalendar(), date(2026, 3, 5), terms=terms)
    >>> window.early_days, window.late_days
    (1, 4)
    """
    opens_on, closes_on = due_window(
        calendar, reference_on, early_days=terms.early_days, late_days=terms.late_days
    )
    return Window(
        early_days=None if opens_on is None else (reference_on - opens_on).days,
        late_days=(closes_on - reference_on).days,
        under_ppm=terms.under_ppm,
        over_ppm=terms.over_ppm,
    )


def _array(days: Collection[date]) -> Days:
    return np.array(list(days), dtype="datetime64[D]")


def _date(day: np.datetime64) -> date:
    found = day.item()
    if not isinstance(found, date):
        raise ValueError(f"{day} lies outside the dates that exist, year 1 to 9999")
    return found
