"""PPM by the column says exactly what the single measure says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.measure_columns import Absence
from app.calc.quality import ppm_measure
from app.calc.quality_columns import lot_dispersions, mean_intervals, ppm_column

REASON = "Nothing was received."


@given(received=st.integers(0, 500_000), rejected=st.integers(0, 900), unknown=st.integers(0, 9))
def test_ppm_in_a_column_is_the_single_ppm(received: int, rejected: int, unknown: int) -> None:
    column = ppm_column(
        np.array([float(rejected)]),
        np.array([float(received)]),
        absence=Absence((REASON,), np.zeros(1, np.int8)),
        unknown=np.array([unknown]),
    )
    single = ppm_measure(rejected, received, unknown=unknown, reason_no_data=REASON)
    got = column.measure(0)
    assert (got.value, got.n, got.state, got.reason) == (
        single.value,
        single.n,
        single.state,
        single.reason,
    )
    if single.lo is None:
        assert got.lo is None
    else:
        assert (got.lo, got.hi) == pytest.approx((single.lo, single.hi), rel=1e-12)


def test_dispersion_from_sums_is_that_of_the_lots() -> None:
    # As of the single lots in `test_quality`: 10 of 1000 in one lot of ten, one in each of ten
    # (Σr²/s = 0.1, χ² = 0), one lot, none rejected.
    found = lot_dispersions(
        np.array([10.0, 10.0, 5.0, 0.0]),
        np.array([1000.0, 1000.0, 100.0, 200.0]),
        squares=np.array([1.0, 0.1, 0.25, 0.0]),
        lots=np.array([10, 10, 1, 2]),
    )
    assert found[:2].tolist() == pytest.approx([10.0, 1.0])
    assert np.isnan(found[2:]).all()


def test_a_column_widens_only_where_rejects_are_known_to_bunch() -> None:
    column = ppm_column(
        np.array([10.0, 10.0]),
        np.array([100_000.0, 100_000.0]),
        phi=np.array([5.0, np.nan]),
        absence=Absence((REASON,), np.zeros(2, np.int8)),
        unknown=np.zeros(2, np.int64),
    )
    bunched, plain = column.measure(0), column.measure(1)
    # phi 5: as 2 rejects in 20,000 units, 0.2422 and 7.2247; else 10, 4.7954 and 18.3904.
    assert (bunched.lo, bunched.hi) == pytest.approx((12.11, 361.24), abs=5e-2)
    assert (plain.lo, plain.hi) == pytest.approx((47.954, 183.904), abs=5e-3)
    assert (bunched.deff, plain.deff) == (5.0, None)


def test_a_mean_of_one_value_has_no_interval() -> None:
    lo, hi = mean_intervals(np.array([31.0]), np.array([np.nan]), np.array([1]))
    assert np.isnan(lo[0])
    assert np.isnan(hi[0])


def test_an_interval_of_hours_never_goes_below_zero() -> None:
    lo, _ = mean_intervals(np.array([1.0]), np.array([10.0]), np.array([3]))
    assert lo.tolist() == [0.0]
