"""Writes of the risk index: the default method, and snapshots that never change."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.base.db import metadata
from app.judgement.risk_index.evaluation import PERIOD_KIND, RiskEvaluation, Row
from app.judgement.risk_index.methods import DEFAULT_NAME, IndexMethodVersion
from app.judgement.risk_index.models import IndexMethod, RiskSnapshot
from app.judgement.risk_index.queries import active_method, method_from, shipped_method
from app.judgement.scorecards.services import (
    FACTS_CHANGED,
    METHOD_CHANGED,
    Publication,
    publish_alone,
)


def ensure_default_method(session: Session, *, on: date) -> IndexMethodVersion:
    """Return the method in force, storing the shipped one as version 1 where none is."""
    method = active_method(session, on=on)
    if method is not None:
        return method
    latest = session.scalar(
        select(func.max(IndexMethod.version)).where(IndexMethod.name == DEFAULT_NAME)
    )
    stored = shipped_method(version=(latest or 0) + 1)
    session.add(stored)
    session.flush()
    return method_from(stored)


def publish(session: Session, evaluation: RiskEvaluation, *, at: datetime) -> Publication:
    """Store every index that differs from the newest stored one of its day."""
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
        session.execute(insert(metadata.tables["risk_snapshot"]), rows)
    restated = sum(row["sequence"] > 1 for row in rows)
    return Publication(len(rows), restated, len(evaluation.rows) - len(rows))


@dataclass(frozen=True, slots=True)
class _Stored:
    id: int
    sequence: int
    input_digest: str
    method_id: int


def _newest(session: Session, evaluation: RiskEvaluation) -> dict[int, _Stored]:
    rows = session.execute(
        select(
            RiskSnapshot.supplier_id,
            RiskSnapshot.id,
            RiskSnapshot.sequence,
            RiskSnapshot.input_digest,
            RiskSnapshot.method_id,
        )
        .where(
            RiskSnapshot.period_kind == PERIOD_KIND,
            RiskSnapshot.period_end == evaluation.as_of,
        )
        .order_by(RiskSnapshot.sequence)
    )
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
