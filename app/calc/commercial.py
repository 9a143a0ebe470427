"""Price, invoices, answers: what a supplier bills against its contract and how soon it answers.

Money of one measure is in one currency; hours are elapsed time, nights included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import fmean, stdev

import numpy as np

from app.calc.measure import (
    LINES_OK,
    LINES_PROVISIONAL,
    Measure,
    no_data,
    rate,
    sample_state,
    statistic,
    weakness,
)
from app.calc.quality_columns import mean_intervals

INVOICE_LINES = "invoice lines"
NO_CONTRACT_PRICE = "No invoice line has a contract price in its own currency. Import the prices."
NO_INVOICES = "No invoice line was checked in this period. Import invoices with their check."
NO_ANSWERS = "No answer is recorded. Import when requests were sent and answered."
HOUR = timedelta(hours=1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One invoice line beside its contract; None where a fact is not known.

    Prices per unit, in `currency` and `contract_currency`; quantity in the order's unit.
    """

    quantity: Decimal | None
    unit_price: Decimal | None
    currency: str | None
    contract_price: Decimal | None = None
    contract_currency: str | None = None

    @property
    def is_comparable(self) -> bool:
        """Whether billed and contract value are both known, in one currency."""
        facts = (self.quantity, self.unit_price, self.contract_price)
        return None not in facts and self.currency == self.contract_currency


def price_variance(lines: Iterable[BilledLine]) -> Measure:
    """Build the measure of what was billed beyond the contract, per contract value.

    Formula: Σ q·(billed − contract)/Σ q·contract, over the lines with both prices in one
    currency.

    Args:
        lines: shape (n,), invoice lines of a period; credit notes have negative quantities.
    Returns:
        The measure `price_variance` [fraction], higher is worse, negative is below contract;
        numerator and denominator in money. Lines without contract price are unknown.
    Raises:
        ValueError: comparable lines are in several currencies (convert them first).
    Source: purchase price variance against contract, domain rules §0.4; house rule.
    Edge cases: a contract value of 0 or below in all is no_data.

    >>> line = BilledLine(Decimal(10), Decimal("5.10"), "EUR", Decimal(5), "EUR")
    >>> price_variance([line]).value
    0.02
    """
    every = list(lines)
    known = [line for line in every if line.is_comparable]
    currencies = sorted({line.currency or "?" for line in known})
    if len(currencies) > 1:
        raise ValueError(
            f"lines are in {' and '.join(currencies)}; convert them to one currency first"
        )
    billed = sum((_value(line.quantity, line.unit_price) for line in known), ZERO)
    contract = sum((_value(line.quantity, line.contract_price) for line in known), ZERO)
    n, unknown = len(known), len(every) - len(known)
    if contract <= 0:
        return no_data("price_variance", NO_CONTRACT_PRICE, unknown=unknown)
    state = sample_state(n)
    reason = weakness(
        state, n, needed=LINES_PROVISIONAL, ok=LINES_OK, noun=INVOICE_LINES, unknown=unknown
    )
    over = billed - contract
    return Measure(
        id="price_variance",
        value=float(over / contract),
        n=n,
        numerator=float(over),
        denominator=float(contract),
        lo=None,
        hi=None,
        state=state,
        reason=reason,
        unknown=unknown,
    )


def invoice_accuracy(checks: Iterable[bool | None]) -> Measure:
    """Build the measure of invoice lines that match order and receipt.

    Formula: lines that match/lines checked, Wilson interval.

    Args:
        checks: shape (n,), True matches, None was not checked.
    Returns:
        The measure `invoice_accuracy` [fraction], lower is worse.
    Raises:
        Nothing.
    Source: three-way match; domain rules §0.1, §0.8.
    Edge cases: lines that nobody checked are unknown, not right.

    >>> invoice_accuracy([True] * 39 + [False, None]).value
    0.975
    """
    every = list(checks)
    known = [check for check in every if check is not None]
    return rate(
        "invoice_accuracy",
        sum(known),
        len(known),
        unknown=len(every) - len(known),
        reason_no_data=NO_INVOICES,
        noun=INVOICE_LINES,
    )


@dataclass(frozen=True, slots=True)
class Request:
    """Something sent that waits for an answer: an order, a request for quotation, a query."""

    sent_at: datetime
    answered_at: datetime | None = None

    def __post_init__(self) -> None:
        for name, moment in (("sent_at", self.sent_at), ("answered_at", self.answered_at)):
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} is {moment}, it must have a time zone; give UTC")
        if self.answered_at is not None and self.answered_at < self.sent_at:
            raise ValueError(f"answered_at {self.answered_at} lies before sent_at {self.sent_at}")

    def hours_by(self, as_of: datetime) -> float | None:
        """Return the hours to the answer, None where none had come by a moment."""
        if self.answered_at is None or self.answered_at > as_of:
            return None
        return (self.answered_at - self.sent_at) / HOUR


def answer_hours(
    requests: Iterable[Request],
    *,
    as_of: datetime,
    measure_id: str = "ack_hours",
    noun: str = "orders",
) -> Measure:
    """Build the measure of how long a supplier takes to answer.

    Formula: mean of answered − sent over the answered ones; Student's 95 % interval.

    Args:
        requests: shape (n,), those sent by `as_of`; later ones are left out.
        as_of: the moment of counting, aware.
        measure_id: `ack_hours` for acknowledgements, another for quotations or queries.
        noun: what was sent, in the plural, for the reason text.
    Returns:
        The measure [hours], higher is worse. `unknown` counts those still waiting, which the
        mean does not speak for; `answered_within` does.
    Raises:
        ValueError: a moment has no time zone.
    Source: house rule, domain rules §0.8.
    Edge cases: one answer has no interval.

    >>> from datetime import UTC
    >>> sent = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> answered = Request(sent, sent + timedelta(hours=6))
    >>> found = answer_hours([answered, Request(sent)], as_of=sent + timedelta(days=2))
    >>> found.value, found.unknown
    (6.0, 1)
    """
    sent = _sent_by(requests, as_of)
    hours = [waited for request in sent if (waited := request.hours_by(as_of)) is not None]
    measure = statistic(
        measure_id,
        fmean(hours) if hours else None,
        n=len(hours),
        unknown=len(sent) - len(hours),
        reason_no_data=NO_ANSWERS,
        noun=noun,
        ok=LINES_OK,
        provisional=LINES_PROVISIONAL,
    )
    lo, hi = _mean_interval(hours)
    return replace(measure, lo=lo, hi=hi)


def answered_within(
    requests: Iterable[Request],
    *,
    limit: timedelta,
    as_of: datetime,
    measure_id: str = "ack_in_time",
    noun: str = "orders",
) -> Measure:
    """Build the measure of requests answered within a limit.

    Formula: answered within the limit/(answered or past the limit); the rest is pending.

    Args:
        requests: shape (n,), those sent by `as_of`; later ones are left out.
        limit: how long an answer may take, > 0.
        as_of: the moment of counting, aware.
        measure_id: `ack_in_time` for acknowledgements, another for quotations or queries.
        noun: what was sent, in the plural, for the reason text.
    Returns:
        The measure [fraction], lower is worse.
    Raises:
        ValueError: limit is not above 0, or a moment has no time zone.
    Source: house rule, as for corrective actions (domain rules §2.4).
    Edge cases: a request that nobody ever answers is a miss once its limit is past.

    >>> from datetime import UTC
    >>> sent = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> requests = [Request(sent, sent + timedelta(hours=6)), Request(sent)]
    >>> answered_within(requests, limit=timedelta(days=1), as_of=sent + timedelta(days=2)).value
    0.5
    """
    if limit <= timedelta(0):
        raise ValueError(f"limit is {limit}, it must be longer than 0")
    waits = [
        (request.hours_by(as_of), as_of - request.sent_at) for request in _sent_by(requests, as_of)
    ]
    judged = [
        hours is not None and hours <= limit / HOUR
        for hours, waited in waits
        if hours is not None or waited > limit
    ]
    return rate(measure_id, sum(judged), len(judged), reason_no_data=NO_ANSWERS, noun=noun)


def _value(quantity: Decimal | None, price: Decimal | None) -> Decimal:
    return (quantity or ZERO) * (price or ZERO)


def _sent_by(requests: Iterable[Request], as_of: datetime) -> list[Request]:
    if as_of.tzinfo is None:
        raise ValueError(f"as_of is {as_of}, it must have a time zone; give UTC")
    return [request for request in requests if request.sent_at <= as_of]


def _mean_interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    if len(values) < 2:
        return None, None
    mean, sd = np.array([fmean(values)]), np.array([stdev(values)])
    lo, hi = mean_intervals(mean, sd, np.array([len(values)]))
    return float(lo[0]), float(hi[0])
