"""Risk indexes of many: rolled up to a group, and carried down from who supplies a supplier.

Both are figures of their own: neither changes anybody's index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import fsum

DAMPING = 0.5


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The indexes of a group [0 … 100, higher is worse]; None where nobody has one.

    n, unknown: suppliers with and without an index. weighted: by spend, over those that have
    both. spend_covered: the fraction of the spend that has an index, None without spend.
    """

    n: int
    unknown: int
    mean: float | None
    highest: float | None
    weighted: float | None
    spend: float
    spend_covered: float | None


def rolled_up(members: Iterable[tuple[float | None, float]]) -> RolledUp:
    """Return the figures of a group of suppliers.

    Formula: mean Σv/n; highest max v; weighted Σv·s/Σs; coverage Σs of the rated/Σs of all.

    Args:
        members: (index [0 … 100] or None, spend ≥ 0 in one currency); a negative spend
            (credits) counts as 0.
    Returns:
        The figures; who has no index is counted apart, never as 0.
    Raises:
        Nothing.
    Source: domain rules §6.2, §6.6 for negative spend; features 74.
    Edge cases: without any spend there is no weighted figure; an empty group is n 0.

    >>> rolled_up([(20.0, 300.0), (60.0, 100.0), (None, 100.0)])
    RolledUp(n=2, unknown=1, mean=40.0, highest=60.0, weighted=30.0, spend=500.0, spend_covered=0.8)
    """
    every = [(value, max(0.0, spend)) for value, spend in members]
    rated = [(value, spend) for value, spend in every if value is not None]
    whole, covered = fsum(spend for _, spend in every), fsum(spend for _, spend in rated)
    return RolledUp(
        n=len(rated),
        unknown=len(every) - len(rated),
        mean=fsum(value for value, _ in rated) / len(rated) if rated else None,
        highest=max((value for value, _ in rated), default=None),
        weighted=fsum(value * spend for value, spend in rated) / covered if covered else None,
        spend=whole,
        spend_covered=covered / whole if whole else None,
    )


def carried_down(
    own: Mapping[int, float | None],
    links: Mapping[int, Collection[int]],
    *,
    damping: float = DAMPING,
) -> dict[int, tuple[float, int]]:
    """Return what reaches a supplier from upstream, by whose index it is.

    Formula: over every path of k links from the supplier up to u: d^k · index(u); the largest.

    Args:
        own: supplier → index [0 … 100], None where unknown.
        links: supplier → the suppliers that supply it.
        damping: d, the share that passes one link [0 … 1).
    Returns:
        supplier → (figure [0 … 100], the supplier it comes from); absent where nothing known
        stands upstream. To be shown beside the index, never inside it.
    Raises:
        ValueError: damping lies outside [0, 1).
    Source: house rule, ADR 0042; features 75.
    Edge cases: cycles end, because each link damps; a supplier is never its own source.

    >>> carried_down({1: 20.0, 2: 80.0, 3: 90.0}, {1: [2], 2: [3]})
    {1: (40.0, 2), 2: (45.0, 3)}
    """
    if not 0 <= damping < 1:
        raise ValueError(f"damping is {damping}, it must lie in [0, 1)")
    found: dict[int, tuple[float, int]] = {}
    for supplier in links:
        best: tuple[float, int] | None = None
        factor, seen, level = 1.0, {supplier}, [supplier]
        while level:
            factor *= damping
            level = sorted({up for each in level for up in links.get(each, ())} - seen)
            seen.update(level)
            for up in level:
                value = own.get(up)
                if value is not None and (best is None or factor * value > best[0]):
                    best = (factor * value, up)
        if best is not None:
            found[supplier] = best
    return found
