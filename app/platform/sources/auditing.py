"""What the audit log says of imports: one event per batch, and one per row it changed.

A million new lines are one event with the digest of their rows; a row that stood before is
an event of its own, with what it held and what it holds, taken from the before-images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import Base
from app.platform.audit import marking, services
from app.platform.audit.canonical import Plain, plain
from app.platform.audit.marking import BOOKKEEPING, Action
from app.platform.sources import images
from app.platform.sources.models import BeforeImage, SourceBatch

ENTITY = "source_batch"
# What changes with every row says nothing of its own.
UNTOLD = BOOKKEEPING | {"version", "batch_id"}
ROWS_AT_ONCE = 1_000

Differing = tuple[dict[str, Plain], dict[str, Plain]]


def note(session: Session, batch: SourceBatch, action: str) -> None:
    """Record what became of a batch, speaking for all that it wrote in this transaction."""
    services.of_batch(session, batch.id)
    services.record(
        session,
        action=action,
        entity=ENTITY,
        entity_id=batch.id,
        after=_told(batch),
        batch=batch.id,
        covers=marking.marked_tables().keys(),
    )


def note_changed_rows(session: Session, batch_id: int, *, taken_back: bool = False) -> int:
    """Record each row that the batch changed (or, when undone, gave back); return how many.

    To be called while the before-images stand and the rows are as the batch left them.
    """
    session.flush()
    number = 0
    for table, row_id, (before, after) in _changed_rows(session, batch_id):
        if taken_back:
            before, after = after, before
        services.record(
            session,
            action=Action.CHANGE,
            entity=table,
            entity_id=row_id,
            before=before,
            after=after,
            batch=batch_id,
        )
        number += 1
    return number


def _told(batch: SourceBatch) -> Mapping[str, object]:
    return {
        "file_name": batch.file_name,
        "file_sha256": batch.file_sha256,
        "kind": batch.kind,
        "mapping": batch.mapping_name,
        "mapping_version": batch.mapping_version,
        "state": batch.state,
        "rows_digest": batch.rows_digest,
        "rows_read": batch.rows_read,
        "rows_new": batch.rows_new,
        "rows_changed": batch.rows_changed,
        "rows_unchanged": batch.rows_unchanged,
        "rows_aside": batch.rows_aside,
        "created": (batch.summary or {}).get("created", {}),
    }


def _changed_rows(session: Session, batch_id: int) -> Iterator[tuple[str, int, Differing]]:
    of_batch = (BeforeImage.batch_id == batch_id) & BeforeImage.before.is_not(None)
    names = session.scalars(select(BeforeImage.table_name).where(of_batch).distinct())
    for name in sorted(names):
        table = Base.metadata.tables[name]
        query = (
            select(BeforeImage.before, *table.columns)
            .join(table, table.c.id == BeforeImage.row_id)
            .where(of_batch, BeforeImage.table_name == name)
            .order_by(BeforeImage.row_id)
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
        for image, *values in session.execute(query):
            row = dict(zip(table.columns.keys(), values, strict=True))
            differing = _differing(images.typed(table, image), row)
            if differing[1]:
                yield name, row["id"], differing


def _differing(held: Mapping[str, Any], holds: Mapping[str, Any]) -> Differing:
    """Return what differs, before and after; Any: values of any column."""
    before: dict[str, Plain] = {}
    after: dict[str, Plain] = {}
    for name, was in held.items():
        if name in UNTOLD:
            continue
        old, new = plain(was), plain(holds[name])
        if old != new:
            before[name], after[name] = old, new
    return before, after
