"""Recovery times: worked by hand from the rule; open disruptions only bound the mean."""

from __future__ import annotations

from datetime import UTC, datetime

from app.calc.recovery_times import Course, MeanRecovery, delays, mean_recovery

NOW = datetime(2026, 3, 31, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


def test_open_disruptions_bound_the_mean_and_never_enter_it() -> None:
    closed = [Course(day(1), day(2), None, day(5)), Course(day(10), day(10), None, day(12))]
    running = Course(day(21), day(22), None, None)
    unknown = Course(None, day(3), None, day(4))
    found = mean_recovery([*closed, running, unknown], now=NOW)
    # (4 + 2) / 2 days; with ten days of the open one (4 + 2 + 10) / 3.
    assert found == MeanRecovery(mean=72.0, at_least=128.0, closed=2, running=1, unknown=1)


def test_nothing_restored_has_no_mean_and_nothing_known_no_bound() -> None:
    running = mean_recovery([Course(day(30), day(30), None, None)], now=NOW)
    assert (running.mean, running.at_least) == (None, 24.0)
    nobody_knows = mean_recovery([Course(None, day(30), None, day(31))], now=NOW)
    assert nobody_knows == MeanRecovery(None, None, closed=0, running=0, unknown=1)


def test_an_unknown_side_leaves_its_delay_unknown() -> None:
    found = delays(Course(None, day(2), day(3), None), now=NOW)
    assert (found.detection, found.decision, found.recovery, found.lasts) == (
        None,
        24.0,
        None,
        None,
    )
    early = delays(Course(day(4), day(2), None, None), now=NOW)
    assert early.detection == -48.0
