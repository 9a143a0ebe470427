"""Imports: stage a file, preview it, publish it in one transaction, undo or discard it.

These open their own transactions: staging takes many short ones, publishing and undoing
exactly one each. Who may do so is decided by the caller.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, Conflict, InvalidInput
from app.base.formatting import count, day, number, percent
from app.platform.imports import kinds, own_batch, staging
from app.platform.imports.bulk import without_cycle_search
from app.platform.imports.kinds import Counts
from app.platform.imports.mapping import (
    Answers,
    Mapping,
    allowed,
    answered,
    from_written,
    written,
)
from app.platform.imports.problems import Code
from app.platform.imports.source_file import FileFacts, SourceFile, examine
from app.platform.imports.staging import Progress, Staged
from app.platform.sources import auditing, images
from app.platform.sources import services as sources
from app.platform.sources.models import BatchState, SourceBatch, StagedFile

TOLERATED = 0.01
# One publication at a time: the second of two equal files must see the first.
PUBLISH_LOCK = 7_020_300
# How often a count is begun anew while others publish the same new suppliers.
MOST_COUNTINGS = 5
ABANDONED_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Options:
    """How strict to be with one file, and what a person said about it.

    `tolerate` is the share of bad rows that may stand aside, 0 to 1.
    """

    tolerate: float = TOLERATED
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication came to."""

    batch_id: int
    counts: Counts
    rows_aside: int


@without_cycle_search()
def stage_file(
    source: SourceFile,
    mapping: Mapping,
    *,
    by: str,
    options: Options | None = None,
    keep_file: bool = False,
    progress: Progress | None = None,
) -> int:
    """Read, check and stage a file; return the number of its batch.

    Raises InvalidInput where the file can't be read as declared, NeedsAnswer where a
    person must say how, Conflict where it was imported before. Bad rows raise nothing:
    they stand in the batch, and `publish` refuses too many of them.
    """
    options = options or Options()
    mapping = answered(mapping, options.answers)
    facts = examine(source, mapping.shape.encoding)
    fingerprint = hashlib.sha256(f"{facts.sha256} {mapping.version}".encode()).hexdigest()
    with own_batch.transaction() as session:
        _refuse_if_imported(session, fingerprint)
    creatable = kinds.kind_named(mapping.kind).creatable
    mapping = allowed(mapping, options.answers.creates, creatable)
    rows, found = staging.open_rows(source, facts, mapping)
    with own_batch.transaction() as session:
        _discard_abandoned(session, fingerprint, by)
        batch = _new_batch(source, facts, mapping, fingerprint, by)
        batch.staged_by_id = db.actor_of(session).user_id
        batch.summary = {
            "mapping": written(found),
            "tolerate": options.tolerate,
            "header": rows.header,
        }
        session.add(batch)
        session.flush()
        batch_id = batch.id
        if keep_file and source.content is not None:
            session.add(StagedFile(batch_id=batch_id, content=source.content))
    try:
        staged = staging.stage_rows(batch_id, source, facts, found, rows, progress)
    except AppError:
        discard(batch_id)
        raise
    finally:
        rows.close()
    _complete(batch_id, staged, facts)
    return batch_id


def preview(batch_id: int) -> Counts:
    """Count what publishing would do now, and keep the counts with the batch."""
    counts = _counted(batch_id)
    with own_batch.transaction(batch_id) as session:
        batch = sources.batch_in_state(session, batch_id, BatchState.STAGED)
        batch.summary = {**batch.summary, "preview": _written_counts(counts)}
    return counts


@without_cycle_search()
def publish(batch_id: int, *, by: str, despite_bad_rows: bool = False) -> Published:
    """Turn a staged batch into facts, all or nothing.

    `despite_bad_rows`: a person saw how many rows are bad and wants the others. Raises
    InvalidInput where more rows are bad than tolerated, or all are; Conflict where the
    same file was published since; Forbidden where rows are of suppliers out of reach.
    """
    with own_batch.transaction(batch_id) as session:
        if not db.is_sqlite(session):
            session.execute(select(func.pg_advisory_xact_lock(PUBLISH_LOCK)))
        batch, mapping = _staged_batch(session, batch_id)
        _lift_limits(session)
        _refuse_if_imported(session, batch.fingerprint)
        _refuse_too_many_bad(batch, despite_bad_rows=despite_bad_rows)
        kind = kinds.kind_named(batch.kind)
        own_batch.require_named(session, kind, batch_id, mapping)
        counts = kind.publish(session, batch_id, mapping)
        own_batch.require_touched(session, batch_id)
        _note_published(batch, counts)
        sources.mark_published(batch, by=by, at=clock.now())
        kind.clear(session, batch_id)
        sources.drop_staged_file(session, batch_id)
        auditing.note(session, batch, "import.publish")
        auditing.note_changed_rows(session, batch_id)
        return Published(batch_id, counts, batch.rows_aside)


def undo(batch_id: int, *, by: str) -> Counter[str]:
    """Take a published batch back; return what it created and others use by now.

    Raises Conflict where somebody built on its rows since, or no file brought them;
    Forbidden where its rows are out of reach by now.
    """
    with own_batch.transaction(batch_id) as session:
        if not db.is_sqlite(session):
            session.execute(select(func.pg_advisory_xact_lock(PUBLISH_LOCK)))
        _lift_limits(session)
        batch = sources.batch_in_state(session, batch_id, BatchState.PUBLISHED)
        if not kinds.is_registered(batch.kind):
            raise Conflict("E-IMP-27", not_from_a_file(batch.id, batch.kind))
        own_batch.require_touched(session, batch_id)
        auditing.note_changed_rows(session, batch_id, taken_back=True)
        kept = kinds.kind_named(batch.kind).undo(session, batch_id)
        images.forget(session, batch_id)
        batch.summary = {**batch.summary, "kept": dict(kept)}
        sources.mark_undone(batch, by=by, at=clock.now())
        auditing.note(session, batch, "import.undo")
        return kept


def discard(batch_id: int) -> None:
    """Drop a staged batch; nothing of it was published."""
    with own_batch.transaction(batch_id) as session:
        batch = sources.batch_in_state(session, batch_id, BatchState.STAGED)
        _discard(session, batch)


def refusal(session: Session, batch_id: int) -> str | None:
    """Return why a staged batch can't be published for its bad rows, or None."""
    batch = session.get(SourceBatch, batch_id)
    return None if batch is None else refused_share(batch)


def refused_share(batch: SourceBatch) -> str | None:
    """Return why the batch can't be published for its bad rows, or None."""
    tolerate = float(batch.summary.get("tolerate", TOLERATED))
    if 0 < batch.rows_aside == batch.rows_read:
        return (
            f"{number(batch.rows_aside)} of {number(batch.rows_read)} rows are bad, so that none is"
            " left to publish. Mend the rows and send the file again."
        )
    if batch.rows_aside <= tolerate * batch.rows_read:
        return None
    share = percent(batch.rows_aside / batch.rows_read, 1)
    if tolerate <= 0:
        allowed = "no bad row is allowed"
    else:
        allowed = f"at most {percent(tolerate, 1)} may stand aside"
    return (
        f"{number(batch.rows_aside)} of {number(batch.rows_read)} rows are bad ({share});"
        f" {allowed}. Nothing was published; mend the rows and send the file again."
    )


def already_imported(batch: SourceBatch) -> str:
    """Return when and by whom a file was imported, and how many rows were left out then."""
    on = "" if batch.published_at is None else f" on {day(batch.published_at.date())}"
    said = f"Already imported as #{batch.id}{on} by {batch.published_by}."
    if batch.rows_aside == 0:
        return said
    return f"{said} {count(batch.rows_aside, 'row')} stood aside; mend and send the reject file."


def not_from_a_file(batch_id: int, kind: str) -> str:
    """Return how to take back what no file brought: the command that loaded it removes it."""
    return (
        f"#{batch_id} was loaded by “flask {kind} load”, not from a file. Take it back by"
        f" “flask {kind} remove”."
    )


def _refuse_if_imported(session: Session, fingerprint: str) -> None:
    batch = session.scalar(
        select(SourceBatch).where(
            SourceBatch.fingerprint == fingerprint, SourceBatch.state == BatchState.PUBLISHED
        )
    )
    if batch is not None:
        raise Conflict(Code.ALREADY_IMPORTED, already_imported(batch))


def _refuse_too_many_bad(batch: SourceBatch, *, despite_bad_rows: bool) -> None:
    reason = refused_share(batch)
    if reason is not None and not (despite_bad_rows and batch.rows_aside < batch.rows_read):
        raise InvalidInput(Code.TOO_MANY_BAD, reason)


def _staged_batch(session: Session, batch_id: int) -> tuple[SourceBatch, Mapping]:
    batch = sources.batch_in_state(session, batch_id, BatchState.STAGED)
    if not batch.summary.get("is_complete"):
        raise Conflict(
            Code.BATCH_STATE, f"Import #{batch_id} was never read to its end. Send the file again."
        )
    return batch, from_written(batch.summary["mapping"])


def _new_batch(
    source: SourceFile, facts: FileFacts, mapping: Mapping, fingerprint: str, by: str
) -> SourceBatch:
    return SourceBatch(
        kind=mapping.kind,
        file_name=source.name[-200:],
        file_sha256=facts.sha256,
        fingerprint=fingerprint,
        mapping_name=mapping.name[:200],
        mapping_version=mapping.version,
        staged_by=by,
    )


def _discard_abandoned(session: Session, fingerprint: str, by: str) -> None:
    """Discard what the same person staged of this file before, and what a killed run left."""
    since = clock.now() - ABANDONED_AFTER
    equal = (
        select(SourceBatch)
        .where(
            SourceBatch.fingerprint == fingerprint,
            SourceBatch.state == BatchState.STAGED,
            (SourceBatch.staged_by == by) | (SourceBatch.created_at < since),
        )
        .order_by(SourceBatch.id)
        .with_for_update()
    )
    for batch in session.scalars(equal).all():
        _discard(session, batch)


def _discard(session: Session, batch: SourceBatch) -> None:
    kinds.kind_named(batch.kind).clear(session, batch.id)
    sources.drop_staged_file(session, batch.id)
    sources.mark_discarded(batch)
    auditing.note(session, batch, "import.discard")


def _complete(batch_id: int, staged: Staged, facts: FileFacts) -> None:
    with own_batch.transaction(batch_id) as session:
        batch = sources.batch_in_state(session, batch_id, BatchState.STAGED)
        batch.rows_read = staged.rows_read
        batch.rows_aside = staged.rows_aside
        batch.rows_digest = staged.rows_digest
        batch.latest_fact_on = staged.latest_fact_on
        batch.summary = {
            **batch.summary,
            "warnings": dict(staged.warnings),
            "unknown_columns": staged.unknown_columns,
            "problems_left_out": staged.problems_left_out,
            "sample": facts.sample,
            "is_complete": True,
        }
        auditing.note(session, batch, "import.stage")


def _note_published(batch: SourceBatch, counts: Counts) -> None:
    batch.rows_new = counts.new
    batch.rows_changed = counts.changed
    batch.rows_unchanged = counts.unchanged
    batch.rows_published = counts.new + counts.changed
    batch.summary = {**batch.summary, "created": dict(counts.created)}


def _counted(batch_id: int) -> Counts:
    """Count what publishing would do, and take back what was created for counting.

    Whoever publishes at the same moment may create what we were about to: then it is known.
    """
    for _ in range(MOST_COUNTINGS):
        try:
            with own_batch.transaction(batch_id) as session:
                batch, mapping = _staged_batch(session, batch_id)
                _lift_limits(session)
                counts = kinds.kind_named(batch.kind).preview(session, batch_id, mapping)
                session.rollback()
        except IntegrityError:
            continue
        return counts
    raise Conflict(
        Code.BATCH_STATE,
        f"Others publish what import #{batch_id} names. Send the file again in a moment.",
    )


def _written_counts(counts: Counts) -> dict[str, int | dict[str, int]]:
    return {
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "created": dict(counts.created),
    }


def _lift_limits(session: Session) -> None:
    """A publication of a big file takes longer than any page may."""
    if not db.is_sqlite(session):
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL lock_timeout = '60s'"))
