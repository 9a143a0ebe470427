"""Codes misses: a person says whose doing they were, until the quarter's figures are closed.

Never changes a verdict: the raw rate stays what the rule measured.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db, formatting, scope
from app.base.errors import Conflict, InvalidInput
from app.calc.attribution import MissCause
from app.calc.closing import closing_days
from app.calc.periods import quarter_end
from app.facts.deliveries.disputes.queries import lines_with_ruled_cause
from app.facts.deliveries.models import MissAttribution, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import members
from app.facts.deliveries.rollup_models import LineVerdict as V

LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class _Miss:
    """A line that is to be coded."""

    line_id: int
    label: str
    window_end_on: date | None
    is_missed: bool


def coded_until(window_end_on: date) -> date:
    """Return the last day on which a line's miss may be coded.

    The misses of a quarter are coded until its dispute window closes (domain rules §0.7).
    """
    return closing_days(quarter_end(window_end_on)).disputed_until


def code_misses(
    session: Session,
    *,
    supplier_id: int,
    line_ids: Collection[int],
    cause: MissCause,
    note: str | None,
    by: str,
    today: date,
) -> int:
    """Store the cause of each missed line and return how many; all of them, or none.

    Raises InvalidInput where a line is not this supplier's or was not missed,
    Conflict where its quarter is closed.
    """
    # Before anything is told of a line: whoever may not write here learns no more than that.
    scope.require_writable(session, "supplier", supplier_id)
    misses = list(_misses(session, supplier_id, line_ids))
    if len(misses) < len(set(line_ids)):
        raise InvalidInput("E-DLV-04", "A line is not of this supplier. Load the page again.")
    for miss in misses:
        _refuse_unfit(miss, today)
    _refuse_ruled(session, misses)
    known = _coded(session, line_ids)
    for miss in misses:
        _code(session, known.get(miss.line_id), miss.line_id, cause, note, by)
    session.flush()
    return len(misses)


def _misses(session: Session, supplier_id: int, line_ids: Collection[int]) -> Iterator[_Miss]:
    rows = (
        select(V.line_id, PurchaseOrder.number, Line.line_no, V.window_end_on, V.otif)
        .join(Line, Line.id == V.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == V.order_id)
        .where(V.line_id.in_(line_ids), V.supplier_id.in_(members(session, [supplier_id])))
    )
    for line_id, number, line_no, ends_on, otif in session.execute(rows):
        yield _Miss(line_id, f"{number} / {line_no}", ends_on, otif == 0)


def _refuse_unfit(miss: _Miss, today: date) -> None:
    if not miss.is_missed or miss.window_end_on is None:
        raise InvalidInput(
            "E-DLV-05", f"Order line {miss.label} was not missed. Only misses have a cause."
        )
    last = coded_until(miss.window_end_on)
    if today > last:
        raise Conflict(
            "E-DLV-06",
            f"Order line {miss.label}: the misses of its quarter were coded until "
            f"{formatting.day(last)}. Its figures are closed; leave this line out.",
        )


def _refuse_ruled(session: Session, misses: Collection[_Miss]) -> None:
    """Whose doing a miss was is settled where a ruling on a dispute says so."""
    ruled = lines_with_ruled_cause(session, [miss.line_id for miss in misses])
    for miss in misses:
        if miss.line_id in ruled:
            raise Conflict(
                "E-DLV-07",
                f"Order line {miss.label}: a ruling on a dispute settled its cause. Leave it out, "
                "or have the ruling withdrawn.",
            )


def _coded(session: Session, line_ids: Collection[int]) -> dict[int, MissAttribution]:
    rows = select(MissAttribution).where(MissAttribution.line_id.in_(line_ids))
    return {row.line_id: row for row in session.scalars(rows)}


def _code(
    session: Session,
    row: MissAttribution | None,
    line_id: int,
    cause: MissCause,
    note: str | None,
    by: str,
) -> None:
    if row is None:
        row = MissAttribution(line_id=line_id)
        session.add(row)
    row.cause, row.note, row.attributed_by = cause, note, by
    row.attributed_by_id = db.actor_of(session).user_id
