"""How the promise of a line moved, told apart from how late the line was.

A supplier that moves its date and then keeps it is on time against the current promise
only; the original one remembers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Slippage:
    """How the promise of one line moved, and what came of it [days, late is positive]."""

    promised_lead_time_days: int | None
    reschedule_slip_days: int | None
    lateness_original_days: int | None
    lateness_current_days: int | None
    lead_time_days: int | None


def slippage(
    *,
    ordered_on: date | None,
    promised_original_on: date | None,
    promised_current_on: date | None,
    completed_on: date | None,
) -> Slippage:
    """Return how far the promise of one line slipped, and the lateness against each.

    Formula: promised lead time = original − order; slip = current − original; lateness =
    completed − each promise; lead time = completed − order.

    Args:
        ordered_on: the order's release, None where unknown.
        promised_original_on: the first confirmed date.
        promised_current_on: the confirmed date that stands now.
        completed_on: the day on which the line was complete.
    Returns:
        The differences [days, late and longer is positive]; each None where a date is.
    Raises:
        Nothing.
    Source: domain rules §1.5.
    Edge cases: a promise moved forward has a negative slip.

    >>> moved = slippage(
    ...     ordered_on=date(2026, 1, 5),
    ...     promised_original_on=date(2026, 2, 4),
    ...     promised_current_on=date(2026, 2, 14),
    ...     completed_on=date(2026, 2, 18),
    ... )
    >>> moved.reschedule_slip_days, moved.lateness_original_days, moved.lateness_current_days
    (10, 14, 4)
    """
    return Slippage(
        promised_lead_time_days=_days(ordered_on, promised_original_on),
        reschedule_slip_days=_days(promised_original_on, promised_current_on),
        lateness_original_days=_days(promised_original_on, completed_on),
        lateness_current_days=_days(promised_current_on, completed_on),
        lead_time_days=_days(ordered_on, completed_on),
    )


def _days(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days
