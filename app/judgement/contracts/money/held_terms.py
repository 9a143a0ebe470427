"""What the approved terms of a contract say about money, version by version and day by day.

Drafts and refused amendments say nothing here: only what was agreed can be owed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.damages import CapBase, DamagesClause, DamagesMode, GraceKind
from app.calc.service_credits import CreditBand
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.directory import head_by_public_id
from app.judgement.contracts.models import (
    APPROVED,
    Contract,
    ContractObligation,
    ContractStatus,
    ContractTerms,
)
from app.judgement.contracts.money_models import (
    DamagesSchedule,
    GainShare,
    ImprovementClause,
    Incentive,
    ServiceCreditBand,
)
from app.judgement.contracts.wording import line_words

HUNDRED = Decimal(100)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class At:
    """Where a contract stands in addresses: its supplier and itself."""

    supplier: UUID
    contract: UUID


@dataclass(frozen=True, slots=True)
class Whose:
    """The contract that a page or a claim is about, and the supplier it is counted for."""

    contract_id: int
    public_id: UUID
    number: str
    status: ContractStatus
    ended_on: date | None
    supplier_id: int
    supplier_public_id: UUID
    supplier_name: str
    supplier_number: str


@dataclass(frozen=True, slots=True)
class Damages:
    """One clause on damages as it was agreed; `words` say it in one line."""

    clause: DamagesClause
    is_cumulative: bool
    words: str


@dataclass(frozen=True, slots=True)
class Banded:
    """An obligation with its bands of service credits."""

    obligation: ContractObligation
    bands: tuple[CreditBand, ...]


@dataclass(frozen=True, slots=True)
class HeldTerms:
    """One approved version and the days on which it holds; `until_on` None: to this day."""

    row: ContractTerms
    until_on: date | None
    damages: tuple[DamagesSchedule, ...]
    banded: tuple[Banded, ...]
    incentives: tuple[Incentive, ...]
    gain_shares: tuple[GainShare, ...]
    improvements: tuple[ImprovementClause, ...]

    def holds_on(self, day: date) -> bool:
        """Whether this version holds on a day."""
        return self.row.from_on <= day and (self.until_on is None or day <= self.until_on)

    def damages_on(self, day: date) -> Damages | None:
        """Return the clause that holds on a day, None where none was agreed for it."""
        found = next((each for each in self.damages if is_valid(each, day)), None)
        return None if found is None else _damages(found, self.row.currency)

    def cap_of(self, clause: DamagesClause) -> Decimal | None:
        """Return what a cap on the contract's value comes to, unrounded; None where unknown."""
        if clause.cap is None or self.row.value is None:
            return None
        return self.row.value * clause.cap


@dataclass(frozen=True, slots=True)
class TermsBook:
    """All approved versions of one contract, the oldest first."""

    whose: Whose
    versions: tuple[HeldTerms, ...]

    def on(self, day: date) -> HeldTerms | None:
        """Return the version that holds on a day, None before the first and after the end."""
        ended = self.whose.ended_on
        if ended is not None and day > ended:
            return None
        return next((each for each in reversed(self.versions) if each.holds_on(day)), None)

    def within(self, first_on: date, last_on: date) -> HeldTerms | None:
        """Return the version that held last within some days, None where none held in them."""
        ended = self.whose.ended_on
        last = last_on if ended is None else min(ended, last_on)
        held = (
            each
            for each in reversed(self.versions)
            if max(first_on, each.row.from_on) <= min(last, each.until_on or last)
        )
        return next(held, None)

    @property
    def latest(self) -> HeldTerms | None:
        """The newest approved version."""
        return self.versions[-1] if self.versions else None


def whose_contract(session: Session, at: At) -> Whose:
    """Return the contract with this address; raises NotFound where it is out of reach."""
    supplier = head_by_public_id(session, at.supplier)
    contract = session.scalar(
        select(Contract).where(
            Contract.public_id == at.contract,
            Contract.supplier_id.in_(members(session, [supplier.id])),
        )
    )
    if contract is None:
        raise NotFound("E-CLM-01", "This supplier has no such contract.")
    return Whose(
        contract.id, contract.public_id, contract.number, ContractStatus(contract.status),
        contract.ended_on, supplier.id, supplier.public_id, supplier.name, supplier.number,
    )  # fmt: skip


def terms_book(session: Session, whose: Whose) -> TermsBook:
    """Return what was agreed under a contract, version by version."""
    rows = session.scalars(
        select(ContractTerms)
        .where(ContractTerms.contract_id == whose.contract_id, ContractTerms.state.in_(APPROVED))
        .order_by(ContractTerms.from_on, ContractTerms.sequence)
    ).all()
    ids = [row.id for row in rows]
    parts = {model: _by_terms(session, model, ids)
             for model in (DamagesSchedule, Incentive, GainShare, ImprovementClause)}  # fmt: skip
    banded = _banded(session, ids)
    following = [row.from_on - ONE_DAY for row in rows[1:]]
    return TermsBook(
        whose,
        tuple(
            HeldTerms(
                row,
                until_on,
                damages=tuple(parts[DamagesSchedule].get(row.id, ())),
                banded=tuple(banded.get(row.id, ())),
                incentives=tuple(parts[Incentive].get(row.id, ())),
                gain_shares=tuple(parts[GainShare].get(row.id, ())),
                improvements=tuple(parts[ImprovementClause].get(row.id, ())),
            )
            for row, until_on in zip(rows, [*following, None], strict=bool(rows))
        ),
    )


def others_with_money(session: Session, whose: Whose) -> int:
    """Return how many other contracts of the supplier say that lateness costs something.

    An order that names no contract could be under any of them.
    """
    damaged = select(DamagesSchedule.terms_id)
    credited = select(ContractObligation.terms_id).join(
        ServiceCreditBand, ServiceCreditBand.obligation_id == ContractObligation.id
    )
    rows = session.scalars(
        select(ContractTerms.contract_id)
        .join(Contract, Contract.id == ContractTerms.contract_id)
        .where(
            Contract.supplier_id.in_(members(session, [whose.supplier_id])),
            Contract.id != whose.contract_id,
            ContractTerms.state.in_(APPROVED),
            ContractTerms.id.in_(damaged) | ContractTerms.id.in_(credited),
        )
    )
    return len(set(rows))


def is_valid(row: Any, day: date) -> bool:  # Any: a clause with days of its own
    """Whether a clause holds on a day, as far as its own days say."""
    return (row.valid_from is None or row.valid_from <= day) and (
        row.valid_to is None or day <= row.valid_to
    )


def _by_terms(session: Session, model: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    # Any: clauses of one kind
    found: dict[int, list[Any]] = {}
    for row in session.scalars(select(model).where(model.terms_id.in_(ids)).order_by(model.id)):
        found.setdefault(row.terms_id, []).append(row)
    return found


def _banded(session: Session, ids: Sequence[int]) -> dict[int, list[Banded]]:
    rows = session.execute(
        select(ContractObligation, ServiceCreditBand)
        .join(ServiceCreditBand, ServiceCreditBand.obligation_id == ContractObligation.id)
        .where(ContractObligation.terms_id.in_(ids))
        .order_by(ContractObligation.id, ServiceCreditBand.floor)
    )
    grouped: dict[int, tuple[ContractObligation, list[CreditBand]]] = {}
    for obligation, band in rows:
        _, bands = grouped.setdefault(obligation.id, (obligation, []))
        bands.append(CreditBand(band.floor, band.percent / HUNDRED))
    found: dict[int, list[Banded]] = {}
    for obligation, bands in grouped.values():
        found.setdefault(obligation.terms_id, []).append(Banded(obligation, tuple(bands)))
    return found


def _damages(row: DamagesSchedule, currency: str) -> Damages:
    mode = DamagesMode(row.mode)
    is_fixed = mode is DamagesMode.FIXED_PER_DAY
    rate = (row.amount if is_fixed else row.rate) or Decimal(0)
    clause = DamagesClause(
        mode=mode,
        rate=rate if is_fixed else rate / HUNDRED,
        grace_days=row.grace_days,
        grace_kind=GraceKind(row.grace_kind),
        cap=None if row.cap_percent is None else row.cap_percent / HUNDRED,
        cap_base=CapBase(row.cap_base),
    )
    return Damages(clause, row.is_cumulative, line_words(row, currency))
