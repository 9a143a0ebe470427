"""Anchors, points, score, grade and caps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.grading import (
    DEFAULT_BANDS,
    CapReason,
    Grade,
    GradeBands,
    grade_for,
)
from app.calc.measure import Measure, MeasureState, rate, statistic
from app.calc.quality import ppm_measure
from app.calc.score_levels import category_scores, recency_weighted_score
from app.calc.scoring import (
    Anchors,
    ScorePart,
    ScoreResult,
    ScoreState,
    check_weights,
    points_for,
    score_card,
    score_measures,
)
from app.calc.scoring_defaults import DEFAULT_METHOD, PPM_ANCHORS

ASK = "No data."
ANCHORS = {row.id: row.anchors for row in DEFAULT_METHOD.measures}
AT_TARGET = {
    "otif": 90.0,
    "ltv_A": 90.0,
    "disruptions": 100.0,
    "ppm": 90.0,
    "lot_accept": 90.0,
    "scar": 100.0,
    "price": 100.0,
    "invoice": 100.0,
    "service": 100.0,
    "readiness": 90.0,
}


def firm(measure_id: str, value: float) -> Measure:
    return statistic(measure_id, value, n=100, reason_no_data=ASK)


def card(*parts: tuple[int, float | None], flags: tuple[CapReason, ...] = ()) -> ScoreResult:
    named = [
        ScorePart(f"m{place}", "all", weight, points)
        for place, (weight, points) in enumerate(parts)
    ]
    return score_card(named, bands=DEFAULT_BANDS, flags=flags)


def test_higher_is_better_earns_points_in_a_straight_line() -> None:
    anchors = Anchors(((80, 0), (98, 100)))

    assert points_for(92, anchors) == pytest.approx(66.66666666666667, abs=1e-9)
    assert anchors.higher_is_better is True


def test_lower_is_better_is_mirrored() -> None:
    anchors = Anchors(((100, 100), (1000, 0)))

    assert points_for(300, anchors) == pytest.approx(77.77777777777777, abs=1e-9)
    assert anchors.higher_is_better is False


def test_values_beyond_the_anchors_are_clamped() -> None:
    anchors = Anchors(((80, 0), (98, 100)))

    assert (points_for(79, anchors), points_for(99, anchors)) == (0.0, 100.0)


def test_ppm_is_scored_relative_to_its_limit() -> None:
    points = [points_for(ppm, PPM_ANCHORS, limit=50) for ppm in (0, 50, 100, 212, 250, 500, 2000)]

    assert points == pytest.approx([100, 90, 75, 48.86666666666667, 40, 0, 0], abs=1e-9)


def test_relative_anchors_without_a_limit_are_refused() -> None:
    with pytest.raises(ValueError, match="limit is None"):
        points_for(10, PPM_ANCHORS)


@pytest.mark.parametrize(
    ("measure", "value", "points"),
    [
        ("otif", 0.80, 0),
        ("otif", 0.90, 50),
        ("otif", 0.95, 90),
        ("otif", 0.98, 100),
        ("ltv_A", 5, 50),
        ("ltv_A", 10, 0),
        ("disruptions", 1, 50),
        ("disruptions", 3, 0),
        ("lot_accept", 0.90, 0),
        ("lot_accept", 1.0, 100),
        ("scar", 0.5, 0),
        ("scar", 0.95, 100),
        ("price", -0.01, 100),
        ("price", 0.05, 0),
        ("invoice", 0.90, 0),
        ("invoice", 0.99, 100),
        ("service", 48, 80),
        ("service", 120, 0),
        ("readiness", 80, 90),
    ],
)
def test_default_anchors_are_exact(measure: str, value: float, points: float) -> None:
    assert points_for(value, ANCHORS[measure]) == points


@pytest.mark.parametrize("row", DEFAULT_METHOD.measures, ids=lambda row: row.id)
def test_measure_on_its_target_earns_at_least_90(row: object) -> None:
    measure = next(each for each in DEFAULT_METHOD.measures if each is row)
    value = measure.target / measure.anchors.scale

    assert points_for(value, replace(measure.anchors, relative_to_limit=False)) >= 90


@pytest.mark.parametrize(
    "points",
    [((0, 0),), ((0, 0), (0, 5)), ((0, 0), (1, 50), (2, 40)), ((0, 0), (1, 101))],
)
def test_anchors_that_turn_or_stand_still_are_refused(points: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="points"):
        Anchors(points)


def test_weights_add_up_to_exactly_100() -> None:
    check_weights({"a": 70, "b": 30})
    with pytest.raises(ValueError, match="add up to 99"):
        check_weights({"a": 70, "b": 29})
    with pytest.raises(ValueError, match="weight of a is -1"):
        check_weights({"a": -1, "b": 101})


def test_default_weights_are_those_of_the_method() -> None:
    assert {row.id: row.weight for row in DEFAULT_METHOD.measures} == {
        "otif": 25,
        "ltv_A": 5,
        "disruptions": 5,
        "ppm": 20,
        "lot_accept": 5,
        "scar": 10,
        "price": 10,
        "invoice": 5,
        "service": 10,
        "readiness": 5,
    }


def test_two_measures_are_weighted() -> None:
    assert card((70, 98.5), (30, 92.0)).score == pytest.approx(96.55, abs=1e-9)


def test_supplier_that_meets_every_target_is_an_a() -> None:
    parts = [
        ScorePart(row.id, row.category, row.weight, AT_TARGET[row.id])
        for row in DEFAULT_METHOD.measures
    ]

    result = score_card(parts, bands=DEFAULT_METHOD.bands)

    assert result.score == pytest.approx(94.0, abs=1e-9)
    assert result.grade is Grade.A
    assert (result.lower, result.upper, result.coverage) == (94.0, 94.0, 1.0)


def test_missing_measure_is_renormalised_and_widens_the_bounds() -> None:
    # 40·85 + 40·78.75 = 6550 of 80 available.
    result = card((40, 85.0), (40, 78.75), (20, None))

    assert result.score == pytest.approx(81.875, abs=1e-9)
    assert (result.lower, result.upper) == pytest.approx((65.5, 85.5), abs=1e-9)
    assert result.coverage == 0.8
    assert result.state is ScoreState.RATED


@pytest.mark.parametrize(
    ("available", "state"),
    [
        (59, ScoreState.NOT_RATED),
        (60, ScoreState.PROVISIONAL),
        (79, ScoreState.PROVISIONAL),
        (80, ScoreState.RATED),
    ],
)
def test_coverage_decides_whether_it_is_rated(available: int, state: ScoreState) -> None:
    result = card((available, 95.0), (100 - available, None))

    assert result.state is state
    assert (result.score is None) is (state is ScoreState.NOT_RATED)
    assert (result.grade is None) is (state is ScoreState.NOT_RATED)


def test_card_without_any_measure_is_neither_0_nor_100() -> None:
    result = score_measures({}, DEFAULT_METHOD)

    assert (result.score, result.grade, result.state) == (None, None, ScoreState.NOT_RATED)
    assert (result.coverage, result.lower, result.upper) == (0.0, 0.0, 100.0)


def test_missing_category_is_shared_out_over_all_others() -> None:
    # Without delivery (35) the rest weighs 65: (35·90 + 15·60 + 10·80 + 5·100)/65.
    parts = [
        ScorePart("otif", "delivery", 35, None),
        ScorePart("ppm", "quality", 35, 90.0),
        ScorePart("price", "commercial", 15, 60.0),
        ScorePart("service", "service", 10, 80.0),
        ScorePart("readiness", "continuity", 5, 100.0),
    ]

    result = score_card(parts, bands=DEFAULT_BANDS)

    assert result.score == pytest.approx(5350 / 65, abs=1e-9)
    assert category_scores(result)[0].score is None


def test_equal_points_under_odd_coverage_reach_the_band_edge_exactly() -> None:
    result = card((25, 90.0), (35, 90.0), (25, 90.0), (15, None))

    assert result.score == 90.0
    assert result.grade is Grade.A


def test_grade_bands_are_half_open_and_closed_at_the_top() -> None:
    grades = [grade_for(score) for score in (100, 90, 89.999, 80, 79.99, 70, 69.99, 0)]

    assert "".join(grades) == "AABBCCDD"


def test_bands_that_leave_a_hole_are_refused() -> None:
    with pytest.raises(ValueError, match="begin at 0"):
        GradeBands(((90, Grade.A), (30, Grade.D)))
    with pytest.raises(ValueError, match="fall from band to band"):
        GradeBands(((80, Grade.A), (90, Grade.B), (0, Grade.C)))


def test_one_reason_caps_the_grade_at_c() -> None:
    result = card((50, 100.0), (50, 100.0), flags=(CapReason.OPEN_CRITICAL_SCAR,))

    assert (result.grade, result.grade_before_caps) == (Grade.C, Grade.A)
    assert result.score == 100.0
    assert [cap.reason for cap in result.caps] == [CapReason.OPEN_CRITICAL_SCAR]


def test_two_reasons_or_a_line_stop_cap_the_grade_at_d() -> None:
    two = (CapReason.OPEN_CRITICAL_SCAR, CapReason.SAFETY_ESCAPE)

    assert card((50, 100.0), (50, 100.0), flags=two).grade is Grade.D
    assert card((100, 100.0), flags=(CapReason.SUPPLIER_LINE_STOP,)).grade is Grade.D


def test_heavy_measure_at_zero_caps_the_grade() -> None:
    heavy = card((20, 0.0), (80, 100.0))
    light = card((19, 0.0), (81, 100.0))
    both = card((20, 0.0), (20, 0.0), (60, 100.0))

    assert (heavy.grade, heavy.grade_before_caps) == (Grade.C, Grade.B)
    assert heavy.caps[0].measure_id == "m0"
    assert light.caps == ()
    assert both.grade is Grade.D


def test_cap_never_raises_a_grade_nor_makes_one() -> None:
    low = card((100, 10.0), flags=(CapReason.SAFETY_ESCAPE,))
    unrated = card((50, 90.0), (50, None), flags=(CapReason.SAFETY_ESCAPE,))

    assert low.grade is Grade.D
    assert (unrated.grade, len(unrated.caps)) == (None, 1)


def test_insufficient_measure_is_shown_but_counts_as_missing() -> None:
    newcomer = rate("otif_line", 4, 4, reason_no_data=ASK)

    part = score_measures({"otif_line": newcomer}, DEFAULT_METHOD).parts[0]

    assert (part.value, part.points, part.state) == (1.0, None, MeasureState.INSUFFICIENT)


def test_no_rejects_of_300_units_earn_no_points() -> None:
    result = score_measures({"ppm": ppm_measure(0, 300, reason_no_data=ASK)}, DEFAULT_METHOD)

    assert next(part for part in result.parts if part.id == "ppm").points is None


def test_contract_limit_overrides_the_default_one() -> None:
    measures = {"ppm": firm("ppm", 100)}

    by_default = score_measures(measures, DEFAULT_METHOD)
    by_contract = score_measures(measures, DEFAULT_METHOD, limits={"ppm": 100.0})

    assert [part.points for part in by_default.parts if part.id == "ppm"] == [75.0]
    assert [part.points for part in by_contract.parts if part.id == "ppm"] == [90.0]


def test_categories_carry_their_own_score_and_contribution() -> None:
    measures = {
        "otif_line": firm("otif_line", 0.95),
        "ltv_A": firm("ltv_A", 5),
        "ppm": firm("ppm", 50),
        "scar_ontime": firm("scar_ontime", 0.95),
        "price_variance": firm("price_variance", 0.0),
    }

    result = score_measures(measures, DEFAULT_METHOD)
    delivery, quality, commercial, service, continuity = category_scores(result)

    # Delivery (25·90 + 5·50)/30; quality (20·90 + 10·100)/30; 70 of 100 are available.
    assert result.state is ScoreState.PROVISIONAL
    assert delivery.score == pytest.approx(83.33333333333333)
    assert delivery.coverage == pytest.approx(30 / 35)
    assert quality.score == pytest.approx(93.33333333333333)
    assert quality.contribution == pytest.approx(40.0)
    assert (commercial.score, service.score, continuity.score) == (100.0, None, None)


def test_older_periods_weigh_less_in_the_comparator() -> None:
    # (90·1 + 60·11/12 + 80·10/12)/(1 + 11/12 + 10/12) = 211.667/2.75
    assert recency_weighted_score([90, 60, 80]) == pytest.approx(76.96969696969697, abs=1e-9)
    assert recency_weighted_score([90, None, 80]) == pytest.approx(85.45454545454545, abs=1e-9)
    assert recency_weighted_score([]) is None


cards = st.lists(st.none() | st.floats(0, 100), min_size=4, max_size=4)
weights = st.sampled_from([(25, 25, 25, 25), (40, 30, 20, 10), (97, 1, 1, 1), (60, 20, 20, 0)])


@given(weights, cards)
def test_score_lies_in_its_bounds_and_contributions_add_up(
    own: tuple[int, ...], points: list[float | None]
) -> None:
    result = card(*zip(own, points, strict=True))

    assert 0 <= result.lower <= result.upper <= 100 + 1e-9
    if result.score is None:
        assert all(part.contribution is None for part in result.parts)
        return
    assert result.lower - 1e-9 <= result.score <= result.upper + 1e-9
    printed = sum(part.contribution or 0 for part in result.parts)
    assert printed == pytest.approx(result.score, abs=1e-9)


@given(weights, cards, st.integers(0, 3), st.floats(0, 100))
def test_more_points_never_lower_the_score(
    own: tuple[int, ...], points: list[float | None], place: int, more: float
) -> None:
    before = card(*zip(own, points, strict=True))
    raised = list(points)
    raised[place] = None if points[place] is None else max(more, points[place] or 0)
    after = card(*zip(own, raised, strict=True))

    if before.score is not None:
        assert after.score is not None
        assert after.score >= before.score - 1e-9


@given(st.sampled_from(DEFAULT_METHOD.measures), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_points_are_bounded_and_never_turn(row: object, one: float, other: float) -> None:
    measure = next(each for each in DEFAULT_METHOD.measures if each is row)
    low, high = sorted((one, other))

    first = points_for(low, measure.anchors, limit=50)
    second = points_for(high, measure.anchors, limit=50)

    assert 0 <= first <= 100
    assert 0 <= second <= 100
    if measure.anchors.higher_is_better:
        assert first <= second
    else:
        assert first >= second
