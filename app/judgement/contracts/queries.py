"""Reads of contracts: who has one, what it says now, which days come next.

Dates of another feature come from `deadlines`, evidence for the index from `coverage`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, inspect, or_, select
from sqlalchemy.orm import Bundle, Session

from app.base import clock, formatting
from app.base.errors import NotFound
from app.calc.contract_dates import rung_reached
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.suppliers.calendar_models import Calendar
from app.facts.suppliers.calendars import business_calendars
from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import (
    APPROVED,
    ClauseKind,
    Contract,
    ContractClause,
    ContractEvent,
    ContractStatus,
    ContractTerms,
    Presence,
)
from app.judgement.contracts.overlooked import undecided
from app.judgement.contracts.running import Running, running

_MODELS: tuple[tuple[str, Any], ...] = (("contract", Contract), ("terms", ContractTerms))
# Of the terms what only a contract's own page reads: reading it for ten thousand costs a fifth.
_UNREAD = frozenset(
    {"public_id", "note", "notice_method", "governing_law", "payment_days", "volume_commitment",
     "reason", "made_by", "made_by_id", "made_at", "decided_by", "decided_at",
     "decided_because", "created_at", "updated_at"}
)  # fmt: skip
_COLUMNS: tuple[Bundle[Any], ...] = tuple(
    Bundle(
        name,
        *(
            getattr(model, each.key)
            for each in inspect(model).column_attrs
            if model is Contract or each.key not in _UNREAD
        ),
    )
    for name, model in _MODELS
)
ACTIVE = (ContractStatus.ACTIVE,)
# What the index asks for as evidence that a contract covers a disruption.
DUTIES = (
    ClauseKind.FORCE_MAJEURE,
    ClauseKind.PENALTIES,
    ClauseKind.CONTINUITY,
    ClauseKind.AUDIT_RIGHT,
    ClauseKind.CAPACITY,
)


class DateKind(StrEnum):
    """Which day of a contract it is."""

    NOTICE = "notice"
    THEIR_NOTICE = "their_notice"
    END = "end"


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract with the terms that hold, its supplier, and how it runs on as of a day.

    contract, terms: in a list of many, rows of the same columns stand in for the objects, which
    nobody writes: objects of ten thousand contracts cost a second more.
    is_overlooked: whether the run that it is in was renewed without anybody having decided.
    """

    contract: Contract
    terms: ContractTerms
    supplier_public_id: UUID
    supplier_number: str
    supplier_name: str
    running: Running
    is_overlooked: bool

    @property
    def label(self) -> str:
        """How people call it."""
        return f"{self.contract.number} · {self.terms.title}"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day of an active contract that comes next.

    supplier_id: the supplier that the contract is counted for (the one it was merged into).
    ends_on: the end of the run that the day is about. rung: the nearest reminder that has been
    reached, in days before the day; None before the first.
    """

    kind: DateKind
    day: date
    supplier_id: int
    supplier_public_id: UUID
    supplier_name: str
    contract_public_id: UUID
    number: str
    title: str
    ends_on: date
    auto_renew: bool
    is_critical: bool
    rung: int | None

    @property
    def words(self) -> str:
        """What the day is, in one sentence."""
        end = formatting.day(self.ends_on)
        if self.kind is DateKind.END:
            return f"Contract {self.number} ends"
        if self.kind is DateKind.THEIR_NOTICE:
            return f"Last day on which they can end contract {self.number} on {end}"
        if self.auto_renew:
            return f"Last day for our notice: contract {self.number} renews itself after {end}"
        return f"Notice period of contract {self.number} begins: it ends on {end}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the contracts of a supplier that hold on a day cover.

    until: the last day up to which one holds, None where one holds without an end.
    present, absent: duties that a contract names, or that all of them lack; those that
    nobody has looked for are in neither.
    """

    contracts: int
    until: date | None
    present: tuple[ClauseKind, ...]
    absent: tuple[ClauseKind, ...]

    @property
    def unknown(self) -> tuple[ClauseKind, ...]:
        """The duties that nobody has looked for."""
        return tuple(each for each in DUTIES if each not in (*self.present, *self.absent))


def deadlines(
    session: Session,
    as_of: date,
    supplier_ids: Collection[int] | None = None,
    *,
    until: date = date.max,
) -> list[Deadline]:
    """Return the days that come next for active contracts, up to a day, the nearest first.

    A contract has at most one day of each kind: our next notice deadline on or after `as_of`,
    the last day for theirs, and its end where it ends for good.
    """
    found = contract_rows(session, as_of, supplier_ids, statuses=ACTIVE)
    into = merged_suppliers(session)
    days = [each for row in found for each in _days_of(row, as_of, into, until)]
    return sorted(days, key=lambda each: (each.day, each.number, each.kind))


def overlooked(session: Session, as_of: date, supplier_ids: Collection[int]) -> list[ContractRow]:
    """Return the active contracts that renew themselves because nobody decided in time."""
    found = contract_rows(session, as_of, supplier_ids, statuses=ACTIVE)
    return [row for row in found if row.is_overlooked]


def coverage(
    session: Session, supplier_ids: Collection[int], *, as_of: date | None = None
) -> dict[int, Coverage]:
    """Return by supplier what its contracts covered on a day; none has no entry.

    Read from the days of the versions, so that a day that has passed keeps what was agreed then.
    """
    found = held_rows(session, clock.today() if as_of is None else as_of, supplier_ids)
    if not found:
        return {}
    into = merged_suppliers(session)
    by_supplier: dict[int, list[ContractRow]] = defaultdict(list)
    for row in found:
        key = row.contract.supplier_id
        by_supplier[into.get(key, key)].append(row)
    clauses = clauses_of(session, [row.terms.id for row in found])
    return {key: _covered(rows, clauses) for key, rows in by_supplier.items()}


def contract_rows(
    session: Session,
    as_of: date,
    supplier_ids: Collection[int] | None = None,
    *,
    statuses: Collection[str] = (),
) -> list[ContractRow]:
    """Return contracts with their terms as of a day, by supplier and number; to be read only."""
    asked = _rows(*_COLUMNS)
    if supplier_ids is not None:
        asked = asked.where(Contract.supplier_id.in_(members(session, supplier_ids)))
    if statuses:
        asked = asked.where(Contract.status.in_(statuses))
    found = session.execute(asked.order_by(Supplier.name, Contract.number, Contract.id)).all()
    return _told(session, found, as_of, are_all=supplier_ids is None)


def contract_row(
    session: Session, supplier_ids: Collection[int], public_id: UUID, *, as_of: date
) -> ContractRow:
    """Return a contract of one of the suppliers; raises NotFound, also for another's."""
    asked = _rows().where(
        Contract.public_id == public_id, Contract.supplier_id.in_(list(supplier_ids))
    )
    found = session.execute(asked).all()
    if not found:
        raise NotFound("E-CTR-01", "There is no such contract.")
    return _told(session, found, as_of)[0]


def events_of(
    session: Session, contract_ids: Collection[int]
) -> Mapping[int, tuple[ContractEvent, ...]]:
    """Return by contract what happened to it, oldest first."""
    found: dict[int, list[ContractEvent]] = defaultdict(list)
    asked = select(ContractEvent).where(ContractEvent.contract_id.in_(contract_ids))
    for each in session.scalars(asked.order_by(ContractEvent.happened_on, ContractEvent.id)):
        found[each.contract_id].append(each)
    return {key: tuple(each) for key, each in found.items()}


def clauses_of(
    session: Session, terms_ids: Collection[int]
) -> Mapping[int, Mapping[ClauseKind, ContractClause]]:
    """Return by version of the terms what it says on each point that was looked at."""
    found: dict[int, dict[ClauseKind, ContractClause]] = defaultdict(dict)
    asked = select(ContractClause).where(ContractClause.terms_id.in_(terms_ids))
    for each in session.scalars(asked):
        found[each.terms_id][ClauseKind(each.kind)] = each
    return found


def find_contracts(session: Session, text: str, *, limit: int) -> list[ContractRow]:
    """Return contracts whose number or title contains a text, by number."""
    asked = _rows().where(
        or_(
            Contract.number.icontains(text, autoescape=True),
            ContractTerms.title.icontains(text, autoescape=True),
        )
    )
    found = session.execute(asked.order_by(Contract.number, Contract.id).limit(limit)).all()
    return _told(session, found, clock.today())


def calendar_names(session: Session) -> dict[int, str]:
    """Return the house's calendars by key, by name."""
    found = session.execute(select(Calendar.id, Calendar.name).order_by(Calendar.name))
    return {row[0]: row[1] for row in found}


def _rows(*what: Any) -> Select[*tuple[Any, ...]]:  # Any: mapped rows and columns
    """Return what asks for contracts with the version of the terms that holds now."""
    return _versions(*what).where(ContractTerms.sequence == Contract.sequence)


def _versions(*what: Any) -> Select[*tuple[Any, ...]]:  # Any: as above
    return (
        select(*(what or (Contract, ContractTerms)))
        .add_columns(Supplier.public_id, Supplier.number, Supplier.name)
        .select_from(Contract)
        .join(ContractTerms, ContractTerms.contract_id == Contract.id)
        .join(Supplier, Supplier.id == Contract.supplier_id)
    )


def held_rows(session: Session, day: date, supplier_ids: Collection[int]) -> list[ContractRow]:
    """Return the contracts that held on a day, each with the version that held then."""
    asked = _versions(*_COLUMNS).where(
        Contract.supplier_id.in_(members(session, supplier_ids)),
        ContractTerms.state.in_(APPROVED),
        ContractTerms.from_on <= day,
        or_(Contract.ended_on.is_(None), Contract.ended_on >= day),
    )
    order = (Contract.id, ContractTerms.from_on, ContractTerms.sequence)
    # The last one of a contract stays.
    newest = {row[0].id: row for row in session.execute(asked.order_by(*order))}
    found = _told(session, list(newest.values()), day)
    return [
        row
        for row in found
        if row.terms.starts_on <= day
        and (row.running.stops_on is None or row.running.stops_on >= day)
    ]


def _told(
    session: Session, found: Sequence[Any], as_of: date, *, are_all: bool = False
) -> list[ContractRow]:
    if not found:
        return []
    events = _happened(session, None if are_all else [row[0].id for row in found], as_of)
    calendars = business_calendars(session)
    return [
        ContractRow(
            contract, terms, key, number, name,
            running(terms, events.get(contract.id, ()), calendars, as_of=as_of),
            undecided(terms, events.get(contract.id, ()), as_of) is not None,
        )
        for contract, terms, key, number, name in found
    ]  # fmt: skip


def _happened(
    session: Session, contract_ids: Collection[int] | None, as_of: date
) -> Mapping[int, Sequence[Any]]:  # Any: rows of events' columns
    """Return by contract what says how it runs on by a day, oldest first; None: of all of them."""
    event = ContractEvent
    asked = select(event.contract_id, event.kind, event.happened_on, event.ends_on).where(
        event.happened_on <= as_of
    )
    if contract_ids is not None:
        asked = asked.where(event.contract_id.in_(contract_ids))
    found: dict[int, list[Any]] = defaultdict(list)
    for each in session.execute(asked.order_by(event.happened_on, event.id)):
        found[each.contract_id].append(each)
    return found


def _days_of(row: ContractRow, as_of: date, into: Mapping[int, int], until: date) -> list[Deadline]:
    runs, ends_on = row.running, row.running.committed_until
    if ends_on is None:
        return []
    days = {
        DateKind.NOTICE: runs.notice_by,
        DateKind.THEIR_NOTICE: runs.their_notice_by,
        DateKind.END: runs.stops_on,
    }
    key, is_critical = row.contract.supplier_id, row.terms.is_critical
    return [
        Deadline(
            kind, day, into.get(key, key), row.supplier_public_id, row.supplier_name,
            row.contract.public_id, row.contract.number, row.terms.title, ends_on,
            row.terms.auto_renew, is_critical, rung_reached(day, as_of, is_critical=is_critical),
        )
        for kind, day in days.items()
        if day is not None and as_of <= day <= until
    ]  # fmt: skip


def _covered(
    rows: list[ContractRow], clauses: Mapping[int, Mapping[ClauseKind, ContractClause]]
) -> Coverage:
    ends = [row.running.stops_on for row in rows]
    said = {duty: [clauses.get(row.terms.id, {}).get(duty) for row in rows] for duty in DUTIES}
    words = {
        duty: [None if each is None else each.presence for each in found]
        for duty, found in said.items()
    }
    return Coverage(
        contracts=len(rows),
        until=None if None in ends else max(each for each in ends if each),
        present=tuple(duty for duty in DUTIES if Presence.YES in words[duty]),
        absent=tuple(duty for duty in DUTIES if all(each == Presence.NO for each in words[duty])),
    )
