"""An index method as stored content and as a value: weights as whole percent.

Content is plain JSON of integers and words, so that its hash means the same everywhere.
The formula itself stands in `app.calc.composite`; its constants are written down beside
the weights, so that a stored index says what it was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.calc.composite import (
    CORE_DIMENSIONS,
    DEFAULT_RISK_WEIGHTS,
    MIN_CORE,
    MIN_COVERAGE,
)
from app.calc.risk_bands import CRITICAL_FROM, HIGH_FROM, MEDIUM_FROM, RiskBand

Json = dict[str, Any]  # Any: what JSON can hold

DEFAULT_NAME = "Supply risk"


@dataclass(frozen=True, slots=True)
class IndexMethodVersion:
    """A version of the index's weights; they add up to exactly 100."""

    id: int
    name: str
    version: int
    content_hash: str
    weights: dict[str, int]

    @property
    def label(self) -> str:
        """Return how sheets name it."""
        return f"{self.name} v{self.version}"


def default_content() -> Json:
    """Return the content of the index method that is shipped."""
    return {
        "formula": "weighted mean plus imbalance: rescaled reversed geometric mean",
        "weights": dict(DEFAULT_RISK_WEIGHTS),
        "bands": [
            [0, str(RiskBand.LOW)],
            [MEDIUM_FROM, str(RiskBand.MEDIUM)],
            [HIGH_FROM, str(RiskBand.HIGH)],
            [CRITICAL_FROM, str(RiskBand.CRITICAL)],
        ],
        "coverage_percent": MIN_COVERAGE,
        "core": sorted(CORE_DIMENSIONS),
        "core_needed": MIN_CORE,
    }
