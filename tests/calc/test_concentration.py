"""Concentration and dependency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.concentration import ConcentrationBand, concentration, concentration_band
from app.calc.dependency import (
    BuyerShareFlag,
    DependencyWeight,
    PartSourcing,
    buyer_share_flag,
    part_dependency,
    share_score,
    substitutability,
    supplier_dependency,
    switching_score,
)


@pytest.mark.parametrize(
    ("shares", "hhi"),
    [([40, 30, 20, 10], 3000), ([45, 15, 10, 8, 7, 6, 5, 4], 2540), ([100], 10_000)],
)
def test_hhi_is_the_sum_of_squared_shares(shares: list[int], hhi: float) -> None:
    result = concentration(shares)

    assert result is not None
    assert result.hhi == pytest.approx(hhi, abs=1e-9)


def test_effective_number_and_normalised_index() -> None:
    result = concentration([30, 30, 20, 20])

    assert result is not None
    assert result.effective_number == pytest.approx(3.84615, abs=1e-5)
    assert result.normalised == pytest.approx(0.013333, abs=1e-5)
    assert result.max_share == 0.3


def test_single_source_is_wholly_concentrated() -> None:
    result = concentration([Decimal("12.50")])

    assert result is not None
    assert (result.hhi, result.effective_number, result.normalised) == (10_000.0, 1.0, 1.0)


def test_no_spend_has_no_shares() -> None:
    assert concentration([]) is None
    assert concentration([0, Decimal(0)]) is None
    assert concentration([-5]) is None


def test_credits_are_floored_at_zero_and_reported() -> None:
    result = concentration([50, 50, -20])

    assert result is not None
    assert (result.hhi, result.n, result.floored) == (5000.0, 2, 1)


def test_concentration_bands_are_those_of_2023() -> None:
    assert [concentration_band(hhi) for hhi in (999.9, 1000, 1800, 1800.1)] == [
        ConcentrationBand.LOW,
        ConcentrationBand.MODERATE,
        ConcentrationBand.MODERATE,
        ConcentrationBand.HIGH,
    ]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_index_lies_between_equal_shares_and_one_source(amounts: list[int]) -> None:
    result = concentration(amounts)

    assert result is not None
    assert 10_000 / len(amounts) - 1e-6 <= result.hhi <= 10_000
    assert 0 <= result.normalised <= 1


@pytest.mark.parametrize(
    ("sources", "largest", "risk"),
    [
        (1, None, 100.0),
        (0, None, 100.0),
        (2, None, 50.0),
        (2, 0.5, 50.0),
        (2, 0.7, 50.0),
        (2, 0.85, 75.0),
        (2, 1.0, 100.0),
        (3, 0.4, 20.0),
        (5, None, 20.0),
    ],
)
def test_fewer_sources_are_harder_to_replace(
    sources: int, largest: float | None, risk: float
) -> None:
    assert substitutability(sources, largest_share=largest) == pytest.approx(risk, abs=1e-9)


def test_sole_source_is_single_whatever_is_recorded() -> None:
    assert substitutability(None, is_sole=True) == 100.0
    assert substitutability(3, is_sole=True) == 100.0


def test_unrecorded_sources_are_unknown() -> None:
    assert substitutability(None) is None
    assert part_dependency(PartSourcing("P1", sources=None)).value is None


def test_switching_time_alone_makes_no_dependency() -> None:
    part = PartSourcing("P1", sources=None, switching_weeks=60)

    assert part_dependency(part).switching == 100.0
    assert part_dependency(part).value is None


def test_switching_time_rises_from_4_to_52_weeks() -> None:
    assert [switching_score(weeks) for weeks in (0, 4, 28, 52, 99)] == [10, 10, 55, 100, 100]


def test_part_is_as_dependent_as_its_worst_side() -> None:
    slow = part_dependency(PartSourcing("P1", sources=3, own_share=0.3, switching_weeks=28))
    large = part_dependency(PartSourcing("P2", sources=3, own_share=0.85, switching_weeks=4))

    assert slow.value == pytest.approx(55.0)
    assert large.value == pytest.approx(75.0)


def test_supplier_is_the_mean_over_its_parts_with_the_worst_beside() -> None:
    tooled = PartSourcing("P1", sources=1, revenue_exposed=100.0, spend=1.0)
    common = PartSourcing("P2", sources=3, revenue_exposed=300.0, spend=999.0)

    result = supplier_dependency([tooled, common])

    assert result.value == pytest.approx(40.0)
    assert result.weighted_by is DependencyWeight.REVENUE_EXPOSED
    assert result.worst is not None
    assert (result.worst.part_id, result.worst.value) == ("P1", 100.0)
    assert result.single_sourced == 1


def test_spend_stands_in_where_exposed_revenue_is_unknown() -> None:
    tooled = PartSourcing("P1", sources=1, spend=300.0)
    common = PartSourcing("P2", sources=3, revenue_exposed=300.0, spend=100.0)

    result = supplier_dependency([tooled, common])

    assert (result.value, result.weighted_by) == (80.0, DependencyWeight.SPEND)


def test_parts_weigh_the_same_where_nothing_is_known_of_them() -> None:
    result = supplier_dependency([PartSourcing("P1", sources=1), PartSourcing("P2", sources=3)])

    assert (result.value, result.weighted_by) == (60.0, DependencyWeight.EQUAL)


def test_part_without_recorded_sources_lowers_the_coverage() -> None:
    result = supplier_dependency([PartSourcing("P1", sources=3), PartSourcing("P2", sources=None)])

    assert (result.value, result.coverage) == (20.0, 0.5)


def test_supplier_without_parts_has_unknown_dependency() -> None:
    result = supplier_dependency([])

    assert (result.value, result.worst, result.coverage) == (None, None, None)


def test_share_of_their_revenue_is_flagged_at_both_ends() -> None:
    assert [buyer_share_flag(share) for share in (0.31, 0.30, 0.01, 0.009, None)] == [
        BuyerShareFlag.DEPENDS_ON_US,
        None,
        None,
        BuyerShareFlag.WE_ARE_UNIMPORTANT,
        None,
    ]


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="share is 85"):
        share_score(85)
    with pytest.raises(ValueError, match="weeks is -1"):
        switching_score(-1)
    with pytest.raises(ValueError, match="sources is -1"):
        substitutability(-1)
