"""Reads of the touched months: whose figures moved, and by what, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import partial

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.facts.deliveries.disputes.models import Dispute, DisputeRuling
from app.facts.deliveries.models import PurchaseOrder, ScheduleLine
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.deliveries.touched_models import TouchedBy, TouchedMonth
from app.platform.sources.models import BatchState, SourceBatch

Months = tuple[int, int]
Causes = Callable[[Collection[int]], Mapping[int, str]]
# Causes that one sentence names; the rest is counted.
MOST_NAMED = 4
LONGEST_SENTENCE = 480
PLAIN_WORDS = {
    TouchedBy.JUDGING: "lines judged again after a rule or a calendar changed",
    TouchedBy.WINDOWS: "due windows that closed",
    TouchedBy.CORRECTIVE: "a corrective action",
    TouchedBy.MANUAL: "a judgement by hand",
    TouchedBy.CONTINUITY: "what was recorded of its continuity",
}


def last_note(session: Session) -> int:
    """Return the key of the newest note, 0 where none waits."""
    return session.scalar(select(func.max(TouchedMonth.id))) or 0


def touched_months(session: Session, *, upto: int) -> dict[int, set[int]]:
    """Return by supplier the months that were touched, in notes up to a key.

    Lines without a reference date have month 0: no period holds them.
    """
    t, merged = TouchedMonth, merged_suppliers(session)
    found: dict[int, set[int]] = defaultdict(set)
    rows = select(t.supplier_id, t.month).where(t.id <= upto, t.month > 0).distinct()
    for owner, month in session.execute(rows):
        found[merged.get(owner, owner)].add(month)
    return dict(found)


def forget(session: Session, *, upto: int) -> None:
    """Drop the notes up to a key: what they touched has been looked at."""
    session.execute(delete(TouchedMonth).where(TouchedMonth.id <= upto))


def sentences(
    session: Session, supplier_ids: Collection[int], months: Months, *, upto: int
) -> dict[int, str]:
    """Return by supplier what moved the figures of some months, as a sentence.

    Who has no cause that can be named is absent.
    """
    t, merged = TouchedMonth, merged_suppliers(session)
    rows = (
        select(t.supplier_id, t.cause, t.cause_id, func.min(t.id))
        .where(
            t.supplier_id.in_(members(session, supplier_ids)),
            t.month.between(*months),
            t.id <= upto,
            t.cause != TouchedBy.FACTS,
        )
        .group_by(t.supplier_id, t.cause, t.cause_id)
        .order_by(func.min(t.id))
    )
    found: dict[int, dict[tuple[str, int | None], None]] = defaultdict(dict)
    for owner, cause, key, _ in session.execute(rows):
        found[merged.get(owner, owner)][cause, key] = None
    words = _words(session, {each for own in found.values() for each in own})
    return {owner: _sentence([words[each] for each in own]) for owner, own in found.items()}


def causes(session: Session, months: Months, *, upto: int) -> Causes:
    """Return what tells of some suppliers what moved their figures of these months."""
    return partial(sentences, session, months=months, upto=upto)


def _sentence(told: list[str]) -> str:
    named = told[:MOST_NAMED]
    more = len(told) - len(named)
    said = "; ".join(dict.fromkeys(named)) + (f"; and {more} more" if more else "")
    return f"Changed by {said[:LONGEST_SENTENCE]}."


def _words(
    session: Session, causes: Collection[tuple[str, int | None]]
) -> dict[tuple[str, int | None], str]:
    keys = {
        kind: [key for cause, key in causes if cause == kind and key is not None]
        for kind in TouchedBy
    }
    files = _files(session, {*keys[TouchedBy.IMPORT], *keys[TouchedBy.UNDO]})
    lines = _disputed_lines(session, keys[TouchedBy.RULING])
    words: dict[tuple[str, int | None], str] = {}
    for cause, key in causes:
        kind = TouchedBy(cause)
        if kind in (TouchedBy.IMPORT, TouchedBy.UNDO):
            name, is_undone = files.get(key or 0, ("", False))
            back = " taken back" if is_undone else ""
            words[cause, key] = f"import #{key} {name}".rstrip() + back
        elif kind is TouchedBy.RULING:
            words[cause, key] = f"a ruling on order line {lines.get(key or 0, '')}".rstrip()
        else:
            words[cause, key] = PLAIN_WORDS[kind]
    return words


def _files(session: Session, ids: Collection[int]) -> Mapping[int, tuple[str, bool]]:
    b = SourceBatch
    rows = session.execute(select(b.id, b.file_name, b.state).where(b.id.in_(ids)))
    return {row[0]: (row[1], row[2] == BatchState.UNDONE) for row in rows}


def _disputed_lines(session: Session, ruling_ids: Collection[int]) -> Mapping[int, str]:
    rows = session.execute(
        select(DisputeRuling.id, PurchaseOrder.number, ScheduleLine.line_no)
        .join(Dispute, Dispute.id == DisputeRuling.dispute_id)
        .join(ScheduleLine, ScheduleLine.id == Dispute.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == ScheduleLine.order_id)
        .where(DisputeRuling.id.in_(ruling_ids))
    )
    return {row[0]: f"{row[1]} / {row[2]}" for row in rows}
