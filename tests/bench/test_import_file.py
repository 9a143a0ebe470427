"""The file that the benchmark imports, smaller than at full size too."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from bench import tasks
from bench.house import LAST_DAY, Size


@pytest.mark.parametrize("share", [0.01, 0.1])
def test_the_last_file_holds_no_day_after_the_last_of_the_house(
    share: float, tmp_path: Path
) -> None:
    size, file = Size.of(share), tmp_path / "lines.csv"
    lines = min(tasks.IMPORT_LINES, size.lines)
    tasks.write_csv(file, lines, first=(tasks.REPETITIONS - 1) * lines, size=size)
    with file.open(encoding="utf-8", newline="") as rows:
        days = {date.fromisoformat(row["arrived_on"]) for row in csv.DictReader(rows)}
    assert date(2026, 4, 11) < min(days)
    assert max(days) < LAST_DAY
