"""No file sets or lifts a block, nor changes a status that people decided on."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.base import db
from app.base.db import Database
from app.factory import IMPORT_KINDS
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.standings.models import Standing, SupplierStanding
from app.platform.imports import kinds, services
from tests.builders import facts
from tests.imports.files import problems_of, publish, rows_in, stage

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SUPPLIERS = "mainstay-suppliers"
AT = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def house(database: Database) -> None:
    """S-1 was decided on, S-2 the master record blocked, S-3 is approved."""
    kinds.register(IMPORT_KINDS)
    with db.transaction() as session:
        decided = facts.supplier(session, "Kestrel", number="S-1", status="restricted")
        facts.supplier(session, "Adler", number="S-2", status="blocked")
        facts.supplier(session, "Merlin", number="S-3")
        session.add(
            SupplierStanding(
                supplier_id=decided.id, standing=Standing.RESTRICTED, from_on=date(2026, 9, 1),
                origin="override", reason="lots went back twice", state="confirmed",
                decided_by="B", decided_at=AT,
            )
        )  # fmt: skip


def row(number: str, status: str) -> dict[str, str]:
    return {"supplier_no": number, "name": "Renamed", "status": status}


def test_a_file_changes_no_status_that_needs_people_and_takes_the_rest(house: None) -> None:
    wanted = {"S-1": "exited", "S-2": "approved", "S-3": "blocked", "S-4": "blocked"}
    batch_id = stage([row(number, status) for number, status in wanted.items()], SUPPLIERS)
    assert [each.message for each in problems_of(batch_id, warnings=True)] == [
        "Row 2, 'status': 'exited' is not taken: S-1 is restricted by a decision. Decide it on the"
        " supplier's standing page.",
        "Row 3, 'status': 'approved' is not taken: S-2 is blocked; lifting that needs two"
        " persons. Decide it on the supplier's standing page.",
        "Row 4, 'status': 'blocked' is not taken: a block needs two persons. Decide it on the"
        " supplier's standing page.",
        "Row 5, 'status': 'blocked' is not taken: a block needs two persons. Decide it on the"
        " supplier's standing page.",
    ]
    services.publish(batch_id, by="a test")
    assert sorted(rows_in("supplier", "number, name, status")) == [
        ("S-1", "Renamed", "restricted"),
        ("S-2", "Renamed", "blocked"),
        ("S-3", "Renamed", "approved"),
        ("S-4", "Renamed", "approved"),
    ]


def test_any_other_status_is_taken_without_a_word(house: None) -> None:
    batch_id = stage([row("S-2", "blocked"), row("S-3", "qualifying")], SUPPLIERS)
    assert problems_of(batch_id, warnings=True) == []
    services.publish(batch_id, by="a test")
    assert ("S-3", "qualifying") in rows_in("supplier", "number, status")


def test_taking_an_import_back_lifts_no_block(house: None) -> None:
    batch_id = publish([row("S-3", "preferred")], SUPPLIERS).batch_id
    with db.transaction() as session:
        session.query(Supplier).where(Supplier.number == "S-3").one().status = "blocked"
    services.undo(batch_id, by="a test")
    assert ("S-3", "Merlin", "blocked") in rows_in("supplier", "number, name, status")
