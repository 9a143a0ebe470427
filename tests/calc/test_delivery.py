"""The verdict on one line, as `judge_line` states it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.delivery import (
    DeliveryEvent,
    Line,
    LineState,
    LineVerdict,
    Receipt,
    ReceiptDates,
    VerdictReason,
    Window,
    delivery_event,
    event_date,
    judge_line,
    quantity_due,
    usable_quantity,
)

REF = date(2026, 3, 5)
MONTH_END = date(2026, 3, 31)
FIVE_PERCENT = Window(under_ppm=50_000, over_ppm=50_000)


def on(day: int) -> date:
    """Return a day of March 2026."""
    return date(2026, 3, day)


def judge(
    *receipts: Receipt,
    ordered: int | None = 1000,
    window: Window | None = None,
    reference_on: date | None = REF,
    as_of: date = MONTH_END,
    **options: bool,
) -> LineVerdict:
    line = Line(ordered, reference_on, ordered_on=date(2026, 2, 1))
    return judge_line(line, receipts, window=window or Window(), as_of=as_of, **options)


def test_balance_one_day_late_is_not_otif_but_its_units_count() -> None:
    verdict = judge(Receipt(on(5), 990), Receipt(on(6), 10))

    assert verdict.state is LineState.DUE
    assert verdict.otif is False
    assert verdict.in_full is True
    assert verdict.unit_on_time == 990
    assert verdict.lateness_days == 1
    assert verdict.lead_time_days == 33
    assert verdict.reason is VerdictReason.LATE


def test_split_receipts_complete_in_the_window_are_otif() -> None:
    verdict = judge(Receipt(on(3), 600), Receipt(on(5), 400))

    assert (verdict.otif, verdict.on_time, verdict.in_full) == (True, True, True)
    assert verdict.reason is None


def test_split_receipts_fail_otif_where_the_rule_wants_one_receipt() -> None:
    verdict = judge(Receipt(on(3), 600), Receipt(on(5), 400), allow_split=False)

    assert (verdict.otif, verdict.on_time, verdict.in_full) == (False, True, True)
    assert verdict.reason is VerdictReason.SPLIT


def test_one_whole_receipt_is_otif_where_the_rule_wants_one() -> None:
    assert judge(Receipt(on(5), 1000), allow_split=False).otif is True


def test_early_beyond_the_window_is_not_otif() -> None:
    verdict = judge(Receipt(on(3), 600), Receipt(on(5), 400), window=Window(early_days=1))

    assert (verdict.otif, verdict.on_time, verdict.in_full) == (False, False, True)
    assert verdict.early_quantity == 600
    assert verdict.quantity_in_window == 400
    assert verdict.reason is VerdictReason.EARLY


def test_early_quantity_within_the_over_tolerance_does_not_fail_the_line() -> None:
    window = Window(early_days=1, over_ppm=50_000)

    verdict = judge(Receipt(on(3), 50), Receipt(on(5), 1000), window=window)
    one_more = judge(Receipt(on(3), 51), Receipt(on(5), 999), window=window)

    assert verdict.otif is True
    assert (one_more.on_time, one_more.otif) == (False, False)


def test_under_delivery_within_tolerance_is_otif_but_its_units_are_not_raised() -> None:
    verdict = judge(Receipt(on(4), 960), window=FIVE_PERCENT)

    assert verdict.otif is True
    assert verdict.unit_on_time == 960


def test_tolerance_is_exact_at_its_edge() -> None:
    assert judge(Receipt(on(4), 950), window=FIVE_PERCENT).in_full is True
    assert judge(Receipt(on(4), 949), window=FIVE_PERCENT).in_full is False
    assert judge(Receipt(on(4), 1050), window=FIVE_PERCENT).in_full is True
    assert judge(Receipt(on(4), 1051), window=FIVE_PERCENT).in_full is False


def test_over_delivery_beyond_tolerance_fails_otif_and_units_are_capped() -> None:
    verdict = judge(Receipt(on(4), 1060), window=FIVE_PERCENT)

    assert (verdict.otif, verdict.on_time, verdict.in_full) == (False, True, False)
    assert verdict.unit_on_time == 1000
    assert verdict.reason is VerdictReason.OVER_DELIVERED


def test_open_past_due_line_counts_as_a_miss() -> None:
    verdict = judge()

    assert verdict.state is LineState.DUE
    assert (verdict.otif, verdict.on_time, verdict.in_full) == (False, False, False)
    assert (verdict.total, verdict.unit_on_time) == (0, 0)
    assert verdict.completed_on is None
    assert verdict.reason is VerdictReason.NOTHING_RECEIVED


def test_short_line_never_completes() -> None:
    verdict = judge(Receipt(on(4), 400))

    assert verdict.completed_on is None
    assert verdict.lateness_days is None
    assert verdict.reason is VerdictReason.SHORT


def test_line_not_yet_due_is_pending() -> None:
    verdict = judge(Receipt(date(2026, 3, 20), 400), reference_on=date(2026, 4, 10))

    assert verdict.state is LineState.PENDING
    assert (verdict.otif, verdict.on_time, verdict.in_full) == (None, None, None)
    assert verdict.unit_on_time is None
    assert verdict.total == 400


def test_window_still_open_is_pending_even_when_complete() -> None:
    verdict = judge(
        Receipt(on(30), 100),
        ordered=100,
        reference_on=on(31),
        window=Window(late_days=2),
        as_of=on(31),
    )

    assert verdict.state is LineState.PENDING
    assert verdict.completed_on == on(30)


def test_window_counts_at_the_close_of_its_last_day() -> None:
    verdict = judge(
        Receipt(on(30), 100),
        ordered=100,
        reference_on=on(31),
        window=Window(late_days=2),
        as_of=date(2026, 4, 2),
    )

    assert verdict.state is LineState.DUE
    assert verdict.otif is True
    assert verdict.window_closes_on == date(2026, 4, 2)


def test_receipts_after_the_judged_day_are_not_known_yet() -> None:
    verdict = judge(Receipt(on(20), 1000), as_of=on(10))

    assert verdict.reason is VerdictReason.NOTHING_RECEIVED
    assert verdict.completed_on is None


def test_line_wholly_cancelled_by_the_buyer_in_time_is_excluded() -> None:
    line = Line(100, REF, quantity_cancelled_buyer=100, cancelled_on=on(5))

    verdict = judge_line(line, (), window=Window(), as_of=MONTH_END)

    assert verdict.state is LineState.EXCLUDED
    assert verdict.reason is VerdictReason.CANCELLED_BY_BUYER
    assert verdict.otif is None


def test_line_of_which_nothing_was_ordered_is_excluded_as_such() -> None:
    verdict = judge_line(Line(0, REF), (), window=Window(), as_of=MONTH_END)

    assert verdict.state is LineState.EXCLUDED
    assert verdict.reason is VerdictReason.NOTHING_ORDERED


def test_line_partly_cancelled_by_the_buyer_owes_the_rest() -> None:
    line = Line(100, REF, quantity_cancelled_buyer=40, cancelled_on=on(1))

    verdict = judge_line(line, [Receipt(on(5), 60)], window=Window(), as_of=MONTH_END)

    assert verdict.quantity_due == 60
    assert verdict.otif is True


def test_cancellation_after_the_window_does_not_lower_what_was_owed() -> None:
    line = Line(100, REF, quantity_cancelled_buyer=100, cancelled_on=on(6))

    verdict = judge_line(line, (), window=Window(), as_of=MONTH_END)

    assert verdict.state is LineState.DUE
    assert verdict.otif is False


def test_undated_cancellation_counts_as_made_in_time() -> None:
    line = Line(100, REF, quantity_cancelled_buyer=40)

    assert quantity_due(line, REF) == 60


def test_line_without_reference_date_is_excluded() -> None:
    verdict = judge(Receipt(on(5), 1000), reference_on=None)

    assert verdict.state is LineState.EXCLUDED
    assert verdict.reason is VerdictReason.REFERENCE_DATE_UNKNOWN


def test_late_line_without_quantity_is_late_but_its_otif_is_unknown() -> None:
    verdict = judge(Receipt(on(9), None), receipt_completes_line=True, feed_has_quantities=False)

    assert verdict.on_time is False
    assert (verdict.in_full, verdict.otif, verdict.unit_on_time) == (None, None, None)
    assert verdict.lateness_days == 4
    assert verdict.reason is VerdictReason.RECEIPT_QUANTITY_UNKNOWN


def test_receipt_without_quantity_completes_its_line_only_where_the_feed_says_so() -> None:
    said = judge(Receipt(on(5), None), receipt_completes_line=True)
    unsaid = judge(Receipt(on(5), None))

    assert (said.on_time, said.completed_on, said.otif) == (True, REF, None)
    assert (unsaid.on_time, unsaid.completed_on, unsaid.otif) == (None, None, None)


def test_receipt_without_quantity_before_the_window_is_not_on_time() -> None:
    window = Window(early_days=1)

    assert judge(Receipt(on(3), None), window=window, receipt_completes_line=True).on_time is False


def test_no_receipt_in_a_feed_without_quantities_is_late_but_not_short() -> None:
    verdict = judge(receipt_completes_line=True, feed_has_quantities=False)

    assert (verdict.on_time, verdict.in_full, verdict.otif) == (False, None, None)
    assert verdict.total is None


def test_no_receipt_in_a_feed_that_tells_nothing_is_unknown() -> None:
    verdict = judge(feed_has_quantities=False)

    assert (verdict.on_time, verdict.in_full, verdict.otif) == (None, None, None)


def test_one_unknown_quantity_makes_the_line_unknown_even_if_the_rest_decides() -> None:
    verdict = judge(Receipt(on(4), 1000), Receipt(on(5), None))

    assert (verdict.on_time, verdict.in_full, verdict.otif) == (None, None, None)


def test_receipt_without_date_is_in_full_but_never_on_time() -> None:
    verdict = judge(Receipt(None, 1000))

    assert verdict.in_full is True
    assert (verdict.on_time, verdict.otif, verdict.completed_on) == (None, None, None)
    assert verdict.reason is VerdictReason.RECEIPT_DATE_UNKNOWN


def test_unknown_ordered_quantity_leaves_only_the_event() -> None:
    by_quantity = judge(Receipt(on(5), 1000), ordered=None)
    by_event = judge(Receipt(on(5), None), ordered=None, receipt_completes_line=True)

    assert (by_quantity.on_time, by_quantity.otif) == (None, None)
    assert (by_event.on_time, by_event.otif) == (True, None)
    assert by_quantity.reason is VerdictReason.ORDERED_QUANTITY_UNKNOWN


def test_rejects_do_not_count_where_the_rule_says_accepted_only() -> None:
    receipt = Receipt(on(5), 1000, quantity_rejected=1)

    assert judge(receipt).otif is True
    assert judge(receipt, accepted_only=True).otif is False


def test_unknown_rejects_leave_an_accepted_only_verdict_unknown() -> None:
    verdict = judge(Receipt(on(5), 1000), accepted_only=True)
    by_event = judge(Receipt(on(5), 1000), accepted_only=True, receipt_completes_line=True)

    assert (verdict.on_time, verdict.otif, verdict.completed_on) == (None, None, None)
    assert by_event.on_time is None


def test_rejected_goods_that_went_back_are_counted_once() -> None:
    receipt = Receipt(on(5), 100, quantity_rejected=30, quantity_returned=20)

    assert usable_quantity(receipt) == 80
    assert usable_quantity(receipt, accepted_only=True) == 70


def test_reversed_receipt_reads_as_if_it_had_never_come() -> None:
    verdict = judge(Receipt(on(4), 1000), Receipt(on(4), -1000), Receipt(on(9), 1000))

    assert verdict.completed_on == on(9)
    assert verdict.on_time is False


def test_completion_is_the_day_on_which_enough_has_come() -> None:
    verdict = judge(
        Receipt(on(9), 45), Receipt(on(2), 905), Receipt(on(12), 50), window=FIVE_PERCENT
    )

    assert verdict.completed_on == on(9)
    assert verdict.lateness_days == 4


@pytest.mark.parametrize(
    ("incoterm", "event"),
    [
        ("EXW", DeliveryEvent.HAND_OVER),
        ("fca Milano", DeliveryEvent.HAND_OVER),
        ("FOB", DeliveryEvent.HAND_OVER),
        ("CIP", DeliveryEvent.DISPATCH),
        ("CFR Hamburg", DeliveryEvent.DISPATCH),
        ("DDP", DeliveryEvent.ARRIVAL),
        ("N/A - From RDC", DeliveryEvent.ARRIVAL),
        (None, DeliveryEvent.ARRIVAL),
    ],
)
def test_delivery_event_follows_the_incoterm(incoterm: str | None, event: DeliveryEvent) -> None:
    assert delivery_event(incoterm) is event


def test_ex_works_is_judged_at_hand_over_and_falls_back_to_later_events() -> None:
    every = ReceiptDates(on(1), on(2), on(8), on(9))
    posted = ReceiptDates(posted_on=on(9))

    assert event_date(every, "EXW") == (on(1), DeliveryEvent.HAND_OVER)
    assert event_date(every, "CIP") == (on(2), DeliveryEvent.DISPATCH)
    assert event_date(every, "DAP") == (on(8), DeliveryEvent.ARRIVAL)
    assert event_date(posted, "EXW") == (on(9), DeliveryEvent.POSTING)


def test_goods_that_left_have_not_arrived() -> None:
    assert event_date(ReceiptDates(ready_on=on(1), dispatched_on=on(2)), "DDP") == (None, None)


@pytest.mark.parametrize(
    "values",
    [{"early_days": -1}, {"late_days": -1}, {"under_ppm": 1_000_000}, {"over_ppm": -1}],
)
def test_window_refuses_what_cannot_be_a_rule(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        Window(**values)


windows = st.builds(
    Window,
    early_days=st.none() | st.integers(0, 5),
    late_days=st.integers(0, 5),
    under_ppm=st.integers(0, 200_000),
    over_ppm=st.integers(0, 200_000),
)
some_days = st.integers(-10, 30).map(lambda days: REF + timedelta(days=days))
receipts = st.lists(
    st.builds(
        Receipt,
        event_on=st.none() | some_days,
        quantity=st.none() | st.integers(0, 120),
        quantity_rejected=st.none() | st.integers(0, 5),
    ),
    max_size=5,
)


@given(
    ordered=st.none() | st.integers(1, 120),
    came=receipts,
    window=windows,
    as_of=some_days,
    split=st.booleans(),
    accepted=st.booleans(),
    completes=st.booleans(),
    quantities=st.booleans(),
)
def test_otif_implies_on_time_and_in_full(
    ordered: int | None,
    came: list[Receipt],
    window: Window,
    as_of: date,
    split: bool,
    accepted: bool,
    completes: bool,
    quantities: bool,
) -> None:
    verdict = judge_line(
        Line(ordered, REF),
        came,
        window=window,
        as_of=as_of,
        allow_split=split,
        accepted_only=accepted,
        receipt_completes_line=completes,
        feed_has_quantities=quantities,
    )

    if verdict.otif:
        assert verdict.on_time is True
        assert verdict.in_full is True
    if verdict.otif is not None:
        assert verdict.on_time is not None
        assert verdict.in_full is not None
    assert (verdict.reason is None) is (verdict.otif is True)
    if verdict.state is LineState.PENDING:
        assert (verdict.on_time, verdict.in_full, verdict.otif) == (None, None, None)
    if verdict.unit_on_time is not None and verdict.quantity_due is not None:
        assert 0 <= verdict.unit_on_time <= verdict.quantity_due


@given(came=receipts, window=windows)
def test_order_of_receipts_does_not_matter(came: list[Receipt], window: Window) -> None:
    line = Line(100, REF)

    forwards = judge_line(line, came, window=window, as_of=MONTH_END)
    backwards = judge_line(line, came[::-1], window=window, as_of=MONTH_END)

    assert forwards == backwards
