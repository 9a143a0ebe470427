"""The stories that statements, sources and upstream plants tell."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.calc.financial import AltmanZone, FinancialKind, Statement, financial_risk
from app.calc.periods import parse_period
from app.faces.demo import scripts
from app.faces.demo.cast import CAST, LAST_DAY
from app.facts.deliveries import queries as deliveries
from app.facts.evidence import queries as evidence
from app.facts.suppliers import queries as suppliers
from tests.demo.conftest import supplier_id


def test_the_fragile_one_falls_from_2_61_over_1_93_to_1_17(session: Session) -> None:
    key = supplier_id(session, scripts.FRAGILE)
    rows = evidence.statements(session, as_of=LAST_DAY, supplier_ids=[key])[key]
    found = {
        row.closed_on: financial_risk(
            Statement(
                statement_on=row.closed_on,
                working_capital=row.working_capital,
                total_assets=row.total_assets,
                retained_earnings=row.retained_earnings,
                ebit=row.ebit,
                market_value_equity=row.market_value_equity,
                book_value_equity=row.book_value_equity,
                total_liabilities=row.total_liabilities,
                sales=row.sales,
            ),
            kind=FinancialKind.PRIVATE_MANUFACTURER,
            as_of=LAST_DAY,
        )
        for row in rows
    }
    scores = {day: risk.score for day, risk in found.items()}
    assert scores == {
        date(2023, 12, 31): pytest.approx(2.61, abs=0.005),
        date(2024, 12, 31): pytest.approx(1.93, abs=0.005),
        date(2025, 12, 31): pytest.approx(1.17, abs=0.005),
    }
    assert found[date(2025, 12, 31)].zone is AltmanZone.DISTRESS


def test_the_fragile_one_is_the_only_source_and_one_part_is_uncovered(session: Session) -> None:
    key = supplier_id(session, scripts.FRAGILE)
    rows = suppliers.source_rows(session, as_of=LAST_DAY, supplier_ids=[key])
    assert [row.sources for row in rows] == [1, 1, 1]
    assert [(row.recover_days, row.survive_days) for row in rows] == [(21, 9), (21, 30), (21, 30)]


def test_three_sources_of_the_ring_magnets_share_one_plant(session: Session) -> None:
    keys = [supplier_id(session, number) for number in scripts.SHARED_PLANT]
    parts = [
        {row.part_number for row in found if row.sources == 3}
        for found in (
            suppliers.source_rows(session, as_of=LAST_DAY, supplier_ids=[key]) for key in keys
        )
    ]
    plants = {
        (link.upstream_name, link.upstream_site)
        for key in keys
        for link in evidence.sub_tiers(session, key)
    }
    assert {"5600-A", "5600-B", "5601-A"} <= parts[0] & parts[1] & parts[2]
    assert plants == {("Tianlan Rare Earth Sintering Co., Ltd", "Plant 2, Baotou")}


def test_the_silent_one_has_a_name_and_nothing_else(session: Session) -> None:
    key = supplier_id(session, scripts.SILENT)
    everything = parse_period("all", as_of=LAST_DAY)
    assert suppliers.head_of(session, key).name == "Anadolu Valf Döküm A.Ş."
    assert deliveries.delivery_sums(session, everything, supplier_ids=[key]).of(key) is None
    assert deliveries.event_sums(session, everything, supplier_ids=[key]).of(key) is None
    assert evidence.statements(session, as_of=LAST_DAY, supplier_ids=[key]) == {}
    assert suppliers.source_rows(session, as_of=LAST_DAY, supplier_ids=[key]) == []


def test_two_sites_share_the_volume_60_to_40(session: Session) -> None:
    key = supplier_id(session, scripts.TWO_SITES)
    found = {site.country: site.volume_share for site in suppliers.head_of(session, key).sites}
    assert found == {"NOR": 600_000, "VNM": 400_000}


def test_every_supplying_country_is_in_the_table_under_the_name_demo(session: Session) -> None:
    figures = evidence.country_figures(session)
    countries = {member.country for member in CAST} | {"ROU", "VNM"}
    assert countries <= set(figures)
    assert {value.source for own in figures.values() for value in own.values()} == {"demo"}


def test_the_latest_fact_is_the_last_day(session: Session) -> None:
    assert deliveries.latest_fact_on(session) == date(2026, 10, 31)
