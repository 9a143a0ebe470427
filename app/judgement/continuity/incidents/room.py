"""One incident with all that its room shows: what is next, the clock, the course so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from app.calc.recovery_times import SECONDS_IN_HOUR, Delays, delays
from app.facts.evidence.backup_suppliers import queries as backups
from app.facts.evidence.backup_suppliers.queries import PartCoverage
from app.facts.suppliers.queries import SupplierHead, head_of
from app.judgement.continuity.incidents import links, queries
from app.judgement.continuity.incidents.links import LinkRow
from app.judgement.continuity.incidents.models import (
    DecisionState,
    Incident,
    IncidentDecision,
    IncidentState,
    IncidentTask,
    TaskState,
)
from app.judgement.continuity.incidents.queries import Exposure, PartRow
from app.judgement.continuity.incidents.services import STEPS
from app.judgement.continuity.responses import queries as responses
from app.judgement.continuity.responses.queries import ResponseSheet


@dataclass(frozen=True, slots=True)
class Moment:
    """Something in the course of an incident. kind: state, decision or task."""

    at: datetime
    kind: str
    words: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class RunOut:
    """The part of which our stock ends first, by what was known when it was listed."""

    part: PartRow
    on: date


@dataclass(frozen=True, slots=True)
class Room:
    """An incident with all that belongs to it, as it stands at `now`."""

    incident: Incident
    supplier: SupplierHead
    others: tuple[SupplierHead, ...]
    response: ResponseSheet | None
    tasks: tuple[IncidentTask, ...]
    decisions: tuple[IncidentDecision, ...]
    parts: tuple[PartRow, ...]
    links: tuple[LinkRow, ...]
    coverages: Mapping[int, PartCoverage]
    exposure: Exposure
    delays: Delays
    now: datetime
    # Decisions that wait for another person, by key.
    waiting: frozenset[int]

    @property
    def state(self) -> IncidentState:
        """How it stands."""
        return IncidentState(self.incident.state)

    @property
    def forward(self) -> tuple[IncidentState, ...]:
        """What may become of it; the first is what is meant to come next."""
        return STEPS[self.state]

    @property
    def late(self) -> int:
        """How many open tasks are overdue."""
        return sum(1 for each in self.tasks if self.is_late(each))

    @property
    def left(self) -> int:
        """How many tasks are open."""
        return sum(1 for each in self.tasks if each.state == TaskState.OPEN)

    @property
    def authority(self) -> tuple[Decimal, Decimal, str] | None:
        """What may be spent at once, what was, and the currency; None: nothing was agreed."""
        sheet = None if self.response is None else self.response.response
        if sheet is None or sheet.authority is None or sheet.currency is None:
            return None
        return sheet.authority, queries.spent_of(self.decisions, sheet.currency), sheet.currency

    @property
    def left_at_once(self) -> Decimal | None:
        """What may still be spent without asking; None: nothing was agreed."""
        limit = self.authority
        return None if limit is None else max(Decimal(0), limit[0] - limit[1])

    @property
    def runs_out(self) -> RunOut | None:
        """Which part's stock ends first; None where no part's stock is known."""
        since = (self.incident.started_at or self.incident.signalled_at).date()
        known = [each for each in self.parts if each.survive_days is not None]
        first = min(known, key=lambda each: each.survive_days or 0, default=None)
        if first is None:
            return None
        return RunOut(first, since + timedelta(days=first.survive_days or 0))

    @property
    def clock(self) -> float:
        """Hours since supply was hit, or since we first heard where nobody knows when."""
        if self.delays.lasts is not None:
            return self.delays.lasts
        until = self.incident.ended_at or self.now
        return (until - self.incident.signalled_at).total_seconds() / SECONDS_IN_HOUR

    def is_late(self, task: IncidentTask) -> bool:
        """Tell whether a task should be done by now."""
        return task.state == TaskState.OPEN and task.due_at < self.now

    @property
    def course(self) -> tuple[Moment, ...]:
        """What happened so far, the latest first."""
        row = self.incident
        told = [
            Moment(at, "state", words, by)
            for at, words, by in (
                (row.started_at, "Supply was hit", ""),
                (row.signalled_at, "First heard of", ""),
                (row.opened_at, "Opened", row.opened_by),
                (row.confirmed_at, "Confirmed", ""),
                (row.contained_at, "Contained", ""),
                (row.restored_at, "Restored", row.ended_by or ""),
                (row.dismissed_at, "Dismissed", row.ended_by or ""),
            )
            if at is not None
        ]
        told += [
            Moment(each.decided_at, "decision", each.said, each.decided_by)
            for each in self.decisions
            if each.state == DecisionState.DECIDED
        ]
        told += [
            Moment(each.ended_at, "task", f"{each.title}: {each.state}", each.ended_by or "")
            for each in self.tasks
            if each.ended_at is not None
        ]
        return tuple(sorted(told, key=lambda each: each.at, reverse=True))


def room(session: Session, public_id: UUID, *, now: datetime) -> Room:
    """Return an incident with all that belongs to it; raises NotFound."""
    row = queries.incident_by_public_id(session, public_id)
    head = head_of(session, row.supplier_id)
    decisions, parts = queries.decisions_of(session, row.id), queries.parts_of(session, row.id)
    keys = [each.part_id for each in parts]
    standby = backups.backup_rows(session, part_ids=keys) if keys else []
    first = queries.first_decisions(session, [row.id]).get(row.id)
    return Room(
        incident=row,
        supplier=head,
        others=tuple(queries.others_hit(session, row.id)),
        response=None if row.response_id is None else responses.by_id(session, row.response_id),
        tasks=tuple(queries.tasks_of(session, row.id)),
        decisions=tuple(decisions),
        parts=tuple(parts),
        links=tuple(links.links_of(session, row, head.public_id)),
        coverages={each.part_id: each for each in backups.coverages(standby, now.date())},
        exposure=queries.exposure_of(parts),
        delays=delays(queries.course_of(row, first), now=now),
        now=now,
        waiting=queries.waiting(session, decisions),
    )
