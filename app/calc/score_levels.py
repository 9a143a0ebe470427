"""A score one level down, by category, and over several periods.

Quality and delivery history of the risk index come from the categories. The product pools
raw facts over its window; weighting period scores is offered as a comparator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from app.calc.scoring import ScorePart, ScoreResult


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """One category: its weight, its own score [0 … 100], its contribution, its coverage.

    `score` and `contribution` are None where no measure of the category is available.
    """

    id: str
    weight: int
    score: float | None
    contribution: float | None
    coverage: float


def category_scores(result: ScoreResult) -> tuple[CategoryScore, ...]:
    """Return the categories of a scorecard, in the order of its parts.

    Formula: score = Σw·s/Σw over the category's available parts; contribution = the sum of
    theirs; coverage = Σw available/Σw.

    Args:
        result: a scorecard.
    Returns:
        Each category; score None where none of its measures is available.
    Raises:
        Nothing.
    Source: domain rules §4.2, §6.1 (quality and delivery history of the risk index).
    Edge cases: a category of weight 0 has coverage 0.

    >>> from app.calc.grading import DEFAULT_BANDS
    >>> from app.calc.scoring import score_card
    >>> card = score_card([ScorePart("ppm", "quality", 100, 80.0)], bands=DEFAULT_BANDS)
    >>> category_scores(card)[0].score
    80.0
    """
    names = dict.fromkeys(part.category for part in result.parts)
    return tuple(
        _category(name, [part for part in result.parts if part.category == name]) for name in names
    )


def recency_weighted_score(scores: Sequence[float | None], *, periods: int = 12) -> float | None:
    """Return the mean of period scores in which older periods weigh less.

    Formula: w_p = max(0, min(1, (periods − p)/periods)), p = 0 newest; Σw·s/Σw.

    Args:
        scores: shape (n,), newest first [0 … 100]; None for a period without score.
        periods: how many periods back the weight reaches 0 [count], ≥ 1.
    Returns:
        The mean, lower is worse; None where no period carries weight. A comparator: the
        product's own rule pools the raw facts of the window.
    Raises:
        ValueError: periods is below 1.
    Source: ERPNext supplier scorecard, default weighting; domain rules §4.5.
    Edge cases: a missing period keeps its place and is left out.

    >>> f"{recency_weighted_score([90, 60, 80]):.2f}"
    '76.97'
    """
    if periods < 1:
        raise ValueError(f"periods is {periods}, it must be at least 1")
    weighted = [
        (max(0.0, min(1.0, (periods - place) / periods)), score)
        for place, score in enumerate(scores)
        if score is not None
    ]
    total = fsum(weight for weight, _ in weighted)
    return fsum(weight * score for weight, score in weighted) / total if total else None


def _category(name: str, parts: Sequence[ScorePart]) -> CategoryScore:
    weight = sum(part.weight for part in parts)
    scored = [(part.weight, part.points) for part in parts if part.points is not None]
    available = sum(own for own, _ in scored)
    contributions = [part.contribution for part in parts if part.contribution is not None]
    return CategoryScore(
        id=name,
        weight=weight,
        score=fsum(own * points for own, points in scored) / available if available else None,
        contribution=fsum(contributions) if contributions else None,
        coverage=available / weight if weight else 0.0,
    )
