"""The rows of the demo company before they have keys in a database."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from app.base.db import Base

# A row's columns hold whatever their types take: text, dates, numbers, nothing.
Row = dict[str, Any]


class Rows:
    """Rows by table, numbered from 1 in each; references are those numbers until loaded."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = defaultdict(list)

    def add(self, model: type[Base], **values: Any) -> Row:  # Any: as in Row
        """Append a row to the model's table and return it, numbered."""
        table = self.tables[model.__tablename__]
        row: Row = {"id": len(table) + 1, **values}
        table.append(row)
        return row

    def of(self, model: type[Base]) -> list[Row]:
        """Return the rows of a table, in the order of their numbers."""
        return self.tables[model.__tablename__]
