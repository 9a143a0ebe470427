"""When figures become final and closed, and what a correction does then."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.calendars import BusinessCalendar
from app.calc.closing import (
    CardFigures,
    ClosingStage,
    Consequence,
    CorrectionKind,
    closing_days,
    rule_on_correction,
)

CARD = CardFigures(84.0, "B", "low", Decimal("-1200.00"), "EUR")


def test_period_is_final_on_its_fifth_working_day_and_closed_ten_later() -> None:
    # October 2026 ends on a Saturday: working days 2–6 November, then 9–20 November.
    days = closing_days(date(2026, 10, 31))
    assert (days.final_on, days.disputed_until) == (date(2026, 11, 6), date(2026, 11, 20))


def test_holidays_put_the_closing_off() -> None:
    # After 30 September: 3 October is a Saturday; 1 and 2 October are off here.
    calendar = BusinessCalendar(holidays={date(2026, 10, 1), date(2026, 10, 2)})
    days = closing_days(date(2026, 9, 30), calendar=calendar)
    assert (days.final_on, days.disputed_until) == (date(2026, 10, 9), date(2026, 10, 23))


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2026, 10, 31), ClosingStage.RUNNING),
        (date(2026, 11, 1), ClosingStage.PRELIMINARY),
        (date(2026, 11, 5), ClosingStage.PRELIMINARY),
        (date(2026, 11, 6), ClosingStage.FINAL),
        (date(2026, 11, 20), ClosingStage.FINAL),
        (date(2026, 11, 21), ClosingStage.CLOSED),
    ],
)
def test_stage_follows_the_days(day: date, stage: ClosingStage) -> None:
    assert closing_days(date(2026, 10, 31)).stage_on(day) is stage


def test_numbers_of_days_have_ranges() -> None:
    with pytest.raises(ValueError, match="final_after is 0"):
        closing_days(date(2026, 10, 31), final_after=0)
    with pytest.raises(ValueError, match="dispute is -1"):
        closing_days(date(2026, 10, 31), dispute=-1)


@pytest.mark.parametrize(
    "stage", [ClosingStage.RUNNING, ClosingStage.PRELIMINARY, ClosingStage.FINAL]
)
def test_before_closing_a_correction_simply_enters(stage: ClosingStage) -> None:
    ruling = rule_on_correction(stage, CARD, corrected=CardFigures(12.0, "D", "critical"))

    assert (ruling.kind, ruling.because) == (CorrectionKind.ENTERS, ())
    assert ruling.points_change == -72.0
    assert ruling.needs_approval is False


@pytest.mark.parametrize(
    ("corrected", "because"),
    [
        (CardFigures(84.0, "A", "low", Decimal("-1200.00"), "EUR"), Consequence.GRADE),
        (CardFigures(84.0, "B", "high", Decimal("-1200.00"), "EUR"), Consequence.BAND),
        (CardFigures(84.0, "B", "low", Decimal("-1200.01"), "EUR"), Consequence.MONEY),
        (CardFigures(83.5, "B", "low", Decimal("-1200.00"), "EUR"), Consequence.POINTS),
        (CardFigures(84.5, "B", "low", Decimal("-1200.00"), "EUR"), Consequence.POINTS),
    ],
)
def test_closed_card_is_restated_when_something_with_consequences_changes(
    corrected: CardFigures, because: Consequence
) -> None:
    ruling = rule_on_correction(ClosingStage.CLOSED, CARD, corrected=corrected)

    assert (ruling.kind, ruling.because) == (CorrectionKind.RESTATEMENT, (because,))
    assert ruling.needs_approval is True


def test_less_than_half_a_point_waits_for_the_next_card() -> None:
    corrected = CardFigures(84.499, "B", "low", Decimal("-1200.00"), "EUR")
    ruling = rule_on_correction(ClosingStage.CLOSED, CARD, corrected=corrected)

    assert (ruling.kind, ruling.because) == (CorrectionKind.PRIOR_PERIOD_LINE, ())
    assert ruling.needs_approval is False


def test_half_a_point_is_half_a_point_in_binary_too() -> None:
    # 64.1 − 63.6 is 0.49999999999999289 in binary fractions.
    assert 64.1 - 63.6 < 0.5
    ruling = rule_on_correction(ClosingStage.CLOSED, CardFigures(63.6), corrected=CardFigures(64.1))
    assert ruling.because == (Consequence.POINTS,)


def test_all_consequences_are_named() -> None:
    ruling = rule_on_correction(
        ClosingStage.CLOSED, CARD, corrected=CardFigures(60.0, "D", "high", Decimal(0), "EUR")
    )
    assert ruling.because == tuple(Consequence)


def test_score_that_becomes_known_or_unknown_is_a_change() -> None:
    known, unknown = CardFigures(84.0), CardFigures(None)
    for before, after in ((known, unknown), (unknown, known)):
        ruling = rule_on_correction(ClosingStage.CLOSED, before, corrected=after)
        assert (ruling.because, ruling.points_change) == ((Consequence.POINTS,), None)
    still = rule_on_correction(ClosingStage.CLOSED, unknown, corrected=unknown)
    assert still.kind is CorrectionKind.PRIOR_PERIOD_LINE


def test_money_of_two_currencies_is_not_compared() -> None:
    other = CardFigures(84.0, "B", "low", Decimal("-1200.00"), "USD")
    with pytest.raises(ValueError, match="currency is USD beside EUR"):
        rule_on_correction(ClosingStage.CLOSED, CARD, corrected=other)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 60))
def test_stages_never_go_back(period_end: date, gone: int) -> None:
    days, order = closing_days(period_end), list(ClosingStage)
    today = period_end + timedelta(days=gone)
    now, tomorrow = days.stage_on(today), days.stage_on(today + timedelta(days=1))
    assert order.index(now) <= order.index(tomorrow) <= order.index(now) + 1


def test_figures_are_final_on_the_fifth_business_day_and_disputed_for_ten_more() -> None:
    days = closing_days(date(2012, 12, 31))
    assert days.final_on == date(2013, 1, 7)
    assert days.disputed_until == date(2013, 1, 21)


def test_a_weekend_does_not_count() -> None:
    assert closing_days(date(2026, 10, 30), final_after=1).final_on == date(2026, 11, 2)
