"""Turns staged delivery rows into orders, lines and receipts, in one transaction.

Overlapping rows update, never duplicate; unchanged rows are not written; what a row held
before it changes is kept with the batch. The roll-up follows in the same transaction.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session, aliased

from app.base import clock
from app.base.db import Base, is_sqlite
from app.base.errors import Conflict
from app.facts.deliveries import publish_plan, queries, rollup
from app.facts.deliveries.delivery_fields import (
    ENTITY_FIELDS,
    LINE_COLUMNS,
    LINE_FIELDS,
    RECEIPT_COLUMNS,
    RECEIPT_FIELDS,
)
from app.facts.deliveries.disputes import corrections
from app.facts.deliveries.engine_sql import driving
from app.facts.deliveries.models import PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.publish_plan import Values, line_of, order_of, receipt_of
from app.facts.deliveries.staging_models import StagedDelivery as S
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.facts.suppliers import services
from app.facts.suppliers.models import Supplier
from app.platform.imports.kinds import Counts
from app.platform.imports.mapping import Mapping
from app.platform.imports.problems import Code, quoted
from app.platform.sources import images

ENTITIES = ("category", "supplier", "part", "site")
BOOLEANS = {"is_split_allowed", "is_documents_ok", "is_undamaged"}
NEVER_NULL = {"quantity_cancelled_buyer", "quantity_cancelled_supplier"}
LINE_ENTITIES = ("part", "category", "site")
NOT_IN_RECEIPT = {"receipt_no", "receipt_type", "reverses_receipt_no"}


def publish(session: Session, batch_id: int, mapping: Mapping) -> Counts:
    """Write the batch's facts and what they change in the roll-up; return the counts."""
    with publish_plan.opened(session):
        counts = _plan(session, batch_id, mapping)
        because = Because(TouchedBy.IMPORT, batch_id)
        with rollup.change(session, until=closed_until(session), because=because) as change:
            if counts.changed:
                change.touch(_touched_lines())
                change.touch(_lines_of_changed_orders())
            _remember(session, batch_id)
            _write_orders(session, batch_id, mapping)
            _write_lines(session, batch_id, mapping)
            _settle_currencies(session)
            _write_receipts(session, batch_id, mapping)
            corrections.hold(session)
            change.touch_new(select(line_of.c.line_id).where(line_of.c.is_new == 1))
    return counts


def preview(session: Session, batch_id: int, mapping: Mapping) -> Counts:
    """Count what `publish` would do. The caller rolls back what is created for counting."""
    with publish_plan.opened(session):
        return _plan(session, batch_id, mapping)


def closed_until(session: Session) -> date:
    """Return the last day whose windows have closed."""
    last = clock.last_closed_day()
    return max(queries.closed_until(session) or last, last)


def _plan(session: Session, batch_id: int, mapping: Mapping) -> Counts:
    counts = Counts(created=_resolve_keys(session, batch_id, mapping))
    publish_plan.plan_orders(session, batch_id, _order_values(mapping))
    _refuse_orders_of_others(session)
    publish_plan.plan_lines(session, batch_id, _line_values(mapping), _named(mapping))
    publish_plan.plan_receipts(session, batch_id, _receipt_values(mapping))
    _count(session, batch_id, counts)
    return counts


def _named(mapping: Mapping) -> list[str]:
    """Return what the file's lines name by key, beside their supplier."""
    return [entity for entity in LINE_ENTITIES if mapping.gives(ENTITY_FIELDS[entity][0])]


def _resolve_keys(session: Session, batch_id: int, mapping: Mapping) -> Counter[str]:
    """Find what the rows name, create what may be created; return how many by entity."""
    created: Counter[str] = Counter()
    for entity in ENTITIES:
        staged = publish_plan.find_keys(session, batch_id, entity, mapping.name)
        wanted = {row.key: row.attributes for row in staged}
        if wanted and entity not in mapping.creates:
            raise Conflict(
                Code.BATCH_STATE,
                f"{entity} {quoted(next(iter(wanted)))} is gone since the preview."
                " Stage the file again.",
            )
        fresh = services.create_named(
            session, entity, wanted, own_warehouses=mapping.own_warehouses
        )
        if fresh:
            images.remember_inserted(session, batch_id, entity, fresh.values(), clock.now())
            created[entity] = len(fresh)
        publish_plan.note_keys(session, entity, {row.key_no: fresh[row.key] for row in staged})
    return created


def _refuse_orders_of_others(session: Session) -> None:
    """An order stays with its supplier; staging saw to it, but others published since."""
    other = session.execute(
        select(PurchaseOrder.number, Supplier.number)
        .select_from(order_of)
        .join(PurchaseOrder, PurchaseOrder.id == driving(order_of.c.order_id))
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .where(order_of.c.is_new == 0, PurchaseOrder.supplier_id != order_of.c.supplier_id)
        .order_by(order_of.c.order_row)
        .limit(1)
    ).first()
    if other is not None:
        raise Conflict(
            Code.BATCH_STATE,
            f"Order {other[0]} belongs to supplier {quoted(other[1])} since the preview."
            " Stage the file again.",
        )


def _count(session: Session, batch_id: int, counts: Counts) -> None:
    is_known = select(line_of.c.line_row).where(line_of.c.is_new == 0).limit(1)
    total = session.scalar(select(func.count()).where(S.batch_id == batch_id)) or 0
    if session.scalar(is_known) is None:
        counts.new = total
        return
    is_changed = or_(
        and_(line_of.c.is_changed == 1, line_of.c.line_row == S.row_no),
        and_(order_of.c.is_changed == 1, order_of.c.order_row == S.row_no),
        receipt_of.c.is_changed == 1,
        and_(receipt_of.c.row_no.is_not(None), receipt_of.c.receipt_id.is_(None)),
    )
    new, changed = session.execute(
        select(
            func.coalesce(func.sum(line_of.c.is_new), 0),
            func.coalesce(func.sum(case((and_(line_of.c.is_new == 0, is_changed), 1), else_=0)), 0),
        )
        .select_from(S)
        .join(line_of, line_of.c.line_row == S.line_row)
        .join(order_of, order_of.c.order_row == S.order_row)
        .outerjoin(receipt_of, receipt_of.c.row_no == S.row_no)
        .where(S.batch_id == batch_id)
    ).one()
    counts.new, counts.changed = int(new), int(changed)
    counts.unchanged = total - counts.new - counts.changed


def _touched_lines() -> Any:  # Any: a select of line ids
    """Known lines that change, or to which receipts are added or changed."""
    is_written = or_(receipt_of.c.receipt_id.is_(None), receipt_of.c.is_changed == 1)
    with_receipts = select(receipt_of.c.line_id).where(is_written)
    return select(line_of.c.line_id).where(
        line_of.c.is_new == 0,
        or_(line_of.c.is_changed == 1, line_of.c.line_id.in_(with_receipts)),
    )


def _lines_of_changed_orders() -> Any:  # Any: a select of line ids
    """All lines of orders whose day or contract changes: another rule may judge them."""
    return (
        select(ScheduleLine.id)
        .select_from(order_of)
        .join(ScheduleLine, ScheduleLine.order_id == driving(order_of.c.order_id))
        .where(order_of.c.is_changed == 1)
    )


def _remember(session: Session, batch_id: int) -> None:
    at = clock.now()
    for model, ids in (
        (PurchaseOrder, select(order_of.c.order_id).where(order_of.c.is_changed == 1)),
        (ScheduleLine, select(line_of.c.line_id).where(line_of.c.is_changed == 1)),
        (Receipt, select(receipt_of.c.receipt_id).where(receipt_of.c.is_changed == 1)),
    ):
        images.remember(session, batch_id, Base.metadata.tables[model.__tablename__], ids, at)


def _write_orders(session: Session, batch_id: int, mapping: Mapping) -> None:
    said = _order_values(mapping)
    new: Values = {
        "id": order_of.c.order_id,
        "buyer_unit": S.buyer_unit,
        "number": S.order_no,
        "supplier_id": order_of.c.supplier_id,
        **said,
    }
    staged = and_(S.batch_id == batch_id, S.row_no == order_of.c.order_row)
    _insert(session, PurchaseOrder, batch_id, new, order_of, staged, order_of.c.is_new == 1)
    _update(session, PurchaseOrder, order_of.c.order_id, said, staged, order_of.c.is_changed == 1)


def _write_lines(session: Session, batch_id: int, mapping: Mapping) -> None:
    said = _line_values(mapping)
    new: Values = {
        "id": line_of.c.line_id,
        "order_id": line_of.c.order_id,
        "line_no": S.line_no,
        "schedule_no": S.schedule_no,
        "supplier_id": line_of.c.supplier_id,
        "part_id": line_of.c.part_id,
        "category_id": line_of.c.category_id,
        "site_id": line_of.c.site_id,
        "quantity_cancelled_buyer": literal(0),
        "quantity_cancelled_supplier": literal(0),
        **said,
    }
    staged = and_(S.batch_id == batch_id, S.row_no == line_of.c.line_row)
    _insert(session, ScheduleLine, batch_id, new, line_of, staged, line_of.c.is_new == 1)
    said |= {name: line_of.c[name] for name in publish_plan.changeable(_named(mapping))}
    _update(session, ScheduleLine, line_of.c.line_id, said, staged, line_of.c.is_changed == 1)


def _settle_currencies(session: Session) -> None:
    """Give a supplier without a currency the one that most of its lines are in.

    Values count in the supplier's currency only, so that currencies are never mixed.
    """
    most_used = (
        select(ScheduleLine.currency)
        .where(ScheduleLine.supplier_id == Supplier.id, ScheduleLine.currency.is_not(None))
        .group_by(ScheduleLine.currency)
        .order_by(func.count().desc(), ScheduleLine.currency)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(Supplier)
        .where(Supplier.currency.is_(None), Supplier.id.in_(select(order_of.c.supplier_id)))
        .values(currency=most_used)
        .execution_options(synchronize_session=False)
    )


def _write_receipts(session: Session, batch_id: int, mapping: Mapping) -> None:
    said = _receipt_values(mapping)
    new: Values = {"line_id": receipt_of.c.line_id, "source_key": S.receipt_no, **said}
    staged = and_(S.batch_id == batch_id, S.row_no == receipt_of.c.row_no)
    is_new = receipt_of.c.receipt_id.is_(None)
    goods = and_(is_new, S.reverses_receipt_no.is_(None))
    _insert(session, Receipt, batch_id, new, receipt_of, staged, goods)
    if mapping.gives("reverses_receipt_no"):
        reversed_ = aliased(Receipt)
        new["reverses_receipt_id"] = (
            select(reversed_.id)
            .where(
                reversed_.line_id == receipt_of.c.line_id,
                reversed_.source_key == S.reverses_receipt_no,
            )
            .scalar_subquery()
        )
        takes_back = and_(is_new, S.reverses_receipt_no.is_not(None))
        _insert(session, Receipt, batch_id, new, receipt_of, staged, takes_back)
    _update(session, Receipt, receipt_of.c.receipt_id, said, staged, receipt_of.c.is_changed == 1)


def _insert(
    session: Session,
    model: Any,  # Any: a mapped class
    batch_id: int,
    values: Values,
    plan: Any,  # Any: a table of the plan
    staged: Any,  # Any: a condition
    which: Any,  # Any: a condition
) -> None:
    table = Base.metadata.tables[model.__tablename__]
    rows = (
        select(*values.values(), literal(batch_id))
        .select_from(plan)
        .join(S, staged)
        .where(which)
        .order_by(plan.primary_key.columns[0])
    )
    if not is_sqlite(session):
        rows = rows.order_by(None)
    session.execute(insert(table).from_select([*values, "batch_id"], rows, include_defaults=False))


def _update(session: Session, model: Any, key: Any, said: Values, staged: Any, which: Any) -> None:
    """Set the said columns of the rows that change; Any: a mapped class, SQL expressions."""
    if said:
        table = Base.metadata.tables[model.__tablename__]
        session.execute(update(table).values(said).where(table.c.id == key, staged, which))


def _order_values(mapping: Mapping) -> Values:
    """Return what a row says of its order, by column."""
    return {
        name: getattr(S, name)
        for name in ("ordered_on", "currency", "contract_reference")
        if mapping.gives(name)
    }


def _line_values(mapping: Mapping) -> Values:
    """Return what a row says of its line, by column of `schedule_line`."""
    said: Values = {"is_counted": S.is_counted == 1}
    names = [each.name for each in LINE_FIELDS if mapping.gives(each.name)]
    if {"unit_price", "quantity_ordered"} <= set(names) and "line_value" not in names:
        names.append("line_value")
    for name in names:
        column = LINE_COLUMNS.get(name, name)
        said[column] = _stored(column)
    said["completes_without_quantity"] = _literal_flag(
        None if mapping.gives("quantity_received") else mapping.receipt_completes_line
    )
    return said


def _receipt_values(mapping: Mapping) -> Values:
    """Return what a row says of its receipt, by column of `receipt`."""
    said: Values = {}
    for each in RECEIPT_FIELDS:
        if each.name not in NOT_IN_RECEIPT and mapping.gives(each.name):
            column = RECEIPT_COLUMNS.get(each.name, each.name)
            said[column] = _stored(column)
    completes = _literal_flag(mapping.receipt_completes_line)
    said["completes_line"] = and_(completes, S.quantity.is_(None))
    return said


def _stored(column: str) -> Any:  # Any: an SQL expression of the column's type
    value = getattr(S, column)
    if column in BOOLEANS:
        return value == 1
    return func.coalesce(value, 0) if column in NEVER_NULL else value


def _literal_flag(value: bool | None) -> Any:  # Any: a literal
    if value is None:
        return cast(null(), Boolean)
    return true() if value else false()
