"""Reads of claims, of days off and of savings: rows and what earlier claims took."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
    ClaimState,
    ContractClaim,
    ContractRelief,
    ContractSaving,
)
from app.judgement.contracts.money.windows import Window
from app.judgement.contracts.money_models import GainShare
from app.judgement.scorecards.register import BY_ID, Group

LINE, CREDIT, ROLLING = "line:", "credit:", ":rolling"


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

    def for_cap_in(self, year: int | None) -> Decimal:
        """Return what used up the cap on the contract's value, a yearly one in its year."""
        if year is not None:
            return self.for_cap_within(date(year, 1, 1), date(year, 12, 31))
        return self.for_cap_within(date.min, date.max)

    def for_cap_within(self, first_on: date, last_on: date) -> Decimal:
        """The part of it that fell due within some days."""
        within = (each for each in self.by_key.values() if first_on <= each.due_on <= last_on)
        return sum((each.amount for each in within if each.counts_for_cap), ZERO)

    def lines_within(self, first_on: date, last_on: date) -> set[int]:
        """Return the lines that were claimed and fell due within some days."""
        return {
            int(key.removeprefix(LINE))
            for key, each in self.by_key.items()
            if key.startswith(LINE) and first_on <= each.due_on <= last_on
        }

    def all_within(self, first_on: date, last_on: date) -> Decimal:
        """Return what was claimed for lines and windows that ended within some days."""
        return self._within(lambda _key: True, first_on, last_on)

    def credits_within(self, first_on: date, last_on: date) -> Decimal:
        """Return what of it was claimed as credits."""
        return self._within(lambda key: key.startswith(CREDIT), first_on, last_on)

    def for_delivery_within(self, first_on: date, last_on: date) -> Decimal:
        """Return what of it was claimed for late or incomplete delivery, either way."""
        return self._within(_is_delivery, first_on, last_on)

    def delivery_credits_within(self, first_on: date, last_on: date) -> Decimal:
        """Return what of it was claimed as credits for delivery."""
        return self._within(
            lambda key: key.startswith(CREDIT) and _is_delivery(key), first_on, last_on
        )

    def delivery_credit_over(self, day: date) -> Before | None:
        """Return the credit for delivery that was claimed for a window around a day."""
        for key, each in self.by_key.items():
            if not key.startswith(CREDIT) or not _is_delivery(key):
                continue
            first, last = key.split(":")[2:4]
            if first <= day.isoformat() <= last:
                return each
        return None

    def _within(self, is_asked: Callable[[str], bool], first_on: date, last_on: date) -> Decimal:
        within = (
            each.amount
            for key, each in self.by_key.items()
            if is_asked(key) and first_on <= each.due_on <= last_on
        )
        return sum(within, ZERO)


def line_key(line_id: int) -> str:
    """Return what a line is claimed under."""
    return f"{LINE}{line_id}"


def credit_key(measure: str, window: Window) -> str:
    """Return what the credit of a measure for a window is claimed under, amended or not.

    A rolling year credits on the spend of a quarter, and is another window than that quarter.
    """
    days = f"{window.spend_from.isoformat()}:{window.last_on.isoformat()}"
    return f"{CREDIT}{measure}:{days}{ROLLING if window.is_rolling else ''}"


def _is_delivery(key: str) -> bool:
    """Tell whether a line or a credit was claimed for delivery."""
    if key.startswith(LINE):
        return True
    measure = key.removeprefix(CREDIT).split(":")[0]
    return BY_ID[measure].group is Group.DELIVERY


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


def claims_out(session: Session, contract_ids: Collection[int]) -> list[ContractClaim]:
    """Return the claims under contracts that went out and stand, the oldest first."""
    rows = select(ContractClaim).where(
        ContractClaim.contract_id.in_(contract_ids),
        ContractClaim.state.in_((ClaimState.ISSUED, ClaimState.SETTLED)),
    )
    return list(session.scalars(rows.order_by(ContractClaim.first_on, ContractClaim.id)))


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
