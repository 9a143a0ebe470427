"""Emergency coverage: sums of capacity by day, never more than the need, unknown apart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.calc.emergency_coverage import Standby, emergency_coverage

NEED = Decimal(1000)


def test_coverage_grows_by_day_and_stops_at_the_whole_need() -> None:
    found = emergency_coverage(
        NEED, [Standby(Decimal(900), 60), Standby(Decimal(250), 14), Standby(Decimal(50), 14)]
    )
    assert found.steps == ((14, 0.3), (60, 1.0))
    assert (found.first_in, found.share_within(30), found.share_within(13)) == (14, 0.3, 0.0)


def test_a_backup_that_nobody_knows_is_counted_and_adds_nothing() -> None:
    found = emergency_coverage(NEED, [Standby(Decimal(400), None), Standby(None, 10)])
    assert (found.share, found.steps, found.unknown) == (0.0, (), 2)


def test_without_a_known_need_nothing_is_said() -> None:
    found = emergency_coverage(None, [Standby(Decimal(400), 5)])
    assert (found.share, found.share_within(99), found.unknown) == (None, None, 0)
    assert emergency_coverage(Decimal(0), []).share == 1.0
    assert emergency_coverage(NEED, []).share == 0.0


@pytest.mark.parametrize(
    ("need", "standby"),
    [(Decimal(-1), []), (NEED, [Standby(Decimal(-1), 1)]), (NEED, [Standby(NEED, -1)])],
)
def test_numbers_below_zero_are_refused(need: Decimal, standby: list[Standby]) -> None:
    with pytest.raises(ValueError, match="must be at least 0"):
        emergency_coverage(need, standby)
