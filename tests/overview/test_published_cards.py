"""A published card stays; the one that restates it stands beside it with the difference."""

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

CARD = re.compile(r'href="(/suppliers/[0-9a-f-]+/scorecards/[0-9a-f-]+)">([^<]+)<')
NOWHERE = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def restated(insider: Visitor, house: House) -> None:
    """A receipt of the healthy supplier is taken back, and everything is worked out again."""
    with db.transaction() as session:
        line = session.scalars(
            select(ScheduleLine)
            .join(Supplier, Supplier.id == ScheduleLine.supplier_id)
            .where(Supplier.number == "S-1")
            .order_by(ScheduleLine.id)
        ).all()[20]
        with rollup.change(session, until=UNTIL) as facts:
            facts.touch([line.id])
            origin = session.scalars(select(Receipt).where(Receipt.line_id == line.id)).one()
            session.add(
                Receipt(
                    line_id=line.id, source_key="R1", reverses_receipt_id=origin.id,
                    quantity=Decimal(-1000), quantity_rejected=Decimal(0),
                    arrived_on=date(2026, 10, 12),
                )
            )  # fmt: skip
    timetable.recompute()


def cards(insider: Visitor, supplier: str) -> list[str]:
    """Return the addresses of the published cards, the newest first."""
    return [found[0] for found in CARD.findall(insider.get(f"{supplier}/history").text)]


def test_a_card_is_shown_as_it_was_published(insider: Visitor, house: House) -> None:
    page = words(insider.get(cards(insider, house.healthy)[0]))
    assert "12 months to 12 Oct 2026 as published" in page
    assert "A published card never changes." in page
    assert "OTIF by line 100.0 % 40" in page
    assert "Restates" not in page
    assert "What came in between" not in page


def test_a_restated_card_stands_beside_the_one_before(
    insider: Visitor, house: House, restated: None
) -> None:
    newest, older = cards(insider, house.healthy)[:2]
    page = words(insider.get(newest))
    assert "OTIF by line 100.0 % 40 97.5 % 40 −2.5 points" in page
    assert "Restates" in page
    assert "No file." in page
    before = words(insider.get(older))
    assert "OTIF by line 100.0 % 40" in before
    assert "Restated by" in before


def test_another_suppliers_card_is_not_there(insider: Visitor, house: House) -> None:
    card = cards(insider, house.healthy)[0].rpartition("/")[2]
    assert insider.get(f"{house.fragile}/scorecards/{card}").status_code == 404
    assert insider.get(f"{house.healthy}/scorecards/{NOWHERE}").status_code == 404
