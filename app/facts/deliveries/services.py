"""Writes to deliveries that no import makes: windows that the calendar closes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.facts.deliveries import queries, rollup
from app.facts.deliveries.rollup_models import Closing, LineVerdict
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because


def close_windows(session: Session, *, until: date) -> int:
    """Judge the lines whose windows have ended by the close of `until`; return how many.

    The first step of every recompute: windows close without any import. Days that were
    closed before stay closed, and closing them again changes nothing.
    """
    before = queries.closed_until(session)
    if before is not None and before > until:
        return 0
    ended = select(LineVerdict.line_id).where(LineVerdict.closes_next_on <= until)
    found = session.scalar(select(func.count()).select_from(ended.subquery())) or 0
    if found:
        with rollup.change(session, until=until, because=Because(TouchedBy.WINDOWS)) as facts:
            facts.touch(ended)
    session.merge(Closing(id=1, closed_until=until))
    session.flush()
    return found
