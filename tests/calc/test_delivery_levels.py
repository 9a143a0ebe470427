"""The same lines by line, order, unit and value; call-offs; perfect orders."""

from __future__ import annotations

from datetime import date

import pytest

from app.calc.call_off import CallOff, net_call_offs
from app.calc.delivery import Line, LineState, LineVerdict, Receipt, Window, judge_line
from app.calc.delivery_levels import (
    AgeBucket,
    Backlog,
    Claim,
    OpenLine,
    age_bucket,
    backlog,
    fill_by_line,
    fill_by_unit,
    line_rate,
    otif_by_order,
    otif_by_unit,
    otif_by_value,
)
from app.calc.measure import MeasureState
from app.calc.perfect_order import PerfectLine, perfect_orders

DUE_ON = date(2026, 3, 5)
AS_OF = date(2026, 3, 31)


def line_of(ordered: int, came: int | None, *, day: date = DUE_ON) -> LineVerdict:
    return judge_line(Line(ordered, DUE_ON), [Receipt(day, came)], window=Window(), as_of=AS_OF)


def pending_line() -> LineVerdict:
    return judge_line(Line(10, date(2026, 4, 5)), (), window=Window(), as_of=AS_OF)


PO1 = [line_of(100, 100), line_of(50, 50)]
PO2 = [line_of(200, 180), line_of(10, 0)]
PO3 = [line_of(40, 40)]
LINES = [*PO1, *PO2, *PO3]


def test_same_facts_give_another_rate_at_every_level() -> None:
    assert line_rate(LINES, Claim.OTIF).value == pytest.approx(0.6, abs=1e-9)
    assert otif_by_order([PO1, PO2, PO3]).value == pytest.approx(0.6666666666666666, abs=1e-9)
    assert otif_by_unit(LINES).value == pytest.approx(0.925, abs=1e-9)


def test_value_level_weighs_units_by_price() -> None:
    # (100·2 + 20·1)/(100·2 + 50·1)
    priced = [(line_of(100, 100), 2), (line_of(50, 20), 1)]

    assert otif_by_value(priced).value == pytest.approx(0.88, abs=1e-9)


def test_line_without_price_is_left_out_of_the_value_level() -> None:
    measure = otif_by_value([(line_of(100, 100), 2), (line_of(50, 20), None)])

    assert (measure.value, measure.n, measure.unknown) == (1.0, 1, 1)


def test_rate_over_no_due_line_is_unknown() -> None:
    for measure in (
        line_rate([], Claim.OTIF),
        line_rate([pending_line()], Claim.ON_TIME),
        otif_by_order([[pending_line()]]),
        otif_by_unit([]),
        fill_by_unit([]),
    ):
        assert measure.value is None
        assert measure.state is MeasureState.NO_DATA


def test_line_of_unknown_quantity_is_counted_as_unknown_not_as_a_miss() -> None:
    measure = line_rate([*LINES, line_of(10, None)], Claim.OTIF)

    assert (measure.n, measure.unknown) == (5, 1)
    assert measure.value == pytest.approx(0.6)


def test_order_with_a_pending_line_waits() -> None:
    assert otif_by_order([PO1, [line_of(1, 1), pending_line()]]).n == 1


def test_order_with_an_unknown_line_is_unknown_even_if_another_fails() -> None:
    measure = otif_by_order([PO1, [line_of(10, 0), line_of(10, None)]])

    assert (measure.n, measure.unknown, measure.value) == (1, 1, 1.0)


def test_excluded_line_does_not_spoil_its_order() -> None:
    excluded = LineVerdict(LineState.EXCLUDED, None)

    assert otif_by_order([[*PO1, excluded]]).value == 1.0


def test_fill_counts_early_units_and_ultimate_fill_forgets_the_date() -> None:
    window = Window(early_days=1)
    came = [Receipt(date(2026, 3, 1), 30), Receipt(DUE_ON, 50), Receipt(date(2026, 3, 9), 20)]
    verdict = judge_line(Line(100, DUE_ON), came, window=window, as_of=AS_OF)

    assert otif_by_unit([verdict]).value == 0.5
    assert fill_by_unit([verdict]).value == 0.8
    assert fill_by_unit([verdict], by_window_end=False).value == 1.0
    assert fill_by_line([verdict]).value == 0.0
    assert fill_by_line([verdict], under_ppm=200_000).value == 1.0


def test_unit_rate_never_exceeds_one() -> None:
    assert otif_by_unit([line_of(1000, 1060)]).value == 1.0


def test_call_offs_are_netted_first_in_first_out() -> None:
    schedule = [CallOff(date(2026, 3, 1), 100), CallOff(date(2026, 3, 8), 100)]
    came = [Receipt(date(2026, 3, 9), 50), Receipt(date(2026, 3, 1), 150)]

    first, second = (
        judge_line(Line(each.quantity, each.due_on), served, window=Window(), as_of=AS_OF)
        for each, served in zip(schedule, net_call_offs(schedule, came), strict=True)
    )

    assert first.otif is True
    assert second.otif is False
    assert (second.quantity_in_window, second.total) == (50, 100)


def test_surplus_of_an_agreement_stays_visible_on_its_last_line() -> None:
    schedule = [CallOff(date(2026, 3, 8), 100), CallOff(date(2026, 3, 1), 100)]
    came = [Receipt(date(2026, 3, 1), 230)]

    last, first = net_call_offs(schedule, came)

    assert [receipt.quantity for receipt in first] == [100]
    assert [receipt.quantity for receipt in last] == [130]


def test_unknown_receipt_of_an_agreement_leaves_every_line_unknown() -> None:
    schedule = [CallOff(date(2026, 3, 1), 100), CallOff(date(2026, 3, 8), 100)]
    served = net_call_offs(schedule, [Receipt(date(2026, 3, 1), 100), Receipt(DUE_ON, None)])

    for call_off, receipts in zip(schedule, served, strict=True):
        verdict = judge_line(
            Line(call_off.quantity, call_off.due_on),
            receipts,
            window=Window(),
            as_of=AS_OF,
            receipt_completes_line=True,
        )
        assert (verdict.on_time, verdict.in_full, verdict.otif) == (None, None, None)


def test_reversal_must_be_netted_before_call_offs() -> None:
    with pytest.raises(ValueError, match="net of reversals"):
        net_call_offs([CallOff(DUE_ON, 10)], [Receipt(DUE_ON, -5)])


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, None),
        (1, AgeBucket.WEEK),
        (7, AgeBucket.WEEK),
        (8, AgeBucket.MONTH),
        (30, AgeBucket.MONTH),
        (31, AgeBucket.OLDER),
    ],
)
def test_open_lines_are_aged_by_their_date(days: int, bucket: AgeBucket | None) -> None:
    assert age_bucket(days) is bucket


def test_backlog_adds_up_by_age_and_leaves_an_unknown_value_unknown() -> None:
    lines = [
        OpenLine(date(2026, 3, 30), 5, 500),
        OpenLine(date(2026, 3, 25), 7, 700),
        OpenLine(date(2026, 1, 1), 9),
        OpenLine(date(2026, 4, 30), 9, 1),
    ]

    assert backlog(lines, as_of=AS_OF) == {
        AgeBucket.WEEK: Backlog(2, 12, 1200),
        AgeBucket.MONTH: Backlog(0, 0, 0),
        AgeBucket.OLDER: Backlog(1, 9, None),
    }


GOOD = PerfectLine(in_full=True, on_time=True, documents_ok=True, undamaged=True)
BAD = PerfectLine(in_full=False, on_time=False, documents_ok=False, undamaged=False)


def test_failures_that_coincide_leave_nine_of_ten_perfect() -> None:
    # Each component is 90 %; their product, 65.61 %, would be wrong.
    result = perfect_orders([[GOOD]] * 9 + [[BAD]])

    assert result.measure.value == pytest.approx(0.9, abs=1e-9)
    assert result.coverage == 1.0


def test_order_is_perfect_only_if_every_line_is() -> None:
    assert perfect_orders([[GOOD, BAD], [GOOD, GOOD]]).measure.value == 0.5


def test_unrecorded_papers_are_not_assumed_right() -> None:
    unrecorded = PerfectLine(in_full=True, on_time=True, documents_ok=None, undamaged=True)
    failed = PerfectLine(in_full=False, on_time=True, documents_ok=None, undamaged=True)

    result = perfect_orders([[GOOD], [unrecorded], [failed], [GOOD]])

    assert (result.measure.value, result.measure.n, result.measure.unknown) == (1.0, 2, 2)
    assert result.coverage == 0.5


def test_perfect_orders_of_nothing_are_unknown() -> None:
    result = perfect_orders([])

    assert (result.measure.value, result.coverage) == (None, None)
