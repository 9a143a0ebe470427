"""Reads of claims, of days off and of savings: rows and what earlier claims took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.cents import ZERO
from app.judgement.contracts.models import Contract, ContractTerms
from app.judgement.contracts.money.models import (
    STANDING,
    ClaimItem,
    ContractClaim,
    ContractRelief,
    ContractSaving,
)
from app.judgement.contracts.money_models import GainShare
from app.judgement.scorecards.register import BY_ID, Group

LINE, CREDIT = "line:", "credit:"


@dataclass(frozen=True, slots=True)
class Before:
    """An amount that an earlier claim took."""

    number: str
    amount: Decimal
    due_on: date
    counts_for_cap: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What the claims that stand took under a contract, by key."""

    by_key: Mapping[str, Before]

    def line(self, line_id: int) -> Before | None:
        """Return what was claimed for a line."""
        return self.by_key.get(line_key(line_id))

    def credit(self, key: str) -> Before | None:
        """Return what was claimed as a credit."""
        return self.by_key.get(key)

    @property
    def for_cap(self) -> Decimal:
        """What the cap on the contract's value has been used up by."""
        return sum((each.amount for each in self.by_key.values() if each.counts_for_cap), ZERO)

    def for_cap_within(self, first_on: date, last_on: date) -> Decimal:
        """The part of it that fell due within some days."""
        within = (each for each in self.by_key.values() if first_on <= each.due_on <= last_on)
        return sum((each.amount for each in within if each.counts_for_cap), ZERO)

    def lines_within(self, first_on: date, last_on: date) -> bool:
        """Whether damages were claimed for lines that fell due within some days."""
        return any(
            key.startswith(LINE) and first_on <= each.due_on <= last_on
            for key, each in self.by_key.items()
        )

    def delivery_credit_over(self, day: date) -> Before | None:
        """Return the credit for delivery that was claimed for a window around a day."""
        for key, each in self.by_key.items():
            if not key.startswith(CREDIT):
                continue
            measure, first, last = key.removeprefix(CREDIT).split(":")
            is_within = first <= day.isoformat() <= last
            if is_within and BY_ID[measure].group is Group.DELIVERY:
                return each
        return None


def line_key(line_id: int) -> str:
    """Return what a line is claimed under."""
    return f"{LINE}{line_id}"


def credit_key(measure: str, first_on: date, last_on: date) -> str:
    """Return what the credit of a measure for a window is claimed under, amended or not."""
    return f"{CREDIT}{measure}:{first_on.isoformat()}:{last_on.isoformat()}"


def taken(session: Session, contract_id: int) -> Taken:
    """Return what the claims that were not withdrawn took under a contract."""
    rows = session.execute(
        select(
            ClaimItem.key,
            ContractClaim.number,
            ClaimItem.amount,
            ClaimItem.due_on,
            ClaimItem.counts_for_cap,
        )
        .join(ContractClaim, ContractClaim.id == ClaimItem.claim_id)
        .where(ContractClaim.contract_id == contract_id, ContractClaim.state.in_(STANDING))
    )
    return Taken({row.key: Before(row.number, row.amount, row.due_on, row.counts_for_cap)
                  for row in rows})  # fmt: skip


def claims_of(session: Session, contract_id: int) -> list[ContractClaim]:
    """Return the claims under a contract, the newest first."""
    rows = select(ContractClaim).where(ContractClaim.contract_id == contract_id)
    return list(session.scalars(rows.order_by(ContractClaim.sequence.desc())))


def claim_of(session: Session, contract_id: int, public_id: UUID) -> ContractClaim:
    """Return one claim of a contract; raises NotFound."""
    found = session.scalar(
        select(ContractClaim).where(
            ContractClaim.contract_id == contract_id, ContractClaim.public_id == public_id
        )
    )
    if found is None:
        raise NotFound("E-CLM-02", "There is no such claim under this contract.")
    return found


def reliefs_of(
    session: Session, contract_id: int, *, standing: bool = False
) -> list[ContractRelief]:
    """Return the runs of days that come off delays, the latest first."""
    rows = select(ContractRelief).where(ContractRelief.contract_id == contract_id)
    if standing:
        rows = rows.where(ContractRelief.withdrawn_at.is_(None))
    return list(session.scalars(rows.order_by(ContractRelief.first_on.desc(), ContractRelief.id)))


def relief_of(session: Session, contract_id: int, public_id: UUID) -> ContractRelief:
    """Return one run of days off; raises NotFound."""
    found = session.scalar(
        select(ContractRelief).where(
            ContractRelief.contract_id == contract_id, ContractRelief.public_id == public_id
        )
    )
    if found is None:
        raise NotFound("E-CLM-03", "There are no such days off under this contract.")
    return found


def savings_of(session: Session, contract_id: int) -> list[tuple[ContractSaving, GainShare]]:
    """Return the savings under a contract with the clause that shares them, the newest first."""
    rows = session.execute(
        select(ContractSaving, GainShare)
        .join(GainShare, GainShare.id == ContractSaving.gain_share_id)
        .join(ContractTerms, ContractTerms.id == GainShare.terms_id)
        .where(ContractTerms.contract_id == contract_id)
        .order_by(ContractSaving.id.desc())
    )
    return [(saving, share) for saving, share in rows]


def saving_of(session: Session, contract_id: int, public_id: UUID) -> ContractSaving:
    """Return one saving under a contract; raises NotFound."""
    every = (saving for saving, _ in savings_of(session, contract_id))
    found = next((each for each in every if each.public_id == public_id), None)
    if found is None:
        raise NotFound("E-CLM-04", "There is no such saving under this contract.")
    return found


def hold(session: Session, contract_id: int) -> None:
    """Hold a contract to the end: of two forms at once the second sees what the first did."""
    session.execute(select(Contract.id).where(Contract.id == contract_id).with_for_update())
