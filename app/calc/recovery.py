"""How amounts stand together: one cap for many lines, no double recovery, exposure.

Takes amounts that are already to the coin and never rounds them again, so that what is
shown adds up; only a projection is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.calc.cents import USUAL_PLACES, ZERO, owed, product


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of what is known; `unknown` amounts are not in it, so it is “at least”."""

    amount: Decimal
    known: int
    unknown: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every amount is in it."""
        return self.unknown == 0


def total(amounts: Iterable[Decimal | None]) -> Total:
    """Return the sum of the known amounts and how many are unknown.

    Formula: Σ known.

    Args:
        amounts: amounts of one currency [money], None unknown.
    Returns:
        The total [money]; with unknown amounts it is a lower bound.
    Raises:
        Nothing.
    Source: domain rules §0.1.
    Edge cases: no amount at all is 0 of 0.

    >>> total([Decimal("1.10"), None, Decimal("2.20")])
    Total(amount=Decimal('3.30'), known=2, unknown=1)
    """
    every = list(amounts)
    known = [amount for amount in every if amount is not None]
    return Total(sum(known, ZERO), len(known), len(every) - len(known))


def under_one_cap(
    amounts: Sequence[Decimal | None], caps: Sequence[Decimal | None], *, used: Decimal = ZERO
) -> tuple[Decimal | None, ...]:
    """Return what each amount still claims when all of them use up one cap.

    Formula: aᵢ′ = min(aᵢ, capᵢ − used − Σ_{j<i} aⱼ′), never below 0, in the order given.

    Args:
        amounts: what the lines owe by themselves [money], ≥ 0, oldest first; None unknown.
        caps: the cap as it stood for each line [money], of the same shape: one figure over
            and over unless the terms were amended; None is no cap.
        used: what earlier claims took of it [money], ≥ 0.
    Returns:
        The amounts in the same order; with `used` their sum never exceeds the highest cap.
    Raises:
        ValueError: an amount is negative, or there are not as many caps as amounts.
    Source: domain rules §10 (cap on the contract); house rule for the order, ADR 0045.
    Edge cases: an unknown amount stays unknown and takes nothing from the cap.

    >>> [str(each) for each in under_one_cap([Decimal(500), Decimal(700)], [Decimal(900)] * 2)]
    ['500', '400']
    """
    found: list[Decimal | None] = []
    for amount, cap in zip(amounts, caps, strict=True):
        if amount is None:
            found.append(None)
            continue
        if amount < 0:
            raise ValueError(f"amount is {amount}, it must be at least 0")
        kept = amount if cap is None else min(amount, max(cap - used, ZERO))
        used += kept
        found.append(kept)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What remains of damages and of a credit for one failure; both None: not known."""

    damages: Decimal | None
    credit: Decimal | None
    is_reduced: bool = False


def without_double_recovery(
    damages: Decimal | None, credit: Decimal | None, *, is_cumulative: bool = False
) -> Recovered:
    """Return what damages and a service credit for the same failure recover together.

    Formula: cumulative → both; else the larger stands and the other is 0.

    Args:
        damages: damages of the lines behind the credit [money], ≥ 0; None unknown.
        credit: the service credit of the same window [money], ≥ 0; None unknown.
        is_cumulative: whether the clause says that both are owed.
    Returns:
        What stands [money]; the sum is max(damages, credit) unless cumulative.
    Raises:
        Nothing.
    Source: domain rules §10, no double recovery.
    Edge cases: equal amounts: damages stand, they have their lines as proof. Where one is
        unknown the larger is unknown, so neither stands; a known 0 leaves the other as it is.

    >>> without_double_recovery(Decimal(300), Decimal(500))
    Recovered(damages=Decimal('0'), credit=Decimal('500'), is_reduced=True)
    """
    if is_cumulative or damages == ZERO or credit == ZERO:
        return Recovered(damages, credit)
    if damages is None or credit is None:
        return Recovered(None, None)
    if damages >= credit:
        return Recovered(damages, ZERO, is_reduced=True)
    return Recovered(ZERO, credit, is_reduced=True)


@dataclass(frozen=True, slots=True)
class Exposure:
    """Where a period stands: accrued to date, projected to its end, what the cap still allows.

    `projected` is None where no day of the period has passed; `cap_left` None is no cap.
    """

    accrued: Decimal
    projected: Decimal | None
    cap_left: Decimal | None


def exposure(
    accrued: Decimal,
    *,
    first_on: date,
    last_on: date,
    as_of: date,
    cap_left: Decimal | None = None,
    places: int = USUAL_PLACES,
) -> Exposure:
    """Return the exposure of a period: accrued, projected by run rate, cap left.

    Formula: projected = min(accrued · days of the period/days passed, cap left); the cap left
    beside it = cap left − accrued.

    Args:
        accrued: what is owed to date [money], ≥ 0.
        first_on: first day of the period.
        last_on: last day of the period, on or after first_on.
        as_of: the day up to which facts are known.
        cap_left: what the cap allowed before this period [money]; None is no cap.
        places: decimals of the currency [count].
    Returns:
        The exposure [money], more is worse.
    Raises:
        ValueError: the period ends before it starts.
    Source: domain rules §10; run rate, house rule.
    Edge cases: after the period's end projected is what accrued; before its first day None.

    >>> exposure(Decimal(900), first_on=date(2026, 1, 1), last_on=date(2026, 3, 31),
    ...          as_of=date(2026, 1, 30), cap_left=Decimal(2000))
    Exposure(accrued=Decimal('900'), projected=Decimal('2000'), cap_left=Decimal('1100'))
    """
    if last_on < first_on:
        raise ValueError(f"last_on {last_on} lies before first_on {first_on}")
    left = None if cap_left is None else max(cap_left - accrued, ZERO)
    passed = (min(as_of, last_on) - first_on).days + 1
    if passed <= 0:
        return Exposure(accrued, None, left)
    days = (last_on - first_on).days + 1
    run_rate = accrued if passed == days else owed(product(accrued, days) / passed, places)
    projected = run_rate if cap_left is None else min(run_rate, max(cap_left, accrued))
    return Exposure(accrued, projected, left)
