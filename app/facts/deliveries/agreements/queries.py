"""Reads of what was agreed until a day: scheduling agreements and prices that end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.facts.deliveries.agreements.models import SchedulingAgreement
from app.facts.deliveries.models import ContractPrice
from app.facts.suppliers.models import Part


@dataclass(frozen=True, slots=True)
class EndingAgreement:
    """A scheduling agreement and the last day of it."""

    id: int
    supplier_id: int
    number: str
    part_number: str | None
    ends_on: date


@dataclass(frozen=True, slots=True)
class EndingPrices:
    """Prices of one supplier that end on the same day and that no later price follows.

    `part_number` names the part where it is a single one, else the first of them.
    """

    supplier_id: int
    ends_on: date
    count: int
    part_number: str


def ending_agreements(session: Session, first: date, last: date) -> Sequence[EndingAgreement]:
    """Return the scheduling agreements whose last day lies within days, both included."""
    rows = session.execute(
        select(
            SchedulingAgreement.id,
            SchedulingAgreement.supplier_id,
            SchedulingAgreement.number,
            Part.number,
            SchedulingAgreement.valid_to,
        )
        .outerjoin(Part, Part.id == SchedulingAgreement.part_id)
        .where(SchedulingAgreement.valid_to.between(first, last))
        .order_by(SchedulingAgreement.valid_to, SchedulingAgreement.id)
    )
    return [
        EndingAgreement(key, supplier_id, number, part, ends_on)
        for key, supplier_id, number, part, ends_on in rows
        if ends_on is not None
    ]


def ending_prices(session: Session, first: date, last: date) -> Sequence[EndingPrices]:
    """Return by supplier and day how many prices end without another behind them."""
    later = aliased(ContractPrice)
    is_followed = exists().where(
        later.supplier_id == ContractPrice.supplier_id,
        later.part_id == ContractPrice.part_id,
        later.valid_from > ContractPrice.valid_from,
        or_(later.valid_to.is_(None), later.valid_to > ContractPrice.valid_to),
    )
    rows = session.execute(
        select(
            ContractPrice.supplier_id,
            ContractPrice.valid_to,
            func.count(ContractPrice.id),
            func.min(Part.number),
        )
        .join(Part, Part.id == ContractPrice.part_id)
        .where(ContractPrice.valid_to.between(first, last), ~is_followed)
        .group_by(ContractPrice.supplier_id, ContractPrice.valid_to)
        .order_by(ContractPrice.valid_to, ContractPrice.supplier_id)
    )
    return [
        EndingPrices(supplier_id, ends_on, count, part)
        for supplier_id, ends_on, count, part in rows
        if ends_on is not None
    ]
