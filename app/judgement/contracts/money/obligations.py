"""Obligations of a contract beside what was measured over the last window that is over.

A rate of lines is counted as the contract says it: over its own lines, by the delivery rule that
the obligation names, without what it leaves out. Other measures are the supplier's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.calc.measure import Measure, rate
from app.calc.periods import Period, month_start
from app.facts.deliveries.lines.promised_lines import PromisedLine, promised_lines
from app.judgement.contracts.measured import Measured, judged, window_ended
from app.judgement.contracts.models import ContractObligation, ObligationWindow
from app.judgement.contracts.money.figures import BY_LINE, figure_of_lines, left_out_by
from app.judgement.contracts.money.held_terms import TermsBook
from app.judgement.contracts.money.statement import own_lines
from app.judgement.scorecards.gathering import gather
from app.judgement.scorecards.measures import measure_table

NO_LINES = "No line under the contract was due in this window."


def measured(
    session: Session, book: TermsBook, obligations: Collection[ContractObligation], *, as_of: date
) -> list[Measured]:
    """Return each obligation with its figure over the last window that ended by a day."""
    kinds = sorted({each.window_kind for each in obligations})
    periods = {kind: window_ended(ObligationWindow(kind), as_of) for kind in kinds}
    scorecards = {
        kind: _scorecard(session, book.whose.supplier_id, period)
        for kind, period in periods.items()
    }
    lines = _lines(session, book, obligations, list(periods.values()))
    return [
        _measured(each, periods[each.window_kind], scorecards[each.window_kind], lines)
        for each in obligations
    ]


def _measured(
    each: ContractObligation,
    period: Period,
    scorecard: Mapping[str, Measure],
    lines: Sequence[PromisedLine],
) -> Measured:
    operational = scorecard.get(each.measure)
    if each.measure not in BY_LINE:
        outcome, is_sure = judged(each, operational)
        return Measured(each, period, operational, operational, outcome, is_sure)
    first, last = month_start(period.first_month), period.last_day
    within = (line for line in lines if first <= line.window_end_on <= last)
    figure = figure_of_lines(each.measure, within, left_out_by(each))
    counted = rate(each.measure, figure.met or 0, figure.n or 0, reason_no_data=NO_LINES)
    outcome, is_sure = judged(each, counted)
    return Measured(
        each, period, counted, operational, outcome, is_sure, is_of_lines=True,
        left_out=figure.excluded, judged_otherwise=figure.judged_otherwise,
    )  # fmt: skip


def _scorecard(session: Session, supplier_id: int, period: Period) -> Mapping[str, Measure]:
    return measure_table(gather(session, period, supplier_ids=[supplier_id])).measures(0)


def _lines(
    session: Session,
    book: TermsBook,
    obligations: Collection[ContractObligation],
    periods: Sequence[Period],
) -> list[PromisedLine]:
    """Return the lines that were due under the contract in any of the windows."""
    if not any(each.measure in BY_LINE for each in obligations):
        return []
    first = min(month_start(each.first_month) for each in periods)
    last = max(each.last_day for each in periods)
    every = promised_lines(session, book.whose.supplier_id, first_on=first, last_on=last)
    own, _ = own_lines(session, book, every)
    return [line for line in own if book.on(line.window_end_on) is not None]
