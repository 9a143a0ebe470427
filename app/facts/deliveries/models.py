"""Tables of delivery facts: orders, schedule lines, receipts and what happened around them.

Facts are corrected by newer rows of the same natural key; receipts are reversed, never
deleted. Lines and receipts repeat supplier, category, site and month, because joining
them in costs more than everything else at five million lines.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import (
    Base,
    BigKey,
    Key,
    MoneyType,
    QuantityType,
    ShortText,
    Timestamps,
    UtcDateTime,
    one_of,
)
from app.platform.audit.marking import Audited, Mark, Whose

# Stands for “none” in the roll-up's keys, where NULLs would not be unique.
NONE_KEY = 0
TOLERANCE_SCALE = 1_000_000
IS_REVERSAL = "reverses_receipt_id IS NOT NULL"
NAMES_WAY = "port IS NOT NULL OR mode IS NOT NULL"


class ChangedBy(StrEnum):
    """Who moved a promise; only an agreed change by the buyer moves the reference date."""

    BUYER = "buyer"
    SUPPLIER = "supplier"


class LotVerdict(StrEnum):
    """The outcome of an incoming inspection."""

    ACCEPTED = "accepted"
    CONCESSION = "concession"
    REJECTED = "rejected"


class DisruptionKind(StrEnum):
    """Customer disruptions that IATF 16949 8.4.2.4 asks to be monitored."""

    LINE_STOP = "line_stop"
    YARD_HOLD = "yard_hold"
    STOP_SHIP = "stop_ship"
    PREMIUM_FREIGHT = "premium_freight"
    SPECIAL_STATUS = "special_status"


class CausedBy(StrEnum):
    """Who caused a miss or a disruption; `receiving` is our own dock."""

    SUPPLIER = "supplier"
    BUYER = "buyer"
    CARRIER = "carrier"
    CUSTOMS = "customs"
    RECEIVING = "receiving"
    FORCE_MAJEURE = "force_majeure"
    UNKNOWN = "unknown"


class PurchaseOrder(Base):
    """An order; its number is unique within the buyer's unit that placed it."""

    __tablename__ = "purchase_order"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("buyer_unit", "number"),
        Index("ix_purchase_order_supplier_id", "supplier_id"),
        # What a line refers to: by the order first, so that new orders lie together. An index
        # and no constraint, which SQLite adds without a copy of the table.
        Index("ix_purchase_order_id_supplier_id", "id", "supplier_id", unique=True),
    )
    id: Mapped[Key]
    buyer_unit: Mapped[ShortText] = mapped_column(default="")
    number: Mapped[ShortText]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    status: Mapped[str | None] = mapped_column(String(60))
    ordered_on: Mapped[date | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    contract_reference: Mapped[str | None] = mapped_column(String(200))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class ScheduleLine(Base):
    """What is judged: a quantity of one order line for one date."""

    __tablename__ = "schedule_line"
    __scope__ = scope.of_supplier(site="site_id")
    __table_args__ = (
        # A line's supplier is its order's, and stays it: no order changes hands.
        ForeignKeyConstraint(
            ["supplier_id", "order_id"], ["purchase_order.supplier_id", "purchase_order.id"]
        ),
        UniqueConstraint("order_id", "line_no", "schedule_no"),
        CheckConstraint("quantity_ordered IS NULL OR quantity_ordered >= 0", name="ordered"),
        CheckConstraint("quantity_cancelled_buyer >= 0", name="cancelled_buyer"),
        CheckConstraint("quantity_cancelled_supplier >= 0", name="cancelled_supplier"),
        CheckConstraint("early_days IS NULL OR early_days >= 0", name="early_days"),
        CheckConstraint("late_days IS NULL OR late_days >= 0", name="late_days"),
        CheckConstraint("under_millionths BETWEEN 0 AND 1000000", name="under"),
        CheckConstraint("over_millionths >= 0", name="over"),
        # With the order: without statistics SQLite would look for an order's lines, which it
        # does when one is deleted, through all lines of the supplier.
        Index("ix_schedule_line_supplier_id_order_id", "supplier_id", "order_id"),
        Index("ix_schedule_line_batch_id", "batch_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID | None]
    order_id: Mapped[int] = mapped_column(BigKey)
    line_no: Mapped[str] = mapped_column(String(40))
    schedule_no: Mapped[str] = mapped_column(String(40), default="1")
    supplier_id: Mapped[int] = mapped_column(BigKey)
    category_id: Mapped[int] = mapped_column(BigKey, default=NONE_KEY)
    site_id: Mapped[int] = mapped_column(BigKey, default=NONE_KEY)
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    # As the source calls it; the mapping decides whether lines in that status count.
    status: Mapped[str | None] = mapped_column(String(60))
    is_counted: Mapped[bool] = mapped_column(default=True)
    ordered_on: Mapped[date | None]
    quantity_ordered: Mapped[Decimal | None] = mapped_column(QuantityType)
    quantity_cancelled_buyer: Mapped[Decimal] = mapped_column(QuantityType, default=Decimal(0))
    quantity_cancelled_supplier: Mapped[Decimal] = mapped_column(QuantityType, default=Decimal(0))
    cancelled_on: Mapped[date | None]
    unit_price: Mapped[Decimal | None] = mapped_column(MoneyType)
    # As the source states it, else price × quantity; in `currency`.
    line_value: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    requested_on: Mapped[date | None]
    promised_original_on: Mapped[date | None]
    promised_current_on: Mapped[date | None]
    incoterm: Mapped[str | None] = mapped_column(String(3))
    # Agreed for this line; they come before any delivery rule. Null: the rule decides.
    early_days: Mapped[int | None] = mapped_column(SmallInteger)
    late_days: Mapped[int | None] = mapped_column(SmallInteger)
    under_millionths: Mapped[int | None]
    over_millionths: Mapped[int | None]
    is_split_allowed: Mapped[bool | None]
    # How the feed tells what came. Null: with quantities, so no receipt means that nothing
    # came. True: without, and a receipt completes the line. False: without, and it does not.
    completes_without_quantity: Mapped[bool | None]
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class PromiseChange(Base):
    """A promise that moved: by whom, to when, agreed or not."""

    __tablename__ = "promise_change"
    __scope__ = scope.through("line_id", "schedule_line")
    __table_args__ = (
        UniqueConstraint("line_id", "changed_on", "to_on"),
        CheckConstraint(one_of("changed_by", ChangedBy), name="changed_by"),
    )
    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(BigKey, ForeignKey("schedule_line.id"))
    from_on: Mapped[date | None]
    to_on: Mapped[date]
    changed_by: Mapped[str] = mapped_column(String(12))
    is_agreed: Mapped[bool] = mapped_column(default=True)
    changed_on: Mapped[date]
    reason: Mapped[str | None] = mapped_column(String(500))
    # How much was promised for that day, where the supplier said so.
    quantity: Mapped[Decimal | None] = mapped_column(QuantityType)
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class Receipt(Base):
    """Goods that came for a line. A reversal carries the quantity of what it reverses, negative."""

    __tablename__ = "receipt"
    __scope__ = scope.through("line_id", "schedule_line")
    __table_args__ = (
        UniqueConstraint("line_id", "source_key"),
        CheckConstraint(
            "quantity IS NULL OR quantity >= 0 OR reverses_receipt_id IS NOT NULL", name="quantity"
        ),
        CheckConstraint(
            "quantity_rejected IS NULL OR quantity_rejected >= 0"
            " OR reverses_receipt_id IS NOT NULL",
            name="rejected",
        ),
        CheckConstraint("quantity_returned IS NULL OR quantity_returned >= 0", name="returned"),
        Index("ix_receipt_batch_id", "batch_id"),
        # Deleting a receipt looks for its reversal: without this, through all receipts.
        Index(
            "ix_receipt_reverses_receipt_id",
            "reverses_receipt_id",
            sqlite_where=text(IS_REVERSAL),
            postgresql_where=text(IS_REVERSAL),
        ),
        # The ways that goods take are read for all suppliers at once; most feeds name none.
        Index(
            "ix_receipt_way",
            "line_id",
            "port",
            "mode",
            sqlite_where=text(NAMES_WAY),
            postgresql_where=text(NAMES_WAY),
        ),
    )
    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(BigKey, ForeignKey("schedule_line.id"))
    source_key: Mapped[str] = mapped_column(String(60))
    ready_on: Mapped[date | None]
    dispatched_on: Mapped[date | None]
    arrived_on: Mapped[date | None]
    posted_on: Mapped[date | None]
    quantity: Mapped[Decimal | None] = mapped_column(QuantityType)
    quantity_rejected: Mapped[Decimal | None] = mapped_column(QuantityType)
    quantity_returned: Mapped[Decimal | None] = mapped_column(QuantityType)
    is_documents_ok: Mapped[bool | None]
    is_undamaged: Mapped[bool | None]
    # True where the mapping says that a receipt without a quantity completes its line.
    completes_line: Mapped[bool] = mapped_column(default=False)
    reverses_receipt_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("receipt.id"))
    mode: Mapped[str | None] = mapped_column(String(40))
    carrier: Mapped[str | None] = mapped_column(String(200))
    port: Mapped[str | None] = mapped_column(String(200))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class InspectionLot(Base):
    """An incoming lot that was inspected; lots that skipped inspection are not here."""

    __tablename__ = "inspection_lot"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("supplier_id", "lot"),
        CheckConstraint(one_of("verdict", LotVerdict), name="verdict"),
        CheckConstraint("rejected IS NULL OR rejected >= 0", name="rejected"),
        Index("ix_inspection_lot_supplier_month", "supplier_id", "month"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    lot: Mapped[ShortText]
    inspected_on: Mapped[date]
    month: Mapped[int]
    size: Mapped[Decimal | None] = mapped_column(QuantityType)
    sample: Mapped[Decimal | None] = mapped_column(QuantityType)
    rejected: Mapped[Decimal | None] = mapped_column(QuantityType)
    verdict: Mapped[str] = mapped_column(String(12))
    is_first_pass: Mapped[bool | None]
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class Acknowledgement(Base):
    """When an order was sent and when the supplier acknowledged it (None: not yet)."""

    __tablename__ = "acknowledgement"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("order_id"),
        Index("ix_acknowledgement_supplier_month", "supplier_id", "month"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    order_id: Mapped[int] = mapped_column(BigKey, ForeignKey("purchase_order.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    month: Mapped[int]
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class InvoiceLine(Base):
    """A billed line: does it match order and receipt, and what was the contract price."""

    __tablename__ = "invoice_line"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("supplier_id", "invoice_number", "line_no"),
        Index("ix_invoice_line_supplier_month", "supplier_id", "month"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    invoice_number: Mapped[ShortText]
    line_no: Mapped[str] = mapped_column(String(40))
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    invoiced_on: Mapped[date]
    month: Mapped[int]
    quantity: Mapped[Decimal] = mapped_column(QuantityType)
    unit_price: Mapped[Decimal] = mapped_column(MoneyType)
    currency: Mapped[str] = mapped_column(String(3))
    is_accurate: Mapped[bool | None]
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class ContractPrice(Base):
    """The price agreed for a part with a supplier, from a date on."""

    __tablename__ = "contract_price"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("supplier_id", "part_id", "valid_from"),
        CheckConstraint("price > 0", name="price"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_range"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    part_id: Mapped[int] = mapped_column(BigKey, ForeignKey("part.id"))
    price: Mapped[Decimal] = mapped_column(MoneyType)
    currency: Mapped[str] = mapped_column(String(3))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class Disruption(Timestamps, Audited, Base):
    """A line stop, yard hold, stop ship, premium freight or special status at one of our plants.

    One that was withdrawn stays readable and counts nowhere.
    """

    audit = Mark(
        "disruption", label="reference", personal={"withdrawn_by": Whose.NAMED},
        reason_from=("withdrawn_because",),
    )  # fmt: skip
    __tablename__ = "disruption"
    __scope__ = scope.of_supplier(site="site_id")
    __table_args__ = (
        UniqueConstraint("supplier_id", "reference"),
        CheckConstraint(one_of("kind", DisruptionKind), name="kind"),
        CheckConstraint(one_of("caused_by", CausedBy), name="caused_by"),
        CheckConstraint("hours IS NULL OR hours >= 0", name="hours"),
        CheckConstraint("lines_hit IS NULL OR lines_hit >= 0", name="lines_hit"),
        Index("ix_disruption_supplier_month", "supplier_id", "month"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    reference: Mapped[ShortText]
    site_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("site.id"))
    kind: Mapped[str] = mapped_column(String(20))
    occurred_on: Mapped[date]
    month: Mapped[int]
    hours: Mapped[Decimal | None] = mapped_column(QuantityType)
    cost: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    caused_by: Mapped[str] = mapped_column(String(16), default=CausedBy.UNKNOWN)
    line_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("schedule_line.id"))
    note: Mapped[str | None] = mapped_column(String(1000))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))
    # Our own production lines that stood or waited.
    lines_hit: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_because: Mapped[str | None] = mapped_column(String(500))


class MissAttribution(Timestamps, Audited, Base):
    """Why a line was missed, as a person judged it."""

    audit = Mark("cause of a miss", personal={"attributed_by": Whose.NAMED})
    __tablename__ = "miss_attribution"
    __scope__ = scope.through("line_id", "schedule_line")
    __table_args__ = (
        UniqueConstraint("line_id"),
        CheckConstraint(one_of("cause", CausedBy), name="cause"),
    )
    id: Mapped[Key]
    line_id: Mapped[int] = mapped_column(BigKey, ForeignKey("schedule_line.id"))
    cause: Mapped[str] = mapped_column(String(16))
    attributed_by: Mapped[ShortText]
    # None: by a program, or from the time before accounts were kept here.
    attributed_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    note: Mapped[str | None] = mapped_column(String(1000))
