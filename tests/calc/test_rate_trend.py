"""The word for a trend, and how rarely a stable supplier is called worse."""

from __future__ import annotations

import numpy as np
import pytest

from app.calc.intervals import design_effect_from_sums
from app.calc.p_chart import Verdict
from app.calc.rate_trend import RateTrends, TrendWord, rate_trends

STEADY = [38, 37, 39, 38, 38, 37, 39, 38, 38, 37, 39, 38]
FALLING = [38, 38, 37, 37, 36, 35, 35, 34, 33, 33, 32, 31]
LINES_PER_ORDER = 5


def word(true: list[int], *, lines: int = 40, higher_is_better: bool = True) -> TrendWord:
    trends = judged(true, lines=lines)
    return trends.word(0, higher_is_better=higher_is_better)


def judged(true: list[int], *, lines: int = 40) -> RateTrends:
    row = np.array([true], np.float64)
    return rate_trends(row, np.full(row.shape, float(lines)))


def test_a_steady_fall_of_an_otif_is_worsening_and_its_mirror_improving() -> None:
    assert word(STEADY + FALLING) is TrendWord.WORSENING
    assert word(STEADY + FALLING[::-1]) is TrendWord.IMPROVING


def test_a_steady_rise_of_a_reject_rate_is_worsening() -> None:
    assert word([1] * 12 + [1, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8], higher_is_better=False) is (
        TrendWord.WORSENING
    )


def test_noise_around_one_level_is_stable() -> None:
    assert word(STEADY + STEADY) is TrendWord.STABLE


def test_seven_periods_are_too_short_however_steep() -> None:
    assert word([40, 36, 32, 28, 24, 20, 16]) is TrendWord.TOO_SHORT


def test_a_gap_does_not_count_as_a_period() -> None:
    x = np.array([[40, 36, 32, 28, 0, 24, 20, 16]], np.float64)
    n = np.array([[40, 40, 40, 40, 0, 40, 40, 40]], np.float64)
    assert rate_trends(x, n).word(0) is TrendWord.TOO_SHORT


def test_a_perfectly_steady_fall_below_two_points_is_not_worsening() -> None:
    # 1 of 1,000 a period: 1.2 points over the window, p tiny: not material.
    true = [980] * 12 + [980 - step for step in range(12)]
    trends = judged(true, lines=1000)
    assert trends.change[0] == pytest.approx(-0.012, abs=1e-12)
    assert trends.trends.p[0] < 0.001
    assert trends.word(0) is TrendWord.UNCLEAR


def test_p_below_5_percent_alone_is_unclear() -> None:
    # No period is outside its chart: nothing confirms, so nobody is flagged.
    true = [*STEADY, 39, 38, 39, 38, 38, 39, 37, 38, 37, 38, 37, 37]
    trends = judged(true)
    assert 0.01 < trends.trends.p[0] < 0.05
    assert not trends.falling[0]
    assert trends.word(0) is TrendWord.UNCLEAR


def test_p_below_5_percent_counts_where_the_chart_confirms() -> None:
    true = [*STEADY, 39, 38, 39, 38, 38, 39, 37, 38, 37, 38, 37, 24]
    trends = judged(true)
    assert 0.01 < trends.trends.p[0] < 0.05
    assert trends.verdicts[0] == Verdict.LOW_ALARM
    assert trends.falling[0]


def test_p_below_5_percent_counts_where_the_ewma_confirms() -> None:
    # No single month of the last half year alarms, but all of them lie low.
    true = [*STEADY, 38, 37, 38, 37, 38, 36, 36, 37, 36, 36, 36, 36]
    trends = judged([10 * one for one in true], lines=400)
    assert 0.01 < trends.trends.p[0] < 0.05
    assert trends.verdicts.tolist() == [Verdict.IN_CONTROL]
    assert trends.drift.tolist() == [-1]
    assert trends.falling[0]


def test_a_sudden_drop_counts_after_its_second_period() -> None:
    one, two = judged([*STEADY, *STEADY[:11], 26]), judged([*STEADY, *STEADY[:10], 26, 26])
    assert not one.dropped[0]
    assert one.word(0) is TrendWord.UNCLEAR
    assert two.dropped[0]
    assert two.word(0) is TrendWord.WORSENING


def test_an_unknown_last_period_raises_nothing() -> None:
    x = np.array([[*STEADY, *STEADY[:11], 0]], np.float64)
    n = np.array([[40] * 23 + [0]], np.float64)
    trends = rate_trends(x, n)
    assert trends.verdicts.tolist() == [Verdict.UNKNOWN]
    assert trends.word(0) is TrendWord.STABLE


def test_nine_periods_are_tested_for_a_trend_without_charts() -> None:
    trends = judged([40, 38, 36, 34, 32, 30, 28, 26, 24])
    assert trends.baseline is None
    assert trends.word(0) is TrendWord.WORSENING


def test_another_supplier_never_changes_this_one_s_word() -> None:
    rows = np.array([STEADY + FALLING, STEADY + STEADY], np.float64)
    both = rate_trends(rows, np.full(rows.shape, 40.0))
    assert [both.word(place) for place in (0, 1)] == [TrendWord.WORSENING, TrendWord.STABLE]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"window": 7}, "window is 7"),
        ({"material": -1.0}, "material"),
        ({"baseline_periods": 23}, "baseline_periods is 23"),
    ],
)
def test_impossible_settings_are_refused(arguments: dict[str, int], message: str) -> None:
    row = np.full((1, 24), 38.0)
    with pytest.raises(ValueError, match=message):
        rate_trends(row, row, **arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_more_true_lines_than_judged_are_refused() -> None:
    with pytest.raises(ValueError, match="0 ≤ x ≤ n"):
        judged([41] * 12)


@pytest.mark.parametrize(
    ("orders", "rate", "periods"),
    [(2, 0.95, 24), (8, 0.95, 24), (8, 0.90, 24), (20, 0.98, 24), (30, 0.95, 24), (8, 0.95, 15)],
)
def test_at_most_one_stable_supplier_in_200_is_flagged_a_month(
    orders: int, rate: float, periods: int
) -> None:
    """Orders of five lines that fail together: 1 + 4·0.4375 gives a design effect of 2.75."""
    x, n, deff = in_control(20_000, periods, orders=orders, rate=rate)

    trends = rate_trends(x, n, deff=deff)

    assert np.nanmean(deff) == pytest.approx(2.75, abs=0.25)
    assert (trends.falling | trends.dropped).mean() <= 1 / 200


def test_a_supplier_that_loses_ten_points_in_a_year_is_mostly_found() -> None:
    x, n, deff = in_control(4000, 24, orders=20, rate=0.95)
    generator = np.random.Generator(np.random.PCG64(5))
    lost = np.concatenate([np.zeros(12), np.linspace(0, 0.15, 12)])
    worse = generator.binomial(x.astype(np.int64), 1 - lost)

    flagged = rate_trends(worse.astype(np.float64), n, deff=deff)

    assert (flagged.falling | flagged.dropped).mean() > 0.5


def in_control(
    suppliers: int, periods: int, *, orders: int, rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(2026))
    together = 0.4375
    a, b = rate * (1 / together - 1), (1 - rate) * (1 / together - 1)
    shape = (suppliers, periods)
    placed = generator.poisson(orders, shape)
    true, squares = np.zeros(shape), np.zeros(suppliers, np.int64)
    for number in range(int(placed.max())):
        kept = generator.binomial(LINES_PER_ORDER, generator.beta(a, b, shape)) * (placed > number)
        true += kept
        squares += (kept * kept).sum(axis=1)
    deff = [
        design_effect_from_sums(
            int(count),
            LINES_PER_ORDER * int(count),
            true=int(kept),
            sum_n2=LINES_PER_ORDER**2 * int(count),
            sum_ny=LINES_PER_ORDER * int(kept),
            sum_y2=int(square),
        )
        for count, kept, square in zip(placed.sum(axis=1), true.sum(axis=1), squares, strict=True)
    ]
    return (
        true,
        placed * float(LINES_PER_ORDER),
        np.array([np.nan if one is None else one for one in deff]),
    )
