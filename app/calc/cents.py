"""Amounts to the smallest coin of their currency, and the refusal of mixed sums.

The one place where money that is owed is rounded: an amount somebody pays has cents, and
a claim must add up to its lines. Nothing else in `calc` rounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

ZERO = Decimal(0)
# Amounts have 18 digits at most, rates 10, days 5: products stay exact.
DIGITS = 60
USUAL_PLACES = 2
# ISO 4217: the currencies whose smallest coin is not a hundredth.
_NO_COINS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
     "VUV", "XAF", "XOF", "XPF"}
)  # fmt: skip
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def coin_places(currency: str) -> int:
    """Return how many decimals an amount of a currency has.

    Formula: 0, 2 or 3, as ISO 4217 lists the currency.

    Args:
        currency: ISO 4217 code, capital letters.
    Returns:
        The decimals [count].
    Raises:
        Nothing.
    Source: ISO 4217, minor units.
    Edge cases: a code that is not listed has 2.

    >>> coin_places("EUR"), coin_places("JPY"), coin_places("KWD")
    (2, 0, 3)
    """
    if currency in _NO_COINS:
        return 0
    return 3 if currency in _THOUSANDTHS else USUAL_PLACES


def owed(exact: Decimal, places: int = USUAL_PLACES) -> Decimal:
    """Return an amount that is owed, rounded half up to the smallest coin.

    Formula: round half away from zero at `places` decimals.

    Args:
        exact: the unrounded amount [money].
        places: decimals of the currency [count], ≥ 0.
    Returns:
        The amount [money].
    Raises:
        Nothing.
    Source: house rule, ADR 0045; domain rules §0.5.
    Edge cases: 0.005 is 0.01.

    >>> owed(Decimal("0.005")), owed(Decimal("2.675"))
    (Decimal('0.01'), Decimal('2.68'))
    """
    return _rounded(exact, places, ROUND_HALF_UP)


def limit(exact: Decimal, places: int = USUAL_PLACES) -> Decimal:
    """Return a cap, rounded down to the smallest coin, so that what is owed never exceeds it.

    Formula: round towards −∞ at `places` decimals.

    Args:
        exact: the unrounded cap [money].
        places: decimals of the currency [count], ≥ 0.
    Returns:
        The cap [money].
    Raises:
        Nothing.
    Source: house rule, ADR 0045.
    Edge cases: a cap below one coin is 0.

    >>> limit(Decimal("100.009"))
    Decimal('100.00')
    """
    return _rounded(exact, places, ROUND_FLOOR)


def _rounded(exact: Decimal, places: int, rounding: str) -> Decimal:
    with localcontext() as context:
        context.prec = DIGITS
        return exact.quantize(Decimal(1).scaleb(-places), rounding=rounding)


def product(*factors: Decimal | int) -> Decimal:
    """Return the exact product of amounts, rates and counts.

    Formula: Π factors, with 60 digits.

    Args:
        factors: amounts [money], rates [fraction], counts.
    Returns:
        The unrounded product.
    Raises:
        Nothing.
    Source: house rule, ADR 0045.
    Edge cases: no factor is 1.

    >>> product(Decimal("0.1"), 3, Decimal("0.2"))
    Decimal('0.06')
    """
    with localcontext() as context:
        context.prec = DIGITS
        found = Decimal(1)
        for factor in factors:
            found *= factor
        return found


def one_currency(currencies: Iterable[str]) -> str | None:
    """Return the currency that amounts share; a sum of several is refused.

    Formula: the only distinct code.

    Args:
        currencies: ISO 4217 codes of the amounts of one sum.
    Returns:
        The code, None where there is no amount.
    Raises:
        ValueError: the amounts are in several currencies.
    Source: domain rules §0.4.
    Edge cases: none.

    >>> one_currency(["EUR", "EUR"])
    'EUR'
    """
    codes = sorted(set(currencies))
    if len(codes) > 1:
        raise ValueError(
            f"amounts are in {' and '.join(codes)}; convert them to one currency first"
        )
    return codes[0] if codes else None
