"""Service credits: which band a measured figure falls into, and what it credits.

Knows no measures: the figure comes in exact, with its sample size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.calc.cents import USUAL_PLACES, ZERO, owed, product

NO_FIGURE = "The measure has no value for this window."
NO_SPEND = "The spend of this window is not known."
NO_SAMPLE = "How many were measured is not known."


@dataclass(frozen=True, slots=True)
class CreditBand:
    """From `floor` on, in the measure's own unit, `share` of the window's spend is credited."""

    floor: Decimal
    share: Decimal

    def __post_init__(self) -> None:
        if self.share < 0:
            raise ValueError(f"share is {self.share}, it must be at least 0")


@dataclass(frozen=True, slots=True)
class Credit:
    """What a window credits: a band and an amount, or the reason why there is none.

    `amount` is None where it is not known, and 0 where nothing is charged.
    """

    amount: Decimal | None
    band: CreditBand | None = None
    reason: str | None = None


def band_of(actual: Fraction, bands: Sequence[CreditBand]) -> CreditBand | None:
    """Return the band that a figure falls into.

    Formula: the band of the highest floor ≤ actual, compared exactly, before any rounding.

    Args:
        actual: the figure, in the unit of the floors.
        bands: the bands in any order; where lower is better the higher floors credit more.
    Returns:
        The band, None where the figure lies below every floor.
    Raises:
        ValueError: two bands share a floor.
    Source: domain rules §10, §0.5; `sla_service_credit_bands`.
    Edge cases: exactly on a floor is in that band.

    >>> bands = [CreditBand(Decimal(98), Decimal(0)), CreditBand(Decimal(0), Decimal("0.05"))]
    >>> str(band_of(Fraction("97.999"), bands).share)
    '0.05'
    """
    if len({band.floor for band in bands}) < len(bands):
        raise ValueError("bands share a floor; each floor must stand once")
    below = [band for band in bands if Fraction(band.floor) <= actual]
    return max(below, key=lambda band: band.floor, default=None)


def service_credit(
    actual: Fraction | None,
    bands: Sequence[CreditBand],
    *,
    spend: Decimal | None,
    n: int | None,
    min_n: int = 0,
    places: int = USUAL_PLACES,
) -> Credit:
    """Return the service credit of one obligation for one window.

    Formula: spend · share of the band, rounded half up to the coin.

    Args:
        actual: the figure, in the unit of the bands' floors; None is no data.
        bands: the clause's bands.
        spend: the window's spend without VAT [money]; None unknown.
        n: sample size behind the figure [count]; None unknown.
        min_n: the smallest sample that may be charged [count].
        places: decimals of the currency [count].
    Returns:
        The credit [money], more is worse. n < min n charges 0 and says so.
    Raises:
        ValueError: two bands share a floor, or spend is negative.
    Source: domain rules §10; `sla_service_credit_bands`.
    Edge cases: no value, no spend, or a figure that no band covers is unknown, never 0; a
        band of share 0 owes 0 whatever the spend.

    >>> bands = [CreditBand(Decimal(95), Decimal("0.01")), CreditBand(Decimal(0), Decimal("0.05"))]
    >>> service_credit(Fraction(96), bands, spend=Decimal(400000), n=60).amount
    Decimal('4000.00')
    """
    if spend is not None and spend < 0:
        raise ValueError(f"spend is {spend}, it must be at least 0 or None")
    refusal = _not_charged(n, min_n)
    if refusal is not None:
        return refusal
    if actual is None:
        return Credit(None, reason=NO_FIGURE)
    band = band_of(actual, bands)
    if band is None:
        return Credit(None, reason="No band covers this figure. Mend the bands of the clause.")
    if band.share == 0:
        return Credit(ZERO, band)
    if spend is None:
        return Credit(None, band, NO_SPEND)
    return Credit(owed(product(spend, band.share), places), band)


def _not_charged(n: int | None, min_n: int) -> Credit | None:
    if not min_n or (n is not None and n >= min_n):
        return None
    if n is None:
        return Credit(None, reason=NO_SAMPLE)
    return Credit(ZERO, reason=f"Only {n} measured, the clause asks for {min_n}: no charge.")
