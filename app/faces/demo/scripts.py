"""The scripts of the demo company: what is fixed, month by month, for a supplier with a story.

What no script fixes is drawn from the supplier's habit (`cast`). The sentences that the
scripts make true stand in `stories`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Miss(StrEnum):
    """In which way a line fails."""

    LATE = "late"
    SPLIT = "split"
    OVER = "over"
    EARLY = "early"
    SLIPPED = "slipped"


# Months as people write them: "2026-10" → (lines due, lines missed).
Months = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Script:
    """What is fixed for one supplier; everything left empty follows the supplier's habit."""

    months: Months = field(default_factory=lambda: MappingProxyType({}))
    # Other ways of failing than the usual mixture.
    misses: tuple[Miss, ...] = ()
    # Every line is for this many units, in one receipt.
    quantity: int | None = None
    # Rejected units per month, one figure per lot; months left out reject nothing.
    rejects: Mapping[str, tuple[int, ...]] | None = None
    # Every lot is inspected in the months named; all other lots skip inspection.
    lots_rejected: int | None = None
    # Days of the month on which lines fall due.
    due_days: tuple[int, int] = (1, 31)
    # Days late of the missed lines, in turn.
    lateness: tuple[int, ...] = ()
    early_days: int | None = None
    # Lines that are in time at hand-over and late at our dock, per month.
    dock_late: Mapping[str, int] | None = None
    # Lines that we cancelled, per month, beside the due ones.
    cancelled: Mapping[str, int] | None = None
    # Orders are acknowledged in exactly this many hours on average, prices are the
    # contract's and this many invoice lines are wrong.
    acknowledge_hours: int | None = None
    wrong_invoices: int | None = None
    # The usual OTIF in the months that are drawn, and in which calendar months it dips.
    level: float | None = None
    dips: tuple[int, ...] = ()
    # The usual rejects per million units.
    ppm: float | None = None
    has_history: bool = True
    first_month: str = "2023-11"


def _year(lines: tuple[int, ...], missed: tuple[int, ...]) -> Months:
    """Name the twelve months to October 2026."""
    return dict(zip(YEAR, zip(lines, missed, strict=True), strict=True))


def _each(counts: tuple[int, ...]) -> Mapping[str, int]:
    return dict(zip(YEAR, counts, strict=True))


# What is drawn before the scripted year begins.
HISTORY = tuple(
    f"{year}-{month:02d}"
    for year, months in ((2023, (11, 12)), (2024, range(1, 13)), (2025, range(1, 11)))
    for month in months
)
YEAR = (
    *("2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04"),
    *("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"),
)

DRIFT = "V-10482"
EXW = "V-10318"
BAD_LOT = "V-10203"
NEWCOMER = "V-10931"
VETERAN = "V-10364"
FEW_UNITS = "V-10126"
FRAGILE = "V-10140"
SHARED_PLANT = ("V-10163", "V-10284", "V-10352")
EXACT = "V-10328"
SILENT = "V-10977"
RESCHEDULER = "V-10336"
CANCELLED = "V-10250"
OVER_DELIVERER = "V-10214"
EARLY = "V-10189"
SEASONAL = "V-10386"
CALLED_OFF = "V-10399"
TWO_SITES = "V-10178"
POSTED_ONLY = "V-10669"
NO_REJECTS_FED = "V-10596"

BAD_LOT_MONTH = "2026-06"
BAD_LOT_UNITS = 120

SCRIPTS: Mapping[str, Script] = MappingProxyType(
    {
        # 96 of 100 in September 2025, 83 of 100 in October 2026.
        DRIFT: Script(
            level=0.96,
            ppm=260,
            months={
                "2025-09": (100, 4),
                "2025-10": (102, 5),
                **_year(
                    (98, 84, 103, 101, 108, 104, 106, 105, 108, 92, 106, 100),
                    (5, 4, 6, 6, 7, 8, 9, 11, 12, 12, 16, 17),
                ),
            },
            misses=(Miss.LATE, Miss.LATE, Miss.LATE, Miss.SPLIT),
        ),
        # 300 lines: 9 late at hand-over, 48 more late at our dock.
        EXW: Script(
            level=0.97,
            months=_year(
                (24, 20, 26, 25, 27, 26, 25, 26, 27, 21, 27, 26),
                (1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1),
            ),
            misses=(Miss.LATE,),
            lateness=(2, 1, 3, 4),
            due_days=(9, 21),
            dock_late=_each((4, 5, 5, 4, 4, 3, 4, 4, 4, 3, 4, 4)),
        ),
        # 21 lots of 5,000 a month with 4 rejects; June 2026: 20 lots, 124 rejects.
        BAD_LOT: Script(
            level=0.985,
            months=_year((21,) * 7 + (20,) + (21,) * 4, (0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0)),
            misses=(Miss.LATE,),
            quantity=5000,
            rejects={
                **dict.fromkeys((*HISTORY, *YEAR), (1, 1, 1, 1)),
                BAD_LOT_MONTH: (BAD_LOT_UNITS, 1, 1, 1, 1),
            },
            due_days=(9, 24),
            lateness=(1, 2, 3),
        ),
        NEWCOMER: Script(
            months={"2026-08": (1, 0), "2026-09": (1, 0), "2026-10": (2, 0)},
            rejects={},
            has_history=False,
            first_month="2026-08",
            due_days=(9, 24),
        ),
        VETERAN: Script(level=0.955, months=_year((5,) * 12, (0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0))),
        # 30 lines of 10 units: 300 units received, none rejected.
        FEW_UNITS: Script(
            level=0.99,
            months=_year((3, 2, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3), (0,) * 12),
            quantity=10,
            rejects={},
            due_days=(9, 24),
        ),
        FRAGILE: Script(
            level=0.985,
            months=_year((9, 7, 9, 10, 9, 10, 9, 10, 9, 8, 9, 9), (0,) * 5 + (1,) + (0,) * 6),
            misses=(Miss.LATE,),
            lateness=(2,),
        ),
        # On every target: 95 % OTIF, 2 days, 50 ppm, 1 % of lots, 24 hours, 1 % of invoices.
        EXACT: Script(
            level=0.95,
            months=_year(
                (17, 14, 17, 17, 17, 17, 17, 17, 17, 15, 18, 17),
                (1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0),
            ),
            misses=(Miss.LATE,),
            quantity=500,
            rejects={
                **dict.fromkeys(HISTORY[::3], (1,)),
                "2025-12": (1,),
                "2026-02": (1,),
                "2026-05": (1,),
                "2026-07": (1,),
                "2026-09": (1,),
            },
            lots_rejected=1,
            due_days=(9, 16),
            lateness=(1, 10, 3, 11, 8, 12, 1, 12, 10, 12),
            acknowledge_hours=24,
            wrong_invoices=2,
        ),
        SILENT: Script(has_history=False, first_month="2026-12"),
        # 200 lines: 58 promises moved by the supplier, 8 missed even so.
        RESCHEDULER: Script(
            level=0.74,
            months=_year(
                (17, 13, 16, 15, 18, 17, 17, 18, 18, 15, 18, 18),
                (4, 3, 5, 4, 5, 5, 5, 5, 6, 5, 6, 5),
            ),
            misses=(Miss.SLIPPED,),
            due_days=(3, 16),
        ),
        # 180 lines due, and 18 that we cancelled: they stand outside every rate.
        CANCELLED: Script(
            level=0.93,
            months=_year(
                (15, 12, 15, 15, 16, 15, 16, 15, 16, 13, 16, 16),
                (1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1),
            ),
            cancelled=_each((0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 6, 7)),
        ),
        # 150 lines in time, 24 of them with more than was ordered.
        OVER_DELIVERER: Script(
            level=0.85,
            months=_year(
                (12, 10, 12, 12, 14, 13, 13, 13, 13, 11, 14, 13),
                (2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2),
            ),
            misses=(Miss.OVER,),
        ),
        # 240 lines just in time: one day early is agreed, 30 came earlier.
        EARLY: Script(
            level=0.88,
            months=_year(
                (20, 16, 20, 20, 21, 21, 20, 21, 21, 17, 22, 21),
                (2, 2, 2, 2, 3, 3, 2, 3, 3, 2, 3, 3),
            ),
            misses=(Miss.EARLY,),
            early_days=1,
        ),
        # Summer and year end: 80 % in August and December, 97 % otherwise.
        SEASONAL: Script(
            level=0.975,
            dips=(8, 12),
            months=_year(
                (16, 10, 16, 16, 17, 16, 17, 17, 16, 10, 17, 16),
                (0, 2, 1, 0, 1, 0, 1, 0, 1, 2, 0, 0),
            ),
        ),
    }
)
