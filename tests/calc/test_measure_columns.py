"""A column of measures says exactly what the single measures say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.measure import event_count, rate, ratio, statistic
from app.calc.measure_columns import (
    Absence,
    Sample,
    event_counts,
    rates,
    ratios,
    sample_states,
    statistics,
)

REASON = "Nothing is known."
counts = st.integers(0, 400)


def absent(size: int) -> Absence:
    return Absence((REASON,), np.zeros(size, np.int8))


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@given(true=counts, extra=counts, unknown=counts, deff=st.sampled_from([None, 1.0, 2.75]))
def test_a_rate_in_a_column_is_the_single_rate(
    true: int, extra: int, unknown: int, deff: float | None
) -> None:
    column = rates(
        "otd",
        ints(true),
        ints(true + extra),
        unknown=ints(unknown),
        absence=absent(1),
        deff=np.array([np.nan if deff is None else deff]),
    )
    single = rate("otd", true, true + extra, unknown=unknown, deff=deff, reason_no_data=REASON)
    got = column.measure(0)
    assert (got.value, got.n, got.state, got.reason) == (
        single.value,
        single.n,
        single.state,
        single.reason,
    )
    assert (got.numerator, got.denominator, got.unknown) == (
        single.numerator,
        single.denominator,
        single.unknown,
    )
    assert (got.lo, got.hi) == pytest.approx((single.lo, single.hi), abs=1e-15) or got.lo is None


@given(part=counts, extra=counts, n=counts)
def test_a_ratio_in_a_column_is_the_single_ratio(part: int, extra: int, n: int) -> None:
    column = ratios(
        "otif_unit",
        np.array([float(part)]),
        denominator=np.array([float(part + extra)]),
        n=ints(n),
        unknown=ints(3),
        absence=absent(1),
    )
    single = ratio(
        "otif_unit", part, denominator=part + extra, n=n, unknown=3, reason_no_data=REASON
    )
    assert column.measure(0) == single


@given(value=st.one_of(st.none(), st.floats(-100, 100)), n=counts)
def test_a_statistic_in_a_column_is_the_single_statistic(value: float | None, n: int) -> None:
    column = statistics(
        "ltv_A",
        np.array([np.nan if value is None else value]),
        n=ints(n),
        unknown=ints(0),
        absence=absent(1),
    )
    assert column.measure(0) == statistic("ltv_A", value, n=n, reason_no_data=REASON)


def test_a_count_of_events_in_a_column_is_the_single_count() -> None:
    column = event_counts("line_stops", ints(0, 2), recorded=True, absence=absent(2))
    assert column.measure(0) == event_count("line_stops", 0, reason_no_data=REASON)
    assert column.measure(1) == event_count("line_stops", 2, reason_no_data=REASON)


def test_events_that_nobody_records_are_unknown_not_zero() -> None:
    column = event_counts("line_stops", ints(0), recorded=False, absence=absent(1))
    assert column.measure(0) == event_count("line_stops", None, reason_no_data=REASON)


def test_lots_are_firm_from_ten_and_provisional_from_five() -> None:
    lots = Sample("lots", ok=10, provisional=5)
    assert sample_states(ints(0, 4, 5, 9, 10), lots).tolist() == [0, 1, 2, 2, 3]


def test_a_column_refuses_more_true_than_known() -> None:
    with pytest.raises(ValueError, match="true and known"):
        rates("otd", ints(2), ints(1), unknown=ints(0), absence=absent(1))
