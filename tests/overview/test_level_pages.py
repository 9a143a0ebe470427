"""Levels and standings on screen: the same table everywhere, banners, doors up and down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import Category, Site, Supplier
from app.facts.suppliers.standings.models import Standing, SupplierStanding
from app.platform.accounts import tokens
from tests.conftest import NOW, TODAY
from tests.overview.conftest import House
from tests.web_app import Visitor, words

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def castings(database: Database) -> int:
    with db.reading() as session:
        return session.scalars(select(Category.id)).one()


def stand(number: str, standing: Standing, **given: object) -> None:
    """Give a supplier a standing, as if somebody had decided and another agreed."""
    with db.transaction() as session:
        owner = session.scalars(select(Supplier).where(Supplier.number == number)).one()
        row = {
            "from_on": TODAY - timedelta(days=60), "origin": "override", "state": "confirmed",
            "reason": "lots went back twice", "decided_by": "B. Uyer",
            "decided_at": datetime(2026, 9, 1, tzinfo=UTC),
        }  # fmt: skip
        session.add(SupplierStanding(supplier_id=owner.id, standing=standing, **{**row, **given}))


def test_levels_show_the_same_measures_from_the_house_down(
    insider: Visitor, house: House, castings: int
) -> None:
    page = words(insider.get("/levels/"))
    assert "no category named" in page
    assert "80" in page
    assert "No score here" in words(insider.get(f"/levels/category/{castings}"))
    rows = insider.get("/levels/?format=json").get_json()["rows"]
    assert sum(row["otif_n"] for row in rows if row["level"] == "Our plants") == 80


def test_a_supplier_has_its_windows_side_by_side(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}/levels"))
    assert "Measure Sep 2026 n 13 weeks n 2026 Q3 n Year to date n 12 months n" in page
    assert "OTIF by line 75.0 % 4 " in page
    assert "five are needed" in page or "Nothing to compare" in page


def test_thirteen_weeks_open_their_own_lines(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.fragile}?window=13w"))
    listed = insider.get(f"{house.fragile}/lines?window=13w&format=json").get_json()
    assert "13 weeks to 20 Nov 2026" in page or "13 weeks to" in page
    assert f"of {listed['count']} lines" in page


@pytest.mark.parametrize(
    "path",
    ["/levels/category/99", "/levels/plant/99", "/levels/part/99", "/levels/site/99",
     "/levels/group/1", "/levels/planet/1", "/levels/plant/x",
     "/levels/group/00000000-0000-4000-8000-000000000000", "/levels/?part=nothing"],
)  # fmt: skip
def test_a_level_that_is_not_there_is_404(insider: Visitor, house: House, path: str) -> None:
    assert insider.get(path).status_code == 404


def test_a_suppliers_site_is_no_plant_of_ours(insider: Visitor, house: House) -> None:
    with db.transaction() as session:
        owner = session.scalars(select(Supplier.id).where(Supplier.number == "S-1")).one()
        site = Site(name="Oslo", supplier_id=owner, owner_key=owner)
        session.add(site)
        session.flush()
        key = site.id
    assert insider.get(f"/levels/plant/{key}").status_code == 404
    assert insider.get(f"/levels/site/{key}").status_code == 200


@pytest.mark.parametrize("tab", ["", "/deliveries", "/lines", "/misses", "/standing", "/history"])
def test_a_block_stands_on_every_page_of_the_supplier(
    insider: Visitor, house: House, tab: str
) -> None:
    stand("S-2", Standing.BLOCKED)
    assert "Blocked since 22 Sep 2026" in words(insider.get(house.fragile + tab))
    assert "Blocked since" not in words(insider.get(house.healthy + tab))


def test_what_was_ordered_while_blocked_is_listed_and_exported(
    insider: Visitor, house: House
) -> None:
    stand("S-2", Standing.BLOCKED, from_on=date(2026, 8, 1))
    page = words(insider.get(f"{house.fragile}/standing"))
    assert "7 lines of 7 without an exception." in page
    rows = insider.get(f"{house.fragile}/standing?format=json").get_json()["rows"]
    assert {row["exception"] for row in rows} == {None}
    assert min(row["ordered_on"] for row in rows) >= "2026-08-01"


def test_a_standing_is_decided_on_the_page(insider: Visitor, house: House) -> None:
    form = {"standing": "restricted", "from_on": TODAY.isoformat(), "reason": "too short"}
    refused = insider.post(f"{house.fragile}/standing", form)
    assert refused.status_code == 422
    assert "too short" in refused.text
    done = insider.post(f"{house.fragile}/standing", form | {"reason": "late four times of ten"})
    assert done.status_code == 303
    assert "Restricted since 21 Nov 2026" in words(insider.get(house.fragile))
    assert "late four times of ten" in words(insider.get("/standings/"))
    assert "S-2" in insider.get("/suppliers/?status=restricted&format=csv").text


def test_a_program_with_the_scope_is_told_whether_it_may_order(
    visitor: Visitor, insider: Visitor, house: House
) -> None:
    stand("S-2", Standing.BLOCKED)
    with db.transaction() as session:
        token = tokens.make(
            session, name="ERP", scopes=["standings.ask"], expires_at=NOW + timedelta(days=1)
        )
    bearer = {"Authorization": f"Bearer {token}"}
    told = visitor.get("/api/may-order?supplier=S-2", headers=bearer).get_json()
    assert (told["answer"], told["standing"], told["since"]) == ("no", "blocked", "2026-09-22")
    before = visitor.get("/api/may-order?supplier=S-2&on=2026-09-21", headers=bearer).get_json()
    assert (before["answer"], before["reason"]) == ("yes", "The master record says so.")
    assert visitor.get("/api/may-order?supplier=S-9", headers=bearer).status_code == 404
    assert visitor.get("/api/may-order", headers=bearer).status_code == 400
    assert insider.get("/api/may-order?supplier=S-2").status_code == 403


def test_the_list_is_narrowed_to_a_group_and_a_plant(insider: Visitor, house: House) -> None:
    with db.transaction() as session:
        owner = session.scalars(select(Supplier).where(Supplier.number == "S-2")).one()
        top = session.scalars(select(Supplier).where(Supplier.number == "S-1")).one()
        owner.parent_supplier_id = top.id
        plant = Site(name="Ulm")
        session.add(plant)
        session.flush()
        keys = (top.id, plant.id)
    rows = insider.get(f"/suppliers/?group={keys[0]}&format=json").get_json()["rows"]
    assert sorted(row["number"] for row in rows) == ["S-1", "S-2"]
    at_ulm = insider.get(f"/suppliers/?plant={keys[1]}&format=json").get_json()["rows"]
    assert at_ulm == []
    group = words(insider.get("/levels/"))
    assert "Healthy Forge AS" in group
