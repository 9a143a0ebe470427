"""Whose misses they were: what the facts point to, line by line, and how many were coded.

Reads only; `coding` writes what a person decided. Suggestions are `calc.attribution`'s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calc.attribution import (
    DateChange,
    MissCause,
    MissCounts,
    MissFacts,
    Suggestion,
    suggest_causes,
)
from app.facts.deliveries.lines import line_lists
from app.facts.deliveries.lines.arrivals import Arrival
from app.facts.deliveries.lines.line_lists import LineQuery, OrderLine, Outcome
from app.facts.deliveries.models import ChangedBy, MissAttribution, PromiseChange, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line

EARLY = "early"
# Coded as unknown is as if nobody had coded it: it excuses nobody.
CAUSES = frozenset(MissCause)


def miss_counts(session: Session, query: LineQuery) -> MissCounts:
    """Return how many of the wanted lines were met, missed and of unknown outcome, and whose."""
    outcome = line_lists.outcome_of(query)
    rows = line_lists.wanted_rows(
        session, query, select(outcome.label("outcome"), MissAttribution.cause, func.count())
    )
    counts: dict[str, int] = defaultdict(int)
    coded: dict[MissCause, int] = defaultdict(int)
    for name, cause, lines in session.execute(rows.group_by(outcome, MissAttribution.cause)):
        counts[name] += lines
        if name == Outcome.MISSED and cause in CAUSES:
            coded[MissCause(cause)] += lines
    return MissCounts(
        true=counts[Outcome.MET],
        known=counts[Outcome.MET] + counts[Outcome.MISSED],
        unknown=counts[Outcome.UNKNOWN],
        coded=coded,
    )


def suggestions(
    session: Session, lines: Sequence[OrderLine], arrivals: Mapping[int, Sequence[Arrival]]
) -> dict[int, tuple[Suggestion, ...]]:
    """Return by line what its facts point to; lines without a window point to nobody."""
    ids = [line.line_id for line in lines]
    agreed, moves = _agreed(session, ids), _buyers_moves(session, ids)
    found = {}
    for line in lines:
        if line.window_end_on is None:
            continue
        ordered_on, incoterm = agreed[line.line_id]
        last = _completing(line, arrivals.get(line.line_id, ()))
        found[line.line_id] = suggest_causes(
            MissFacts(
                closes_on=line.window_end_on,
                was_early=line.reason == EARLY,
                ordered_on=ordered_on,
                buyer_changes=moves.get(line.line_id, ()),
                incoterm=incoterm,
                dispatched_on=last.dispatched_on if last else None,
                arrived_on=last.arrived_on if last else None,
                posted_on=last.posted_on if last else None,
            )
        )
    return found


def _completing(line: OrderLine, arrivals: Sequence[Arrival]) -> Arrival | None:
    """The last receipt of a complete line; goods that still lack are nobody's slow dock.

    Arrivals come in the order of time.
    """
    if line.completed_on is None:
        return None
    return next((each for each in reversed(arrivals) if not each.is_reversal), None)


def _agreed(session: Session, line_ids: Sequence[int]) -> dict[int, tuple[date | None, str | None]]:
    rows = (
        select(Line.id, func.coalesce(Line.ordered_on, PurchaseOrder.ordered_on), Line.incoterm)
        .join(PurchaseOrder, PurchaseOrder.id == Line.order_id)
        .where(Line.id.in_(line_ids))
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(rows)}


def _buyers_moves(session: Session, line_ids: Sequence[int]) -> dict[int, list[DateChange]]:
    rows = select(
        PromiseChange.line_id,
        PromiseChange.changed_on,
        PromiseChange.from_on,
        PromiseChange.to_on,
    ).where(
        PromiseChange.line_id.in_(line_ids),
        PromiseChange.changed_by == ChangedBy.BUYER,
        PromiseChange.is_agreed,
    )
    moves: dict[int, list[DateChange]] = defaultdict(list)
    for line_id, changed_on, from_on, to_on in session.execute(rows):
        if from_on is not None:
            moves[line_id].append(DateChange(changed_on, from_on, to_on))
    return moves
