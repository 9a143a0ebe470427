"""How useful a rule's alerts were, as people judged them, and what a stricter one would spare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.calc.alerting import Operator
from app.calc.intervals import wilson

FEWEST_JUDGED = 5


@dataclass(frozen=True, slots=True)
class Usefulness:
    """What people said of a rule's alerts. `rate` [fraction] with its 95 % interval."""

    useful: int
    noise: int
    rate: float | None
    lower: float
    upper: float

    @property
    def judged(self) -> int:
        """How many people judged."""
        return self.useful + self.noise


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another threshold that would have kept every useful alert and spared `spared` of noise."""

    threshold: float
    spared: int


def usefulness(useful: int, noise: int) -> Usefulness:
    """Return the rate of useful alerts among those that people judged.

    Formula: useful ÷ (useful + noise), with Wilson's interval.

    Args:
        useful: judged useful [count], ≥ 0.
        noise: judged noise [count], ≥ 0.
    Returns:
        The rate; None, from 0 to 1, where nobody judged.
    Raises:
        ValueError: a count is negative.
    Source: domain rules §3.1.
    Edge cases: alerts that nobody judged are in neither count.

    >>> usefulness(6, 14).rate
    0.3
    """
    if useful < 0 or noise < 0:
        raise ValueError(f"useful is {useful} and noise {noise}, both must be at least 0")
    n = useful + noise
    lower, upper = wilson(useful, n)
    return Usefulness(useful, noise, useful / n if n else None, lower, upper)


def suggested(
    useful: Sequence[float], noise: Sequence[float], operator: Operator
) -> Suggestion | None:
    """Suggest a stricter threshold that keeps every useful alert.

    Formula: the mildest value of a useful alert; spared is the noise milder than it.

    Args:
        useful: values that raised useful alerts [the subject's unit].
        noise: values that raised noise [same unit].
        operator: of the rule.
    Returns:
        The threshold as `at most` or `at least` that value; None with fewer than 5 judged
        alerts, without a useful one, with less noise than use, or where nothing is spared.
    Raises:
        Nothing.
    Source: house rule, ADR 0043.
    Edge cases: noise at the very value of a useful alert is not spared.

    >>> suggested([0.80, 0.84], [0.89, 0.88, 0.87, 0.82], Operator.BELOW)
    Suggestion(threshold=0.84, spared=3)
    """
    judged = len(useful) + len(noise)
    if judged < FEWEST_JUDGED or not useful or len(noise) < len(useful):
        return None
    edge = max(useful) if operator.is_low_bad else min(useful)
    milder = [each > edge if operator.is_low_bad else each < edge for each in noise]
    return Suggestion(edge, sum(milder)) if any(milder) else None
