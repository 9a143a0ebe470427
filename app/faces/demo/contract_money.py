"""Money under the demo company's contracts: days off, a saving, a baseline and three claims.

The claims are drawn up by the product's own rules from the lines that were loaded, so each adds
up to its lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.faces.demo.cast import LAST_DAY
from app.faces.demo.contracts import STORIES
from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import Contract, ContractStatus
from app.judgement.contracts.money.claims import Author, drafted, items_of
from app.judgement.contracts.money.glide import baseline_of, frozen_value
from app.judgement.contracts.money.held_terms import At, TermsBook, terms_book, whose_contract
from app.judgement.contracts.money.models import (
    ClaimItem,
    ClaimState,
    ContractClaim,
    ContractRelief,
    ContractSaving,
    ReliefKind,
    SavingState,
)
from app.judgement.contracts.money.statement import statement
from app.judgement.contracts.money.wording import days_of
from app.judgement.contracts.money_models import ImprovementClause

# What the orders of a supplier name as their contract.
REFERENCES: Mapping[str, str] = MappingProxyType(
    {each.supplier: each.number for each in STORIES if each.status is not ContractStatus.DRAFT}
)
ONE_DAY = timedelta(days=1)
LOADED_AT = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)
CASTINGS, FASTENERS, SHAFTS = "RV-2024-017", "LP-2025-021", "PV-2024-002"
BUYER, LEAD, MANAGER = "A. Lindqvist", "K. Brandt", "S. Oyelaran"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim: when it was drawn up and why, and how far it got; came_back None: not settled."""

    contract: str
    period: str
    drawn_at: datetime
    because: str
    issued_at: datetime | None = None
    settled_at: datetime | None = None
    came_back: Decimal | None = None


CLAIMS = (
    Claimed(
        CASTINGS, "2025Q4", datetime(2026, 1, 14, 9, 10, tzinfo=UTC),
        "Late housings of the fourth quarter, as clause 5 has it.",
        datetime(2026, 1, 16, 13, 5, tzinfo=UTC), datetime(2026, 3, 5, 8, 30, tzinfo=UTC),
        Decimal("300.00"),
    ),
    Claimed(
        CASTINGS, "2026Q2", datetime(2026, 7, 13, 10, 40, tzinfo=UTC),
        "OTIF below the agreed 95 % in the second quarter.",
        datetime(2026, 7, 17, 7, 55, tzinfo=UTC),
    ),
    Claimed(
        FASTENERS, "2026Q3", datetime(2026, 10, 12, 9, 0, tzinfo=UTC),
        "Four late call-offs of the third quarter.",
    ),
)  # fmt: skip


def add_contract_money(session: Session) -> None:
    """Add what stands beside the terms of three contracts, and the claims."""
    books = {number: _book(session, number) for number in (CASTINGS, FASTENERS, SHAFTS)}
    _add_days_off(session, books[CASTINGS])
    _add_saving(session, books[SHAFTS])
    _freeze_baselines(session, books[CASTINGS])
    for each in CLAIMS:
        _add_claim(session, books[each.contract], each)


def _book(session: Session, number: str) -> TermsBook:
    contract, supplier = session.execute(
        select(Contract.public_id, Supplier.public_id)
        .join(Supplier, Supplier.id == Contract.supplier_id)
        .where(Contract.number == number, Supplier.is_demo)
    ).one()
    return terms_book(session, whose_contract(session, At(supplier, contract)))


def _add_days_off(session: Session, book: TermsBook) -> None:
    _insert(
        session, ContractRelief, public_id=_key("flood"), contract_id=book.whose.contract_id,
        kind=ReliefKind.FORCE_MAJEURE, first_on=date(2026, 5, 18), last_on=date(2026, 5, 22),
        reason="High water on the Lahn, notice of 18 May; the foundry stood for five days.",
        entered_by=BUYER,
    )  # fmt: skip


def _add_saving(session: Session, book: TermsBook) -> None:
    share = book.versions[-1].gain_shares[0]
    _insert(
        session, ContractSaving, public_id=_key("saving"), gain_share_id=share.id,
        label="Shaft redesign, first half", first_on=date(2026, 1, 1), last_on=date(2026, 6, 30),
        actual_cost=Decimal(171500), investment=Decimal(12000), state=SavingState.VERIFIED,
        reason="Invoices of the half year, at the volume of the baseline.", entered_by=BUYER,
        ended_by=MANAGER, ended_at=datetime(2026, 8, 4, 12, 0, tzinfo=UTC),
        ended_because="Invoices and volumes compared with the ledger.", version=2,
    )  # fmt: skip


def _freeze_baselines(session: Session, book: TermsBook) -> None:
    for clause in (each for held in book.versions for each in held.improvements):
        found = baseline_of(session, book.whose.supplier_id, clause, LAST_DAY)
        session.execute(
            update(ImprovementClause)
            .where(ImprovementClause.id == clause.id)
            .values(base_value=frozen_value(found), base_n=found.n)
        )


def _add_claim(session: Session, book: TermsBook, told: Claimed) -> None:
    days = days_of(told.period)
    if days is None:
        raise ValueError(f"{told.period} is no period")
    found = statement(
        session, book, first_on=days[0], last_on=days[1],
        as_of=told.drawn_at.date() - ONE_DAY, with_open=False,
    )  # fmt: skip
    by = Author(BUYER, None, told.drawn_at)
    draft = drafted(session, found, period=told.period, because=told.because, by=by)
    key = _key(draft["number"])
    _insert(session, ContractClaim, public_id=key, **(draft | _ended(told)))
    claim_id = session.scalars(select(ContractClaim.id).where(ContractClaim.public_id == key)).one()
    for item in items_of(found):
        session.execute(insert(ClaimItem).values(claim_id=claim_id, **item))


def _ended(told: Claimed) -> dict[str, Any]:  # Any: columns' values
    if told.issued_at is None:
        return {"state": ClaimState.DRAFT, "version": 1}
    issued = {"issued_by": LEAD, "issued_at": told.issued_at}
    if told.settled_at is None:
        return issued | {"state": ClaimState.ISSUED, "version": 2}
    return issued | {
        "state": ClaimState.SETTLED, "version": 3, "settled_amount": told.came_back,
        "ended_by": LEAD, "ended_at": told.settled_at,
        "ended_because": "Credit note of 3 March; the rest was waived for quick payment.",
    }  # fmt: skip


def _insert(session: Session, model: Any, **values: Any) -> None:  # Any: a mapped class
    # Not through the session: one event tells of everything that is loaded.
    stamps = {"created_at": LOADED_AT, "updated_at": LOADED_AT}
    session.execute(insert(model).values(**values, **stamps))


def _key(words: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay:demo:contract-money:{words}")
