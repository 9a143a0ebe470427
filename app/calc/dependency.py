"""Dependency: how hard a supplier would be to do without, part by part.

A part's dependency is the worst of three: its share with the supplier, the lack of another
source, and the time to switch. Tooled parts are single-sourced by design, so the supplier's
value is the weighted mean over its parts, with the worst part shown beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

WORST = 100.0
DUAL_RISK, MANY_RISK = 50.0, 20.0
DUAL_SOURCES = 2
DUAL_SHARE_FROM = 0.70
SWITCH_FAST_WEEKS, SWITCH_SLOW_WEEKS = 4.0, 52.0
SWITCH_FAST_RISK = 10.0
SUPPLIER_DEPENDS_ABOVE = 0.30
UNIMPORTANT_BELOW = 0.01


class BuyerShareFlag(StrEnum):
    """What our share of a supplier's revenue warns of."""

    DEPENDS_ON_US = "depends_on_us"
    WE_ARE_UNIMPORTANT = "we_are_unimportant"


@dataclass(frozen=True, slots=True)
class PartSourcing:
    """How one part is sourced, seen from one of its suppliers.

    `sources` counts qualified sources with the supplier itself, None where sourcing is not
    recorded; `own_share` and `largest_share` are fractions of the part's volume;
    `is_sole`: no other source exists on the market; `switching_weeks` to qualify another.
    """

    part_id: str
    sources: int | None
    own_share: float | None = None
    largest_share: float | None = None
    is_sole: bool = False
    switching_weeks: float | None = None
    revenue_exposed: float | None = None
    spend: float | None = None


@dataclass(frozen=True, slots=True)
class PartDependency:
    """The dependency of one part [0 best … 100 worst] and the three scores behind it."""

    part_id: str
    value: float | None
    share_score: float | None
    substitutability: float | None
    switching: float | None


class DependencyWeight(StrEnum):
    """What the parts of a supplier were weighted by."""

    REVENUE_EXPOSED = "revenue_exposed"
    SPEND = "spend"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class SupplierDependency:
    """The dependency dimension: the weighted mean, the worst part, and how it was weighted.

    `coverage` is the share of parts with a known dependency; `single_sourced` counts the
    parts without another qualified source.
    """

    value: float | None
    worst: PartDependency | None
    weighted_by: DependencyWeight | None
    coverage: float | None
    single_sourced: int


def share_score(share: float) -> float:
    """Return the risk of the share of a part's volume that one supplier has.

    Formula: straight lines through 0 → 0, 70 % → 50, 100 % → 100, the same ends as dual
    sourcing has.

    Args:
        share: fraction of the part's volume, 0 … 1.
    Returns:
        Risk [0 best … 100 worst].
    Raises:
        ValueError: share lies outside [0, 1].
    Source: house rule, domain rules §6.1.
    Edge cases: none.

    >>> [share_score(share) for share in (0, 0.7, 1)]
    [0.0, 50.0, 100.0]
    """
    _check_share("share", share)
    if share <= DUAL_SHARE_FROM:
        return DUAL_RISK * share / DUAL_SHARE_FROM
    return DUAL_RISK + (WORST - DUAL_RISK) * (share - DUAL_SHARE_FROM) / (1 - DUAL_SHARE_FROM)


def substitutability(
    sources: int | None, *, is_sole: bool = False, largest_share: float | None = None
) -> float | None:
    """Return the risk that no other source can step in.

    Formula: sole 100; single (no other qualified source) 100; dual 50 up to a larger share
    of 70 %, rising in a straight line to 100 at 100 %; three or more 20.

    Args:
        sources: qualified sources of the part [count]; None where not recorded.
        is_sole: whether no other source exists on the market.
        largest_share: the larger of two shares, fraction 0 … 1; None where unknown.
    Returns:
        Risk [0 best … 100 worst]; None where the sources are unknown.
    Raises:
        ValueError: sources is negative or the share lies outside [0, 1].
    Source: house rule, domain rules §6.1.
    Edge cases: dual with unknown shares stands at its base of 50; no qualified source at
    all is a single one that is not even qualified, 100.

    >>> [substitutability(n, largest_share=0.85) for n in (1, 2, 3)]
    [100.0, 75.0, 20.0]
    """
    if largest_share is not None:
        _check_share("largest_share", largest_share)
    if sources is not None and sources < 0:
        raise ValueError(f"sources is {sources}, it must be at least 0")
    if is_sole:
        return WORST
    if sources is None:
        return None
    if sources < DUAL_SOURCES:
        return WORST
    if sources > DUAL_SOURCES:
        return MANY_RISK
    return DUAL_RISK if largest_share is None else max(DUAL_RISK, share_score(largest_share))


def switching_score(weeks: float) -> float:
    """Return the risk of the time that qualifying another source takes.

    Formula: straight line through 4 weeks → 10 and 52 weeks → 100; level outside.

    Args:
        weeks: time to qualify [weeks], ≥ 0.
    Returns:
        Risk [0 best … 100 worst], at least 10.
    Raises:
        ValueError: weeks is negative.
    Source: house rule, domain rules §6.1.
    Edge cases: none.

    >>> [switching_score(weeks) for weeks in (2, 4, 28, 52, 80)]
    [10.0, 10.0, 55.0, 100.0, 100.0]
    """
    if weeks < 0:
        raise ValueError(f"weeks is {weeks}, it must be at least 0")
    within = min(max(weeks, SWITCH_FAST_WEEKS), SWITCH_SLOW_WEEKS) - SWITCH_FAST_WEEKS
    slope = (WORST - SWITCH_FAST_RISK) / (SWITCH_SLOW_WEEKS - SWITCH_FAST_WEEKS)
    return SWITCH_FAST_RISK + slope * within


def part_dependency(sourcing: PartSourcing) -> PartDependency:
    """Return the dependency of one part.

    Formula: max(share score, substitutability, switching), over those that are known.

    Args:
        sourcing: how the part is sourced.
    Returns:
        The part's dependency [0 best … 100 worst]; value None where neither share nor
        sources are known: a switching time alone does not say that anybody is needed.
    Raises:
        ValueError: a value lies outside its range.
    Source: house rule, domain rules §6.1.
    Edge cases: as its three parts.

    >>> part_dependency(PartSourcing("P1", sources=1, own_share=1.0)).value
    100.0
    """
    share = None if sourcing.own_share is None else share_score(sourcing.own_share)
    other = substitutability(
        sourcing.sources, is_sole=sourcing.is_sole, largest_share=sourcing.largest_share
    )
    weeks = sourcing.switching_weeks
    switching = None if weeks is None else switching_score(weeks)
    known = [score for score in (share, other, switching) if score is not None]
    is_known = share is not None or other is not None
    return PartDependency(
        sourcing.part_id, max(known) if is_known else None, share, other, switching
    )


def supplier_dependency(parts: Sequence[PartSourcing]) -> SupplierDependency:
    """Return the dependency dimension of a supplier from its parts.

    Formula: Σ weight·value/Σ weight over parts with a known dependency; weight = revenue
    exposed where every such part has one, else spend where every one has one, else 1.

    Args:
        parts: shape (n,), every part that the supplier is a source of.
    Returns:
        The dimension [0 best … 100 worst]; value None where no part is known.
    Raises:
        ValueError: a value lies outside its range.
    Source: house rule, domain rules §6.1.
    Edge cases: weights that add up to 0 are passed over; ties for the worst part go to the
    first.

    >>> parts = [PartSourcing("P1", 1, spend=100.0), PartSourcing("P2", 3, spend=300.0)]
    >>> result = supplier_dependency(parts)
    >>> result.value, result.worst.part_id, result.single_sourced
    (40.0, 'P1', 1)
    """
    single = sum(1 for part in parts if _has_no_other(part))
    judged = [(part, part_dependency(part)) for part in parts]
    known = [(part, own, own.value) for part, own in judged if own.value is not None]
    if not known:
        return SupplierDependency(None, None, None, 0.0 if parts else None, single)
    weighted_by, weights = _weights([part for part, _, _ in known])
    weighted = fsum(weight * value for weight, (_, _, value) in zip(weights, known, strict=True))
    _, worst, _ = max(known, key=lambda each: each[2])
    coverage = len(known) / len(parts)
    return SupplierDependency(weighted / fsum(weights), worst, weighted_by, coverage, single)


def buyer_share_flag(share: float | None) -> BuyerShareFlag | None:
    """Return what our share of a supplier's revenue warns of.

    Formula: > 30 % they depend on us; < 1 % we are unimportant to them.

    Args:
        share: our spend over the supplier's revenue, fraction 0 … 1; None where unknown.
    Returns:
        The flag; None where there is nothing to flag or share is unknown.
    Raises:
        ValueError: share lies outside [0, 1].
    Source: house rule, domain rules §6.1.
    Edge cases: exactly 30 % and exactly 1 % are not flagged.

    >>> [buyer_share_flag(share) for share in (0.30, 0.01, None)]
    [None, None, None]
    """
    if share is None:
        return None
    _check_share("share", share)
    if share > SUPPLIER_DEPENDS_ABOVE:
        return BuyerShareFlag.DEPENDS_ON_US
    return BuyerShareFlag.WE_ARE_UNIMPORTANT if share < UNIMPORTANT_BELOW else None


def _has_no_other(part: PartSourcing) -> bool:
    return part.is_sole or (part.sources is not None and part.sources < DUAL_SOURCES)


def _weights(parts: Sequence[PartSourcing]) -> tuple[DependencyWeight, list[float]]:
    for basis in (DependencyWeight.REVENUE_EXPOSED, DependencyWeight.SPEND):
        own = [getattr(part, basis.value) for part in parts]
        known = [float(weight) for weight in own if weight is not None]
        if any(weight < 0 for weight in known):
            raise ValueError(f"{basis.value}: every weight must be at least 0")
        if len(known) == len(parts) and sum(known) > 0:
            return basis, known
    return DependencyWeight.EQUAL, [1.0] * len(parts)


def _check_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"{name} is {share}, it must lie in [0, 1]")
