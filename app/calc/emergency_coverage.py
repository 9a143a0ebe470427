"""Emergency coverage: how much of a part's need its backups can take over, and how soon."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Standby:
    """A backup of a part; None where unknown.

    capacity: what it can deliver in an emergency [units a month]. ready_in: until its first
    delivery [days]; what is not released yet needs its release first.
    """

    capacity: Decimal | None
    ready_in: int | None


@dataclass(frozen=True, slots=True)
class EmergencyCoverage:
    """What backups can take over of a part's need; shares are fractions in [0, 1].

    share: at the end, when all whose day is known deliver; None where the need is unknown. steps:
    (day, share from that day on), the soonest first. unknown: backups of which capacity or
    readiness is not known; the share is at least what is said while there are any.
    """

    share: float | None
    steps: tuple[tuple[int, float], ...]
    unknown: int

    @property
    def first_in(self) -> int | None:
        """In how many days the first of them delivers; None where nobody is known to."""
        return self.steps[0][0] if self.steps else None

    def share_within(self, days: int) -> float | None:
        """Return the share that is covered within some days; None where the need is unknown."""
        if self.share is None:
            return None
        return max((share for day, share in self.steps if day <= days), default=0.0)


def emergency_coverage(need: Decimal | None, standbys: Collection[Standby]) -> EmergencyCoverage:
    """Return how much of a part's need its backups take over, and from which day on.

    Formula: share after day d = min(1, Σ capacity of those ready by d / need).

    Args:
        need: what we need [units a month, ≥ 0]; None where unknown.
        standbys: the backups, in any order.
    Returns:
        The steps and the last of them as the share; more is better.
    Raises:
        ValueError: need, a capacity or a number of days lies below 0.
    Source: house rule, ADR 0047; feature F88 (emergency suppliers per part).
    Edge cases: no backup → share 0: that is known; only backups of unknown capacity → share 0
    and `unknown` says that it is a lower bound; a need of 0 is covered whole.

    >>> found = emergency_coverage(
    ...     Decimal(1000), [Standby(Decimal(300), 14), Standby(Decimal(900), 60)]
    ... )
    >>> found.steps
    ((14, 0.3), (60, 1.0))
    """
    _check(need, standbys)
    known = sorted(
        (each.ready_in, each.capacity)
        for each in standbys
        if each.ready_in is not None and each.capacity is not None
    )
    unknown = len(standbys) - len(known)
    if need is None:
        return EmergencyCoverage(None, (), unknown)
    total, reached = Decimal(0), dict[int, float]()
    for day, capacity in known:
        total += capacity
        reached[day] = 1.0 if total >= need else float(total / need)
    last = max(reached.values(), default=1.0 if need == 0 else 0.0)
    return EmergencyCoverage(last, tuple(reached.items()), unknown)


def _check(need: Decimal | None, standbys: Collection[Standby]) -> None:
    if need is not None and need < 0:
        raise ValueError(f"need is {need}, it must be at least 0")
    for each in standbys:
        if each.capacity is not None and each.capacity < 0:
            raise ValueError(f"capacity is {each.capacity}, it must be at least 0")
        if each.ready_in is not None and each.ready_in < 0:
            raise ValueError(f"ready_in is {each.ready_in}, it must be at least 0")
