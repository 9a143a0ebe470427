"""Reads of incidents: the log, and one with its tasks, decisions, parts and links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.recovery_times import Course, Delays, MeanRecovery, delays, mean_recovery
from app.facts.suppliers.models import ApprovedSource, Part, Supplier
from app.facts.suppliers.queries import SupplierHead, approved_on, effective_id, heads_of
from app.judgement.continuity.incidents.models import (
    RUNNING,
    DecisionState,
    Incident,
    IncidentDecision,
    IncidentPart,
    IncidentState,
    IncidentSupplier,
    IncidentTask,
    TaskState,
)
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.queries import waiting_for

ZERO = Decimal(0)
SPENDING = "incident_spending"
# An incident lists at most so many; of more those with most revenue.
MOST_PARTS = 500


@dataclass(frozen=True, slots=True)
class Exposure:
    """What revenue hangs on some parts: sums by currency, and parts of which nobody knows."""

    sums: tuple[tuple[str, Decimal], ...]
    parts: int
    unknown: int


@dataclass(frozen=True, slots=True)
class NamedSupplier:
    """The supplier of an incident as lists name it."""

    id: int
    public_id: UUID
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident as the log shows it; what hangs on it is told by `with_details`."""

    incident: Incident
    supplier: NamedSupplier
    delays: Delays
    exposure: Exposure = Exposure((), 0, 0)
    decided_at: datetime | None = None
    open_tasks: int = 0
    late_tasks: int = 0

    @property
    def course(self) -> Course:
        """Its moments."""
        return course_of(self.incident, self.decided_at)


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part that an incident hits, as it was known when it was put there."""

    part_id: int
    number: str
    name: str | None
    criticality: str | None
    revenue_exposed: Decimal | None
    currency: str | None
    survive_days: int | None
    is_flown: bool


def incident_rows(
    session: Session, *, now: datetime, supplier_ids: Collection[int] | None = None
) -> list[IncidentRow]:
    """Return the incidents within reach, the newest first; of some suppliers, also those in
    which they are named beside another."""
    return with_details(session, bare_rows(session, now=now, supplier_ids=supplier_ids), now=now)


def bare_rows(
    session: Session, *, now: datetime, supplier_ids: Collection[int] | None = None
) -> list[IncidentRow]:
    """Return the incidents as `incident_rows` does, without what hangs on each."""
    asked = (
        select(Incident, Supplier.id, Supplier.public_id, Supplier.number, Supplier.name)
        .join(Supplier, Supplier.id == Incident.supplier_id)
        .order_by(Incident.opened_at.desc(), Incident.id.desc())
    )
    if supplier_ids is not None:
        beside = select(IncidentSupplier.incident_id).where(
            IncidentSupplier.supplier_id.in_(supplier_ids)
        )
        asked = asked.where(Incident.supplier_id.in_(supplier_ids) | Incident.id.in_(beside))
    return [
        IncidentRow(
            each, NamedSupplier(key, public_id, number, name),
            delays(course_of(each, None), now=now),
        )
        for each, key, public_id, number, name in session.execute(asked)
    ]  # fmt: skip


def with_details(
    session: Session, rows: Sequence[IncidentRow], *, now: datetime
) -> list[IncidentRow]:
    """Return rows with exposure, tasks and the first decision; a page of them costs little."""
    keys = [row.incident.id for row in rows]
    firsts, exposed = first_decisions(session, keys), exposures(session, keys)
    tasks = _tasks_left(session, keys, now)
    told = []
    for row in rows:
        key, first = row.incident.id, firsts.get(row.incident.id)
        left, late = tasks.get(key, (0, 0))
        told.append(
            replace(
                row, exposure=exposed.get(key, row.exposure), decided_at=first, open_tasks=left,
                late_tasks=late, delays=delays(course_of(row.incident, first), now=now),
            )
        )  # fmt: skip
    return told


def mean_time_to_recover(rows: Iterable[IncidentRow], *, now: datetime) -> MeanRecovery:
    """Return the mean time to recover of incidents; potential and dismissed ones are none."""
    left_out = (IncidentState.POTENTIAL, IncidentState.DISMISSED)
    return mean_recovery(
        (row.course for row in rows if row.incident.state not in left_out), now=now
    )


def running_count(session: Session) -> int:
    """Return how many incidents need somebody."""
    asked = select(func.count()).select_from(Incident).where(Incident.state.in_(RUNNING))
    return session.scalar(asked) or 0


def opened_by_alerts(session: Session) -> set[UUID]:
    """Return the alerts that opened an incident, by the keys in their addresses."""
    rows = session.scalars(select(Incident.alert_id).where(Incident.alert_id.is_not(None)))
    return {key for key in rows if key is not None}


def course_of(incident: Incident, decided_at: datetime | None) -> Course:
    """Return the moments of an incident that its delays follow from."""
    return Course(incident.started_at, incident.signalled_at, decided_at, incident.restored_at)


def incident_by_public_id(session: Session, public_id: UUID) -> Incident:
    """Return one incident; raises NotFound."""
    found = session.scalar(select(Incident).where(Incident.public_id == public_id))
    if found is None:
        raise NotFound("E-INC-01", "There is no such incident.")
    return found


def others_hit(session: Session, incident_id: int) -> list[SupplierHead]:
    """Return the other suppliers that an incident hits, within reach."""
    keys = session.scalars(
        select(IncidentSupplier.supplier_id).where(IncidentSupplier.incident_id == incident_id)
    ).all()
    found = heads_of(session, keys) if keys else {}
    return sorted(found.values(), key=lambda each: each.name)


def tasks_of(session: Session, incident_id: int) -> list[IncidentTask]:
    """Return the tasks of an incident: open ones first, the soonest due first."""
    rows = session.scalars(
        select(IncidentTask)
        .where(IncidentTask.incident_id == incident_id)
        .order_by(IncidentTask.due_at, IncidentTask.place)
    )
    return sorted(rows, key=lambda each: each.state != TaskState.OPEN)


def decisions_of(session: Session, incident_id: int) -> list[IncidentDecision]:
    """Return the decisions of an incident, the first one first."""
    return list(
        session.scalars(
            select(IncidentDecision)
            .where(IncidentDecision.incident_id == incident_id)
            .order_by(IncidentDecision.decided_at, IncidentDecision.id)
        )
    )


def waiting(session: Session, decisions: Iterable[IncidentDecision]) -> frozenset[int]:
    """Return which decisions wait for another person; others that are proposed were taken back."""
    return frozenset(
        each.id
        for each in decisions
        if each.state == DecisionState.PROPOSED
        and waiting_for(session, ObjectRef(SPENDING, str(each.id))) is not None
    )


def parts_of(session: Session, incident_id: int) -> list[PartRow]:
    """Return the parts that an incident hits, those with most revenue first."""
    rows = session.execute(
        select(IncidentPart, Part.number, Part.name, Part.criticality)
        .join(Part, Part.id == IncidentPart.part_id)
        .where(IncidentPart.incident_id == incident_id)
        .order_by(Part.number)
    )
    found = [
        PartRow(
            row.part_id, number, name, criticality, row.revenue_exposed, row.currency,
            row.survive_days, row.is_flown,
        )
        for row, number, name, criticality in rows
    ]  # fmt: skip
    return sorted(found, key=lambda each: -(each.revenue_exposed or ZERO))


def approved_parts(session: Session, supplier_id: int, on: date, *, limit: int) -> list[Part]:
    """Return the parts of which a supplier is an approved source on a day.

    Those with most revenue first, so that a limit leaves out the others.
    """
    keys = (
        select(ApprovedSource.part_id)
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .where(effective_id() == supplier_id, *approved_on(on))
    )
    order = (Part.revenue_exposed.desc().nulls_last(), Part.number)
    return list(
        session.scalars(select(Part).where(Part.id.in_(keys)).order_by(*order).limit(limit))
    )


def exposure_of(parts: Iterable[PartRow]) -> Exposure:
    """Return what revenue hangs on parts; amounts of several currencies stay apart."""
    return _exposure([(each.revenue_exposed, each.currency) for each in parts])


def exposures(session: Session, incident_ids: Collection[int]) -> dict[int, Exposure]:
    """Return by incident what revenue hangs on its parts."""
    rows = session.execute(
        select(IncidentPart.incident_id, IncidentPart.revenue_exposed, IncidentPart.currency).where(
            IncidentPart.incident_id.in_(incident_ids)
        )
    )
    found: dict[int, list[tuple[Decimal | None, str | None]]] = defaultdict(list)
    for key, amount, currency in rows:
        found[key].append((amount, currency))
    return {key: _exposure(own) for key, own in found.items()}


def first_decisions(session: Session, incident_ids: Collection[int]) -> Mapping[int, datetime]:
    """Return by incident when it was first decided upon."""
    found: dict[int, datetime] = {}
    rows = session.execute(
        select(IncidentDecision.incident_id, IncidentDecision.decided_at)
        .where(
            IncidentDecision.incident_id.in_(incident_ids),
            IncidentDecision.state == DecisionState.DECIDED,
        )
        .order_by(IncidentDecision.decided_at)
    )
    for key, at in rows:
        found.setdefault(key, at)
    return found


def spent_of(decisions: Iterable[IncidentDecision], currency: str | None) -> Decimal:
    """Return what was decided to be spent in a currency."""
    return sum(
        (
            each.amount or ZERO
            for each in decisions
            if each.state == DecisionState.DECIDED and each.currency == currency
        ),
        ZERO,
    )


def _exposure(own: list[tuple[Decimal | None, str | None]]) -> Exposure:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    unknown = 0
    for amount, currency in own:
        if amount is None or currency is None:
            unknown += 1
        else:
            sums[currency] += amount
    return Exposure(tuple(sorted(sums.items())), len(own), unknown)


def _tasks_left(
    session: Session, incident_ids: Collection[int], now: datetime
) -> dict[int, tuple[int, int]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    rows = session.execute(
        select(IncidentTask.incident_id, IncidentTask.due_at).where(
            IncidentTask.incident_id.in_(incident_ids), IncidentTask.state == TaskState.OPEN
        )
    )
    for key, due_at in rows:
        found[key].append(due_at)
    return {key: (len(own), sum(1 for due in own if due < now)) for key, own in found.items()}
