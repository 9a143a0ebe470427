"""Every line behind a measure with what it counts by, so that the figure can be worked out again.

Some lines at a time: a file of all of them needs no more memory than a page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import MONEY_SCALE, QUANTITY_SCALE
from app.facts.deliveries.lines import line_facts, line_lists, line_words
from app.facts.deliveries.lines.arrivals import arrivals_of
from app.facts.deliveries.lines.line_lists import COUNTED, LineQuery, OrderLine
from app.facts.deliveries.rollup_models import LineVerdict as V


@dataclass(frozen=True, slots=True)
class CountedLine:
    """A line with what it adds to sums; amounts are None where they are not known.

    days: what a measure of days counts of it. story: its receipts in words.
    """

    line: OrderLine
    opens_on: date | None
    in_window: Decimal | None
    by_close: Decimal | None
    value_due: Decimal | None
    value_in_window: Decimal | None
    days: int | None
    story: str


def counted_lines(
    session: Session,
    query: LineQuery,
    *,
    sort: str = "due",
    is_falling: bool = True,
    limit: int | None = None,
) -> Iterator[CountedLine]:
    """Yield all lines that a query wants in its order, or the first of them."""
    wanted = line_lists.each_line(session, query, sort=sort, is_falling=is_falling, limit=limit)
    for lines in wanted:
        ids = [line.line_id for line in lines]
        arrivals = arrivals_of(session, ids)
        opens = line_facts.windows_open(session, ids)
        amounts = _amounts(session, ids, query.measure)
        for line in lines:
            key = line.line_id
            story = line_words.story(line, arrivals.get(key, []), opens_on=opens[key])
            yield CountedLine(line, opens[key], *amounts[key], story)


Amounts = tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None, int | None]


def _amounts(session: Session, ids: Collection[int], measure: str) -> dict[int, Amounts]:
    days = COUNTED.get(measure, V.lateness_days)
    rows = session.execute(
        select(
            V.line_id,
            V.quantity_in_window,
            V.quantity_by_close,
            V.value_due,
            V.value_in_window,
            days,
        ).where(V.line_id.in_(ids))
    )
    return {
        row[0]: (
            _scaled(row[1], QUANTITY_SCALE),
            _scaled(row[2], QUANTITY_SCALE),
            _scaled(row[3], MONEY_SCALE),
            _scaled(row[4], MONEY_SCALE),
            row[5],
        )
        for row in rows
    }


def _scaled(value: int | None, scale: int) -> Decimal | None:
    return None if value is None else Decimal(value) / scale
