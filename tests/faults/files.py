"""The files that the harness imports: a small house, and a later file that changes and adds.

Plain arithmetic on row numbers spreads the figures: the same file every time, no chance in it.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

SUPPLIERS = 30
HOUSE_LINES = 1_400
CHANGED_LINES = 400
NEW_LINES = 600
FIRST_DAY = date(2025, 8, 4)
LINES_PER_ORDER = 4
COLUMNS = (
    "order_no", "line_no", "supplier_no", "supplier_name", "part_no", "ordered_on",
    "promised_original_on", "quantity_ordered", "unit_price", "currency", "arrived_on",
    "quantity_received", "quantity_rejected",
)  # fmt: skip


def write_house(path: Path) -> Path:
    """Write the deliveries that the house begins with."""
    return _written(path, [_row(number, SUPPLIERS) for number in range(HOUSE_LINES)])


def write_later(path: Path, *, new_lines: int = NEW_LINES) -> Path:
    """Write a later file: known lines that came later than said, and new ones.

    Some of the new lines come from suppliers that the house does not know yet.
    """
    changed = [_row(number * 3, SUPPLIERS, moved=3) for number in range(CHANGED_LINES)]
    last = HOUSE_LINES + new_lines
    new = [_row(number, SUPPLIERS + 3) for number in range(HOUSE_LINES, last)]
    return _written(path, [*changed, *new])


def write_new(path: Path, number: int, lines: int) -> Path:
    """Write one of many small files of new lines, all different."""
    first = HOUSE_LINES + NEW_LINES + number * lines
    return _written(path, [_row(line, SUPPLIERS) for line in range(first, first + lines)])


def _row(number: int, suppliers: int, moved: int = 0) -> tuple[object, ...]:
    order = number // LINES_PER_ORDER
    supplier = order * 7 % suppliers
    ordered = FIRST_DAY + timedelta(days=order * 440 // (2_000 // LINES_PER_ORDER) % 440)
    due = ordered + timedelta(days=12 + supplier % 9)
    late = (number * 31 % 20) - 14
    came = due + timedelta(days=max(-2, late) + moved)
    quantity = 100 + number * 37 % 400
    rejected = 2 if number % 50 == 0 else 0
    return (
        f"45{order:05}", (number % LINES_PER_ORDER + 1) * 10, f"S-{supplier:04}",
        f"Supplier {supplier}", f"P-{supplier}-{number % 5}", ordered, due, quantity,
        f"{2 + number % 30}.50", "EUR", came, quantity - moved, rejected,
    )  # fmt: skip


def _written(path: Path, rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path
