"""Reads of screening: who is sanctioned on a day, who was screened, matches and decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.deliveries.period_reads import once
from app.facts.evidence.screening.models import (
    DecisionState,
    MatchState,
    ScreeningDecision,
    ScreeningEntry,
    ScreeningList,
    ScreeningMatch,
    ScreeningRun,
    SupplierScreening,
    Verdict,
)
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id, is_rated

SORTS: Mapping[str, Any] = {
    # What waits for somebody before the rest.
    "open": case((ScreeningMatch.state == MatchState.CANDIDATE, 1), else_=0),
    "score": ScreeningMatch.score,
    "supplier": Supplier.name,
    "listed": ScreeningMatch.listed_name,
    "found": ScreeningMatch.first_found_at,
}


@dataclass(frozen=True, slots=True)
class Sanction:
    """A listed party that people confirmed a supplier to be.

    edition: the day of the list that the decision saw. confirmed_on: since when it holds.
    """

    supplier_id: int
    match_id: UUID
    source: str
    edition: date
    listed_name: str
    program: str | None
    confirmed_on: date
    confirmed_by: str
    approved_by: str | None


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A match as lists show it, with the edition in which it was found last."""

    id: int
    public_id: UUID
    supplier_id: int
    supplier: str
    supplier_number: str
    supplier_key: UUID
    supplier_country: str | None
    source: str
    entry_key: str
    edition: date
    list_key: UUID
    state: str
    score: float
    own_name: str
    own_kind: str
    listed_name: str
    is_alias: bool
    reason: str
    entry_kind: str
    program: str | None
    countries: list[str]
    is_found: bool
    first_found_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_because: str | None
    version: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A listed party with all that its list says."""

    entry_key: str
    kind: str
    name: str
    aliases: list[str]
    countries: list[str]
    program: str | None
    remarks: str | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision on a match, with what was seen."""

    id: int
    verdict: str
    state: str
    reason: str
    score: float
    own_name: str
    listed_name: str
    edition: date
    from_on: date | None
    decided_by: str
    decided_at: datetime
    approved_by: str | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """One screening of a supplier: when, why, under which names, against which editions."""

    at: datetime
    because: str
    by: str
    basis: list[dict[str, Any]]  # Any: what JSON can hold
    threshold: int
    names: list[list[str]]
    names_digest: str
    basis_digest: str
    matches: int

    @property
    def editions(self) -> list[tuple[str, date]]:
        """The lists and the days of their editions."""
        return [(each["source"], date.fromisoformat(each["edition"])) for each in self.basis]


@dataclass(frozen=True, slots=True)
class MatchFilter:
    """Which matches are wanted; none given means all."""

    states: Collection[str] = ()
    sources: Collection[str] = ()
    kinds: Collection[str] = ()
    search: str = ""
    supplier_ids: Collection[int] = field(default=())


def sanctioned(
    session: Session, *, as_of: date, supplier_ids: Collection[int] | None = None
) -> Mapping[int, Sanction]:
    """Return by effective supplier the confirmed match that held on a day; nobody else is in it.

    Absent says nothing of having been screened. Of several the one confirmed first counts.
    """
    d, m = ScreeningDecision, ScreeningMatch
    query = (
        select(effective_id(), m, d)
        .join(m, m.id == d.match_id)
        .join(Supplier, Supplier.id == m.supplier_id)
        .where(
            d.verdict.in_([Verdict.CONFIRM, Verdict.LIFT]),
            d.state == DecisionState.AGREED,
        )
        .order_by(d.id)
    )
    if supplier_ids is not None:
        query = query.where(effective_id().in_(supplier_ids))
    whose = "all" if supplier_ids is None else sorted(supplier_ids)
    decided = once(
        session, f"sanctions of {whose}", lambda: [(*row,) for row in session.execute(query)]
    )
    held: dict[int, Sanction] = {}
    for owner, match, decision in decided:
        if decision.from_on is None or decision.from_on > as_of:
            continue
        if decision.verdict == Verdict.CONFIRM:
            held[match.id] = _sanction(owner, match, decision)
        else:
            held.pop(match.id, None)
    found: dict[int, Sanction] = {}
    for sanction in held.values():
        found.setdefault(sanction.supplier_id, sanction)
    return found


def _sanction(owner: int, match: ScreeningMatch, decision: ScreeningDecision) -> Sanction:
    return Sanction(
        supplier_id=owner,
        match_id=match.public_id,
        source=match.source,
        edition=decision.edition,
        listed_name=decision.listed_name,
        program=match.program,
        confirmed_on=decision.from_on or decision.decided_at.date(),
        confirmed_by=decision.decided_by,
        approved_by=decision.approved_by,
    )


def matches_page(
    session: Session,
    wanted: MatchFilter,
    *,
    sort: str = "open",
    is_falling: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[MatchRow], int]:
    """Return a page of matches, and how many fit in all."""
    rows = _match_rows().where(*_conditions(wanted))
    total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    order = SORTS[sort].desc() if is_falling else SORTS[sort].asc()
    rows = rows.order_by(order, ScreeningMatch.score.desc(), ScreeningMatch.id)
    found = session.execute(rows.limit(limit).offset(offset))
    return [MatchRow(*row) for row in found], total


def match(session: Session, public_id: UUID) -> MatchRow:
    """Return one match; raises NotFound."""
    found = session.execute(_match_rows().where(ScreeningMatch.public_id == public_id)).first()
    if found is None:
        raise NotFound("E-SAN-10", "There is no such match.")
    return MatchRow(*found)


def entry_of(session: Session, row: MatchRow) -> EntryRow | None:
    """Return the entry that a match names, as the edition that was compared last has it."""
    e = ScreeningEntry
    found = session.execute(
        _entry_rows()
        .join(ScreeningList, ScreeningList.id == e.list_id)
        .where(ScreeningList.public_id == row.list_key, e.entry_key == row.entry_key)
    ).first()
    return None if found is None else EntryRow(*found)


def entries_page(
    session: Session,
    list_id: int,
    *,
    kinds: Collection[str] = (),
    search: str = "",
    is_falling: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[EntryRow], int]:
    """Return a page of an edition's entries by name, and how many fit in all."""
    e = ScreeningEntry
    conditions: list[ColumnElement[bool]] = [e.list_id == list_id]
    if kinds:
        conditions.append(e.kind.in_(list(kinds)))
    if search:
        like = _like(search)
        named = (e.name, e.entry_key, e.program, e.remarks)
        conditions.append(or_(*(each.ilike(like, escape="\\") for each in named)))
    total = session.scalar(select(func.count()).select_from(e).where(*conditions)) or 0
    order = e.name.desc() if is_falling else e.name.asc()
    rows = _entry_rows().where(*conditions).order_by(order, e.id).limit(limit).offset(offset)
    return [EntryRow(*row) for row in session.execute(rows)], total


def decisions_of(session: Session, match_id: int) -> list[DecisionRow]:
    """Return the decisions on a match, the latest first."""
    d = ScreeningDecision
    rows: Any = select(  # Any: columns of many types
        d.id, d.verdict, d.state, d.reason, d.score, d.own_name, d.listed_name, d.edition,
        d.from_on, d.decided_by, d.decided_at, d.approved_by, d.approved_at,
    )  # fmt: skip
    found = session.execute(rows.where(d.match_id == match_id).order_by(d.id.desc()))
    return [DecisionRow(*row) for row in found]


def screenings_of(session: Session, supplier_id: int) -> list[ScreeningRow]:
    """Return every screening of a supplier that said something new, the latest first."""
    s, r = SupplierScreening, ScreeningRun
    rows = session.execute(
        select(
            s.at, r.because, r.by, r.basis, r.threshold, s.names, s.names_digest,
            s.basis_digest, s.matches,
        )
        .join(r, r.id == s.run_id)
        .where(s.supplier_id == supplier_id)
        .order_by(s.id.desc())
    )  # fmt: skip
    return [ScreeningRow(*row) for row in rows]


def state_counts(session: Session) -> dict[str, int]:
    """Return how many matches stand in each state."""
    rows = session.execute(
        select(ScreeningMatch.state, func.count()).group_by(ScreeningMatch.state)
    )
    found = {row[0]: row[1] for row in rows}
    return {str(each): found.get(str(each), 0) for each in MatchState}


def never_screened(session: Session) -> int:
    """Return how many rated suppliers were never screened."""
    done = select(SupplierScreening.supplier_id)
    query = select(func.count()).select_from(Supplier).where(is_rated(), Supplier.id.not_in(done))
    return session.scalar(query) or 0


def editions(session: Session) -> list[ScreeningList]:
    """Return all editions of all lists: the newest of each list first."""
    row = ScreeningList
    return list(
        session.scalars(select(row).order_by(row.source, row.edition.desc(), row.id.desc()))
    )


def sources(session: Session) -> list[str]:
    """Return the names of the lists that matches were found in."""
    source = ScreeningMatch.source
    return list(session.scalars(select(source).distinct().order_by(source)))


def _match_rows() -> Select[Any]:  # Any: columns of many types
    m = ScreeningMatch
    rows: Any = (
        select(
            m.id, m.public_id, m.supplier_id, Supplier.name, Supplier.number, Supplier.public_id,
            Supplier.country, m.source, m.entry_key, ScreeningList.edition,
            ScreeningList.public_id, m.state, m.score, m.own_name, m.own_kind, m.listed_name,
            m.is_alias, m.reason, m.entry_kind, m.program, m.countries, m.is_found,
            m.first_found_at, m.decided_by, m.decided_at, m.decided_because, m.version,
        )
        .join(Supplier, Supplier.id == m.supplier_id)
        .join(ScreeningList, ScreeningList.id == m.list_id)
    )  # fmt: skip
    selected: Select[Any] = rows
    return selected


def _entry_rows() -> Select[Any]:  # Any: as above
    e = ScreeningEntry
    rows: Any = select(e.entry_key, e.kind, e.name, e.aliases, e.countries, e.program, e.remarks)
    selected: Select[Any] = rows
    return selected


def _conditions(wanted: MatchFilter) -> list[ColumnElement[bool]]:
    m = ScreeningMatch
    found: list[ColumnElement[bool]] = [
        column.in_(list(values))
        for column, values in (
            (m.state, wanted.states), (m.source, wanted.sources), (m.entry_kind, wanted.kinds),
            (m.supplier_id, wanted.supplier_ids),
        )
        if values
    ]  # fmt: skip
    if wanted.search:
        like = _like(wanted.search)
        named = (Supplier.name, Supplier.number, m.own_name, m.listed_name, m.entry_key, m.program)
        found.append(or_(*(each.ilike(like, escape="\\") for each in named)))
    return found


def _like(text: str) -> str:
    """Return the pattern of what contains a text."""
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return f"%{text}%"
