"""Agreements, releases and their receipts by file: checked, published, told, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from sqlalchemy import func, select

from app.base.db import Database
from app.base.errors import Conflict
from app.factory import IMPORT_KINDS
from app.facts.deliveries.agreements import call_offs
from app.facts.deliveries.agreements.models import CallOff
from app.facts.deliveries.disputes.models import Dispute
from app.facts.deliveries.models import PurchaseOrder, ScheduleLine
from app.facts.deliveries.rollup_models import LineVerdict
from app.platform.imports import kinds, services
from tests.builders import facts
from tests.imports import files

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Cells = Mapping[str, str]


@pytest.fixture(autouse=True)
def furnished(database: Database) -> None:
    """Know the kinds, one supplier and its part."""
    kinds.register(IMPORT_KINDS)
    with database.transaction() as session:
        supplier = facts.supplier(session, number="S-1")
        facts.part(session, number="P-1")
        facts.line(session, facts.order(session, supplier, number="PO-9"))


AGREEMENT = {
    "agreement_no": "5500017", "supplier_no": "S-1", "part_no": "P-1", "firm_zone_days": "5",
    "trade_off_zone_days": "20",
}  # fmt: skip


def call(release_no: int, released_on: str, due_on: str, cumulative: int) -> Cells:
    return {
        "agreement_no": "5500017", "release_no": str(release_no), "released_on": released_on,
        "due_on": due_on, "cumulative": str(cumulative),
    }  # fmt: skip


def came(number: str, day: str, quantity: int, **more: str) -> Cells:
    return {
        "agreement_no": "5500017", "receipt_no": number, "arrived_on": day,
        "quantity_received": str(quantity), "reverses_receipt_no": "",
    } | more  # fmt: skip


RELEASE_7 = [
    call(7, "2026-03-01", "2026-03-06", 400),
    call(7, "2026-03-01", "2026-03-13", 800),
]
RELEASE_8 = [
    call(8, "2026-03-10", "2026-03-06", 400),
    call(8, "2026-03-10", "2026-03-13", 700),
]


def publish(rows: Sequence[Cells], kind: str) -> int:
    return files.publish(rows, f"mainstay-{kind}").batch_id


def everything() -> None:
    publish([AGREEMENT], "scheduling-agreements")
    publish(RELEASE_7, "releases")
    publish([came("GR-1", "2026-03-03", 600)], "agreement-receipts")


def told(database: Database, schedule_no: str) -> list[str]:
    with database.reading() as session:
        line_id = session.scalars(
            select(ScheduleLine.id).where(ScheduleLine.schedule_no == schedule_no)
        ).one()
        found = call_offs.call_off_of(session, line_id)
        assert found is not None
        return [*call_offs.told(found), *(call_offs.served(each) for each in found.servings)]


def test_a_call_off_says_which_receipts_serve_it(database: Database) -> None:
    everything()
    publish(RELEASE_8, "releases")
    assert told(database, "2026-03-06") == [
        "400 of release 7 of 1 Mar 2026, due on 6 Mar 2026, by agreement 5500017.",
        "The firm zone is 5 days, the trade-off zone 20.",
        "400 of 600 of the delivery of 3 Mar 2026; the rest: 200 for the call-off of 13 Mar 2026.",
    ]
    assert told(database, "2026-03-13") == [
        "400 of release 7 of 1 Mar 2026, due on 13 Mar 2026, by agreement 5500017.",
        "Release 8 of 10 Mar 2026 asked for 300, inside the firm zone: what was promised stands.",
        "The firm zone is 5 days, the trade-off zone 20.",
        "200 of 600 of the delivery of 3 Mar 2026; the rest: 400 for the call-off of 6 Mar 2026.",
    ]


def test_undoing_a_release_takes_its_call_offs_back(database: Database) -> None:
    publish([AGREEMENT], "scheduling-agreements")
    batch = publish(RELEASE_7, "releases")
    services.undo(batch, by="a test")
    with database.reading() as session:
        for model in (CallOff, LineVerdict):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def test_an_agreement_goes_only_when_nothing_hangs_on_it(database: Database) -> None:
    first = publish([AGREEMENT], "scheduling-agreements")
    second = publish(RELEASE_7, "releases")
    with pytest.raises(Conflict, match="2 rows of release are of agreements"):
        services.undo(first, by="a test")
    services.undo(second, by="a test")
    services.undo(first, by="a test")
    with database.reading() as session:
        assert session.scalars(select(PurchaseOrder.number)).all() == ["PO-9"]


def test_an_agreement_stays_with_its_supplier(database: Database) -> None:
    publish([AGREEMENT], "scheduling-agreements")
    with database.transaction() as session:
        facts.supplier(session, number="S-2")
    with pytest.raises(Conflict, match="'5500017' is with another supplier"):
        publish([AGREEMENT | {"supplier_no": "S-2"}], "scheduling-agreements")


def test_releases_do_not_take_another_suppliers_order(database: Database) -> None:
    """The order came under the agreement's number after the agreement, before its releases."""
    publish([AGREEMENT], "scheduling-agreements")
    with database.transaction() as session:
        other = facts.supplier(session, number="S-2")
        facts.line(session, facts.order(session, other, number="5500017"))
    said = "Agreement '5500017' has the number of a purchase order of another supplier"
    with pytest.raises(Conflict, match=said):
        publish(RELEASE_7, "releases")
    with database.reading() as session:
        of_other = select(PurchaseOrder.supplier_id).where(PurchaseOrder.number == "5500017")
        assert session.scalars(of_other).all() == [other.id]
        assert session.scalar(select(func.count()).select_from(CallOff)) == 0


def test_releases_are_not_taken_back_under_a_dispute(database: Database) -> None:
    publish([AGREEMENT], "scheduling-agreements")
    batch = publish(RELEASE_7, "releases")
    with database.transaction() as session:
        line = session.scalars(select(ScheduleLine).where(ScheduleLine.schedule_no != "1")).first()
        assert line is not None
        session.add(
            Dispute(
                supplier_id=line.supplier_id, line_id=line.id, ground="date", claim="It came.",
                opened_by="a test", opened_on=date(2026, 4, 1), due_on=date(2026, 4, 21),
            )
        )  # fmt: skip
    with pytest.raises(Conflict, match="1 rows of dispute are about call-offs"):
        services.undo(batch, by="a test")


def test_the_number_of_an_order_is_no_agreement_s(database: Database) -> None:
    found = files.problems(
        [AGREEMENT | {"agreement_no": "PO-9"}], mapping="mainstay-scheduling-agreements"
    )
    assert found == [
        "E-IMP-21 Row 2, 'agreement_no': 'PO-9' is a purchase order. Give the agreement its number."
    ]


def test_a_delivery_row_can_t_add_to_an_agreement(database: Database) -> None:
    publish([AGREEMENT], "scheduling-agreements")
    row = files.line(order_no="5500017", supplier_no="S-1")
    assert files.problems([row]) == [
        "E-IMP-21 Row 2, 'order_no': 5500017 is a scheduling agreement. Import its releases and"
        " its receipts by their own templates."
    ]


def test_a_call_has_one_figure(database: Database) -> None:
    publish([AGREEMENT], "scheduling-agreements")
    both = {**RELEASE_7[0], "quantity": "400"}
    none = {**RELEASE_7[1], "cumulative": "", "quantity": ""}
    assert files.problems([both, none], mapping="mainstay-releases") == [
        "E-IMP-18 Row 2, 'cumulative': is given beside a quantity of the day; give one of them.",
        "E-IMP-19 Row 3, 'quantity': is empty, and so is cumulative; give one of them.",
    ]


def test_a_receipt_of_an_agreement_has_a_day_and_a_reversal_its_receipt(
    database: Database,
) -> None:
    publish([AGREEMENT], "scheduling-agreements")
    rows = [came("GR-1", "", 100), came("GR-2", "", 50, reverses_receipt_no="GR-0")]
    assert files.problems(rows, mapping="mainstay-agreement-receipts") == [
        "E-IMP-19 Row 2, 'arrived_on': is empty, and so is posted_on; without a day nobody knows"
        " whom it serves.",
        "E-IMP-20 Row 3, 'reverses_receipt_no': 'GR-0' is no receipt of 5500017. Import it first.",
    ]
