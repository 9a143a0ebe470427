"""The time line of a contract: its runs, the days to act by, reminders, and today."""

from __future__ import annotations

from datetime import date

from app.base import formatting
from app.base.charts.day_line import DayLine, MarkedDay, Stretch
from app.calc.contract_dates import alert_ladder, renewed_end
from app.judgement.contracts.queries import ContractRow


def time_line(row: ContractRow, as_of: date) -> DayLine | None:
    """Return the picture of a contract's days; None where the terms name no end."""
    terms, runs = row.terms, row.running
    if terms.ends_on is None or runs.committed_until is None:
        return None
    marks = [MarkedDay(terms.starts_on, "starts")]
    stretches = [Stretch(terms.starts_on, runs.committed_until)]
    marks.append(MarkedDay(runs.committed_until, "ends" if runs.stops_on else "renews"))
    ticks: tuple[date, ...] = ()
    if runs.notice_by is not None:
        marks.append(MarkedDay(runs.notice_by, "our notice by", is_strong=True))
        ticks = alert_ladder(runs.notice_by, is_critical=terms.is_critical)
    if runs.their_notice_by is not None and runs.their_notice_by != runs.notice_by:
        marks.append(MarkedDay(runs.their_notice_by, "their notice by"))
    if terms.auto_renew and runs.stops_on is None and runs.term is not None:
        next_end = renewed_end(terms.ends_on, terms.renewal_months or 1, runs.term.renewals + 1)
        stretches.append(Stretch(runs.committed_until, next_end, is_open=True))
        marks.append(MarkedDay(next_end, "next end"))
    told = "; ".join(f"{each.words} {formatting.day(each.on)}" for each in marks)
    first = terms.starts_on
    return DayLine(
        "Days of the contract",
        f"{told}; today {formatting.day(as_of)}",
        tuple(stretches),
        tuple(marks),
        as_of,
        tuple(day for day in ticks if day >= first),
    )
