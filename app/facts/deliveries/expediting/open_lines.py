"""The open lines that are past due or soon due, the one that stops us first on top.

Reads only. A line is open while it lacks goods, by its verdict; how long stock lasts is known
where somebody counted it, and is unknown otherwise, never 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.base.db import QUANTITY_SCALE
from app.facts.deliveries.engine_sql import Expression, days_after, raw
from app.facts.deliveries.expediting.models import StockLevel
from app.facts.deliveries.models import Acknowledgement, PromiseChange, PurchaseOrder
from app.facts.deliveries.models import ScheduleLine as Line
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.deliveries.rollup_models import LineVerdict as V
from app.facts.deliveries.rollup_models import VerdictState
from app.facts.suppliers.models import Category, Part, Site, Supplier, SupplierKind

# Stock that lasts longer than this is not told by the day.
LONGEST_COVER_DAYS = 3_650
ASKED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class OpenQuery:
    """Which open lines are wanted: due up to `days` after `as_of`, of whom, where, of what."""

    as_of: date
    days: int
    supplier_ids: Collection[int] = ()
    site_ids: Collection[int] = ()
    category_ids: Collection[int] = ()
    search: str = ""

    @property
    def until(self) -> date:
        """The last day on which a line is soon due."""
        return self.as_of + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was last said of a line: for which day, when; `by_acknowledgement` of the order."""

    for_on: date | None
    said_on: date
    quantity: Decimal | None = None
    by_acknowledgement: bool = False


@dataclass(frozen=True, slots=True)
class OpenLine:
    """One line as the expedite list shows it. None is unknown.

    `days_late`: since the day it was due, negative where that is to come. `runs_out_on`: when
    the stock of the part at its site ends, as it was counted.
    """

    line_id: int
    supplier_id: int
    supplier_public_id: UUID
    supplier_name: str
    order_number: str
    line_no: str
    schedule_no: str
    buyer_unit: str
    part_number: str | None
    part_name: str | None
    unit: str | None
    site: str | None
    category: str | None
    due_on: date | None
    promised_on: date | None
    quantity_open: Decimal | None
    days_late: int | None
    cover_days: int | None
    runs_out_on: date | None
    counted_on: date | None
    # The stock ends before the goods are promised for, or soon where no promise holds.
    stops_us: bool
    confirmed: Confirmation | None = None

    @property
    def label(self) -> str:
        """The order and the line, as people write them."""
        number = f"{self.order_number} / {self.line_no}"
        return number if self.schedule_no == "1" else f"{number} / {self.schedule_no}"


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Some open lines, and how many there are in all."""

    lines: list[OpenLine]
    total: int


@dataclass(frozen=True, slots=True)
class Choices:
    """By what the list can be narrowed: key → name."""

    suppliers: dict[str, str]
    sites: dict[str, str]
    categories: dict[str, str]


def open_page(
    session: Session,
    query: OpenQuery,
    *,
    sort: str = "stops",
    is_falling: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> OpenPage:
    """Return a page of the open lines with what was last confirmed."""
    is_searched = bool(query.search)
    counted = _joined(select(func.count()), query, is_wide=is_searched)
    counted = counted.where(*_conditions(session, query))
    total = session.scalar(counted) or 0
    rows = _sorted(session, query, sort, is_falling=is_falling).limit(limit).offset(offset)
    return OpenPage(_confirmed(session, session.execute(rows), query), total)


def every_line(
    session: Session, query: OpenQuery, *, sort: str, is_falling: bool
) -> Iterator[OpenLine]:
    """Yield all open lines with what was last confirmed, read in pieces."""
    rows = _sorted(session, query, sort, is_falling=is_falling)
    found = session.execute(rows.execution_options(yield_per=ASKED_AT_ONCE))
    for some in found.partitions():
        yield from _confirmed(session, some, query)


def _sorted(session: Session, query: OpenQuery, sort: str, *, is_falling: bool) -> Select[Any]:
    rows = _joined(select(*_columns()), query).where(*_conditions(session, query))
    order = [
        (key.desc() if is_falling else key.asc()).nulls_last() for key in _sort_keys(query)[sort]
    ]
    return rows.order_by(*order, V.line_id)


def _confirmed(session: Session, rows: Iterable[Any], query: OpenQuery) -> list[OpenLine]:
    # Any: rows of `_columns`
    lines = [_line(row, query) for row in rows]
    said = _confirmations(session, lines)
    return [replace(each, confirmed=said.get(each.line_id)) for each in lines]


def choices(session: Session, query: OpenQuery) -> Choices:
    """Return whose lines are open, where, and of what."""
    found = _open_ids(query)
    rows = select(V.supplier_id, V.site_id, V.category_id).join(found, found.c.line_id == V.line_id)
    keys = [set(each) for each in zip(*session.execute(rows.distinct()), strict=True)]
    suppliers, sites, categories = keys or (set(), set(), set())
    merged = merged_suppliers(session)
    own = {merged.get(each, each) for each in suppliers}
    return Choices(
        _names(session, Supplier, own, Supplier.kind == SupplierKind.SUPPLIER),
        _names(session, Site, sites),
        _names(session, Category, categories),
    )


def _names(session: Session, model: Any, keys: Collection[int], *where: Any) -> dict[str, str]:
    """The names of things by key, in the order of names; Any: mapped classes, conditions."""
    rows: list[Any] = []  # Any: pairs of name and key
    for some in _slices(sorted(keys)):
        rows += session.execute(select(model.name, model.id).where(model.id.in_(some), *where))
    return {str(key): name for name, key in sorted(map(tuple, rows))}


def states(session: Session, line_ids: Sequence[int]) -> dict[int, str]:
    """Return how lines stand, as the list that goes to a supplier says it.

    An answer is about a line in this state; once it reads otherwise, the answer is stale.
    """
    found = {}
    for some in _slices(line_ids):
        rows = select(
            V.line_id, V.reference_on, Line.promised_current_on, V.quantity_due, V.quantity_total
        ).join(Line, Line.id == V.line_id)
        for line_id, due_on, promised_on, due, total in session.execute(
            rows.where(V.line_id.in_(some))
        ):
            found[line_id] = state_words(due_on, promised_on, _open(due, total))
    return found


def state_words(due_on: date | None, promised_on: date | None, quantity: Decimal | None) -> str:
    """Return how a line stands, in words that are equal only where it stands alike."""
    told = "unknown" if quantity is None else f"{quantity:f}"
    return f"due {due_on or 'unknown'}, promised {promised_on or 'unknown'}, open {told}"


def _open(due: int | None, total: int | None) -> Decimal | None:
    if due is None or total is None:
        return None
    return Decimal(max(0, due - max(total, 0))) / QUANTITY_SCALE


def _open_ids(query: OpenQuery) -> Any:  # Any: a compound select
    """The open lines: past due by their own index, soon due by that of windows to close."""
    past = select(V.line_id).where(V.open_since.is_not(None))
    soon = select(V.line_id).where(
        V.closes_next_on <= query.until,
        V.state == int(VerdictState.PENDING),
        or_(
            V.quantity_due.is_(None),
            V.quantity_total.is_(None),
            V.quantity_total < V.quantity_due,
        ),
    )
    return past.union_all(soon).subquery("open_line")


def _joined(
    rows: Any, query: OpenQuery, *, is_wide: bool = True
) -> Select[Any]:  # Any: rows of any shape
    """Join the open lines with their suppliers, and where asked with all they name."""
    found = _open_ids(query)
    joined: Select[Any] = (
        rows.select_from(found)
        .join(V, V.line_id == found.c.line_id)
        .join(Supplier, _effective())
        .where(Supplier.kind == SupplierKind.SUPPLIER)
    )
    if not is_wide:
        return joined
    return (
        joined.join(Line, Line.id == V.line_id)
        .join(PurchaseOrder, PurchaseOrder.id == V.order_id)
        .outerjoin(Part, Part.id == Line.part_id)
        .outerjoin(Site, and_(Site.id == Line.site_id, Site.supplier_id.is_(None)))
        .outerjoin(Category, Category.id == Line.category_id)
        .outerjoin(
            StockLevel,
            and_(StockLevel.part_id == Line.part_id, StockLevel.site_id == Line.site_id),
        )
    )


def _effective() -> Expression:
    """A merged supplier's lines stand under the one it goes by."""
    of = aliased(Supplier, name="of_line")
    effective = (
        select(func.coalesce(of.effective_supplier_id, of.id))
        .where(of.id == V.supplier_id)
        .correlate(V)
        .scalar_subquery()
    )
    return Supplier.id == effective


def _conditions(session: Session, query: OpenQuery) -> list[Any]:  # Any: conditions
    found: list[Any] = []
    if query.supplier_ids:
        found.append(V.supplier_id.in_(members(session, query.supplier_ids)))
    if query.site_ids:
        found.append(V.site_id.in_(list(query.site_ids)))
    if query.category_ids:
        found.append(V.category_id.in_(list(query.category_ids)))
    if query.search:
        begins = query.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        texts = (PurchaseOrder.number, Part.number, Supplier.name)
        found.append(or_(*(each.ilike(begins, escape="\\") for each in texts)))
    return found


def _lasts() -> Expression:
    """The days that the stock lasts from its count on; null where nobody knows."""
    usage = raw(StockLevel.daily_usage)
    days = raw(StockLevel.on_hand) // raw(func.nullif(usage, 0))
    return cast(case((days > LONGEST_COVER_DAYS, LONGEST_COVER_DAYS), else_=days), Integer)


def _runs_out() -> Expression:
    return days_after(StockLevel.counted_on, _lasts())


def _sort_keys(query: OpenQuery) -> dict[str, list[Any]]:  # Any: columns and expressions
    runs_out = _runs_out()
    # Stock that ends soon; then what nobody knows, the oldest first; then what is covered.
    tier = case(
        (runs_out <= query.until, 0), (StockLevel.daily_usage.is_(None), 1), else_=2
    )  # fmt: skip
    return {
        "stops": [tier, case((tier == 0, runs_out)), V.reference_on],
        "late": [V.reference_on],
        "supplier": [Supplier.name, V.reference_on],
        "part": [Part.number, V.reference_on],
        "promised": [Line.promised_current_on],
    }


def _columns() -> list[Any]:  # Any: columns of many types
    return [
        V.line_id,
        Supplier.id,
        Supplier.public_id,
        Supplier.name,
        PurchaseOrder.number,
        Line.line_no,
        Line.schedule_no,
        PurchaseOrder.buyer_unit,
        Part.number.label("part_number"),
        Part.name.label("part_name"),
        Part.unit,
        Site.name.label("site"),
        Category.name.label("category"),
        V.reference_on,
        Line.promised_current_on,
        V.quantity_due,
        V.quantity_total,
        _lasts().label("lasts"),
        StockLevel.counted_on,
    ]


def _line(row: Any, query: OpenQuery) -> OpenLine:  # Any: a row of `_columns`
    as_of = query.as_of
    due_on, lasts, counted_on = row[13], row[17], row[18]
    runs_out = None if lasts is None else counted_on + timedelta(days=lasts)
    values = list(row[:15])
    values.append(_open(row[15], row[16]))
    values.append(None if due_on is None else (as_of - due_on).days)
    values.append(None if runs_out is None else max(0, (runs_out - as_of).days))
    values += [runs_out, counted_on, _stops_us(runs_out, row[14], query)]
    return OpenLine(*values)


def _stops_us(runs_out: date | None, promised_on: date | None, query: OpenQuery) -> bool:
    if runs_out is None:
        return False
    if promised_on is None or promised_on < query.as_of:
        return runs_out <= query.until
    return runs_out < promised_on


def _confirmations(session: Session, lines: Sequence[OpenLine]) -> dict[int, Confirmation]:
    """What was last said of each line: the last move of its promise, else the acknowledgement."""
    promised = {each.line_id: each.promised_on for each in lines}
    said: dict[int, Confirmation] = {}
    for some in _slices(list(promised)):
        acknowledged = (
            select(Line.id, Acknowledgement.acknowledged_at)
            .join(Acknowledgement, Acknowledgement.order_id == Line.order_id)
            .where(Line.id.in_(some), Acknowledgement.acknowledged_at.is_not(None))
        )
        for line_id, moment in session.execute(acknowledged):
            if moment is not None:
                said[line_id] = Confirmation(
                    promised[line_id], moment.date(), by_acknowledgement=True
                )
        moved = (
            select(PromiseChange)
            .where(PromiseChange.line_id.in_(some))
            .order_by(PromiseChange.changed_on, PromiseChange.id)
        )
        by_line: dict[int, PromiseChange] = defaultdict()
        for change in session.scalars(moved):
            by_line[change.line_id] = change
        for line_id, change in by_line.items():
            said[line_id] = Confirmation(change.to_on, change.changed_on, change.quantity)
    return said


def _slices(items: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(items), ASKED_AT_ONCE):
        yield items[first : first + ASKED_AT_ONCE]
