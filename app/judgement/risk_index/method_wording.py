"""An index method as people read it: its formula in a sentence, weights, bands and floors."""

from __future__ import annotations

from app.base import formatting
from app.calc.index_rules import Aggregation, MissingPolicy, RollUpChoice
from app.calc.risk_bands import FloorReason, RiskBand
from app.judgement.risk_index.explanations import LABELS
from app.judgement.risk_index.methods import IndexMethodVersion

AGGREGATIONS = {
    Aggregation.RESCALED: "Weighted mean plus a penalty for imbalance (rescaled, reversed "
    "geometric mean): one bad dimension costs extra.",
    Aggregation.ARITHMETIC: "Weighted mean: a good dimension makes up for a bad one.",
    Aggregation.VETO: "Veto (reversed geometric mean, not rescaled): one dimension at 100 makes "
    "the index 100.",
}
MISSING = {
    MissingPolicy.RENORMALISE: "What is missing is left out; the weights of the rest fill up.",
    MissingPolicy.PESSIMISTIC: "What is missing counts as 100, the worst.",
}
ROLL_UPS = {
    RollUpChoice.MEAN: "the mean of its suppliers",
    RollUpChoice.MAX: "its highest index",
    RollUpChoice.BY_VALUE: "the mean weighted by spend",
}
FLOORS = {
    FloorReason.DISTRESS: "Altman’s distress zone: at least medium.",
    FloorReason.DISTRESS_HARD_TO_REPLACE: "Distress zone, and single-sourced or requalified in "
    "over {slow_weeks} weeks: at least high.",
    FloorReason.DIMENSION_SEVERE: "Any dimension at {dimension_from} or more: at least medium.",
    FloorReason.EXPOSED_BEYOND_SURVIVAL: "Geography or dependency at {exposed_from} or more where "
    "recovery outlasts our stock: at least high.",
    FloorReason.SANCTIONED: "A confirmed match on a sanctions list: critical. This floor always "
    "applies.",
}


def bands(method: IndexMethodVersion) -> list[tuple[str, str]]:
    """Return each band with the indexes that fall into it."""
    edges = method.rules.edges
    begins = (0, edges.medium, edges.high, edges.critical)
    ends = (*begins[1:], None)
    return [
        (str(band), f"{begin} to 100" if end is None else f"{begin} to below {end}")
        for band, begin, end in zip(RiskBand, begins, ends, strict=True)
    ]


def floors(method: IndexMethodVersion) -> list[str]:
    """Return what lifts the band, a sentence each."""
    return [
        floor_words(reason, method)
        for reason in FloorReason
        if reason in method.rules.floors.applied or reason is FloorReason.SANCTIONED
    ]


def floor_words(reason: FloorReason, method: IndexMethodVersion) -> str:
    """Return what one floor says under a method."""
    rules = method.rules.floors
    # allowed: format-of-text: the texts are constants above
    return FLOORS[reason].format(
        slow_weeks=rules.slow_weeks,
        dimension_from=rules.dimension_from,
        exposed_from=rules.exposed_from,
    )


def missing(method: IndexMethodVersion) -> str:
    """Return in words what happens to what is not known, and when nothing is rated."""
    rules = method.rules
    core = ", ".join(LABELS[name].lower() for name in LABELS if name in rules.core)
    needed = f"No index below {rules.min_coverage}{formatting.NARROW_SPACE}% of the weight"
    if rules.min_core:
        needed += f", or with fewer than {rules.min_core} of these known: {core}"
    return f"{MISSING[rules.missing]} {needed}: “insufficient data”, which is not low risk."


def described(method: IndexMethodVersion) -> dict[str, object]:
    """Return what a method says, field by field, as somebody approves it."""
    return {
        "weights": {LABELS[name]: weight for name, weight in method.weights.items()},
        "formula": AGGREGATIONS[method.rules.aggregation],
        "what is missing": missing(method),
        "bands": dict(bands(method)),
        "floors": floors(method),
        "groups are led by": ROLL_UPS[method.rules.roll_up],
    }
