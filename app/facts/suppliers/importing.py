"""Import kinds of the supplier master: suppliers, their sites, parts and approved sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.facts.suppliers import lookups, services, values
from app.facts.suppliers.models import FinancialKind, SourceRole, SupplierKind, SupplierStatus
from app.facts.suppliers.standings import kept_statuses
from app.platform.imports.kinds import (
    Chunk,
    Field,
    FieldType,
    NamedSupplier,
    RowFault,
    RowWarning,
    Value,
)
from app.platform.imports.mapping import Mapping as FileMapping
from app.platform.imports.models import StagedRow
from app.platform.imports.problems import Code, Fault, Warned, quoted
from app.platform.imports.table_kind import Create, Key, Reference, Row, TableKind

TEXT, DATE, MONEY = FieldType.TEXT, FieldType.DATE, FieldType.MONEY
QUANTITY, WHOLE, SHARE = FieldType.QUANTITY, FieldType.WHOLE, FieldType.SHARE
COUNTRY, CURRENCY = FieldType.COUNTRY, FieldType.CURRENCY
NUMBER = FieldType.NUMBER
ALWAYS = "1970-01-01"
# Degrees.
FARTHEST = {"latitude": 90, "longitude": 180}
MILLIONTHS = 1_000_000


def creator(entity: str, **describing: str) -> Create:
    """Return what creates an entity on the way; `describing` gives attribute → field."""

    def create(session: Session, wanted: Mapping[Key, Mapping[str, Value]]) -> dict[Key, int]:
        said = {
            key[0]: {name: row.get(field) for name, field in describing.items()}
            for key, row in wanted.items()
        }
        made = services.create_named(session, entity, said)
        return {(key,): row_id for key, row_id in made.items()}

    return create


CATEGORY = Reference(
    "category", ("category",), "category_id", lookups.by_key("category"), creator("category")
)
SUPPLIER = Reference("supplier", ("supplier_no",), "supplier_id", lookups.by_key("supplier"))
PARENT = Reference("supplier", ("parent_no",), "parent_supplier_id", lookups.by_key("supplier"))
PART = Reference("part", ("part_no",), "part_id", lookups.by_key("part"))
NEW_SUPPLIER = Reference(
    "supplier",
    ("supplier_no",),
    "supplier_id",
    lookups.by_key("supplier"),
    creator("supplier", name="supplier_name"),
)
NEW_PART = Reference(
    "part", ("part_no",), "part_id", lookups.by_key("part"), creator("part", name="part_name")
)


class SuppliersKind(TableKind):
    """The supplier master."""

    name = "suppliers"
    title = "Suppliers"
    noun = "supplier"
    table = "supplier"
    help = "One row is one supplier. A known number is updated; columns left out stay as they are."
    renamed = (("supplier_no", "number"), ("emerging_market", "is_emerging_market"))
    key_columns = ("number",)
    references = (CATEGORY, PARENT)
    creatable = ("category",)
    fields = (
        Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True, True),
        Field("name", TEXT, "Name.", "Adler Pumps SE", True),
        Field(
            "kind",
            FieldType.CHOICE,
            "own_warehouse: one of ours; counted in totals, left out of lists. Empty: supplier.",
            "supplier",
            choices=tuple(SupplierKind),
            default=SupplierKind.SUPPLIER.value,
        ),
        Field(
            "status",
            FieldType.CHOICE,
            "Place in the lifecycle. Empty: approved. No file sets or lifts a block.",
            "approved",
            choices=tuple(SupplierStatus),
            default=SupplierStatus.APPROVED.value,
        ),
        Field("category", TEXT, "Commodity.", "Castings"),
        Field("country", COUNTRY, "Country of the head office, ISO 3166 or its name.", "DE"),
        Field("currency", CURRENCY, "Currency of its orders, ISO 4217.", "EUR"),
        Field("vat", TEXT, "VAT number.", "DE123456789", longest=20, rule=values.vat_fault),
        Field("duns", TEXT, "D-U-N-S number.", "150483782", longest=9, rule=values.duns_fault),
        Field("lei", TEXT, "Legal entity identifier.", "", longest=20, rule=values.lei_fault),
        Field("website", TEXT, "Website.", "https://example.com", rule=values.website_fault),
        Field(
            "emerging_market",
            FieldType.BOOLEAN,
            "Whether its market is an emerging one, for Altman's score.",
            "no",
            default=0,
        ),
        Field("owner", TEXT, "Who looks after the supplier.", "M. Weber"),
        Field("segment", TEXT, "Segment.", "strategic", longest=40),
        Field("parent_no", TEXT, "Number of its parent company, imported before it.", ""),
        Field(
            "financial_kind",
            FieldType.CHOICE,
            "Which Altman model fits its statements.",
            "private_manufacturer",
            choices=tuple(FinancialKind),
        ),
    )

    def suppliers_named(
        self, session: Session, batch_id: int, mapping: FileMapping
    ) -> list[NamedSupplier]:
        """Return the suppliers that the rows are, with the category each is put into."""
        rows = session.execute(
            select(StagedRow.row_no, StagedRow.content).where(StagedRow.batch_id == batch_id)
        ).all()
        numbers = [str(said["supplier_no"]) for _, said in rows]
        known = lookups.ids_by_key(session, "supplier", numbers, source=mapping.name)
        names = [str(said["category"]) for _, said in rows if said.get("category")]
        categories = lookups.ids_by_key(session, "category", names)
        return [
            NamedSupplier(
                row_no,
                "supplier_no",
                str(said["supplier_no"]),
                known.get(str(said["supplier_no"])),
                sets_category=mapping.gives("category"),
                category_id=categories.get(str(said.get("category") or "")),
            )
            for row_no, said in rows
        ]

    def check(self, chunk: Chunk) -> Iterator[RowWarning]:
        """Yield the statuses that a file does not change: people decide those."""
        numbers = [str(number) for number in chunk.column("supplier_no")]
        with db.reading() as session:
            kept = kept_statuses.of_suppliers(session, numbers)
        for index, (number, status) in enumerate(zip(numbers, chunk.column("status"), strict=True)):
            reason = None if status is None else kept.reason(number, str(status))
            if reason is not None:
                yield RowWarning(index, "status", Warned.STATUS_KEPT, f"{quoted(status)} {reason}")

    def completed(self, session: Session, rows: list[Row]) -> list[Row]:
        """Return the rows without the statuses that people decide."""
        kept = kept_statuses.of_suppliers(session, [row["number"] for row in rows])
        return [
            {name: value for name, value in row.items() if name != "status"}
            if "status" in row and kept.reason(row["number"], row["status"]) is not None
            else row
            for row in rows
        ]

    def undo(self, session: Session, batch_id: int) -> Counter[str]:
        """Take the batch's suppliers back, apart from statuses that people decide."""
        numbers = [row["number"] for row in self._rows_touched(session, batch_id)]
        kept = kept_statuses.of_suppliers(session, numbers)
        found = super().undo(session, batch_id)
        kept_statuses.put_back(session, kept)
        return found


class SitesKind(TableKind):
    """Plants of suppliers, and our own."""

    name = "sites"
    title = "Sites"
    noun = "site"
    table = "site"
    help = "One row is one plant. An empty supplier_no means one of our own."
    renamed = (("site", "name"),)
    key_columns = ("owner_key", "name")
    references = (SUPPLIER,)
    soft_references = services.SOFT_REFERENCES["site"]
    fields = (
        Field("supplier_no", TEXT, "Whose plant; empty: ours.", "S-0042", is_key=True),
        Field("site", TEXT, "Name of the plant.", "Foundry Ulm", True, True),
        Field("country", COUNTRY, "Country, ISO 3166 or its name.", "DE"),
        Field("region", TEXT, "Region within the country.", "Swabia", longest=100),
        Field("latitude", NUMBER, "Degrees, north is positive.", "48.4", is_signed=True),
        Field("longitude", NUMBER, "Degrees, east is positive.", "10", is_signed=True),
        Field("time_zone", TEXT, "Time zone.", "Europe/Berlin", longest=60),
        Field("role", TEXT, "What the plant does.", "casting", longest=40),
        Field("volume_share", SHARE, "Percent of what we buy that comes from it.", "70"),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault]:
        """Yield coordinates that lie nowhere, and halves of a pair."""
        yield from nowhere(chunk)

    def rows_of(self, said: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the row with its owner's key: 0 stands for our own, as NULLs aren't unique."""
        yield {**said, "owner_key": said.get("supplier_id") or lookups.OWN}


class PartsKind(TableKind):
    """Things we buy."""

    name = "parts"
    title = "Parts"
    noun = "part"
    table = "part"
    help = "One row is one part."
    renamed = (("part_no", "number"),)
    key_columns = ("number",)
    references = (CATEGORY,)
    creatable = ("category",)
    fields = (
        Field("part_no", TEXT, "Number of the part.", "P-100200", True, True),
        Field("name", TEXT, "Name.", "Impeller 120", longest=500),
        Field("unit", TEXT, "Unit of its quantities.", "pcs", longest=20),
        Field("category", TEXT, "Commodity.", "Castings"),
        Field("criticality", TEXT, "How critical it is to us.", "A", longest=20),
        Field("annual_usage", QUANTITY, "Quantity used in a year.", "12000"),
        Field("unit_cost", MONEY, "Cost of one unit.", "12.40"),
        Field("revenue_exposed", MONEY, "Yearly revenue that stops without it.", "2500000"),
        Field("currency", CURRENCY, "Currency of cost and revenue.", "EUR"),
        Field("survive_days", WHOLE, "Days our own stock lasts when its source stops.", "9"),
    )


class SourcesKind(TableKind):
    """Who is approved to deliver which part."""

    name = "sources"
    title = "Approved sources"
    noun = "approved source"
    table = "approved_source"
    help = "One row approves one supplier for one part; single sources are computed from these."
    renamed = (("sole", "is_sole"),)
    key_columns = ("part_id", "supplier_id", "valid_from")
    references = (
        NEW_PART,
        NEW_SUPPLIER,
        Reference("site", ("site", "supplier_no"), "site_id", lookups.supplier_sites),
    )
    creatable = ("part", "supplier")
    fields = (
        Field("part_no", TEXT, "Number of the part.", "P-100200", True, True),
        Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True, True),
        Field("site", TEXT, "The supplier's plant that is approved.", ""),
        Field(
            "role",
            FieldType.CHOICE,
            "Place among the part's sources. Empty: primary.",
            "primary",
            choices=tuple(SourceRole),
            default=SourceRole.PRIMARY.value,
        ),
        Field("sole", FieldType.BOOLEAN, "Whether nobody else makes it.", "no", default=0),
        Field("target_share", SHARE, "Percent of the part's volume meant for it.", "60"),
        Field("qualified_on", DATE, "When it was qualified.", "2024-03-01", is_past=True),
        Field("requalification_weeks", WHOLE, "Weeks to qualify another source.", "16"),
        Field("price", MONEY, "Price of one unit.", "12.40"),
        Field("currency", CURRENCY, "Currency of the price.", "EUR"),
        Field("recover_days", WHOLE, "Days the source needs to recover, as it claims.", "21"),
        Field("valid_from", DATE, "Approved from. Empty: always.", "", is_key=True, default=ALWAYS),
        Field("valid_to", DATE, "Approved until. Empty: until further notice.", ""),
        Field("part_name", TEXT, "Name, for a part created on the way.", "", longest=500),
        Field("supplier_name", TEXT, "Name, for a supplier created on the way.", ""),
    )

    def check(self, chunk: Chunk) -> Iterator[RowFault]:
        """Yield sources that end before they begin, and shares above everything."""
        yield from ends_before(chunk, "valid_from", "valid_to")
        for index, share in enumerate(chunk.column("target_share")):
            if isinstance(share, int) and share > 1_000_000:
                fault = Fault(Code.NOT_ALLOWED, "is above 100 percent.")
                yield RowFault(index, "target_share", fault)

    def rows_of(self, said: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the row without what only describes a part or supplier to create."""
        yield {name: said[name] for name in said if name not in {"part_name", "supplier_name"}}


def nowhere(chunk: Chunk) -> Iterator[RowFault]:
    """Yield rows with coordinates beyond their range, or with one of the two."""
    pairs = zip(chunk.column("latitude"), chunk.column("longitude"), strict=True)
    for index, (latitude, longitude) in enumerate(pairs):
        for name, value in (("latitude", latitude), ("longitude", longitude)):
            most = FARTHEST[name]
            if isinstance(value, int) and abs(value) > most * MILLIONTHS:
                fault = Fault(Code.NOT_ALLOWED, f"is not between -{most} and {most} degrees.")
                yield RowFault(index, name, fault)
        if (latitude is None) != (longitude is None) and chunk.has("latitude"):
            fault = Fault(Code.REQUIRED, "latitude and longitude come together or not at all.")
            yield RowFault(index, "latitude" if latitude is None else "longitude", fault)


def ends_before(chunk: Chunk, start: str, end: str) -> Iterator[RowFault]:
    """Yield rows whose last day lies before their first."""
    for index, (first, last) in enumerate(zip(chunk.column(start), chunk.column(end), strict=True)):
        if first is not None and last is not None and str(last) < str(first):
            fault = Fault(Code.DATE_RULE, f"{quoted(last)} is before {first}.")
            yield RowFault(index, end, fault)


KINDS: Sequence[TableKind] = (SuppliersKind(), SitesKind(), PartsKind(), SourcesKind())
