"""Country tables with their traps, lanes from receipts, and exposure by site and volume."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.geography import CountryRisk, Lane
from app.faces.overview import world_page
from app.factory import IMPORT_KINDS
from app.facts.deliveries import rollup
from app.facts.evidence import queries as evidence
from app.facts.evidence.places import queries
from app.facts.evidence.places.queries import BoughtFrom, SupplyingSite
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import SitePlace
from app.judgement.risk_index.dimensions import CountryProfile, country_profiles, geographic
from app.platform.imports import kinds
from tests.builders import facts
from tests.conftest import TODAY
from tests.imports.files import problems_of, publish, rows_in, stage

WGI_HEAD = "codeindyr,code,countryname,year,indicator,estimate,stddev,nsource\n"
# Own figures in the publisher's layout: Congo by the World Bank's old code, Namibia, a gap.
WGI_ROWS = (
    "ZARpv2023,ZAR,Congo,2023,pv,-2.1,0.2,7\n"
    "NAMpv2023,NAM,Namibia,2023,pv,0.5,0.2,7\n"
    "NAMva2023,NAM,Namibia,2023,va,0.6,0.1,9\n"
    "NAMpv2022,NAM,Namibia,2022,pv,0.9,0.2,7\n"
    "DEUpv2023,DEU,Germany,2023,pv,..,..,..\n"
)


@pytest.fixture(autouse=True)
def known_kinds() -> None:
    kinds.register(IMPORT_KINDS)


def figures(database: Database) -> dict[str, dict[str, tuple[float, str]]]:
    with database.reading() as session:
        found = evidence.country_figures(session)
    return {
        country: {name: (each.value, each.edition) for name, each in own.items()}
        for country, own in found.items()
    }


def test_governance_comes_one_row_per_indicator_and_high_is_good(sqlite_only: Database) -> None:
    publish(WGI_HEAD + WGI_ROWS, "wgi")
    found = figures(sqlite_only)
    # The newest edition for all alike; a gap is no row.
    assert found == {
        "COD": {"wgi_political_stability": (-2.1, "2023")},
        "NAM": {"wgi_political_stability": (0.5, "2023"), "wgi_voice": (0.6, "2023")},
    }
    with sqlite_only.reading() as session:
        profiles = country_profiles(evidence.country_figures(session))
    # (2.5 − 0.5)/5·100 and (2.5 + 2.1)/5·100; voice counts only where stability is missing.
    assert profiles["NAM"].risk.risk == pytest.approx(40.0)
    assert profiles["COD"].risk.risk == pytest.approx(92.0)


def test_all_six_governance_indicators_stand_in_for_stability(sqlite_only: Database) -> None:
    six = {"va": 1.0, "ge": 1.0, "rq": 0.5, "rl": 0.5, "cc": 0.0}
    rows = "".join(f"x,NOR,Norway,2023,{name},{value},0,1\n" for name, value in six.items())
    publish(WGI_HEAD + rows, "wgi")
    with sqlite_only.reading() as session:
        profiles = country_profiles(evidence.country_figures(session))
    # Five of six are not six.
    assert profiles["NOR"].risk.risk is None


def test_logistics_come_by_the_world_banks_names_and_2026_is_another_method(
    sqlite_only: Database,
) -> None:
    publish('Economy,LPI Score,Rank\n"Korea, Rep.",3.8,17\nCzech Republic,3.0,43\n', "lpi-2023")
    row = {"source": "LPI", "country": "NA", "edition": "2026", "lpi_2": "61.5"}
    publish([row], "mainstay-countries")
    assert figures(sqlite_only) == {
        "KOR": {"lpi": (3.8, "2023")},
        "CZE": {"lpi": (3.0, "2023")},
        "NAM": {"lpi_2": (61.5, "2026")},
    }
    with sqlite_only.reading() as session:
        profiles = country_profiles(evidence.country_figures(session))
        tables = {(t.edition, t.indicator): t.is_newest for t in queries.country_tables(session)}
    # (5 − 3)/4·100; LPI 2.0 alone makes no risk and does not push the survey out.
    assert profiles["CZE"].risk.risk == pytest.approx(50.0)
    assert profiles["NAM"].risk.risk is None
    assert tables == {("2023", "lpi"): True, ("2026", "lpi_2"): True}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"lpi": "3.9", "edition": "2026"}, "LPI 2.0, another method; import it as lpi_2."),
        ({"lpi": "39", "edition": "2023"}, "is not between 1 and 5."),
        ({"inform_natural": "10.1", "edition": "2026"}, "is not between 0 and 10."),
        ({"wgi_rule_of_law": "NaN", "edition": "2023"}, "is not a number"),
    ],
)
def test_a_figure_that_cannot_be_stands_aside_with_its_place(
    sqlite_only: Database, cells: dict[str, str], said: str
) -> None:
    row = {"source": "X", "country": "DEU"} | cells
    batch = stage([row], "mainstay-countries", tolerate=1)
    assert [problem for problem in problems_of(batch) if said in problem.message]
    assert rows_in("country_indicator", "count(*)") == [(0,)]


def test_coordinates_come_as_a_pair_within_the_globe(sqlite_only: Database) -> None:
    publish([{"supplier_no": "S-1", "name": "Kestrel"}], "mainstay-suppliers")
    site = {"supplier_no": "S-1", "site": "Ulm", "country": "DE", "region": "Swabia"}
    for wrong, said in (
        ({"latitude": "91", "longitude": "10"}, "is not between -90 and 90 degrees."),
        ({"latitude": "48.4", "longitude": ""}, "come together or not at all."),
    ):
        batch = stage([site | wrong], "mainstay-sites", tolerate=1)
        assert [problem for problem in problems_of(batch) if said in problem.message]
    publish([site | {"latitude": "48.4", "longitude": "-0.5"}], "mainstay-sites")
    assert rows_in("site", "region, latitude, longitude") == [("Swabia", 48.4, -0.5)]


@pytest.fixture
def shipped(sqlite_only: Database) -> Iterator[tuple[Session, Supplier, Supplier]]:
    """One supplier whose six receipts name Hamburg, one whose five name two ports."""
    with sqlite_only.transaction() as session:
        one, two = facts.supplier(session), facts.supplier(session)
        for of, ports in ((one, ["Hamburg"] * 6), (two, ["Koper", *["Hamburg"] * 4])):
            order = facts.order(session, of)
            for port in ports:
                line = facts.line(session, order)
                facts.receipt(session, line, port=port, mode="ocean")
        rollup.rebuild(session, until=TODAY)
        yield session, one, two


def test_a_single_port_of_the_last_twelve_months_is_found(
    shipped: tuple[Session, Supplier, Supplier],
) -> None:
    session, one, two = shipped
    assert queries.single_lanes(session, as_of=TODAY) == {one.id: Lane("ocean", "Hamburg", 6)}
    assert queries.single_lanes(session, as_of=TODAY, supplier_ids=[two.id]) == {}
    # A year later nothing of it is in the twelve months.
    assert queries.single_lanes(session, as_of=date(2027, 11, 30)) == {}
    rows = queries.lanes_of(session, two.id, as_of=TODAY)
    assert [(row.port, row.receipts) for row in rows] == [("Hamburg", 4), ("Koper", 1)]


def test_the_surcharge_falls_on_every_site_and_ends_at_100() -> None:
    profiles = {
        country: CountryProfile(CountryRisk(risk, {"wgi": risk}), ("WGI 2023",))
        for country, risk in (("CHN", 40.0), ("SOM", 95.0))
    }
    places = [SitePlace("a", "CHN", 500_000), SitePlace("b", "SOM", 500_000)]
    found = geographic(places, country=None, profiles=profiles, lane=Lane("ocean", "Hamburg", 6))
    assert found.risk == pytest.approx((50.0 + 100.0) / 2)
    assert found.inputs["worst"] == 100.0
    assert (found.inputs["lane"], found.inputs["surcharge"]) == ("Hamburg", 10.0)


def bought(key: int, country: str | None = "DEU", currency: str | None = "EUR") -> BoughtFrom:
    return BoughtFrom(key, UUID(int=key), f"S{key}", country, currency)


def plant(key: int, country: str | None, share: int | None) -> SupplyingSite:
    return SupplyingSite(key, country or "?", country, None, None, None, None, share)


def test_exposure_counts_by_site_and_volume_and_never_adds_currencies() -> None:
    profiles = {
        country: CountryProfile(CountryRisk(risk, {"wgi": risk}), ())
        for country, risk in (("DEU", 20.0), ("CHN", 60.0))
    }
    world = world_page.world_of(
        [bought(1), bought(2), bought(3, None), bought(4, "USA", "USD")],
        [plant(1, "DEU", 250_000), plant(1, "CHN", 750_000)],
        {1: 4_000_000, 2: 1_000_000, 3: 500_000, 4: 9_000_000},
        profiles,
        currency=None,
    )
    found = {row.country: (row.spend, row.exposure, len(row.suppliers)) for row in world.rows}
    # 400.00 of the first split 1 : 3; the head office stands in for the others' sites.
    assert found == {
        "CHN": (300.0, 180.0, 1),
        "DEU": (200.0, 40.0, 2),
        None: (50.0, None, 1),
    }
    assert [row.country for row in world.rows] == ["CHN", "DEU", None]
    assert world.rows[0].exposure_share == pytest.approx(180 / 220)
    assert (world.currency, world.unknown_spend, world.others) == ("EUR", 50.0, (("USD", 1),))


def test_one_unknown_share_makes_all_sites_weigh_the_same() -> None:
    places = world_page.places_of(
        bought(1), [plant(1, "DEU", None), plant(1, "CHN", 900_000)], 1_000_000
    )
    assert [(place.spend, place.share) for place in places] == [(50.0, None), (50.0, None)]
