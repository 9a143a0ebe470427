"""What the releases of a scheduling agreement make owed, day by day.

Each release repeats and changes what was called before; inside its firm zone it binds
nobody. This says what is left to be owed on which day. Which receipts serve it says
`call_off`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Call:
    """One row of a release: a day, and what is called by then or for that day alone.

    Exactly one of `quantity` and `cumulative` is given [integer quantities].
    """

    due_on: date
    quantity: int | None = None
    cumulative: int | None = None

    def __post_init__(self) -> None:
        if (self.quantity is None) == (self.cumulative is None):
            raise ValueError("a call gives either its quantity or a cumulative one")
        if (self.quantity or self.cumulative or 0) < 0:
            raise ValueError(f"{self.quantity or self.cumulative} is called, at least 0 can be")


@dataclass(frozen=True, slots=True)
class ReleaseOf:
    """One release: its number, the day it was sent, what it calls."""

    number: int
    released_on: date
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed on one day, by which release.

    `requested_on`: the day that was asked for; earlier than `due_on` where a release asked
    for it inside its firm zone. `withdrawn_on`: the day of the release that took it back.
    """

    due_on: date
    quantity: int
    release: int
    released_on: date
    requested_on: date
    withdrawn_on: date | None = None


def owed_by_releases(
    releases: Sequence[ReleaseOf], *, firm_days: int, opening: int = 0
) -> tuple[Owed, ...]:
    """Return what is owed day by day once all releases have followed one another.

    Formula, release by release in the order of (day, number), with h = released_on +
    firm_days: what is owed before h stays; what is owed from h on is replaced by the
    release. With C(d) what the release calls by day d, cumulative, a day d ≥ h owes
    C(d) − max(C before d, what stays), where that is positive. What the release calls by
    h beyond what stays is owed on h itself: nobody is bound earlier. The first release
    that is known has nothing to keep and binds whole.

    Args:
        releases: shape (n,), any order [integer quantities].
        firm_days: F, days from a release on in which it changes nothing, ≥ 0.
        opening: the cumulative figure that was reached before the first release.
    Returns:
        In the order of days; days that a later release took back stand with their last
        quantity and `withdrawn_on`. A row with a quantity but no cumulative figure adds to
        what is owed before the first day of its release.
    Raises:
        ValueError: firm_days or opening is negative.
    Source: domain rules §1.1, “last release before the firm-zone horizon”; house rule,
    ADR 0033.
    Edge cases: less called than what stays inside the zone shortens the next days; a
    release without rows takes back all from h on.

    >>> early, late = date(2026, 3, 9), date(2026, 3, 20)
    >>> one = ReleaseOf(1, date(2026, 3, 1), (Call(early, 100), Call(late, 100)))
    >>> two = ReleaseOf(2, date(2026, 3, 8), (Call(early, 60), Call(late, 80)))
    >>> [(each.due_on.day, each.quantity) for each in owed_by_releases([one, two], firm_days=5)]
    [(9, 100), (20, 40)]
    """
    if firm_days < 0:
        raise ValueError(f"firm_days is {firm_days}, it must be at least 0")
    if opening < 0:
        raise ValueError(f"opening is {opening}, it must be at least 0")
    stands: list[Owed] = []
    taken_back: dict[date, Owed] = {}
    ordered = sorted(releases, key=lambda each: (each.released_on, each.number))
    for place, release in enumerate(ordered):
        free_from = release.released_on + timedelta(days=firm_days) if place else date.min
        fixed = [each for each in stands if each.due_on < free_from]
        called = _cumulative(release, stands, opening)
        free = _free(release, called, free_from, opening + sum(each.quantity for each in fixed))
        for each in stands[len(fixed) :]:
            taken_back[each.due_on] = replace(each, withdrawn_on=release.released_on)
        for each in free:
            taken_back.pop(each.due_on, None)
        stands = fixed + free
    return tuple(sorted([*stands, *taken_back.values()], key=lambda each: each.due_on))


def _cumulative(release: ReleaseOf, stands: Sequence[Owed], opening: int) -> list[tuple[date, int]]:
    """What a release calls by each of its days, cumulative since the agreement began."""
    rows = sorted(release.calls, key=lambda call: call.due_on)
    if not rows:
        return []
    running = opening + sum(each.quantity for each in stands if each.due_on < rows[0].due_on)
    called = []
    for row in rows:
        if row.cumulative is None:
            running += row.quantity or 0
        else:
            running = max(running, row.cumulative)
        called.append((row.due_on, running))
    return called


def _free(
    release: ReleaseOf, called: Sequence[tuple[date, int]], free_from: date, stays: int
) -> list[Owed]:
    """What a release makes owed from the end of its firm zone on."""
    made: dict[date, Owed] = {}
    reached = stays
    for asked_on, by_then in called:
        more = by_then - reached
        if more <= 0:
            continue
        reached = by_then
        due_on = max(asked_on, free_from)
        same = made.get(due_on)
        made[due_on] = Owed(
            due_on,
            more if same is None else same.quantity + more,
            release.number,
            release.released_on,
            asked_on if same is None else same.requested_on,
        )
    return list(made.values())
