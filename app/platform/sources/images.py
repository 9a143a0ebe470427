"""Before-images: what rows held before a batch changed them, and putting that back.

Works on any table of the schema by its name. A row that a batch inserted is found by
its `batch_id` where the table has one, else by an image without content.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Table,
    Uuid,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from app.base.db import Base, MoneyType, QuantityType, UtcDateTime
from app.platform.sources.models import BeforeImage

ASKED_AT_ONCE = 2_000
KEPT_APART = {"id", "created_at"}

Stored = dict[str, Any]  # Any: values of a row of any table


def remember(session: Session, batch_id: int, table: Table, ids: Select[Any], at: datetime) -> int:
    """Keep the rows that the batch is about to change; return how many."""
    names = [column.name for column in table.columns if column.name not in KEPT_APART]
    query = select(table.c.id, *(table.c[name] for name in names)).where(table.c.id.in_(ids))
    kept = 0
    rows = iter(session.execute(query).all())
    while some := list(islice(rows, ASKED_AT_ONCE)):
        session.execute(
            insert(BeforeImage),
            [
                {
                    "batch_id": batch_id,
                    "table_name": table.name,
                    "row_id": row[0],
                    "before": _written(dict(zip(names, row[1:], strict=True))),
                    "at": at,
                }
                for row in some
            ],
        )
        kept += len(some)
    return kept


def remember_inserted(
    session: Session, batch_id: int, table: str, ids: Iterable[int], at: datetime
) -> None:
    """Note rows that a batch inserted into a table that doesn't name its batch."""
    rows = [
        {"batch_id": batch_id, "table_name": table, "row_id": row_id, "at": at} for row_id in ids
    ]
    if rows:
        session.connection().execute(insert(Base.metadata.tables["before_image"]), rows)


def later_batch(session: Session, batch_id: int, table: Table) -> int | None:
    """Return a later batch that changed rows which this batch inserted or changed."""
    later, own = (
        BeforeImage,
        select(BeforeImage.row_id).where(
            BeforeImage.batch_id == batch_id, BeforeImage.table_name == table.name
        ),
    )
    of_ours: ColumnElement[bool] = later.row_id.in_(own)
    if "batch_id" in table.columns:
        inserted = select(table.c.id).where(table.c.batch_id == batch_id)
        of_ours = or_(of_ours, later.row_id.in_(inserted))
    found = session.scalar(
        select(func.min(later.batch_id)).where(
            later.batch_id > batch_id, later.table_name == table.name, of_ours
        )
    )
    return None if found is None else int(found)


def changed_ids(batch_id: int, table: Table) -> Select[int]:
    """Return the rows that the batch changed, as a query."""
    return select(BeforeImage.row_id).where(
        BeforeImage.batch_id == batch_id,
        BeforeImage.table_name == table.name,
        BeforeImage.before.is_not(None),
    )


def inserted_ids(batch_id: int, table: Table) -> Select[int]:
    """Return the rows that the batch inserted, as a query."""
    if "batch_id" in table.columns:
        return select(table.c.id).where(table.c.batch_id == batch_id)
    return select(BeforeImage.row_id).where(
        BeforeImage.batch_id == batch_id,
        BeforeImage.table_name == table.name,
        BeforeImage.before.is_(None),
    )


def restore(session: Session, batch_id: int, table: Table) -> int:
    """Put back what changed rows held before; return how many."""
    query = select(BeforeImage.row_id, BeforeImage.before).where(
        BeforeImage.batch_id == batch_id,
        BeforeImage.table_name == table.name,
        BeforeImage.before.is_not(None),
    )
    restored = 0
    for row_id, before in session.execute(query).all():
        if before is None:
            continue
        session.execute(update(table).where(table.c.id == row_id).values(typed(table, before)))
        restored += 1
    return restored


def remove_inserted(session: Session, batch_id: int, table: Table) -> int:
    """Delete the rows that the batch inserted into a table that names its batch."""
    result = session.execute(delete(table).where(table.c.id.in_(inserted_ids(batch_id, table))))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a delete has a row count


def remove_unused(
    session: Session, batch_id: int, table: Table, soft: Sequence[tuple[str, str]] = ()
) -> tuple[int, int]:
    """Delete inserted rows that nothing refers to; return (deleted, kept).

    `soft` names columns (table, column) that refer to the table without a foreign key.
    """
    ids = list(session.scalars(inserted_ids(batch_id, table)))
    if not ids:
        return 0, 0
    used: set[int] = set()
    for other, column in [*_references(table), *soft]:
        referring = Base.metadata.tables[other].c[column]
        for some in _slices(ids):
            used.update(session.scalars(select(referring).where(referring.in_(some)).distinct()))
    free = [row_id for row_id in ids if row_id not in used]
    for some in _slices(free):
        session.execute(delete(table).where(table.c.id.in_(some)))
    return len(free), len(ids) - len(free)


def forget(session: Session, batch_id: int) -> None:
    """Drop the images of a batch that was undone: they say nothing any more."""
    session.execute(delete(BeforeImage).where(BeforeImage.batch_id == batch_id))


def foreign_uses(session: Session, batch_id: int, table: Table) -> list[tuple[str, int]]:
    """Return which tables hold rows of others that refer to rows this batch inserted."""
    inserted = inserted_ids(batch_id, table)
    found = []
    for other, column in _references(table):
        referring = Base.metadata.tables[other]
        query = select(func.count()).where(referring.c[column].in_(inserted))
        if "batch_id" in referring.columns:
            query = query.where(referring.c.batch_id.is_distinct_from(literal(batch_id)))
        if number := session.scalar(query) or 0:
            found.append((other, number))
    return found


def _references(table: Table) -> Iterator[tuple[str, str]]:
    """Yield (table, column) of every foreign key that points to the table's id."""
    for other in Base.metadata.tables.values():
        for constraint in other.foreign_key_constraints:
            for element in constraint.elements:
                if element.column.table is table and element.column.primary_key:
                    yield other.name, element.parent.name


def _written(row: Stored) -> Stored:
    return {name: _as_json(value) for name, value in row.items()}


def _as_json(value: object) -> object:
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def typed(table: Table, before: Stored) -> Stored:
    """Return an image's values as the table's types have them."""
    return {name: _as_value(table.c[name].type, said) for name, said in before.items()}


def _as_value(kind: TypeEngine[Any], said: Any) -> object:  # Any: what JSON holds
    if said is None:
        return None
    if isinstance(kind, QuantityType | MoneyType):
        return Decimal(said)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(said)
    if isinstance(kind, Date):
        return date.fromisoformat(said)
    return uuid.UUID(said) if isinstance(kind, Uuid) else said


def _slices(items: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(items)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some
