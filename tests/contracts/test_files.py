"""Contracts from files: drafts and nothing more, faults by their place, taken back whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.base import db
from app.base.errors import Conflict
from app.factory import IMPORT_KINDS
from app.judgement.contracts.models import Contract, ContractStatus, ContractTerms
from app.platform.imports import kinds
from app.platform.imports import services as imports
from tests.conftest import NOW
from tests.contracts.conftest import House
from tests.imports.files import problems_of, publish, stage, workbook

KIND = "mainstay-contracts"
ROW = {
    "supplier_no": "V-1", "contract_no": "C-1", "title": "Castings", "kind": "framework",
    "our_party": "Adler", "their_party": "K", "currency": "EUR", "value": "50000",
    "starts_on": "2026-01-01", "ends_on": "2026-12-01", "our_notice_days": "90",
}  # fmt: skip


@pytest.fixture(autouse=True)
def importer(house: House) -> None:
    kinds.register(IMPORT_KINDS)


def row(**cells: str) -> dict[str, str]:
    return ROW | cells


def told(rows: list[dict[str, str]]) -> list[str]:
    return [each.message for each in problems_of(stage(rows, KIND))]


def versions() -> list[tuple[str, str, int, str, int | None, date]]:
    with db.reading() as session:
        found = session.execute(
            select(
                Contract.number, Contract.status, ContractTerms.sequence, ContractTerms.state,
                ContractTerms.our_notice_days, ContractTerms.from_on,
            )
            .join(ContractTerms, ContractTerms.contract_id == Contract.id)
            .order_by(Contract.number, ContractTerms.sequence)
        )  # fmt: skip
        return [tuple(each) for each in found]  # type: ignore[misc]


def test_a_file_makes_drafts_and_undo_takes_them_away(house: House) -> None:
    rows = [row(), row(contract_no="C-2", value="", auto_renew="yes", renewal_months="12")]
    done = publish(rows, KIND)
    assert (done.counts.new, done.counts.changed) == (2, 0)
    assert versions() == [
        ("C-1", "draft", 1, "draft", 90, date(2026, 1, 1)),
        ("C-2", "draft", 1, "draft", 90, date(2026, 1, 1)),
    ]
    with db.reading() as session:
        values = session.scalars(select(ContractTerms.value).order_by(ContractTerms.id)).all()
    assert values == [Decimal(50000), None]
    again = publish([row(title="Castings ")], KIND)
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 0, 1)
    imports.undo(done.batch_id, by="a test")
    assert versions() == []


def test_what_is_in_force_gets_an_amendment_beside_it(house: House) -> None:
    key = house.active()
    done = publish([row(our_notice_days="30"), row(contract_no="C-2")], KIND)
    assert (done.counts.new, done.counts.changed) == (1, 1)
    assert versions()[:2] == [
        ("C-1", "active", 1, "in_force", 90, date(2026, 1, 1)),
        ("C-1", "active", 2, "draft", 30, NOW.date()),
    ]
    again = publish([row(our_notice_days="45")], KIND)
    with pytest.raises(Conflict, match="Contract C-1 was changed or submitted since"):
        imports.undo(done.batch_id, by="a test")
    imports.undo(again.batch_id, by="a test")
    assert versions()[1][4] == 30
    imports.undo(done.batch_id, by="a test")
    assert [each[:4] for each in versions()] == [("C-1", "active", 1, "in_force")]
    with db.reading() as session:
        assert session.get_one(Contract, key).status == ContractStatus.ACTIVE


def test_what_was_submitted_is_neither_written_nor_taken_back(house: House) -> None:
    done = publish([row()], KIND)
    with db.reading() as session:
        key = session.scalars(select(Contract.id)).one()
    house.submit(key)
    assert told([row(title="Forgings")]) == [
        "Row 2, 'contract_no': C-1 waits for approval. Have that decided or withdrawn first."
    ]
    with pytest.raises(Conflict, match="changed or submitted since"):
        imports.undo(done.batch_id, by="a test")


def test_a_file_is_checked_as_the_forms_are_and_stores_nothing_half(house: House) -> None:
    house.active()
    rows = [
        row(contract_no="C-2", ends_on="2025-12-31"),
        row(contract_no="C-3", our_notice_days="400"),
        row(contract_no="C-4", auto_renew="yes"),
        row(currency="USD"),
        row(contract_no="C-5", supplier_no="V-9"),
        row(contract_no="C-6", calendar="Mars"),
        row(contract_no="C-7", value="-1"),
        row(contract_no="C-8", payment_days=str(2**63)),
        row(contract_no="C-9"),
        row(contract_no="C-9", title="Again"),
    ]
    said = told(rows)
    for place in (
        "Row 2, 'starts_on': It ends on 31 Dec 2025, before it starts on 1 Jan 2026.",
        "Row 2, 'ends_on': It ends on 31 Dec 2025, before it starts on 1 Jan 2026.",
        "Row 3, 'our_notice_days': A notice of 400 days is longer than the shortest term of 335",
        "Row 4, 'auto_renew': It renews itself, but not for how long.",
        "Row 5, 'currency': Contract C-1 runs in EUR; USD would put two currencies into one sum.",
        "Row 6, 'supplier_no': supplier 'V-9' is not known.",
        "Row 7, 'calendar': calendar 'Mars' is not known.",
        "Row 8, 'value':",
        "Row 9, 'payment_days':",
        "Rows 10 and 11 have the same contract V-1/C-9.",
    ):
        assert any(each.startswith(place) for each in said), (place, said)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contract)) == 1


def test_a_workbook_is_read_like_a_text(house: House) -> None:
    content = workbook(("Contracts", [list(ROW), list(ROW.values())]))
    assert publish(content, KIND, name="list.xlsx").counts.new == 1
    assert versions() == [("C-1", "draft", 1, "draft", 90, date(2026, 1, 1))]
