"""The reject file: bad rows with their original cells and a column that says why.

It can be mended and imported again through the same mapping. A cell that a spreadsheet
would take for a formula gets an apostrophe in front, which importing takes away again.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.base import spreadsheets
from app.platform.imports import parse_words
from app.platform.imports.mapping import AUTO, Mapping, from_written
from app.platform.imports.rows import REASON_COLUMN
from app.platform.sources import queries

ALL = 1_000_000
BYTE_ORDER_MARK = "\ufeff"


def content(session: Session, batch_id: int) -> bytes:
    """Return the reject file of a batch, in the encoding and separation of its mapping."""
    batch = queries.batch_row(session, batch_id)
    mapping = from_written(batch.summary["mapping"])
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in queries.problems(session, batch_id, limit=ALL):
        reasons[problem.row_no].append(f"{problem.code}: {problem.message}")
    out = io.StringIO(newline="")
    delimiter = "," if mapping.shape.delimiter == AUTO else mapping.shape.delimiter
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow([*_header(batch.summary, mapping), REASON_COLUMN])
    for row_no, cells in queries.aside_rows(session, batch_id):
        writer.writerow([*map(guarded, cells), guarded("; ".join(reasons[row_no]))])
    return _encoded(out.getvalue(), mapping)


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    return cell if parse_words.is_plain_number(cell) else spreadsheets.harmless(cell)


def _header(summary: dict[str, Sequence[str]], mapping: Mapping) -> list[str]:
    header = [name for name in summary.get("header", ()) if name != REASON_COLUMN]
    return header or list(mapping.shape.columns or mapping.source_columns())


def _encoded(text: str, mapping: Mapping) -> bytes:
    if mapping.shape.encoding == "utf-8":
        return (BYTE_ORDER_MARK + text).encode("utf-8")
    return text.encode(mapping.shape.encoding, errors="replace")
