"""What each line of a contract owes by itself: late lines, and those that are set apart.

A line is set apart, with its reason, where the supplier does not answer for it, where it is
disputed, where a fact is not known. Nothing here looks at caps that lines share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.base import formatting
from app.calc.cents import ZERO, coin_places
from app.calc.damages import Excuse, excused_days, excuses_supplier, line_damages
from app.facts.deliveries.lines.line_words import CAUSE_WORDS
from app.facts.deliveries.lines.promised_lines import PromisedLine
from app.judgement.contracts.money.held_terms import Damages, HeldTerms, TermsBook


class Apart(StrEnum):
    """Why a late line owes nothing, or nothing that could be claimed."""

    NOTHING_CHARGEABLE = "nothing_chargeable"
    EXCUSED = "excused"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"
    OTHER_CURRENCY = "other_currency"
    NO_CLAUSE = "no_clause"
    CLAIMED = "claimed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A late line and what it owes by itself.

    delivered_on: the day that completed it, as far as it was known on the as-of day; None where
    it is open. late_days: to that day, or to the as-of day. amount: to the coin,
    None where it is not known. apart: why it is not charged, None where it is.
    """

    line: PromisedLine
    terms: HeldTerms | None
    damages: Damages | None
    delivered_on: date | None
    late_days: int | None
    excused: int
    chargeable_days: int | None
    value: Decimal | None
    amount: Decimal | None
    capped_by: Decimal
    apart: Apart | None
    reason: str | None

    @property
    def is_open(self) -> bool:
        """Whether it is not complete yet, so that it still grows."""
        return self.delivered_on is None

    @property
    def cap(self) -> Decimal | None:
        """The cap on the contract's value that it shares with others, unrounded."""
        if self.terms is None or self.damages is None or self.damages.clause.has_line_cap:
            return None
        return self.terms.cap_of(self.damages.clause)


def judge_lines(
    book: TermsBook,
    lines: Sequence[PromisedLine],
    excuses: Sequence[Excuse],
    *,
    as_of: date,
    with_open: bool,
) -> list[JudgedLine]:
    """Return the lines that were late, or may have been, each with what it owes.

    None where no version of the terms asks damages: then lateness is no matter of money.
    """
    if not any(held.damages for held in book.versions):
        return []
    found = (_judged(book, line, excuses, as_of) for line in lines if line.on_time is not True)
    return [each if with_open else _only_complete(each) for each in found if each is not None]


def _only_complete(judged: JudgedLine) -> JudgedLine:
    if judged.apart is not None or not judged.is_open:
        return judged
    return replace(judged, apart=Apart.OPEN, reason="Not complete yet: what it owes still grows.")


def _judged(
    book: TermsBook, line: PromisedLine, excuses: Sequence[Excuse], as_of: date
) -> JudgedLine | None:
    terms = book.on(line.window_end_on)
    damages = None if terms is None else terms.damages_on(line.window_end_on)
    if terms is None or damages is None:
        return _set_apart(line, terms, Apart.NO_CLAUSE, "No clause on damages held on that day.")
    if line.on_time is None:
        return _set_apart(line, terms, Apart.UNKNOWN, "Whether it was on time is not known.")
    is_done = line.completed_on is not None and line.completed_on <= as_of
    delivered_on = line.completed_on if is_done else None
    until = delivered_on or as_of
    late = (until - line.window_end_on).days
    if late <= 0:
        # Missed by coming too early, or completed inside the window by a later correction.
        return None
    excused = excused_days(line.window_end_on, until, excuses)
    places = coin_places(terms.row.currency)
    value = line.delayed_value
    owed = line_damages(damages.clause, late, value, excused=excused, places=places)
    judged = JudgedLine(
        line, terms, damages, delivered_on, late, excused, owed.chargeable_days, value, owed.amount,
        owed.capped_by, None, owed.reason,
    )  # fmt: skip
    apart, reason = _apart(judged, terms)
    return replace(judged, apart=apart, reason=reason)


def _apart(judged: JudgedLine, terms: HeldTerms) -> tuple[Apart | None, str | None]:
    line, damages = judged.line, judged.damages
    if line.cause is not None and excuses_supplier(line.cause, line.incoterm):
        return Apart.EXCUSED, f"Coded “{CAUSE_WORDS[line.cause]}”: not theirs to answer for."
    if line.dispute_id is not None:
        return Apart.DISPUTED, "A dispute on this line is open."
    if judged.chargeable_days == 0:
        return Apart.NOTHING_CHARGEABLE, _why_nothing(judged)
    needs_value = damages is not None and damages.clause.needs_value
    if needs_value and line.currency not in (None, terms.row.currency):
        return (
            Apart.OTHER_CURRENCY,
            f"It is priced in {line.currency}, the contract in {terms.row.currency}.",
        )
    if judged.amount is None:
        return Apart.UNKNOWN, judged.reason
    if _cap_is_unknown(judged):
        return Apart.UNKNOWN, "The cap is a share of the contract’s value, which is not known."
    if judged.amount == ZERO:
        return Apart.NOTHING_CHARGEABLE, "It comes to less than the smallest coin."
    return None, None


def _why_nothing(judged: JudgedLine) -> str:
    late = formatting.count(judged.late_days or 0, "day")
    if judged.excused:
        return f"{late} late, {judged.excused} of them the supplier does not answer for."
    return f"{late} late, within the days of grace."


def _cap_is_unknown(judged: JudgedLine) -> bool:
    if judged.terms is None or judged.damages is None:
        return False
    clause = judged.damages.clause
    return clause.cap is not None and not clause.has_line_cap and judged.terms.row.value is None


def _set_apart(
    line: PromisedLine, terms: HeldTerms | None, apart: Apart, reason: str
) -> JudgedLine:
    return JudgedLine(
        line, terms, None, line.completed_on, None, 0, None, None, None, ZERO, apart, reason
    )
