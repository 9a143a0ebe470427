"""Everybody's scorecard of one period, worked out and written up, ready to be published.

Reads and writes no database: the long work happens before the transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.base.db import JsonText
from app.calc.periods import Period
from app.calc.scoring import ScoreResult
from app.judgement.scorecards.measures import measure_table
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.packing import (
    FORMAT,
    Packed,
    digests,
    packed_measures,
    packed_score,
)
from app.judgement.scorecards.scores import CategoryStanding, Flags, scores, standings
from app.judgement.scorecards.sums import PeriodSums
from app.judgement.scorecards.sureness import packed_sureness, ranges_of, surenesses

Row = dict[str, Any]  # Any: a snapshot's columns are of many types
Standings = Mapping[str, CategoryStanding]

# Measures are packed this many suppliers at a time, to keep memory flat.
CHUNK = 1000
# Sums that a sheet prints beside the measures.
POPULATION = (
    "n_due", "n_pending", "n_excluded", "n_very_early", "n_event_fallback",
    "receipts_undated", "spend_lines", "spend",
)  # fmt: skip


class PeriodKind(StrEnum):
    """The windows that are published."""

    ROLLING_YEAR = "12m"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scorecards of one period: rows to store, and what others may take.

    A row lacks only what the database says: sequence, what it supersedes, when.
    """

    rows: list[Row] = field(default_factory=list)
    standings: dict[int, Standings] = field(default_factory=dict)

    def __add__(self, other: Evaluation) -> Evaluation:
        return Evaluation(self.rows + other.rows, self.standings | other.standings)


def evaluate(
    sums: PeriodSums, *, kind: PeriodKind, period: Period, method: Method, below: Flags
) -> Evaluation:
    """Work out every card in `sums`; `below` tells whose OTIF lay below its floor too long."""
    table = measure_table(sums, limit_ppm=method.limits["ppm"], manual=method.manual_ids)
    ranges = ranges_of(table, method)
    found = digests(sums, method, below=below.tolist())
    done = Evaluation()
    for start in range(0, len(sums), CHUNK):
        some = slice(start, start + CHUNK)
        packed = packed_measures(table, some.start, some.stop)
        critical = sums.critical_open[some].tolist()
        results = list(scores(packed, method, below=below[some].tolist(), critical=critical))
        sure = surenesses(ranges, results, method, start=start)
        keys = sums.supplier_ids[some].tolist()
        for supplier_id, measures, counts, digest, result, own in zip(
            keys, packed, _populations(sums, some), found[some], results, sure, strict=True
        ):
            parts = {
                "format": FORMAT,
                "period": [period.label, period.first_month, period.last_month],
                "population": counts,
                "measures": measures,
                "score": packed_score(result),
                "range": packed_sureness(own),
            }
            row = _row(measures, result)
            row |= {
                "supplier_id": supplier_id,
                "period_kind": str(kind),
                "period_end": period.last_day,
                "as_of": period.as_of,
                "method_id": method.id,
                "input_digest": digest,
                "parts": _text(parts),
            }
            done.rows.append(row)
            done.standings[supplier_id] = standings(measures, result)
    return done


def population(sums: PeriodSums, index: int) -> dict[str, int]:
    """Return the sums that a sheet prints beside one supplier's measures."""
    return {name: int(sums.lines[name][index]) for name in POPULATION}


def _populations(sums: PeriodSums, some: slice) -> list[dict[str, int]]:
    columns = [sums.lines[name][some].tolist() for name in POPULATION]
    return [dict(zip(POPULATION, row, strict=True)) for row in zip(*columns, strict=True)]


def _row(measures: Mapping[str, Packed], result: ScoreResult) -> Row:
    otif, otif_n, *_ = measures["otif_line"]
    ppm, *_ = measures["ppm"]
    return {
        "score": result.score,
        "lower": result.lower,
        "upper": result.upper,
        "grade": None if result.grade is None else str(result.grade),
        "state": str(result.state),
        "coverage": result.coverage,
        "otif": otif,
        "otif_n": otif_n,
        "ppm": ppm,
    }


def _text(parts: Row) -> JsonText:
    return JsonText(json.dumps(parts, separators=(",", ":"), ensure_ascii=False, allow_nan=False))
