"""What contracts demand of recovery, written down into continuity, which knows no contracts.

Every version that holds or held writes down its own days, so that a past day is judged by what
was agreed then. A version holds up to the day before the next one; the last one up to the end
of the contract, where it has one.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.facts.suppliers.calendars import business_calendars
from app.judgement.continuity.services import require_recovery
from app.judgement.contracts import queries
from app.judgement.contracts.models import (
    ClauseKind,
    Contract,
    ContractTerms,
    Presence,
    TermsState,
)
from app.judgement.contracts.running import running

HELD = (TermsState.IN_FORCE, TermsState.SUPERSEDED)
ONE_DAY = timedelta(days=1)


def write_down(session: Session, contract: Contract) -> None:
    """Write down within how many days the supplier has to be back, by version and its days.

    To be called whenever a version comes into force and whenever the contract's end moves.
    """
    held = session.scalars(
        select(ContractTerms)
        .where(ContractTerms.contract_id == contract.id, ContractTerms.state.in_(HELD))
        .order_by(ContractTerms.sequence.desc())
    ).all()
    clauses = queries.clauses_of(session, [each.id for each in held])
    last = _last_day(session, contract, held[0]) if held else None
    for terms in held:
        duty = clauses.get(terms.id, {}).get(ClauseKind.CONTINUITY)
        days = None if duty is None or duty.presence != Presence.YES else duty.recovery_days
        require_recovery(
            session,
            contract.supplier_id,
            label=label_of(contract.number, terms.sequence),
            # Ended or replaced before it began: it never held.
            rto_days=None if last is not None and last < terms.from_on else days,
            from_on=terms.from_on,
            until_on=last,
        )
        before = terms.from_on - ONE_DAY
        last = before if last is None else min(last, before)


def label_of(number: str, sequence: int) -> str:
    """Return how a recovery time is called that a version of a contract demands."""
    return f"Contract {number}, version {sequence}"


def _last_day(session: Session, contract: Contract, terms: ContractTerms) -> date | None:
    """Return the last day on which a contract holds, None while it has no end."""
    if contract.ended_on is not None:
        return contract.ended_on
    events = queries.events_of(session, [contract.id]).get(contract.id, ())
    found = running(terms, events, business_calendars(session), as_of=clock.today())
    return found.stops_on
