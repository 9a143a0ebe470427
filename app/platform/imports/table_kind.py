"""Import kinds whose rows become rows of one table: everything but deliveries.

A feature says which table, which columns, what a row refers to and what must follow;
staging, matching, previewing, writing and undoing are the same for all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.db import MONEY_SCALE, QUANTITY_SCALE, Base
from app.base.errors import Conflict
from app.platform.imports import upsert
from app.platform.imports.kinds import (
    Chunk,
    Counts,
    Field,
    FieldType,
    ImportKind,
    NamedSupplier,
    RowFault,
    RowWarning,
    Stager,
    Value,
)
from app.platform.imports.mapping import Mapping as FileMapping
from app.platform.imports.models import StagedRow
from app.platform.imports.problems import Code, Fault, Problem, quoted
from app.platform.imports.staging import drop_rows
from app.platform.sources import images

Key = tuple[str, ...]
Row = dict[str, Any]  # Any: values of different columns
Find = Callable[[Session, Sequence[Key], str], dict[Key, int]]
Create = Callable[[Session, Mapping[Key, Mapping[str, Value]]], dict[Key, int]]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a row names by key: the fields of the key, the column that keeps the id.

    `find` returns the ids of known keys; `create` makes missing ones where the mapping
    allows `entity`.
    """

    entity: str
    fields: tuple[str, ...]
    column: str
    find: Find
    create: Create | None = None

    def key(self, row: Mapping[str, Value]) -> Key | None:
        """Return the key that a row names, None when its first part is unknown."""
        if row.get(self.fields[0]) is None:
            return None
        return tuple(str(row.get(name) or "") for name in self.fields)


class TableKind(ImportKind):
    """A kind whose rows become rows of one table."""

    table: str
    # Field → column, where the names differ; fields of references are left out.
    renamed: tuple[tuple[str, str], ...] = ()
    references: tuple[Reference, ...] = ()
    # The columns of the natural key.
    key_columns: tuple[str, ...]
    # Other tables whose rows the kind changes on the way.
    also_changes: tuple[str, ...] = ()
    # Columns that refer to the table without a foreign key.
    soft_references: tuple[tuple[str, str], ...] = ()

    def open(self, mapping: FileMapping) -> Stager:
        """Return the object that takes the chunks of one file."""
        return TableStager(self, mapping)

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield what is wrong across the cells of a row. Kinds extend it."""
        yield from ()

    def rows_of(self, said: Row) -> Iterator[Row]:
        """Yield the table's rows that one row of the file stands for. Kinds extend it."""
        yield said

    def completed(self, session: Session, rows: list[Row]) -> list[Row]:
        """Return the rows with what follows from them. Kinds extend it."""
        return rows

    def writing(
        self, session: Session, batch_id: int, rows: Sequence[Row]
    ) -> AbstractContextManager[object]:
        """Return what the writing is bracketed with. Kinds extend it."""
        return nullcontext()

    def written(self, session: Session, batch_id: int, rows: Sequence[Row]) -> None:
        """Do what must follow the writing of rows. Kinds extend it."""

    def preview(self, session: Session, batch_id: int, mapping: FileMapping) -> Counts:
        """Count what publishing would do."""
        counts = Counts()
        rows = self._resolved(session, batch_id, mapping, counts)
        plan = upsert.planned(session, self._table, self.key_columns, rows)
        counts.new, counts.changed = len(plan.new), len(plan.changes)
        counts.unchanged = plan.unchanged
        return counts

    def suppliers_named(
        self, session: Session, batch_id: int, mapping: FileMapping
    ) -> list[NamedSupplier] | None:
        """Return the suppliers that the rows name by key; None where no row can be one's.

        Rows that hang on an order or a line name it instead: they are looked at when written.
        """
        if self.table not in scope.tables_of_suppliers():
            return None
        reference = next((each for each in self.references if each.entity == "supplier"), None)
        if reference is None:
            return []
        staged = session.execute(
            select(StagedRow.row_no, StagedRow.content)
            .where(StagedRow.batch_id == batch_id)
            .order_by(StagedRow.row_no)
        )
        first: dict[Key | None, int] = {}
        for row_no, said in staged:
            first.setdefault(reference.key(said), row_no)
        found = reference.find(session, [key for key in first if key is not None], mapping.name)
        return [
            NamedSupplier(
                row_no, reference.fields[0], "/".join(key or ()), found.get(key) if key else None
            )
            for key, row_no in first.items()
        ]

    def publish(self, session: Session, batch_id: int, mapping: FileMapping) -> Counts:
        """Turn the staged rows into facts."""
        counts = Counts()
        rows = self._resolved(session, batch_id, mapping, counts)
        plan = upsert.planned(session, self._table, self.key_columns, rows)
        plan = replace(plan, new=[{**self._defaults(), **row} for row in plan.new])
        with self.writing(session, batch_id, rows):
            done = upsert.apply(
                session,
                self._table,
                plan,
                batch_id=batch_id,
                key=self.key_columns,
                at=clock.now(),
            )
            self.written(session, batch_id, rows)
        counts.new, counts.changed, counts.unchanged = done.new, done.changed, done.unchanged
        return counts

    def undo(self, session: Session, batch_id: int) -> Counter[str]:
        """Take the batch's rows back."""
        table = self._table
        others = [Base.metadata.tables[name] for name in self.also_changes]
        for changed in (table, *others):
            _refuse_if_changed_since(session, batch_id, changed)
        kept: Counter[str] = Counter()
        rows = self._rows_touched(session, batch_id)
        with self.writing(session, batch_id, rows):
            for changed in (table, *others):
                images.restore(session, batch_id, changed)
            if "batch_id" in table.columns:
                images.remove_inserted(session, batch_id, table)
            else:
                self._count_kept(session, batch_id, table, self.soft_references, kept)
            self.written(session, batch_id, rows)
        for entity in dict.fromkeys(each.entity for each in self.references if each.create):
            if entity != self.table:
                other = Base.metadata.tables[entity]
                self._count_kept(session, batch_id, other, (), kept)
        return kept

    def clear(self, session: Session, batch_id: int) -> None:
        """Drop the batch's staged rows."""
        drop_rows(session, StagedRow, batch_id)

    @property
    def _table(self) -> Table:
        return Base.metadata.tables[self.table]

    def _count_kept(
        self,
        session: Session,
        batch_id: int,
        table: Table,
        soft: Sequence[tuple[str, str]],
        kept: Counter[str],
    ) -> None:
        _, still_used = images.remove_unused(session, batch_id, table, soft)
        if still_used:
            kept[table.name] += still_used

    def _rows_touched(self, session: Session, batch_id: int) -> list[Row]:
        table = self._table
        ids = images.changed_ids(batch_id, table).union(images.inserted_ids(batch_id, table))
        query = select(table).where(table.c.id.in_(ids))
        return [dict(row) for row in session.execute(query).mappings()]

    def _resolved(
        self, session: Session, batch_id: int, mapping: FileMapping, counts: Counts
    ) -> list[Row]:
        """Return the table's rows of a batch, with ids for keys and values of their types."""
        staged = session.scalars(
            select(StagedRow.content)
            .where(StagedRow.batch_id == batch_id)
            .order_by(StagedRow.row_no)
        ).all()
        ids = {
            reference: self._ids(session, batch_id, reference, staged, mapping, counts)
            for reference in self.references
        }
        rows: list[Row] = []
        for said in staged:
            row = self._values(said, mapping)
            for reference, found in ids.items():
                key = reference.key(said)
                if key is not None or mapping.gives(reference.fields[0]):
                    row[reference.column] = None if key is None else found[key]
            rows += self.rows_of(row)
        return self.completed(session, rows)

    def _ids(
        self,
        session: Session,
        batch_id: int,
        reference: Reference,
        staged: Sequence[Row],
        mapping: FileMapping,
        counts: Counts,
    ) -> dict[Key, int]:
        first: dict[Key, Row] = {}
        for said in staged:
            if (key := reference.key(said)) is not None:
                first.setdefault(key, said)
        found = reference.find(session, list(first), mapping.name)
        missing = {key: said for key, said in first.items() if key not in found}
        if not missing:
            return found
        if reference.create is None or reference.entity not in mapping.creates:
            lost = "/".join(next(iter(missing)))
            raise Conflict(
                Code.BATCH_STATE,
                f"{reference.entity} {quoted(lost)} is gone since the preview."
                " Send the file again.",
            )
        made = reference.create(session, missing)
        images.remember_inserted(session, batch_id, reference.entity, made.values(), clock.now())
        counts.created[reference.entity] += len(made)
        return found | made

    def _values(self, said: Row, mapping: FileMapping) -> Row:
        """Return a row's own columns, typed, as far as the mapping gives them.

        An empty cell makes a value unknown; where unknown is not allowed it says nothing.
        """
        row: Row = {}
        columns = dict(self.renamed)
        for field in self._own_fields():
            value = said.get(field.name)
            says_nothing = value is None and field.default is not None
            if says_nothing or not (mapping.gives(field.name) or field.is_key):
                continue
            row[columns.get(field.name, field.name)] = typed(field.type, value)
        return row

    def _own_fields(self) -> Iterator[Field]:
        referring = {name for reference in self.references for name in reference.fields}
        return (field for field in self.fields if field.name not in referring)

    def _defaults(self) -> Row:
        """Return what a new row holds where nothing is said."""
        columns = dict(self.renamed)
        return {
            columns.get(field.name, field.name): typed(field.type, field.default)
            for field in self._own_fields()
            if field.default is not None
        }


class TableStager(Stager):
    """Takes the chunks of one file of a table kind."""

    def __init__(self, kind: TableKind, mapping: FileMapping) -> None:
        self._kind = kind
        self._mapping = mapping
        self._seen: dict[Key, list[int]] = defaultdict(list)
        self._known: dict[Reference, dict[Key, bool]] = {
            reference: {} for reference in kind.references
        }

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield what is wrong or strange across the cells of a row."""
        for reference in self._kind.references:
            yield from self._unmatched(chunk, reference)
        yield from self._kind.check(chunk)

    def stage(self, session: Session, batch_id: int, chunk: Chunk) -> None:
        """Write the chunk's good rows to staging."""
        if not chunk.row_nos:
            return
        names = list(chunk.columns)
        rows = []
        for row_no, *values in zip(chunk.row_nos, *chunk.columns.values(), strict=True):
            said = dict(zip(names, values, strict=True))
            self._seen[tuple(str(said.get(name) or "") for name in self._kind.key)].append(row_no)
            rows.append({"batch_id": batch_id, "row_no": row_no, "content": said})
        session.execute(insert(StagedRow), rows)

    def finish(self, session: Session, batch_id: int) -> Sequence[Problem]:
        """Report rows with the same key: none of them is trusted."""
        problems = []
        for key, row_nos in self._seen.items():
            if len(row_nos) > 1:
                label = "/".join(part for part in key if part)
                listed = " and ".join(f"{row_no:,}" for row_no in row_nos[:5])
                said = f"Rows {listed} have the same {self._kind.noun} {label}. Keep one."
                column = self._column(self._kind.key[0])
                problems += [
                    Problem(row_no, column, label, Code.SAME_KEY, said) for row_no in row_nos
                ]
        for problem in problems:
            session.execute(
                delete(StagedRow).where(
                    StagedRow.batch_id == batch_id, StagedRow.row_no == problem.row_no
                )
            )
        return problems

    def _unmatched(self, chunk: Chunk, reference: Reference) -> Iterator[RowFault]:
        may_create = reference.create is not None and reference.entity in self._mapping.creates
        if may_create or not chunk.has(reference.fields[0]):
            return
        known = self._known[reference]
        columns = [chunk.column(name) for name in reference.fields]
        keys = [
            None if parts[0] is None else tuple(str(part or "") for part in parts)
            for parts in zip(*columns, strict=True)
        ]
        fresh = [key for key in dict.fromkeys(keys) if key is not None and key not in known]
        if fresh:
            with db.reading() as session:
                found = reference.find(session, fresh, self._mapping.name)
            known.update((key, key in found) for key in fresh)
        remedy = "Import it first" + (
            f", or allow {reference.entity}s to be created." if reference.create else "."
        )
        for index, key in enumerate(keys):
            if key is not None and not known[key]:
                label = "/".join(part for part in key if part)
                said = f"{reference.entity} {quoted(label)} is not known. {remedy}"
                yield RowFault(index, reference.fields[0], Fault(Code.UNMATCHED, said))

    def _column(self, field: str) -> str | None:
        return next((rule.column for rule in self._mapping.fields if rule.field == field), None)


def _refuse_if_changed_since(session: Session, batch_id: int, table: Table) -> None:
    later = images.later_batch(session, batch_id, table)
    if later is not None:
        raise Conflict(
            Code.UNDO,
            f"Import #{later} changed rows of #{batch_id} since. Undo #{later} first.",
        )


def typed(kind: FieldType, value: Value) -> object:
    """Return a canonical value as Python and the tables' types have it."""
    if value is None:
        return None
    if kind is FieldType.QUANTITY:
        return Decimal(value) / QUANTITY_SCALE
    if kind is FieldType.MONEY:
        return Decimal(value) / MONEY_SCALE
    if kind is FieldType.NUMBER:
        return int(value) / QUANTITY_SCALE
    if kind is FieldType.DATE:
        return date.fromisoformat(str(value))
    if kind is FieldType.MOMENT:
        return datetime.fromisoformat(str(value))
    return bool(value) if kind is FieldType.BOOLEAN else value
