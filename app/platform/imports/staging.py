"""A file on its way to staging: opened, checked batch by batch, written in short transactions.

Nothing here holds a write transaction while it parses. A run that is killed leaves a
staged batch without its end, which is discarded when the same file comes again.
"""

from __future__ import annotations

import hashlib

# allowed: objects-from-bytes: writes only, for a digest; nothing is ever read back
import json
import marshal  # allowed: objects-from-bytes: written for a digest, never read
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import InvalidInput
from app.platform.imports import own_batch
from app.platform.imports.checking import AsideRow, Checked, Checker
from app.platform.imports.delimited import DelimitedRows
from app.platform.imports.kinds import Chunk, FieldType, ImportKind, Stager, kind_named
from app.platform.imports.mapping import Mapping
from app.platform.imports.problems import Problem
from app.platform.imports.rows import Rows, position_of, require_columns
from app.platform.imports.source_file import FileFacts, SourceFile
from app.platform.imports.workbook import WorkbookRows
from app.platform.sources import services as sources
from app.platform.sources.models import BatchState

ROWS_AT_ONCE = 1_000
BATCHES_PER_TRANSACTION = 10
# Enough to mend a file from; a file with more bad rows needs another mapping, not a list.
MOST_PROBLEMS = 20_000
MOST_WARNINGS = 200

Progress = Callable[[float, int], None]


@dataclass(slots=True)
class Staged:
    """What staging a file came to."""

    rows_read: int = 0
    rows_aside: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    unknown_columns: list[str] = field(default_factory=list)
    latest_fact_on: date | None = None
    problems_left_out: int = 0
    # sha256 over the rows that passed the checks, as read, in the file's order.
    rows_digest: str = ""


def open_rows(source: SourceFile, facts: FileFacts, mapping: Mapping) -> tuple[Rows, Mapping]:
    """Open the table; return it with the mapping as far as the file has its columns.

    A template's optional columns may be absent; a declared source must be as declared.
    """
    known = mapping.source_columns()
    rows: Rows
    if facts.is_workbook:
        rows = WorkbookRows(source, mapping.shape)
        hint = ""
    else:
        text = DelimitedRows(source, facts, mapping.shape, known)
        rows, hint = text, text.separation_hint(known)
    try:
        return rows, _as_found(rows, mapping, hint)
    except InvalidInput:
        rows.close()
        raise


def _as_found(rows: Rows, mapping: Mapping, hint: str) -> Mapping:
    """Return the mapping as far as the file has its columns; refuse what must be there."""
    if mapping.is_template:
        found = tuple(
            rule
            for rule in mapping.fields
            if rule.column is None or position_of(rows.header, rule.column) is not None
        )
        mapping = replace(mapping, fields=found)
    required = [
        each.name
        for each in kind_named(mapping.kind).fields
        if each.is_required and each.default is None and not mapping.gives(each.name)
    ]
    require_columns(rows.header, [*required, *mapping.source_columns()], hint)
    return mapping


def stage_rows(
    batch_id: int,
    source: SourceFile,
    facts: FileFacts,
    mapping: Mapping,
    rows: Rows,
    progress: Progress | None,
) -> Staged:
    """Check all rows and write the good ones to staging, the bad ones to quarantine."""
    kind = kind_named(mapping.kind)
    stager = kind.open(mapping)
    checker = Checker(
        kind, mapping, rows.header, stager, today=clock.today(), has_nul=facts.has_nul
    )
    run = _Run(batch_id, kind, stager)
    for row_nos, some in rows.batches(ROWS_AT_ONCE):
        run.take(checker.check(row_nos, some))
        if progress is not None:
            progress(rows.progress(), run.staged.rows_read)
    run.write()
    with _still_staged(batch_id) as session:
        late = list(stager.finish(session, batch_id))
    if late:
        bad = {problem.row_no for problem in late}
        again, _ = open_rows(source, facts, mapping)
        run.put_aside(late, _cells_of(again, bad, checker))
    run.staged.warnings = Counter({str(kind): n for kind, n in checker.warnings.items()})
    run.staged.unknown_columns = checker.unknown_columns
    return run.staged


@contextmanager
def _still_staged(batch_id: int) -> Iterator[Session]:
    """Yield a session for writing rows of the batch; refuse where it was discarded meanwhile.

    The same file sent again discards what is half read; rows written after that would have
    nobody to drop them.
    """
    with own_batch.transaction() as session:
        sources.batch_in_state(session, batch_id, BatchState.STAGED)
        yield session


def _cells_of(rows: Rows, wanted: set[int], checker: Checker) -> list[AsideRow]:
    """Read the file again for the cells of rows that only the whole file proved bad."""
    return [
        AsideRow(row_no, checker.as_texts(row))
        for row_nos, some in rows.batches(ROWS_AT_ONCE)
        for row_no, row in zip(row_nos, some, strict=True)
        if row_no in wanted
    ]


def drop_rows(session: Session, model: Any, batch_id: int) -> None:  # Any: a mapped class
    """Drop a batch's staged rows; SQLite empties a table with no other batch in it at once.

    On PostgreSQL another batch's rows may appear between looking and emptying.
    """
    other = session.scalar(select(model.batch_id).where(model.batch_id != batch_id).limit(1))
    statement = delete(model)
    if other is not None or not db.is_sqlite(session):
        statement = statement.where(model.batch_id == batch_id)
    session.execute(statement, execution_options={"synchronize_session": False})


class _Run:
    """Collects checked batches and writes them a few at a time."""

    def __init__(self, batch_id: int, kind: ImportKind, stager: Stager) -> None:
        self.staged = Staged()
        self.stager = stager
        self._batch_id = batch_id
        self._past = [
            each.name for each in kind.fields if each.is_past and each.type is FieldType.DATE
        ]
        self._waiting: list[Checked] = []
        self._problems = self._warnings = 0
        self._latest = ""
        self._digest = hashlib.sha256()

    def take(self, checked: Checked) -> None:
        """Take one checked batch; write when enough wait."""
        self.staged.rows_read += checked.rows_read
        self.staged.rows_aside += len(checked.aside)
        self._note_latest(checked.chunk)
        self._note_digest(checked.chunk)
        self._waiting.append(checked)
        if len(self._waiting) >= BATCHES_PER_TRANSACTION:
            self.write()

    def write(self) -> None:
        """Write what waits in one short transaction."""
        if self._waiting:
            with _still_staged(self._batch_id) as session:
                for checked in self._waiting:
                    self.stager.stage(session, self._batch_id, checked.chunk)
                    self._record(session, checked)
            self._waiting = []
        if self._latest:
            self.staged.latest_fact_on = date.fromisoformat(self._latest)
        self.staged.rows_digest = self._digest.hexdigest()

    def put_aside(self, problems: Sequence[Problem], rows: Sequence[AsideRow]) -> None:
        """Record rows that only the whole file proved bad."""
        late = Checked(0, Chunk([], {}), list(problems), list(rows))
        self.staged.rows_aside += len(rows)
        with _still_staged(self._batch_id) as session:
            self._record(session, late)

    def _record(self, session: Session, checked: Checked) -> None:
        shown = []
        for problem in checked.problems:
            if problem.is_warning:
                self._warnings += 1
                if self._warnings > MOST_WARNINGS:
                    continue
            else:
                self._problems += 1
                if self._problems > MOST_PROBLEMS:
                    self.staged.problems_left_out += 1
                    continue
            shown.append(asdict(problem))
        sources.record_problems(session, self._batch_id, shown)
        if self._problems <= MOST_PROBLEMS:
            rows = ((row.row_no, row.cells) for row in checked.aside)
            sources.set_aside(session, self._batch_id, rows)

    def _note_digest(self, chunk: Chunk) -> None:
        # Format 0 depends on values alone, and costs half of JSON: 1.5 % of an import.
        said = [chunk.row_nos, chunk.columns]
        try:
            written = marshal.dumps(said, 0)
        except ValueError:
            # A member of an enumeration, which small kinds hold: always the slower way then.
            written = json.dumps(said, ensure_ascii=False, default=str).encode()
        self._digest.update(written)

    def _note_latest(self, chunk: Chunk) -> None:
        for name in self._past:
            for value in set(chunk.columns.get(name) or ()):
                if value is not None and str(value) > self._latest:
                    self._latest = str(value)
