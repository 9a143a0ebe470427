"""The supply risk index, what explains it and what lifts its band."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.composite import DEFAULT_RISK_WEIGHTS, RiskState, supply_risk_index
from app.calc.risk_bands import FloorFacts, FloorReason, RiskBand, band_for
from app.calc.risk_means import (
    arithmetic_mean,
    plain_geometric_mean,
    rescaled_geometric,
    reverse_geometric_mean,
)
from app.calc.risk_moves import risk_delta

EQUAL = {"a": 1, "b": 1, "c": 1}
CALM = dict.fromkeys(DEFAULT_RISK_WEIGHTS, 10.0)


def three(*risks: float) -> dict[str, float]:
    return dict(zip("abc", risks, strict=True))


def test_bad_dimension_beside_good_ones_is_not_rewarded() -> None:
    risks = three(20, 20, 90)

    assert arithmetic_mean(risks, EQUAL) == pytest.approx(43.3333, abs=5e-4)
    assert plain_geometric_mean(risks, EQUAL) == pytest.approx(33.0193, abs=5e-4)
    assert reverse_geometric_mean(risks, EQUAL) == pytest.approx(60.0, abs=5e-4)
    assert rescaled_geometric(risks, EQUAL) == pytest.approx(55.1498, abs=2e-3)


def test_one_zero_does_not_annihilate_the_index() -> None:
    risks = three(0, 80, 80)

    assert plain_geometric_mean(risks, EQUAL) == 0.0
    assert arithmetic_mean(risks, EQUAL) == pytest.approx(53.3333, abs=5e-4)
    assert reverse_geometric_mean(risks, EQUAL) == pytest.approx(65.8005, abs=5e-4)
    assert rescaled_geometric(risks, EQUAL) > 53.3333


@pytest.mark.parametrize("risk", [0.0, 50.0, 100.0])
def test_equal_risks_are_the_index_itself(risk: float) -> None:
    assert rescaled_geometric(three(risk, risk, risk), EQUAL) == risk


def test_index_is_the_mean_plus_a_penalty_for_imbalance() -> None:
    risks = three(20, 20, 90)
    mean, index = arithmetic_mean(risks, EQUAL), rescaled_geometric(risks, EQUAL)

    assert mean == pytest.approx(43.33333, abs=2e-3)
    assert index - mean == pytest.approx(11.81649, abs=2e-3)


def test_contributions_add_up_to_the_mean() -> None:
    weights = {"financial": 40, "geographic": 30, "quality": 20, "delivery": 10}
    risks = {"financial": 60.0, "geographic": 30.0, "quality": 20.0, "delivery": 50.0}

    result = supply_risk_index(risks, weights)

    assert result.contributions == pytest.approx(
        {"financial": 24.0, "geographic": 9.0, "quality": 4.0, "delivery": 5.0}, abs=1e-9
    )
    assert result.arithmetic == pytest.approx(42.0, abs=1e-9)
    assert result.contributions["financial"] / 42 == pytest.approx(0.571429, abs=1e-5)


def test_floor_lifts_a_distressed_supplier_that_is_good_otherwise() -> None:
    risks = dict.fromkeys(DEFAULT_RISK_WEIGHTS, 0.0) | {"financial": 75.0}

    result = supply_risk_index(risks)

    assert result.value == pytest.approx(22.368099547009418, abs=1e-6)
    assert result.band_without_floor is RiskBand.LOW
    assert result.band is RiskBand.MEDIUM
    assert [floor.reason for floor in result.floors] == [FloorReason.DIMENSION_SEVERE]


@pytest.mark.parametrize(
    ("facts", "band"),
    [
        (FloorFacts(), RiskBand.LOW),
        (FloorFacts(is_in_distress=True), RiskBand.MEDIUM),
        (FloorFacts(is_in_distress=True, is_single_source=True), RiskBand.HIGH),
        (FloorFacts(is_in_distress=True, requalification_weeks=12), RiskBand.MEDIUM),
        (FloorFacts(is_in_distress=True, requalification_weeks=12.5), RiskBand.HIGH),
        (FloorFacts(is_single_source=True), RiskBand.LOW),
        (FloorFacts(recovery_exceeds_survival=True), RiskBand.LOW),
        (FloorFacts(is_sanctioned=True), RiskBand.CRITICAL),
    ],
)
def test_floors_follow_the_facts(facts: FloorFacts, band: RiskBand) -> None:
    assert supply_risk_index(CALM, facts=facts).band is band


def test_exposed_place_that_outlasts_our_stock_is_high() -> None:
    risks = CALM | {"geographic": 90.0}

    known = supply_risk_index(risks, facts=FloorFacts(recovery_exceeds_survival=True))
    unknown = supply_risk_index(risks)

    assert known.band is RiskBand.HIGH
    assert unknown.band is RiskBand.MEDIUM


def test_floors_do_not_change_the_value() -> None:
    plain = supply_risk_index(CALM)
    lifted = supply_risk_index(CALM, facts=FloorFacts(is_sanctioned=True))

    assert plain.value == lifted.value == 10.0


def test_bands_give_their_edge_to_the_worse() -> None:
    assert [band_for(value) for value in (0, 24.999, 25, 49.999, 50, 69.999, 70, 100)] == [
        RiskBand.LOW,
        RiskBand.LOW,
        RiskBand.MEDIUM,
        RiskBand.MEDIUM,
        RiskBand.HIGH,
        RiskBand.HIGH,
        RiskBand.CRITICAL,
        RiskBand.CRITICAL,
    ]


def test_missing_dimension_lowers_coverage_and_widens_bounds() -> None:
    risks: dict[str, float | None] = CALM | {"financial": None, "continuity": None}

    result = supply_risk_index(risks)

    assert result.state is RiskState.RATED
    assert result.coverage == 0.7
    assert result.value == 10.0
    # (100 − 91^0.7·100^0.3)/0.9 and (100 − 91^0.7·10^0.3)/0.9
    assert (result.lower, result.upper) == pytest.approx((7.0984, 58.9813), abs=1e-4)


def test_coverage_below_70_is_insufficient_not_low() -> None:
    result = supply_risk_index({"financial": 10.0, "geographic": 10.0, "quality": 10.0})

    assert result.coverage == 0.55
    assert result.state is RiskState.INSUFFICIENT_DATA
    assert (result.value, result.band, result.band_without_floor) == (None, None, None)
    assert result.contributions == {}


def test_two_of_the_three_core_dimensions_are_needed() -> None:
    weights = DEFAULT_RISK_WEIGHTS | {"delivery": 40, "financial": 10, "geographic": 5}
    risks = {"quality": 10.0, "delivery": 10.0, "dependency": 10.0, "continuity": 10.0}

    result = supply_risk_index(risks, weights)

    assert result.coverage == 0.85
    assert result.state is RiskState.INSUFFICIENT_DATA


def test_nothing_known_is_anything_between_0_and_100() -> None:
    result = supply_risk_index({})

    assert (result.value, result.lower, result.upper, result.coverage) == (None, 0.0, 100.0, 0.0)


def test_sanctioned_supplier_is_critical_even_without_data() -> None:
    result = supply_risk_index({}, facts=FloorFacts(is_sanctioned=True))

    assert result.state is RiskState.INSUFFICIENT_DATA
    assert result.band is RiskBand.CRITICAL
    assert result.band_without_floor is None


def test_imbalance_is_charged_to_the_dimensions_above_the_mean() -> None:
    result = supply_risk_index(CALM | {"financial": 90.0, "quality": 50.0})

    # A = 34: financial 20·56, quality 20·16, so 56 : 16.
    assert result.arithmetic == pytest.approx(34.0)
    assert result.imbalance_shares.keys() == {"financial", "quality"}
    assert result.imbalance_shares["financial"] / result.imbalance_shares[
        "quality"
    ] == pytest.approx(3.5)


def test_unknown_dimension_or_impossible_risk_is_refused() -> None:
    with pytest.raises(ValueError, match="dimension weather has no weight"):
        supply_risk_index({"weather": 10.0})
    with pytest.raises(ValueError, match="risk of quality is 101"):
        supply_risk_index({"quality": 101.0})
    with pytest.raises(ValueError, match="add up to 99"):
        supply_risk_index({}, {"financial": 99})


def test_move_of_the_index_is_explained_by_its_parts() -> None:
    before = supply_risk_index(CALM)
    after = supply_risk_index(CALM | {"quality": 60.0, "delivery": 5.0})

    delta = risk_delta(before, after)

    assert delta is not None
    assert after.value is not None
    assert delta.dimensions["quality"] == pytest.approx(10.0)
    assert delta.dimensions["delivery"] == pytest.approx(-1.0)
    assert delta.coverage_change == 0.0
    assert delta.value == pytest.approx(after.value - 10.0)


def test_dimension_that_appears_is_a_coverage_change() -> None:
    without: dict[str, float | None] = CALM | {"continuity": None}
    before = supply_risk_index(without)
    after = supply_risk_index(CALM)

    delta = risk_delta(before, after)

    assert delta is not None
    assert (delta.appeared, delta.disappeared) == (("continuity",), ())
    assert delta.coverage_change == pytest.approx(1.0)
    assert delta.value == pytest.approx(0.0, abs=1e-9)


def test_move_from_an_unrated_index_is_unknown() -> None:
    assert risk_delta(supply_risk_index({}), supply_risk_index(CALM)) is None


risk = st.floats(0, 100)
known_risks = st.fixed_dictionaries(dict.fromkeys(DEFAULT_RISK_WEIGHTS, risk))
some_risks = st.fixed_dictionaries(dict.fromkeys(DEFAULT_RISK_WEIGHTS, st.none() | risk))


@given(known_risks)
def test_index_is_never_below_the_mean_and_equals_it_only_when_all_are_equal(
    risks: dict[str, float],
) -> None:
    result = supply_risk_index(risks)

    assert result.imbalance is not None
    assert result.imbalance >= 0
    spread = max(risks.values()) - min(risks.values())
    if spread == 0:
        assert result.imbalance == 0
    if spread > 0.1:
        assert result.imbalance > 0


@given(some_risks)
def test_parts_of_the_index_add_up_and_it_lies_in_its_bounds(
    risks: dict[str, float | None],
) -> None:
    result = supply_risk_index(risks)

    assert 0 <= result.lower <= result.upper <= 100
    if result.value is None or result.imbalance is None:
        return
    added = sum(result.contributions.values()) + result.imbalance
    assert added == pytest.approx(result.value, abs=1e-9)
    assert sum(result.imbalance_shares.values()) == pytest.approx(result.imbalance, abs=1e-9)
    assert result.lower - 1e-9 <= result.value <= result.upper + 1e-9


@given(known_risks, st.sampled_from(sorted(DEFAULT_RISK_WEIGHTS)), risk)
def test_more_risk_never_lowers_the_index(
    risks: dict[str, float], name: str, higher: float
) -> None:
    before = supply_risk_index(risks).value
    after = supply_risk_index(risks | {name: max(higher, risks[name])}).value

    assert before is not None
    assert after is not None
    assert after >= before - 1e-9
