"""The lines that a change touches and what came for them, in temporary tables.

Every step that follows a change starts from here: few rows, beside one another, instead of
line by line among millions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Integer, Select, bindparam, func, insert, literal, select
from sqlalchemy.orm import Session, aliased

from app.base.db import BigKey
from app.facts.deliveries.engine_sql import driving
from app.facts.deliveries.models import Receipt
from app.facts.deliveries.temporary import drop, make, tell_size, temporary

LineIds = Select[int] | Iterable[int]
Span = dict[str, int]

touched = temporary(
    "touched_line",
    Column("line_id", BigKey, nullable=False),
    # Which call touched it; 0: it is new, so nothing of it stands in the roll-up.
    Column("call", Integer, nullable=False),
    key="line_id",
)
_RECEIPT_COLUMNS = (
    "line_id", "id", "reverses_receipt_id", "ready_on", "dispatched_on", "arrived_on", "posted_on",
    "quantity", "quantity_rejected", "quantity_returned", "completes_line",
)  # fmt: skip
touched_receipt = temporary(
    "touched_receipt",
    *(Column(name, Receipt.__table__.c[name].type) for name in _RECEIPT_COLUMNS),
    key=("line_id", "id"),
)
# A receipt of a touched line, as it stands when the lines are judged.
Came: Any = aliased(Receipt, touched_receipt, adapt_on_names=True)


def open_touched(session: Session) -> None:
    """Make the temporary tables."""
    make(session, touched, touched_receipt)


def note_touched(session: Session, lines: LineIds, call: int) -> None:
    """Name lines; those that an earlier call named stay as it named them."""
    standing = select(touched.c.line_id)
    if isinstance(lines, Select):
        named = lines.distinct().subquery()
        line_id = next(iter(named.c))
        new = select(line_id, literal(call)).where(line_id.not_in(standing))
        session.execute(insert(touched).from_select(["line_id", "call"], new))
        return
    found = set(lines) - set(session.scalars(standing))
    if found:
        rows = [{"line_id": line_id, "call": call} for line_id in found]
        session.connection().execute(insert(touched), rows)


def span_of(session: Session) -> Span | None:
    """Return the least and the greatest of the touched lines, as `find_receipts` takes them."""
    first, last = session.execute(
        select(func.min(touched.c.line_id), func.max(touched.c.line_id))
    ).one()
    return None if first is None else {"first_line": first, "last_line": last}


def find_receipts(session: Session, span: Span) -> None:
    """Find what came for the touched lines, all of which lie in `span`.

    The lines of an import are neighbours: PostgreSQL reads their stretch of the index instead
    of looking up each, where it sees that the stretch holds little else.
    """
    columns = [getattr(Receipt, name) for name in _RECEIPT_COLUMNS]
    came = (
        select(*columns)
        .join(touched, Receipt.line_id == driving(touched.c.line_id))
        .where(Receipt.line_id.between(bindparam("first_line"), bindparam("last_line")))
    )
    session.execute(insert(touched_receipt).from_select(_RECEIPT_COLUMNS, came), span)
    tell_size(session, touched_receipt)


def close_touched(session: Session) -> None:
    """Drop the temporary tables."""
    drop(session, touched_receipt, touched)
