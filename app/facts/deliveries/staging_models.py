"""The typed staging table of delivery rows: as a file says them, keys still by number.

Values are canonical already (scaled integers, dates); what a row names by key stands in
`staged_key`. Rows are dropped when their batch is published or discarded.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey


def _number() -> Mapped[int | None]:
    return mapped_column(BigInteger)


def _flag() -> Mapped[int | None]:
    return mapped_column(SmallInteger)


def _text(length: int = 200) -> Mapped[str | None]:
    return mapped_column(String(length))


class StagedDelivery(Base):
    """One row of a delivery file: one schedule line with at most one of its receipts."""

    __tablename__ = "staged_delivery"
    __scope__ = scope.through("batch_id", "source_batch")
    __table_args__ = ({"sqlite_with_rowid": False},)
    batch_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("source_batch.id", ondelete="CASCADE"), primary_key=True
    )
    row_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # The first row of the same order, and of the same schedule line.
    order_row: Mapped[int]
    line_row: Mapped[int]
    buyer_unit: Mapped[str] = mapped_column(String(200))
    order_no: Mapped[str] = mapped_column(String(200))
    line_no: Mapped[str] = mapped_column(String(40))
    schedule_no: Mapped[str] = mapped_column(String(40))
    supplier_key: Mapped[int]
    part_key: Mapped[int | None]
    category_key: Mapped[int | None]
    site_key: Mapped[int | None]
    contract_reference: Mapped[str | None] = _text()
    status: Mapped[str | None] = _text(60)
    is_counted: Mapped[int] = mapped_column(SmallInteger)
    ordered_on: Mapped[date | None]
    quantity_ordered: Mapped[int | None] = _number()
    quantity_cancelled_buyer: Mapped[int | None] = _number()
    quantity_cancelled_supplier: Mapped[int | None] = _number()
    cancelled_on: Mapped[date | None]
    unit_price: Mapped[int | None] = _number()
    line_value: Mapped[int | None] = _number()
    currency: Mapped[str | None] = _text(3)
    requested_on: Mapped[date | None]
    promised_original_on: Mapped[date | None]
    promised_current_on: Mapped[date | None]
    incoterm: Mapped[str | None] = _text(3)
    early_days: Mapped[int | None] = _flag()
    late_days: Mapped[int | None] = _flag()
    under_millionths: Mapped[int | None]
    over_millionths: Mapped[int | None]
    is_split_allowed: Mapped[int | None] = _flag()
    has_receipt: Mapped[int] = mapped_column(SmallInteger)
    receipt_no: Mapped[str] = mapped_column(String(60))
    reverses_receipt_no: Mapped[str | None] = _text(60)
    ready_on: Mapped[date | None]
    dispatched_on: Mapped[date | None]
    arrived_on: Mapped[date | None]
    posted_on: Mapped[date | None]
    quantity: Mapped[int | None] = _number()
    quantity_rejected: Mapped[int | None] = _number()
    quantity_returned: Mapped[int | None] = _number()
    is_documents_ok: Mapped[int | None] = _flag()
    is_undamaged: Mapped[int | None] = _flag()
    mode: Mapped[str | None] = _text(40)
    carrier: Mapped[str | None] = _text()
    port: Mapped[str | None] = _text()
