"""Printed parts that add up to their printed total: largest remainders, nothing else.

Each part is rounded to the printed place; the hundredths that are then missing go to the
parts that lost most by rounding. No part moves by more than one unit of its last place.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.base.formatting import half_up, score_places


def apportioned(parts: Sequence[float], total: Decimal, *, places: int) -> list[Decimal]:
    """Return `parts` rounded to `places` decimals so that they add up to `total`.

    `total` is the rounded sum; it may differ from the sum of the rounded parts by as many
    units of the last place as there are parts.
    """
    unit = Decimal(1).scaleb(-places)
    rounded = [half_up(part, places) for part in parts]
    missing = int((total - sum(rounded, Decimal(0))) / unit)
    step = unit if missing > 0 else -unit
    # Who lost most by rounding down comes first when something is to be added, and vice versa.
    lost = [Decimal(repr(float(part))) - own for part, own in zip(parts, rounded, strict=True)]
    order = sorted(range(len(parts)), key=lambda place: (-lost[place] * step, place))
    for place in order[: abs(missing)]:
        rounded[place] += step
    return rounded


def contributions(
    exact: Sequence[float], *, score: float | None, share: float
) -> tuple[list[Decimal], Decimal]:
    """Return contributions to 0.01 and their sum, which divided by `share` prints as `score`.

    Each is rounded half up by itself wherever that holds, so that every row can be checked;
    where it would print another score, the largest remainders decide. `score` is None where
    nothing is rated.
    """
    rounded = [half_up(part, 2) for part in exact]
    total = sum(rounded, Decimal(0))
    places = 1 if score is None else score_places(score)
    if score is None or half_up(total / Decimal(repr(share)), places) == half_up(score, places):
        return rounded, total
    total = total_for(score, sum(exact), share)
    return apportioned(exact, total, places=2), total


def total_for(score: float, exact: float, share: float) -> Decimal:
    """Return the sum of contributions, to 0.01, whose quotient by `share` prints as `score`.

    `exact` is the unrounded sum, so that exact ÷ share = score. Rounding it to 0.01 can move
    the quotient over the edge of 0.1; then the neighbouring hundredth is printed.
    """
    places = score_places(score)
    printed, near = half_up(score, places), half_up(exact, 2)
    for step in (Decimal(0), Decimal("0.01"), Decimal("-0.01")):
        if half_up((near + step) / Decimal(repr(share)), places) == printed:
            return near + step
    return near
