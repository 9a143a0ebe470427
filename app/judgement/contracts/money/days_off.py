"""Writes of days that the supplier does not answer for: force majeure, caused by us.

They come off what is owed under the contract; operational scores keep every late day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict
from app.judgement.contracts.money import queries
from app.judgement.contracts.money.held_terms import At, whose_contract
from app.judgement.contracts.money.models import ContractRelief, ReliefKind
from app.judgement.contracts.money.wording import FIRST_YEAR, LAST_YEAR
from app.judgement.contracts.values import refused
from app.platform.audit import services as audit

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class SaidOff:
    """What was filled in."""

    kind: ReliefKind
    first_on: date
    last_on: date
    reason: str


def enter(session: Session, at: At, said: SaidOff) -> ContractRelief:
    """Enter a run of days, both ends included; raises TermsRefused for days that can't be."""
    whose = whose_contract(session, at)
    scope.require_writable(session, "supplier", whose.supplier_id)
    queries.hold(session, whose.contract_id)
    if said.first_on.year < FIRST_YEAR or said.last_on.year > LAST_YEAR:
        raise refused(
            "E-CLM-14",
            ("first_on", "last_on"),
            f"{said.first_on.isoformat()} to {said.last_on.isoformat()} does not lie between "
            f"{FIRST_YEAR} and {LAST_YEAR}. Correct the years.",
        )
    if said.last_on < said.first_on:
        raise refused(
            "E-CLM-14",
            ("first_on", "last_on"),
            f"It ends on {formatting.day(said.last_on)}, before it begins on "
            f"{formatting.day(said.first_on)}. Correct one of the days.",
        )
    if said.last_on - said.first_on >= timedelta(days=MOST_DAYS):
        raise refused(
            "E-CLM-14",
            ("first_on", "last_on"),
            f"It lasts {(said.last_on - said.first_on).days + 1:,} days; the limit is "
            f"{MOST_DAYS}. Enter it in parts, each with its reason.",
        )
    _refuse_second(session, whose.contract_id, said)
    row = ContractRelief(
        contract_id=whose.contract_id,
        kind=said.kind,
        first_on=said.first_on,
        last_on=said.last_on,
        reason=audit.give_reason(session, said.reason),
        entered_by=db.actor_of(session).name,
    )
    session.add(row)
    session.flush()
    return row


def _refuse_second(session: Session, contract_id: int, said: SaidOff) -> None:
    """Refuse what stands already: a form that was sent twice is entered once."""
    same = (said.kind, said.first_on, said.last_on)
    for row in queries.reliefs_of(session, contract_id, standing=True):
        if (row.kind, row.first_on, row.last_on) == same:
            raise Conflict(
                "E-CLM-24",
                f"{formatting.day(said.first_on)} to {formatting.day(said.last_on)} is off for "
                "this reason already. Nothing was stored.",
            )


def withdraw(session: Session, at: At, relief_id: UUID, *, reason: str) -> None:
    """Withdraw a run of days: they count as late again. It stays readable."""
    whose = whose_contract(session, at)
    scope.require_writable(session, "supplier", whose.supplier_id)
    row = queries.relief_of(session, whose.contract_id, relief_id)
    if row.withdrawn_at is not None:
        raise Conflict("E-CLM-15", "These days off were withdrawn already.")
    row.withdrawn_because = audit.give_reason(session, reason)
    row.withdrawn_by, row.withdrawn_at = db.actor_of(session).name, clock.now()
    session.flush()
