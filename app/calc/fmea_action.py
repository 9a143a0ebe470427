"""What an action may change of a rating, and when a rated risk is looked at again."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

MONTHS_IN_YEAR = 12
# Months until a failure mode is looked at again, by its priority: the default of a house.
DEFAULT_CADENCE: Mapping[str, int] = {"H": 3, "M": 6, "L": 12}


class ActionKind(StrEnum):
    """What an action works on: the cause, the time at which we know, what follows."""

    PREVENTION = "prevention"
    DETECTION = "detection"
    CONTINGENCY = "contingency"


class ActionState(StrEnum):
    """How far an action is; the last two end it."""

    OPEN = "open"
    DECISION_PENDING = "decision_pending"
    IMPLEMENTATION_PENDING = "implementation_pending"
    COMPLETED = "completed"
    NOT_IMPLEMENTED = "not_implemented"


ENDED = (ActionState.COMPLETED, ActionState.NOT_IMPLEMENTED)


class EffectChange(StrEnum):
    """What changes the effect of a failure itself, so that its severity may fall."""

    DUAL_SOURCE = "dual_source"
    BUFFER = "buffer"
    REDESIGN = "redesign"


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
