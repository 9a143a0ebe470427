"""Import kinds of what happens around deliveries: promises, lots, invoices, disruptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import Base
from app.facts.deliveries import lookups, rollup
from app.facts.deliveries.models import (
    CausedBy,
    ChangedBy,
    DisruptionKind,
    LotVerdict,
    PromiseChange,
)
from app.facts.deliveries.publishing import closed_until
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.facts.suppliers.importing import PART, SUPPLIER, ends_before
from app.facts.suppliers.lookups import by_key
from app.platform.imports.kinds import Chunk, Field, FieldType, RowFault
from app.platform.imports.table_kind import Reference, Row, TableKind
from app.platform.sources import images

TEXT, DATE, MOMENT = FieldType.TEXT, FieldType.DATE, FieldType.MOMENT
QUANTITY, MONEY, BOOLEAN = FieldType.QUANTITY, FieldType.MONEY, FieldType.BOOLEAN
# With more suppliers than this, the sums of all of them are made again.
REFRESHED_ONE_BY_ONE = 5_000

ORDER_NO = Field("order_no", TEXT, "Number of the purchase order.", "4500012", True, True)
BUYER_UNIT = Field(
    "buyer_unit",
    TEXT,
    "Unit that placed the order, where numbers repeat between units.",
    is_key=True,
    default="",
)
SUPPLIER_NO = Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True, True)
LINE = Reference(
    "PO line", ("order_no", "line_no", "schedule_no", "buyer_unit"), "line_id", lookups.lines
)
ORDER = Reference("order", ("order_no", "buyer_unit"), "order_id", lookups.orders)


class EventKind(TableKind):
    """A kind whose rows add to a supplier's event sums in the month of `day_column`."""

    day_column: str

    def rows_of(self, said: Row) -> Iterator[Row]:
        """Yield the row with the month that it counts in."""
        day = said.get(self.day_column)
        if isinstance(day, date | datetime):
            said["month"] = day.year * 12 + day.month - 1
        yield said

    def written(self, session: Session, batch_id: int, rows: Sequence[Row]) -> None:
        """Make the event sums of the suppliers again."""
        refresh(session, rows, batch_id)


class PromiseChangesKind(TableKind):
    """Promises that moved: by whom, to when, agreed or not."""

    name = "promise_changes"
    title = "Moved promises"
    noun = "promise change"
    table = "promise_change"
    help = "One row is one move of a line's date. Only an agreed move by the buyer is no miss."
    renamed: tuple[tuple[str, str], ...] = (("agreed", "is_agreed"),)
    key_columns = ("line_id", "changed_on", "to_on")
    also_changes = ("schedule_line",)
    references = (LINE,)
    fields: tuple[Field, ...] = (
        ORDER_NO,
        Field("line_no", TEXT, "Line of the order.", "10", True, True, longest=40),
        Field("schedule_no", TEXT, "Schedule. Empty: 1.", "1", is_key=True, default="1"),
        BUYER_UNIT,
        Field("changed_on", DATE, "When it was moved.", "2026-09-20", True, True, is_past=True),
        Field("from_on", DATE, "Date before.", "2026-10-05"),
        Field("to_on", DATE, "Date after.", "2026-10-12", True, True),
        Field(
            "changed_by",
            FieldType.CHOICE,
            "Who moved it.",
            "supplier",
            True,
            choices=tuple(ChangedBy),
        ),
        Field("agreed", BOOLEAN, "Whether the other side agreed. Empty: yes.", "yes", default=1),
        Field("reason", TEXT, "Why.", "Tool broken", longest=500),
    )

    def writing(
        self, session: Session, batch_id: int, rows: Sequence[Row]
    ) -> AbstractContextManager[object]:
        """Judge the lines again, because an agreed move by the buyer moves their date."""
        return _lines_touched(session, batch_id, {row["line_id"] for row in rows})

    def written(self, session: Session, batch_id: int, rows: Sequence[Row]) -> None:
        """Let each line's current promise be what it was last moved to."""
        p = PromiseChange
        stored = select(p.line_id, p.changed_on, p.to_on).where(
            p.line_id.in_({row["line_id"] for row in rows})
        )
        kept, latest = set(), dict[int, date]()
        for line_id, changed_on, to_on in session.execute(stored):
            kept.add((line_id, changed_on, to_on))
            latest[line_id] = max(changed_on, latest.get(line_id, changed_on))
        last: dict[int, Row] = {}
        for row in sorted(rows, key=lambda row: (row["changed_on"], row["to_on"])):
            # What an undo took away says nothing any more.
            if tuple(row[name] for name in self.key_columns) in kept:
                last[row["line_id"]] = row
        lines = Base.metadata.tables["schedule_line"]
        for line_id, row in last.items():
            if latest.get(line_id) != row["changed_on"]:
                continue
            moved = select(lines.c.id).where(
                lines.c.id == line_id, lines.c.promised_current_on.is_distinct_from(row["to_on"])
            )
            if images.remember(session, batch_id, lines, moved, clock.now()):
                session.execute(
                    update(lines)
                    .where(lines.c.id == line_id)
                    .values(promised_current_on=row["to_on"])
                )


class InspectionsKind(EventKind):
    """Incoming lots that were inspected."""

    name = "inspections"
    title = "Inspected lots"
    noun = "lot"
    table = "inspection_lot"
    help = "One row is one inspected lot; lots that skipped inspection are left out."
    renamed = (("first_pass", "is_first_pass"),)
    key_columns = ("supplier_id", "lot")
    day_column = "inspected_on"
    references = (SUPPLIER, PART)
    fields = (
        SUPPLIER_NO,
        Field("lot", TEXT, "Number of the lot.", "L-2026-118", True, True),
        Field("part_no", TEXT, "Number of the part.", "P-100200"),
        Field("inspected_on", DATE, "When it was inspected.", "2026-10-07", True, is_past=True),
        Field("size", QUANTITY, "Quantity of the lot.", "500"),
        Field("sample", QUANTITY, "Quantity inspected.", "50"),
        Field("rejected", QUANTITY, "Quantity found bad.", "0"),
        Field(
            "verdict",
            FieldType.CHOICE,
            "Outcome.",
            "accepted",
            True,
            choices=tuple(LotVerdict),
        ),
        Field("first_pass", BOOLEAN, "Whether it passed at once.", "yes"),
    )


class AcknowledgementsKind(EventKind):
    """When orders were sent and when they were acknowledged."""

    name = "acknowledgements"
    title = "Order acknowledgements"
    noun = "acknowledgement of order"
    table = "acknowledgement"
    help = "One row is one order. Moments are ISO 8601 with their zone, else in UTC."
    key_columns = ("order_id",)
    day_column = "sent_at"
    references = (ORDER,)
    fields = (
        ORDER_NO,
        BUYER_UNIT,
        Field("sent_at", MOMENT, "When it was sent.", "2026-09-01T08:30+02:00", True, is_past=True),
        Field(
            "acknowledged_at",
            MOMENT,
            "When the supplier acknowledged it. Empty: not yet.",
            "2026-09-02T10:15+02:00",
            is_past=True,
        ),
    )

    def completed(self, session: Session, rows: list[Row]) -> list[Row]:
        """Return the rows with the supplier of their order."""
        owners = lookups.suppliers_of_orders(session, [row["order_id"] for row in rows])
        return [{**row, "supplier_id": owners[row["order_id"]]} for row in rows]


class InvoicesKind(EventKind):
    """Billed lines."""

    name = "invoices"
    title = "Invoice lines"
    noun = "invoice line"
    table = "invoice_line"
    help = "One row is one billed line."
    renamed = (
        ("invoice_line_no", "line_no"),
        ("accurate", "is_accurate"),
    )
    key_columns = ("supplier_id", "invoice_number", "line_no")
    day_column = "invoiced_on"
    references = (SUPPLIER, PART)
    fields = (
        SUPPLIER_NO,
        Field("invoice_number", TEXT, "Number of the invoice.", "RE-7781", True, True),
        Field("invoice_line_no", TEXT, "Line of the invoice.", "1", True, True, longest=40),
        Field("part_no", TEXT, "Number of the part.", "P-100200"),
        Field("invoiced_on", DATE, "Date of the invoice.", "2026-10-08", True, is_past=True),
        Field("quantity", QUANTITY, "Quantity billed.", "500", True),
        Field("unit_price", MONEY, "Price billed for one unit.", "12.40", True),
        Field("currency", FieldType.CURRENCY, "ISO 4217 code.", "EUR", True),
        Field("accurate", BOOLEAN, "Whether it matched order and receipt.", "yes"),
    )


class ContractPricesKind(TableKind):
    """Prices agreed by contract."""

    name = "contract_prices"
    title = "Contract prices"
    noun = "contract price"
    table = "contract_price"
    help = "One row is the price of one part from one supplier, from a date on."
    key_columns = ("supplier_id", "part_id", "valid_from")
    references = (SUPPLIER, PART)
    fields = (
        SUPPLIER_NO,
        Field("part_no", TEXT, "Number of the part.", "P-100200", True, True),
        Field("valid_from", DATE, "First day.", "2026-01-01", True, True),
        Field("valid_to", DATE, "Last day. Empty: until further notice.", "2026-12-31"),
        Field("price", MONEY, "Price of one unit.", "12.40", True),
        Field("currency", FieldType.CURRENCY, "ISO 4217 code.", "EUR", True),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault]:
        """Yield prices that end before they begin."""
        yield from ends_before(chunk, "valid_from", "valid_to")

    def written(self, session: Session, batch_id: int, rows: Sequence[Row]) -> None:
        """Make the event sums again: a contract price is compared with what was billed."""
        refresh(session, rows, batch_id)


class DisruptionsKind(EventKind):
    """Line stops, yard holds, stop ships, premium freights, special status."""

    name = "disruptions"
    title = "Disruptions"
    noun = "disruption"
    table = "disruption"
    help = "One row is one disruption at one of our plants."
    key_columns = ("supplier_id", "reference")
    day_column = "occurred_on"
    references = (
        SUPPLIER,
        Reference("site", ("own_site",), "site_id", by_key("site")),
        LINE,
    )
    fields = (
        SUPPLIER_NO,
        Field("reference", TEXT, "Your number of the event.", "LS-2026-03", True, True),
        Field("own_site", TEXT, "Our plant that was hit.", ""),
        Field(
            "kind",
            FieldType.CHOICE,
            "What happened.",
            "line_stop",
            True,
            choices=tuple(DisruptionKind),
        ),
        Field("occurred_on", DATE, "When.", "2026-10-09", True, is_past=True),
        Field("hours", QUANTITY, "How long, in hours.", "3.5"),
        Field("cost", MONEY, "What it cost.", "18000"),
        Field("currency", FieldType.CURRENCY, "ISO 4217 code of the cost.", "EUR"),
        Field(
            "caused_by",
            FieldType.CHOICE,
            "Who caused it. Empty: unknown.",
            "supplier",
            choices=tuple(CausedBy),
            default=CausedBy.UNKNOWN.value,
        ),
        Field("order_no", TEXT, "Order of the line that caused it.", ""),
        Field("line_no", TEXT, "Line of that order.", "", longest=40),
        Field("schedule_no", TEXT, "Schedule of that line. Empty: 1.", "", longest=40),
        Field("buyer_unit", TEXT, "Unit that placed that order.", ""),
        Field("note", TEXT, "Note.", "", longest=1000),
    )


def refresh(session: Session, rows: Sequence[Row], batch_id: int) -> None:
    """Make the event sums of the rows' suppliers again."""
    suppliers = {row["supplier_id"] for row in rows}
    few = suppliers if len(suppliers) <= REFRESHED_ONE_BY_ONE else None
    rollup.refresh_events(session, few, because=Because(TouchedBy.IMPORT, batch_id))


@contextmanager
def _lines_touched(session: Session, batch_id: int, line_ids: set[int]) -> Iterator[None]:
    because = Because(TouchedBy.IMPORT, batch_id)
    with rollup.change(session, until=closed_until(session), because=because) as change:
        change.touch(line_ids)
        yield


KINDS: Sequence[TableKind] = (
    PromiseChangesKind(),
    InspectionsKind(),
    AcknowledgementsKind(),
    InvoicesKind(),
    ContractPricesKind(),
    DisruptionsKind(),
)
