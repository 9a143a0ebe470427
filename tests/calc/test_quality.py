"""Rejected units per million and lots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.measure import MeasureState
from app.calc.quality import (
    PpmBand,
    first_pass_rate,
    garwood_interval,
    garwood_intervals,
    lot_acceptance_rate,
    lot_dispersion,
    lot_reject_rate,
    ppm,
    ppm_band,
    ppm_measure,
    ppm_state,
)

ASK = "Nothing was received."


def test_ppm_is_rejected_units_per_million_received() -> None:
    assert ppm(9, 100_000) == 90.0
    assert ppm(3, 100_000) == 30.0


def test_ppm_of_nothing_received_is_unknown() -> None:
    assert ppm(0, 0) is None
    assert ppm_measure(0, 0, reason_no_data=ASK).state is MeasureState.NO_DATA


def test_ppm_of_a_feed_without_rejects_is_unknown() -> None:
    measure = ppm_measure(None, 5000, reason_no_data="The feed has no rejects.")

    assert (measure.value, measure.reason) == (None, "The feed has no rejects.")


def test_ppm_state_follows_the_rejects_expected_at_the_limit() -> None:
    assert [ppm_state(received, limit_ppm=50) for received in (300, 10_000, 60_000)] == [
        MeasureState.INSUFFICIENT,
        MeasureState.PROVISIONAL,
        MeasureState.OK,
    ]


def test_no_reject_of_300_units_is_not_perfect() -> None:
    measure = ppm_measure(0, 300, reason_no_data=ASK)

    assert measure.value == 0.0
    assert measure.state is MeasureState.INSUFFICIENT
    assert measure.counts is False
    assert measure.hi == pytest.approx(9985.774, abs=1e-3)


@pytest.mark.parametrize(
    ("count", "lo", "hi"),
    [(0, 0.0, 2.9957), (1, 0.0253, 5.5716), (3, 0.6187, 8.7673), (10, 4.7954, 18.3904)],
)
def test_garwood_equals_the_table_of_exact_poisson_limits(count: int, lo: float, hi: float) -> None:
    assert garwood_interval(count, 1) == pytest.approx((lo, hi), abs=5e-5)


def test_rejects_that_bunch_in_lots_widen_the_interval() -> None:
    plain = garwood_interval(10, 100_000)
    bunched = garwood_interval(10, 100_000, phi=5.0)

    # phi 5: as uncertain as 2 rejects in 20,000 units.
    assert bunched == pytest.approx((0.2422 / 20_000, 7.2247 / 20_000), rel=1e-3)
    assert bunched[0] < plain[0] < plain[1] < bunched[1]


def test_dispersion_over_lots_is_pearsons() -> None:
    # p = 10/1000; (10 − 1)²/1 + 9·(0 − 1)²/1 = 90, over 9 degrees of freedom.
    assert lot_dispersion([10, *[0] * 9], [100] * 10) == pytest.approx(10.0)
    assert lot_dispersion([1] * 10, [100] * 10) == 1.0


def test_dispersion_needs_two_lots_and_a_reject() -> None:
    assert lot_dispersion([5], [100]) is None
    assert lot_dispersion([0, 0], [100, 100]) is None


def test_ppm_bands_give_their_edge_to_the_better() -> None:
    assert [ppm_band(value) for value in (0, 50, 51, 500, 2000, 2000.1, None)] == [
        PpmBand.A,
        PpmBand.A,
        PpmBand.B,
        PpmBand.B,
        PpmBand.C,
        PpmBand.D,
        None,
    ]


def test_lot_rates_are_each_others_complement() -> None:
    assert lot_reject_rate(3, 60).value == 0.05
    assert lot_acceptance_rate(3, 60).value == 0.95
    assert first_pass_rate(54, 60).value == 0.9


def test_lots_are_firm_from_ten_and_provisional_from_five() -> None:
    assert [lot_reject_rate(0, n).state for n in (0, 4, 5, 10)] == [
        MeasureState.NO_DATA,
        MeasureState.INSUFFICIENT,
        MeasureState.PROVISIONAL,
        MeasureState.OK,
    ]


def test_negative_quantities_are_refused() -> None:
    with pytest.raises(ValueError, match="received -1"):
        ppm(0, -1)
    with pytest.raises(ValueError, match="units"):
        garwood_interval(0, 0)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 10**7)), min_size=1, max_size=20))
def test_exact_interval_holds_the_rate(pairs: list[tuple[int, int]]) -> None:
    counts = np.array([count for count, _ in pairs], dtype=np.float64)
    units = np.array([unit for _, unit in pairs], dtype=np.float64)

    lo, hi = garwood_intervals(counts, units)

    assert np.all((lo <= counts / units) & (counts / units < hi))
    assert (lo[0], hi[0]) == garwood_interval(*pairs[0])
