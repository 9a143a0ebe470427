"""Recovery times: how long it took to notice, to decide and to recover, and their means.

A disruption that still runs has no recovery time yet: it only says that the mean will not be
below a bound. An unknown beginning leaves the times that rest on it unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

SECONDS_IN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Course:
    """The moments of one disruption, aware; None where unknown or not reached yet.

    started_at: when supply was hit. signalled_at: when we first heard of it. decided_at: the
    first decision. restored_at: when supply was whole again.
    """

    started_at: datetime | None
    signalled_at: datetime | None
    decided_at: datetime | None
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delays:
    """How long things took [hours], None where unknown; less is better.

    lasts: so far, where it is not restored yet; the recovery time otherwise.
    """

    detection: float | None
    decision: float | None
    recovery: float | None
    lasts: float | None


@dataclass(frozen=True, slots=True)
class MeanRecovery:
    """The mean recovery of some disruptions [hours].

    mean: over the closed ones. at_least: a lower bound over closed and open ones. unknown:
    how many were left out because nobody knows when they began.
    """

    mean: float | None
    at_least: float | None
    closed: int
    running: int
    unknown: int


def delays(course: Course, *, now: datetime) -> Delays:
    """Return how long a disruption took to be noticed, decided upon and recovered from.

    Formula: detection = signalled − started; decision = first decision − signalled;
    recovery = restored − started; lasts = (restored, else now) − started.

    Args:
        course: the moments, aware.
        now: the present moment, aware.
    Returns:
        Hours; a difference of which one side is unknown is None.
    Raises:
        Nothing.
    Source: domain rules §9 (after an event: detection delay, decision delay, time to recover).
    Edge cases: a warning before the beginning gives a detection delay below zero: noticed
    early; a decision before the first signal gives a decision delay below zero likewise.

    >>> from datetime import UTC
    >>> at = lambda day, hour: datetime(2026, 3, day, hour, tzinfo=UTC)
    >>> delays(Course(at(1, 6), at(1, 18), at(2, 0), at(4, 6)), now=at(9, 0))
    Delays(detection=12.0, decision=6.0, recovery=72.0, lasts=72.0)
    """
    return Delays(
        detection=_hours(course.started_at, course.signalled_at),
        decision=_hours(course.signalled_at, course.decided_at),
        recovery=_hours(course.started_at, course.restored_at),
        lasts=_hours(course.started_at, course.restored_at or now),
    )


def mean_recovery(courses: Iterable[Course], *, now: datetime) -> MeanRecovery:
    """Return the mean time to recover of closed disruptions, and what the open ones say of it.

    Formula: mean = Σ recovery of closed / closed; at_least = (Σ recovery of closed + Σ hours so
    far of running) / (closed + running): each running one will last at least that long.

    Args:
        courses: the disruptions; dismissed ones are the caller's to leave out.
        now: the present moment, aware.
    Returns:
        The mean [hours, more is worse], None without any closed one; the bound, None without
        any whose beginning is known; how many were counted each way.
    Raises:
        Nothing.
    Source: domain rules §8.3 (mean over closed events; open ones as censored bounds).
    Edge cases: an unknown beginning is counted as unknown and enters neither number; one that
    begins after `now` runs since 0 hours.

    >>> from datetime import UTC
    >>> at = lambda day: datetime(2026, 3, day, tzinfo=UTC)
    >>> closed, running = (Course(at(1), at(1), None, end) for end in (at(3), None))
    >>> mean_recovery([closed, running], now=at(11))
    MeanRecovery(mean=48.0, at_least=144.0, closed=1, running=1, unknown=0)
    """
    closed, running, unknown = [], [], 0
    for each in courses:
        found = delays(each, now=now)
        if found.lasts is None:
            unknown += 1
        elif found.recovery is not None:
            closed.append(found.recovery)
        else:
            running.append(max(0.0, found.lasts))
    counted = len(closed) + len(running)
    return MeanRecovery(
        mean=sum(closed) / len(closed) if closed else None,
        at_least=(sum(closed) + sum(running)) / counted if counted else None,
        closed=len(closed),
        running=len(running),
        unknown=unknown,
    )


def _hours(earlier: datetime | None, later: datetime | None) -> float | None:
    if earlier is None or later is None:
        return None
    return (later - earlier).total_seconds() / SECONDS_IN_HOUR
