"""A measure: one figure with its sample, its interval, its state and its reason.

The rule for missing values stands here: no population is None, never 0 and never
100. A measure that is `insufficient` still shows its value, but a score treats it as
missing (`Measure.counts`). What is measured is said elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.calc.intervals import wilson

LINES_OK = 30
LINES_PROVISIONAL = 10
LOTS_OK = 10
LOTS_PROVISIONAL = 5
SPREAD_OK = 8
SPREAD_PROVISIONAL = 2


class MeasureState(StrEnum):
    """How far a measure can be trusted."""

    OK = "ok"
    PROVISIONAL = "provisional"
    INSUFFICIENT = "insufficient"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure as it is shown, stored and scored.

    `value`, `lo` and `hi` are in the unit of the metric register (rates as fractions).
    `n` is the sample size; `numerator` and `denominator` are what the value was divided
    from. `unknown` counts members of the population that could not be judged; they are
    in neither numerator nor denominator. `reason` says in plain words why a value is
    missing or weak; it is None when the state is ok and nothing is unknown. `deff` is the
    design effect that widened the interval, None where it was not applied.
    """

    id: str
    value: float | None
    n: int | None
    numerator: float | None
    denominator: float | None
    lo: float | None
    hi: float | None
    state: MeasureState
    reason: str | None
    deff: float | None = None
    unknown: int = 0

    @property
    def counts(self) -> bool:
        """Whether a score may use it: it has a value and enough of a sample."""
        strong = self.state in (MeasureState.OK, MeasureState.PROVISIONAL)
        return strong and self.value is not None


def sample_state(
    n: int, *, ok: int = LINES_OK, provisional: int = LINES_PROVISIONAL
) -> MeasureState:
    """Return the state that a sample size earns.

    Formula: n ≥ ok → ok; n ≥ provisional → provisional; n ≥ 1 → insufficient; 0 → no_data.

    Args:
        n: sample size [count], ≥ 0.
        ok: the smallest n that is ok [count]; 30 for lines, 10 for lots and SCARs.
        provisional: the smallest n that is provisional [count]; 10 for lines, 5 for lots.
    Returns:
        The state; `insufficient` is shown but not graded.
    Raises:
        ValueError: n is negative, or the limits are not 1 ≤ provisional ≤ ok.
    Source: house rule, domain rules §0.8.
    Edge cases: n = 0 is no_data whatever the limits.

    >>> [sample_state(n).value for n in (0, 9, 10, 30)]
    ['no_data', 'insufficient', 'provisional', 'ok']
    """
    if n < 0:
        raise ValueError(f"n is {n}, it must be at least 0")
    if not 1 <= provisional <= ok:
        raise ValueError(
            f"provisional is {provisional} and ok {ok}, 1 ≤ provisional ≤ ok must hold"
        )
    if n == 0:
        return MeasureState.NO_DATA
    if n < provisional:
        return MeasureState.INSUFFICIENT
    return MeasureState.PROVISIONAL if n < ok else MeasureState.OK


def rate(
    id: str,  # noqa: A002 — the register's word for it
    true: int,
    known: int,
    *,
    unknown: int = 0,
    deff: float | None = None,
    reason_no_data: str,
    noun: str = "lines",
    ok: int = LINES_OK,
    provisional: int = LINES_PROVISIONAL,
) -> Measure:
    """Build the measure of a share: how many of the known are true.

    Formula: value = true/known; interval = Wilson with known/deff and true/deff.

    Args:
        id: the measure's id in the metric register.
        true: members that satisfy the claim [count], 0 … known.
        known: members of the population that could be judged [count], ≥ 0.
        unknown: members that could not be judged [count], ≥ 0; never in the rate.
        deff: design effect [ratio], ≥ 1; None where it is not known.
        reason_no_data: what is missing and what to ask for, shown when known is 0.
        noun: what is counted, for the reason text ("lines", "orders", "lots").
        ok: the smallest sample that is ok [count].
        provisional: the smallest sample that is provisional [count].
    Returns:
        A measure with a fraction in [0, 1]; the state follows `known`, not known/deff.
    Raises:
        ValueError: the counts contradict each other, or deff is below 1.
    Source: domain rules §0.1, §0.8, §3.1.
    Edge cases: known = 0 gives value None, no interval, state no_data.

    >>> m = rate("otd", 57, 60, reason_no_data="No line is due.")
    >>> m.value, m.state.value, f"{m.lo:.3f}–{m.hi:.3f}"
    (0.95, 'ok', '0.863–0.983')
    >>> rate("otd", 0, 0, reason_no_data="No line is due.").value is None
    True
    """
    _check_counts(true, known=known, unknown=unknown)
    if deff is not None and deff < 1:
        raise ValueError(f"deff is {deff}, it must be at least 1")
    state = sample_state(known, ok=ok, provisional=provisional)
    if known == 0:
        return _no_data(id, reason_no_data, unknown=unknown)
    weight = deff or 1.0
    lo, hi = wilson(true / weight, known / weight)
    reason = weakness(state, known, needed=provisional, ok=ok, noun=noun, unknown=unknown)
    return Measure(
        id, true / known, known, true, known, lo, hi, state, reason, deff=deff, unknown=unknown
    )


def ratio(
    id: str,  # noqa: A002 — the register's word for it
    numerator: float,
    *,
    denominator: float,
    n: int,
    unknown: int = 0,
    reason_no_data: str,
    noun: str = "lines",
) -> Measure:
    """Build the measure of a ratio of sums, such as units in the window per unit due.

    Formula: value = numerator/denominator.

    Args:
        id: the measure's id in the metric register.
        numerator: sum of the part [any unit], ≥ 0.
        denominator: sum of the whole [same unit], ≥ 0.
        n: members of the population in the sums [count], ≥ 0; sets the state.
        unknown: members left out because a fact is missing [count], ≥ 0.
        reason_no_data: what is missing and what to ask for.
        noun: what n counts, for the reason text.
    Returns:
        A measure without interval: units of one line are not independent trials.
    Raises:
        ValueError: n or unknown is negative.
    Source: domain rules §1.3.
    Edge cases: n = 0 or denominator = 0 gives value None, state no_data.

    >>> ratio("otif_unit", 370, denominator=400, n=40, reason_no_data="No line is due.").value
    0.925
    """
    _check_counts(0, known=n, unknown=unknown)
    if n == 0 or denominator == 0:
        return _no_data(id, reason_no_data, unknown=unknown)
    state = sample_state(n)
    reason = weakness(state, n, needed=LINES_PROVISIONAL, ok=LINES_OK, noun=noun, unknown=unknown)
    value = numerator / denominator
    return Measure(id, value, n, numerator, denominator, None, None, state, reason, unknown=unknown)


def statistic(
    id: str,  # noqa: A002 — the register's word for it
    value: float | None,
    *,
    n: int,
    unknown: int = 0,
    reason_no_data: str,
    noun: str = "completed lines",
    ok: int = SPREAD_OK,
    provisional: int = SPREAD_PROVISIONAL,
) -> Measure:
    """Build the measure of a statistic in its own unit: a mean, a percentile, a spread.

    Formula: none; the value is taken as it is.

    Args:
        id: the measure's id in the metric register.
        value: the statistic [its own unit], None where it is undefined.
        n: sample size [count], ≥ 0.
        unknown: members left out because a fact is missing [count], ≥ 0.
        reason_no_data: what is missing and what to ask for.
        noun: what n counts, for the reason text.
        ok: the smallest sample that is ok [count]; 8 for a spread.
        provisional: the smallest sample that is provisional [count]; 2 for a spread.
    Returns:
        A measure without interval; numerator and denominator are None.
    Raises:
        ValueError: n or unknown is negative.
    Source: domain rules §0.8.
    Edge cases: value None with n > 0 (a spread of one line) is no_data and keeps its n.

    >>> statistic("ltv_A", 2.4, n=5, reason_no_data="No line is complete.").state.value
    'provisional'
    """
    _check_counts(0, known=n, unknown=unknown)
    if n == 0 or value is None:
        return _no_data(id, reason_no_data, unknown=unknown, n=n)
    state = sample_state(n, ok=ok, provisional=provisional)
    reason = weakness(state, n, needed=provisional, ok=ok, noun=noun, unknown=unknown)
    return Measure(id, value, n, None, None, None, None, state, reason, unknown=unknown)


def event_count(id: str, count: int | None, *, reason_no_data: str) -> Measure:  # noqa: A002
    """Build the measure of a complete count of events, such as line stops.

    Formula: value = count.

    Args:
        id: the measure's id in the metric register.
        count: events in the period [count], ≥ 0; None where nobody records them.
        reason_no_data: what is missing and what to ask for.
    Returns:
        A measure in state ok: a count of all events is a census. More is worse.
    Raises:
        ValueError: count is negative.
    Source: domain rules §12.
    Edge cases: None is no_data; 0 is a real 0, because events are recorded.

    >>> event_count("line_stops", 0, reason_no_data="Disruptions are not recorded.").value
    0.0
    """
    if count is None:
        return _no_data(id, reason_no_data, unknown=0)
    _check_counts(0, known=count, unknown=0)
    return Measure(id, float(count), count, count, None, None, None, MeasureState.OK, None)


def no_data(id: str, reason: str, *, unknown: int = 0) -> Measure:  # noqa: A002
    """Build the measure of what is not known, with the reason.

    Formula: none.

    Args:
        id: the measure's id in the metric register.
        reason: what is missing and what to ask for.
        unknown: members of the population that could not be judged [count], ≥ 0.
    Returns:
        A measure without value, n = 0, state no_data.
    Raises:
        ValueError: unknown is negative.
    Source: domain rules §0.1.
    Edge cases: none.

    >>> no_data("ppm", "The feed has no rejects.").state.value
    'no_data'
    """
    _check_counts(0, known=0, unknown=unknown)
    return _no_data(id, reason, unknown=unknown)


def _no_data(measure_id: str, reason: str, *, unknown: int, n: int = 0) -> Measure:
    return Measure(
        measure_id,
        None,
        n,
        None,
        None,
        None,
        None,
        MeasureState.NO_DATA,
        reason,
        unknown=unknown,
    )


def _check_counts(true: int, *, known: int, unknown: int) -> None:
    if not 0 <= true <= known:
        raise ValueError(f"true is {true} and known {known}, 0 ≤ true ≤ known must hold")
    if unknown < 0:
        raise ValueError(f"unknown is {unknown}, it must be at least 0")


def weakness(
    state: MeasureState, n: int, *, needed: int, ok: int, noun: str, unknown: int
) -> str | None:
    """Return why a value is weak, in words a buyer understands.

    Formula: none.

    Args:
        state: the state that the sample earned.
        n: sample size [count].
        needed: the smallest sample that is provisional [count].
        ok: the smallest sample that is ok [count].
        noun: what n counts, in the plural.
        unknown: members left out because a fact is missing [count].
    Returns:
        One or two sentences; None when the sample is firm and nothing is unknown.
    Raises:
        Nothing.
    Source: domain rules §0.8.
    Edge cases: no_data has its own reason and gets none here.

    >>> weakness(MeasureState.PROVISIONAL, 12, needed=10, ok=30, noun="lines", unknown=0)
    'Few lines: 12; firm from 30.'
    """
    notes = []
    if state is MeasureState.INSUFFICIENT:
        notes.append(f"Too few {noun}: {n}; at least {needed} are needed.")
    if state is MeasureState.PROVISIONAL:
        notes.append(f"Few {noun}: {n}; firm from {ok}.")
    if unknown:
        notes.append(f"Unknown {noun}, left out: {unknown}.")
    return " ".join(notes) or None
