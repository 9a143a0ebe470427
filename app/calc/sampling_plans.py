"""Sampling plans of ISO 2859-1: how many units to inspect, and what a plan lets pass.

General level II, single sampling, normal inspection, AQL 1.0, as far as the plans are
known here; a cell that is not known is None. Plans that accept no reject at all (c = 0), as
carmakers ask for, need no table: any sample size with `accept` 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import comb
from types import MappingProxyType

SMALLEST_LOT = 2
TIGHTEN_AFTER_REJECTED = 2
TIGHTEN_WITHIN_LOTS = 5
RELAX_AFTER_ACCEPTED = 5
DISCONTINUE_AFTER_REJECTED = 5

# The largest lot of each code letter at general level II; larger ones are Q.
LOT_EDGES = (
    (8, "A"), (15, "B"), (25, "C"), (50, "D"), (90, "E"), (150, "F"), (280, "G"), (500, "H"),
    (1200, "J"), (3200, "K"), (10_000, "L"), (35_000, "M"), (150_000, "N"), (500_000, "P"),
)  # fmt: skip
LARGEST_LETTER = "Q"
SAMPLE_SIZES: Mapping[str, int] = MappingProxyType(
    {"A": 2, "B": 3, "C": 5, "D": 8, "E": 13, "F": 20, "G": 32, "H": 50, "J": 80, "K": 125,
     "L": 200, "M": 315, "N": 500, "P": 800, "Q": 1250}
)  # fmt: skip
# Acceptance numbers at AQL 1.0. A to D, F and G are arrows to other plans in the standard's
# table; which ones is not known here.
ACCEPT_AT_AQL_1: Mapping[str, int] = MappingProxyType(
    {"E": 0, "H": 1, "J": 2, "K": 3, "L": 5, "M": 7, "N": 10, "P": 14, "Q": 21}
)


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """Inspect `sample_size` units; accept the lot with at most `accept` rejects among them.

    `letter` is None for a plan that is no cell of the standard's table.
    """

    sample_size: int
    accept: int
    letter: str | None = None

    def __post_init__(self) -> None:
        if self.sample_size < 1:
            raise ValueError(f"sample_size is {self.sample_size}, it must be at least 1")
        if not 0 <= self.accept < self.sample_size:
            raise ValueError(
                f"accept is {self.accept}, it must lie in [0, sample_size {self.sample_size})"
            )

    @property
    def reject(self) -> int:
        """The rejects from which the lot is not accepted [count]."""
        return self.accept + 1


def code_letter(lot_size: int) -> str | None:
    """Return the code letter of a lot at general inspection level II.

    Formula: 2–8 A, 9–15 B, 16–25 C, 26–50 D, 51–90 E, 91–150 F, 151–280 G, 281–500 H,
    501–1,200 J, 1,201–3,200 K, 3,201–10,000 L, 10,001–35,000 M, 35,001–150,000 N,
    150,001–500,000 P, more Q.

    Args:
        lot_size: units in the lot [count], ≥ 1.
    Returns:
        The letter; None for a single unit, for which there is no sample.
    Raises:
        ValueError: lot_size is below 1.
    Source: ISO 2859-1, table 1; domain rules §2.2.
    Edge cases: the letters I and O do not exist.

    >>> [code_letter(size) for size in (1, 8, 9, 1000, 500_001)]
    [None, 'A', 'B', 'J', 'Q']
    """
    if lot_size < 1:
        raise ValueError(f"lot_size is {lot_size}, it must be at least 1")
    if lot_size < SMALLEST_LOT:
        return None
    return next((letter for edge, letter in LOT_EDGES if lot_size <= edge), LARGEST_LETTER)


def normal_plan(lot_size: int) -> SamplingPlan | None:
    """Return the single sampling plan of a lot for normal inspection at AQL 1.0.

    Formula: code letter → sample size and acceptance number.

    Args:
        lot_size: units in the lot [count], ≥ 1.
    Returns:
        The plan; None for the letters A to D, F and G, whose cells are not known here, and
        for a single unit: ask for the standard's table or inspect all.
    Raises:
        ValueError: lot_size is below 1.
    Source: ISO 2859-1, table 2-A; domain rules §2.2.
    Edge cases: a plan “50, accept 5” at AQL 1.0, as some public tables say, is wrong.

    >>> normal_plan(1000), normal_plan(100)
    (SamplingPlan(sample_size=80, accept=2, letter='J'), None)
    """
    letter = code_letter(lot_size)
    if letter is None or letter not in ACCEPT_AT_AQL_1:
        return None
    return SamplingPlan(SAMPLE_SIZES[letter], ACCEPT_AT_AQL_1[letter], letter)


def acceptance_probability(plan: SamplingPlan, defect_share: float) -> float:
    """Return how likely a plan accepts a lot with a share of defects.

    Formula: P = Σ_{k ≤ c} C(n, k)·p^k·(1 − p)^(n − k).

    Args:
        plan: n and c.
        defect_share: p, defective units [fraction], 0 … 1.
    Returns:
        The probability in [0, 1]; falls as p grows.
    Raises:
        ValueError: defect_share lies outside [0, 1].
    Source: binomial operating characteristic, ISO 2859-1; domain rules §2.2.
    Edge cases: p = 0 is accepted for sure, p = 1 never. The binomial stands for lots much
    larger than the sample.

    >>> f"{acceptance_probability(SamplingPlan(80, 2), 0.01):.5f}"
    '0.95345'
    """
    if not 0 <= defect_share <= 1:
        raise ValueError(f"defect_share is {defect_share}, it must lie in [0, 1]")
    n, p = plan.sample_size, defect_share
    return min(1.0, sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(plan.accept + 1)))


def operating_characteristic(
    plan: SamplingPlan, defect_shares: Sequence[float]
) -> tuple[tuple[float, float], ...]:
    """Return a plan's curve: how likely it accepts lots of each share of defects.

    Formula: `acceptance_probability` of each.

    Args:
        plan: n and c.
        defect_shares: shape (m,) [fractions], 0 … 1.
    Returns:
        shape (m, 2): (share, probability), in the order given.
    Raises:
        ValueError: a share lies outside [0, 1].
    Source: ISO 2859-1, table 10; domain rules §2.2.
    Edge cases: none.

    >>> operating_characteristic(SamplingPlan(13, 0), [0.0, 1.0])
    ((0.0, 1.0), (1.0, 0.0))
    """
    return tuple((share, acceptance_probability(plan, share)) for share in defect_shares)


class Inspection(StrEnum):
    """How hard a supplier's lots are inspected."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    DISCONTINUED = "discontinued"


@dataclass(frozen=True, slots=True)
class InspectionRun:
    """Where the switching rules stand.

    `recent`: the last lots (at most four) under normal inspection, True is accepted;
    `accepted_in_row` and `rejected` count the lots since tightened inspection began.
    """

    inspection: Inspection = Inspection.NORMAL
    recent: tuple[bool, ...] = ()
    accepted_in_row: int = 0
    rejected: int = 0

    def after(self, accepted: bool) -> InspectionRun:
        """Return the run after one more lot.

        Formula: normal: 2 of at most 5 consecutive lots not accepted → tightened.
        Tightened: 5 consecutive accepted → normal; 5 not accepted in all → discontinued,
        which no lot ends.

        Args:
            accepted: whether the lot was accepted at its first inspection.
        Returns:
            The run that holds for the next lot.
        Raises:
            Nothing.
        Source: ISO 2859-1, 9.3 and 9.4; domain rules §2.2. Reduced inspection is left out.
        Edge cases: every switch begins its counts anew.

        >>> InspectionRun().after(False).after(True).after(False).inspection.value
        'tightened'
        """
        if self.inspection is Inspection.DISCONTINUED:
            return self
        if self.inspection is Inspection.TIGHTENED:
            return self._after_tightened(accepted)
        window = (*self.recent, accepted)[-TIGHTEN_WITHIN_LOTS:]
        if window.count(False) >= TIGHTEN_AFTER_REJECTED:
            return InspectionRun(Inspection.TIGHTENED)
        return replace(self, recent=window[-(TIGHTEN_WITHIN_LOTS - 1) :])

    def _after_tightened(self, accepted: bool) -> InspectionRun:
        in_row = self.accepted_in_row + 1 if accepted else 0
        rejected = self.rejected + (not accepted)
        if in_row >= RELAX_AFTER_ACCEPTED:
            return InspectionRun()
        if rejected >= DISCONTINUE_AFTER_REJECTED:
            return InspectionRun(Inspection.DISCONTINUED)
        return replace(self, accepted_in_row=in_row, rejected=rejected)


def inspections(lots: Iterable[bool]) -> tuple[Inspection, ...]:
    """Return how each lot was to be inspected, and how the next one is.

    Formula: `InspectionRun.after`, lot after lot, from normal inspection.

    Args:
        lots: shape (n,), outcomes in the order of inspection, True is accepted; lots that
            were not inspected are left out.
    Returns:
        shape (n + 1,): the inspection of each lot, and of the lot to come.
    Raises:
        Nothing.
    Source: ISO 2859-1, 9.1 to 9.4.
    Edge cases: no lots: the first one is inspected normally.

    >>> [found.value for found in inspections([False, False])]
    ['normal', 'normal', 'tightened']
    """
    runs = [InspectionRun()]
    for accepted in lots:
        runs.append(runs[-1].after(accepted))
    return tuple(run.inspection for run in runs)
