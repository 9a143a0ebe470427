"""How far chance may have moved a score, how exactly that is known, and the ± of a grade."""

from __future__ import annotations

import numpy as np
import pytest

from app.calc.grading import DEFAULT_BANDS, Grade, GradeBands
from app.calc.measure import rate, statistic
from app.calc.quality import garwood_intervals
from app.calc.ranking import rank_peers
from app.calc.sampling import DrawScale, Sampling, spread_intervals
from app.calc.score_range import possible_grades, score_draws, score_ranges
from app.calc.scoring import Anchors, ScoredMeasure, ScoringMethod, score_measures
from app.calc.scoring_defaults import DEFAULT_METHOD

STRAIGHT = Anchors(((0, 0), (100, 100)), scale=100)


def arr(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def nothing(size: int) -> np.ndarray:
    return np.full(size, np.nan)


def rate_of(value: np.ndarray, n: np.ndarray) -> Sampling:
    return Sampling(DrawScale.WILSON, value, nothing(len(value)), nothing(len(value)), n)


def method(**weights: int) -> ScoringMethod:
    rows = [ScoredMeasure(key, key, "all", w, STRAIGHT, target=90) for key, w in weights.items()]
    return ScoringMethod(tuple(rows), DEFAULT_BANDS)


def suppliers(count: int, *, seed: int = 2) -> dict[str, Sampling]:
    """Make six measures of many suppliers, from poor to spotless, from few lines to many."""
    generator = np.random.Generator(np.random.PCG64(seed))

    def some_rate(a: float, b: float, *, most: int, deff: float = 1.0) -> Sampling:
        n = generator.integers(10, most, count)
        value = generator.binomial(n, generator.beta(a, b, count)) / n
        return rate_of(value, n / deff)

    units = generator.integers(10_000, 500_000, count).astype(np.float64)
    rejects = generator.poisson(units * 4e-5 * generator.gamma(1, 1, count)).astype(np.float64)
    ppm = [1e6 * bound for bound in garwood_intervals(rejects, units)]
    sd, lines = generator.gamma(2, 1.2, count), generator.integers(8, 300, count)
    spread = spread_intervals(sd, lines)
    hours = generator.gamma(20, 1.5, count)
    return {
        "otif_line": some_rate(30, 2, most=400, deff=2.75),
        "lot_accept": some_rate(60, 1, most=60),
        "scar_ontime": some_rate(10, 1, most=20),
        "ppm": Sampling(DrawScale.CUBE_ROOT, 1e6 * rejects / units, ppm[0], ppm[1], units),
        "ltv_A": Sampling(DrawScale.LOG, sd, spread[0], spread[1], lines * 1.0),
        "ack_hours": Sampling(DrawScale.LINEAR, hours, hours * 0.85, hours * 1.15, nothing(count)),
    }


def test_the_range_of_one_rate_is_its_interval_through_the_anchors() -> None:
    # Wilson of 57/60 is 0.8630–0.9829; the draws' own 2.5 % and 97.5 % points meet it.
    ranges = score_ranges({"otif": rate_of(arr(0.95), arr(60))}, method(otif=100))
    assert ranges.score[0] == pytest.approx(95, abs=1e-9)
    assert (ranges.lo[0], ranges.hi[0]) == pytest.approx((86.30, 98.29), abs=0.03)


def test_256_draws_err_by_half_a_point_against_10_000_free_ones() -> None:
    """Measured: 0.42–0.55 points root mean square over seeds, 2.3 at most; ranges of 25."""
    of = suppliers(400)
    free = np.quantile(score_draws(of, DEFAULT_METHOD, draws=10_000, seed=99), (0.025, 0.975), 1)

    ranges = score_ranges(of, DEFAULT_METHOD)

    low = ranges.lo - np.minimum(free[0], ranges.score)
    high = ranges.hi - np.maximum(free[1], ranges.score)
    errors = np.concatenate([low, high])
    assert np.sqrt(np.mean(errors**2)) < 0.7
    assert np.abs(errors).max() < 3
    assert np.mean(ranges.hi - ranges.lo) > 15


def test_the_score_is_the_score_of_the_card() -> None:
    measures = {
        "otif_line": rate("otif_line", 92, 100, reason_no_data=""),
        "lot_accept": rate("lot_accept", 97, 100, reason_no_data=""),
        "scar_ontime": rate("scar_ontime", 30, 40, reason_no_data=""),
        "invoice_accuracy": rate("invoice_accuracy", 95, 100, reason_no_data=""),
    }
    of = {key: rate_of(arr(m.value or 0), arr(m.n or 0)) for key, m in measures.items()}
    for key in ("ppm", "ltv_A"):
        of[key] = Sampling(DrawScale.FIXED, arr(3), nothing(1), nothing(1), nothing(1))
        measures[key] = statistic(key, 3.0, n=30, reason_no_data="")

    card = score_measures(measures, DEFAULT_METHOD)

    assert score_ranges(of, DEFAULT_METHOD).score[0] == pytest.approx(card.score, abs=1e-9)


def test_more_lines_narrow_the_range() -> None:
    ranges = score_ranges(
        {"otif": rate_of(arr(0.9, 0.9, 0.9), arr(30, 300, 3000))}, method(otif=100)
    )
    width = ranges.hi - ranges.lo
    assert width[0] > width[1] > width[2] > 0


def test_another_supplier_never_changes_this_one_s_range() -> None:
    alone = score_ranges({"otif": rate_of(arr(0.9), arr(50))}, method(otif=100))
    among = score_ranges({"otif": rate_of(arr(0.9, 0.1), arr(50, 9))}, method(otif=100))
    assert (alone.lo[0], alone.hi[0]) == (among.lo[0], among.hi[0])


def test_a_missing_measure_does_not_widen_the_sampling_range() -> None:
    both = method(otif=80, scar=20)
    of = {"otif": rate_of(arr(0.9), arr(50)), "scar": rate_of(nothing(1), arr(0))}
    missing = score_ranges(of, both)
    alone = score_ranges({"otif": rate_of(arr(0.9), arr(50))}, method(otif=100))
    assert (missing.lo[0], missing.hi[0]) == pytest.approx((alone.lo[0], alone.hi[0]), abs=0.1)
    assert missing.drawn_weight[0] == 0.8


def test_what_is_not_rated_has_no_range() -> None:
    ranges = score_ranges({"otif": rate_of(arr(0.9), arr(50))}, method(otif=59, scar=41))
    assert np.isnan([ranges.score[0], ranges.lo[0], ranges.hi[0]]).all()


def test_a_spotless_supplier_s_range_holds_its_own_score() -> None:
    weights = dict.fromkeys("abcde", 20)
    of = {key: rate_of(arr(1.0), arr(20)) for key in weights}
    ranges = score_ranges(of, method(**weights))
    assert ranges.hi[0] == ranges.score[0] == 100
    assert ranges.lo[0] < 97


def test_a_limit_of_each_supplier_moves_its_points() -> None:
    of = {
        key: Sampling(DrawScale.FIXED, arr(50, 50), nothing(2), nothing(2), nothing(2))
        for key in ("ppm", "otif_line", "scar_ontime", "ack_hours", "ltv_A")
    }
    # PPM alone differs: 50 of a limit of 50 earns 90 points, of 5 (10 times) none; 20 of 70.
    score = score_ranges(of, DEFAULT_METHOD, limits={"ppm": arr(50, 5)}).score
    assert score[0] - score[1] == pytest.approx(20 * 90 / 70, abs=1e-9)


def test_suppliers_alike_change_places_in_free_draws() -> None:
    of = {"otif": rate_of(arr(0.900, 0.899, 0.898, 0.20), arr(50, 50, 50, 50))}
    draws = score_draws(of, method(otif=100))
    ranks = [rank for rank in rank_peers(arr(90, 89.9, 89.8, 20), draws) if rank]
    assert [(rank.low, rank.high) for rank in ranks] == [(1, 3), (1, 3), (1, 3), (4, 4)]


def test_the_same_seed_gives_the_same_range() -> None:
    of = suppliers(20)
    first, second = (
        score_ranges(of, DEFAULT_METHOD, seed=7),
        score_ranges(of, DEFAULT_METHOD, seed=7),
    )
    assert np.array_equal(first.lo, second.lo)
    assert not np.array_equal(first.lo, score_ranges(of, DEFAULT_METHOD, seed=8).lo)


@pytest.mark.parametrize(
    ("lo", "hi", "grades"),
    [
        (91, 99, "A"),
        (89.99, 90, "AB"),
        (80, 89.99, "B"),
        (69.9, 91, "ABCD"),
        (0, 100, "ABCD"),
    ],
)
def test_a_range_over_an_edge_names_every_possible_grade(lo: float, hi: float, grades: str) -> None:
    assert "".join(grade.value for grade in possible_grades(lo, hi, DEFAULT_BANDS)) == grades


def test_a_cap_holds_every_possible_grade_down() -> None:
    assert possible_grades(85, 95, DEFAULT_BANDS, limit=Grade.C) == (Grade.C,)
    assert possible_grades(65, 95, DEFAULT_BANDS, limit=Grade.C) == (Grade.C, Grade.D)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"draws": 32}, "power of 2"),
        ({"draws": 300}, "power of 2"),
        ({"limits": {"ppm": 0.0}}, "limit of ppm"),
    ],
)
def test_impossible_settings_are_refused(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        score_ranges(suppliers(2), DEFAULT_METHOD, **arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_measures_of_different_suppliers_are_refused() -> None:
    of = {"otif": rate_of(arr(0.9), arr(50)), "scar": rate_of(arr(0.9, 0.9), arr(5, 5))}
    with pytest.raises(ValueError, match="same number"):
        score_ranges(of, method(otif=80, scar=20))
    with pytest.raises(ValueError, match="same number"):
        score_ranges({}, method(otif=100))


def test_a_range_in_the_wrong_order_is_refused() -> None:
    with pytest.raises(ValueError, match="0 ≤ lo ≤ hi"):
        possible_grades(90, 80, GradeBands(((50, Grade.A), (0, Grade.D))))
