"""Price against contract, invoices, and how soon a supplier answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.calc.commercial import (
    BilledLine,
    Request,
    answer_hours,
    answered_within,
    invoice_accuracy,
    price_variance,
)
from app.calc.measure import MeasureState

SENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = SENT + timedelta(days=3)
DAY = timedelta(days=1)


def billed(quantity: str, price: str, contract: str | None) -> BilledLine:
    agreed = None if contract is None else Decimal(contract)
    return BilledLine(Decimal(quantity), Decimal(price), "EUR", agreed, "EUR")


def after(hours: float | None) -> Request:
    return Request(SENT, None if hours is None else SENT + timedelta(hours=hours))


def test_price_variance_is_the_ratio_of_sums_not_the_mean_of_ratios() -> None:
    # 100 × 10.50 and 1 × 50 against 100 × 10 and 1 × 100: 1,100 against 1,100.
    found = price_variance([billed("100", "10.50", "10"), billed("1", "50", "100")])

    assert (found.value, found.numerator, found.denominator) == (0.0, 0.0, 1100.0)
    assert found.state is MeasureState.INSUFFICIENT


def test_line_without_contract_price_is_unknown_not_right() -> None:
    found = price_variance([billed("10", "5.10", "5"), billed("10", "9", None)])

    assert (found.value, found.n, found.unknown) == (0.02, 1, 1)
    assert found.reason == (
        "Too few invoice lines: 1; at least 10 are needed. Unknown invoice lines, left out: 1."
    )


def test_credit_note_takes_back_what_was_billed_too_high() -> None:
    lines = [billed("10", "6", "5"), billed("-10", "6", "5"), billed("10", "5", "5")]
    assert price_variance(lines).value == 0.0


def test_contract_in_another_currency_is_not_compared() -> None:
    line = BilledLine(Decimal(1), Decimal(5), "USD", Decimal(5), "EUR")
    assert price_variance([line]).state is MeasureState.NO_DATA


def test_currencies_are_never_mixed() -> None:
    dollars = BilledLine(Decimal(1), Decimal(5), "USD", Decimal(5), "USD")
    with pytest.raises(ValueError, match="lines are in EUR and USD"):
        price_variance([billed("1", "5", "5"), dollars])


def test_no_contract_value_is_unknown_not_a_division_by_zero() -> None:
    assert price_variance([billed("10", "5", "0")]).value is None
    assert price_variance([]).value is None


def test_invoice_that_nobody_checked_is_unknown() -> None:
    found = invoice_accuracy([True] * 39 + [False] + [None] * 5)

    assert (found.value, found.n, found.unknown) == (0.975, 40, 5)
    assert invoice_accuracy([None]).value is None


def test_mean_answer_counts_those_that_still_wait() -> None:
    found = answer_hours([after(2), after(4), after(6), after(None)], as_of=NOW)

    # Mean 4, sd 2, n 3: 4 ∓ 4.30265·2/√3 = 4 ∓ 4.96827, cut at 0.
    assert (found.value, found.n, found.unknown) == (4.0, 3, 1)
    assert (found.lo, found.hi) == (0.0, pytest.approx(8.96827, abs=1e-5))
    assert found.state is MeasureState.INSUFFICIENT


def test_one_answer_has_no_interval_and_none_no_mean() -> None:
    assert answer_hours([after(2)], as_of=NOW).lo is None
    assert answer_hours([after(None)], as_of=NOW).value is None


def test_order_without_acknowledgement_is_a_miss_once_the_limit_is_past() -> None:
    found = answered_within([after(24), after(25), after(None)], limit=DAY, as_of=NOW)
    assert (found.numerator, found.denominator) == (1, 3)


def test_order_within_the_limit_is_pending() -> None:
    requests = [after(2), after(None), after(30)]
    found = answered_within(requests, limit=DAY, as_of=SENT + DAY)
    assert (found.numerator, found.denominator, found.unknown) == (1, 1, 0)


def test_what_was_sent_or_answered_later_is_not_there_yet() -> None:
    later = Request(NOW + DAY, NOW + 2 * DAY)
    assert answer_hours([later, after(2)], as_of=NOW).n == 1
    assert answer_hours([after(100)], as_of=NOW).unknown == 1


def test_impossible_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="lies before sent_at"):
        Request(SENT, SENT - DAY)
    with pytest.raises(ValueError, match=r"sent_at is .* time zone"):
        Request(SENT.replace(tzinfo=None))
    with pytest.raises(ValueError, match=r"as_of is .* time zone"):
        answer_hours([], as_of=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="limit is 0:00:00"):
        answered_within([], limit=timedelta(0), as_of=NOW)
