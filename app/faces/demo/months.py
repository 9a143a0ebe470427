"""How many lines fall due in each month for one supplier, and how many of them are missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from app.calc.periods import month_end, month_index, month_start
from app.faces.demo.cast import FIRST_DAY, HORIZON, Habit, Member
from app.faces.demo.scripts import Script

# Plants close in August and at the end of the year: January is 0.
SEASON = (1.0, 0.98, 1.08, 1.02, 1.04, 1.03, 1.05, 0.72, 1.07, 1.08, 1.03, 0.68)
GROWTH_A_MONTH = 0.004
NOISE = 0.14
# How firmly a month's rate holds to the supplier's level; lower is more erratic.
FIRMNESS = 160
# How far the level falls in a script's weak calendar months.
DIP = 0.17
DOCK_LATE_SHARE = 0.16
# Lines that we cancel, beside the due ones.
CANCELLED_SHARE = 0.006


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """One month of one supplier: lines due, missed, late only at our dock, cancelled by us."""

    month: int
    lines: int
    missed: int
    dock_late: int
    cancelled: int

    @property
    def label(self) -> str:
        """The month as people write it."""
        return f"{month_start(self.month):%Y-%m}"


def plan_months(member: Member, habit: Habit, script: Script, rng: Random) -> Iterator[MonthPlan]:
    """Yield the months in order, scripted where the script says so, else drawn."""
    first, last = month_index(FIRST_DAY), month_index(HORIZON)
    for month in range(first, last + 1):
        label = f"{month_start(month):%Y-%m}"
        lines, missed = _drawn(member, _level(habit, script, month), month, rng)
        extra = sum(rng.random() < CANCELLED_SHARE for _ in range(lines))
        if label in script.months:
            lines, missed = script.months[label]
        if label < script.first_month or not (script.has_history or label in script.months):
            continue
        yield MonthPlan(
            month,
            lines,
            missed,
            dock_late=_dock_late(script, label, lines),
            cancelled=extra if script.cancelled is None else script.cancelled.get(label, 0),
        )


def days_in(month: int, window: tuple[int, int]) -> tuple[int, int]:
    """Return the window of due days as far as the month has them."""
    return window[0], min(window[1], month_end(month).day)


def _level(habit: Habit, script: Script, month: int) -> float:
    level = habit.otif if script.level is None else script.level
    return level - DIP if month_start(month).month in script.dips else level


def _dock_late(script: Script, label: str, lines: int) -> int:
    if script.dock_late is None:
        return 0
    return script.dock_late.get(label, round(DOCK_LATE_SHARE * lines))


def _drawn(member: Member, level: float, month: int, rng: Random) -> tuple[int, int]:
    age = month - month_index(FIRST_DAY)
    expected = member.lines_a_month * SEASON[month % 12] * (1 + GROWTH_A_MONTH * (age - 24))
    lines = max(0, round(expected * rng.lognormvariate(0, NOISE)))
    met = rng.betavariate(level * FIRMNESS, (1 - level) * FIRMNESS)
    return lines, sum(rng.random() >= met for _ in range(lines))
