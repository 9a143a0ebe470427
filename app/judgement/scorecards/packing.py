"""A scorecard as a snapshot stores it: compact JSON that says everything, and back.

A measure is a list in the order of `Measure`'s fields after its id; `state` is a place in
the states' order. Stored parts are read for ever: a new shape gets a new format number.
Format 2 added the sampling range of the score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.calc.grading import CapReason, Grade, GradeCap
from app.calc.measure import Measure
from app.calc.measure_columns import OK, STATES, MeasureColumn
from app.calc.scoring import ScorePart, ScoreResult, ScoreState
from app.judgement.scorecards.measures import MeasureTable
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.sums import (
    EVENT_SUMS,
    LINE_SUMS,
    ORDER_MEASURES,
    ORDER_SUMS,
    PERCENTILES,
    SCAR_SUMS,
    PeriodSums,
)

Json = dict[str, Any]  # Any: what JSON can hold
Cell = float | int | str | None
# value, n, numerator, denominator, lo, hi, state, reason, deff, unknown
Packed = tuple[Any, ...]  # Any: cells are of many types
PLACE_OF_STATE = 6
Floats = NDArray[np.float64]

FORMAT = 2
# Sums that came later: in a digest only where there are any, so that other cards stay the same.
LATER_SUMS = ("orders_unknown", "receipts_gone", "rejected_squares")


def digests(sums: PeriodSums, method: Method, *, below: Iterable[bool] | None = None) -> list[str]:
    """Return for each supplier the sha256 of the method and of every sum behind its card.

    What is judged by hand, corrective actions, readiness, sums that came later, and that OTIF
    lay `below` its floor, which the sums of a quarter don't tell, are in it only where there
    are any: other cards stay the same.
    """
    whole = [
        *(sums.lines[name] for name in LINE_SUMS if name not in LATER_SUMS),
        *(sums.events[name] for name in EVENT_SUMS),
        *(
            sums.orders[measure][name]
            for measure in ORDER_MEASURES
            for name in ORDER_SUMS
            if name not in LATER_SUMS
        ),
        sums.within_part_n,
        np.full(len(sums), -1) if sums.open_past_due is None else sums.open_past_due,
        np.full(len(sums), int(sums.disruptions_recorded)),
    ]
    parts = [*(sums.percentiles[name] for name in PERCENTILES), sums.within_part_sd]
    counts = np.stack(whole, axis=1).astype("<i8")
    days = np.stack(parts, axis=1).astype("<f8")
    start = hashlib.sha256(method.content_hash.encode("ascii"))
    found = []
    for count, day in zip(counts, days, strict=True):
        digest = start.copy()
        digest.update(count.tobytes())
        digest.update(day.tobytes())
        found.append(digest)
    _add_beside(found, sums, method)
    if below is not None and CapReason.OTIF_BELOW_FLOOR in method.caps:
        for digest, is_below in zip(found, below, strict=True):
            if is_below:
                digest.update(b"otif below floor")
    return [each.hexdigest() for each in found]


def _add_beside(found: Sequence[Any], sums: PeriodSums, method: Method) -> None:
    """Add what only some cards rest on."""
    scars = sums.scars or {}
    counts = np.stack([scars[name] for name in SCAR_SUMS], axis=1) if scars else None
    judged = [(id_, sums.manual[id_]) for id_ in method.manual_ids if id_ in sums.manual]
    plans, unknown = sums.readiness, sums.orders["otif"]["orders_unknown"]
    gone, squares = sums.lines["receipts_gone"], sums.lines["rejected_squares"]
    for place, digest in enumerate(found):
        if unknown[place]:
            digest.update(f"orders_unknown={unknown[place]}".encode())
        if squares[place]:
            digest.update(f"gone={gone[place]} squares={squares[place]}".encode())
        if counts is not None and counts[place].any():
            digest.update(counts[place].astype("<i8").tobytes())
        for id_, values in judged:
            if not np.isnan(values[place]):
                digest.update(f"{id_}={values[place]}".encode())
        if plans is not None and not np.isnan(plans.points[place]):
            digest.update(f"readiness={plans.points[place]}".encode())
        elif plans is not None and plans.is_waiting[place]:
            digest.update(b"readiness is asked for")


def packed_measures(
    table: MeasureTable, start: int = 0, stop: int | None = None
) -> list[dict[str, Packed]]:
    """Return for each supplier from `start` to before `stop` all its measures, packed."""
    reach = range(len(table.supplier_ids))[start:stop]
    columns = [_cells(column, reach) for column in table.columns.values()]
    ids = tuple(table.columns)
    return [dict(zip(ids, row, strict=True)) for row in zip(*columns, strict=True)]


def packed_score(result: ScoreResult) -> Json:
    """Return a score's parts: points and contributions, caps, the grade before them."""
    return {
        "parts": {part.id: [part.points, part.contribution] for part in result.parts},
        "before_caps": result.grade_before_caps,
        "caps": [[cap.reason, cap.limit, cap.measure_id] for cap in result.caps],
    }


def unpacked(measure_id: str, cells: Sequence[Any]) -> Measure:  # Any: as JSON holds them
    """Return the measure that was packed."""
    value, n, numerator, denominator, lo, hi, state, reason, deff, unknown = cells
    return Measure(
        measure_id, value, n, numerator, denominator, lo, hi, STATES[state], reason, deff, unknown
    )


def unpacked_measures(packed: Mapping[str, Sequence[Any]]) -> dict[str, Measure]:
    """Return all measures that were packed, by id."""
    return {measure_id: unpacked(measure_id, cells) for measure_id, cells in packed.items()}


def unpacked_score(
    packed: Json,
    measures: dict[str, Measure],
    method: Method,
    *,
    score: float | None,
    lower: float,
    upper: float,
    coverage: float,
    grade: str | None,
    state: str,
) -> ScoreResult:
    """Return the score that a snapshot stored, by the method that it was made with."""
    parts = []
    for row in method.scoring.measures:
        points, contribution = packed["parts"][row.id]
        measure = measures[row.measure_id]
        parts.append(
            ScorePart(
                id=row.id,
                category=row.category,
                weight=row.weight,
                points=points,
                measure_id=row.measure_id,
                value=measure.value,
                state=measure.state,
                reason=measure.reason,
                contribution=contribution,
            )
        )
    before = packed["before_caps"]
    return ScoreResult(
        score=score,
        coverage=coverage,
        lower=lower,
        upper=upper,
        grade=None if grade is None else Grade(grade),
        state=ScoreState(state),
        parts=tuple(parts),
        caps=tuple(
            GradeCap(CapReason(reason), Grade(limit), measure_id)
            for reason, limit, measure_id in packed["caps"]
        ),
        grade_before_caps=None if before is None else Grade(before),
    )


def _cells(column: MeasureColumn, reach: range) -> list[Packed]:
    some = slice(reach.start, reach.stop)
    nothing: list[float | None] = [None] * len(reach)
    return list(
        zip(
            _nullable(column.value[some]),
            column.n[some].tolist(),
            _nullable(column.numerator[some]),
            _nullable(column.denominator[some]),
            _nullable(column.lo[some]),
            _nullable(column.hi[some]),
            column.state[some].tolist(),
            _reasons(column, reach),
            nothing if column.deff is None else _nullable(column.deff[some]),
            column.unknown[some].tolist(),
            strict=True,
        )
    )


def _reasons(column: MeasureColumn, reach: range) -> list[str | None]:
    """Return the reasons; most figures are firm and need none, so only the rest is asked."""
    reasons: list[str | None] = [None] * len(reach)
    some = slice(reach.start, reach.stop)
    is_plain = (column.state[some] == OK) & (column.unknown[some] == 0)
    if column.remark is not None:
        is_plain &= column.remark.counts[some] == 0
    for place in np.flatnonzero(~is_plain).tolist():
        reasons[place] = column.reason(reach.start + place)
    return reasons


def _nullable(values: Floats) -> list[float | None]:
    cells: list[float | None] = values.tolist()
    for index in np.flatnonzero(np.isnan(values)).tolist():
        cells[index] = None
    return cells
