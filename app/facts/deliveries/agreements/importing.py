"""Import kinds of scheduling agreements: the frame, its releases, what came for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import Conflict
from app.facts.deliveries import rollup
from app.facts.deliveries.agreements import schedules
from app.facts.deliveries.agreements.models import AgreementReceipt
from app.facts.deliveries.agreements.models import SchedulingAgreement as Agreement
from app.facts.deliveries.lookups import orders
from app.facts.deliveries.models import Acknowledgement, PurchaseOrder
from app.facts.deliveries.publishing import closed_until
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.facts.suppliers.importing import PART, SUPPLIER, ends_before
from app.facts.suppliers.lookups import by_key
from app.platform.imports.kinds import Chunk, Field, FieldType, RowFault, RowWarning
from app.platform.imports.problems import Code, Fault, Warned, quoted
from app.platform.imports.table_kind import Key, Reference, Row, TableKind
from app.platform.sources import images

TEXT, DATE, WHOLE = FieldType.TEXT, FieldType.DATE, FieldType.WHOLE
QUANTITY, SHARE, BOOLEAN = FieldType.QUANTITY, FieldType.SHARE, FieldType.BOOLEAN
ASKED_AT_ONCE = 1_000


def agreements(session: Session, keys: Sequence[Key], source: str) -> dict[Key, int]:
    """Return the ids of agreements by (number,)."""
    found: dict[Key, int] = {}
    numbers = list(dict.fromkeys(key[0] for key in keys))
    for first in range(0, len(numbers), ASKED_AT_ONCE):
        some = numbers[first : first + ASKED_AT_ONCE]
        rows = select(Agreement.number, Agreement.id).where(Agreement.number.in_(some))
        found |= {(number,): row_id for number, row_id in session.execute(rows)}
    return found


AGREEMENT = Reference("agreement", ("agreement_no",), "agreement_id", agreements)
AGREEMENT_NO = Field(
    "agreement_no", TEXT, "Number of the scheduling agreement.", "5500017", True, True
)


class AgreementsKind(TableKind):
    """Scheduling agreements: what is called off by releases."""

    name = "scheduling_agreements"
    title = "Scheduling agreements"
    noun = "agreement"
    table = "scheduling_agreement"
    help = "One row is one agreement: one part from one supplier, called off by releases."
    renamed = (
        ("agreement_no", "number"),
        ("under_tolerance", "under_millionths"),
        ("over_tolerance", "over_millionths"),
        ("cumulative_before", "opening_cumulative"),
    )
    key_columns = ("number",)
    references = (SUPPLIER, PART, Reference("site", ("own_site",), "site_id", by_key("site")))
    fields = (
        AGREEMENT_NO,
        Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True),
        Field("part_no", TEXT, "Number of the part.", "P-100200"),
        Field("own_site", TEXT, "Our plant that receives the goods.", ""),
        Field("unit", TEXT, "Unit of its quantities.", "pcs", longest=20),
        Field(
            "firm_zone_days",
            WHOLE,
            "Days from a release on in which it changes nothing. Empty: 0.",
            "10",
            default=0,
        ),
        Field("trade_off_zone_days", WHOLE, "Days in which quantities may still move.", "30"),
        Field("valid_from", DATE, "First day.", "2026-01-01"),
        Field("valid_to", DATE, "Last day. Empty: until further notice.", ""),
        Field("under_tolerance", SHARE, "Percent that may be missing, if agreed.", "0"),
        Field("over_tolerance", SHARE, "Percent that may come on top, if agreed.", "0"),
        Field("incoterm", FieldType.INCOTERM, "Who carries until where.", "DAP"),
        Field("unit_price", FieldType.MONEY, "Price of one unit.", "12.40"),
        Field("currency", FieldType.CURRENCY, "ISO 4217 code of the price.", "EUR"),
        Field("contract_reference", TEXT, "Contract behind it; rules may name it.", "C-2026-07"),
        Field(
            "cumulative_before",
            QUANTITY,
            "What cumulative figures had reached before the first release imported. Empty: 0.",
            "0",
            default=0,
        ),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield zones and terms that end before they begin, and numbers of ordinary orders."""
        yield from ends_before(chunk, "valid_from", "valid_to")
        firm = chunk.column("firm_zone_days")
        for index, trade_off in enumerate(chunk.column("trade_off_zone_days")):
            inside = firm[index] or 0
            if isinstance(trade_off, int) and isinstance(inside, int) and trade_off < inside:
                said = f"is {trade_off}, less than the firm zone of {inside} days that it holds."
                fault = Fault(Code.NOT_ALLOWED, said)
                yield RowFault(index, "trade_off_zone_days", fault)
        numbers = [str(number) for number in chunk.column("agreement_no")]
        for index in _ordinary_orders(numbers):
            said = f"{quoted(numbers[index])} is a purchase order. Give the agreement its number."
            yield RowFault(index, "agreement_no", Fault(Code.DISAGREE, said))

    def writing(
        self, session: Session, batch_id: int, rows: Sequence[Row]
    ) -> AbstractContextManager[object]:
        """Let the call-offs say what their agreements say now."""
        _refuse_moved(session, rows)
        keys = [(str(row["number"]),) for row in rows]
        return _followed(session, batch_id, lambda: agreements(session, keys, "").values())

    def undo(self, session: Session, batch_id: int) -> Counter[str]:
        """Take the batch's agreements back, with the orders that stood for them."""
        for name, number in images.foreign_uses(session, batch_id, self._table):
            raise Conflict(
                Code.UNDO,
                f"{number:,} rows of {name.replace('_', ' ')} are of agreements of #{batch_id}."
                " Undo their imports first.",
            )
        stood_for = select(Agreement.order_id).where(
            Agreement.batch_id == batch_id, Agreement.order_id.is_not(None)
        )
        order_ids = list(session.scalars(stood_for))
        answered = select(func.count()).where(Acknowledgement.order_id.in_(stood_for))
        if found := session.scalar(answered):
            raise Conflict(
                Code.UNDO,
                f"{found:,} acknowledgements are of agreements of #{batch_id}. Undo their"
                " imports first.",
            )
        kept = super().undo(session, batch_id)
        for first in range(0, len(order_ids), ASKED_AT_ONCE):
            some = order_ids[first : first + ASKED_AT_ONCE]
            session.execute(delete(PurchaseOrder).where(PurchaseOrder.id.in_(some)))
        return kept


class ReleasesKind(TableKind):
    """What releases call for, day by day."""

    name = "releases"
    title = "Releases of agreements"
    noun = "call of a release"
    table = "release"
    help = (
        "One row is one day of one release, with its own quantity or the cumulative one. A"
        " release is a whole: what it leaves out from the end of its firm zone on is withdrawn."
    )
    key_columns = ("agreement_id", "release_no", "due_on")
    references = (AGREEMENT,)
    fields = (
        AGREEMENT_NO,
        Field("release_no", WHOLE, "Number of the release.", "7", True, True),
        Field("released_on", DATE, "When it was sent.", "2026-09-01", True, is_past=True),
        Field("due_on", DATE, "Day on which goods are due.", "2026-10-05", True, True),
        Field("quantity", QUANTITY, "What is called for that day.", "400"),
        Field("cumulative", QUANTITY, "Or: what is called by that day, since the start.", ""),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield rows with two figures or none, and releases sent on two days."""
        quantities, cumulatives = chunk.column("quantity"), chunk.column("cumulative")
        for index, (own, total) in enumerate(zip(quantities, cumulatives, strict=True)):
            if own is None and total is None:
                said = "is empty, and so is cumulative; give one of them."
                yield RowFault(index, "quantity", Fault(Code.REQUIRED, said))
            if own is not None and total is not None:
                said = "is given beside a quantity of the day; give one of them."
                yield RowFault(index, "cumulative", Fault(Code.NOT_ALLOWED, said))
        sent: dict[tuple[object, object], object] = {}
        columns = (chunk.column(name) for name in ("agreement_no", "release_no", "released_on"))
        for index, (number, release, day) in enumerate(zip(*columns, strict=True)):
            first = sent.setdefault((number, release), day)
            if first != day:
                said = f"release {release} of {number} was sent on {first} by a row above."
                yield RowFault(index, "released_on", Fault(Code.DISAGREE, said))

    def writing(
        self, session: Session, batch_id: int, rows: Sequence[Row]
    ) -> AbstractContextManager[object]:
        """Let the schedule lines follow their releases."""
        return _followed(session, batch_id, lambda: {row["agreement_id"] for row in rows})


class AgreementReceiptsKind(TableKind):
    """What came for agreements; which call-off it serves follows from the order of days."""

    name = "agreement_receipts"
    title = "Receipts of agreements"
    noun = "receipt of agreement"
    table = "agreement_receipt"
    help = (
        "One row is one receipt for an agreement. It fills the oldest call-off that still lacks"
        " goods, then the next."
    )
    renamed = (
        ("receipt_no", "source_key"),
        ("reverses_receipt_no", "reverses_key"),
        ("quantity_received", "quantity"),
        ("documents_ok", "is_documents_ok"),
        ("undamaged", "is_undamaged"),
    )
    key_columns = ("agreement_id", "source_key")
    references = (AGREEMENT,)
    fields = (
        AGREEMENT_NO,
        Field("receipt_no", TEXT, "Number of the receipt.", "GR-118", True, True, longest=60),
        Field(
            "reverses_receipt_no",
            TEXT,
            "The receipt that this row takes back, by its quantity. Empty: goods came.",
            "",
            longest=60,
        ),
        Field("ready_on", DATE, "When goods stood ready for pick-up.", "", is_past=True),
        Field("dispatched_on", DATE, "When goods left the supplier.", "", is_past=True),
        Field("arrived_on", DATE, "When goods reached our dock.", "2026-10-05", is_past=True),
        Field("posted_on", DATE, "When the receipt was posted.", "2026-10-06", is_past=True),
        Field("quantity_received", QUANTITY, "Quantity that came.", "400", True),
        Field("quantity_rejected", QUANTITY, "Of it rejected.", "0"),
        Field("quantity_returned", QUANTITY, "Of it sent back.", "0"),
        Field("documents_ok", BOOLEAN, "Whether the papers were right.", "yes"),
        Field("undamaged", BOOLEAN, "Whether the goods were whole.", "yes"),
        Field("carrier", TEXT, "Carrier.", ""),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield receipts without a day, and reversals of nothing."""
        reversed_ = chunk.column("reverses_receipt_no")
        days = zip(chunk.column("arrived_on"), chunk.column("posted_on"), strict=True)
        for index, (arrived, posted) in enumerate(days):
            if arrived is None and posted is None and reversed_[index] is None:
                said = "is empty, and so is posted_on; without a day nobody knows whom it serves."
                yield RowFault(index, "arrived_on", Fault(Code.REQUIRED, said))
        yield from _reversals_of_nothing(chunk)
        rejected, came = chunk.column("quantity_rejected"), chunk.column("quantity_received")
        for index, (bad, all_) in enumerate(zip(rejected, came, strict=True)):
            if isinstance(bad, int) and isinstance(all_, int) and bad > all_:
                said = "more is rejected than was received."
                yield RowWarning(index, "quantity_rejected", Warned.REJECTED_OVER_RECEIVED, said)

    def writing(
        self, session: Session, batch_id: int, rows: Sequence[Row]
    ) -> AbstractContextManager[object]:
        """Share out again what came for the agreements."""
        return _netted(session, batch_id, {row["agreement_id"] for row in rows})


def _refuse_moved(session: Session, rows: Sequence[Row]) -> None:
    """An agreement stays with its supplier: its lines would be taken from that one's figures."""
    said = {str(row["number"]): row["supplier_id"] for row in rows if "supplier_id" in row}
    numbers = list(said)
    for first in range(0, len(numbers), ASKED_AT_ONCE):
        some = numbers[first : first + ASKED_AT_ONCE]
        stored = select(Agreement.number, Agreement.supplier_id).where(Agreement.number.in_(some))
        for number, supplier_id in session.execute(stored):
            if said[number] != supplier_id:
                raise Conflict(
                    Code.DISAGREE,
                    f"Agreement {quoted(number)} is with another supplier. Undo the import that"
                    " brought it, or take the row out.",
                )


def _ordinary_orders(numbers: Sequence[str]) -> Iterator[int]:
    """Yield the places of numbers under which an order stands that is no agreement's."""
    with db.reading() as session:
        known = orders(session, [(number, "") for number in numbers], "")
        found = agreements(session, [(number,) for number in numbers], "")
    for index, number in enumerate(numbers):
        if (number, "") in known and (number,) not in found:
            yield index


def _reversals_of_nothing(chunk: Chunk) -> Iterator[RowFault]:
    numbers, reverses = chunk.column("agreement_no"), chunk.column("reverses_receipt_no")
    pairs = list(zip(numbers, reverses, strict=True))
    named = {number for number, reversed_ in pairs if reversed_ is not None}
    if not named:
        return
    known = set(zip(chunk.column("agreement_no"), chunk.column("receipt_no"), strict=True))
    with db.reading() as session:
        rows = (
            select(Agreement.number, AgreementReceipt.source_key)
            .join(AgreementReceipt, AgreementReceipt.agreement_id == Agreement.id)
            .where(Agreement.number.in_([str(number) for number in named]))
        )
        known |= {(row[0], row[1]) for row in session.execute(rows)}
    for index, (number, reversed_) in enumerate(pairs):
        if reversed_ is not None and (number, reversed_) not in known:
            said = f"{quoted(reversed_)} is no receipt of {number}. Import it first."
            yield RowFault(index, "reverses_receipt_no", Fault(Code.UNMATCHED, said))


@contextmanager
def _followed(
    session: Session, batch_id: int, named: Callable[[], Collection[int]]
) -> Iterator[None]:
    """Let the lines follow what is written meanwhile; `named` is asked when it is."""
    because = Because(TouchedBy.IMPORT, batch_id)
    with rollup.change(session, until=closed_until(session), because=because) as change:
        yield
        session.expire_all()
        schedules.settle(session, change, named())


@contextmanager
def _netted(session: Session, batch_id: int, agreement_ids: Collection[int]) -> Iterator[None]:
    because = Because(TouchedBy.IMPORT, batch_id)
    with rollup.change(session, until=closed_until(session), because=because) as change:
        yield
        change.renet(agreement_ids)


KINDS: Sequence[TableKind] = (AgreementsKind(), ReleasesKind(), AgreementReceiptsKind())
