"""Dates of contracts: the last day for a notice, renewals, and when to be reminded of them.

Only days, never moments: a notice is in time when the day on which it is given, where it is
given, is not after the deadline. Nothing here knows what day it is.
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.calc.calendars import BusinessCalendar
from app.calc.periods import MONTHS_IN_YEAR, month_index

LADDER = (90, 60, 30, 14, 7)
CRITICAL_LADDER = (180, *LADDER)
MONDAY_TO_FRIDAY = BusinessCalendar()
# Chains of renewals are cut here: a term of one month needs two hundred years for it.
MOST_RENEWALS = 2400


class NoticeKind(StrEnum):
    """How the days of a notice period are counted back from a contract's end."""

    CALENDAR = "calendar"
    ROLLED_BACK = "rolled_back"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class NoticePeriod:
    """A notice period: `days` back from the end; None where it is not known.

    kind: calendar days as they fall; calendar days rolled back to a working day; or working
    days. calendar: whose days off count.
    """

    days: int | None
    kind: NoticeKind = NoticeKind.CALENDAR
    calendar: BusinessCalendar = MONDAY_TO_FRIDAY

    def __post_init__(self) -> None:
        if self.days is not None and self.days < 0:
            raise ValueError(f"days is {self.days}, it must be at least 0")


@dataclass(frozen=True, slots=True)
class Term:
    """One run of a contract: how often it had been renewed before, its last day, and the last
    day on which notice prevents the next run; None where there is no such day."""

    renewals: int
    ends_on: date
    notice_by: date | None


def add_months(day: date, count: int) -> date:
    """Return the same day of another month, or that month's last day where it is shorter.

    Formula: d' = min(day of month, length of the month `count` months away).

    Args:
        day: any date.
        count: months [months], negative goes back.
    Returns:
        A date.
    Raises:
        ValueError: the result lies outside the years 1 to 9999.
    Source: domain rules §10 (“month arithmetic clamps end-of-month”); § 188 (3) BGB.
    Edge cases: the clamp is not remembered: 31 January + 1 + 1 months is 28 March. Whoever
    repeats a step adds its multiple to the first day, as `renewed_end` does.

    >>> add_months(date(2028, 2, 29), 12), add_months(date(2026, 3, 31), -1)
    (datetime.date(2029, 2, 28), datetime.date(2026, 2, 28))
    """
    index = month_index(day) + count
    year, month = divmod(index, MONTHS_IN_YEAR)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"{count} months from {day} lie outside the years 1 to 9999")
    length = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, length))


def renewed_end(first_end: date, term_months: int, renewals: int) -> date:
    """Return the last day of a contract after a number of renewals.

    Formula: e_k = add_months(e_0, k·m).

    Args:
        first_end: e_0, the last day of the first term.
        term_months: m, how long a renewal runs [months], ≥ 1.
        renewals: k [renewals], ≥ 0.
    Returns:
        The last day of the k-th renewal; e_0 for none.
    Raises:
        ValueError: m < 1 or k < 0, or the result lies after the year 9999.
    Source: domain rules §10; oracle `supply_dates_leap_month`.
    Edge cases: counted from the first end, so 29 February comes back in the next leap year.

    >>> [renewed_end(date(2028, 2, 29), 12, k).isoformat() for k in (1, 4)]
    ['2029-02-28', '2032-02-29']
    """
    if term_months < 1:
        raise ValueError(f"term_months is {term_months}, it must be at least 1")
    if renewals < 0:
        raise ValueError(f"renewals is {renewals}, it must be at least 0")
    return add_months(first_end, term_months * renewals)


def notice_deadline(ends_on: date, notice: NoticePeriod) -> date | None:
    """Return the last day on which notice can be given to end a contract on a day.

    Formula: calendar: e − n days. Rolled back: the last working day ≤ e − n days. Business:
    the n-th working day before e; for n = 0 the last working day ≤ e.

    Args:
        ends_on: e, the day from which the period is counted back.
        notice: n and how it is counted.
    Returns:
        A date; None where the period is not known.
    Raises:
        ValueError: the result lies before the year 1.
    Source: domain rules §10; lapsewise.com (1 December, 90 days: 2 September); oracles
    `notice_deadline` and `supply_dates_leap_month`.
    Edge cases: always rolled backwards, never forwards: a notice on the next working day
    comes too late. 0 calendar days is the end itself.

    >>> notice_deadline(date(2026, 12, 1), NoticePeriod(90))
    datetime.date(2026, 9, 2)
    >>> notice_deadline(date(2028, 2, 29), NoticePeriod(30, NoticeKind.ROLLED_BACK))
    datetime.date(2028, 1, 28)
    """
    if notice.days is None:
        return None
    if notice.kind is NoticeKind.BUSINESS and notice.days > 0:
        return notice.calendar.add(ends_on, -notice.days)
    days_back = 0 if notice.kind is NoticeKind.BUSINESS else notice.days
    if ends_on.toordinal() <= days_back:
        raise ValueError(f"{days_back} days before {ends_on} lie before the year 1")
    deadline = ends_on - timedelta(days=days_back)
    if notice.kind is NoticeKind.CALENDAR:
        return deadline
    return notice.calendar.roll(deadline, forward=False)


def renewal_chain(
    first_end: date, term_months: int | None, notice: NoticePeriod, *, until: date
) -> tuple[Term, ...]:
    """Return a contract's runs, from the first one to the one that is open on a day.

    Formula: runs k = 0, 1, … with e_k of `renewed_end` and their deadlines d_k, up to the
    first k with d_k ≥ until (e_k ≥ until where the notice period is not known). From d_k
    on the contract is bound to run on, whatever its end says.

    Args:
        first_end: e_0, the last day of the first term.
        term_months: how long a renewal runs [months]; None: it doesn't renew itself.
        notice: the period of whoever wants to end it.
        until: the day on which one looks.
    Returns:
        At least one run; the last is the next that a notice can still end, if any can.
    Raises:
        ValueError: as `renewed_end`; more than MOST_RENEWALS renewals.
    Source: domain rules §10 (“overdue notice with auto-renew = rolled over”).
    Edge cases: on the deadline itself the run is still open. Where notice takes longer than a
    renewal runs, the first open run may lie several renewals ahead.

    >>> chain = renewal_chain(date(2026, 12, 1), 12, NoticePeriod(90), until=date(2026, 9, 3))
    >>> [(run.renewals, run.ends_on.year, run.notice_by.isoformat()) for run in chain]
    [(0, 2026, '2026-09-02'), (1, 2027, '2027-09-02')]
    """
    runs: list[Term] = []
    for renewals in range(MOST_RENEWALS + 1):
        ends_on = first_end if renewals == 0 else renewed_end(first_end, term_months or 1, renewals)
        run = Term(renewals, ends_on, notice_deadline(ends_on, notice))
        runs.append(run)
        if term_months is None or (run.notice_by or ends_on) >= until:
            return tuple(runs)
    raise ValueError(f"more than {MOST_RENEWALS} renewals since {first_end}")


def alert_ladder(deadline: date, *, is_critical: bool = False) -> tuple[date, ...]:
    """Return the days on which to remind of a deadline, earliest first.

    Formula: d − s for s in 90, 60, 30, 14, 7 days, for a critical one 180 before them.

    Args:
        deadline: d, the day of the deadline (not the end of the contract).
        is_critical: whether half a year ahead is needed.
    Returns:
        Five days, or six.
    Raises:
        ValueError: a day lies before the year 1.
    Source: domain rules §10, oracle `alert_ladder`.
    Edge cases: days in the past are among them; whoever reminds asks `rung_reached`.

    >>> [day.isoformat() for day in alert_ladder(date(2026, 9, 2))][:2]
    ['2026-06-04', '2026-07-04']
    """
    if deadline.toordinal() <= CRITICAL_LADDER[0]:
        raise ValueError(f"{deadline} is too early a day for reminders")
    return tuple(deadline - timedelta(days=days) for days in ladder_of(is_critical=is_critical))


def ladder_of(*, is_critical: bool) -> tuple[int, ...]:
    """Return how many days before a deadline one is reminded, most first.

    >>> ladder_of(is_critical=True)
    (180, 90, 60, 30, 14, 7)
    """
    return CRITICAL_LADDER if is_critical else LADDER


def rung_reached(deadline: date, as_of: date, *, is_critical: bool = False) -> int | None:
    """Return the nearest rung of the ladder that has been reached.

    Formula: min {s in the ladder : as_of ≥ d − s}.

    Args:
        deadline: d.
        as_of: the day on which one looks.
        is_critical: which ladder.
    Returns:
        Days before the deadline [days]; None before the first rung and after the deadline.
    Raises:
        Nothing.
    Source: domain rules §10. After downtime only the nearest rung is told.
    Edge cases: on the deadline itself it is the last rung, 7.

    >>> rung_reached(date(2026, 9, 2), date(2026, 8, 20))
    14
    """
    left = (deadline - as_of).days
    if left < 0:
        return None
    reached = [days for days in ladder_of(is_critical=is_critical) if left <= days]
    return min(reached, default=None)
