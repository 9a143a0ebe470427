"""Pictures of a register."""

from __future__ import annotations

from collections import defaultdict

from app.base.charts import GridCell, RiskGrid
from app.base.formatting import count
from app.calc.fmea import Row
from app.calc.fmea_matrix import Priority
from app.judgement.fmea.queries import RegisterSheet

LOUDNESS = {Priority.HIGH: 2, Priority.MEDIUM: 1, Priority.LOW: 0}


def risk_grid(sheet: RegisterSheet) -> RiskGrid:
    """Return how many rated rows stand at each severity and occurrence, with the worst letter."""
    places: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in sheet.rows:
        severity, occurrence = row.scores.severity, row.scores.occurrence
        if row.priority is not None and severity is not None and occurrence is not None:
            places[severity, occurrence].append(row)
    cells = {place: _cell(rows) for place, rows in places.items()}
    told = [
        f"severity {severity}, occurrence {occurrence}: {count(len(rows), 'row')}, "
        f"worst priority {_worst(rows)}"
        for (severity, occurrence), rows in sorted(places.items(), reverse=True)
    ]
    return RiskGrid(
        "Severity against occurrence",
        "; ".join(told) or "No row is rated yet.",
        cells,
    )


def _cell(rows: list[Row]) -> GridCell:
    worst = _worst(rows)
    return GridCell(f"{worst} {len(rows)}" if len(rows) > 1 else str(worst), LOUDNESS[worst])


def _worst(rows: list[Row]) -> Priority:
    return max((row.priority for row in rows if row.priority), key=lambda each: each.urgency)
