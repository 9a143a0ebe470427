"""What the page about money under a contract shows, read in one session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import request
from sqlalchemy.orm import Session

from app.base.web.lists import BadQuery
from app.calc.periods import MONTHS_IN_QUARTER, month_index, quarter_label
from app.judgement.contracts.money import queries
from app.judgement.contracts.money.claims import facts_until
from app.judgement.contracts.money.glide import Glide, glides
from app.judgement.contracts.money.held_terms import At, TermsBook, terms_book, whose_contract
from app.judgement.contracts.money.models import ContractClaim, ContractRelief
from app.judgement.contracts.money.owed import places_of
from app.judgement.contracts.money.savings import Shared, shared_under
from app.judgement.contracts.money.statement import Statement, statement
from app.judgement.contracts.money.wording import days_of, quarter_of

QUARTERS_OFFERED = 4
YEARS_OFFERED = 2


@dataclass(frozen=True, slots=True)
class MoneyPage:
    """Everything on the page."""

    book: TermsBook
    found: Statement
    period: str
    periods: tuple[str, ...]
    is_over: bool
    places: int
    claims: tuple[ContractClaim, ...]
    reliefs: tuple[ContractRelief, ...]
    savings: tuple[Shared, ...]
    glides: tuple[Glide, ...]

    @property
    def currency(self) -> str:
        """The currency of the terms, empty before they were approved."""
        return self.found.currency or ""


def money_page(session: Session, at: At) -> MoneyPage:
    """Return what the page shows for the period in the address; raises NotFound, BadQuery."""
    book = terms_book(session, whose_contract(session, at))
    as_of = facts_until(session)
    period = asked_period(as_of)
    found = _stated(session, book, period, as_of)
    latest = None if book.latest is None else book.latest.row
    return MoneyPage(
        book=book,
        found=found,
        period=period,
        periods=offered(as_of),
        is_over=found.last_on <= as_of,
        places=places_of(book.latest),
        claims=tuple(queries.claims_of(session, book.whose.contract_id)),
        reliefs=tuple(queries.reliefs_of(session, book.whose.contract_id)),
        savings=tuple(shared_under(session, book.whose, "" if latest is None else latest.currency)),
        glides=tuple(glides(session, book, as_of)),
    )


def stated(session: Session, at: At) -> tuple[str, Statement]:
    """Return the period in the address, and what the contract makes of it."""
    book = terms_book(session, whose_contract(session, at))
    as_of = facts_until(session)
    period = asked_period(as_of)
    return period, _stated(session, book, period, as_of)


def asked_period(as_of: date) -> str:
    """Return the period that the address asks for; the quarter of the latest fact by default."""
    asked = request.args.get("period") or quarter_of(as_of)
    if days_of(asked) is None:
        raise BadQuery(
            "E-CLM-11", f"period {asked[:20]!r} is not a quarter or a year such as 2026Q3 or 2026."
        )
    return asked


def offered(as_of: date) -> tuple[str, ...]:
    """Return the periods that the page offers: the running quarter, those before, two years."""
    month = month_index(as_of)
    quarters = (quarter_label(month - MONTHS_IN_QUARTER * back)
                for back in range(QUARTERS_OFFERED + 1))  # fmt: skip
    years = (str(as_of.year - back) for back in range(YEARS_OFFERED))
    return (*quarters, *years)


def _stated(session: Session, book: TermsBook, period: str, as_of: date) -> Statement:
    days = days_of(period)
    if days is None:
        raise BadQuery("E-CLM-11", f"period {period[:20]!r} is not a quarter or a year.")
    return statement(session, book, first_on=days[0], last_on=days[1], as_of=as_of)
