"""The fields of a delivery file: what one row may say about an order line and its receipt."""

from __future__ import annotations

from app.platform.imports.kinds import Field, FieldType

DATE, QUANTITY, MONEY = FieldType.DATE, FieldType.QUANTITY, FieldType.MONEY
TEXT, BOOLEAN, SHARE = FieldType.TEXT, FieldType.BOOLEAN, FieldType.SHARE

ORDER_FIELDS = (
    Field("order_no", TEXT, "Number of the purchase order.", "4500012", True, True),
    Field(
        "line_no", TEXT, "Line of the order; leading zeros are kept.", "10", True, True, longest=40
    ),
    Field(
        "schedule_no",
        TEXT,
        "Schedule of the line, where a line has several dates. Empty: 1.",
        "1",
        is_key=True,
        longest=40,
        default="1",
    ),
    Field(
        "buyer_unit",
        TEXT,
        "Unit that placed the order, where numbers repeat between units.",
        is_key=True,
        default="",
    ),
    Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True),
    Field("supplier_name", TEXT, "Name, for a supplier created on the way.", "Adler Pumps SE"),
    Field("supplier_country", FieldType.COUNTRY, "Country, for a supplier so created.", "DE"),
    Field("part_no", TEXT, "Number of the part.", "P-100200"),
    Field("part_name", TEXT, "Name, for a part created on the way.", "Impeller 120", longest=500),
    Field("part_unit", TEXT, "Unit of the part's quantities.", "pcs", longest=20),
    Field("category", TEXT, "Commodity of the line; empty: the part's.", "Castings"),
    Field("own_site", TEXT, "Our plant or place that receives the goods.", "Plant North"),
    Field("own_site_country", FieldType.COUNTRY, "Country, for a place created on the way.", "DE"),
    Field("contract_reference", TEXT, "Contract or agreement of the order.", "C-2026-07"),
)
LINE_FIELDS = (
    Field("status", TEXT, "Status of the line as your system calls it.", "released", longest=60),
    Field("ordered_on", DATE, "When the order was sent.", "2026-09-01", is_past=True),
    Field("quantity_ordered", QUANTITY, "Quantity ordered.", "500"),
    Field("quantity_cancelled_buyer", QUANTITY, "Of it cancelled by us; leaves the sum.", "0"),
    Field("quantity_cancelled_supplier", QUANTITY, "Of it cancelled by the supplier: a miss.", "0"),
    Field("cancelled_on", DATE, "When it was cancelled.", is_past=True),
    Field("unit_price", MONEY, "Price of one unit.", "12.40"),
    Field("line_value", MONEY, "Value of the line; empty: quantity × price.", "6200.00"),
    Field("currency", FieldType.CURRENCY, "ISO 4217 code of price and value.", "EUR"),
    Field("requested_on", DATE, "Delivery date that we asked for.", "2026-10-01"),
    Field("promised_original_on", DATE, "Date first confirmed.", "2026-10-05"),
    Field("promised_current_on", DATE, "Date confirmed last.", "2026-10-05"),
    Field("incoterm", FieldType.INCOTERM, "Who carries until where.", "DAP"),
    Field("early_days", FieldType.WHOLE, "Days early that are agreed for this line.", "2"),
    Field("late_days", FieldType.WHOLE, "Days late that are agreed for this line.", "0"),
    Field("under_tolerance", SHARE, "Percent that may be missing, if agreed.", "0"),
    Field("over_tolerance", SHARE, "Percent that may come on top, if agreed.", "0"),
    Field("split_allowed", BOOLEAN, "Whether parts may come one by one, if agreed.", "yes"),
)
RECEIPT_FIELDS = (
    Field(
        "receipt_no",
        TEXT,
        "Number of the receipt. A line with several receipts takes a row for each, with the "
        "line's cells repeated. Empty: 1.",
        "1",
        is_key=True,
        longest=60,
        default="1",
    ),
    Field(
        "receipt_type",
        FieldType.CHOICE,
        "R takes an earlier receipt back; empty: goods came.",
        choices=("R",),
    ),
    Field("reverses_receipt_no", TEXT, "Type R: the receipt it takes back.", longest=60),
    Field("ready_on", DATE, "When goods stood ready for pick-up.", "2026-10-02", is_past=True),
    Field("dispatched_on", DATE, "When goods left the supplier.", "2026-10-02", is_past=True),
    Field("arrived_on", DATE, "When goods reached our dock.", "2026-10-05", is_past=True),
    Field("posted_on", DATE, "When the receipt was posted.", "2026-10-06", is_past=True),
    Field("quantity_received", QUANTITY, "Quantity that came.", "500"),
    Field("quantity_rejected", QUANTITY, "Of it rejected.", "0"),
    Field("quantity_returned", QUANTITY, "Of it sent back.", "0"),
    Field("documents_ok", BOOLEAN, "Whether the papers were right.", "yes"),
    Field("undamaged", BOOLEAN, "Whether the goods were whole.", "yes"),
    Field("mode", TEXT, "Mode of transport.", "road", longest=40),
    Field("carrier", TEXT, "Carrier.", "Nordspedition"),
    Field("port", TEXT, "Port of arrival.", ""),
)
FIELDS = ORDER_FIELDS + LINE_FIELDS + RECEIPT_FIELDS

# Entity that a key field names → the fields that describe it when it is created.
ENTITY_FIELDS = {
    "supplier": ("supplier_no", {"name": "supplier_name", "country": "supplier_country"}),
    "part": ("part_no", {"name": "part_name", "unit": "part_unit", "category": "category"}),
    "category": ("category", {}),
    "site": ("own_site", {"country": "own_site_country"}),
}
# Field of a row → column of `schedule_line`, where the names differ.
LINE_COLUMNS = {
    "under_tolerance": "under_millionths",
    "over_tolerance": "over_millionths",
    "split_allowed": "is_split_allowed",
}
# Field of a row → column of `receipt`, where the names differ.
RECEIPT_COLUMNS = {
    "quantity_received": "quantity",
    "documents_ok": "is_documents_ok",
    "undamaged": "is_undamaged",
}
RECEIPT_DATES = ("ready_on", "dispatched_on", "arrived_on", "posted_on")
REVERSAL = "R"
