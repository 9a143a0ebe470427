"""Writes of incidents: open by hand or by a trigger, move on, take back, amend, parts, links.

A trigger opens at most one incident: what it was opened by is kept with it, once. Tasks and
decisions are written in `acting`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.facts.deliveries.period_reads import members
from app.facts.evidence.events.models import DisruptionEvent
from app.facts.suppliers.models import Part, Supplier
from app.judgement.continuity.incidents import queries, telling
from app.judgement.continuity.incidents.models import (
    RUNNING,
    Incident,
    IncidentCause,
    IncidentLink,
    IncidentPart,
    IncidentState,
    IncidentSupplier,
    IncidentTask,
    LinkKind,
)
from app.judgement.continuity.incidents.moments import check_order, check_start, check_step
from app.judgement.continuity.incidents.queries import MOST_PARTS
from app.judgement.continuity.responses.models import IncidentResponse, ResponseState
from app.judgement.continuity.responses.queries import steps_of
from app.judgement.continuity.responses.services import parts_numbered, supplier_numbered
from app.platform.audit import services as audit

POTENTIAL, CONFIRMED, CONTAINED, RESTORED, DISMISSED = IncidentState
# What may become of an incident from where it stands; the last two take a step back.
STEPS: dict[IncidentState, tuple[IncidentState, ...]] = {
    POTENTIAL: (CONFIRMED, DISMISSED),
    CONFIRMED: (CONTAINED, RESTORED, DISMISSED),
    CONTAINED: (RESTORED,),
    RESTORED: (CONFIRMED,),
    DISMISSED: (POTENTIAL,),
}
NEEDS_REASON = ((POTENTIAL, DISMISSED), (CONFIRMED, DISMISSED), (RESTORED, CONFIRMED),
                (DISMISSED, POTENTIAL))  # fmt: skip
# Within it the same words are the same incident, sent twice.
SENT_TWICE = timedelta(minutes=10)
MOST_OTHERS = 50
BY_TRIGGER = "a trigger"


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident as somebody opens it. Parts and other suppliers by number; no part named:
    all of which the supplier is an approved source. signalled_at None: now."""

    title: str
    details: str | None = None
    cause: IncidentCause | None = None
    started_at: datetime | None = None
    signalled_at: datetime | None = None
    parts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """What opens an incident by itself: the alert, about what thing of whom, in which words.

    started_at: when supply was hit, where what is watched tells. event_id: a world event's key
    in addresses.
    """

    alert_id: UUID
    supplier_id: int
    thing: str
    says: str
    signalled_at: datetime
    started_at: datetime | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an incident, None where it is not."""

    title: str
    details: str | None
    cause: IncidentCause | None
    cause_text: str | None
    started_at: datetime | None
    signalled_at: datetime
    cost: Decimal | None
    currency: str | None


def open_incident(
    session: Session,
    supplier_id: int,
    said: Opening,
    *,
    response: IncidentResponse | None = None,
) -> Incident:
    """Open an incident by hand; by a response its steps become tasks."""
    scope.require_writable(session, "supplier", supplier_id)
    now = clock.now()
    _refuse_second(session, supplier_id, said.title, now)
    check_start(said.started_at, said.signalled_at or now, now)
    if response is not None:
        _check_response(session, response, supplier_id)
    row = Incident(
        supplier_id=supplier_id, title=said.title, details=said.details, cause=said.cause,
        started_at=said.started_at, signalled_at=said.signalled_at or now, opened_at=now,
        opened_by=db.actor_of(session).name,
    )  # fmt: skip
    parts = parts_numbered(session, said.parts)
    if len(parts) > MOST_PARTS:
        raise InvalidInput("E-INC-07", f"An incident lists at most {MOST_PARTS} parts.")
    _begin(session, row, response, parts)
    _add_others(session, row, said.others)
    session.flush()
    if response is not None:
        telling.tell_opened(session, row, response)
    return row


def open_by_trigger(
    session: Session, trigger: Trigger, response: IncidentResponse
) -> Incident | None:
    """Open the incident of a trigger; None where it was opened before, or one of it runs.

    While an incident of the same response about the same thing runs, and for what was raised
    before it ended, no second one is opened.
    """
    if _was_opened(session, trigger, response):
        return None
    row = Incident(
        supplier_id=trigger.supplier_id, title=f"{response.name}: {trigger.says}"[:200],
        started_at=trigger.started_at, signalled_at=trigger.signalled_at, opened_at=clock.now(),
        opened_by=BY_TRIGGER, alert_id=trigger.alert_id, thing=trigger.thing,
        trigger_key=_key_of(trigger),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another process opened it in this moment.
        return None
    _begin(session, row, response, ())
    if trigger.event_id is not None:
        _link_event(session, row, trigger.event_id)
    session.flush()
    telling.tell_opened(session, row, response)
    return row


def move(
    session: Session,
    public_id: UUID,
    to: IncidentState,
    *,
    at: datetime | None,
    reason: str,
    seen_version: int,
) -> Incident:
    """Say how an incident stands, since when; None: now. Taking a step back needs a reason."""
    row = incident_to_change(session, public_id, seen_version=seen_version)
    state = IncidentState(row.state)
    if to not in STEPS[state]:
        raise Conflict("E-INC-03", f"{row.number} is {state}; it can’t become {to} now.")
    moment = at or clock.now()
    is_back = state in (RESTORED, DISMISSED)
    if not is_back:
        check_step(row, to, moment)
    row.state_because = audit.give_reason(session, reason) if (state, to) in NEEDS_REASON else None
    row.restored_at = row.dismissed_at = row.ended_by = None
    if is_back:
        row.contained_at = None
        row.confirmed_at = row.confirmed_at if to is CONFIRMED else None
    else:
        setattr(row, f"{to}_at", moment)
    if to in (RESTORED, DISMISSED):
        row.ended_by = db.actor_of(session).name
    row.state, row.version = to, row.version + 1
    session.flush()
    return row


def amend(session: Session, public_id: UUID, facts: Facts, *, seen_version: int) -> Incident:
    """Write down what is known of an incident by now."""
    row = incident_to_change(session, public_id, seen_version=seen_version)
    check_start(facts.started_at, facts.signalled_at, clock.now())
    check_order(row, started_at=facts.started_at, signalled_at=facts.signalled_at)
    if (facts.cost is None) is not (facts.currency is None):
        raise InvalidInput("E-INC-05", "Give a cost with its currency, or neither.")
    row.title, row.details = facts.title, facts.details
    row.cause, row.cause_text = facts.cause, facts.cause_text
    row.started_at, row.signalled_at = facts.started_at, facts.signalled_at
    row.cost, row.currency = facts.cost, facts.currency
    row.version += 1
    session.flush()
    return row


def add_part(session: Session, public_id: UUID, number: str) -> None:
    """Put a part on the list of what an incident hits, as it is known now."""
    row = incident_to_change(session, public_id)
    part = parts_numbered(session, [number])[0]
    held = {each.part_id for each in queries.parts_of(session, row.id)}
    if part.id in held:
        raise Conflict("E-INC-06", f"{part.number} stands on the list already.")
    if len(held) >= MOST_PARTS:
        raise InvalidInput("E-INC-07", f"An incident lists at most {MOST_PARTS} parts.")
    session.add(_part_row(session, row, part, ()))
    session.flush()


def remove_part(session: Session, public_id: UUID, part_id: int) -> None:
    """Take a part off the list of what an incident hits."""
    row = incident_to_change(session, public_id)
    found = session.scalar(
        select(IncidentPart).where(
            IncidentPart.incident_id == row.id, IncidentPart.part_id == part_id
        )
    )
    if found is None:
        raise NotFound("E-INC-01", "There is no such part on the list.")
    session.delete(found)
    session.flush()


def incident_to_change(
    session: Session, public_id: UUID, *, seen_version: int | None = None
) -> Incident:
    """Return an incident, held until the transaction ends, as it was seen; raises NotFound."""
    scope.require_writable(
        session, "incident", queries.incident_by_public_id(session, public_id).id
    )
    row = session.scalars(
        select(Incident)
        .where(Incident.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if seen_version is not None and row.version != seen_version:
        raise Conflict(
            "E-INC-08",
            "Somebody changed it since you opened the page. Look at it, then send it again.",
        )
    return row


def _begin(
    session: Session, row: Incident, response: IncidentResponse | None, parts: Iterable[Part]
) -> None:
    """Give a new incident its tasks and its parts."""
    flown: tuple[str, ...] = ()
    if response is not None:
        row.response_id, row.response_key = response.id, response.key
        flown = tuple(response.air_freight)
    session.add(row)
    session.flush()
    if response is not None:
        session.add_all(
            IncidentTask(
                incident_id=row.id, place=place, title=step.title, owner=step.owner,
                due_at=row.opened_at + timedelta(hours=step.hours), is_agreed_before=True,
            )
            for place, step in enumerate(steps_of(response), start=1)
        )  # fmt: skip
    hit = list(parts) or queries.approved_parts(
        session, row.supplier_id, row.opened_at.date(), limit=MOST_PARTS
    )
    session.add_all(_part_row(session, row, part, flown) for part in hit)


def _part_row(session: Session, row: Incident, part: Part, flown: tuple[str, ...]) -> IncidentPart:
    is_priced = part.revenue_exposed is not None and part.currency is not None
    return IncidentPart(
        incident_id=row.id, part_id=part.id,
        revenue_exposed=part.revenue_exposed if is_priced else None,
        currency=part.currency if is_priced else None, survive_days=part.survive_days,
        is_flown=part.number in flown, added_by=db.actor_of(session).name,
    )  # fmt: skip


def _add_others(session: Session, row: Incident, numbers: tuple[str, ...]) -> None:
    if len(numbers) > MOST_OTHERS:
        raise InvalidInput("E-INC-09", f"Name at most {MOST_OTHERS} other suppliers.")
    found = {supplier_numbered(session, number).id for number in numbers} - {row.supplier_id}
    for supplier_id in sorted(found):
        scope.require_writable(session, "supplier", supplier_id)
        session.add(IncidentSupplier(incident_id=row.id, supplier_id=supplier_id))


def _check_response(session: Session, response: IncidentResponse, supplier_id: int) -> None:
    """Refuse what is agreed on for another supplier, or holds no more by now."""
    if response.supplier_id not in (None, *members(session, [supplier_id])):
        raise InvalidInput("E-INC-02", f"“{response.name}” is another supplier’s response.")
    if response.state != ResponseState.IN_FORCE:
        raise Conflict(
            "E-INC-21", f"“{response.name}” is not in force any more. Choose another response."
        )


def _key_of(trigger: Trigger) -> str:
    return f"alert {trigger.alert_id}"


def _was_opened(session: Session, trigger: Trigger, response: IncidentResponse) -> bool:
    same = (
        (Incident.response_key == response.key)
        & Incident.supplier_id.in_(members(session, [trigger.supplier_id]))
        & (Incident.thing == trigger.thing)
    )
    rows = session.scalars(
        select(Incident).where((Incident.trigger_key == _key_of(trigger)) | same)
    )
    return any(
        each.trigger_key == _key_of(trigger)
        or each.state in RUNNING
        or (each.ended_at is not None and each.ended_at >= trigger.signalled_at)
        for each in rows
    )


def _link_event(session: Session, row: Incident, event_id: UUID) -> None:
    found = session.scalar(select(DisruptionEvent.id).where(DisruptionEvent.public_id == event_id))
    if found is not None:
        session.add(
            IncidentLink(
                incident_id=row.id, kind=LinkKind.EVENT, event_id=found, made_by=row.opened_by
            )
        )


def _refuse_second(session: Session, supplier_id: int, title: str, now: datetime) -> None:
    # Of two forms at once the second sees the first.
    session.execute(select(Supplier.id).where(Supplier.id == supplier_id).with_for_update())
    same = select(Incident.id).where(
        Incident.supplier_id == supplier_id,
        Incident.title == title,
        Incident.opened_at > now - SENT_TWICE,
    )
    if session.scalar(same.limit(1)) is not None:
        raise Conflict("E-INC-12", "This incident was opened a moment ago. Nothing was stored.")
