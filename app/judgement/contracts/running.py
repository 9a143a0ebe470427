"""How a contract runs on: its present run, the next day for a notice, and when it ends.

Reads no database: terms, what happened to the contract, and a day go in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from app.calc.calendars import BusinessCalendar
from app.calc.contract_dates import (
    NoticeKind,
    NoticePeriod,
    Term,
    notice_deadline,
    renewal_chain,
    renewed_end,
)
from app.facts.suppliers.calendars import NO_CALENDAR
from app.judgement.contracts.models import ContractEvent, ContractTerms, EventKind

NOTICES = (EventKind.NOTICE_GIVEN, EventKind.NOTICE_RECEIVED)
Calendars = Mapping[int, BusinessCalendar]


@dataclass(frozen=True, slots=True)
class Running:
    """How a contract runs on, as seen on a day; None where the terms don't say.

    term: the run that a notice of ours can still end. committed_until: the day up to which it
    holds whatever we do now. their_term: the run that they can still end. stops_on: when it
    ends for good, by its terms or by a notice. rolled_over: runs whose deadline passed without
    anybody having decided.
    """

    term: Term | None
    committed_until: date | None
    their_term: Term | None
    stops_on: date | None
    rolled_over: tuple[Term, ...] = ()

    @property
    def notice_by(self) -> date | None:
        """The last day on which our notice ends the run; None once it ends for good."""
        return None if self.term is None else self.term.notice_by

    @property
    def their_notice_by(self) -> date | None:
        """The last day on which their notice ends the run that they can still end."""
        return None if self.their_term is None else self.their_term.notice_by

    @property
    def their_end(self) -> date | None:
        """The end of the run that they can still end."""
        return None if self.their_term is None else self.their_term.ends_on


def running(
    terms: ContractTerms, events: Collection[ContractEvent], calendars: Calendars, *, as_of: date
) -> Running:
    """Return how a contract runs on, as seen on a day."""
    if terms.ends_on is None:
        return Running(None, None, None, None)
    ours, theirs = (
        notice_of(terms, days, calendars)
        for days in (terms.our_notice_days, terms.their_notice_days)
    )
    noticed = [each.ends_on for each in events if each.kind in NOTICES and each.ends_on]
    if noticed:
        return Running(None, min(noticed), None, min(noticed))
    if not terms.auto_renew:
        own, other = (_only(terms.ends_on, period, as_of) for period in (ours, theirs))
        return Running(own, terms.ends_on, other, terms.ends_on)
    chain = renewal_chain(terms.ends_on, terms.renewal_months, ours, until=as_of)
    wanted = {each.ends_on for each in events if each.kind == EventKind.RENEWAL_WANTED}
    passed, term = chain[:-1], chain[-1]
    rolled = tuple(run for run in passed if run.notice_by and run.ends_on not in wanted)
    while term.ends_on in wanted:
        ends_on = renewed_end(terms.ends_on, terms.renewal_months or 1, term.renewals + 1)
        term = Term(term.renewals + 1, ends_on, notice_deadline(ends_on, ours))
    other = renewal_chain(terms.ends_on, terms.renewal_months, theirs, until=as_of)[-1]
    return Running(term, term.ends_on, other, None, rolled)


def notice_of(terms: ContractTerms, days: int | None, calendars: Calendars) -> NoticePeriod:
    """Return a notice period of the terms, by the calendar that they name."""
    calendar = calendars.get(terms.calendar_id or NO_CALENDAR, calendars[NO_CALENDAR])
    return NoticePeriod(days, NoticeKind(terms.notice_kind), calendar)


def _only(ends_on: date, notice: NoticePeriod, as_of: date) -> Term | None:
    """Return the one run of a contract that does not renew itself, while it can be ended."""
    deadline = notice_deadline(ends_on, notice)
    return Term(0, ends_on, deadline) if (deadline or ends_on) >= as_of else None
