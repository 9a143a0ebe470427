"""Measures by the column: one measure of many suppliers at once.

The rules are those of `measure`, element by element; this module adds speed only. One
supplier is a column of one, so that a card and a snapshot of thousands are the same
figures. What is measured is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

from app.calc.intervals import wilson_many
from app.calc.measure import (
    LINES_OK,
    LINES_PROVISIONAL,
    SPREAD_OK,
    SPREAD_PROVISIONAL,
    Measure,
    MeasureState,
    weakness,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.int8]

# The code of a state is its place here; snapshots store the code.
STATES = (
    MeasureState.NO_DATA,
    MeasureState.INSUFFICIENT,
    MeasureState.PROVISIONAL,
    MeasureState.OK,
)
NO_DATA, INSUFFICIENT, PROVISIONAL, OK = range(4)


@dataclass(frozen=True, slots=True)
class Sample:
    """What n counts and how many of it make a figure provisional or firm."""

    noun: str = "lines"
    ok: int = LINES_OK
    provisional: int = LINES_PROVISIONAL


LINES = Sample()
COMPLETED_LINES = Sample("completed lines", SPREAD_OK, SPREAD_PROVISIONAL)


@dataclass(frozen=True, slots=True)
class Absence:
    """Why values are missing: texts, and per element the place of its text."""

    texts: tuple[str, ...]
    codes: Codes

    def text(self, index: int) -> str:
        """Return the reason of one element."""
        return self.texts[int(self.codes[index])]


@dataclass(frozen=True, slots=True)
class Remark:
    """What must be said beside a value, with how many members it concerns (`{}` in the text)."""

    text: str
    counts: Integers

    def of(self, index: int) -> str | None:
        """Return the remark on one element, None where it concerns nobody."""
        count = int(self.counts[index])
        # allowed: format-of-text: the text is a constant of the rule that remarks
        return self.text.format(f"{count:,}") if count else None


@dataclass(frozen=True, slots=True)
class MeasureColumn:
    """One measure of many suppliers; NaN stands for unknown and becomes None on the way out.

    All arrays have shape (m,). `explain` replaces the sample's own words for a weak state.
    """

    id: str
    value: Floats
    n: Integers
    numerator: Floats
    denominator: Floats
    lo: Floats
    hi: Floats
    state: Codes
    unknown: Integers
    absence: Absence
    sample: Sample = LINES
    deff: Floats | None = None
    remark: Remark | None = None
    explain: Callable[[MeasureState, int], str | None] | None = None

    def measure(self, index: int) -> Measure:
        """Return the measure of one supplier."""
        return Measure(
            id=self.id,
            value=known(self.value[index]),
            n=int(self.n[index]),
            numerator=known(self.numerator[index]),
            denominator=known(self.denominator[index]),
            lo=known(self.lo[index]),
            hi=known(self.hi[index]),
            state=STATES[self.state[index]],
            reason=self.reason(index),
            deff=None if self.deff is None else known(self.deff[index]),
            unknown=int(self.unknown[index]),
        )

    def reason(self, index: int) -> str | None:
        """Return why the value of one supplier is missing or weak, None where it is firm."""
        state = STATES[self.state[index]]
        if state is MeasureState.NO_DATA:
            return self.absence.text(index)
        remark = self.remark.of(index) if self.remark else None
        return " ".join(filter(None, (self._weakness(index, state), remark))) or None

    def _weakness(self, index: int, state: MeasureState) -> str | None:
        unknown = int(self.unknown[index])
        if self.explain:
            return self.explain(state, unknown)
        sample = self.sample
        return weakness(
            state,
            int(self.n[index]),
            needed=sample.provisional,
            ok=sample.ok,
            noun=sample.noun,
            unknown=unknown,
        )


def known(value: float) -> float | None:
    """Return a number of a column, None for NaN.

    Formula: none.

    Args:
        value: any float.
    Returns:
        The same number as a Python float, or None.
    Raises:
        Nothing.
    Source: domain rules §0.1.
    Edge cases: none.

    >>> known(float("nan")) is None, known(0.0)
    (True, 0.0)
    """
    return None if isnan(value) else float(value)


def sample_states(n: Integers, sample: Sample = LINES) -> Codes:
    """Return the state codes that sample sizes earn.

    Formula: as `measure.sample_state`, element by element.

    Args:
        n: shape (m,) [count], ≥ 0.
        sample: the limits.
    Returns:
        Shape (m,), places in `STATES`.
    Raises:
        ValueError: an n is negative.
    Source: domain rules §0.8.
    Edge cases: as `measure.sample_state`.

    >>> [STATES[code].value for code in sample_states(np.array([0, 9, 10, 30]))]
    ['no_data', 'insufficient', 'provisional', 'ok']
    """
    if np.any(n < 0):
        raise ValueError("n: every sample size must be at least 0")
    limits = np.array([1, sample.provisional, sample.ok])
    return np.searchsorted(limits, n, side="right").astype(np.int8)


def rates(
    id: str,  # noqa: A002 — the register's word for it
    true: Integers,
    known: Integers,
    *,
    unknown: Integers,
    absence: Absence,
    deff: Floats | None = None,
    sample: Sample = LINES,
) -> MeasureColumn:
    """Build the column of a share: how many of the known are true.

    Formula: as `measure.rate`, element by element.

    Args:
        id: the measure's id in the metric register.
        true: shape (m,) [count], 0 … known.
        known: shape (m,) [count], ≥ 0.
        unknown: shape (m,) [count], ≥ 0.
        absence: what is missing where known is 0.
        deff: shape (m,), design effects, NaN where not known; None for none at all.
        sample: what n counts, and its limits.
    Returns:
        A column of fractions in [0, 1].
    Raises:
        ValueError: counts contradict each other.
    Source: domain rules §0.1, §0.8, §3.1.
    Edge cases: as `measure.rate`.

    >>> some = np.array([57, 0]); of = np.array([60, 0])
    >>> why = Absence(("No line is due.",), np.zeros(2, np.int8))
    >>> column = rates("otd", some, of, unknown=of * 0, absence=why)
    >>> column.measure(0).value, column.measure(1).reason
    (0.95, 'No line is due.')
    """
    _check_counts(true, known=known, unknown=unknown)
    some = known > 0
    size = np.where(some, known, np.nan)
    weight = 1.0 if deff is None else np.where(np.isnan(deff), 1.0, deff)
    lo, hi = wilson_many(true / weight, known / weight)
    return MeasureColumn(
        id=id,
        value=true / size,
        n=known,
        numerator=np.where(some, true, np.nan),
        denominator=size,
        lo=np.where(some, lo, np.nan),
        hi=np.where(some, hi, np.nan),
        state=sample_states(known, sample),
        unknown=unknown,
        absence=absence,
        sample=sample,
        deff=deff,
    )


def ratios(
    id: str,  # noqa: A002 — the register's word for it
    numerator: Floats,
    *,
    denominator: Floats,
    n: Integers,
    unknown: Integers,
    absence: Absence,
    sample: Sample = LINES,
) -> MeasureColumn:
    """Build the column of a ratio of sums, such as units in the window per unit due.

    Formula: as `measure.ratio`, element by element.

    Args:
        id: the measure's id in the metric register.
        numerator: shape (m,) [any unit].
        denominator: shape (m,) [same unit].
        n: shape (m,), members in the sums [count], ≥ 0.
        unknown: shape (m,) [count], ≥ 0.
        absence: what is missing where n or the denominator is 0.
        sample: what n counts, and its limits.
    Returns:
        A column without intervals.
    Raises:
        ValueError: a count is negative.
    Source: domain rules §1.3.
    Edge cases: as `measure.ratio`.

    >>> why = Absence(("No line is due.",), np.zeros(1, np.int8))
    >>> n = np.array([40])
    >>> sums = {"denominator": np.array([400.0]), "n": n, "unknown": n * 0}
    >>> ratios("otif_unit", np.array([370.0]), absence=why, **sums).measure(0).value
    0.925
    """
    _check_counts(n, known=n, unknown=unknown)
    some = (n > 0) & (denominator != 0)
    whole = np.where(some, denominator, np.nan)
    nothing = np.full(len(n), np.nan)
    return MeasureColumn(
        id=id,
        value=numerator / whole,
        n=np.where(some, n, 0),
        numerator=np.where(some, numerator, np.nan),
        denominator=whole,
        lo=nothing,
        hi=nothing,
        state=np.where(some, sample_states(n, sample), NO_DATA).astype(np.int8),
        unknown=unknown,
        absence=absence,
        sample=sample,
    )


def statistics(
    id: str,  # noqa: A002 — the register's word for it
    value: Floats,
    *,
    n: Integers,
    unknown: Integers,
    absence: Absence,
    sample: Sample = COMPLETED_LINES,
) -> MeasureColumn:
    """Build the column of a statistic in its own unit: a mean, a percentile, a spread.

    Formula: as `measure.statistic`, element by element.

    Args:
        id: the measure's id in the metric register.
        value: shape (m,) [its own unit], NaN where undefined.
        n: shape (m,) [count], ≥ 0.
        unknown: shape (m,) [count], ≥ 0.
        absence: what is missing where there is no value.
        sample: what n counts, and its limits.
    Returns:
        A column without intervals.
    Raises:
        ValueError: a count is negative.
    Source: domain rules §0.8.
    Edge cases: as `measure.statistic`.

    >>> why = Absence(("No line is complete.",), np.zeros(1, np.int8))
    >>> n = np.array([5])
    >>> column = statistics("ltv_A", np.array([2.4]), n=n, unknown=n * 0, absence=why)
    >>> column.measure(0).state.value
    'provisional'
    """
    _check_counts(n, known=n, unknown=unknown)
    some = (n > 0) & ~np.isnan(value)
    nothing = np.full(len(n), np.nan)
    return MeasureColumn(
        id=id,
        value=np.where(some, value, np.nan),
        n=n,
        numerator=nothing,
        denominator=nothing,
        lo=nothing,
        hi=nothing,
        state=np.where(some, sample_states(n, sample), NO_DATA).astype(np.int8),
        unknown=unknown,
        absence=absence,
        sample=sample,
    )


def event_counts(
    id: str,  # noqa: A002 — the register's word for it
    count: Integers,
    *,
    recorded: bool,
    absence: Absence,
) -> MeasureColumn:
    """Build the column of a complete count of events, such as line stops.

    Formula: as `measure.event_count`, element by element.

    Args:
        id: the measure's id in the metric register.
        count: shape (m,) [count], ≥ 0.
        recorded: whether the house records such events at all.
        absence: what is missing where it does not.
    Returns:
        A column of counts in state ok; 0 is a real 0 where events are recorded.
    Raises:
        ValueError: a count is negative.
    Source: domain rules §12.
    Edge cases: not recorded is no_data for all.

    >>> why = Absence(("Disruptions are not recorded.",), np.zeros(1, np.int8))
    >>> none = np.array([0])
    >>> event_counts("line_stops", none, recorded=True, absence=why).measure(0).value
    0.0
    """
    _check_counts(count, known=count, unknown=count * 0)
    nothing = np.full(len(count), np.nan)
    value = count.astype(np.float64) if recorded else nothing
    state = np.full(len(count), OK if recorded else NO_DATA, np.int8)
    return MeasureColumn(
        id=id,
        value=value,
        n=count if recorded else count * 0,
        numerator=value,
        denominator=nothing,
        lo=nothing,
        hi=nothing,
        state=state,
        unknown=count * 0,
        absence=absence,
        sample=LINES,
    )


def _check_counts(true: Integers, *, known: Integers, unknown: Integers) -> None:
    if not np.all((true >= 0) & (true <= known)):
        raise ValueError("true and known: 0 ≤ true ≤ known must hold for every element")
    if np.any(unknown < 0):
        raise ValueError("unknown: every count must be at least 0")
