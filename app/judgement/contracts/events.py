"""Writes of what happens to a contract: notices, renewals, roll-overs, its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, InvalidInput
from app.facts.suppliers.calendars import business_calendars
from app.judgement.contracts import queries, recovery
from app.judgement.contracts.models import (
    Contract,
    ContractEvent,
    ContractStatus,
    ContractTerms,
    EventKind,
)
from app.judgement.contracts.running import NOTICES, Running, running
from app.platform.audit import services as audit

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look at all contracts found: roll-overs, ends."""

    rolled_over: int
    ended: int


def give_notice(
    session: Session, contract: Contract, *, on: date, is_theirs: bool, reason: str
) -> ContractEvent:
    """Record that notice was given on a day; it ends the run that it was in time for."""
    terms = _active(session, contract)
    why = audit.give_reason(session, reason)
    if not terms.starts_on <= on <= clock.today():
        raise InvalidInput(
            "E-CTR-30",
            f"{formatting.day(on)} is not a day from {formatting.day(terms.starts_on)} up to "
            "today. Give the day on which the notice arrived.",
        )
    if any(each.kind in NOTICES for each in _events(session, contract)):
        raise Conflict("E-CTR-31", "Notice was given already. Take that one back first.")
    ends_on = _end_after(session, contract, terms, on, is_theirs=is_theirs)
    kind = EventKind.NOTICE_RECEIVED if is_theirs else EventKind.NOTICE_GIVEN
    made = note_event(
        session, contract, kind, key=f"{on.isoformat()} {ends_on.isoformat()}", on=on,
        ends_on=ends_on, said=why,
    )  # fmt: skip
    recovery.write_down(session, contract)
    return made


def want_renewal(
    session: Session, contract: Contract, *, after: date, reason: str
) -> ContractEvent:
    """Record that somebody looked and wants the contract to renew itself after a run's end.

    after: the end that was seen; once it is wanted the next run is open, which nobody meant.
    """
    terms = _active(session, contract)
    why = audit.give_reason(session, reason)
    term = _running(session, contract, terms, clock.today()).term
    if not terms.auto_renew or term is None:
        raise Conflict("E-CTR-32", "This contract does not renew itself; amend it instead.")
    if term.ends_on != after:
        raise Conflict(
            "E-CTR-40",
            f"The renewal after {formatting.day(after)} is wanted already, or was decided on "
            "meanwhile. Nothing was stored; look at the days again.",
        )
    return note_event(
        session, contract, EventKind.RENEWAL_WANTED, key=term.ends_on.isoformat(),
        on=clock.today(), ends_on=term.ends_on, said=why,
    )  # fmt: skip


def take_back(session: Session, contract: Contract, event_id: int, *, reason: str) -> None:
    """Take a notice or a wanted renewal back that was entered by mistake; the log keeps it."""
    found = next((each for each in _events(session, contract) if each.id == event_id), None)
    if found is None or found.kind not in (*NOTICES, EventKind.RENEWAL_WANTED):
        raise Conflict("E-CTR-33", "Only a notice or a wanted renewal is taken back.")
    _active(session, contract)
    audit.give_reason(session, reason)
    session.delete(found)
    session.flush()
    recovery.write_down(session, contract)


def terminate(session: Session, contract: Contract, *, on: date, reason: str) -> None:
    """Record that the contract ended before its time, and why; `ending` asks who must agree."""
    may_end(session, contract, on)
    why = audit.give_reason(session, reason)
    _end(session, contract, ContractStatus.TERMINATED, on, why)
    note_event(session, contract, EventKind.TERMINATED, key=on.isoformat(), on=on, said=why)


def may_end(session: Session, contract: Contract, on: date) -> ContractTerms:
    """Return the terms that hold; raises where the contract can't have ended on a day."""
    terms = _active(session, contract)
    if not terms.starts_on <= on <= clock.today():
        raise InvalidInput(
            "E-CTR-30",
            f"{formatting.day(on)} is not a day from {formatting.day(terms.starts_on)} up to "
            "today. Give the last day on which it held.",
        )
    return terms


def watch(session: Session, today: date) -> Watched:
    """Record renewals that nobody decided on, and end what has run out; each happens once."""
    rolled = ended = 0
    found = queries.contract_rows(session, today, statuses=(ContractStatus.ACTIVE,))
    events = queries.events_of(session, [row.contract.id for row in found])
    for row in found:
        own = events.get(row.contract.id, ())
        rolled += _note_roll_overs(session, row, own)
        stops_on = row.running.stops_on
        if stops_on is not None and stops_on < today:
            said = f"It ran out on {formatting.day(stops_on)}."
            ended_now = session.get_one(Contract, row.contract.id)
            _end(session, ended_now, ContractStatus.ENDED, stops_on, said)
            note_event(
                session, row.contract, EventKind.ENDED, key=stops_on.isoformat(), on=stops_on,
                said=said,
            )  # fmt: skip
            ended += 1
    session.flush()
    return Watched(rolled, ended)


def note_event(
    session: Session,
    contract: Contract,
    kind: EventKind,
    *,
    key: str,
    on: date,
    said: str,
    ends_on: date | None = None,
) -> ContractEvent:
    """Record that something happened; raises Conflict where the same is recorded already."""
    asked = select(ContractEvent.id).where(
        ContractEvent.contract_id == contract.id,
        ContractEvent.kind == kind,
        ContractEvent.key == key,
    )
    if session.scalar(asked) is not None:
        raise Conflict("E-CTR-34", "This is recorded already.")
    made = ContractEvent(
        contract_id=contract.id,
        kind=kind,
        key=key,
        happened_on=on,
        ends_on=ends_on,
        said=said,
        said_by=db.actor_of(session).name,
        said_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def _note_roll_overs(
    session: Session, row: queries.ContractRow, events: tuple[ContractEvent, ...]
) -> int:
    """Record the runs that nobody decided on since the contract is kept here."""
    known = {each.ends_on for each in events if each.kind == EventKind.ROLLED_OVER}
    kept_from = min(
        (each.happened_on for each in events if each.kind == EventKind.APPROVED), default=None
    )
    new = [
        (run.ends_on, run.notice_by)
        for run in row.running.rolled_over
        if run.ends_on not in known
        and run.notice_by is not None
        and kept_from is not None
        # Deadlines before these terms began were judged by the ones before.
        and run.notice_by >= max(kept_from, row.terms.from_on)
    ]
    for ends_on, notice_by in new:
        note_event(
            session, row.contract, EventKind.ROLLED_OVER, key=ends_on.isoformat(),
            on=notice_by + ONE_DAY, ends_on=ends_on,
            said=f"The notice deadline of {formatting.day(notice_by)} passed and nobody had "
            f"decided; it renews itself after {formatting.day(ends_on)}.",
        )  # fmt: skip
    return len(new)


def _end(session: Session, contract: Contract, status: ContractStatus, on: date, said: str) -> None:
    contract.status, contract.ended_on, contract.status_because = status, on, said
    contract.version += 1
    session.flush()
    recovery.write_down(session, contract)


def _active(session: Session, contract: Contract) -> ContractTerms:
    if contract.status != ContractStatus.ACTIVE:
        raise Conflict("E-CTR-22", "This contract is not active.")
    return session.scalars(
        select(ContractTerms).where(
            ContractTerms.contract_id == contract.id, ContractTerms.sequence == contract.sequence
        )
    ).one()


def _events(session: Session, contract: Contract) -> tuple[ContractEvent, ...]:
    return queries.events_of(session, [contract.id]).get(contract.id, ())


def _running(session: Session, contract: Contract, terms: ContractTerms, on: date) -> Running:
    return running(terms, _events(session, contract), business_calendars(session), as_of=on)


def _end_after(
    session: Session, contract: Contract, terms: ContractTerms, on: date, *, is_theirs: bool
) -> date:
    """Return the end of the run that a notice of this day is in time for."""
    found = _running(session, contract, terms, on)
    ends_on = found.their_end if is_theirs else None if found.term is None else found.term.ends_on
    if ends_on is None:
        raise Conflict(
            "E-CTR-35",
            "A notice of this day comes too late for every end that the terms name. "
            "Record a termination instead.",
        )
    return ends_on
