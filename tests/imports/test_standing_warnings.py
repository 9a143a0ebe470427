"""Orders with restricted or blocked suppliers are warned of and counted, never refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.base import db
from app.base.db import Database
from app.facts.suppliers.standings.models import OrderException, Standing, SupplierStanding
from tests.builders import facts
from tests.imports.files import batch, csv_text, line, problems_of, stage

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
AT = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def blocked(database: Database) -> int:
    """Approved at first, restricted in August, blocked from September, one exception."""
    with db.transaction() as session:
        supplier = facts.supplier(session, "Adler", number="S-0042")
        facts.part(session, number="P-100200")
        for standing, begins in (
            (Standing.RESTRICTED, date(2026, 8, 1)), (Standing.BLOCKED, date(2026, 9, 1)),
        ):  # fmt: skip
            session.add(
                SupplierStanding(
                    supplier_id=supplier.id, standing=standing, from_on=begins, origin="override",
                    reason="lots went back twice", state="confirmed", decided_by="B", decided_at=AT,
                )
            )  # fmt: skip
        session.add(
            OrderException(
                supplier_id=supplier.id, buyer="Plant 2000", from_on=date(2026, 9, 10),
                until_on=date(2026, 9, 20), reason="until the second source delivers",
                state="confirmed", asked_by="B", asked_at=AT,
            )
        )  # fmt: skip
        return supplier.id


def test_orders_are_held_against_the_standing_of_their_day(blocked: int) -> None:
    days = ("2026-07-31", "2026-08-31", "2026-09-01", "2026-09-15", "")
    rows = [line(line_no=str(place), ordered_on=day) for place, day in enumerate(days, 1)]
    batch_id = stage(csv_text(rows))
    warned = {each.row_no: each.message for each in problems_of(batch_id, warnings=True)}
    assert warned == {
        3: "Row 3, 'supplier_no': 'S-0042' is restricted on 2026-08-31, the day of the order."
        " See its standing.",
        4: "Row 4, 'supplier_no': 'S-0042' is blocked on 2026-09-01, the day of the order."
        " Ask for an exception.",
        5: "Row 5, 'supplier_no': 'S-0042' is blocked on 2026-09-15, the day of the order;"
        " Plant 2000 may order until 20 Sep 2026.",
        6: "Row 6, 'supplier_no': 'S-0042' is blocked today. Ask for an exception.",
    }
    assert batch(batch_id).summary["warnings"] == {
        "order with a restricted supplier": 1, "order with a blocked supplier": 3,
    }  # fmt: skip


def test_without_a_restriction_nothing_is_warned_of(database: Database) -> None:
    with db.transaction() as session:
        facts.supplier(session, "Adler", number="S-0042")
        facts.part(session, number="P-100200")
    assert problems_of(stage(csv_text([line()])), warnings=True) == []
