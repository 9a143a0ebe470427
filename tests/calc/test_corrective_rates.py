"""Corrective action requests: answered in time, and how long it took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.calc.corrective_rates import Clock, response_hours, scar_on_time
from app.calc.measure import MeasureState

DUE = datetime(2026, 3, 16, 9, tzinfo=UTC)
ISSUED = DUE - timedelta(days=14)
NOW = DUE + timedelta(days=1)
HOUR = timedelta(hours=1)


def test_open_request_past_due_is_a_miss_and_one_not_due_is_pending() -> None:
    # Oracle scar_on_time_with_open_overdue, from the rule: 3 in time, 1 late, 1 open past
    # due, 2 open and not due: 3 of 5.
    in_time, late = Clock(ISSUED, DUE, DUE), Clock(ISSUED, DUE, DUE + HOUR)
    overdue, pending = Clock(ISSUED, DUE), Clock(ISSUED, NOW + HOUR)
    found = scar_on_time([in_time] * 3 + [late, overdue] + [pending] * 2, as_of=NOW)

    assert (found.numerator, found.denominator, found.value) == (3, 5, 0.6)
    assert (found.state, found.unknown) == (MeasureState.PROVISIONAL, 0)


def test_answer_before_its_due_time_counts_at_once() -> None:
    early = Clock(ISSUED, NOW + HOUR, NOW - HOUR)
    assert scar_on_time([early], as_of=NOW).value == 1.0


def test_answer_that_came_later_is_not_there_yet() -> None:
    clock = Clock(ISSUED, DUE, NOW + HOUR)
    assert scar_on_time([clock], as_of=DUE).value is None
    assert scar_on_time([clock], as_of=NOW).value == 0.0


def test_request_without_due_time_is_unknown() -> None:
    found = scar_on_time([Clock(ISSUED, None), Clock(ISSUED, DUE, DUE)], as_of=NOW)
    assert (found.value, found.n, found.unknown) == (1.0, 1, 1)


def test_no_request_is_unknown_not_perfect() -> None:
    found = scar_on_time([], as_of=NOW)
    assert (found.value, found.state) == (None, MeasureState.NO_DATA)


def test_mean_response_leaves_out_the_open_ones_and_counts_them() -> None:
    clocks = [
        Clock(ISSUED, DUE, ISSUED + 4 * HOUR),
        Clock(ISSUED, DUE, ISSUED + 8 * HOUR),
        Clock(ISSUED, DUE),
        Clock(ISSUED, DUE, NOW + HOUR),
        Clock(NOW + HOUR, None),
    ]
    found = response_hours(clocks, as_of=NOW)

    assert (found.measure.value, found.measure.n, found.still_open) == (6.0, 2, 2)


def test_nothing_answered_has_no_mean() -> None:
    found = response_hours([Clock(ISSUED, DUE)], as_of=NOW)
    assert (found.measure.value, found.still_open) == (None, 1)


def test_moment_of_counting_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match=r"as_of is .*, it must have a time zone"):
        scar_on_time([], as_of=NOW.replace(tzinfo=None))
