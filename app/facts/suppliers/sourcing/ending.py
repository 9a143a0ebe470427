"""Reads of approvals of sources that end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.facts.suppliers.models import ApprovedSource, Part, Supplier
from app.facts.suppliers.queries import NOT_DELIVERING, effective_id


@dataclass(frozen=True, slots=True)
class EndingSources:
    """Parts of which a supplier is an approved source up to a day, and no longer approved after.

    part_number: the part where it is a single one, else the first of them.
    """

    supplier_id: int
    ends_on: date
    count: int
    part_number: str


def ending_sources(session: Session, first: date, last: date) -> Sequence[EndingSources]:
    """Return by supplier and day how many approvals end within days, both included."""
    later = aliased(ApprovedSource)
    is_followed = exists().where(
        later.supplier_id == ApprovedSource.supplier_id,
        later.part_id == ApprovedSource.part_id,
        later.id != ApprovedSource.id,
        or_(later.valid_to.is_(None), later.valid_to > ApprovedSource.valid_to),
    )
    rows = session.execute(
        select(
            effective_id(),
            ApprovedSource.valid_to,
            func.count(func.distinct(ApprovedSource.part_id)),
            func.min(Part.number),
        )
        .join(Supplier, Supplier.id == ApprovedSource.supplier_id)
        .join(Part, Part.id == ApprovedSource.part_id)
        .where(
            ApprovedSource.valid_to.between(first, last),
            Supplier.status.not_in(NOT_DELIVERING),
            ~is_followed,
        )
        .group_by(effective_id(), ApprovedSource.valid_to)
        .order_by(ApprovedSource.valid_to, effective_id())
    )
    return [
        EndingSources(supplier_id, ends_on, count, part)
        for supplier_id, ends_on, count, part in rows
        if ends_on is not None
    ]
