"""Concentration: how much hangs on how few, by the Herfindahl–Hirschman index.

Used over suppliers of an item or category, countries over spend, ports and lanes. For one
item read the effective number and the largest share: bands made for markets call any five
sources concentrated. Which supplier depends on what stands in `dependency`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

HHI_MAX = 10_000
HIGH_ABOVE = 1_800
MODERATE_FROM = 1_000

Amount = int | float | Decimal | Fraction


class ConcentrationBand(StrEnum):
    """How concentrated a market is."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Concentration:
    """The index and what it says.

    `hhi` 0 … 10,000, higher is more concentrated; `effective_number` the number of equal
    shares that would give it; `normalised` 0 (equal) … 1 (one takes all); `max_share` a
    fraction; `n` the shares above 0; `floored` how many negative amounts were taken as 0.
    """

    hhi: float
    effective_number: float
    normalised: float
    max_share: float
    n: int
    floored: int = 0


def concentration(amounts: Sequence[Amount]) -> Concentration | None:
    """Return how concentrated amounts are.

    Formula: HHI = 10,000·Σ(a/Σa)²; N_eff = 10,000/HHI; normalised = (H − 1/N)/(1 − 1/N)
    with H = HHI/10,000 and N the amounts above 0; N = 1 → 1.

    Args:
        amounts: shape (m,), one per supplier, country or lane, in one unit or currency. An
            unknown country is an amount of its own.
    Returns:
        The concentration; None where nothing is above 0 (no spend has no shares).
    Raises:
        Nothing.
    Source: Herfindahl–Hirschman; DOJ and FTC Merger Guidelines 2023; domain rules §6.6.
    Edge cases: negative amounts (credits) count as 0 and are reported in `floored`.

    >>> concentration([40, 30, 20, 10]).hhi
    3000.0
    >>> concentration([0, 0]) is None
    True
    """
    exact = [Fraction(amount) for amount in amounts]
    positive = [amount for amount in exact if amount > 0]
    if not positive:
        return None
    total, n = sum(positive), len(positive)
    herfindahl = sum(amount * amount for amount in positive) / (total * total)
    normalised = (herfindahl - Fraction(1, n)) / (1 - Fraction(1, n)) if n > 1 else 1
    return Concentration(
        hhi=float(HHI_MAX * herfindahl),
        effective_number=float(1 / herfindahl),
        normalised=float(normalised),
        max_share=float(max(positive) / total),
        n=n,
        floored=sum(1 for amount in exact if amount < 0),
    )


def concentration_band(hhi: float) -> ConcentrationBand:
    """Return the band of an index over a market or category.

    Formula: > 1,800 high, ≥ 1,000 moderate, else low.

    Args:
        hhi: the unrounded index, 0 … 10,000.
    Returns:
        The band; not for a single item, see the module.
    Raises:
        ValueError: hhi lies outside [0, 10,000].
    Source: DOJ and FTC Merger Guidelines 2023, guideline 1.
    Edge cases: exactly 1,800 is moderate, exactly 1,000 too.

    >>> [concentration_band(hhi).value for hhi in (999, 1000, 1800, 1801)]
    ['low', 'moderate', 'moderate', 'high']
    """
    if not 0 <= hhi <= HHI_MAX:
        raise ValueError(f"hhi is {hhi}, it must lie in [0, 10,000]")
    if hhi > HIGH_ABOVE:
        return ConcentrationBand.HIGH
    return ConcentrationBand.MODERATE if hhi >= MODERATE_FROM else ConcentrationBand.LOW


@dataclass(frozen=True, slots=True)
class GroupedConcentration:
    """The concentrations of many groups at once, as columns in the order of `groups`.

    `hhi`, `effective_number`, `max_share` are not numbers where a group has nothing above 0;
    `biggest` is the member with the largest amount, the lowest key of equals, 0 for none.
    """

    groups: NDArray[np.int64]
    total: NDArray[np.float64]
    hhi: NDArray[np.float64]
    effective_number: NDArray[np.float64]
    max_share: NDArray[np.float64]
    biggest: NDArray[np.int64]
    n: NDArray[np.int64]
    floored: NDArray[np.int64]


def concentrations(group: ArrayLike, member: ArrayLike, amount: ArrayLike) -> GroupedConcentration:
    """Return the concentration of every group, as `concentration` does for one.

    Formula: as `concentration`, group by group, in floating point.

    Args:
        group: shape (m,), the key of the group of each amount.
        member: shape (m,), who has it, ≥ 1; each member once per group.
        amount: shape (m,), one unit or currency within each group.
    Returns:
        Columns by group, sorted by its key.
    Raises:
        ValueError: the arrays differ in length.
    Source: as `concentration`.
    Edge cases: as `concentration`; a group without anything above 0 has NaN, never 0.

    >>> concentrations([1, 1, 2], [10, 11, 10], [30.0, 70.0, 5.0]).hhi.tolist()
    [5800.0, 10000.0]
    """
    groups, members = np.asarray(group, np.int64), np.asarray(member, np.int64)
    amounts = np.asarray(amount, np.float64)
    if not len(groups) == len(members) == len(amounts):
        raise ValueError(f"arrays of {len(groups)}, {len(members)}, {len(amounts)} rows differ")
    keys, place = np.unique(groups, return_inverse=True)
    positive = np.maximum(amounts, 0.0)
    total = np.bincount(place, positive, len(keys)).astype(np.float64)
    squares = np.bincount(place, positive * positive, len(keys)).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        hhi = np.where(total > 0, HHI_MAX * squares / (total * total), np.nan)
    biggest, largest = np.zeros(len(keys), np.int64), np.zeros(len(keys))
    # The last one written to a place stays there: the largest, and of equals the lowest key.
    order = np.lexsort((-members, positive))
    biggest[place[order]], largest[place[order]] = members[order], positive[order]
    biggest[total <= 0] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, largest / total, np.nan)
    return GroupedConcentration(
        groups=keys,
        total=total,
        hhi=hhi,
        effective_number=HHI_MAX / hhi,
        max_share=share,
        biggest=biggest,
        n=np.bincount(place, amounts > 0, len(keys)).astype(np.int64),
        floored=np.bincount(place, amounts < 0, len(keys)).astype(np.int64),
    )
