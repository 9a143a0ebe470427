"""The import kind of contracts: whose they are, what they run on, how notice is given.

No file puts terms in force. What it says becomes the first draft of a contract, or a draft
amendment beside the terms that hold; somebody reads it and submits it, and another approves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.calc.contract_dates import NoticeKind
from app.facts.suppliers.calendar_models import Calendar
from app.facts.suppliers.importing import SUPPLIER
from app.judgement.contracts import filing
from app.judgement.contracts.models import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_NUMBER,
    ContractKind,
)
from app.platform.imports.kinds import (
    Chunk,
    Counts,
    Field,
    FieldType,
    RowFault,
    RowWarning,
    Value,
)
from app.platform.imports.mapping import Mapping
from app.platform.imports.models import StagedRow
from app.platform.imports.problems import Code, Fault
from app.platform.imports.table_kind import Key, Reference, TableKind, TableStager

TEXT, DATE, WHOLE = FieldType.TEXT, FieldType.DATE, FieldType.WHOLE
MONEY, BOOLEAN, CHOICE = FieldType.MONEY, FieldType.BOOLEAN, FieldType.CHOICE


def calendars(session: Session, keys: Sequence[Key], source: str) -> dict[Key, int]:
    """Return the ids of the house's calendars by (name,)."""
    names = [key[0] for key in keys]
    found = select(Calendar.name, Calendar.id).where(Calendar.name.in_(names))
    return {(name,): row_id for name, row_id in session.execute(found)}


CALENDAR = Reference("calendar", ("calendar",), "calendar_id", calendars)


class ContractsKind(TableKind):
    """Contracts with what a list of them says of their terms."""

    name = "contracts"
    title = "Contracts"
    noun = "contract"
    table = "contract"
    help = (
        "One row is one contract. It becomes a draft, or a draft amendment of the contract that is"
        " in force: nothing holds before it was submitted and another person approved it."
    )
    renamed = (("holds_from", "from_on"), ("critical", "is_critical"))
    key_columns = ("supplier_id", "number")
    references = (SUPPLIER, CALENDAR)
    fields = (
        Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True, True),
        Field("contract_no", TEXT, "Number of the contract.", "C-2026-07", True, True,
              longest=LONGEST_NUMBER),
        Field("title", TEXT, "Title.", "Castings", True),
        Field("kind", CHOICE, "What kind of contract. Empty: other.", "framework",
              choices=tuple(ContractKind), default=ContractKind.OTHER.value),
        Field("our_party", TEXT, "Our party.", "Adler Pumps SE", True),
        Field("their_party", TEXT, "Their party.", "Kestrel Castings Ltd", True),
        Field("currency", FieldType.CURRENCY, "ISO 4217 code; one per contract.", "EUR", True),
        Field("value", MONEY, "Value over its term, without tax. Empty: not known.", "250000"),
        Field("volume_commitment", MONEY, "Volume that we committed to.", ""),
        Field("payment_days", WHOLE, "Payment within days.", "30"),
        Field("starts_on", DATE, "First day.", "2026-01-01", True),
        Field("ends_on", DATE, "Last day of the first term. Empty: no end is named.",
              "2028-12-31"),
        Field("holds_from", DATE, "First day of an amendment. Empty: the day of the import.", ""),
        Field("auto_renew", BOOLEAN, "Whether it renews itself. Empty: no.", "yes", default=0),
        Field("renewal_months", WHOLE, "How long a renewal runs, in months.", "12"),
        Field("our_notice_days", WHOLE, "Our notice period. Empty: not known.", "90"),
        Field("their_notice_days", WHOLE, "Their notice period. Empty: not known.", "180"),
        Field("notice_kind", CHOICE, "How notice is counted. Empty: calendar.", "calendar",
              choices=tuple(NoticeKind), default=NoticeKind.CALENDAR.value),
        Field("calendar", TEXT, "Calendar of its working days. Empty: Monday to Friday.", ""),
        Field("notice_method", TEXT, "How notice is given.", "By registered letter",
              longest=LONGEST_NAME),
        Field("governing_law", TEXT, "Governing law.", "Germany", longest=LONGEST_NAME),
        Field("critical", BOOLEAN, "Whether to remind half a year before the notice deadline."
              " Empty: no.", "no", default=0),
        Field("note", TEXT, "Note.", "", longest=LONGEST_NOTE),
    )  # fmt: skip

    def open(self, mapping: Mapping) -> ContractStager:
        """Return the object that takes the chunks of one file."""
        return ContractStager(self, mapping)

    def preview(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Count what publishing would do, by contract."""
        counts = Counts()
        for step in filing.steps_of(session, self._said(session, batch_id, mapping)):
            filing.count(counts, step)
        return counts

    def publish(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Write drafts: of contracts that are new, and beside the terms that hold."""
        return filing.publish(session, batch_id, self._said(session, batch_id, mapping))

    def undo(self, session: Session, batch_id: int) -> Counter[str]:
        """Take the batch's drafts back, as long as nobody went on with them."""
        filing.undo(session, batch_id)
        return Counter()

    def said_of(
        self, rows: Sequence[dict[str, Value]], mapping: Mapping, ids: filing.Ids
    ) -> list[filing.Said]:
        """Return what rows say: the contract's key, and the columns of its terms."""
        return [filing.Said(self._key(row, ids), self._columns(row, mapping, ids)) for row in rows]

    def _said(self, session: Session, batch_id: int, mapping: Mapping) -> list[filing.Said]:
        staged = session.scalars(
            select(StagedRow.content)
            .where(StagedRow.batch_id == batch_id)
            .order_by(StagedRow.row_no)
        ).all()
        counts = Counts()
        ids = {
            each.entity: self._ids(session, batch_id, each, staged, mapping, counts)
            for each in self.references
        }
        return self.said_of(staged, mapping, ids)

    def _key(self, row: dict[str, Value], ids: filing.Ids) -> tuple[int | None, str]:
        return ids["supplier"].get((str(row["supplier_no"]),)), str(row["contract_no"])

    def _columns(
        self, row: dict[str, Value], mapping: Mapping, ids: filing.Ids
    ) -> dict[str, object]:
        found = self._values(row, mapping)
        del found["contract_no"]
        if mapping.gives("calendar"):
            name = row.get("calendar")
            found["calendar_id"] = None if name is None else ids["calendar"].get((str(name),))
        return found


class ContractStager(TableStager):
    """Takes the rows of one file; says what can't be, beside what stands of each contract."""

    def __init__(self, kind: ContractsKind, mapping: Mapping) -> None:
        super().__init__(kind, mapping)
        self._contracts, self._said_by = kind, mapping

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield what is wrong across the cells of a row, and beside what stands."""
        yield from super().check(chunk)
        names = list(chunk.columns)
        rows = [dict(zip(names, row, strict=True))
                for row in zip(*chunk.columns.values(), strict=True)]  # fmt: skip
        with db.reading() as session:
            ids = {
                each.entity: each.find(session, self._keys(each, rows), self._said_by.name)
                for each in self._contracts.references
            }
            said = self._contracts.said_of(rows, self._said_by, ids)
            steps = filing.steps_of(session, said)
        columns = {column: name for name, column in self._contracts.renamed}
        for index, step in enumerate(steps):
            for problem in step.problems:
                named = [columns.get(name, name) for name in problem.fields]
                for field in [each for each in named if chunk.has(each)] or ["contract_no"]:
                    yield RowFault(index, field, Fault(Code.NOT_ALLOWED, problem.message))

    def _keys(self, reference: Reference, rows: Sequence[dict[str, Value]]) -> list[Key]:
        found = (reference.key(row) for row in rows)
        return [key for key in dict.fromkeys(found) if key is not None]


KINDS = (ContractsKind(),)
