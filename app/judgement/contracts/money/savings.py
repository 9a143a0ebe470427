"""Savings under a gain-share: entered by one person, verified by another, then shared.

Also the division of what was verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, Forbidden, NotFound
from app.calc.cents import coin_places
from app.calc.gain_share import SharedGain, shared_gain
from app.judgement.contracts.money import queries
from app.judgement.contracts.money.held_terms import HUNDRED, At, Whose, terms_book, whose_contract
from app.judgement.contracts.money.models import ContractSaving, SavingState
from app.judgement.contracts.money_models import GainShare
from app.judgement.contracts.values import refused
from app.platform.audit import services as audit


@dataclass(frozen=True, slots=True)
class SaidSaving:
    """What was filled in. gain_share_id: the clause that shares it."""

    gain_share_id: UUID
    label: str
    first_on: date
    last_on: date
    actual_cost: Decimal
    investment: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A saving, its clause and how it is divided; gain None until it is verified."""

    saving: ContractSaving
    share: GainShare
    gain: SharedGain | None


def enter(session: Session, at: At, said: SaidSaving) -> ContractSaving:
    """Enter what something costs now; another person verifies it."""
    whose = _writable(session, at)
    share = next(
        (each for held in terms_book(session, whose).versions for each in held.gain_shares
         if each.public_id == said.gain_share_id), None,
    )  # fmt: skip
    if share is None:
        raise NotFound("E-CLM-16", "There is no such gain-share under this contract.")
    if said.last_on < said.first_on:
        raise refused(
            "E-CLM-14",
            ("first_on", "last_on"),
            f"It ends on {formatting.day(said.last_on)}, before it begins on "
            f"{formatting.day(said.first_on)}. Correct one of the days.",
        )
    if said.last_on > clock.today():
        raise refused(
            "E-CLM-17",
            ("last_on",),
            f"{formatting.day(said.last_on)} lies in the future: a saving is entered when it "
            "was made.",
        )
    _refuse_second(session, whose, share.label, said)
    row = ContractSaving(
        gain_share_id=share.id, label=said.label, first_on=said.first_on, last_on=said.last_on,
        actual_cost=said.actual_cost, investment=said.investment,
        reason=audit.give_reason(session, said.reason),
        entered_by=db.actor_of(session).name, entered_by_id=db.actor_of(session).user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _refuse_second(session: Session, whose: Whose, share: str, said: SaidSaving) -> None:
    """Refuse what stands already, under the same gain-share of whichever version.

    A saving that was sent twice, or once more after an amendment, would be shared twice.
    """
    asked = (share, said.label, said.first_on, said.last_on)
    stands = (
        (clause.label, each.label, each.first_on, each.last_on)
        for each, clause in queries.savings_of(session, whose.contract_id)
        if each.state != SavingState.WITHDRAWN
    )
    if asked in stands:
        raise Conflict(
            "E-CLM-25",
            f"“{said.label}” is entered for these days already. Nothing was stored. Withdraw "
            "that one first, or give the other days.",
        )


def verify(session: Session, at: At, saving_id: UUID, *, seen: int, reason: str) -> ContractSaving:
    """Say that a saving is real; raises Forbidden for whoever entered it."""
    row = _to_change(session, at, saving_id, seen)
    me = db.actor_of(session).user_id
    if me is None or me == row.entered_by_id:
        raise Forbidden("E-SOD-01", "You entered this saving; another person must verify it.")
    return _end(session, row, SavingState.VERIFIED, reason)


def withdraw(
    session: Session, at: At, saving_id: UUID, *, seen: int, reason: str
) -> ContractSaving:
    """Withdraw a saving that nobody has verified."""
    row = _to_change(session, at, saving_id, seen)
    return _end(session, row, SavingState.WITHDRAWN, reason)


def shared_under(session: Session, whose: Whose, currency: str) -> list[Shared]:
    """Return the savings under a contract and how the verified ones are divided."""
    return [
        Shared(saving, share, gain_of(saving, share, currency))
        for saving, share in queries.savings_of(session, whose.contract_id)
    ]


def gain_of(saving: ContractSaving, share: GainShare, currency: str) -> SharedGain | None:
    """Return how a saving is divided; None until it is verified."""
    if saving.state != SavingState.VERIFIED:
        return None
    return shared_gain(
        baseline_cost=share.baseline,
        actual_cost=saving.actual_cost,
        supplier_share=share.share / HUNDRED,
        investment=saving.investment,
        places=coin_places(currency),
    )


def _writable(session: Session, at: At) -> Whose:
    whose = whose_contract(session, at)
    scope.require_writable(session, "supplier", whose.supplier_id)
    queries.hold(session, whose.contract_id)
    return whose


def _to_change(session: Session, at: At, saving_id: UUID, seen: int) -> ContractSaving:
    whose = _writable(session, at)
    found = queries.saving_of(session, whose.contract_id, saving_id)
    row = session.get_one(ContractSaving, found.id, with_for_update=True, populate_existing=True)
    if row.version != seen or row.state != SavingState.ENTERED:
        raise Conflict(
            "E-CLM-18", f"The saving “{row.label}” is {row.state} by now. Look at it again."
        )
    return row


def _end(session: Session, row: ContractSaving, to: SavingState, reason: str) -> ContractSaving:
    row.ended_because = audit.give_reason(session, reason)
    row.ended_by, row.ended_at = db.actor_of(session).name, clock.now()
    row.state = to
    row.version += 1
    session.flush()
    return row
