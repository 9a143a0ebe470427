"""Incentives: a bonus for a figure that is reached, and what remains after penalties."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.calc.cents import USUAL_PLACES, ZERO, limit, owed
from app.calc.service_credits import NO_FIGURE, NO_SPEND

GATE_UNKNOWN = "Whether the quality gate was met is not known."
GATE_FAILED = "The quality gate was not met: no bonus is paid."
NOT_REACHED = "The target was not reached."


@dataclass(frozen=True, slots=True)
class Bonus:
    """What a supplier earned; None where it is not known, and `reason` says why."""

    amount: Decimal | None
    reason: str | None = None


def is_reached(actual: Fraction, threshold: Decimal, *, at_least: bool) -> bool:
    """Tell whether a figure is at least, or at most, a threshold; compared exactly.

    Formula: actual ≥ threshold, or ≤ where `at_least` is False.

    Args:
        actual: the figure in the unit of the threshold.
        threshold: what is asked for.
        at_least: whether higher is better.
    Returns:
        True where it is reached.
    Raises:
        Nothing.
    Source: domain rules §0.5.
    Edge cases: exactly the threshold reaches it, either way.

    >>> is_reached(Fraction(49, 50), Decimal("0.98"), at_least=True)
    True
    """
    goal = Fraction(threshold)
    return actual >= goal if at_least else actual <= goal


def bonus(
    *,
    is_target_met: bool | None,
    is_gate_met: bool | None,
    reward: Decimal | None,
    cap: Decimal | None = None,
    places: int = USUAL_PLACES,
) -> Bonus:
    """Return the bonus of one window.

    Formula: min(reward, cap) where target and quality gate are met, else 0; half up to the
    coin, the cap rounded down.

    Args:
        is_target_met: whether the figure reached the threshold; None is no data.
        is_gate_met: whether the quality gate holds, True where there is none; None unknown.
        reward: what the clause gives, a share of the spend or a fixed sum [money]; None
            unknown.
        cap: the most that is paid [money]; None is no cap.
        places: decimals of the currency [count].
    Returns:
        The bonus [money], more is better for the supplier.
    Raises:
        ValueError: the reward or the cap is negative.
    Source: domain rules §10 (not paid if the quality gate fails).
    Edge cases: a target that was missed or a gate that failed pays 0 even where the other
        is unknown.

    >>> bonus(is_target_met=True, is_gate_met=True, reward=Decimal("10.005")).amount
    Decimal('10.01')
    """
    if (reward is not None and reward < 0) or (cap is not None and cap < 0):
        raise ValueError(f"reward is {reward} and cap {cap}, neither may be negative")
    if is_gate_met is False:
        return Bonus(ZERO, GATE_FAILED)
    if is_target_met is False:
        return Bonus(ZERO, NOT_REACHED)
    if is_target_met is None or is_gate_met is None:
        return Bonus(None, NO_FIGURE if is_target_met is None else GATE_UNKNOWN)
    if reward is None:
        return Bonus(None, NO_SPEND)
    most = owed(reward, places)
    return Bonus(most if cap is None else min(most, limit(cap, places)))


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
