"""What a concentration becomes when one award moves from a supplier to another.

Every bucket (supplier, country, port, plant upstream) takes what the supplier's distribution
gives it; moving an award takes from the buckets of the one and gives to those of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.calc.concentration import Amount, Concentration, concentration

# The bucket of what is not known; a bucket like any other, never dropped.
UNKNOWN = ""
Shares = Mapping[str, float | Fraction]


@dataclass(frozen=True, slots=True)
class Moved:
    """A concentration before and after; either None where it has no spend."""

    before: Concentration | None
    after: Concentration | None

    @property
    def is_changed(self) -> bool:
        """Whether the move changes anything."""
        return self.before != self.after

    @property
    def change(self) -> float | None:
        """How much the index rises, falling is negative; None where either is unknown."""
        if self.before is None or self.after is None:
            return None
        return self.after.hhi - self.before.hhi


def spread(amount: Amount, shares: Shares) -> dict[str, Fraction]:
    """Return what each bucket takes of an amount; what the shares leave is unknown.

    Formula: bucketᵢ = amount·shareᵢ; unknown = amount·(1 − Σ share).

    Args:
        amount: what is spread, in any one unit.
        shares: bucket → fraction 0 … 1, adding up to at most 1.
    Returns:
        Amounts by bucket, exact; buckets of 0 are left out.
    Raises:
        ValueError: a share lies outside [0, 1] or they add up to more than 1.
    Source: house rule, ADR 0040; domain rules §6.6 (unknown is a bucket of its own).
    Edge cases: no shares → all of it is unknown; a rounding excess below 1e-9 is let pass.

    >>> spread(100, {"DEU": 0.75})
    {'DEU': Fraction(75, 1), '': Fraction(25, 1)}
    """
    exact = {name: Fraction(share) for name, share in shares.items()}
    for name, share in exact.items():
        if not 0 <= share <= 1:
            raise ValueError(f"shares[{name!r}] is {float(share)}, it must lie in [0, 1]")
    rest = 1 - sum(exact.values())
    if rest < -Fraction(1, 10**9):
        raise ValueError(f"shares add up to {float(1 - rest)}, at most 1 is possible")
    whole = Fraction(amount)
    taken = {name: whole * share for name, share in exact.items() if share}
    if rest > 0:
        taken[UNKNOWN] = taken.get(UNKNOWN, Fraction(0)) + whole * rest
    return taken


def moved(before: Mapping[str, Amount], *, amount: Amount, source: Shares, target: Shares) -> Moved:
    """Return a concentration before and after an amount moves.

    Formula: afterᵢ = beforeᵢ − amount·sourceᵢ + amount·targetᵢ.

    Args:
        before: amounts by bucket, in one unit or currency.
        amount: what moves, ≥ 0, in the same unit.
        source: how the giving supplier's spend lies in the buckets, see `spread`.
        target: how the receiving supplier's does.
    Returns:
        Both concentrations.
    Raises:
        ValueError: the amount is negative, or shares as in `spread`.
    Source: domain rules §6.6; house rule, ADR 0040.
    Edge cases: an amount of 0 changes nothing; the total stays the same.

    >>> result = moved({"A": 100}, amount=50, source={"A": 1.0}, target={"B": 1.0})
    >>> result.before.hhi, result.after.hhi
    (10000.0, 5000.0)
    """
    after = after_move(before, amount=amount, source=source, target=target)
    return Moved(concentration(list(before.values())), concentration(list(after.values())))


def after_move(
    before: Mapping[str, Amount], *, amount: Amount, source: Shares, target: Shares
) -> dict[str, Fraction]:
    """Return what lies in each bucket after an amount moved.

    Formula: afterᵢ = beforeᵢ − amount·sourceᵢ + amount·targetᵢ.

    Args:
        before, amount, source, target: as `moved`.
    Returns:
        Amounts by bucket, exact.
    Raises:
        ValueError: the amount is negative, or shares as in `spread`.
    Source: house rule, ADR 0040.
    Edge cases: a bucket that nothing is left in stays with 0.

    >>> after_move({"A": 4}, amount=1, source={"A": 1}, target={"B": 1})
    {'A': Fraction(3, 1), 'B': Fraction(1, 1)}
    """
    if amount < 0:
        raise ValueError(f"amount is {amount}, it must be at least 0")
    after = {name: Fraction(value) for name, value in before.items()}
    for name, taken in spread(amount, source).items():
        after[name] = after.get(name, Fraction(0)) - taken
    for name, given in spread(amount, target).items():
        after[name] = after.get(name, Fraction(0)) + given
    return after
