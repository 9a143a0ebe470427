"""Reads of batches: the feed's list, one batch, its problems, what stands aside."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.platform.sources.models import (
    BatchProblem,
    BatchState,
    QuarantinedRow,
    SourceBatch,
    StagedFile,
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One import as lists and reports show it."""

    id: int
    public_id: uuid.UUID
    kind: str
    file_name: str
    mapping_name: str
    state: str
    rows_read: int
    rows_published: int
    rows_aside: int
    rows_new: int
    rows_changed: int
    rows_unchanged: int
    summary: dict[str, Any]  # Any: counts and the mapping, as the engine wrote them
    latest_fact_on: date | None
    staged_by: str
    created_at: datetime
    published_by: str | None
    published_at: datetime | None
    undone_by: str | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One thing wrong, or strange, with one row of a batch."""

    row_no: int
    column: str | None
    value: str | None
    code: str
    message: str
    is_warning: bool

    @property
    def reason(self) -> str:
        """The message without its place, for tables that show the place in columns."""
        places = (f"Row {self.row_no:,}, '{self.column}': ", f"Row {self.row_no:,}: ")
        for place in places:
            if self.message.startswith(place):
                reason = self.message.removeprefix(place)
                return reason[:1].upper() + reason[1:]
        return self.message


@dataclass(frozen=True, slots=True)
class BatchesPage:
    """Some imports and how many there are in all."""

    rows: list[BatchRow]
    total: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the published facts rest on, for a pack's lineage and the feed's page."""

    batches: int
    rows_published: int
    rows_aside: int
    latest_on: datetime | None


SORTS = {
    "number": SourceBatch.id,
    "rows": SourceBatch.rows_read,
    "aside": SourceBatch.rows_aside,
    "file": SourceBatch.file_name,
}
BATCH_COLUMNS = [getattr(SourceBatch, name) for name in BatchRow.__dataclass_fields__]


def batches(*states: BatchState) -> Select[Any]:  # Any: the columns of BatchRow
    """Return the query of imports, the latest first; a list filters and pages it."""
    query = select(*BATCH_COLUMNS).order_by(SourceBatch.id.desc())
    return query.where(SourceBatch.state.in_(states)) if states else query


def batch_rows(session: Session, query: Select[Any]) -> list[BatchRow]:
    """Return the rows of a query that `batches` made."""
    return [BatchRow(*row) for row in session.execute(query)]


def batches_page(
    session: Session,
    *,
    states: Sequence[str] = (),
    kinds: Sequence[str] = (),
    sort: str = "number",
    is_falling: bool = True,
    limit: int,
    offset: int = 0,
) -> BatchesPage:
    """Return a page of the imports that fit, and how many fit."""
    query = batches()
    if states:
        query = query.where(SourceBatch.state.in_(states))
    if kinds:
        query = query.where(SourceBatch.kind.in_(kinds))
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    order = SORTS[sort].desc() if is_falling else SORTS[sort].asc()
    page = query.order_by(None).order_by(order, SourceBatch.id.desc()).limit(limit).offset(offset)
    return BatchesPage(batch_rows(session, page), total or 0)


def batch_row(session: Session, batch_id: int) -> BatchRow:
    """Return one import, or raise NotFound."""
    row = session.execute(select(*BATCH_COLUMNS).where(SourceBatch.id == batch_id)).one_or_none()
    if row is None:
        raise NotFound("E-IMP-26", f"There is no import #{batch_id}.")
    return BatchRow(*row)


def problems(
    session: Session, batch_id: int, *, limit: int, warnings: bool = False
) -> list[ProblemRow]:
    """Return the first problems of a batch by row, or its first warnings."""
    problem = BatchProblem
    query = (
        select(
            problem.row_no,
            problem.column,
            problem.value,
            problem.code,
            problem.message,
            problem.is_warning,
        )
        .where(problem.batch_id == batch_id, problem.is_warning.is_(warnings))
        .order_by(problem.row_no, problem.id)
        .limit(limit)
    )
    return [ProblemRow(*row) for row in session.execute(query)]


def problem_count(session: Session, batch_id: int) -> int:
    """Return how many problems of a batch are kept."""
    query = select(func.count()).where(
        BatchProblem.batch_id == batch_id, BatchProblem.is_warning.is_(False)
    )
    return session.scalar(query) or 0


def aside_rows(session: Session, batch_id: int) -> list[tuple[int, list[str]]]:
    """Return the rows that stand aside, with their original cells, in file order."""
    query = (
        select(QuarantinedRow.row_no, QuarantinedRow.cells)
        .where(QuarantinedRow.batch_id == batch_id)
        .order_by(QuarantinedRow.row_no)
    )
    return [(row_no, cells) for row_no, cells in session.execute(query)]


def staged_file(session: Session, batch_id: int) -> bytes | None:
    """Return the uploaded bytes of a staged batch, or None."""
    return session.scalar(select(StagedFile.content).where(StagedFile.batch_id == batch_id))


def lineage(session: Session) -> Lineage:
    """Return what the published facts rest on."""
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(SourceBatch.rows_published), 0),
            func.coalesce(func.sum(SourceBatch.rows_aside), 0),
            func.max(SourceBatch.published_at),
        ).where(SourceBatch.state == BatchState.PUBLISHED)
    ).one()
    return Lineage(int(row[0]), int(row[1]), int(row[2]), row[3])
