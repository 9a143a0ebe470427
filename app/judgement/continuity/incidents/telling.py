"""Tells people that an incident was opened: whoever has a step, the approver, risk managers.

Nobody is told of a supplier that they may not read. Mails leave through the outbox, in the
transaction that opens the incident.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.base import formatting, scope
from app.facts.suppliers.models import Supplier
from app.judgement.continuity.incidents.models import Incident
from app.judgement.continuity.responses.models import IncidentResponse
from app.judgement.continuity.responses.queries import steps_of
from app.platform.accounts import grant_queries, roles
from app.platform.accounts.grant_models import Role
from app.platform.accounts.matrix import Extent
from app.platform.accounts.models import User
from app.platform.accounts.queries import people_named
from app.platform.outbox import services as outbox
from app.platform.outbox.services import About
from app.platform.outbox.values import one_line
from config import Settings

PERMISSION = "suppliers.view"


def tell_opened(session: Session, incident: Incident, response: IncidentResponse) -> int:
    """Tell everybody named in a response, and the risk managers; return how many."""
    named = [response.approver, *(step.owner for step in steps_of(response))]
    people = [person for person in _people(session, named) if _may_read(session, person, incident)]
    for person in people:
        outbox.enqueue_mail(
            session,
            to=person.email,
            subject=one_line(f"{incident.number} is open: {incident.title}")[:150],
            template="incident_opened",
            facts=_facts(session, incident, response) | {"name": person.name},
            dedupe_key=f"incident {incident.public_id} opened {person.id}",
            about=About("incident", str(incident.public_id)),
        )
    return len(people)


def _facts(session: Session, incident: Incident, response: IncidentResponse) -> dict[str, object]:
    limit = "nothing without asking"
    if response.authority is not None and response.currency is not None:
        limit = formatting.money(response.authority, response.currency)
    return {
        "number": incident.number,
        "title": one_line(incident.title),
        "supplier": one_line(session.get_one(Supplier, incident.supplier_id).name),
        "response": one_line(response.name),
        "steps": [
            one_line(f"within {step.hours} h: {step.title} ({step.owner})")
            for step in steps_of(response)
        ],
        "approver": one_line(response.approver),
        "limit": limit,
    }


def _people(session: Session, named: list[str]) -> list[User]:
    """Return the accounts behind some names or addresses, and the risk managers."""
    answerable = set(grant_queries.holders_of(session, Role.RISK_MANAGER))
    found = {person.id: person for person in people_named(session, named)}
    found |= {key: session.get_one(User, key) for key in answerable - found.keys()}
    return [found[key] for key in sorted(found)]


def _may_read(session: Session, person: User, incident: Incident) -> bool:
    held = grant_queries.held_by(session, person.id)
    if not roles.may(roles.roles_of(held), PERMISSION):
        return False
    reads = roles.reads_of(held, buyers_see=Extent(Settings.from_env().buyers_see))
    return bool(scope.writable_ids(session, "incident", [incident.id], reads))
