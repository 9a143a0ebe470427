"""A go through suppliers: the job, asking for it, and keeping what comparing found.

Comparing is done outside the writing transaction, which then keeps all of it or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict
from app.facts.evidence.screening import keeping, settings
from app.facts.evidence.screening.comparing import (
    Hits,
    Work,
    basis_digest,
    basis_of,
    compare,
    gather,
)
from app.facts.evidence.screening.models import Because, ScreeningRun
from app.platform.jobs import ledger
from app.platform.jobs.handle import Run

JOB = "screening"
# Why people have everybody screened at once.
LIST, ASKED = Because.LIST, Because.ASKED
NO_LIST = "No list is in force; nobody was screened. Load one: flask screening load."
Arguments = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    suppliers: int = 0
    names: int = 0
    found: int = 0
    returned: int = 0
    gone: int = 0

    @property
    def summary(self) -> str:
        """All of it in one sentence."""
        if not self.suppliers:
            return "Nobody was due: names, lists and setting are those of the last screening."
        new = formatting.count(self.found, "new match", "new matches")
        return (
            f"{formatting.count(self.suppliers, 'supplier')} screened under "
            f"{formatting.count(self.names, 'name')}: {new}, {self.returned} came back, "
            f"{self.gone} no longer alike."
        )


def screening_job(arguments: Arguments, run: Run) -> Arguments:
    """Screen every supplier that is due.

    Arguments: `because` (`list`, `clock`, `asked`), without it the timetable's run.
    """
    because = Because(arguments.get("because", Because.CLOCK))
    outcome = screen(run, because=because)
    if outcome is None:
        return {"summary": NO_LIST}
    return {"summary": outcome.summary, "rows_in": outcome.suppliers, "rows_out": outcome.found}


def screen(run: Run, *, because: Because) -> Outcome | None:
    """Screen every supplier that is due; None where no list is in force."""
    with db.reading() as session:
        work = gather(session)
    if work is None:
        return None
    hits = compare(work, run)
    with db.transaction() as session:
        run.guard(session)
        by = run.by or db.actor_of(session).name
        return keep(session, work, hits, because=because, by=by)


def ask_for(session: Session, *, because: Because, by: str) -> str:
    """Queue a run; return what to say of it."""
    try:
        ledger.run_now(session, job=JOB, arguments={"because": str(because)}, by=by)
    except ledger.AlreadyOpen:
        return "A screening is under way already; ask again when it has ended."
    return "Suppliers are being screened; the jobs page shows how far."


def keep(
    session: Session,
    work: Work,
    hits: Hits,
    *,
    because: Because,
    by: str,
    at: datetime | None = None,
    batch_id: int | None = None,
) -> Outcome:
    """Keep what comparing found, as of now or a given moment.

    Raises Conflict E-SAN-07 where a list or the setting changed meanwhile.
    """
    if not work.due:
        return Outcome()
    now = basis_digest(basis_of(session), settings.in_force(session))
    if now != work.basis_digest:
        raise Conflict(
            "E-SAN-07", "A list or the setting changed while names were compared. Screen again."
        )
    row = ScreeningRun(
        at=at or clock.now(),
        because=because,
        by=by,
        basis=[{"source": e.source, "edition": e.edition, "sha256": e.sha256} for e in work.basis],
        basis_digest=work.basis_digest,
        setting_version=work.setting.version,
        threshold=work.setting.threshold,
        suppliers=len(work.due),
        batch_id=batch_id,
        names=sum(len(own.names) for own in work.due.values()),
    )
    session.add(row)
    session.flush()
    changes = keeping.keep_matches(session, row, work, hits)
    row.found, row.returned, row.gone = changes.found, changes.returned, changes.gone
    session.flush()
    return Outcome(row.suppliers, row.names, row.found, row.returned, row.gone)
