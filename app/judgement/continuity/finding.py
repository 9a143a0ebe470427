"""Plans and incidents by their number or title, for the search."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.judgement.continuity.incidents.models import Incident
from app.judgement.continuity.models import ContinuityPlan

# As numbers are written: the key stands in their end.
PLAN_NUMBER = re.compile(r"BCP-([0-9]{1,9})", re.ASCII | re.IGNORECASE)
INCIDENT_NUMBER = re.compile(r"INC-[0-9]{4}-([0-9]{1,9})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A plan or an incident that answers to a search."""

    public_id: UUID
    number: str
    title: str
    supplier_name: str


def find_plans(session: Session, text: str, *, limit: int) -> list[Found]:
    """Return continuity plans of a number, or whose title contains a text."""
    rows = session.execute(
        select(ContinuityPlan, Supplier.name)
        .join(Supplier, Supplier.id == ContinuityPlan.supplier_id)
        .where(_called(ContinuityPlan, PLAN_NUMBER, text))
        .order_by(ContinuityPlan.id)
        .limit(limit)
    )
    return [Found(each.public_id, each.number, each.title, name) for each, name in rows]


def find_incidents(session: Session, text: str, *, limit: int) -> list[Found]:
    """Return incidents of a number, or whose title contains a text, the newest first."""
    rows = session.execute(
        select(Incident, Supplier.name)
        .join(Supplier, Supplier.id == Incident.supplier_id)
        .where(_called(Incident, INCIDENT_NUMBER, text))
        .order_by(Incident.id.desc())
        .limit(limit)
    )
    return [Found(each.public_id, each.number, each.title, name) for each, name in rows]


def _called(
    model: type[ContinuityPlan | Incident], number: re.Pattern[str], text: str
) -> ColumnElement[bool]:
    by_title = model.title.icontains(text, autoescape=True)
    found = number.fullmatch(text)
    return by_title if found is None else or_(by_title, model.id == int(found[1]))
