"""Early signs as subjects: trend, control charts, lateness, rejects, promises, open lines.

Each says 1 where the sign stands in the last closed month, 0 where not, nothing where it
can't be told; formulas stand in `app.calc`. Set-based: one read tells of everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc import signals
from app.calc.drift_charts import cusum_chart
from app.calc.lead_time import percentiles_by_group
from app.calc.measure import LINES_PROVISIONAL
from app.calc.p_chart import (
    ALARM_TAIL,
    MIN_BASELINE_PERIODS,
    Verdict,
    binomial_tails,
    p_verdicts,
    rate_baseline,
)
from app.calc.periods import MONTHS_IN_YEAR, Period, month_end
from app.calc.rate_trend import (
    CONFIRMING_PERIODS,
    WINDOW_PERIODS,
    drift_baseline,
    rate_trends,
)
from app.facts.deliveries import more_reads
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.period_reads import merged_suppliers, once
from app.facts.deliveries.queries import HistogramKind
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState
from app.judgement.alerts.catalogue import (
    Cadence,
    Group,
    Read,
    Reading,
    Readings,
    Subject,
    Unit,
    one_each,
)
from app.judgement.alerts.measure_subjects import course_of, deffs_of, months_of, window_to

Floats = NDArray[np.float64]
COURSE_MONTHS = 2 * WINDOW_PERIODS
CHURN_GROWTH = 1.5
P90 = 0.9
POINTS = 100
LEAST_SHOWN_P = 0.001
DELIVERIES = "overview.supplier_deliveries"


@dataclass(frozen=True, slots=True)
class _Course:
    """What the charts of everybody's OTIF say of the last month; shape (m,), codes 1, 0, NaN."""

    supplier_ids: list[int]
    n: Floats
    rate: Floats
    change: Floats
    p: Floats
    centre: Floats
    codes: dict[str, Floats]


def _course(session: Session, as_of: date) -> _Course:
    name = f"alerts: course {window_to(as_of, 'month').label}"
    return once(session, name, lambda: _worked_out(session, as_of))


def _worked_out(session: Session, as_of: date) -> _Course:
    ids, x, n = months_of(session, as_of, "otif_true", "otif_known", COURSE_MONTHS)
    deff, m = deffs_of(session, as_of), len(ids)
    nothing = np.full(m, np.nan)
    rows = {name: nothing.copy() for name in ("rate", "change", "p", "centre")}
    codes = {name: nothing.copy() for name in ("degradation", "out_of_control", "ewma", "cusum")}
    # Months before a supplier's first lines are no baseline.
    first = np.where((n > 0).any(axis=1), (n > 0).argmax(axis=1), 0)
    starts = np.minimum(first, n.shape[1] - CONFIRMING_PERIODS)
    for start in np.unique(starts).tolist():
        at = np.flatnonzero(starts == start)
        own_x, own_n, has_lines = x[at, start:], n[at, start:], n[at, -1] > 0
        found = rate_trends(own_x, own_n, deff=deff[at])
        rows["rate"][at], rows["change"][at] = found.last_rate, found.change
        rows["p"][at] = found.trends.p
        codes["degradation"][at] = signals.degradation(found)
        if found.baseline is None or found.baseline_periods is None:
            continue
        has_chart = ~np.isnan(found.baseline.centre) & has_lines
        rows["centre"][at] = found.baseline.centre
        codes["out_of_control"][at] = np.where(has_chart, found.dropped, np.nan)
        codes["ewma"][at] = np.where(has_chart, found.drift < 0, np.nan)
        rates = np.where(own_n > 0, own_x / np.where(own_n > 0, own_n, 1.0), np.nan)
        base, tested = drift_baseline(
            rates, own_n, baseline=found.baseline, tested_from=found.baseline_periods
        )
        sums = cusum_chart(tested, baseline=base).signals[:, -1]
        codes["cusum"][at] = np.where(has_chart, sums < 0, np.nan)
    return _Course(ids, n[:, -1], codes=codes, **rows)


def _chart(name: str, words: Callable[[_Course, int], str]) -> Read:
    def read(session: Session, as_of: date) -> Readings:
        found = _course(session, as_of)
        code = found.codes[name]
        return one_each(
            {
                key: Reading(
                    None if np.isnan(code[row]) else float(code[row]),
                    int(found.n[row]),
                    words=words(found, row) if code[row] == 1 else "",
                )
                for row, key in enumerate(found.supplier_ids)
                if found.n[row] or not np.isnan(code[row])
            }
        )

    return read


def _falls(found: _Course, row: int) -> str:
    change = formatting.signed(float(found.change[row]) * POINTS)
    p = "p < 0.001" if found.p[row] < LEAST_SHOWN_P else f"p {found.p[row]:.3f}"
    return f"OTIF falls: {change} points over {WINDOW_PERIODS} months, {p}"


def _away(what: str) -> Callable[[_Course, int], str]:
    def words(found: _Course, row: int) -> str:
        rate, centre = formatting.percent(found.rate[row]), formatting.percent(found.centre[row])
        return f"OTIF {rate} in the month: {what} of the baseline at {centre}"

    return words


def _lateness_up(session: Session, as_of: date) -> Readings:
    """Compare P90 of lateness in the month with the twelve months before."""
    period = window_to(as_of, "month")
    month = period.last_month
    year = Period("12 months before", month - MONTHS_IN_YEAR, month - 1, month_end(month - 1))
    now, then = (
        deliveries.histogram_rows(session, each, HistogramKind.LATENESS, None, together=False)
        for each in (period, year)
    )
    recent, before = _p90s(now), _p90s(then)
    ids = sorted(recent.keys() & before.keys())
    lines, later = dict.fromkeys(ids, 0), dict.fromkeys(ids, 0)
    for key, days, count in now.tolist():
        if key in lines:
            lines[key] += count
            later[key] += count if days > before[key] else 0
    codes = signals.lateness_up(
        np.array([recent[key] for key in ids]),
        np.array([before[key] for key in ids]),
        recent_lines=np.array([lines[key] for key in ids], np.int64),
        later_lines=np.array([later[key] for key in ids], np.int64),
    )
    return one_each(
        {
            key: Reading(
                None if np.isnan(code) else float(code),
                lines[key],
                words=f"P90 of lateness {formatting.days(recent[key])} in the month, "
                f"{formatting.days(before[key])} over the year before" if code == 1 else "",
            )
            for key, code in zip(ids, codes.tolist(), strict=True)
        }
    )  # fmt: skip


def _p90s(table: NDArray[np.int64]) -> dict[int, float]:
    keys, values = percentiles_by_group(table[:, 0], table[:, 1], counts=table[:, 2], p=P90)
    return dict(zip(keys.tolist(), values.tolist(), strict=True))


def _ppm_step(session: Session, as_of: date) -> Readings:
    """Hold the month's rejects against a p-chart of the months before, wide where lots vary."""
    ids, x, n = months_of(session, as_of, "quantity_rejected", "quantity_received", COURSE_MONTHS)
    # Whole pieces: the roll-up keeps millionths.
    x, n = np.floor(x / 1_000_000), np.floor(n / 1_000_000)
    x = np.minimum(x, n)
    baseline = rate_baseline(x[:, :-1], n[:, :-1])
    verdicts = p_verdicts(x[:, -1], n[:, -1], baseline)
    found = {}
    for row, key in enumerate(ids):
        if not n[row, -1]:
            continue
        is_known = verdicts[row] != Verdict.UNKNOWN and (
            np.count_nonzero(n[row, :-1]) >= MIN_BASELINE_PERIODS
        )
        is_up = verdicts[row] == Verdict.HIGH_ALARM
        ppm = formatting.ppm(float(x[row, -1] / n[row, -1]) * 1_000_000)
        usual = formatting.ppm(float(baseline.centre[row]) * 1_000_000) if is_known else ""
        found[key] = Reading(
            float(is_up) if is_known else None,
            int(n[row, -1]),
            words=f"Rejects step up: {ppm} in the month, {usual} before" if is_up else "",
        )
    return one_each(found)


def _churn_up(session: Session, as_of: date) -> Readings:
    """Tell whose promises move half as often again as in the year before, and not by chance."""
    if not more_reads.records_promise_changes(session):
        return {}
    recent = window_to(as_of, "3m")
    first = recent.first_month
    before = Period("12 months before", first - MONTHS_IN_YEAR, first - 1, month_end(first - 1))
    now, then = (more_reads.promise_sums(session, each) for each in (recent, before))
    nobody = more_reads.PromiseSums()
    return one_each({key: _moves(own, then.get(key, nobody)) for key, own in now.items()})


def _moves(own: more_reads.PromiseSums, year: more_reads.PromiseSums) -> Reading:
    if min(own.lines, year.lines) < LINES_PROVISIONAL:
        return Reading(None, own.lines)
    rate, usual = own.changes / own.lines, year.changes / year.lines
    _, chance = binomial_tails(
        np.array([min(own.changes, own.lines)], np.float64),
        np.array([own.lines], np.float64),
        np.array([min(1.0, usual)]),
    )
    is_up = rate >= CHURN_GROWTH * usual and rate > 0 and chance[0] < ALARM_TAIL
    words = (
        f"Promises move more: {formatting.number(rate, 2)} per line over 3 months, "
        f"{formatting.number(usual, 2)} over the year before"
    )
    return Reading(float(is_up), own.lines, words=words if is_up else "")


def _past_due_share(session: Session, as_of: date) -> Readings:
    """Return which share of the value that is still to come is past due, read live.

    Lines that are not due yet count with their whole value. Unknown where the value of an open
    line is.
    """
    late, coming = deliveries.open_past_due(session, as_of), _to_come(session, as_of)
    places = {key: row for row, key in enumerate(late.supplier_ids.tolist())}
    found = {}
    for key in sorted(coming.keys() | places.keys()):
        lines, valued, past = (
            int(late.columns[name][places[key]]) if key in places else 0
            for name in ("lines", "value_lines", "value")
        )
        pending, pending_valued, value = coming.get(key, (0, 0, 0))
        whole = past + value
        is_known = lines == valued and pending == pending_valued and whole > 0
        share = past / whole if is_known else None
        words = ""
        if share:
            words = f"{formatting.percent(share)} of the open value is past due, "
            words += formatting.count(lines, "line")
        found[key] = Reading(share, lines + pending, words=words)
    return one_each(found)


def _to_come(session: Session, as_of: date) -> dict[int, tuple[int, int, int]]:
    """Return by supplier the lines that are not due yet, those with a value, and the value."""
    total = cast(func.coalesce(func.sum(V.value_due), 0), BigInteger)
    rows = (
        select(V.supplier_id, func.count(), func.count(V.value_due), total)
        .where(V.state == int(VerdictState.PENDING), V.window_end_on > as_of)
        .group_by(V.supplier_id)
    )
    merged, found = merged_suppliers(session), dict[int, tuple[int, int, int]]()
    for key, *sums in session.execute(rows):
        own = merged.get(key, key)
        before = found.get(own, (0, 0, 0))
        found[own] = (before[0] + sums[0], before[1] + sums[1], before[2] + int(sums[2]))
    return found


def _sign(
    id_: str, label: str, read: Read, endpoint: str = DELIVERIES, floor_of: str = ""
) -> Subject:
    return Subject(
        f"sign:{id_}", label, Unit.SIGN, Group.SIGN, read, Cadence.MONTH, endpoint=endpoint,
        low_is_bad=False, floor_of=floor_of,
        series=partial(course_of, "otif_line") if floor_of else None,
    )  # fmt: skip


SUBJECTS = (
    _sign("degradation", "OTIF: trend falls (Mann–Kendall, confirmed)",
          _chart("degradation", _falls), floor_of="measure:otif_line:month"),
    _sign("out_of_control", "OTIF: two months outside the p-chart",
          _chart("out_of_control", _away("outside the limits"))),
    _sign("ewma", "OTIF: EWMA below its limit", _chart("ewma", _away("smoothed, below the limit"))),
    _sign("cusum", "OTIF: CUSUM beyond its limit", _chart("cusum", _away("sum beyond the limit"))),
    _sign("lateness_up", "P90 of lateness up by half", _lateness_up),
    _sign("ppm_step", "Rejects step up", _ppm_step, "overview.supplier_quality"),
    _sign("churn_up", "Promise churn up by half", _churn_up, "overview.supplier_measures"),
    Subject("open:past_due_share", "Past due, of the open value", Unit.SHARE, Group.SIGN,
            _past_due_share, can_look_back=False, low_is_bad=False, endpoint=DELIVERIES),
)  # fmt: skip
