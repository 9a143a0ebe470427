"""What a rule can watch: subjects, each with how it is read for all suppliers at once.

What an alert says of a value, and which page shows what is behind it, is the subject's to
tell. All of them together stand in `subjects`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.base import formatting


class Unit(StrEnum):
    """What a subject's value is in; a share is a fraction inside and percent in print."""

    SHARE = "share"
    PPM = "ppm"
    DAYS = "days"
    HOURS = "hours"
    COUNT = "count"
    RATIO = "ratio"
    POINTS = "points"
    MONEY = "money"
    SIGN = "sign"


class Group(StrEnum):
    """What kind of thing is watched; the order in which people choose."""

    MEASURE = "measure"
    SIGN = "early sign"
    INDEX = "risk index"
    DATE = "date"
    ACTION = "action"
    EVENT = "event"


class Cadence(StrEnum):
    """How long a period of a subject is: a closed calendar month, or a day."""

    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one thing of a supplier at the end of a period.

    `value` is None where unknown or resting on too little. `n` is the sample, None for what
    is no sample; `lower` and `upper` its 95 % interval. `thing` tells several things of one
    supplier apart (an event, a part). `words` say it where the value alone does not. `door` is
    the page behind it: endpoint and what stands in its address beside the supplier.
    """

    value: float | None
    n: int | None = None
    lower: float | None = None
    upper: float | None = None
    thing: str = ""
    words: str = ""
    door: tuple[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One reading of each supplier at the ends of several periods.

    Shape (suppliers, periods); NaN where unknown or resting on too little.
    """

    supplier_ids: Sequence[int]
    value: NDArray[np.float64]
    n: NDArray[np.int64]


Readings = Mapping[int, Sequence[Reading]]
Read = Callable[[Session, date], Readings]
# Many months' ends at once, oldest first.
ReadMany = Callable[[Session, Sequence[date]], Table]
# Values of the last periods up to a day by supplier, oldest first, to tell where a trend goes.
Series = Callable[[Session, date], Mapping[int, Sequence[float | None]]]


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a rule can watch.

    `read` gives the readings of the period that ends on a day, for every supplier that has
    any. `can_look_back` tells whether it can be read for days that are past; what is only
    known live is judged from the first evaluation on. `low_is_bad` is None where neither way
    is bad by itself. `absent_is_good`: what has no reading any more is over, not unknown.
    """

    id: str
    label: str
    unit: Unit
    group: Group
    read: Read
    cadence: Cadence = Cadence.DAY
    can_look_back: bool = True
    low_is_bad: bool | None = None
    absent_is_good: bool = False
    endpoint: str = "overview.supplier"
    series: Series | None = field(default=None, compare=False)
    # The subject whose threshold is the floor that the series runs into; its own where empty.
    floor_of: str = ""
    read_many: ReadMany | None = field(default=None, compare=False)

    def said(self, reading: Reading) -> str:
        """Return a reading in words: “OTIF by line, month: 87.0 %”."""
        return reading.words or f"{self.label}: {shown(self.unit, reading.value)}"


def shown(unit: Unit, value: float | None) -> str:
    """Return a value as people read it."""
    if value is None:
        return formatting.NO_DATA
    if unit is Unit.SHARE:
        return formatting.percent(value)
    if unit is Unit.PPM:
        return formatting.ppm(value)
    if unit is Unit.DAYS:
        return formatting.count(round(value), "day") if value == round(value) else (
            formatting.days(value)
        )  # fmt: skip
    if unit is Unit.SIGN:
        return "stands" if value >= 1 else "does not stand"
    if unit is Unit.HOURS:
        return f"{formatting.number(value, 1)} h"
    places = 0 if value == round(value) else 2
    return formatting.number(value, places)


def one_each(found: Mapping[int, Reading]) -> Readings:
    """Return readings of which each supplier has one."""
    return {supplier_id: (reading,) for supplier_id, reading in found.items()}
