"""Business days, held against a loop that looks at every day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.calendars import (
    BusinessCalendar,
    business_window,
    due_window,
    due_windows,
)
from app.calc.delivery import Line, LineState, Receipt, Window, judge_line

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
CHRISTMAS = BusinessCalendar(holidays={date(2026, 12, 24), date(2026, 12, 25)})
days = st.dates(FIRST, LAST)
calendars = st.builds(
    BusinessCalendar,
    holidays=st.frozensets(days, max_size=60),
    weekend=st.frozensets(st.integers(0, 6), max_size=6),
)


def is_worked(calendar: BusinessCalendar, day: date) -> bool:
    return day.weekday() not in calendar.weekend and day not in calendar.holidays


def walk(calendar: BusinessCalendar, day: date, count: int) -> date:
    """The count-th business day, found by looking at one day after the other."""
    step, left = timedelta(days=1 if count > 0 else -1), abs(count)
    while left:
        day += step
        left -= is_worked(calendar, day)
    return day


def tally(calendar: BusinessCalendar, start: date, end: date) -> int:
    """Business days in (start, end], one look per day."""
    span = (end - start).days
    return sum(is_worked(calendar, start + timedelta(days=n + 1)) for n in range(span))


@given(calendars, days, st.integers(-40, 40))
def test_adding_equals_a_walk_day_by_day(calendar: BusinessCalendar, day: date, n: int) -> None:
    assert calendar.add(day, n) == walk(calendar, day, n)


@given(calendars, days)
def test_rolling_equals_a_walk_day_by_day(calendar: BusinessCalendar, day: date) -> None:
    assert calendar.is_business_day(day) is is_worked(calendar, day)
    later, earlier = calendar.roll(day), calendar.roll(day, forward=False)
    if is_worked(calendar, day):
        assert (earlier, later) == (day, day)
    else:
        assert (earlier, later) == (walk(calendar, day, -1), walk(calendar, day, 1))


@given(calendars, days, days)
def test_counting_equals_a_walk_day_by_day(calendar: BusinessCalendar, a: date, b: date) -> None:
    expected = tally(calendar, a, b) if a <= b else -tally(calendar, b, a)
    assert calendar.count(a, b) == expected


@given(calendars, days, days, days)
def test_counts_add_up_in_any_order(calendar: BusinessCalendar, a: date, b: date, c: date) -> None:
    assert calendar.count(a, c) == calendar.count(a, b) + calendar.count(b, c)


@given(calendars, days, st.integers(1, 40))
def test_counting_undoes_adding(calendar: BusinessCalendar, day: date, n: int) -> None:
    assert calendar.count(day, calendar.add(day, n)) == n


def test_days_off_are_skipped_over_christmas() -> None:
    # 24 and 25 December 2026 are Thursday and Friday, the 28th is the Monday after.
    assert CHRISTMAS.add(date(2026, 12, 23), 1) == date(2026, 12, 28)
    assert CHRISTMAS.add(date(2026, 12, 28), -1) == date(2026, 12, 23)
    assert CHRISTMAS.count(date(2026, 12, 23), date(2026, 12, 28)) == 1
    assert CHRISTMAS.count(date(2026, 12, 28), date(2026, 12, 23)) == -1


def test_a_holiday_on_a_weekend_is_not_counted_twice() -> None:
    calendar = BusinessCalendar(holidays={date(2026, 12, 26)})  # a Saturday
    assert calendar.count(date(2026, 12, 25), date(2026, 12, 28)) == 1


def test_a_week_may_rest_on_friday_and_saturday() -> None:
    calendar = BusinessCalendar(weekend={4, 5})
    assert calendar.add(date(2026, 3, 5), 1) == date(2026, 3, 8)  # Thursday to Sunday


@pytest.mark.parametrize(
    ("weekend", "says"), [({7}, r"weekend is \[7\]"), (set(range(7)), "all seven")]
)
def test_a_week_needs_a_working_day_of_seven(weekend: set[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        BusinessCalendar(weekend=weekend)


def test_a_step_out_of_time_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the dates that exist"):
        BusinessCalendar().add(date.max, 1)


def test_calendars_with_the_same_days_off_are_equal() -> None:
    assert BusinessCalendar(holidays=[date(2026, 5, 1)]) == BusinessCalendar({date(2026, 5, 1)})


@pytest.mark.parametrize(
    ("reference", "early", "late", "opens", "closes"),
    [
        # Thursday 5 March 2026; the weekend is 7–8 March.
        ("2026-03-05", 0, 0, "2026-03-05", "2026-03-05"),
        ("2026-03-05", 1, 2, "2026-03-04", "2026-03-09"),
        ("2026-03-09", 1, 0, "2026-03-06", "2026-03-09"),
        # A Saturday is due on the Monday; taken on the Saturday it is not early.
        ("2026-03-07", 0, 0, "2026-03-07", "2026-03-09"),
        ("2026-03-07", 1, 1, "2026-03-06", "2026-03-10"),
    ],
)
def test_due_window_is_counted_in_business_days(
    reference: str, early: int, late: int, opens: str, closes: str
) -> None:
    found = due_window(
        BusinessCalendar(), date.fromisoformat(reference), early_days=early, late_days=late
    )
    assert found == (date.fromisoformat(opens), date.fromisoformat(closes))


@given(calendars, days, st.integers(0, 15), st.integers(0, 15))
def test_due_window_equals_a_walk_and_holds_its_reference(
    calendar: BusinessCalendar, day: date, early: int, late: int
) -> None:
    opens, closes = due_window(calendar, day, early_days=early, late_days=late)
    rolled = day if is_worked(calendar, day) else walk(calendar, day, 1)

    assert closes == walk(calendar, rolled, late)
    assert opens == min(day, walk(calendar, rolled, -early))
    assert opens is not None
    assert opens <= day <= closes


@given(calendars, st.lists(days, min_size=1, max_size=20), st.integers(0, 9), st.integers(0, 9))
def test_many_windows_equal_single_ones(
    calendar: BusinessCalendar, references: list[date], early: int, late: int
) -> None:
    array = np.array(references, dtype="datetime64[D]")
    opens, closes = due_windows(calendar, array, early_days=early, late_days=late)

    assert opens is not None
    assert list(zip(opens.tolist(), closes.tolist(), strict=True)) == [
        due_window(calendar, day, early_days=early, late_days=late) for day in references
    ]


def test_unknown_reference_has_an_unknown_window() -> None:
    array = np.array(["NaT", "2026-03-05"], dtype="datetime64[D]")
    opens, closes = due_windows(CHRISTMAS, array, early_days=None, late_days=1)

    assert opens is None
    assert closes.tolist() == [None, date(2026, 3, 6)]


def test_negative_days_are_refused() -> None:
    with pytest.raises(ValueError, match="early_days is -1"):
        due_window(CHRISTMAS, date(2026, 3, 5), early_days=-1, late_days=0)


def test_a_line_due_on_friday_may_come_on_monday_when_one_business_day_is_allowed() -> None:
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    line, came = Line(100, friday), [Receipt(monday, 100)]
    by_days = Window(late_days=1)
    by_business_days = business_window(BusinessCalendar(), friday, terms=by_days)

    late = judge_line(line, came, window=by_days, as_of=date(2026, 3, 31))
    in_time = judge_line(line, came, window=by_business_days, as_of=date(2026, 3, 31))
    sunday = judge_line(line, [], window=by_business_days, as_of=date(2026, 3, 8))

    assert (late.otif, in_time.otif) == (False, True)
    assert sunday.state is LineState.PENDING


@given(calendars, days, st.integers(0, 9), st.integers(0, 9))
def test_business_window_means_the_same_days_to_the_judge(
    calendar: BusinessCalendar, day: date, early: int, late: int
) -> None:
    terms = Window(early_days=early, late_days=late, under_ppm=7, over_ppm=9)
    window = business_window(calendar, day, terms=terms)

    assert window.around(day) == due_window(calendar, day, early_days=early, late_days=late)
    assert (window.under_ppm, window.over_ppm) == (7, 9)
