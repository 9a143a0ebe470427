"""PPM by the column says exactly what the single measure says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.measure_columns import Absence
from app.calc.quality import ppm_measure
from app.calc.quality_columns import mean_intervals, ppm_column

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


def test_a_mean_of_one_value_has_no_interval() -> None:
    lo, hi = mean_intervals(np.array([31.0]), np.array([np.nan]), np.array([1]))
    assert np.isnan(lo[0])
    assert np.isnan(hi[0])


def test_an_interval_of_hours_never_goes_below_zero() -> None:
    lo, _ = mean_intervals(np.array([1.0]), np.array([10.0]), np.array([3]))
    assert lo.tolist() == [0.0]
