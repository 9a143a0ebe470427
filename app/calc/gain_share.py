"""Gain-share: verified net savings and how buyer and supplier divide them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.calc.cents import USUAL_PLACES, ZERO, owed, product


@dataclass(frozen=True, slots=True)
class SharedGain:
    """A saving and its division [money]; supplier and buyer add up to net, or both are 0."""

    gross: Decimal
    net: Decimal
    supplier: Decimal
    buyer: Decimal


def shared_gain(
    *,
    baseline_cost: Decimal | None,
    actual_cost: Decimal | None,
    supplier_share: Decimal,
    investment: Decimal | None,
    places: int = USUAL_PLACES,
) -> SharedGain | None:
    """Return how a verified saving is divided after the investment is recovered.

    Formula: gross = baseline − actual; net = gross − investment; supplier = net · share,
    half up to the coin; buyer = net − supplier.

    Args:
        baseline_cost: what it cost before [money]; None unknown.
        actual_cost: what it costs, as verified [money]; None not verified.
        supplier_share: the supplier's part [fraction], 0 … 1.
        investment: what the supplier spent to get there [money], ≥ 0; None unknown.
        places: decimals of the currency [count].
    Returns:
        The gain; None where a cost is unknown: nothing is shared before it is verified.
    Raises:
        ValueError: the share lies outside 0 … 1, or the investment is negative.
    Source: domain rules §10; `gain_share`.
    Edge cases: no net saving shares nothing; losses are not shared.

    >>> gain = shared_gain(baseline_cost=Decimal(2000000), actual_cost=Decimal(1850000),
    ...                    supplier_share=Decimal("0.4"), investment=Decimal(30000))
    >>> str(gain.net), str(gain.supplier), str(gain.buyer)
    ('120000', '48000.00', '72000.00')
    """
    if not 0 <= supplier_share <= 1:
        raise ValueError(f"supplier_share is {supplier_share}, it must be 0 … 1")
    if investment is not None and investment < 0:
        raise ValueError(f"investment is {investment}, it must be at least 0 or None")
    if baseline_cost is None or actual_cost is None or investment is None:
        return None
    gross = baseline_cost - actual_cost
    net = gross - investment
    if net <= 0:
        return SharedGain(gross, net, ZERO, ZERO)
    supplier = owed(product(net, supplier_share), places)
    return SharedGain(gross, net, supplier, net - supplier)
