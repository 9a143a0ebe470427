"""Early signs: what months say before a score does, each with its evidence and since when.

A sign stands from the month that raised it until two good months. It is worked out from a
card's months and tells nobody. Below the floor is among them; who shows it says when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.calc import signals
from app.calc.lead_time import percentiles_by_group
from app.calc.periods import MONTHS_IN_YEAR
from app.calc.signals import Severity, Signal, SignalKind
from app.judgement.scorecards.course import beginnings, counts, trends_of
from app.judgement.scorecards.queries import MonthFigures

Floats = NDArray[np.float64]
# By month index, how many completed lines were late by how many days.
LatenessByMonth = Mapping[int, Mapping[int, int]]

# Short enough that the first of them still has a baseline behind it.
LOOK_BACK = 5
P90 = 0.9


@dataclass(frozen=True, slots=True)
class Sign:
    """A signal that stands.

    `signal` is the evidence of the month `seen_in` (an index) that raised it last. It stands
    since the month `since`; `is_older` says that it stood already when the look back began.
    `is_raised` tells whether the newest month raises it, else good months count.
    """

    measure_id: str
    signal: Signal
    since: int
    seen_in: int
    is_older: bool
    is_raised: bool

    @property
    def kind(self) -> SignalKind:
        """What was noticed."""
        return self.signal.kind

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return self.signal.severity


# Per month of the look back: 1 raised, 0 not, None cannot be told; and what it rests on.
_Found = tuple[float | None, Signal | None]


def early_signs(
    months: Sequence[MonthFigures],
    measure_id: str,
    *,
    deff: float | None,
    floor: float,
    lateness: LatenessByMonth,
) -> tuple[Sign, ...]:
    """Return the signs that stand at the end of `months`, the gravest first."""
    x, n = counts(months, measure_id)
    start = beginnings(n)[0]
    months, x, n = months[start:], x[:, start:], n[:, start:]
    ends = range(max(2, x.shape[1] - LOOK_BACK + 1), x.shape[1] + 1)
    places = [end - 1 for end in ends]
    trends = [_trend(x[:, :end], n[:, :end], deff) for end in ends]
    rates = np.where(n > 0, x / np.where(n > 0, n, 1.0), np.nan)
    found: list[list[_Found]] = [
        [one[SignalKind.DEGRADATION] for one in trends],
        [one[SignalKind.OUT_OF_CONTROL] for one in trends],
        [_below(rates[:, :end], floor) for end in ends],
        [_later(lateness, months[place].month, deff) for place in places],
    ]
    signs = [_sign(measure_id, each, [months[place].month for place in places]) for each in found]
    return tuple(sorted((s for s in signs if s is not None), key=lambda s: -s.severity))


def _trend(x: Floats, n: Floats, deff: float | None) -> dict[SignalKind, _Found]:
    trends = trends_of(x, n, deff)
    raised = {signal.kind: signal for signal in signals.trend_signals(trends, 0)}
    falls = float(signals.degradation(trends)[0])
    has_chart = trends.baseline is not None and not np.isnan(trends.baseline.centre[0])
    can_tell = {
        SignalKind.DEGRADATION: not np.isnan(falls),
        SignalKind.OUT_OF_CONTROL: has_chart and n[0, -1] > 0,
    }
    return {
        kind: (float(kind in raised) if told else None, raised.get(kind))
        for kind, told in can_tell.items()
    }


def _below(rates: Floats, floor: float) -> _Found:
    code = float(signals.below_sla(rates, floor)[0])
    if np.isnan(code):
        return None, None
    if code == 0:
        return 0.0, None
    return 1.0, Signal(SignalKind.BELOW_SLA, float(rates[0, -1]), floor)


def _later(lateness: LatenessByMonth, month: int, deff: float | None) -> _Found:
    recent = lateness.get(month, {})
    before: dict[int, int] = {}
    for earlier in range(month - MONTHS_IN_YEAR, month):
        for day, lines in lateness.get(earlier, {}).items():
            before[day] = before.get(day, 0) + lines
    now, year = _p90(recent), _p90(before)
    code = signals.lateness_up(
        np.array([now]),
        np.array([year]),
        recent_lines=np.array([sum(recent.values())]),
        later_lines=np.array([sum(lines for day, lines in recent.items() if day > year)]),
        deff=np.array([np.nan if deff is None else max(1.0, deff)]),
    )[0]
    if np.isnan(code):
        return None, None
    return float(code), Signal(SignalKind.LATENESS_UP, now, year) if code else None


def _p90(days: Mapping[int, int]) -> float:
    table = np.array(list(days.items()), np.int64).reshape(-1, 2)
    groups = np.zeros(len(table), np.int64)
    _, values = percentiles_by_group(groups, table[:, 0], counts=table[:, 1], p=P90)
    return float(values[0]) if len(values) else float("nan")


def _sign(measure_id: str, found: Sequence[_Found], months: Sequence[int]) -> Sign | None:
    codes = np.array([[np.nan if code is None else code for code, _ in found]])
    stands = signals.standing(codes)
    since = int(signals.first_seen(stands)[0])
    evidence = [(place, signal) for place, (_, signal) in enumerate(found) if signal is not None]
    if since < 0 or not evidence:
        return None
    place, signal = evidence[-1]
    return Sign(
        measure_id=measure_id,
        signal=signal,
        since=months[since],
        seen_in=months[place],
        is_older=since == 0,
        is_raised=found[-1][0] == 1.0,
    )
