"""Uploaded files that can be read in more than one way, kept until a person says which.

The file waits as a staged batch with its bytes and the question; the answer stages it
again. Several questions may follow each other: encoding, sheet, decimal sign, dates.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import InvalidInput
from app.platform.imports import mapping_files, own_batch, services
from app.platform.imports.mapping import Answers, Mapping
from app.platform.imports.problems import Code, NeedsAnswer
from app.platform.imports.services import Options
from app.platform.imports.source_file import SourceFile, digest_of
from app.platform.sources import auditing, queries
from app.platform.sources.models import SourceBatch, StagedFile

QUESTIONS = ("encoding", "sheet", "decimal", "date")


@dataclass(frozen=True, slots=True)
class Question:
    """What a held file asks: the refusal in words, and what may be answered."""

    name: str
    message: str
    proposals: tuple[str, ...]
    sample: str


def take(source: SourceFile, mapping: Mapping, *, by: str, options: Options) -> int:
    """Stage an uploaded file, or hold it where a person must say how to read it."""
    try:
        batch_id = services.stage_file(source, mapping, by=by, options=options, keep_file=True)
    except NeedsAnswer as asked:
        if asked.question not in QUESTIONS:
            raise
        return _hold(source, mapping, by=by, options=options, asked=asked)
    services.preview(batch_id)
    return batch_id


def answer(batch_id: int, said: str, *, by: str) -> int:
    """Stage a held file again with the person's answer; return the new batch."""
    with db.reading() as session:
        own_batch.require_own(session, batch_id)
        batch = queries.batch_row(session, batch_id)
        asked = question_of(batch.summary)
        content = queries.staged_file(session, batch_id)
    if asked is None or content is None:
        raise InvalidInput(Code.BATCH_STATE, f"Import #{batch_id} asks nothing.")
    if asked.name != "date" and said not in asked.proposals:
        raise InvalidInput(Code.MAPPING, f"Choose one of {', '.join(asked.proposals)}.")
    held = batch.summary["held"]
    answers = Answers(**{**held["answers"], "creates": frozenset(held["answers"]["creates"])})
    changes: dict[str, Any] = {asked.name: said}  # Any: the fields of Answers differ in type
    answers = replace(answers, **changes)
    options = Options(tolerate=held["tolerate"], answers=answers)
    mapping = mapping_files.mapping_named(batch.mapping_name)
    next_id = take(SourceFile(batch.file_name, content=content), mapping, by=by, options=options)
    services.discard(batch_id)
    return next_id


def question_of(summary: dict[str, object]) -> Question | None:
    """Return what a held file asks, None for any other batch."""
    held = summary.get("held")
    if not isinstance(held, dict):
        return None
    said = held["question"]
    return Question(said["name"], said["message"], tuple(said["proposals"]), said["sample"])


def _hold(
    source: SourceFile, mapping: Mapping, *, by: str, options: Options, asked: NeedsAnswer
) -> int:
    with own_batch.transaction() as session:
        batch = _held_batch(source, mapping, by)
        batch.staged_by_id = db.actor_of(session).user_id
        batch.summary = {
            "held": {
                "question": {
                    "name": asked.question,
                    "message": asked.message,
                    "proposals": list(asked.proposals),
                    "sample": asked.sample,
                },
                "answers": asdict(options.answers) | {"creates": sorted(options.answers.creates)},
                "tolerate": options.tolerate,
            }
        }
        return _kept(session, batch, source)


def _kept(session: Session, batch: SourceBatch, source: SourceFile) -> int:
    session.add(batch)
    session.flush()
    session.add(StagedFile(batch_id=batch.id, content=source.content or b""))
    auditing.note(session, batch, "import.hold")
    return batch.id


def _held_batch(source: SourceFile, mapping: Mapping, by: str) -> SourceBatch:
    digest = digest_of(source)
    return SourceBatch(
        kind=mapping.kind,
        file_name=source.name[-200:],
        file_sha256=digest,
        fingerprint=digest,
        mapping_name=mapping.name,
        mapping_version=mapping.version,
        staged_by=by,
    )
