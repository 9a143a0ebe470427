"""Days of contracts: notice deadlines, renewals, the ladder of reminders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.calc.calendars import BusinessCalendar
from app.calc.contract_dates import (
    NoticeKind,
    NoticePeriod,
    add_months,
    alert_ladder,
    notice_deadline,
    renewal_chain,
    renewed_end,
    rung_reached,
)


def test_ninety_days_before_the_first_of_december_is_the_second_of_september() -> None:
    # Oracle notice_deadline.
    assert notice_deadline(date(2026, 12, 1), NoticePeriod(90)) == date(2026, 9, 2)


def test_a_leap_day_renews_to_the_last_of_february_and_comes_back() -> None:
    # Oracle supply_dates_leap_month, and the leap year after it.
    assert renewed_end(date(2028, 2, 29), 12, 1) == date(2029, 2, 28)
    assert renewed_end(date(2028, 2, 29), 12, 4) == date(2032, 2, 29)
    assert notice_deadline(date(2028, 2, 29), NoticePeriod(30)) == date(2028, 1, 30)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_months_stop_at_the_end_of_a_shorter_one(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_a_deadline_on_a_day_off_rolls_back_and_never_forward() -> None:
    # 30 January 2028 is a Sunday; with the Friday before it a holiday it is the Thursday.
    ends_on = date(2028, 2, 29)
    plain = NoticePeriod(30, NoticeKind.ROLLED_BACK)
    assert notice_deadline(ends_on, plain) == date(2028, 1, 28)
    closed = BusinessCalendar(holidays={date(2028, 1, 28)})
    assert notice_deadline(ends_on, NoticePeriod(30, NoticeKind.ROLLED_BACK, closed)) == date(
        2028, 1, 27
    )


def test_working_days_are_counted_back_over_holidays() -> None:
    # Before Thursday 31 December 2026: 30, 29, 28, (25 and 24 off), 23.
    calendar = BusinessCalendar(holidays={date(2026, 12, 24), date(2026, 12, 25)})
    notice = NoticePeriod(4, NoticeKind.BUSINESS, calendar)
    assert notice_deadline(date(2026, 12, 31), notice) == date(2026, 12, 23)
    none = NoticePeriod(0, NoticeKind.BUSINESS)
    assert notice_deadline(date(2026, 11, 29), none) == date(2026, 11, 27)


def test_an_unknown_notice_period_gives_no_deadline_and_none_gives_the_end() -> None:
    assert notice_deadline(date(2026, 12, 1), NoticePeriod(None)) is None
    assert notice_deadline(date(2026, 12, 1), NoticePeriod(0)) == date(2026, 12, 1)


def test_on_the_deadline_the_run_is_open_and_on_the_day_after_it_has_rolled_over() -> None:
    notice, first = NoticePeriod(90), date(2026, 12, 1)
    on_it = renewal_chain(first, 12, notice, until=date(2026, 9, 2))
    assert [run.ends_on for run in on_it] == [date(2026, 12, 1)]
    after = renewal_chain(first, 12, notice, until=date(2026, 9, 3))
    assert [run.ends_on for run in after] == [date(2026, 12, 1), date(2027, 12, 1)]
    assert after[-1].notice_by == date(2027, 9, 2)


def test_a_contract_that_does_not_renew_itself_has_one_run() -> None:
    chain = renewal_chain(date(2020, 6, 30), None, NoticePeriod(30), until=date(2026, 1, 1))
    assert [run.ends_on for run in chain] == [date(2020, 6, 30)]


def test_the_ladder_hangs_on_the_deadline() -> None:
    # 2 September 2026 minus 180, 90, 60, 30, 14, 7 days.
    critical = [
        date(2026, 3, 6), date(2026, 6, 4), date(2026, 7, 4), date(2026, 8, 3),
        date(2026, 8, 19), date(2026, 8, 26),
    ]  # fmt: skip
    assert list(alert_ladder(date(2026, 9, 2), is_critical=True)) == critical
    assert list(alert_ladder(date(2026, 9, 2))) == critical[1:]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 3, 5), None),
        (date(2026, 6, 3), None),
        (date(2026, 6, 4), 90),
        (date(2026, 8, 25), 14),
        (date(2026, 8, 26), 7),
        (date(2026, 9, 2), 7),
        (date(2026, 9, 3), None),
    ],
)
def test_only_the_nearest_rung_is_told(as_of: date, expected: int | None) -> None:
    assert rung_reached(date(2026, 9, 2), as_of) == expected


def test_the_day_of_a_deadline_is_the_houses_own() -> None:
    # 23:30 on 2 September in UTC is the 3rd in Berlin, and still the 2nd in New York.
    moment = datetime(2026, 9, 2, 23, 30, tzinfo=UTC)
    chain = {
        zone: renewal_chain(
            date(2026, 12, 1), 12, NoticePeriod(90), until=moment.astimezone(ZoneInfo(zone)).date()
        )
        for zone in ("Europe/Berlin", "America/New_York")
    }
    assert len(chain["Europe/Berlin"]) == 2
    assert len(chain["America/New_York"]) == 1


def test_days_outside_of_the_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        renewed_end(date(9999, 6, 30), 12, 1)
    with pytest.raises(ValueError, match="before the year 1"):
        notice_deadline(date(1, 1, 20), NoticePeriod(30))
