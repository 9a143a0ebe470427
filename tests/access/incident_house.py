"""An incident, a response and a backup with all that hangs on them, in one world."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries.models import Disruption
from app.facts.evidence.backup_suppliers.models import BackupSupplier
from app.facts.suppliers.models import ApprovedSource, Supplier
from app.judgement.continuity.incidents.models import (
    Incident,
    IncidentDecision,
    IncidentLink,
    IncidentPart,
    IncidentSupplier,
    IncidentTask,
)
from app.judgement.continuity.responses.models import IncidentResponse
from tests.conftest import NOW, TODAY

NOBODY = uuid.UUID(int=1)
NO_KEY = 999_999


def move_in(session: Session, canary: str, of: Supplier) -> None:
    """Add an incident that runs, with a row of everything."""
    part_id = _part(session, of.id)
    response = IncidentResponse(
        name=f"{canary} response", supplier_id=of.id, approver=canary, author=canary, made_at=NOW,
        steps=[{"title": f"{canary} step", "owner": canary, "hours": 4}], air_freight=[canary],
        reason=f"{canary} reason", state="in_force", decided_at=NOW, decided_by=canary,
    )  # fmt: skip
    session.add(response)
    session.flush()
    incident = Incident(
        supplier_id=of.id, title=f"{canary} incident", details=canary, cause_text=canary,
        signalled_at=NOW, opened_at=NOW, opened_by=canary, response_id=response.id,
    )  # fmt: skip
    session.add(incident)
    session.flush()
    stop = session.scalars(select(Disruption.id).where(Disruption.supplier_id == of.id)).first()
    session.add_all(
        [
            IncidentSupplier(incident_id=incident.id, supplier_id=of.id),
            IncidentPart(incident_id=incident.id, part_id=part_id, added_by=canary),
            IncidentTask(
                incident_id=incident.id, place=1, title=f"{canary} task", owner=canary, due_at=NOW
            ),
            IncidentDecision(
                incident_id=incident.id, said=f"{canary} decision", reason=f"{canary} reason",
                decided_by=canary, decided_at=NOW, noted_by=canary,
            ),
            IncidentLink(
                incident_id=incident.id, kind="disruption", disruption_id=stop, made_by=canary
            ),
            BackupSupplier(
                part_id=part_id, supplier_id=of.id, owner=canary, identified_on=TODAY,
                capacity=Decimal(1), note=canary, rotate_days=180,
            ),
        ]
    )  # fmt: skip


def parts_of(supplier: Callable[[Any], int], *names: str) -> Callable[[Session, Any], Any]:
    """Return how the parts of an address are found in a world, by their names."""

    def parts(session: Session, world: Any) -> dict[str, Any]:
        key = supplier(world)
        incident = session.scalars(select(Incident).where(Incident.supplier_id == key)).first()
        assert incident is not None

        def first(model: Any) -> Any:
            own = select(model.public_id).where(model.incident_id == incident.id)
            return session.scalars(own).first()

        def of_supplier(model: Any) -> Any:
            return session.scalars(select(model.public_id).where(model.supplier_id == key)).first()

        found = {
            "incident": lambda: incident.public_id,
            "response": lambda: of_supplier(IncidentResponse),
            "backup": lambda: of_supplier(BackupSupplier),
            "task_id": lambda: first(IncidentTask),
            "link_id": lambda: first(IncidentLink),
            "part_id": lambda: _part(session, key),
        }
        first_name, *others = names
        return {"public_id": found[first_name]()} | {name: found[name]() for name in others}

    return parts


def _part(session: Session, supplier_id: int) -> int:
    own = select(ApprovedSource.part_id).where(ApprovedSource.supplier_id == supplier_id)
    return session.scalars(own).first() or 0
