"""Incentives: a bonus for a figure that is reached, and what remains after penalties."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.calc.cents import USUAL_PLACES, ZERO, owed, product
from app.calc.service_credits import NO_FIGURE, NO_SPEND, BetterIs

GATE_UNKNOWN = "Whether the quality gate was met is not known."
GATE_FAILED = "The quality gate was not met: no bonus is paid."
NOT_REACHED = "The target was not reached."


@dataclass(frozen=True, slots=True)
class Bonus:
    """What a supplier earned; None where it is not known, and `reason` says why."""

    amount: Decimal | None
    reason: str | None = None


def bonus(
    actual: Fraction | None,
    *,
    target: Decimal,
    share: Decimal,
    spend: Decimal | None,
    is_gate_met: bool | None,
    better_is: BetterIs = BetterIs.HIGHER,
    places: int = USUAL_PLACES,
) -> Bonus:
    """Return the bonus of one window.

    Formula: spend · share where actual is at least as good as target and the quality gate
    is met, else 0; rounded half up to the coin.

    Args:
        actual: the figure in the unit of target; None is no data.
        target: what earns the bonus.
        share: share of the window's spend [fraction], ≥ 0.
        spend: the window's spend without VAT [money]; None unknown.
        is_gate_met: whether the quality gate holds; None unknown.
        better_is: which way the measure is better.
        places: decimals of the currency [count].
    Returns:
        The bonus [money], more is better for the supplier.
    Raises:
        ValueError: share or spend is negative.
    Source: domain rules §10 (not paid if the quality gate fails).
    Edge cases: a target that was missed or a gate that failed pays 0 even where the other
        is unknown.

    >>> bonus(Fraction(99), target=Decimal(98), share=Decimal("0.01"), spend=Decimal(1000),
    ...       is_gate_met=True).amount
    Decimal('10.00')
    """
    if share < 0 or (spend is not None and spend < 0):
        raise ValueError(f"share is {share} and spend {spend}, neither may be negative")
    if is_gate_met is False:
        return Bonus(ZERO, GATE_FAILED)
    if actual is None:
        return Bonus(None, NO_FIGURE)
    goal = Fraction(target)
    if actual < goal if better_is is BetterIs.HIGHER else actual > goal:
        return Bonus(ZERO, NOT_REACHED)
    if is_gate_met is None:
        return Bonus(None, GATE_UNKNOWN)
    if spend is None:
        return Bonus(None, NO_SPEND)
    return Bonus(owed(product(spend, share), places))


def net_of_penalties(earned: Decimal | None, penalties: Decimal | None) -> Decimal | None:
    """Return what is left of a bonus after the penalties of the same window.

    Formula: bonus − penalties; below 0 the supplier owes it.

    Args:
        earned: the bonus [money]; None unknown.
        penalties: damages and credits of the window [money]; None unknown.
    Returns:
        The net [money], higher is better for the supplier; None where either is unknown.
    Raises:
        Nothing.
    Source: domain rules §10.
    Edge cases: none.

    >>> net_of_penalties(Decimal(100), Decimal(130))
    Decimal('-30')
    """
    if earned is None or penalties is None:
        return None
    return earned - penalties
