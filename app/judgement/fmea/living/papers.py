"""What a failure mode may point at by its number: the contracts and plans of its supplier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.facts.deliveries.period_reads import members
from app.judgement.continuity.models import ContinuityPlan
from app.judgement.contracts import queries as contracts
from app.judgement.fmea.living.models import LinkKind


@dataclass(frozen=True, slots=True)
class Paper:
    """A contract or a plan: its number, its title, and the page behind it."""

    kind: LinkKind
    public_id: UUID
    number: str
    title: str
    endpoint: str
    values: Mapping[str, str]

    @property
    def words(self) -> str:
        """How people tell it from others."""
        return f"{self.number} · {self.title}"


def papers_of(session: Session, supplier_id: int | None) -> list[Paper]:
    """Return the contracts and plans of a supplier; none where a row is about no single one."""
    if supplier_id is None:
        return []
    return [*_contracts(session, supplier_id), *_plans(session, supplier_id)]


def _contracts(session: Session, supplier_id: int) -> list[Paper]:
    return [
        Paper(
            LinkKind.CONTRACT, row.contract.public_id, row.contract.number, row.terms.title,
            "contracts.show",
            {"public_id": str(row.supplier_public_id),
             "contract_id": str(row.contract.public_id)},
        )
        for row in contracts.contract_rows(session, clock.today(), [supplier_id])
    ]  # fmt: skip


def _plans(session: Session, supplier_id: int) -> list[Paper]:
    found = session.scalars(
        select(ContinuityPlan)
        .where(ContinuityPlan.supplier_id.in_(members(session, [supplier_id])))
        .order_by(ContinuityPlan.id)
    )
    return [
        Paper(
            LinkKind.PLAN, each.public_id, each.number, each.title, "continuity.show",
            {"plan_id": str(each.public_id)},
        )
        for each in found
    ]  # fmt: skip
