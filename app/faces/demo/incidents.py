"""Incidents of the demo company: what was agreed beforehand, what stopped it, who could step in.

Two triggers wait for what the alerts of the demo raise: their rooms open with the first
evaluation, by the same hand as everybody's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ColumnElement, Select, or_, select

from app.faces.demo.cast import BUYERS, CURRENCY
from app.faces.demo.incident_stories import (
    BACKUPS,
    RESPONSES,
    ROOMS,
    Agreed,
    Backup,
    Happened,
)
from app.faces.demo.rows import Row, Rows
from app.facts.deliveries.models import Disruption
from app.facts.evidence.backup_suppliers.models import BackupSupplier
from app.facts.suppliers.models import SHARE_SCALE, ApprovedSource, Part, SourceRole
from app.judgement.continuity.incidents.models import (
    Incident,
    IncidentDecision,
    IncidentLink,
    IncidentPart,
    IncidentSupplier,
    IncidentTask,
)
from app.judgement.continuity.responses.models import IncidentResponse

AGREED_AT = datetime(2026, 1, 12, 9, tzinfo=UTC)
AUTHOR, APPROVER = BUYERS[3], BUYERS[4]
MOST_PARTS = 6
# Any: mapped classes. Children before parents.
OF_INCIDENTS: tuple[Any, ...] = (IncidentLink, IncidentDecision, IncidentTask, IncidentPart)


def add_incidents(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add the responses, the rooms with what was done in them, and the backups."""
    for agreed in RESPONSES:
        _add_response(rows, suppliers, agreed)
    for happened in ROOMS:
        _add_room(rows, suppliers[happened.number], happened)
    for backup in BACKUPS:
        _add_backup(rows, suppliers[backup.number], backup)


def deletions(demo: Select[Any]) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield what to delete under which condition; `demo` selects the demo's suppliers."""
    gone = select(Incident.id).where(Incident.supplier_id.in_(demo))
    for model in OF_INCIDENTS:
        yield model, model.incident_id.in_(gone)
    yield (
        IncidentSupplier,
        or_(IncidentSupplier.incident_id.in_(gone), IncidentSupplier.supplier_id.in_(demo)),
    )
    yield Incident, Incident.supplier_id.in_(demo)
    yield (
        IncidentResponse,
        or_(IncidentResponse.supplier_id.in_(demo), IncidentResponse.substitute_id.in_(demo)),
    )
    yield BackupSupplier, BackupSupplier.supplier_id.in_(demo)


def _add_response(rows: Rows, suppliers: Mapping[str, int], agreed: Agreed) -> None:
    flown = [part["number"] for part in _parts(rows, suppliers[agreed.number])[:2]]
    rows.add(
        IncidentResponse,
        public_id=_key(f"response {agreed.name}"),
        key=_key(f"responses {agreed.name}"),
        version=1,
        name=agreed.name,
        rule_key=agreed.rule,
        supplier_id=suppliers[agreed.number],
        steps=[
            {"title": title, "owner": owner, "hours": hours} for hours, owner, title in agreed.steps
        ],
        approver=agreed.approver,
        authority=Decimal(agreed.authority),
        currency=CURRENCY,
        substitute_id=suppliers[agreed.substitute],
        air_freight=flown if agreed.flies else [],
        state="in_force",
        author=AUTHOR,
        author_id=None,
        made_at=AGREED_AT,
        reason="Agreed in the January risk meeting, with the plants.",
        decided_at=AGREED_AT + timedelta(hours=3),
        decided_by=APPROVER,
        ended_at=None,
        ended_by=None,
        ended_because=None,
    )


def _add_room(rows: Rows, supplier_id: int, told: Happened) -> None:
    room = rows.add(
        Incident,
        public_id=_key(told.title),
        supplier_id=supplier_id,
        title=told.title,
        details=told.details,
        cause=told.cause,
        cause_text=told.cause_text,
        state=told.state,
        state_because=told.because,
        started_at=told.started,
        signalled_at=told.signalled,
        opened_at=told.signalled + timedelta(minutes=20),
        opened_by=told.by,
        confirmed_at=told.confirmed,
        contained_at=told.contained,
        restored_at=told.restored,
        dismissed_at=told.dismissed,
        ended_by=told.by if told.restored or told.dismissed else None,
        cost=None if told.cost is None else Decimal(told.cost),
        currency=None if told.cost is None else CURRENCY,
        response_id=None,
        response_key=None,
        thing=None,
        trigger_key=None,
        alert_id=None,
        version=1,
    )
    for part in _parts(rows, supplier_id)[: told.parts]:
        _add_part(rows, room, part)
    for place, (title, owner, due, done) in enumerate(told.tasks, start=1):
        _add_task(rows, room, place, (title, owner, due, done))
    for said, reason, by, at, amount in told.decisions:
        rows.add(
            IncidentDecision,
            public_id=_key(said), incident_id=room["id"], said=said, reason=reason,
            decided_by=by, decided_at=at, noted_by=by,
            amount=None if amount is None else Decimal(amount),
            currency=None if amount is None else CURRENCY, state="decided",
        )  # fmt: skip
    for stop in rows.of(Disruption):
        if stop["supplier_id"] == supplier_id and stop["occurred_on"] in told.stops:
            rows.add(
                IncidentLink,
                public_id=_key(f"{told.title} {stop['reference']}"), incident_id=room["id"],
                kind="disruption", event_id=None, disruption_id=stop["id"], plan_id=None,
                made_by=told.by,
            )  # fmt: skip


def _add_part(rows: Rows, room: Row, part: Row) -> None:
    rows.add(
        IncidentPart,
        incident_id=room["id"], part_id=part["id"], revenue_exposed=part["revenue_exposed"],
        currency=part["currency"], survive_days=part["survive_days"], is_flown=False,
        added_by=room["opened_by"],
    )  # fmt: skip


def _add_task(
    rows: Rows, room: Row, place: int, told: tuple[str, str, datetime, datetime | None]
) -> None:
    title, owner, due, done = told
    rows.add(
        IncidentTask,
        public_id=_key(f"{room['title']} {title}"), incident_id=room["id"], place=place,
        title=title, owner=owner, due_at=due, is_agreed_before=False,
        state="open" if done is None else "done", ended_at=done,
        ended_by=None if done is None else owner, outcome=None, version=1,
    )  # fmt: skip


def _add_backup(rows: Rows, supplier_id: int, told: Backup) -> None:
    part = next(row for row in _named(rows, told) if _is_free(rows, row, supplier_id, told))
    usage = part["annual_usage"]
    rows.add(
        BackupSupplier,
        public_id=_key(f"{told.number} {told.part} {told.stage}"),
        part_id=part["id"],
        supplier_id=supplier_id,
        stage=told.stage,
        stage_because=told.because,
        owner=told.owner,
        identified_on=told.identified,
        sampling_on=told.sampling,
        qualified_on=told.qualified,
        released_on=told.released,
        due_on=told.due,
        target_share=None if told.share is None else told.share * SHARE_SCALE // 100,
        capacity=None
        if told.covers is None
        else (usage * told.covers // 1200).quantize(Decimal(1)),
        ready_days=told.ready,
        rotate_days=180,
        note=None,
        version=1,
    )


def _named(rows: Rows, told: Backup) -> list[Row]:
    return [row for row in rows.of(Part) if row["name"].startswith(told.part)]


def _is_free(rows: Rows, part: Row, supplier_id: int, told: Backup) -> bool:
    """Tell whether a part fits: released backups are approved sources, others are none yet."""
    own = [
        row
        for row in rows.of(ApprovedSource)
        if row["part_id"] == part["id"] and row["supplier_id"] == supplier_id
    ]
    taken = any(
        row["part_id"] == part["id"] and row["supplier_id"] == supplier_id
        for row in rows.of(BackupSupplier)
    )
    if taken:
        return False
    if told.released is None:
        return not own
    return bool(own) and own[0]["role"] != SourceRole.PRIMARY


def _parts(rows: Rows, supplier_id: int) -> list[Row]:
    keys = {row["part_id"] for row in rows.of(ApprovedSource) if row["supplier_id"] == supplier_id}
    return [row for row in rows.of(Part) if row["id"] in keys][:MOST_PARTS]


def _key(words: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay:demo:incidents:{words}")
