"""Backup warmth: whether a second source could step in tomorrow, or only on paper.

A backup that gets no orders loses tools, people and its place in the queue. Its share against
its target, the days since its last order and the age of its qualification say how warm it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
COLD_AFTER_DAYS = 180
COOLING_AFTER_DAYS = 90
# Of its target: less than this is a source that is let go cold.
COOLING_BELOW_TARGET = 0.5
QUALIFIED_MONTHS = 36
MONTHS_IN_YEAR = 12
LONGEST_MONTH = 28
LAST_DAY = np.datetime64(date.max, "D")


class Warmth(StrEnum):
    """How warm a backup is, the coldest first."""

    COLD = "cold"
    COOLING = "cooling"
    WARM = "warm"
    UNKNOWN = "unknown"


class ColdReason(StrEnum):
    """Why a backup is not warm."""

    NEVER_ORDERED = "never_ordered"
    LONG_WITHOUT_ORDER = "long_without_order"
    WITHOUT_ORDER = "without_order"
    NO_SHARE = "no_share"
    BELOW_TARGET = "below_target"
    REQUALIFICATION_DUE = "requalification_due"


COLD_REASONS = frozenset(
    {
        ColdReason.NEVER_ORDERED,
        ColdReason.LONG_WITHOUT_ORDER,
        ColdReason.NO_SHARE,
        ColdReason.REQUALIFICATION_DUE,
    }
)


@dataclass(frozen=True, slots=True)
class Backup:
    """What is known of one source of a part.

    `target_share` and `actual_share` are fractions of the part's volume, None where unknown;
    `last_order_on` None: no order is recorded. `is_ordered_at_all`: whether orders for the part
    are recorded from anybody; without any, nothing can be said.
    """

    target_share: float | None
    actual_share: float | None
    last_order_on: date | None
    qualified_on: date | None
    is_ordered_at_all: bool = True


@dataclass(frozen=True, slots=True)
class BackupWarmth:
    """How warm a backup is, why not warmer, and the figures behind it.

    `days_since_order` [days]; `qualification_age_days` [days]; `requalification_due_on`: the
    day on which the qualification runs out; all None where unknown.
    """

    warmth: Warmth
    reasons: tuple[ColdReason, ...]
    days_since_order: int | None
    qualification_age_days: int | None
    requalification_due_on: date | None


@dataclass(frozen=True, slots=True)
class Warmths:
    """How warm many backups are, as columns.

    `place`: of the warmth in the enum, 0 for cold. `days_since_order` [days], NaN where
    unknown; `due_on`: the day on which the qualification runs out, NaT where unknown.
    """

    place: NDArray[np.int64]
    days_since_order: Floats
    due_on: Days


def backup_warmth(backup: Backup, *, as_of: date) -> BackupWarmth:
    """Return how warm a backup is on a day.

    Formula: cold where it never had an order, or none for more than 180 days, or has a target
    and no share at all, or its qualification has run out; cooling where the last order is more
    than 90 days old or its share is less than half of its target; warm otherwise. A
    qualification runs out 36 months after it was given or after the last order, whichever is
    later.

    Args:
        backup: what is known of the source.
        as_of: the day that is judged.
    Returns:
        The warmth with every reason that holds, in the order of the enum.
    Raises:
        ValueError: a share lies below 0, or a target above 1.
    Source: house rule, ADR 0040; feature F7 of the domain rules.
    Edge cases: a part that nobody is recorded to deliver → unknown; a qualification without
    a date → its age unknown, no requalification due; an order after `as_of` counts as 0 days.

    >>> backup_warmth(
    ...     Backup(0.30, 0.10, date(2026, 10, 1), date(2024, 3, 1)), as_of=date(2026, 10, 31)
    ... ).warmth
    <Warmth.COOLING: 'cooling'>
    """
    _check(backup)
    age = None if backup.qualified_on is None else (as_of - backup.qualified_on).days
    due = requalification_due_on(backup.qualified_on, backup.last_order_on)
    if not backup.is_ordered_at_all:
        return BackupWarmth(Warmth.UNKNOWN, (), None, age, due)
    last = backup.last_order_on
    days = None if last is None else max(0, (as_of - last).days)
    reasons = _of_days(days) + _of_share(backup)
    if due is not None and due <= as_of:
        reasons += (ColdReason.REQUALIFICATION_DUE,)
    if not reasons:
        return BackupWarmth(Warmth.WARM, reasons, days, age, due)
    is_cold = any(reason in COLD_REASONS for reason in reasons)
    return BackupWarmth(Warmth.COLD if is_cold else Warmth.COOLING, reasons, days, age, due)


def requalification_due_on(qualified_on: date | None, last_order_on: date | None) -> date | None:
    """Return the day on which a qualification runs out.

    Formula: 36 months after the later of the qualification and the last order.

    Args:
        qualified_on: the day of the qualification; None where unknown.
        last_order_on: the day of the last order; None where there was none.
    Returns:
        The day; None where it is not known when it was qualified.
    Raises:
        Nothing.
    Source: house rule, ADR 0040.
    Edge cases: a day that the month three years on lacks (29 February) becomes the 28th.

    >>> requalification_due_on(date(2023, 3, 1), None)
    datetime.date(2026, 3, 1)
    """
    if qualified_on is None:
        return None
    since = max(qualified_on, last_order_on or qualified_on)
    year = since.year + QUALIFIED_MONTHS // MONTHS_IN_YEAR
    if year > date.max.year:
        return date.max
    is_leap_day = since.month == 2 and since.day > LONGEST_MONTH
    return since.replace(year=year, day=LONGEST_MONTH if is_leap_day else since.day)


def backup_warmths(
    *,
    target_share: ArrayLike,
    actual_share: ArrayLike,
    last_order_on: ArrayLike,
    qualified_on: ArrayLike,
    is_ordered_at_all: ArrayLike,
    as_of: date,
) -> Warmths:
    """Return how warm many backups are on a day; for lists that are sorted before they are shown.

    Formula: that of `backup_warmth`, for every row at once.

    Args:
        target_share, actual_share: shape (n,), fractions, NaN where unknown.
        last_order_on, qualified_on: shape (n,), days, NaT where there is none.
        is_ordered_at_all: shape (n,), whether anybody is recorded to have delivered the part.
        as_of: the day that is judged.
    Returns:
        Columns of n rows.
    Raises:
        ValueError: arrays of different lengths.
    Source: house rule, ADR 0040; feature F7 of the domain rules.
    Edge cases: those of `backup_warmth`, which tells the reasons too.

    >>> found = backup_warmths(
    ...     target_share=[0.3], actual_share=[0.1], last_order_on=["2026-10-01"],
    ...     qualified_on=["2024-03-01"], is_ordered_at_all=[True], as_of=date(2026, 10, 31),
    ... )
    >>> tuple(Warmth)[found.place[0]], float(found.days_since_order[0]), str(found.due_on[0])
    (<Warmth.COOLING: 'cooling'>, 30.0, '2029-10-01')
    """
    target, actual = np.asarray(target_share, float), np.asarray(actual_share, float)
    last, qualified = np.asarray(last_order_on, "M8[D]"), np.asarray(qualified_on, "M8[D]")
    is_known = np.asarray(is_ordered_at_all, bool)
    today = np.datetime64(as_of, "D")
    days = np.where(np.isnat(last), np.nan, np.maximum((today - last).astype(float), 0))
    due = _due_on(qualified, last)
    has_target = (target > 0) & ~np.isnan(actual)
    is_cold = (
        np.isnat(last) | (days > COLD_AFTER_DAYS) | (has_target & (actual == 0)) | (due <= today)
    )
    cools = (days > COOLING_AFTER_DAYS) | (has_target & (actual < COOLING_BELOW_TARGET * target))
    place = {warmth: at for at, warmth in enumerate(Warmth)}
    found = np.select(
        [~is_known, is_cold, cools],
        [place[Warmth.UNKNOWN], place[Warmth.COLD], place[Warmth.COOLING]],
        place[Warmth.WARM],
    )
    return Warmths(found.astype(np.int64), np.where(is_known, days, np.nan), due)


def _due_on(qualified: Days, last: Days) -> Days:
    """Return for every row what `requalification_due_on` says of one."""
    since = np.where(np.isnat(last), qualified, np.maximum(qualified, last))
    month = since.astype("M8[M]")
    day = since - month.astype("M8[D]")
    # No leap year is three years after another: its last day of February becomes the 28th.
    is_leap_day = (month.astype(np.int64) % MONTHS_IN_YEAR == 1) & (
        day.astype(int) == LONGEST_MONTH
    )
    due = (month + QUALIFIED_MONTHS).astype("M8[D]") + day - is_leap_day.astype("m8[D]")
    told: Days = np.where(np.isnat(due), due, np.minimum(due, LAST_DAY))
    return told


def _of_days(days: int | None) -> tuple[ColdReason, ...]:
    if days is None:
        return (ColdReason.NEVER_ORDERED,)
    if days > COLD_AFTER_DAYS:
        return (ColdReason.LONG_WITHOUT_ORDER,)
    return (ColdReason.WITHOUT_ORDER,) if days > COOLING_AFTER_DAYS else ()


def _of_share(backup: Backup) -> tuple[ColdReason, ...]:
    target, actual = backup.target_share, backup.actual_share
    if not target or actual is None:
        return ()
    if actual == 0:
        return (ColdReason.NO_SHARE,)
    return (ColdReason.BELOW_TARGET,) if actual < COOLING_BELOW_TARGET * target else ()


def _check(backup: Backup) -> None:
    if backup.target_share is not None and not 0 <= backup.target_share <= 1:
        raise ValueError(f"target_share is {backup.target_share}, it must lie in [0, 1]")
    if backup.actual_share is not None and backup.actual_share < 0:
        raise ValueError(f"actual_share is {backup.actual_share}, it must be at least 0")
