"""What a row of a delivery file means, and how checked rows reach staging.

One row is one schedule line with at most one receipt; a line with several receipts takes
a row for each. Publishing stands in `publishing`.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import QUANTITY_SCALE
from app.facts.deliveries import publishing, staged_rows, undoing
from app.facts.deliveries.agreements import refusing
from app.facts.deliveries.delivery_fields import (
    ENTITY_FIELDS,
    FIELDS,
    LINE_COLUMNS,
    LINE_FIELDS,
    RECEIPT_COLUMNS,
    RECEIPT_DATES,
    RECEIPT_FIELDS,
    REVERSAL,
)
from app.facts.deliveries.staging_models import StagedDelivery
from app.facts.deliveries.standing_warnings import StandingWatch
from app.facts.suppliers import lookups
from app.platform.imports.bulk import insert_rows
from app.platform.imports.kinds import (
    Chunk,
    Counts,
    ImportKind,
    NamedSupplier,
    RowFault,
    RowWarning,
    Stager,
    Value,
)
from app.platform.imports.mapping import Mapping
from app.platform.imports.models import StagedKey
from app.platform.imports.problems import Code, Fault, Problem, Warned, quoted
from app.platform.imports.staging import drop_rows

LINE_KEY = ("buyer_unit", "order_no", "line_no", "schedule_no")
RECEIPT_QUANTITIES = ("quantity_received", "quantity_rejected", "quantity_returned")
LINE_NAMES = [each.name for each in LINE_FIELDS]
RECEIPT_NAMES = [
    each.name
    for each in RECEIPT_FIELDS
    if each.name not in {"receipt_no", "receipt_type", "reverses_receipt_no"}
]


class DeliveriesKind(ImportKind):
    """Order lines with their receipts."""

    name = "deliveries"
    title = "Order lines and receipts"
    noun = "PO line"
    fields = FIELDS
    creatable = ("supplier", "part", "site", "category")
    help = (
        "One row is one schedule line with at most one receipt. A line with several receipts"
        " takes a row for each, with its own receipt_no and the line's cells repeated."
    )

    def open(self, mapping: Mapping) -> Stager:
        """Return the object that takes the chunks of one file."""
        return DeliveryStager(mapping)

    def suppliers_named(
        self, session: Session, batch_id: int, mapping: Mapping
    ) -> list[NamedSupplier]:
        """Return the suppliers whose lines the file holds."""
        named = session.execute(
            select(func.min(StagedDelivery.row_no), StagedKey.key)
            .join(
                StagedKey,
                (StagedKey.batch_id == StagedDelivery.batch_id)
                & (StagedKey.key_no == StagedDelivery.supplier_key),
            )
            .where(StagedDelivery.batch_id == batch_id, StagedKey.entity == "supplier")
            .group_by(StagedKey.key)
        ).all()
        known = lookups.ids_by_key(
            session, "supplier", [key for _, key in named], source=mapping.name
        )
        return [NamedSupplier(row_no, "supplier_no", key, known.get(key)) for row_no, key in named]

    def preview(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Count what publishing would do."""
        return publishing.preview(session, batch_id, mapping)

    def publish(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Turn the staged rows into facts."""
        return publishing.publish(session, batch_id, mapping)

    def undo(self, session: Session, batch_id: int) -> Counter[str]:
        """Take the batch's facts back."""
        return undoing.undo(session, batch_id)

    def clear(self, session: Session, batch_id: int) -> None:
        """Drop the batch's staged rows and the keys that they name."""
        drop_rows(session, StagedDelivery, batch_id)
        drop_rows(session, StagedKey, batch_id)


class _Keys:
    """The keys of one entity that the file names, numbered in order of appearance."""

    def __init__(self, entity: str, mapping: Mapping) -> None:
        self.entity = entity
        self.field, self.describing = ENTITY_FIELDS[entity]
        self.may_create = entity in mapping.creates
        self.source = mapping.name
        self.numbers: dict[Value, int | None] = {None: None}
        self.unknown: set[Value] = set()
        self._known: set[str] | None = None
        self._new: list[tuple[int, str, dict[str, Value]]] = []

    def look_up(self, chunk: Chunk) -> None:
        """Number the keys of a chunk that were not seen before; note which nobody knows."""
        column = chunk.column(self.field)
        fresh = [key for key in dict.fromkeys(column) if key not in self.numbers]
        if not fresh:
            return
        known = set() if self.may_create else self._known_keys()
        where: dict[Value, int] = {}
        for index, key in enumerate(column):
            where.setdefault(key, index)
        for key in fresh:
            if not self.may_create and str(key) not in known:
                self.unknown.add(key)
            self.numbers[key] = number = len(self.numbers)
            said = self._said_of(chunk, where[key]) if self.may_create else {}
            self._new.append((number, str(key), said))

    def _said_of(self, chunk: Chunk, index: int) -> dict[str, Value]:
        """Return what a row says about its thing, for the case that it is to be created."""
        return {
            name: chunk.columns[field][index]
            for name, field in self.describing.items()
            if field in chunk.columns
        }

    def _known_keys(self) -> set[str]:
        if self._known is None:
            with db.reading() as session:
                self._known = lookups.known_keys(session, self.entity, source=self.source)
        return self._known

    def stage(self, session: Session, batch_id: int) -> None:
        """Write the keys that were numbered since the last call."""
        staged_rows.add_keys(session, batch_id, self.entity, self._new)
        self._new = []


class DeliveryStager(Stager):
    """Takes the chunks of one delivery file."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self._keys = [
            _Keys(entity, mapping)
            for entity, (field, _) in ENTITY_FIELDS.items()
            if mapping.gives(field)
        ]
        self._standings = StandingWatch(mapping.name)
        self._gives_dates = any(mapping.gives(name) for name in RECEIPT_DATES)
        # Order → its first staged row and supplier, to hold every row of it to one supplier.
        self._orders: dict[tuple[Value, Value], tuple[int, Value]] = {}
        # A hash per staged row: of its line, and of its line and receipt.
        self._line_hashes = array("q")
        self._row_nos = array("q")

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield what is wrong or strange across the cells of a row."""
        for keys in self._keys:
            keys.look_up(chunk)
            if keys.unknown:
                yield from self._unmatched(chunk, keys)
        yield from self._two_suppliers(chunk)
        yield from _reversals(chunk)
        yield from self._standings.check(chunk)
        yield from _strange_dates(chunk)
        yield from self._strange_receipts(chunk)

    def stage(self, session: Session, batch_id: int, chunk: Chunk) -> None:
        """Write the chunk's good rows to staging."""
        for keys in self._keys:
            keys.stage(session, batch_id)
        if not chunk.row_nos:
            return
        self._note_lines(chunk)
        columns = self._staged_columns(batch_id, chunk)
        rows = zip(*columns.values(), strict=False)  # a constant repeats without end
        insert_rows(session, "staged_delivery", list(columns), rows)

    def finish(self, session: Session, batch_id: int) -> Sequence[Problem]:
        """Find rows of the same line, settle which is the first, and report contradictions."""
        problems = list(
            staged_rows.settle_repeated_lines(
                session, batch_id, self._row_nos, self._line_hashes, self.mapping
            )
        )
        problems += staged_rows.orders_of_others(session, batch_id, self.mapping)
        problems += staged_rows.reversals_of_nothing(session, batch_id, self.mapping)
        problems += refusing.rows_of_agreements(session, batch_id, self.mapping)
        return problems

    def _note_lines(self, chunk: Chunk) -> None:
        identity = (chunk.columns[name] for name in LINE_KEY)
        self._row_nos.extend(chunk.row_nos)
        self._line_hashes.extend(map(hash, zip(*identity, strict=True)))

    def _staged_columns(self, batch_id: int, chunk: Chunk) -> dict[str, Iterable[Value]]:
        """Return what to write, by column; columns that the mapping doesn't give stay null."""
        given = chunk.columns
        columns: dict[str, Iterable[Value]] = {
            "batch_id": repeat(batch_id),
            "row_no": chunk.row_nos,
            "order_row": self._order_rows(chunk),
            "line_row": chunk.row_nos,
            **{name: given[name] for name in (*LINE_KEY, "receipt_no")},
            "is_counted": self._counted(chunk),
            "has_receipt": self._has_receipt(chunk),
        }
        for keys in self._keys:
            numbers = keys.numbers
            columns[f"{keys.entity}_key"] = [numbers[key] for key in given[keys.field]]
        for name in ("contract_reference", "reverses_receipt_no"):
            if name in given:
                columns[name] = given[name]
        for name in LINE_NAMES:
            if name in given:
                columns[LINE_COLUMNS.get(name, name)] = given[name]
        if "unit_price" in given and "quantity_ordered" in given:
            columns["line_value"] = _line_values(chunk)
        for name in RECEIPT_NAMES:
            if name in given:
                columns[RECEIPT_COLUMNS.get(name, name)] = _receipt_column(chunk, name)
        return columns

    def _order_rows(self, chunk: Chunk) -> list[int]:
        """Return for each row the first row of its order."""
        orders = self._orders
        columns = (chunk.columns[name] for name in ("buyer_unit", "order_no", "supplier_no"))
        return [
            (orders.get(key := (unit, number)) or orders.setdefault(key, (row_no, supplier)))[0]
            for row_no, unit, number, supplier in zip(chunk.row_nos, *columns, strict=True)
        ]

    def _counted(self, chunk: Chunk) -> Iterable[int]:
        counted = self.mapping.counted_statuses
        if counted is None:
            return repeat(1)
        return [int(status in counted) for status in chunk.column("status")]

    def _has_receipt(self, chunk: Chunk) -> list[int]:
        """A row tells of a receipt when it says anything of one; 0 received undated is none."""
        told = [
            chunk.columns[name]
            for name in (*RECEIPT_DATES, *RECEIPT_QUANTITIES)
            if name in chunk.columns
        ]
        if not told:
            return [0] * len(chunk)
        return list(map(int, map(any, zip(*told, strict=True))))

    def _unmatched(self, chunk: Chunk, keys: _Keys) -> Iterator[RowFault]:
        remedy = f"Import it first, or allow {_plural(keys.entity)} to be created."
        for index, key in enumerate(chunk.column(keys.field)):
            if key in keys.unknown:
                said = f"{keys.entity} {quoted(key)} is not known. {remedy}"
                yield RowFault(index, keys.field, Fault(Code.UNMATCHED, said))

    def _two_suppliers(self, chunk: Chunk) -> Iterator[RowFault]:
        orders, fresh = self._orders, dict[tuple[Value, Value], tuple[int, Value]]()
        columns = (chunk.columns[name] for name in ("buyer_unit", "order_no", "supplier_no"))
        for row_no, unit, number, supplier in zip(chunk.row_nos, *columns, strict=True):
            key = (unit, number)
            first = orders.get(key) or fresh.setdefault(key, (row_no, supplier))
            if first[1] != supplier:
                said = (
                    f"order {number} has the supplier {quoted(first[1])} in row {first[0]:,}"
                    f" and {quoted(supplier)} here; an order has one supplier."
                )
                index = chunk.row_nos.index(row_no)
                yield RowFault(index, "supplier_no", Fault(Code.DISAGREE, said))

    def _strange_receipts(self, chunk: Chunk) -> Iterator[RowWarning]:
        received = chunk.column("quantity_received")
        if chunk.has("quantity_rejected"):
            rejected = chunk.columns["quantity_rejected"]
            for index, (bad, came) in enumerate(zip(rejected, received, strict=True)):
                if bad and bad > (came or 0):  # type: ignore[operator]  # both are scaled integers
                    said = "more is rejected than was received."
                    yield RowWarning(
                        index, "quantity_rejected", Warned.REJECTED_OVER_RECEIVED, said
                    )
        if self._gives_dates and chunk.has("quantity_received"):
            dates = [chunk.columns[name] for name in RECEIPT_DATES if chunk.has(name)]
            for index, (came, is_dated) in enumerate(
                zip(received, map(any, zip(*dates, strict=True)), strict=True)
            ):
                if came and not is_dated:
                    said = "goods came, but no date says when."
                    yield RowWarning(index, "quantity_received", Warned.RECEIPT_WITHOUT_DATE, said)


def _plural(entity: str) -> str:
    return "categories" if entity == "category" else f"{entity}s"


def _reversals(chunk: Chunk) -> Iterator[RowFault]:
    if not chunk.has("receipt_type"):
        return
    reversed_ = chunk.column("reverses_receipt_no")
    for index, kind in enumerate(chunk.column("receipt_type")):
        if kind == REVERSAL and reversed_[index] is None:
            said = "is empty; a receipt of type R names the receipt that it takes back."
            yield RowFault(index, "reverses_receipt_no", Fault(Code.REQUIRED, said))
        if kind is None and reversed_[index] is not None:
            said = "is given, but the receipt is not of type R."
            yield RowFault(index, "reverses_receipt_no", Fault(Code.NOT_ALLOWED, said))


def _strange_dates(chunk: Chunk) -> Iterator[RowWarning]:
    if not chunk.has("ordered_on"):
        return
    ordered = chunk.column("ordered_on")
    for name, kind in (
        ("promised_original_on", Warned.PROMISED_BEFORE_ORDER),
        ("arrived_on", Warned.ARRIVED_BEFORE_ORDER),
    ):
        if not chunk.has(name):
            continue
        for index, (start, end) in enumerate(zip(ordered, chunk.column(name), strict=True)):
            if end and start and end < start:  # type: ignore[operator]  # both are ISO dates
                yield RowWarning(
                    index, name, kind, f"{quoted(end)} is before the order date ({start})."
                )


def _receipt_column(chunk: Chunk, name: str) -> Sequence[Value]:
    """Return a receipt's column; a receipt that takes another back counts negative."""
    if not name.startswith("quantity_re") or not chunk.has("receipt_type"):
        return chunk.column(name)
    if name == "quantity_returned":
        return chunk.column(name)
    return [
        -value if kind == REVERSAL and isinstance(value, int) else value
        for value, kind in zip(chunk.column(name), chunk.column("receipt_type"), strict=True)
    ]


def _line_values(chunk: Chunk) -> list[Value]:
    """Return each line's value: as stated, else price × quantity."""
    columns = (chunk.column(name) for name in ("line_value", "unit_price", "quantity_ordered"))
    return [
        _product(price, quantity) if value is None else value
        for value, price, quantity in zip(*columns, strict=True)
    ]


def _product(price: Value, quantity: Value) -> int | None:
    """Return price × quantity in 1/10,000, half up where the product is finer."""
    if not isinstance(price, int) or not isinstance(quantity, int):
        return None
    return (price * quantity + QUANTITY_SCALE // 2) // QUANTITY_SCALE
