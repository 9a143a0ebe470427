"""Why a risk index moved between two days: parts that add up to the whole move.

A move is walked in four steps, each worked out by itself: the first day's inputs are corrected,
the later method is put in the place of the earlier one, dimensions appear or go, and those
known both times move. What a part means in words is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from app.calc.composite import Explained, RiskResult, explained
from app.calc.index_rules import DEFAULT_RULES, IndexRules


@dataclass(frozen=True, slots=True)
class RiskDelta:
    """Why an index moved by one method; value = Σ dimensions + imbalance + coverage_change.

    `dimensions` are the ones known both times. `coverage_change` is what dimensions that
    appeared brought, less what those that disappeared took.
    """

    value: float
    dimensions: Mapping[str, float]
    imbalance: float
    coverage_change: float
    appeared: tuple[str, ...]
    disappeared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What an index was made of: risks by dimension (None: unknown) and the method."""

    dimensions: Mapping[str, float | None]
    weights: Mapping[str, int]
    rules: IndexRules = DEFAULT_RULES

    @property
    def explained(self) -> Explained | None:
        """Its aggregate and parts, None where nothing is known."""
        return explained(self.dimensions, self.weights, self.rules)

    def by(self, other: Judged) -> Judged:
        """The same risks by another one's method."""
        risks = {name: self.dimensions.get(name) for name in other.weights}
        return Judged(risks, other.weights, other.rules)


@dataclass(frozen=True, slots=True)
class RiskMove:
    """A move from one published index to another; after − before = correction + method + delta."""

    before: float
    after: float
    correction: float
    method: float
    delta: RiskDelta

    @property
    def value(self) -> float:
        """Return how far it moved, positive is worse."""
        return self.after - self.before


def risk_delta(before: RiskResult, after: RiskResult) -> RiskDelta | None:
    """Return why the index moved between two results of one method.

    Formula: Δᵢ = cᵢ,after − cᵢ,before for dimensions known both times; Δimbalance; coverage
    change = Σc of those that appeared − Σc of those that disappeared.

    Args:
        before: the earlier result.
        after: the later result.
    Returns:
        The parts [index points, positive is worse]; None where one index is not rated.
    Raises:
        Nothing.
    Source: domain rules §6.5.
    Edge cases: when coverage changes the weights of the rest are renormalised, which
    shows in their Δ; all parts still add up.

    >>> from app.calc.composite import DEFAULT_RISK_WEIGHTS, supply_risk_index
    >>> calm = supply_risk_index({name: 20.0 for name in DEFAULT_RISK_WEIGHTS})
    >>> worse = supply_risk_index({name: 20.0 for name in DEFAULT_RISK_WEIGHTS} | {"quality": 60.0})
    >>> moved = risk_delta(calm, worse)
    >>> f"{moved.dimensions['quality']:.1f} {moved.imbalance:.3f}"
    '8.0 1.948'
    """
    if before.imbalance is None or after.imbalance is None:
        return None
    return _delta(
        (before.contributions, before.imbalance, before.dimensions),
        (after.contributions, after.imbalance, after.dimensions),
    )


def risk_move(published: Judged, corrected: Judged, after: Judged) -> RiskMove | None:
    """Return why a published index and a later one differ, data and method apart.

    Formula: V(x, m) the aggregate of inputs x by method m; published (x₀, m₀), corrected x₁ of
    the same day, after (x₂, m₂): correction V(x₁, m₀) − V(x₀, m₀); method V(x₁, m₂) −
    V(x₁, m₀); the rest is `risk_delta` from (x₁, m₂) to (x₂, m₂).

    Args:
        published: the first day as it was published.
        corrected: the first day as it is known now; the same where nothing was corrected.
        after: the later day.
    Returns:
        The move [index points, positive is worse]; None where nothing is known of one day.
    Raises:
        Nothing.
    Source: domain rules §6.5; the order of the steps is a house rule, ADR 0042.
    Edge cases: methods that say the same give a method part of exactly 0, and so does an
    uncorrected day for the correction.

    >>> one = Judged({"a": 20.0, "b": 20.0}, {"a": 50, "b": 50})
    >>> two = Judged({"a": 20.0, "b": 40.0}, {"a": 40, "b": 60})
    >>> moved = risk_move(one, one, two)
    >>> f"{moved.value:.2f} {moved.method:.2f} {moved.delta.dimensions['b']:.2f}"
    '12.59 0.00 12.00'
    """
    steps = (published, corrected.by(published), corrected.by(after), after)
    first, mended, renewed, last = (step.explained for step in steps)
    if first is None or mended is None or renewed is None or last is None:
        return None
    delta = _delta(
        (renewed.contributions, renewed.imbalance, steps[2].dimensions),
        (last.contributions, last.imbalance, after.dimensions),
    )
    return RiskMove(
        before=first.value,
        after=last.value,
        correction=mended.value - first.value,
        method=renewed.value - mended.value,
        delta=delta,
    )


Parts = tuple[Mapping[str, float], float, Mapping[str, float | None]]


def _delta(before: Parts, after: Parts) -> RiskDelta:
    (old, old_imbalance, old_risks), (new, new_imbalance, new_risks) = before, after
    was = {name for name, risk in old_risks.items() if risk is not None}
    now = {name for name, risk in new_risks.items() if risk is not None}
    changes = {
        name: new.get(name, 0.0) - old.get(name, 0.0) for name in dict.fromkeys((*new, *old))
    }
    common = {name: change for name, change in changes.items() if name in was and name in now}
    coverage = fsum(change for name, change in changes.items() if name not in common)
    imbalance = new_imbalance - old_imbalance
    return RiskDelta(
        value=fsum((*common.values(), imbalance, coverage)),
        dimensions=common,
        imbalance=imbalance,
        coverage_change=coverage,
        appeared=tuple(name for name in new_risks if name in now - was),
        disappeared=tuple(name for name in old_risks if name in was - now),
    )
