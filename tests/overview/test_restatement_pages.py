"""A person looks at what would restate closed cards, and decides with a reason."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from app import timetable
from app.base import db
from app.facts.deliveries import rollup
from app.facts.deliveries.models import Receipt, ScheduleLine
from app.facts.suppliers.models import Supplier
from tests.overview.conftest import UNTIL, House
from tests.web_app import Visitor, words

KEY = re.compile(r'name="restatement" value="([0-9a-f-]{36})"')
REASON = "The carrier's papers show it."

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def proposed(house: House) -> None:
    """Half of the healthy supplier's third quarter turns out late, after it was closed."""
    with db.transaction() as session:
        lines = session.scalars(
            select(ScheduleLine)
            .join(Supplier, Supplier.id == ScheduleLine.supplier_id)
            .where(
                Supplier.number == "S-1",
                ScheduleLine.promised_original_on.between(date(2026, 7, 1), date(2026, 9, 30)),
            )
            .order_by(ScheduleLine.id)
        ).all()[::2]
        with rollup.change(session, until=UNTIL) as change:
            change.touch([line.id for line in lines])
            for line in lines:
                row = session.scalars(select(Receipt).where(Receipt.line_id == line.id)).one()
                row.quantity, row.quantity_rejected = Decimal(1), Decimal(0)
    timetable.recompute()


def test_a_closed_card_is_restated_on_a_persons_word(
    insider: Visitor, house: House, proposed: None
) -> None:
    page = insider.get("/restatements/?state=proposed")
    keys = KEY.findall(page.text)
    assert keys
    assert "Healthy Forge AS" in words(page)
    told = words(insider.get(f"{house.healthy}?window=2026Q3"))
    assert "a person decides whether it is restated" in told
    unsaid = {"restatement": keys, "decision": "approve", "reason": ""}
    refused = insider.post("/restatements/", unsaid)
    assert refused.status_code == 422
    assert f'value="{keys[0]}" aria-label' in refused.text
    assert insider.post("/restatements/", unsaid | {"decision": ""}).status_code == 422
    nothing = insider.post("/restatements/", {"decision": "approve", "reason": REASON})
    assert "Choose 1 to 200 restatements" in words(nothing)
    said = unsaid | {"reason": REASON}
    assert insider.post("/restatements/", said).status_code == 303
    assert insider.post("/restatements/", said).status_code == 409
    assert KEY.findall(insider.get("/restatements/").text) == []
    assert REASON in words(insider.get("/restatements/?state=approved"))
    assert "restated" in insider.get("/restatements/?format=csv").text
    history = insider.get(f"{house.healthy}/history").text
    cards = re.findall(r'href="(/suppliers/[0-9a-f-]+/scorecards/[0-9a-f-]+)"', history)
    assert any("Approved by M. Weber" in words(insider.get(each)) for each in cards)


def test_what_is_no_key_or_nobodys_is_refused(insider: Visitor, house: House) -> None:
    said = {"decision": "refuse", "reason": REASON}
    for key, status in (("x", 422), ("00000000-0000-4000-8000-000000000001", 404)):
        assert insider.post("/restatements/", said | {"restatement": key}).status_code == status
    assert "No closed card is to be restated" in words(insider.get("/restatements/"))
