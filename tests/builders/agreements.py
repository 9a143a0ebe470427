"""Scheduling agreements with plain defaults: releases and receipts in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries import rollup
from app.facts.deliveries.agreements import schedules
from app.facts.deliveries.agreements.models import (
    AgreementReceipt,
    CallOff,
    Release,
    SchedulingAgreement,
)
from app.facts.deliveries.models import ScheduleLine
from app.facts.suppliers.models import Supplier

UNTIL = date(2026, 3, 31)
_numbers = count(1)


def agreement(session: Session, of: Supplier, **given: Any) -> SchedulingAgreement:
    """Add an agreement without a firm zone."""
    given = {"number": f"SA{next(_numbers)}", "firm_zone_days": 0} | given
    made = SchedulingAgreement(supplier_id=of.id, **given)
    session.add(made)
    session.flush()
    return made


def release(
    session: Session,
    of: SchedulingAgreement,
    number: int,
    released_on: date,
    calls: Mapping[date, int],
    *,
    until: date = UNTIL,
) -> None:
    """Add a release with cumulative figures, and let the schedule follow."""
    with rollup.change(session, until=until) as change:
        session.add_all(
            Release(
                agreement_id=of.id, release_no=number, released_on=released_on, due_on=day,
                cumulative=Decimal(cumulative),
            )
            for day, cumulative in calls.items()
        )  # fmt: skip
        session.flush()
        schedules.settle(session, change, [of.id])


def receipts(
    session: Session,
    of: SchedulingAgreement,
    came: Iterable[tuple[date | None, int]],
    *,
    until: date = UNTIL,
    **given: Any,
) -> list[AgreementReceipt]:
    """Book receipts to an agreement and net them."""
    with rollup.change(session, until=until) as change:
        made = [
            AgreementReceipt(
                agreement_id=of.id, source_key=str(next(_numbers)), arrived_on=day,
                quantity=Decimal(quantity), **given,
            )
            for day, quantity in came
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        change.renet([of.id])
    return made


def lines(session: Session, of: SchedulingAgreement) -> list[ScheduleLine]:
    """Return the call-offs of an agreement, by the day they are due."""
    rows = (
        select(ScheduleLine)
        .join(CallOff, CallOff.line_id == ScheduleLine.id)
        .where(CallOff.agreement_id == of.id)
        .order_by(CallOff.due_on)
    )
    session.expire_all()
    return list(session.scalars(rows))
