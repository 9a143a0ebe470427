"""Custom measures worked out: unknown stays unknown, nothing is divided by zero."""

from __future__ import annotations

from datetime import date

import pytest

from app.calc.custom_definition import (
    CheckedMeasure,
    Definition,
    Quantity,
    QuantityKind,
    Template,
    Term,
    checked,
)
from app.calc.custom_measure import Amount, LastDay, Observations, evaluate
from app.calc.measure import MeasureState

CATALOGUE = {
    "lines": Quantity(QuantityKind.COUNT, "lines"),
    "late": Quantity(QuantityKind.COUNT, "lines"),
    "hours": Quantity(QuantityKind.SUM, "hours"),
    "more hours": Quantity(QuantityKind.SUM, "hours"),
    "lead times": Quantity(QuantityKind.VALUES, "days"),
    "last stop": Quantity(QuantityKind.DAY, "days"),
}
LINES, LATE, HOURS, MORE = Term("lines"), Term("late"), Term("hours"), Term("more hours")
TIMES, STOP = Term("lead times"), Term("last stop")
AS_OF = date(2026, 3, 31)


def made(
    template: Template,
    *of: Term,
    over: tuple[Term, ...] = (),
    is_part: bool = False,
    p: float | None = None,
) -> CheckedMeasure:
    return checked(Definition("own", template, of, over, is_part=is_part, p=p), CATALOGUE)


SHARE = made(Template.RATE, LATE, over=(LINES,), is_part=True)
RATE = made(Template.RATE, HOURS, over=(LINES,))
TOTAL = made(Template.SUM, HOURS, MORE)
MEAN = made(Template.MEAN, HOURS, MORE)


def test_share_has_the_interval_and_the_state_of_a_rate() -> None:
    # Wilson 6 of 12 as in the oracle wilson_6_12.
    found = evaluate(SHARE, {LATE: Amount(6, 6), LINES: Amount(12, 12)}, as_of=AS_OF)

    assert (found.id, found.value, found.n, found.state) == ("own", 0.5, 12, "provisional")
    assert (found.lo, found.hi) == (
        pytest.approx(0.2538, abs=5e-5),
        pytest.approx(0.7462, abs=5e-5),
    )


def test_member_that_nobody_can_place_leaves_the_share() -> None:
    found = evaluate(SHARE, {LATE: Amount(6, 6, unknown=8), LINES: Amount(20, 20)}, as_of=AS_OF)
    assert (found.value, found.n, found.unknown) == (0.5, 12, 8)


def test_rate_of_a_over_b_is_the_ratio_of_sums() -> None:
    found = evaluate(RATE, {HOURS: Amount(18.0, 3), LINES: Amount(40, 40)}, as_of=AS_OF)

    assert (found.value, found.n, found.lo) == (0.45, 40, None)
    assert found.state is MeasureState.OK


@pytest.mark.parametrize("measure", [SHARE, RATE])
def test_division_by_zero_is_unknown(measure: CheckedMeasure) -> None:
    nothing = {LATE: Amount(0, 0), HOURS: Amount(0.0, 0), LINES: Amount(0, 0)}
    found = evaluate(measure, nothing, as_of=AS_OF)

    assert (found.value, found.state) == (None, MeasureState.NO_DATA)
    assert found.reason == "There is nothing to divide by in this period."


def test_what_the_feed_does_not_tell_is_unknown_not_zero() -> None:
    untold = {HOURS: Amount(None, 0), MORE: Amount(3.0, 1), LINES: Amount(40, 40)}
    for measure in (RATE, TOTAL, MEAN):
        found = evaluate(measure, untold, as_of=AS_OF)
        assert (found.value, found.state) == (None, MeasureState.NO_DATA)
    below = evaluate(RATE, {HOURS: Amount(1.0, 1), LINES: Amount(None, 0)}, as_of=AS_OF)
    assert below.reason == "The feed does not tell what is divided by. Ask for it."


def test_sum_speaks_of_all_there_is() -> None:
    all_known = evaluate(TOTAL, {HOURS: Amount(2.5, 2), MORE: Amount(1.5, 1)}, as_of=AS_OF)
    some = evaluate(TOTAL, {HOURS: Amount(2.5, 2), MORE: Amount(1.5, 1, unknown=2)}, as_of=AS_OF)

    assert (all_known.value, all_known.state, all_known.reason) == (4.0, MeasureState.OK, None)
    assert (some.value, some.state) == (4.0, MeasureState.PROVISIONAL)
    assert some.reason == "Unknown members, left out: 2."


def test_count_of_nothing_is_a_real_zero() -> None:
    found = evaluate(made(Template.COUNT, LINES), {LINES: Amount(0, 0)}, as_of=AS_OF)
    assert (found.value, found.state) == (0.0, MeasureState.OK)


def test_mean_is_over_members_not_over_sums() -> None:
    # (10 + 2) hours of 1 + 3 members, not the mean of 10 and 0.67.
    found = evaluate(MEAN, {HOURS: Amount(10.0, 1), MORE: Amount(2.0, 3)}, as_of=AS_OF)
    assert (found.value, found.n) == (3.0, 4)
    assert evaluate(MEAN, {HOURS: Amount(0.0, 0), MORE: Amount(0.0, 0)}, as_of=AS_OF).value is None


def test_percentile_interpolates_as_everywhere() -> None:
    # Oracle p90_type7.
    p90 = made(Template.PERCENTILE, TIMES, p=0.9)
    found = evaluate(p90, {TIMES: Observations([0, 2, -1, 5, 0, 3, 0, 12], unknown=1)}, as_of=AS_OF)

    assert found.value == pytest.approx(7.1)
    assert (found.n, found.unknown) == (8, 1)
    counted = Observations([-1, 0, 2, 3, 5, 12], unknown=1, counts=[1, 3, 1, 1, 1, 1])
    assert evaluate(p90, {TIMES: counted}, as_of=AS_OF) == found
    assert evaluate(p90, {TIMES: Observations([])}, as_of=AS_OF).value is None


def test_days_since_an_event_that_never_happened_are_unknown() -> None:
    since = made(Template.DAYS_SINCE, STOP)
    assert evaluate(since, {STOP: LastDay(date(2026, 3, 1))}, as_of=AS_OF).value == 30.0
    assert evaluate(since, {STOP: LastDay(AS_OF)}, as_of=AS_OF).value == 0.0
    assert evaluate(since, {STOP: LastDay(None)}, as_of=AS_OF).value is None


def test_event_after_the_as_of_day_is_refused() -> None:
    with pytest.raises(ValueError, match="event's day is 2026-04-01"):
        evaluate(made(Template.DAYS_SINCE, STOP), {STOP: LastDay(date(2026, 4, 1))}, as_of=AS_OF)


@pytest.mark.parametrize(
    ("measure", "gathered", "says"),
    [
        (RATE, {HOURS: Amount(1.0, 1)}, "'lines' was not gathered"),
        (RATE, {HOURS: LastDay(None), LINES: Amount(1, 1)}, "must come as an Amount"),
        (made(Template.PERCENTILE, TIMES, p=0.5), {TIMES: Amount(1.0, 1)}, "as Observations"),
        (made(Template.DAYS_SINCE, STOP), {STOP: Amount(1.0, 1)}, "as a LastDay"),
        (SHARE, {LATE: Amount(5, 5), LINES: Amount(4, 4)}, "true is 5 and known 4"),
        (SHARE, {LATE: Amount(1.5, 1), LINES: Amount(4, 4)}, r"a count is 1\.5"),
    ],
)
def test_what_does_not_fit_the_definition_is_refused(
    measure: CheckedMeasure, gathered: dict[Term, Amount], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        evaluate(measure, gathered, as_of=AS_OF)
