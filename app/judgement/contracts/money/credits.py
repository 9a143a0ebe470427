"""Service credits of a contract for the windows that end in a period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.calc.cents import ZERO
from app.calc.service_credits import service_credit
from app.facts.deliveries.lines.promised_lines import PromisedLine
from app.judgement.contracts.models import ObligationWindow
from app.judgement.contracts.money.figures import Figures, left_out_by
from app.judgement.contracts.money.held_terms import Banded, HeldTerms, TermsBook, is_valid
from app.judgement.contracts.money.owed import OwedCredit, places_of
from app.judgement.contracts.money.queries import Taken
from app.judgement.contracts.money.windows import Window, windows_ending


@dataclass(frozen=True, slots=True)
class Basis:
    """What credits are worked out from: terms, lines of the contract, figures, earlier claims."""

    book: TermsBook
    lines: Sequence[PromisedLine]
    figures: Figures
    taken: Taken
    as_of: date


def credits_of(basis: Basis, first_on: date, last_on: date) -> list[OwedCredit]:
    """Return the credit of every obligation with bands, for each window that ends in the days."""
    return [
        _credit(basis, terms, banded, window)
        for kind, window, terms in windows_under(basis, first_on, last_on)
        for banded in terms.banded
        if banded.obligation.window_kind == kind and is_valid(banded.obligation, window.last_on)
    ]


def windows_under(
    basis: Basis, first_on: date, last_on: date
) -> Iterator[tuple[ObligationWindow, Window, HeldTerms]]:
    """Yield the windows that end in some days and have begun, each with its terms.

    The terms are those that held last in the window: one in which the contract began or ended
    counts as far as it held.
    """
    for kind in ObligationWindow:
        for window in windows_ending(kind, first_on, last_on):
            terms = basis.book.within(window.spend_from, min(window.last_on, basis.as_of))
            if terms is not None:
                yield kind, window, terms


def _credit(basis: Basis, terms: HeldTerms, banded: Banded, window: Window) -> OwedCredit:
    row = banded.obligation
    figure = basis.figures.of(row.measure, window, left_out_by(row))
    spend = spend_of(terms, basis.lines, window)
    found = service_credit(
        figure.value,
        banded.bands,
        spend=spend,
        n=figure.n,
        min_n=row.min_n,
        places=places_of(terms),
    )
    owed = OwedCredit(
        banded, window, figure, spend, found, found.amount, found.reason, None,
        window.is_over(basis.as_of), _is_cumulative(terms, window),
    )  # fmt: skip
    before = basis.taken.credit(owed.key)
    if before is None:
        return owed
    told = f"It stands in claim {before.number}."
    return replace(owed, amount=before.amount, note=told, claimed_in=before.number)


def _is_cumulative(terms: HeldTerms, window: Window) -> bool:
    damages = terms.damages_on(window.last_on)
    return damages is not None and damages.is_cumulative


def spend_of(terms: HeldTerms, lines: Sequence[PromisedLine], window: Window) -> Decimal | None:
    """Return what was due in a window, without tax; None where a line's value is not known.

    A line in another currency makes it unknown: amounts of two currencies are never summed.
    """
    spent = ZERO
    for line in lines:
        if not window.spend_from <= line.window_end_on <= window.last_on:
            continue
        if line.value_due is None or line.currency != terms.row.currency:
            return None
        spent += line.value_due
    return spent
