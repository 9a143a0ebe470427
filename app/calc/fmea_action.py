"""What an action may change of a rating, and when a rated risk is looked at again."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

MONTHS_IN_YEAR = 12
# Months until a failure mode is looked at again, by its priority: the default of a house.
DEFAULT_CADENCE: Mapping[str, int] = {"H": 3, "M": 6, "L": 12}


class EffectChange(StrEnum):
    """What changes the effect of a failure itself, so that its severity may fall."""

    DUAL_SOURCE = "dual_source"
    BUFFER = "buffer"
    REDESIGN = "redesign"


def reduction_percent(before: int, after: int) -> float:
    """Return by how much an action lowered the RPN.

    Formula: 100·(before − after)/before.

    Args:
        before: RPN before [1–1000].
        after: RPN after [1–1000].
    Returns:
        Per cent; negative where it rose. To be read beside the priorities, never alone.
    Raises:
        ValueError: an RPN lies outside 1 to 1000.
    Source: domain rules §5.4.

    >>> reduction_percent(240, 48)
    80.0
    """
    for name, value in (("before", before), ("after", after)):
        if not 1 <= value <= 1000:
            raise ValueError(f"{name} is {value}, it must lie between 1 and 1000")
    return 100 * (before - after) / before


def severity_may_fall(before: int | None, after: int | None, change: EffectChange | None) -> bool:
    """Tell whether a revised severity may stand.

    Formula: after ≥ before, or the effect itself changed (second source, buffer, redesign).

    Args:
        before: severity before [1–10]; None where it was not rated.
        after: severity after [1–10]; None where it is not rated.
        change: what changed the effect, None where nothing did.
    Returns:
        Whether it is plausible; better prevention or detection lowers O or D, not S.
    Source: domain rules §5.4.
    Edge cases: what was not rated before can't fall.

    >>> severity_may_fall(8, 6, None), severity_may_fall(8, 6, EffectChange.BUFFER)
    (False, True)
    """
    if before is None or after is None or after >= before:
        return True
    return change is not None


def review_due_on(
    last_on: date, priority: str | None, cadence: Mapping[str, int] = DEFAULT_CADENCE
) -> date:
    """Return the day by which a failure mode is to be looked at again.

    Formula: the same day so many months later, or that month's last day.

    Args:
        last_on: the day of the last look.
        priority: “H”, “M”, “L”; None where it is not rated.
        cadence: months by priority [months], ≥ 1.
    Returns:
        The day. What is not rated is due like a high one: nobody knows what it hides.
    Raises:
        ValueError: the day would lie beyond the calendar.
    Source: feature 69; quarterly, half-yearly, yearly as the issue sets them.

    >>> review_due_on(date(2026, 8, 31), "M").isoformat()
    '2027-02-28'
    """
    months = cadence.get(priority or "H", DEFAULT_CADENCE["H"])
    count = last_on.year * MONTHS_IN_YEAR + last_on.month - 1 + months
    year, month = count // MONTHS_IN_YEAR, count % MONTHS_IN_YEAR + 1
    return date(year, month, min(last_on.day, monthrange(year, month)[1]))
