"""Tables of scheduling agreements: the frame, what its releases call for, what came for it.

Which schedule lines that makes, and which receipts serve which of them, is derived:
`schedules` keeps the lines, `netting` their receipts. `call_off` says which lines they are.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, MoneyType, QuantityType, ShortText


class SchedulingAgreement(Base):
    """A frame for one part from one supplier; its order stands for it where orders are listed."""

    __tablename__ = "scheduling_agreement"
    __scope__ = scope.of_supplier(site="site_id")
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("order_id"),
        CheckConstraint("firm_zone_days >= 0", name="firm_zone"),
        CheckConstraint(
            "trade_off_zone_days IS NULL OR trade_off_zone_days >= firm_zone_days",
            name="trade_off_zone",
        ),
        CheckConstraint("under_millionths BETWEEN 0 AND 1000000", name="under"),
        CheckConstraint("over_millionths >= 0", name="over"),
        CheckConstraint("opening_cumulative >= 0", name="opening"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_range"),
        Index("ix_scheduling_agreement_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    number: Mapped[ShortText]
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    site_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("site.id"))
    unit: Mapped[str | None] = mapped_column(String(20))
    # Days from a release on in which its changes bind nobody: what was called before stands.
    firm_zone_days: Mapped[int] = mapped_column(SmallInteger, default=0)
    # Days from a release on in which quantities may still move by agreement; for reading only.
    trade_off_zone_days: Mapped[int | None] = mapped_column(SmallInteger)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    under_millionths: Mapped[int | None]
    over_millionths: Mapped[int | None]
    incoterm: Mapped[str | None] = mapped_column(String(3))
    unit_price: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    contract_reference: Mapped[str | None] = mapped_column(String(200))
    # What cumulative figures had reached before the first release that is known here.
    opening_cumulative: Mapped[Decimal] = mapped_column(QuantityType, default=Decimal(0))
    # Made with the first call-off.
    order_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("purchase_order.id"))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class Release(Base):
    """One row of a release: what it calls for one day, by itself or as a cumulative figure."""

    __tablename__ = "release"
    __scope__ = scope.through("agreement_id", "scheduling_agreement")
    __table_args__ = (
        UniqueConstraint("agreement_id", "release_no", "due_on"),
        CheckConstraint("quantity IS NULL OR quantity >= 0", name="quantity"),
        CheckConstraint("cumulative IS NULL OR cumulative >= 0", name="cumulative"),
        CheckConstraint("(quantity IS NULL) <> (cumulative IS NULL)", name="one_figure"),
        Index("ix_release_batch_id", "batch_id"),
    )
    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(BigKey, ForeignKey("scheduling_agreement.id"))
    release_no: Mapped[int]
    released_on: Mapped[date]
    due_on: Mapped[date]
    quantity: Mapped[Decimal | None] = mapped_column(QuantityType)
    cumulative: Mapped[Decimal | None] = mapped_column(QuantityType)
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class AgreementReceipt(Base):
    """Goods that came for an agreement, whichever call-off they serve.

    A reversal names the receipt that it takes back, and how much of it, not negative.
    """

    __tablename__ = "agreement_receipt"
    __scope__ = scope.through("agreement_id", "scheduling_agreement")
    __table_args__ = (
        UniqueConstraint("agreement_id", "source_key"),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("quantity_rejected IS NULL OR quantity_rejected >= 0", name="rejected"),
        CheckConstraint("quantity_returned IS NULL OR quantity_returned >= 0", name="returned"),
        Index("ix_agreement_receipt_batch_id", "batch_id"),
    )
    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(BigKey, ForeignKey("scheduling_agreement.id"))
    source_key: Mapped[str] = mapped_column(String(60))
    reverses_key: Mapped[str | None] = mapped_column(String(60))
    ready_on: Mapped[date | None]
    dispatched_on: Mapped[date | None]
    arrived_on: Mapped[date | None]
    posted_on: Mapped[date | None]
    quantity: Mapped[Decimal] = mapped_column(QuantityType)
    quantity_rejected: Mapped[Decimal | None] = mapped_column(QuantityType)
    quantity_returned: Mapped[Decimal | None] = mapped_column(QuantityType)
    is_documents_ok: Mapped[bool | None]
    is_undamaged: Mapped[bool | None]
    carrier: Mapped[str | None] = mapped_column(String(200))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class CallOff(Base):
    """A schedule line that is a call-off: of which agreement, due when, owed by which release."""

    __tablename__ = "call_off"
    __scope__ = scope.through("line_id", "schedule_line")
    __table_args__ = (UniqueConstraint("agreement_id", "due_on"),)
    line_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("schedule_line.id"), primary_key=True, autoincrement=False
    )
    agreement_id: Mapped[int] = mapped_column(BigKey, ForeignKey("scheduling_agreement.id"))
    due_on: Mapped[date]
    release_no: Mapped[int]
