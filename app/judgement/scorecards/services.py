"""Writes of the scorecards: the default method, and snapshots that never change.

A snapshot whose inputs and method are unchanged is not written again; a different one of
the same period stands beside the old one and says why.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.base.db import is_sqlite, metadata
from app.judgement.scorecards.evaluation import Evaluation, Row
from app.judgement.scorecards.methods import DEFAULT_NAME, Method
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from app.judgement.scorecards.queries import active_method, method_from, shipped_method

FACTS_CHANGED = "The facts behind it changed after it was published."
PUBLISHER_LOCK = 7_020_302
METHOD_CHANGED = "It was scored again by another method."


@dataclass(frozen=True, slots=True)
class Publication:
    """How many snapshots were written, how many of them restate, how many stood unchanged."""

    written: int
    restated: int
    unchanged: int


def ensure_default_method(session: Session, *, on: date) -> Method:
    """Return the method in force, storing the shipped one as version 1 where none is."""
    method = active_method(session, on=on)
    if method is not None:
        return method
    latest = session.scalar(
        select(func.max(ScoringMethod.version)).where(ScoringMethod.name == DEFAULT_NAME)
    )
    stored = shipped_method(version=(latest or 0) + 1)
    session.add(stored)
    session.flush()
    return method_from(stored)


def publish(session: Session, evaluation: Evaluation, *, at: datetime) -> Publication:
    """Store every card that differs from the newest stored one of its period."""
    publish_alone(session)
    newest = _newest(session, evaluation)
    rows = []
    for row in evaluation.rows:
        known = newest.get(row["supplier_id"])
        if known is not None and known.input_digest == row["input_digest"]:
            continue
        rows.append(row | _place(row, known) | {"published_at": at, "public_id": uuid.uuid4()})
    if rows:
        # The table, not the class: the ORM would group thousands of rows by their nulls.
        session.execute(insert(metadata.tables["scorecard_snapshot"]), rows)
    restated = sum(row["sequence"] > 1 for row in rows)
    return Publication(len(rows), restated, len(evaluation.rows) - len(rows))


def publish_alone(session: Session) -> None:
    """Wait until nobody else publishes: two at once would take the same place in a sequence.

    SQLite's writers stand in line anyway.
    """
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(PUBLISHER_LOCK)))


@dataclass(frozen=True, slots=True)
class _Stored:
    id: int
    sequence: int
    input_digest: str
    method_id: int


def _newest(session: Session, evaluation: Evaluation) -> dict[int, _Stored]:
    rows = session.execute(
        select(
            ScorecardSnapshot.supplier_id,
            ScorecardSnapshot.id,
            ScorecardSnapshot.sequence,
            ScorecardSnapshot.input_digest,
            ScorecardSnapshot.method_id,
        )
        .where(
            ScorecardSnapshot.period_kind == evaluation.kind,
            ScorecardSnapshot.period_end == evaluation.period.last_day,
        )
        .order_by(ScorecardSnapshot.sequence)
    )
    # A later sequence takes the place of an earlier one.
    return {
        supplier_id: _Stored(key, sequence, digest, method_id)
        for supplier_id, key, sequence, digest, method_id in rows
    }


def _place(row: Row, known: _Stored | None) -> Row:
    if known is None:
        return {"sequence": 1, "supersedes_id": None, "restated_because": None}
    because = METHOD_CHANGED if known.method_id != row["method_id"] else FACTS_CHANGED
    return {
        "sequence": known.sequence + 1,
        "supersedes_id": known.id,
        "restated_because": because,
    }
