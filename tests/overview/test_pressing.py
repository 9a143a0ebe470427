"""What runs and what comes due is said where people start: home and the supplier's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.base import db
from app.facts.suppliers import queries as suppliers
from app.judgement.continuity.incidents import services as incidents
from app.judgement.continuity.incidents.services import Opening
from app.judgement.contracts.models import ContractEvent
from tests.builders.contract_days import contract
from tests.conftest import NOW, TODAY
from tests.overview.conftest import House
from tests.web_app import Visitor, words

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def fragile(session: Session) -> int:
    return suppliers.find_supplier(session, "S-2").id


def test_an_incident_that_runs_is_told_at_home_and_on_its_suppliers_page(
    insider: Visitor, house: House
) -> None:
    assert "running" not in words(insider.get("/"))
    with db.transaction() as session:
        incidents.open_incident(session, fragile(session), Opening(title="Furnace burnt"))
    assert "1 incident is running" in words(insider.get("/"))
    page = insider.get(house.fragile)
    assert "Furnace burnt since 21 Nov incident INC-" in words(page)
    assert "Furnace burnt" not in words(insider.get(house.healthy))


@pytest.mark.parametrize(
    ("days", "is_told"),
    [(89, True), (90, True), (91, False)],
)
def test_a_notice_deadline_is_told_ninety_days_before(
    insider: Visitor, house: House, days: int, is_told: bool
) -> None:
    deadline = TODAY + timedelta(days=days)
    with db.transaction() as session:
        contract(
            session, fragile(session), deadline + timedelta(days=30), our_notice_days=30,
            auto_renew=True, renewal_months=12,
        )  # fmt: skip
    assert ("Notice deadline, contract C-1" in words(insider.get(house.fragile))) is is_told


def test_a_renewal_that_nobody_decided_on_is_told(insider: Visitor, house: House) -> None:
    ends_on = TODAY + timedelta(days=30)
    with db.transaction() as session:
        made = contract(
            session, fragile(session), ends_on, our_notice_days=60, auto_renew=True,
            renewal_months=12,
        )  # fmt: skip
        session.add(
            ContractEvent(
                contract_id=made.id, kind="rolled_over", key=ends_on.isoformat(),
                happened_on=TODAY - timedelta(days=30), ends_on=ends_on, said="Passed",
                said_by="the timetable", said_at=NOW,
            )
        )  # fmt: skip
    assert "Contract C-1 renews itself: nobody decided in time" in words(insider.get(house.fragile))


def test_the_search_finds_incidents_by_number_and_title(insider: Visitor, house: House) -> None:
    with db.transaction() as session:
        made = incidents.open_incident(session, fragile(session), Opening(title="Furnace burnt"))
        number = made.number
    for text in ("furnace", number.lower()):
        assert f"{number} Furnace burnt, Fragile & Söhne" in words(insider.get(f"/search?q={text}"))
    assert "Nothing found" in words(insider.get("/search?q=INC-2026-999999999"))
