"""What an incident belongs to: world events, recorded disruptions, continuity plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import formatting
from app.facts.deliveries.models import Disruption
from app.facts.deliveries.period_reads import members
from app.facts.evidence.events.models import DisruptionEvent
from app.judgement.continuity.incidents.models import Incident, IncidentLink, LinkKind
from app.judgement.continuity.models import ContinuityPlan

# What is older than this before the incident is not offered.
OFFERED_BEFORE = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that an incident may be linked to; `value` names it in a form."""

    value: str
    words: str
    kind: LinkKind
    key: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link with its words and the page behind it: endpoint and what its address holds."""

    public_id: UUID
    kind: str
    key: int
    words: str
    endpoint: str
    values: Mapping[str, str] = field(default_factory=dict)


def links_of(session: Session, incident: Incident, supplier_public_id: UUID) -> list[LinkRow]:
    """Return the links of an incident; what lies out of reach is left out."""
    own = {"public_id": str(supplier_public_id)}
    # Any: of each row but one side of the joins is absent.
    rows: Any = session.execute(
        select(IncidentLink, DisruptionEvent, Disruption, ContinuityPlan)
        .outerjoin(DisruptionEvent, DisruptionEvent.id == IncidentLink.event_id)
        .outerjoin(Disruption, Disruption.id == IncidentLink.disruption_id)
        .outerjoin(ContinuityPlan, ContinuityPlan.id == IncidentLink.plan_id)
        .where(IncidentLink.incident_id == incident.id)
        .order_by(IncidentLink.id)
    )
    found = []
    for link, event, stop, plan in rows:
        if event is not None:
            there = ("events.show", {"event_id": str(event.public_id)})
            found.append(LinkRow(link.public_id, link.kind, event.id, _event(event), *there))
        elif stop is not None:
            where = ("disruptions.index", own)
            found.append(LinkRow(link.public_id, link.kind, stop.id, _stop(stop), *where))
        elif plan is not None:
            here = ("continuity.show", {"plan_id": str(plan.public_id)})
            found.append(LinkRow(link.public_id, link.kind, plan.id, _plan(plan), *here))
    return found


def choices(session: Session, incident: Incident, taken: list[LinkRow]) -> list[Choice]:
    """Return what an incident may be linked to and is not yet: of its supplier and its time."""
    since = (incident.started_at or incident.signalled_at) - OFFERED_BEFORE
    own = members(session, [incident.supplier_id])
    found = [
        *_events(session, since),
        *(
            Choice(f"disruption {each.id}", _stop(each), LinkKind.DISRUPTION, each.id)
            for each in session.scalars(
                select(Disruption)
                .where(Disruption.supplier_id.in_(own), Disruption.withdrawn_at.is_(None),
                       Disruption.occurred_on >= since.date())
                .order_by(Disruption.occurred_on.desc())
            )
        ),
        *(
            Choice(f"plan {each.id}", _plan(each), LinkKind.PLAN, each.id)
            for each in session.scalars(
                select(ContinuityPlan)
                .where(ContinuityPlan.supplier_id.in_(own), ContinuityPlan.ended_on.is_(None))
                .order_by(ContinuityPlan.id)
            )
        ),
    ]  # fmt: skip
    gone = {(each.kind, each.key) for each in taken}
    return [each for each in found if (each.kind, each.key) not in gone]


def _events(session: Session, since: datetime) -> list[Choice]:
    rows = session.scalars(
        select(DisruptionEvent)
        .where(
            DisruptionEvent.withdrawn_at.is_(None),
            DisruptionEvent.until_on.is_(None) | (DisruptionEvent.until_on >= since.date()),
        )
        .order_by(DisruptionEvent.from_on.desc())
    )
    return [Choice(f"event {each.id}", _event(each), LinkKind.EVENT, each.id) for each in rows]


def _event(each: DisruptionEvent) -> str:
    return f"{each.title}, from {formatting.day(each.from_on)}"


def _stop(each: Disruption) -> str:
    kind = str(each.kind).replace("_", " ")
    return f"{each.reference}: {kind}, {formatting.day(each.occurred_on)}"


def _plan(each: ContinuityPlan) -> str:
    return f"{each.number}: {each.title}"
