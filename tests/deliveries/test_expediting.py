"""The expedite room: what stands on top, the letter to a supplier, and its answer."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.base.errors import Conflict
from app.facts.deliveries import rollup
from app.facts.deliveries.expediting import open_lines
from app.facts.deliveries.expediting.models import StockLevel
from app.facts.deliveries.expediting.open_lines import OpenQuery
from app.facts.deliveries.models import Acknowledgement, PromiseChange, ScheduleLine
from app.facts.deliveries.rollup_models import LineVerdict
from app.facts.suppliers.contact_models import Contact
from app.facts.suppliers.models import Category, Supplier
from app.platform.accounts import services
from app.platform.accounts.models import SecretPurpose
from app.platform.audit.models import AuditEvent
from app.platform.outbox.models import OutboxAttachment, OutboxMessage
from tests.builders import facts
from tests.imports import files
from tests.web_app import Visitor, add_person, app_on, words

one_engine = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TODAY = date(2026, 11, 21)
LATE, SOON, FAR = date(2026, 11, 10), date(2026, 11, 30), date(2026, 12, 20)


def furnish(database: Database) -> None:
    """One supplier with open lines: stock of one part ends soon, of one late, of one unknown."""
    with database.transaction() as session:
        supplier = facts.supplier(session, number="S-1")
        parts = {
            number: facts.part(session, number=number, name=f"Part {number}")
            for number in ("P-ends", "P-unknown", "P-lasts")
        }
        for number, on_hand in (("P-ends", 300), ("P-lasts", 20_000)):
            session.add(
                StockLevel(
                    part_id=parts[number].id, on_hand=Decimal(on_hand), daily_usage=Decimal(100),
                    counted_on=date(2026, 11, 20),
                )
            )  # fmt: skip
        lines = {}
        for number, part, due in (
            ("PO-1", "P-unknown", LATE), ("PO-2", "P-ends", SOON), ("PO-3", "P-ends", FAR),
            ("PO-4", "P-lasts", LATE), ("PO-5", "P-lasts", LATE),
        ):  # fmt: skip
            order = facts.order(session, supplier, number=number)
            lines[number] = facts.line(
                session, order, line_no="10", part_id=parts[part].id, promised_original_on=due,
                promised_current_on=due,
            )  # fmt: skip
        facts.receipt(session, lines["PO-1"], LATE, 600)
        facts.receipt(session, lines["PO-4"], date(2026, 11, 20), 1000)
        session.add(
            Acknowledgement(
                supplier_id=supplier.id, order_id=lines["PO-1"].order_id, month=24_000,
                sent_at=datetime(2026, 9, 1, tzinfo=UTC),
                acknowledged_at=datetime(2026, 9, 2, tzinfo=UTC),
            )
        )  # fmt: skip
        rollup.rebuild(session, until=date(2026, 11, 20))


def listed(database: Database, *, days: int = 14, **given: Any) -> list[open_lines.OpenLine]:
    with database.reading() as session:
        return open_lines.open_page(session, OpenQuery(TODAY, days), **given).lines


def test_what_stock_runs_out_of_first_stands_on_top(database: Database) -> None:
    furnish(database)
    found = listed(database)
    # Its stock ends on the 23rd; nobody counted the second; the third lasts for half a year.
    assert [(each.order_number, each.cover_days, each.days_late) for each in found] == [
        ("PO-2", 2, -9), ("PO-1", None, 11), ("PO-5", 199, 11),
    ]  # fmt: skip
    assert [each.stops_us for each in found] == [True, False, False]
    assert [each.quantity_open for each in found] == [1000, 400, 1000]


@one_engine
def test_stock_that_ends_soon_stops_us_where_the_promise_is_over(database: Database) -> None:
    furnish(database)
    with database.transaction() as session:
        stock = session.scalars(select(StockLevel).where(StockLevel.on_hand > 1000)).one()
        stock.on_hand = Decimal(500)
    found = {each.order_number: each.stops_us for each in listed(database)}
    assert found == {"PO-5": True, "PO-2": True, "PO-1": False}


@one_engine
def test_the_list_looks_as_far_ahead_as_it_is_asked(database: Database) -> None:
    furnish(database)
    for days, orders in ((0, ["PO-1", "PO-5"]), (60, ["PO-2", "PO-3", "PO-1", "PO-5"])):
        assert [each.order_number for each in listed(database, days=days)] == orders


@one_engine
def test_a_line_says_for_when_and_when_it_was_confirmed_last(database: Database) -> None:
    furnish(database)
    said = {each.order_number: each.confirmed for each in listed(database)}
    assert said["PO-2"] is None
    assert said["PO-1"] == open_lines.Confirmation(LATE, date(2026, 9, 2), None, True)
    with database.transaction() as session:
        line = session.scalars(select(ScheduleLine).where(ScheduleLine.part_id == 1)).first()
        assert line is not None
        for day, to in ((1, 12), (8, 15)):
            session.add(
                PromiseChange(
                    line_id=line.id, to_on=date(2026, 12, to), changed_by="supplier",
                    changed_on=date(2026, 11, day),
                )
            )  # fmt: skip
    confirmed = {each.line_id: each.confirmed for each in listed(database)}[line.id]
    assert confirmed == open_lines.Confirmation(date(2026, 12, 15), date(2026, 11, 8))


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> Visitor:
    """Somebody who may expedite, in that house."""
    app = app_on(database, tmp_path)
    user_id = add_person(app)
    furnish(database)
    found = Visitor(app)
    with db.transaction() as session:
        secret = services.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    assert found.post("/sign-in/once", {"secret": secret}).status_code == 302
    return found


def letter() -> str:
    with db.reading() as session:
        return f"/expedite/{session.scalars(select(Supplier.public_id)).one()}/letter"


@one_engine
def test_the_page_shows_and_exports_the_list(browser: Visitor) -> None:
    shown = words(browser.get("/expedite/"))
    assert "P-ends PO-2 / 10 1,000 30 Nov 2026 in 10 d 30 Nov 2026 never 3 d" in shown
    assert "ends first" in shown
    assert "P-unknown PO-1 / 10 400 10 Nov 2026 10 d" in shown
    told = browser.get("/expedite/?format=csv&days=0&sort=part").text.splitlines()
    assert [line.split(",")[1:11:9] for line in told[1:]] == [["PO-5", "1000"], ["PO-1", "400"]]
    assert browser.get("/expedite/?days=3").status_code == 400
    nothing = words(browser.get("/expedite/?q=nobody"))
    assert "No open line fits the filters above." in nothing


@one_engine
def test_a_letter_goes_only_to_a_stored_address(browser: Visitor) -> None:
    page = words(browser.get(letter()))
    assert "No address is stored for Kestrel Castings: import one" in page
    refused = browser.post(letter(), {})
    assert refused.status_code == 409
    assert "E-EXP-01" in refused.text
    with db.reading() as session:
        assert session.scalars(select(OutboxMessage)).all() == []


@one_engine
def test_an_address_is_one_address(browser: Visitor) -> None:
    row = {"supplier_no": "S-1", "email": "a@kestrel.example, b@kestrel.example"}
    assert files.problems([row], mapping="mainstay-contacts") == [
        "E-IMP-18 Row 2, 'email': 'a@kestrel.example, b@kestrel.example' is not one mail address,"
        " such as m.weber@example.com."
    ]


@one_engine
def test_the_list_narrows_to_a_supplier_and_to_a_category(browser: Visitor) -> None:
    with db.transaction() as session:
        other = facts.supplier(session, "Heron Forge")
        made = Category(name="Castings")
        session.add(made)
        session.flush()
        order = facts.order(session, other, number="PO-9")
        facts.line(session, order, promised_original_on=LATE, category_id=made.id)
        rollup.rebuild(session, until=date(2026, 11, 20))
    for asked in (f"supplier={other.id}", f"category={made.id}"):
        told = browser.get(f"/expedite/?format=csv&{asked}").text.splitlines()
        assert [line.split(",")[1] for line in told[1:]] == ["PO-9"]


def mailed(browser: Visitor) -> bytes:
    """Mail the letter and return the workbook that goes with it."""
    with db.transaction() as session:
        supplier = session.scalars(select(Supplier.id)).one()
        session.add(Contact(supplier_id=supplier, email="sales@kestrel.example", role="sales"))
        session.add(Contact(supplier_id=supplier, email="orders@kestrel.example", name="M. Weber"))
    assert browser.post(letter(), {}).status_code == 303
    with db.reading() as session:
        assert session.scalars(select(OutboxMessage.recipient)).all() == ["orders@kestrel.example"]
        return session.scalars(select(OutboxAttachment.content)).one()


@one_engine
def test_the_same_list_goes_to_the_same_address_once_a_day(browser: Visitor) -> None:
    mailed(browser)
    again = browser.post(letter(), {})
    assert again.status_code == 409
    assert "This very list went to orders@kestrel.example today already." in words(again)
    with db.reading() as session:
        assert len(session.scalars(select(OutboxAttachment.id)).all()) == 1


def cells_of(workbook: bytes) -> list[list[Any]]:
    page = load_workbook(io.BytesIO(workbook)).active
    assert page is not None
    return [list(row) for row in page.iter_rows(values_only=True)]


def answered(workbook: bytes, answers: dict[str, tuple[str, str, str]]) -> bytes:
    """The workbook with date, quantity and remark filled in, by order."""
    book, out = load_workbook(io.BytesIO(workbook)), io.BytesIO()
    page = book.active
    assert page is not None
    for row in page.iter_rows(min_row=2):
        for cell, said in zip(row[11:14], answers.get(str(row[0].value), ()), strict=False):
            cell.value = said or None
    book.save(out)
    return out.getvalue()


def stage(content: bytes) -> int:
    return files.stage(content, "expedite-answers", name="open-lines.xlsx", tolerate=0.5)


@one_engine
def test_an_answer_is_the_supplier_s_promise_and_never_moves_the_reference(
    browser: Visitor,
) -> None:
    workbook = mailed(browser)
    header, *rows = cells_of(workbook)
    assert header[-1] == "As sent, do not change"
    assert [row[0] for row in rows] == ["PO-1", "PO-5", "PO-2"]
    assert not any("stock" in str(cell).lower() for cell in header)
    content = answered(
        workbook,
        {"PO-1": ("2026-12-04", "400", "Tool repaired"), "PO-2": ("2026-11-30", "", "")},
    )
    done = files.services.publish(stage(content), by="a test")
    assert (done.counts.new, done.rows_aside) == (2, 0)
    with db.reading() as session:
        rows = session.execute(
            select(
                PromiseChange.from_on, PromiseChange.to_on, PromiseChange.changed_by,
                PromiseChange.is_agreed, PromiseChange.quantity, PromiseChange.reason,
                PromiseChange.changed_on, LineVerdict.reference_on,
                ScheduleLine.promised_current_on,
            )
            .join(LineVerdict, LineVerdict.line_id == PromiseChange.line_id)
            .join(ScheduleLine, ScheduleLine.id == PromiseChange.line_id)
            .order_by(LineVerdict.reference_on)
        ).all()  # fmt: skip
        assert [tuple(row) for row in rows] == [
            (LATE, date(2026, 12, 4), "supplier", False, Decimal(400), "Tool repaired", TODAY,
             LATE, date(2026, 12, 4)),
            (SOON, SOON, "supplier", False, None, None, TODAY, SOON, SOON),
        ]  # fmt: skip
        actions = set(session.scalars(select(AuditEvent.action)))
    assert {"expedite.mail", "import.stage", "import.publish"} <= actions


@one_engine
def test_an_answer_that_is_undone_gives_way_to_the_one_before_it_on_the_same_day(
    browser: Visitor,
) -> None:
    files.services.publish(
        stage(answered(mailed(browser), {"PO-1": ("2026-12-04", "", "")})), by="a test"
    )
    with db.reading() as session:
        line = session.scalars(select(PromiseChange.line_id)).one()
        now = open_lines.states(session, [line])[line]
    again = {
        "order_no": "PO-1", "line_no": "10", "schedule_no": "1", "buyer_unit": "",
        "confirmed_on": "2026-12-11", "confirmed_quantity": "", "remark": "", "as_sent": now,
    }  # fmt: skip
    batch = files.publish([again], "mainstay-supplier-answers").batch_id
    files.services.undo(batch, by="a test")
    with db.reading() as session:
        assert session.get_one(ScheduleLine, line).promised_current_on == date(2026, 12, 4)


@one_engine
def test_the_same_answer_twice_says_so(browser: Visitor) -> None:
    content = answered(mailed(browser), {"PO-1": ("2026-12-04", "400", "")})
    files.services.publish(stage(content), by="a test")
    with pytest.raises(Conflict, match="Already imported as #1"):
        stage(content)


@one_engine
def test_an_answer_to_a_line_that_changed_since_stands_aside(browser: Visitor) -> None:
    workbook = mailed(browser)
    files.services.publish(stage(answered(workbook, {"PO-1": ("2026-12-04", "", "")})), by="test")
    batch = stage(
        answered(workbook, {"PO-1": ("2026-12-11", "", ""), "PO-5": ("2026-12-01", "", "")})
    )
    assert [each.message for each in files.problems_of(batch)] == [
        "Row 2, 'As sent, do not change': the line has changed since the list was made: “due"
        " 2026-11-10, promised 2026-11-10, open 400” then, “due 2026-11-10, promised 2026-12-04,"
        " open 400” now. Send the supplier a new list."
    ]


@one_engine
def test_wrong_answers_are_named_by_row_column_value_and_remedy(browser: Visitor) -> None:
    answers = {
        "PO-1": ("2026-11-01", "", ""), "PO-2": ("", "10", ""), "PO-5": ("2026-12-01", "many", ""),
    }  # fmt: skip
    batch = stage(answered(mailed(browser), answers))
    assert sorted(each.message for each in files.problems_of(batch)) == [
        "Row 2, 'Confirmed date': '2026-11-01' is over; give the day on which the goods will come.",
        "Row 3, 'Confirmed quantity': 'many' is not a number in the chosen format."
        " Write digits only, without unit, currency sign or brackets.",
        "Row 4, 'Confirmed date': is empty beside an answer; give the day on which the goods will"
        " come.",
    ]
