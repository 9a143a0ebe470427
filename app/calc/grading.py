"""Grades: the letter that a score earns, and the events that hold it down.

Bands are half-open, the top one closed, on the unrounded score. Whether a grade rises
only after two publications is decided where cards are published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

MAX_SCORE = 100
REASONS_FOR_LOWEST = 2


class Grade(StrEnum):
    """The letter of a supplier: A preferred, B approved, C to improve, D to restrict."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class CapReason(StrEnum):
    """What holds a grade down, whatever the score."""

    OPEN_CRITICAL_SCAR = "open_critical_scar"
    OTIF_BELOW_FLOOR = "otif_below_floor"
    SAFETY_ESCAPE = "safety_escape"
    HEAVY_MEASURE_AT_ZERO = "heavy_measure_at_zero"
    SUPPLIER_LINE_STOP = "supplier_line_stop"


@dataclass(frozen=True, slots=True)
class GradeBands:
    """The lowest score of each grade, best first; the last begins at 0."""

    edges: tuple[tuple[int, Grade], ...]

    def __post_init__(self) -> None:
        if not self.edges or self.edges[-1][0] != 0:
            raise ValueError("edges: the last band must begin at 0, so that no score is left out")
        if any(upper <= lower for (upper, _), (lower, _) in pairwise(self.edges)):
            raise ValueError("edges: they must fall from band to band")


DEFAULT_BANDS = GradeBands(((90, Grade.A), (80, Grade.B), (70, Grade.C), (0, Grade.D)))


@dataclass(frozen=True, slots=True)
class GradeCap:
    """One reason why a grade cannot be better than `limit`; the sheet explains it."""

    reason: CapReason
    limit: Grade
    measure_id: str | None = None


def grade_for(score: float, bands: GradeBands = DEFAULT_BANDS) -> Grade:
    """Return the grade that a score earns.

    Formula: the first band, best first, whose edge ≤ score.

    Args:
        score: the unrounded score, 0 … 100.
        bands: the bands.
    Returns:
        The grade.
    Raises:
        ValueError: score lies outside [0, 100].
    Source: domain rules §4.4.
    Edge cases: exactly 90 is A; 89.999 is B; exactly 100 is A: there is no hole at the top.

    >>> [grade_for(score).value for score in (100, 90, 89.999, 0)]
    ['A', 'A', 'B', 'D']
    """
    if not 0 <= score <= MAX_SCORE:
        raise ValueError(f"score is {score}, it must lie in [0, 100]")
    return next(grade for edge, grade in bands.edges if score >= edge)


def cap_grade(
    earned: Grade | None,
    bands: GradeBands = DEFAULT_BANDS,
    *,
    reasons: Sequence[tuple[CapReason, str | None]],
) -> tuple[Grade | None, tuple[GradeCap, ...]]:
    """Return the grade after caps, and the caps.

    Formula: any reason → at most the last grade but one (C); two reasons, or a line stop
    caused by the supplier → the last grade (D).

    Args:
        earned: the grade that the score earns; None where it is not rated.
        bands: the bands, best first.
        reasons: (reason, measure id or None); each pair counts once.
    Returns:
        (grade, caps); a cap never raises a grade, and never makes one where none is.
    Raises:
        Nothing.
    Source: house rule, domain rules §4.4.
    Edge cases: two heavy measures at 0 points are two reasons.

    >>> grade, caps = cap_grade(Grade.A, reasons=[(CapReason.SAFETY_ESCAPE, None)])
    >>> grade.value, caps[0].reason.value
    ('C', 'safety_escape')
    """
    own = tuple(dict.fromkeys(reasons))
    if not own:
        return earned, ()
    grades = [grade for _, grade in bands.edges]
    is_stop = any(reason is CapReason.SUPPLIER_LINE_STOP for reason, _ in own)
    is_lowest = is_stop or len(own) >= REASONS_FOR_LOWEST
    limit = grades[-1] if is_lowest else grades[max(0, len(grades) - 2)]
    caps = tuple(GradeCap(reason, limit, measure_id) for reason, measure_id in own)
    if earned is None:
        return None, caps
    return grades[max(grades.index(earned), grades.index(limit))], caps
