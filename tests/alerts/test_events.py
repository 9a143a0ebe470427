"""Events: whom they hit by sites, upstream plants and ports, and who may tell of them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import acting
from app.base.acting import Actor, Limit, Reach, Source
from app.base.db import Database
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.facts.deliveries import rollup
from app.facts.evidence.events import hits, queries, services
from app.facts.evidence.events.models import EventKind, PlaceKind, Severity
from app.facts.evidence.events.services import Told
from app.facts.evidence.models import SubTierLink
from app.facts.suppliers.models import ApprovedSource, Site, Supplier
from app.judgement.alerts import evaluation
from app.judgement.alerts import services as alerts
from app.judgement.alerts.queries import open_alerts
from tests.builders import facts

FROM, TODAY = date(2026, 11, 10), date(2026, 11, 21)
REASON = "it was a false report"


def told(kind: PlaceKind, **given: object) -> Told:
    given = {"title": f"Closed: {kind}", "from_on": FROM} | given
    return Told(
        EventKind.CLOSURE, place_kind=kind, severity=Severity.SEVERE, source="news", **given
    )


@pytest.fixture
def house(sqlite_only: Database) -> dict[str, int]:
    """A supplier with two plants, one without any, one behind an upstream plant."""
    with sqlite_only.transaction() as session:
        made = {
            name: facts.supplier(session, name, number=name, country=country)
            for name, country in (("Two", "DEU"), ("Bare", "VNM"), ("Behind", "CZE"))
        }
        two = made["Two"]
        plants = [
            Site(supplier_id=two.id, owner_key=two.id, name=name, country=country)
            for name, country in (("Brno", "CZE"), ("Hai Phong", "VNM"))
        ]
        session.add_all(plants)
        session.flush()
        for number, plant in (("P-brno", plants[0]), ("P-hai", plants[1])):
            part = facts.part(session, number=number)
            session.add(ApprovedSource(part_id=part.id, supplier_id=two.id, site_id=plant.id))
        session.add(
            SubTierLink(
                supplier_id=made["Behind"].id, upstream_name="Powder Co", upstream_site="Plant 2",
                upstream_country="CHN", material="powder",
            )
        )  # fmt: skip
        _delivery(session, two)
        return {name: row.id for name, row in made.items()}


def _delivery(session: Session, of: Supplier) -> None:
    part = facts.part(session, number="P-sea")
    line = facts.line(session, facts.order(session, of), part_id=part.id)
    facts.receipt(session, line, date(2026, 10, 1), port=" Ningbo ")
    old = facts.line(session, facts.order(session, of))
    facts.receipt(session, old, date(2024, 10, 1), port="Busan")


def hit(session: Session, what: Told) -> list[tuple[int, bool, tuple[str, ...]]]:
    event = services.record(session, what)
    return [
        (each.supplier_id, each.is_indirect, each.parts)
        for each in hits.hits_of(session, event, TODAY)
    ]


def test_a_country_hits_sites_with_their_parts_and_who_has_no_site(
    sqlite_only: Database, house: dict[str, int]
) -> None:
    with sqlite_only.transaction() as session:
        assert hit(session, told(PlaceKind.COUNTRY, countries="vnm")) == [
            (house["Two"], False, ("P-hai",)), (house["Bare"], False, ()),
        ]  # fmt: skip


def test_a_region_hits_upstream_plants_too_and_says_so(
    sqlite_only: Database, house: dict[str, int]
) -> None:
    with sqlite_only.transaction() as session:
        assert hit(session, told(PlaceKind.REGION, countries="CHN, TWN")) == [
            (house["Behind"], True, ()),
        ]  # fmt: skip


@pytest.mark.parametrize("place", ["powder  co", "Powder Co, Plant 2"])
def test_an_upstream_company_or_one_plant_of_it_hits_whom_it_supplies(
    sqlite_only: Database, house: dict[str, int], place: str
) -> None:
    with sqlite_only.transaction() as session:
        assert hit(session, told(PlaceKind.UPSTREAM, place=place)) == [(house["Behind"], True, ())]
        assert hit(session, told(PlaceKind.UPSTREAM, place="Powder Co, Plant 1", title="b")) == []


def test_a_port_hits_lanes_that_were_used_within_a_year(
    sqlite_only: Database, house: dict[str, int]
) -> None:
    with sqlite_only.transaction() as session:
        assert hit(session, told(PlaceKind.PORT, place="NINGBO")) == [
            (house["Two"], False, ("P-sea",)),
        ]  # fmt: skip
        assert hit(session, told(PlaceKind.PORT, place="Busan", title="b")) == []


def test_an_event_of_one_mode_spares_goods_that_are_known_to_come_otherwise(
    sqlite_only: Database, house: dict[str, int]
) -> None:
    with sqlite_only.transaction() as session:
        bare = session.get_one(Supplier, house["Bare"])
        for mode in ("Sea ", "air"):
            line = facts.line(session, facts.order(session, bare))
            facts.receipt(session, line, date(2026, 9, 1), port="Ningbo", mode=mode)
        rollup.rebuild(session, until=TODAY)
        sea = services.record(session, told(PlaceKind.PORT, place="ningbo", mode="sea"))
        assert [each.supplier_id for each in hits.hits_of(session, sea, TODAY)] == [house["Bare"]]
        # Two came through the port, by what nobody recorded.
        assert hits.unknown_of(session, sea, TODAY) == [
            "Of 1 supplier goods came through this port by a mode that nobody recorded: not known."
        ]
        rail = services.record(session, told(PlaceKind.COUNTRY, countries="VNM", mode="rail"))
        assert hits.hits_of(session, rail, TODAY) == []
        (found,) = hits.hits_of(
            session,
            services.record(session, told(PlaceKind.REGION, countries="VNM CZE", mode="AIR")),
            TODAY,
        )
        assert (found.supplier_id, found.through) == (
            house["Bare"], "in VNM, no site recorded, goods by AIR",
        )  # fmt: skip
        said = hits.unknown_of(session, rail, TODAY)
        assert said[0].startswith("Of 1 supplier no receipt of the last year names a mode")


def test_a_circle_hits_sites_within_it_and_says_whose_place_is_not_known(
    sqlite_only: Database, house: dict[str, int]
) -> None:
    with sqlite_only.transaction() as session:
        brno, _ = session.scalars(select(Site).order_by(Site.id)).all()
        brno.latitude, brno.longitude = 49.195, 16.608
        near = facts.supplier(session, "Near", country="AUT")
        vienna = Site(
            supplier_id=near.id, owner_key=near.id, name="Vienna", country="AUT",
            latitude=48.208, longitude=16.373,
        )  # fmt: skip
        session.add(vienna)
        session.flush()
        around = told(PlaceKind.SITE, place="Brno", supplier="Two", radius_km=120)
        found = hits.hits_of(session, services.record(session, around), TODAY)
        # From Brno to Vienna it is 111 km over the ground.
        assert [(each.supplier_id, each.through) for each in found] == [
            (house["Two"], "site Brno, CZE"), (near.id, "site Vienna, AUT, 111 km away"),
        ]  # fmt: skip
        quake = told(
            PlaceKind.REGION, countries="CZE VNM", latitude=49.0, longitude=16.6, radius_km=50
        )
        event = services.record(session, quake)
        assert [each.supplier_id for each in hits.hits_of(session, event, TODAY)] == [house["Two"]]
        # Hai Phong, and who stands in Vietnam or Czechia with no site at all.
        assert hits.unknown_of(session, event, TODAY)[0] == (
            "Of 3 suppliers a place in these countries has no coordinates: not known."
        )


def test_a_site_hits_its_supplier_alone(sqlite_only: Database, house: dict[str, int]) -> None:
    with sqlite_only.transaction() as session:
        what = told(PlaceKind.SITE, place="Brno", supplier="Two")
        assert hit(session, what) == [(house["Two"], False, ("P-brno",))]


def test_an_event_raises_an_alert_and_its_end_clears_it(
    sqlite_only: Database, house: dict[str, int]
) -> None:
    with sqlite_only.transaction() as session:
        alerts.take_presets(session, valid_from=FROM)
        key = services.record(session, told(PlaceKind.SITE, place="Brno", supplier="Two")).public_id
    assert evaluation.evaluate(date(2026, 11, 20)).raised == 1
    with sqlite_only.transaction() as session:
        (row,) = open_alerts(session)
        assert row.alert.last_words == "Closed: site: site Brno, CZE, 1 part"
        assert row.alert.evidence["endpoint"] == "events.show"
        services.end(session, key, date(2026, 11, 20))
    assert evaluation.evaluate(TODAY).cleared == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": PlaceKind.COUNTRY, "countries": "XXX"}, "E-EVT-08"),
        ({"kind": PlaceKind.COUNTRY, "countries": "DEU FRA"}, "E-EVT-08"),
        ({"kind": PlaceKind.REGION, "countries": " "}, "E-EVT-08"),
        ({"kind": PlaceKind.PORT}, "E-EVT-06"),
        ({"kind": PlaceKind.SITE, "place": "Brno"}, "E-EVT-07"),
        ({"kind": PlaceKind.SITE, "place": "Nowhere", "supplier": "Two"}, "E-EVT-07"),
        ({"kind": PlaceKind.SITE, "place": "Brno", "supplier": "nobody"}, "E-SUP-01"),
        ({"kind": PlaceKind.PORT, "place": "x", "until_on": date(2026, 11, 9)}, "E-EVT-03"),
        ({"kind": PlaceKind.UPSTREAM, "place": "Powder Co", "mode": "sea"}, "E-EVT-10"),
        ({"kind": PlaceKind.COUNTRY, "countries": "DEU", "radius_km": 5}, "E-EVT-11"),
        ({"kind": PlaceKind.COUNTRY, "countries": "DEU", "latitude": 5.0}, "E-EVT-11"),
        ({"kind": PlaceKind.PORT, "place": "x", "radius_km": 5}, "E-EVT-11"),
        (
            {"kind": PlaceKind.SITE, "place": "Brno", "supplier": "Two", "radius_km": 5},
            "E-EVT-11",
        ),
    ],
)
def test_a_place_that_can_not_be_found_is_refused(
    sqlite_only: Database, house: dict[str, int], given: dict[str, object], code: str
) -> None:
    with sqlite_only.transaction() as session:
        with pytest.raises((InvalidInput, NotFound)) as refused:
            services.record(session, told(**given))
        assert refused.value.code == code
        assert queries.events(session) == []


def test_two_tabs_and_two_clicks_lose_nothing(sqlite_only: Database, house: dict[str, int]) -> None:
    with sqlite_only.transaction() as session:
        what = told(PlaceKind.PORT, place="Ningbo")
        made = services.record(session, what)
        with pytest.raises(Conflict, match="recorded a moment ago"):
            services.record(session, what)
        services.correct(session, made.public_id, told(PlaceKind.PORT, place="Busan"), seen=1)
        with pytest.raises(Conflict, match="changed this event"):
            services.correct(session, made.public_id, what, seen=1)
        services.withdraw(session, made.public_id, reason=REASON)
        with pytest.raises(Conflict, match="is withdrawn"):
            services.end(session, made.public_id, TODAY)


def test_a_buyer_tells_of_own_suppliers_sites_only(
    sqlite_only: Database, house: dict[str, int]
) -> None:
    own = Reach(frozenset({Limit(supplier_ids=frozenset({house["Two"]}))}))
    buyer = Actor("buyer", Source.UI, user_id=1, roles=frozenset({"buyer"}), reads=own, writes=own)
    with acting.acting_as(buyer), sqlite_only.transaction() as session:
        assert services.record(session, told(PlaceKind.SITE, place="Brno", supplier="Two")).id
        with pytest.raises(Forbidden, match="a risk manager records it"):
            services.record(session, told(PlaceKind.PORT, place="Ningbo"))
        with pytest.raises(NotFound):
            services.record(session, told(PlaceKind.SITE, place="x", supplier="Bare"))
