"""Import kinds of expediting: what lies in stock, and what suppliers answer to our list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.facts.deliveries import lookups
from app.facts.deliveries.event_importing import BUYER_UNIT, LINE, ORDER_NO, PromiseChangesKind
from app.facts.deliveries.expediting import open_lines
from app.facts.deliveries.models import ChangedBy, ScheduleLine
from app.facts.suppliers.importing import PART
from app.facts.suppliers.lookups import by_key
from app.platform.imports.kinds import Chunk, Field, FieldType, RowFault, RowWarning
from app.platform.imports.problems import Code, Fault
from app.platform.imports.table_kind import Reference, Row, TableKind

TEXT, DATE, QUANTITY = FieldType.TEXT, FieldType.DATE, FieldType.QUANTITY
ASKED_AT_ONCE = 1_000


class StockLevelsKind(TableKind):
    """What was counted of parts at our sites."""

    name = "stock_levels"
    title = "Stock levels"
    noun = "stock level"
    table = "stock_level"
    help = "One row is one part at one of our sites, as it was counted last."
    key_columns = ("part_id", "site_id")
    references = (PART, Reference("site", ("own_site",), "site_id", by_key("site")))
    fields = (
        Field("part_no", TEXT, "Number of the part.", "P-100200", True, True),
        Field(
            "own_site",
            TEXT,
            "Our plant where it lies. Empty: for lines that name no plant.",
            "",
            is_key=True,
        ),
        Field("on_hand", QUANTITY, "Quantity that can be used.", "1200", True),
        Field("daily_usage", QUANTITY, "What a day uses of it. Empty: unknown.", "85"),
        Field("counted_on", DATE, "When it was counted.", "2026-10-09", True, is_past=True),
    )

    def rows_of(self, said: Row) -> Iterator[Row]:
        """Yield the row with 0 for no site, where NULLs would not be unique."""
        yield said | {"site_id": said.get("site_id") or 0}


class SupplierAnswersKind(PromiseChangesKind):
    """What a supplier answers to the list of its open lines: a promise of its own."""

    name = "supplier_answers"
    title = "Suppliers' answers"
    noun = "answer"
    help = (
        "One row is one line of the list that was sent. The answer is the supplier's promise: it"
        " never moves the date that counts. A row without a confirmed date says nothing."
    )
    renamed = (("confirmed_on", "to_on"), ("confirmed_quantity", "quantity"), ("remark", "reason"))
    references = (LINE,)
    fields = (
        ORDER_NO,
        Field("line_no", TEXT, "Line of the order.", "10", True, True, longest=40),
        Field("schedule_no", TEXT, "Schedule. Empty: 1.", "1", is_key=True, default="1"),
        BUYER_UNIT,
        Field("confirmed_on", DATE, "Day on which the goods will come.", "2027-01-15"),
        Field("confirmed_quantity", QUANTITY, "How much of it will come then.", "400"),
        Field("remark", TEXT, "Remark.", "Tool repaired", longest=500),
        Field(
            "as_sent",
            TEXT,
            "How the line stood when the list was made, as the list says it.",
            "due 2026-10-05, promised unknown, open 0",
            True,
        ),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield answers without a day, for a day that is over, and to lines that changed since."""
        today = clock.today().isoformat()
        days = chunk.column("confirmed_on")
        others = zip(chunk.column("confirmed_quantity"), chunk.column("remark"), strict=True)
        for index, (day, other) in enumerate(zip(days, others, strict=True)):
            if day is None and any(each is not None for each in other):
                said = "is empty beside an answer; give the day on which the goods will come."
                yield RowFault(index, "confirmed_on", Fault(Code.REQUIRED, said))
            if day is not None and str(day) < today:
                said = f"'{day}' is over; give the day on which the goods will come."
                yield RowFault(index, "confirmed_on", Fault(Code.DATE_RULE, said))
        yield from _stale(chunk)

    def rows_of(self, said: Row) -> Iterator[Row]:
        """Yield the promise that an answered row makes today."""
        if said.get("to_on") is None:
            return
        kept = {name: value for name, value in said.items() if name != "as_sent"}
        yield kept | {
            "changed_on": clock.today(),
            "changed_by": ChangedBy.SUPPLIER.value,
            "is_agreed": False,
        }

    def completed(self, session: Session, rows: list[Row]) -> list[Row]:
        """Return the rows with the day that was promised before."""
        ids = [row["line_id"] for row in rows]
        before: dict[int, date | None] = {}
        for first in range(0, len(ids), ASKED_AT_ONCE):
            query = select(ScheduleLine.id, ScheduleLine.promised_current_on)
            some = query.where(ScheduleLine.id.in_(ids[first : first + ASKED_AT_ONCE]))
            before |= {row[0]: row[1] for row in session.execute(some)}
        return [row | {"from_on": before.get(row["line_id"])} for row in rows]


def _stale(chunk: Chunk) -> Iterator[RowFault]:
    """Yield rows whose line stands otherwise by now than the list says."""
    columns = [chunk.column(name) for name in LINE.fields]
    keys = [tuple(str(part or "") for part in parts) for parts in zip(*columns, strict=True)]
    with db.reading() as session:
        ids = lookups.lines(session, keys, "")
        now = open_lines.states(session, list(ids.values()))
    sent = chunk.column("as_sent")
    for index, (key, day) in enumerate(zip(keys, chunk.column("confirmed_on"), strict=True)):
        present = now.get(ids.get(key, 0))
        if day is not None and present is not None and str(sent[index]) != present:
            said = (
                f"the line has changed since the list was made: “{sent[index]}” then, “{present}”"
                " now. Send the supplier a new list."
            )
            yield RowFault(index, "as_sent", Fault(Code.DISAGREE, said))


KINDS: Sequence[TableKind] = (StockLevelsKind(), SupplierAnswersKind())
