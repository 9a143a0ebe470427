"""Writes of batches: opened when staged, closed when published, discarded or undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.base.errors import Conflict, NotFound
from app.platform.sources.models import (
    BatchProblem,
    BatchState,
    QuarantinedRow,
    SourceBatch,
    StagedFile,
)

STATE_CHANGED = "E-IMP-24"
# What is left to do with a batch that is in another state by now.
REMEDIES: dict[str, str] = {
    BatchState.STAGED: "It has brought nothing yet: publish it or discard it.",
    BatchState.PUBLISHED: "Undo it to take back what it brought.",
    BatchState.DISCARDED: "Somebody gave it up or sent the same file again: send the file once"
    " more if its rows are still missing.",
    BatchState.UNDONE: "Send the file again to bring its rows back.",
}


def batch_in_state(session: Session, batch_id: int, state: BatchState) -> SourceBatch:
    """Return the batch, locked where the engine locks rows; refuse any other state."""
    batch = session.scalar(select(SourceBatch).where(SourceBatch.id == batch_id).with_for_update())
    if batch is None:
        raise NotFound("E-IMP-26", f"There is no import #{batch_id}.")
    if batch.state != state:
        said = f"Import #{batch_id} is {batch.state}, not {state}. {REMEDIES[batch.state]}"
        raise Conflict(STATE_CHANGED, said)
    return batch


def mark_published(batch: SourceBatch, *, by: str, at: datetime) -> None:
    """Close a staged batch as published."""
    batch.state = BatchState.PUBLISHED
    batch.published_by = by
    batch.published_at = at


def mark_undone(batch: SourceBatch, *, by: str, at: datetime) -> None:
    """Close a published batch as undone."""
    batch.state = BatchState.UNDONE
    batch.undone_by = by
    batch.undone_at = at


def mark_discarded(batch: SourceBatch) -> None:
    """Close a staged batch that will not be published."""
    batch.state = BatchState.DISCARDED


def record_problems(session: Session, batch_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write problems of a batch: dicts of `batch_problem`'s columns."""
    if rows:
        session.execute(insert(BatchProblem), [{"batch_id": batch_id, **row} for row in rows])


def set_aside(session: Session, batch_id: int, rows: Iterable[tuple[int, list[str]]]) -> None:
    """Put bad rows into quarantine with their original cells."""
    values = [{"batch_id": batch_id, "row_no": row_no, "cells": cells} for row_no, cells in rows]
    if values:
        session.execute(insert(QuarantinedRow), values)


def drop_staged_file(session: Session, batch_id: int) -> None:
    """Drop the uploaded bytes once nothing will read them again."""
    session.execute(delete(StagedFile).where(StagedFile.batch_id == batch_id))
