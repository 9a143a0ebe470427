"""Each dimension says what it rests on; unknown is never a low risk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from app.calc.geography import CountryRisk
from app.facts.evidence.indicators import Indicator
from app.facts.evidence.queries import IndicatorValue, StatementRow
from app.facts.suppliers.queries import SitePlace, SourceRow
from app.judgement.risk_index import dimensions
from app.judgement.risk_index.dimensions import CountryProfile, Dimension
from app.judgement.risk_index.explanations import REASONS, sentence
from app.judgement.scorecards.scores import CategoryStanding

AS_OF = date(2026, 10, 31)
ID = UUID(int=1)

STATEMENT = StatementRow(
    supplier_id=1,
    closed_on=date(2025, 12, 31),
    currency="EUR",
    source="Annual report",
    working_capital=Decimal(10),
    total_assets=Decimal(100),
    retained_earnings=Decimal(20),
    ebit=Decimal(13),
    market_value_equity=None,
    book_value_equity=Decimal(30),
    total_liabilities=Decimal(60),
    sales=Decimal(110),
)
SOURCE = SourceRow(
    supplier_id=1,
    part_id=7,
    part_number="7731-A",
    sources=1,
    is_sole=False,
    target_share=None,
    largest_share=None,
    requalification_weeks=None,
    recover_days=None,
    survive_days=None,
    revenue_exposed=None,
    annual_spend=None,
    currency="EUR",
)


def profiles(**risks: float) -> dict[str, CountryProfile]:
    return {
        country: CountryProfile(CountryRisk(risk, {"wgi": risk}), ("WGI 2025",))
        for country, risk in risks.items()
    }


def test_a_statement_gives_score_zone_and_risk() -> None:
    # Z'' = 6.56·0.1 + 3.26·0.2 + 6.72·0.13 + 1.05·0.5 = 2.7066, above the safe cut of 2.60.
    own, result = dimensions.financial([STATEMENT], kind="other", as_of=AS_OF)
    assert own.inputs["score"] == pytest.approx(2.7066, abs=1e-9)
    assert own.inputs["zone"] == "safe"
    assert own.risk == pytest.approx(23.934, abs=1e-9)
    assert result is not None
    assert sentence(own) == "Z″ 2.71, safe; statement of 31 Dec 2025."


def test_the_statement_before_stands_beside_the_newest() -> None:
    older = replace(STATEMENT, closed_on=date(2024, 12, 31), ebit=Decimal(20))
    own, _ = dimensions.financial([STATEMENT, older], kind="other", as_of=AS_OF)
    assert own.inputs["before"] == pytest.approx(3.177, abs=1e-9)
    assert sentence(own).endswith("3.18 the year before.")


def test_a_stale_statement_is_shown_but_not_counted() -> None:
    old = replace(STATEMENT, closed_on=date(2024, 12, 31))
    own, _ = dimensions.financial([old], kind="other", as_of=AS_OF)
    assert (own.risk, own.reason) == (None, "stale")
    assert own.inputs["score"] == pytest.approx(2.7066, abs=1e-9)
    assert dimensions.floor_facts(own.inputs, {}).is_in_distress is None


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (None, "kind_unknown"),
        ("financial_institution", "not_applicable"),
        ("public_manufacturer", "figure_missing"),
    ],
)
def test_what_no_model_fits_is_unknown(kind: str | None, reason: str) -> None:
    own, _ = dimensions.financial([STATEMENT], kind=kind, as_of=AS_OF)
    assert (own.risk, own.reason) == (None, reason)


def test_no_statement_asks_for_one() -> None:
    own, _ = dimensions.financial([], kind="other", as_of=AS_OF)
    assert (own.risk, own.reason) == (None, "no_statement")
    assert sentence(own) == "No annual statement is recorded. Ask the supplier for the latest one."


def test_sites_count_by_volume() -> None:
    places = [SitePlace("Chemnitz", "DEU", 700_000), SitePlace("Brașov", "ROU", 300_000)]
    own = dimensions.geographic(places, country="DEU", profiles=profiles(DEU=20.0, ROU=40.0))
    assert own.risk == pytest.approx(26.0)
    assert own.inputs["worst"] == 40.0
    assert sentence(own) == (
        "Sites, by volume: DEU 70 %, 20.0 (political stability 20; WGI 2025); "
        "ROU 30 %, 40.0 (political stability 40; WGI 2025)."
    )


def test_without_sites_the_suppliers_country_counts() -> None:
    own = dimensions.geographic([], country="DEU", profiles=profiles(DEU=20.0))
    assert (own.risk, own.inputs["basis"]) == (20.0, "supplier")


def test_a_country_in_no_table_is_unknown_not_its_neighbour() -> None:
    own = dimensions.geographic([], country="LIE", profiles=profiles(CHE=10.0))
    assert (own.risk, own.reason) == (None, "country_not_in_tables")


def test_no_country_at_all_is_unknown() -> None:
    assert dimensions.geographic([], country=None, profiles={}).reason == "country_unknown"


def test_a_country_profile_is_the_mean_of_its_terms() -> None:
    figures = {
        Indicator.INFORM_NATURAL: IndicatorValue(2.0, "INFORM", "2020"),
        Indicator.INFORM_HUMAN: IndicatorValue(4.0, "INFORM", "2020"),
        Indicator.INFORM_RISK: IndicatorValue(9.0, "INFORM", "2020"),
        Indicator.WGI_STABILITY: IndicatorValue(0.0, "WGI", "2024"),
    }
    own = dimensions.country_profiles({"XYZ": figures})["XYZ"]
    assert own.risk.terms == {"inform_natural": 20.0, "inform_human": 40.0, "wgi": 50.0}
    assert own.risk.risk == pytest.approx(36.6666667)
    assert own.editions == ("INFORM 2020", "WGI 2024")


def test_delivery_is_the_distance_of_its_score_from_a_hundred() -> None:
    own = dimensions.from_score("delivery", CategoryStanding(85.0, 1.0, 2577))
    assert own.risk == 15.0
    assert sentence(own) == "100 minus the category's score of 85.0."


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (None, "no_score"),
        (CategoryStanding(None, 0.0, 0), "no_score"),
        (CategoryStanding(None, 5 / 35, 4), "score_coverage"),
    ],
)
def test_a_score_on_too_little_is_unknown(standing: CategoryStanding | None, reason: str) -> None:
    own = dimensions.from_score("quality", standing)
    assert (own.risk, own.reason) == (None, reason)


def test_a_single_source_is_a_hundred_and_the_worst_part_stands_beside_the_mean() -> None:
    rows = [
        replace(SOURCE, annual_spend=Decimal(100)),
        replace(SOURCE, part_number="5518", sources=3, annual_spend=Decimal(300)),
    ]
    own = dimensions.dependency(rows)
    assert own.risk == 40.0
    assert (own.inputs["single"], own.inputs["parts"]) == (1, 2)
    assert (own.inputs["worst_part"], own.inputs["worst"]) == ("7731-A", 100.0)
    assert own.inputs["weighted_by"] == "spend"


def test_parts_in_several_currencies_weigh_the_same() -> None:
    rows = [
        replace(SOURCE, annual_spend=Decimal(100)),
        replace(SOURCE, part_number="5518", sources=3, annual_spend=Decimal(300), currency="USD"),
    ]
    own = dimensions.dependency(rows)
    assert (own.risk, own.inputs["weighted_by"]) == (60.0, "equal")


def test_dual_sourcing_rises_with_the_larger_share() -> None:
    row = replace(SOURCE, sources=2, target_share=150_000, largest_share=850_000)
    assert dimensions.dependency([row]).risk == 75.0


def test_no_approved_source_is_unknown() -> None:
    assert dimensions.dependency([]).reason == "no_sources"


def test_recovery_is_held_against_stock_part_by_part() -> None:
    rows = [
        replace(SOURCE, recover_days=8, survive_days=11),
        replace(SOURCE, part_number="7731-B", recover_days=21, survive_days=9),
    ]
    own = dimensions.dependency(rows)
    assert own.inputs["uncovered_days"] == 12
    assert dimensions.floor_facts({}, own.inputs).recovery_exceeds_survival is True
    assert "7731-B: 21 days to recover against 9 of stock." in sentence(own)


def test_floors_know_only_what_is_recorded() -> None:
    facts = dimensions.floor_facts({}, dimensions.dependency([SOURCE]).inputs)
    assert facts.is_in_distress is None
    assert facts.is_single_source is True
    assert facts.requalification_weeks is None
    assert facts.recovery_exceeds_survival is None


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_is_a_sentence(reason: str) -> None:
    text = sentence(Dimension("continuity", None, reason))
    assert text.endswith(".")
    assert text[0].isupper()
