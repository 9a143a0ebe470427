"""Judges lines again after a rule or a calendar changed, as a job in slices.

A run that was ended anywhere goes on behind its last slice; each slice settles the roll-up
in the transaction that also notes how far the run is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.base import db, formatting
from app.facts.deliveries import rollup
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.publishing import closed_until
from app.facts.deliveries.rules.reach import Reach, count_lines, line_ids
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.platform.jobs import ledger
from app.platform.jobs.handle import Run

JOB = "judge_again"
SLICE = 20_000
Arguments = dict[str, Any]  # Any: JSON


def ask_for(session: Session, reach: Reach, *, what: str, by: str) -> int | None:
    """Queue the judging of the lines within reach; return the run, None where there are none."""
    if not count_lines(session, reach):
        return None
    run = ledger.run_now(
        session, job=JOB, scope_key=what[:200], arguments={"reach": reach.kept}, by=by
    )
    return run.id


def judge_again_job(arguments: Arguments, run: Run) -> Arguments:
    """Judge lines again by the rules and calendars that stand now.

    Arguments: `reach`, which lines. Lines that come in meanwhile are judged so anyway.
    """
    reach = Reach.read(arguments["reach"])
    behind, done = _begun(run)
    because = Because(TouchedBy.JUDGING, None if run.held is None else run.held.run_id)
    with db.reading() as session:
        total = count_lines(session, reach)
    judged = -1
    while judged:
        run.progress(done, max(total, done))
        with db.transaction() as session:
            run.guard(session)
            judged, behind = _judge_slice(
                session, reach, behind, because=because, size=run.slice_size or SLICE
            )
            done += judged
            state = {"behind": behind, "done": done}
            run.checkpoint(state, words=f"line {done:,}", session=session)
    summary = f"{formatting.count(done, 'line')} judged again."
    return {"summary": summary, "rows_in": total, "rows_out": done}


def _begun(run: Run) -> tuple[int, int]:
    kept = run.resumed_from
    return (0, 0) if kept is None else (kept["behind"], kept["done"])


def _judge_slice(
    session: Session, reach: Reach, behind: int, *, because: Because, size: int
) -> tuple[int, int]:
    """Judge the next lines behind a key; return how many, and the last of them."""
    # The bracket first: whoever judged by older rules has let its lines be seen by then.
    with rollup.change(session, until=closed_until(session), because=because) as change:
        wanted = line_ids(session, reach).where(Line.id > behind).order_by(Line.id).limit(size)
        ids = list(session.scalars(wanted))
        change.touch(ids)
    return len(ids), ids[-1] if ids else behind
