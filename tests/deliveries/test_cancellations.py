"""Who cancels and who reschedules: what leaves a rate, what stays, what moves the reference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.base.db import Database
from app.facts.deliveries import rollup
from app.facts.deliveries.models import PromiseChange
from app.facts.deliveries.rollup_models import LineVerdict, MonthlyRollup
from tests.builders import facts

UNTIL = date(2026, 3, 31)
MOVED_TO = date(2026, 3, 12)


def judged(database: Database, change: dict[str, Any] | None = None, **line: Any) -> LineVerdict:
    """The verdict on 1,000 due on 5 March, of which 600 came that day and 400 a week later."""
    with database.transaction() as session:
        made = facts.line(session, facts.order(session, facts.supplier(session)), **line)
        for day, quantity in ((facts.DUE_ON, 600), (MOVED_TO, 400)):
            facts.receipt(session, made, day, quantity)
        if change is not None:
            session.add(
                PromiseChange(
                    line_id=made.id, from_on=facts.DUE_ON, to_on=MOVED_TO,
                    changed_on=date(2026, 3, 2), **change,
                )
            )  # fmt: skip
        rollup.rebuild(session, until=UNTIL)
        return session.scalars(select(LineVerdict)).one()


def test_buyer_cancellations_leave(database: Database) -> None:
    cancelled = {"quantity_cancelled_buyer": Decimal(400), "cancelled_on": facts.DUE_ON}
    found = judged(database, **cancelled)
    assert (found.quantity_due, found.on_time, found.reason) == (
        600_000_000, 1, "over_delivered",
    )  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_line_that_the_buyer_cancelled_wholly_is_in_no_rate(database: Database) -> None:
    cancelled = {"quantity_cancelled_buyer": Decimal(1000), "cancelled_on": facts.DUE_ON}
    assert judged(database, **cancelled).reason == "cancelled_by_buyer"
    with database.reading() as session:
        row = session.scalars(select(MonthlyRollup).where(MonthlyRollup.n_excluded == 1)).one()
    assert (row.n_due, row.otif_known) == (0, 0)


def test_a_line_of_quantity_0_is_in_no_rate_and_not_told_as_cancelled(database: Database) -> None:
    found = judged(database, quantity_ordered=Decimal(0))
    assert (found.reason, found.otif, found.in_full) == ("nothing_ordered", None, None)


def test_supplier_cancellations_stay(database: Database) -> None:
    cancelled = {"quantity_cancelled_supplier": Decimal(400), "cancelled_on": facts.DUE_ON}
    found = judged(database, **cancelled)
    assert (found.quantity_due, found.otif, found.reason) == (1_000_000_000, 0, "late")


@pytest.mark.parametrize("is_agreed", [False, True])
def test_supplier_reschedules_never_move_the_reference(database: Database, is_agreed: bool) -> None:
    found = judged(database, {"changed_by": "supplier", "is_agreed": is_agreed})
    assert (found.reference_on, found.otif, found.reason) == (facts.DUE_ON, 0, "late")


def test_buyer_reschedules_that_are_agreed_move_the_reference(database: Database) -> None:
    found = judged(database, {"changed_by": "buyer", "is_agreed": True})
    assert (found.reference_on, found.otif) == (MOVED_TO, 1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_buyer_reschedules_that_are_not_agreed_move_nothing(database: Database) -> None:
    found = judged(database, {"changed_by": "buyer", "is_agreed": False})
    assert (found.reference_on, found.otif) == (facts.DUE_ON, 0)
