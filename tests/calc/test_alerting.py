"""Alerts: raised by runs of bad periods, cleared by good ones, silent about what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan

import pytest

from app.calc.alerting import (
    Episode,
    Found,
    Limits,
    Operator,
    Progress,
    check_limits,
    crossing,
    episodes,
    found_of,
    step,
    steps_due,
)
from app.calc.usefulness import Suggestion, suggested, usefulness

BAD, GOOD, BETWEEN, UNKNOWN = Found.BAD, Found.GOOD, Found.BETWEEN, Found.UNKNOWN
TWICE = Limits(Operator.BELOW, 0.90, clear=0.92, least_n=10, duration=2)


def changes(found: Sequence[Found], limits: Limits) -> list[str]:
    progress, told = Progress(), []
    for each in found:
        progress, change = step(progress, each, limits)
        told.append(change.value)
    return told


@pytest.mark.parametrize(
    ("operator", "bad", "not_bad"),
    [
        (Operator.BELOW, 0.89999, 0.90),
        (Operator.AT_MOST, 0.90, 0.90001),
        (Operator.ABOVE, 0.90001, 0.90),
        (Operator.AT_LEAST, 0.90, 0.89999),
    ],
)
def test_the_operator_decides_at_the_threshold(
    operator: Operator, bad: float, not_bad: float
) -> None:
    limits = Limits(operator, 0.90)
    assert (found_of(bad, None, limits), found_of(not_bad, None, limits)) == (BAD, GOOD)


@pytest.mark.parametrize(("value", "n"), [(None, 99), (nan, 99), (inf, 99), (0.1, 9), (0.1, 0)])
def test_unknown_and_too_small_samples_say_nothing(value: float | None, n: int) -> None:
    assert found_of(value, n, TWICE) is UNKNOWN


def test_what_is_no_sample_needs_none() -> None:
    assert found_of(0.1, None, TWICE) is BAD


def test_two_bad_periods_in_a_row_raise_and_two_good_ones_clear() -> None:
    assert changes([BAD, BAD, BAD, GOOD, GOOD, GOOD], TWICE) == [
        "none", "raised", "held", "held", "cleared", "none",
    ]  # fmt: skip


def test_an_unknown_period_breaks_a_run_that_has_not_raised() -> None:
    assert changes([BAD, UNKNOWN, BAD, BAD], TWICE) == ["none", "none", "none", "raised"]


def test_an_unknown_period_clears_nothing_and_does_not_count_as_good() -> None:
    assert changes([BAD, BAD, GOOD, UNKNOWN, UNKNOWN, GOOD], TWICE)[-4:] == [
        "held", "held", "held", "cleared",
    ]  # fmt: skip


def test_between_the_thresholds_nothing_flutters() -> None:
    values = [0.89, 0.89, 0.91, 0.93, 0.91, 0.93, 0.93]
    found = [found_of(value, 50, TWICE) for value in values]
    assert found == [BAD, BAD, BETWEEN, GOOD, BETWEEN, GOOD, GOOD]
    assert changes(found, TWICE)[2:] == ["held", "held", "held", "held", "cleared"]


def test_one_that_comes_back_is_another_episode() -> None:
    limits = Limits(Operator.AT_LEAST, 1, good_to_clear=1)
    assert episodes([BAD, BAD, GOOD, BAD], limits) == [Episode(0, 1, 2), Episode(3, 3, None)]


@pytest.mark.parametrize(
    "limits",
    [
        Limits(Operator.BELOW, 0.9, clear=0.89),
        Limits(Operator.ABOVE, 5, clear=6),
        Limits(Operator.ABOVE, nan),
        Limits(Operator.ABOVE, 5, clear=inf),
        Limits(Operator.ABOVE, 5, duration=0),
        Limits(Operator.ABOVE, 5, good_to_clear=0),
        Limits(Operator.ABOVE, 5, least_n=-1),
    ],
)
def test_limits_that_can_not_be_judged_by_are_refused(limits: Limits) -> None:
    with pytest.raises(ValueError, match=r"must be|on the bad side"):
        check_limits(limits)


def test_a_straight_fall_reaches_the_floor_where_the_line_says() -> None:
    # 0.99, 0.98 … 0.92: the slope is −0.01 everywhere, so 0.90 is two months off.
    course = [0.99 - 0.01 * month for month in range(8)]
    found = crossing(course, 0.90, low_is_bad=True)
    assert found is not None
    assert found.periods == pytest.approx(2.0)
    assert (found.soonest, found.latest) == (pytest.approx(2.0), pytest.approx(2.0))


def test_a_rise_reaches_a_ceiling() -> None:
    found = crossing([10.0 * month for month in range(8)], 100, low_is_bad=False)
    assert found is not None
    assert found.periods == pytest.approx(3.0)


@pytest.mark.parametrize(
    "course",
    [
        [0.95, 0.93, 0.96, 0.94, 0.95, 0.93, 0.96, 0.94],  # no trend
        [0.91 + 0.01 * month for month in range(8)],  # the good way
        [0.95 - 0.01 * month for month in range(8)],  # there already
        [0.99 - 0.01 * month for month in range(7)],  # too few periods
        [0.99, None, None, 0.96, 0.95, None, 0.93, 0.92, 0.91],  # too few known ones
    ],
)
def test_nothing_is_predicted_without_a_significant_trend_that_gets_there(
    course: list[float | None],
) -> None:
    assert crossing(course, 0.90, low_is_bad=True) is None


def test_a_noisy_trend_may_never_get_there() -> None:
    course = [0.98, 0.99, 0.97, 0.985, 0.975, 0.98, 0.96, 0.97, 0.965, 0.975, 0.955, 0.968]
    found = crossing(course, 0.90, low_is_bad=True)
    assert found is not None
    assert found.soonest < found.periods
    assert found.latest is None or found.latest > found.periods


def test_each_rung_is_taken_once_and_in_time() -> None:
    waits = (0, 24, None, 72)
    assert [steps_due(hours, waits, set()) for hours in (0, 24, 71.9, 72)] == [
        (0,), (0, 1), (0, 1), (0, 1, 3),
    ]  # fmt: skip
    assert steps_due(100, waits, {0, 1, 3}) == ()


def test_usefulness_is_of_those_that_were_judged() -> None:
    assert usefulness(0, 0).rate is None
    found = usefulness(6, 14)
    # Wilson for 6 of 20, by hand: 0.1455 to 0.5190.
    assert found.rate == 0.3
    assert (found.lower, found.upper) == (
        pytest.approx(0.1455, abs=1e-4), pytest.approx(0.5190, abs=1e-4),
    )  # fmt: skip
    with pytest.raises(ValueError, match="at least 0"):
        usefulness(-1, 0)


def test_a_threshold_is_suggested_that_keeps_every_useful_alert() -> None:
    noise = [0.89, 0.885, 0.88, 0.82]
    assert suggested([0.80, 0.84], noise, Operator.BELOW) == Suggestion(0.84, 3)
    assert suggested([9.0, 12.0], [5.0, 6.0, 7.0], Operator.ABOVE) == Suggestion(9.0, 3)
    # Too few judged, more use than noise, nothing to spare, nothing useful.
    assert suggested([0.8], [0.89] * 3, Operator.BELOW) is None
    assert suggested([0.8] * 4, [0.89] * 3, Operator.BELOW) is None
    assert suggested([0.8] * 3, [0.7] * 3, Operator.BELOW) is None
    assert suggested([], [0.7] * 9, Operator.BELOW) is None
