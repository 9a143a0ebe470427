"""A small house to publish, what is published of it as one digest, and its runs."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from app.base import clock, db
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.snapshots.models import Publication
from app.platform.jobs import ledger
from app.platform.jobs.ledger import Claim
from app.platform.jobs.models import JobRun
from tests.builders import facts, houses

AS_OF = date(2026, 10, 31)
TABLES = (ScorecardSnapshot, RiskSnapshot)
# Ids and times differ from run to run; nothing else may.
NOT_COMPARED = {"id", "public_id", "published_at", "supersedes_id", "publication_id"}


def built(suppliers: int = 5) -> list[int]:
    """Build a house of suppliers that each deliver a little less well than the one before."""
    with db.transaction() as session:
        found = [facts.supplier(session, f"Supplier {number}") for number in range(suppliers)]
        for late, supplier in enumerate(found):
            houses.deliveries(session, supplier, lines=20, late=late)
        return [supplier.id for supplier in found]


def digest() -> str:
    """Return the sha256 of all that is stored, seen or not, without ids and times."""
    rows: list[str] = []
    with db.reading() as session:
        for model in TABLES:
            columns = [c for c in model.__table__.columns if c.name not in NOT_COMPARED]
            for row in session.execute(select(*columns)):
                rows.append(json.dumps([model.__tablename__, *map(_plain, row)], sort_keys=True))
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def wipe() -> None:
    """Take back everything that was published."""
    with db.transaction() as session:
        for model in (*TABLES, Publication):
            session.execute(delete(model))


def claimed(job: str, **arguments: Any) -> Claim:
    """Queue a run and take it."""
    with db.transaction() as session:
        run = ledger.run_now(session, job=job, arguments=arguments, by="test")
        held = ledger.claim(session, run_id=run.id)
    assert held is not None
    return held


def taken_over(held: Claim) -> Claim:
    """Let the lease of a run end, and take the run as the next worker would."""
    with db.transaction() as session:
        session.execute(
            update(JobRun)
            .where(JobRun.id == held.run_id)
            .values(lease_until=clock.now() - timedelta(days=3650))
        )
    with db.transaction() as session:
        next_one = ledger.claim(session, run_id=held.run_id)
    assert next_one is not None
    return next_one


def state_of(held: Claim) -> str:
    """Return where a run stands."""
    with db.reading() as session:
        return session.get_one(JobRun, held.run_id).state


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | dict | None) else str(value)
