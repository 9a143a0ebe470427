"""What would move a risk index: one dimension at a time, and what-if.

Everything is worked out by the method itself; nothing here is an estimate of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.calc.composite import NO_BANDS, Band, explained
from app.calc.index_rules import DEFAULT_RULES, IndexRules
from app.calc.risk_means import WORST


@dataclass(frozen=True, slots=True)
class Swing:
    """What one dimension can do to the index while the others stand still.

    at_best, at_worst: the index with its risk at 0 and at 100. low, high: with its risk at the
    ends of its own interval, None where it has none.
    """

    dimension: str
    risk: float | None
    at_best: float
    at_worst: float
    low: float | None = None
    high: float | None = None

    @property
    def width(self) -> float:
        """Return from where to where it can move the index [index points]."""
        return self.at_worst - self.at_best


def swings(
    dimensions: Mapping[str, float | None],
    weights: Mapping[str, int],
    rules: IndexRules = DEFAULT_RULES,
    *,
    bands: Mapping[str, Band] = NO_BANDS,
) -> list[Swing]:
    """Return what each dimension can do, the widest swing first.

    Formula: the aggregate with rᵢ at 0, at 100, and at the ends of its interval.

    Args:
        dimensions: id → risk [0 … 100], None where unknown.
        weights: id → weight.
        rules: the method's.
        bands: id → (low, high) of risks that have an interval.
    Returns:
        One swing for each dimension with a weight; equal ones in the order of the weights.
    Raises:
        Nothing.
    Source: domain rules §6.4.
    Edge cases: an unknown dimension's swing is what knowing it could bring.

    >>> [f"{s.dimension} {s.width:.0f}" for s in swings({"a": 50.0, "b": None}, {"a": 60, "b": 40})]
    ['a 100', 'b 47']
    """
    found = []
    for name, weight in weights.items():
        if not weight:
            continue
        at = {
            risk: _with(dimensions, name, risk, weights, rules)
            for risk in (0.0, WORST, *bands.get(name, ()))
        }
        low, high = bands.get(name, (None, None))
        found.append(
            Swing(
                name,
                dimensions.get(name),
                at_best=at[0.0],
                at_worst=at[WORST],
                low=None if low is None else at[low],
                high=None if high is None else at[high],
            )
        )
    return sorted(found, key=lambda swing: -swing.width)


def _with(
    dimensions: Mapping[str, float | None],
    name: str,
    risk: float,
    weights: Mapping[str, int],
    rules: IndexRules,
) -> float:
    found = explained({**dimensions, name: risk}, weights, rules)
    assert found is not None, "a dimension with a weight is known here"  # noqa: S101 — narrows
    return found.value
