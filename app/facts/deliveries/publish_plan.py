"""The plan of a publication: which staged row becomes which order, line and receipt.

Temporary tables hold, for each staged row, the id it has or will have and whether it is
new, so that every fact is written by one INSERT … SELECT or UPDATE … FROM. Nothing
lasting is written here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    String,
    Table,
    and_,
    case,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.base.db import BigKey, is_sqlite
from app.facts.deliveries.engine_sql import raw
from app.facts.deliveries.models import NONE_KEY, PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.staging_models import StagedDelivery
from app.facts.deliveries.temporary import drop, make, temporary
from app.facts.suppliers import lookups
from app.facts.suppliers.models import Part
from app.platform.imports.models import StagedKey

key_of = temporary(
    "plan_key",
    Column("entity", String(20), nullable=False),
    Column("key_no", Integer, nullable=False),
    Column("id", BigKey, nullable=False),
    key=("entity", "key_no"),
    is_told=False,
)
order_of = temporary(
    "plan_order",
    Column("order_row", Integer, nullable=False),
    Column("order_id", BigKey, nullable=False),
    Column("supplier_id", BigKey, nullable=False),
    Column("is_new", Integer, nullable=False),
    Column("is_changed", Integer, nullable=False),
    key="order_row",
    is_told=False,
)
line_of = temporary(
    "plan_line",
    Column("line_row", Integer, nullable=False),
    Column("line_id", BigKey, nullable=False),
    Column("order_id", BigKey, nullable=False),
    Column("supplier_id", BigKey, nullable=False),
    Column("part_id", BigKey),
    Column("category_id", BigKey, nullable=False),
    Column("site_id", BigKey, nullable=False),
    Column("is_new", Integer, nullable=False),
    Column("is_changed", Integer, nullable=False),
    key="line_row",
    is_told=False,
)
receipt_of = temporary(
    "plan_receipt",
    Column("row_no", Integer, nullable=False),
    Column("line_id", BigKey, nullable=False),
    Column("receipt_id", BigKey),
    Column("is_changed", Integer, nullable=False),
    key="row_no",
    is_told=False,
)
TABLES = (key_of, order_of, line_of, receipt_of)
S = StagedDelivery
# What a row says, by the column that keeps it, as the database stores it.
Values = dict[str, Any]  # Any: SQL expressions of mixed types


@contextmanager
def opened(session: Session) -> Iterator[None]:
    """Make the plan's temporary tables for the length of a block."""
    make(session, *TABLES)
    yield
    drop(session, *TABLES)


def find_keys(session: Session, batch_id: int, entity: str, source: str) -> list[Any]:
    """Note which thing each staged key stands for; return the staged keys of unknown things.

    Keys are noted as the file is read; those that only rows name that stand aside are left out.
    """
    staged = (StagedKey.batch_id == batch_id, StagedKey.entity == entity)
    noted = select(key_of.c.key_no).where(key_of.c.entity == entity)
    for known in lookups.keys_and_ids(entity, source=source):
        thing = known.subquery()
        key, row_id = thing.c
        found = (
            select(literal(entity), StagedKey.key_no, row_id)
            .join(thing, key == StagedKey.key)
            .where(*staged, StagedKey.key_no.not_in(noted))
        )
        _fill(session, key_of, found)
    missing = select(StagedKey.key_no, StagedKey.key, StagedKey.attributes)
    unknown = session.execute(missing.where(*staged, StagedKey.key_no.not_in(noted))).all()
    if not unknown:
        return []
    column = getattr(S, f"{entity}_key")
    named = set(session.scalars(select(column).where(S.batch_id == batch_id).distinct()))
    return [row for row in unknown if row.key_no in named]


def note_keys(session: Session, entity: str, ids: dict[int, int]) -> None:
    """Note which thing each key number stands for."""
    if ids:
        session.execute(
            insert(key_of),
            [{"entity": entity, "key_no": number, "id": found} for number, found in ids.items()],
        )


def plan_orders(session: Session, batch_id: int, said: Values) -> None:
    """Find each staged order among the known ones, else give it an id; note what changes."""
    supplier, known = _keys("supplier"), PurchaseOrder
    rows = (
        select(
            S.row_no,
            func.coalesce(known.id, _new_id(session, known)),
            supplier.c.id,
            _flag(known.id.is_(None)),
            _flag(and_(known.id.is_not(None), _differs(known, said))),
        )
        .join(supplier, supplier.c.key_no == S.supplier_key)
        .outerjoin(known, and_(known.buyer_unit == S.buyer_unit, known.number == S.order_no))
        .where(S.batch_id == batch_id, S.order_row == S.row_no)
    )
    _fill(session, order_of, rows)


def plan_lines(session: Session, batch_id: int, said: Values, named: Collection[str]) -> None:
    """Find each staged line among the known ones, else give it an id; note what changes.

    `named` are the entities that the file names by key; only they are joined.
    """
    known, part, keys = ScheduleLine, Part, {entity: _keys(entity) for entity in named}
    found = _found(keys, part)
    changes = _differs(known, said | {name: found[name] for name in changeable(named)})
    rows = (
        select(
            S.row_no,
            func.coalesce(known.id, _new_id(session, known)),
            order_of.c.order_id,
            order_of.c.supplier_id,
            *found.values(),
            _flag(known.id.is_(None)),
            _flag(and_(known.id.is_not(None), changes)),
        )
        .join(order_of, order_of.c.order_row == S.order_row)
        .outerjoin(
            known,
            and_(
                order_of.c.is_new == 0,
                known.order_id == order_of.c.order_id,
                known.line_no == S.line_no,
                known.schedule_no == S.schedule_no,
            ),
        )
        .where(S.batch_id == batch_id, S.line_row == S.row_no)
    )
    for entity, key in keys.items():
        rows = rows.outerjoin(key, key.c.key_no == getattr(S, f"{entity}_key"))
        if entity == "part":
            rows = rows.outerjoin(part, part.id == key.c.id)
    _fill(session, line_of, rows)


def changeable(named: Collection[str]) -> list[str]:
    """Return the columns of a line that a file changes by naming these entities."""
    columns = {"part": ["part_id", "category_id"], "category": ["category_id"], "site": ["site_id"]}
    return list(dict.fromkeys(name for entity in named for name in columns[entity]))


def _found(keys: dict[str, Any], part: type[Part]) -> Values:
    """Return what a line refers to, by column; Any: subqueries of the key table."""
    category: list[Any] = [keys["category"].c.id] if "category" in keys else []
    if "part" in keys:
        category.append(part.category_id)
    return {
        "part_id": keys["part"].c.id if "part" in keys else null(),
        "category_id": func.coalesce(*category, NONE_KEY) if category else literal(NONE_KEY),
        "site_id": func.coalesce(keys["site"].c.id, NONE_KEY)
        if "site" in keys
        else literal(NONE_KEY),
    }


def plan_receipts(session: Session, batch_id: int, said: Values) -> None:
    """Find each staged receipt among the known ones; those of new lines are new."""
    rows = (
        select(
            S.row_no,
            line_of.c.line_id,
            Receipt.id,
            _flag(and_(Receipt.id.is_not(None), _differs(Receipt, said))),
        )
        .join(line_of, line_of.c.line_row == S.line_row)
        .outerjoin(
            Receipt,
            and_(
                line_of.c.is_new == 0,
                Receipt.line_id == line_of.c.line_id,
                Receipt.source_key == S.receipt_no,
            ),
        )
        .where(S.batch_id == batch_id, S.has_receipt == 1)
    )
    _fill(session, receipt_of, rows)


def _differs(known: Any, said: Values) -> ColumnElement[bool]:  # Any: a mapped class
    """Return the condition that a stored row is not what the file says; unknown is a value."""
    return or_(false(), *(raw(getattr(known, name)).is_distinct_from(said[name]) for name in said))


def _keys(entity: str) -> Any:  # Any: an alias of the key table
    return (
        select(key_of.c.key_no, key_of.c.id)
        .where(key_of.c.entity == entity)
        .subquery(f"{entity}_key")
    )


def _new_id(session: Session, model: Any) -> ColumnElement[int]:  # Any: a mapped class
    """Return an id for a new row: above all ids on SQLite, where no other writer is.

    The row number makes it unique; gaps are harmless. PostgreSQL's sequence gives its own.
    """
    if is_sqlite(session):
        last = session.scalar(select(func.max(model.id))) or 0
        return literal(last) + S.row_no
    sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
    return func.nextval(sequence)


def _flag(condition: Any) -> ColumnElement[int]:  # Any: a condition
    return case((condition, 1), else_=0)


def _fill(session: Session, table: Table, rows: Any) -> None:  # Any: a select
    session.execute(insert(table).from_select([column.name for column in table.columns], rows))
