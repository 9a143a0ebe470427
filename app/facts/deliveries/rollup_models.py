"""Tables derived from delivery facts: verdicts and monthly sums. All can be rebuilt.

Everything in the roll-up is an exact integer and additive: any window, level or
portfolio is a sum. Key 0 stands for “none”, because NULLs would not be unique.
Kept apart from `models.py` because nothing here is a fact.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey

# On PostgreSQL a fifth of each page stays free: a day's lines change an eighth of a month's
# rows, and one that finds room where it stands is no news to the table's index. Not so where
# every list reads all rows of a year: those lie close.
ADDED_TO: dict[str, Any] = {"sqlite_with_rowid": False, "postgresql_with": {"fillfactor": 80}}
# Said of columns that count lines or receipts of a month: such a number fits 31 bits.
COUNTS = {"counts": True}


class VerdictState(IntEnum):
    """Whether a line's due window has closed, and whether it counts at all."""

    EXCLUDED = 0
    PENDING = 1
    DUE = 2


class HistogramKind(IntEnum):
    """What a histogram counts, in whole days."""

    LEAD_TIME = 1
    LATENESS = 2


class OrderMeasure(StrEnum):
    """Measures whose clustering by order is kept, for intervals and for the order level."""

    OTIF = "otif"
    OTD = "otd"
    IN_FULL = "in_full"


def _sum() -> Mapped[int]:
    return mapped_column(BigInteger, default=0)


def _count() -> Mapped[int]:
    return mapped_column(BigInteger, default=0, info=COUNTS)


def _key() -> Mapped[int]:
    return mapped_column(BigKey, primary_key=True, autoincrement=False)


def _partial(name: str, *columns: str, where: str) -> Index:
    condition = text(where)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class LineVerdict(Base):
    """A line as the delivery rule judged it; unknown where a fact it needs is unknown.

    Quantities are integers of 1/1,000,000, values of 1/10,000 in the supplier's currency.
    """

    __tablename__ = "line_verdict"
    __scope__ = scope.of_supplier(site="site_id")
    __table_args__ = (
        Index("ix_line_verdict_order_id", "order_id"),
        Index("ix_line_verdict_window_end_on", "window_end_on"),
        _partial(
            "ix_line_verdict_open", "supplier_id", "open_since", where="open_since IS NOT NULL"
        ),
        _partial("ix_line_verdict_closing", "closes_next_on", where="closes_next_on IS NOT NULL"),
        _partial("ix_line_verdict_excluded", "supplier_id", "month", where="state = 0"),
    )
    line_id: Mapped[int] = _key()
    order_id: Mapped[int] = mapped_column(BigKey)
    supplier_id: Mapped[int] = mapped_column(BigKey)
    category_id: Mapped[int] = mapped_column(BigKey)
    site_id: Mapped[int] = mapped_column(BigKey)
    part_id: Mapped[int] = mapped_column(BigKey)
    # Of the due window's end; lines without a reference date are excluded and have month 0.
    month: Mapped[int]
    window_end_on: Mapped[date | None]
    reference_on: Mapped[date | None]
    state: Mapped[int] = mapped_column(SmallInteger)
    rule: Mapped[str] = mapped_column(String(40))
    # Which event was judged: hand_over, dispatch, arrival, posting.
    event: Mapped[str | None] = mapped_column(String(10))
    # 1: a later event than the Incoterm's had to stand in, so transit is included.
    is_fallback: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str | None] = mapped_column(String(40))
    on_time: Mapped[int | None] = mapped_column(SmallInteger)
    on_time_requested: Mapped[int | None] = mapped_column(SmallInteger)
    on_time_original: Mapped[int | None] = mapped_column(SmallInteger)
    on_time_current: Mapped[int | None] = mapped_column(SmallInteger)
    # Judged at our dock whatever the Incoterm, to show what transit adds.
    on_time_dock: Mapped[int | None] = mapped_column(SmallInteger)
    in_full: Mapped[int | None] = mapped_column(SmallInteger)
    otif: Mapped[int | None] = mapped_column(SmallInteger)
    quantity_due: Mapped[int | None] = mapped_column(BigInteger)
    # min(received in the window, due): what counts for the unit level.
    quantity_in_window: Mapped[int | None] = mapped_column(BigInteger)
    # min(received by the window's end, due): early goods count here even where they may not.
    quantity_by_close: Mapped[int | None] = mapped_column(BigInteger)
    # All that came for the line, whenever it came, less what went back.
    quantity_total: Mapped[int | None] = mapped_column(BigInteger)
    value_due: Mapped[int | None] = mapped_column(BigInteger)
    value_in_window: Mapped[int | None] = mapped_column(BigInteger)
    completed_on: Mapped[date | None]
    lateness_days: Mapped[int | None] = mapped_column(Integer)
    # Early beyond the window counts as early; early inside it as 0 (domain §1.5, scored LTV-A).
    lateness_scored_days: Mapped[int | None] = mapped_column(Integer)
    lead_time_days: Mapped[int | None] = mapped_column(Integer)
    # The reference date of a due line that still lacks goods; null for every other line.
    open_since: Mapped[date | None]
    # The next day on which the calendar alone changes this verdict; null: none does.
    closes_next_on: Mapped[date | None]


class MonthlyRollup(Base):
    """Counts and sums per supplier, category, own site and month.

    Line sums by the month of the due-window end; receipt sums by the month of receipt.
    """

    __tablename__ = "monthly_rollup"
    __scope__ = scope.of_supplier(site="site_id")
    __table_args__ = ({"sqlite_with_rowid": False},)
    supplier_id: Mapped[int] = _key()
    category_id: Mapped[int] = _key()
    site_id: Mapped[int] = _key()
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n_due: Mapped[int] = _count()
    n_pending: Mapped[int] = _count()
    n_excluded: Mapped[int] = _count()
    on_time_known: Mapped[int] = _count()
    on_time_true: Mapped[int] = _count()
    on_time_requested_known: Mapped[int] = _count()
    on_time_requested_true: Mapped[int] = _count()
    on_time_original_known: Mapped[int] = _count()
    on_time_original_true: Mapped[int] = _count()
    on_time_current_known: Mapped[int] = _count()
    on_time_current_true: Mapped[int] = _count()
    on_time_dock_known: Mapped[int] = _count()
    on_time_dock_true: Mapped[int] = _count()
    in_full_known: Mapped[int] = _count()
    in_full_true: Mapped[int] = _count()
    otif_known: Mapped[int] = _count()
    otif_true: Mapped[int] = _count()
    quantity_known: Mapped[int] = _count()
    quantity_due: Mapped[int] = _sum()
    quantity_in_window: Mapped[int] = _sum()
    quantity_by_close: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    value_known: Mapped[int] = _count()
    value_due: Mapped[int] = _sum()
    value_in_window: Mapped[int] = _sum()
    # Due lines of known value, whether or not it is known what came of them in the window.
    spend_lines: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0", info=COUNTS)
    spend: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    lead_time_n: Mapped[int] = _count()
    lead_time_sum: Mapped[int] = _sum()
    lead_time_squares: Mapped[int] = _sum()
    lateness_n: Mapped[int] = _count()
    lateness_sum: Mapped[int] = _sum()
    lateness_squares: Mapped[int] = _sum()
    lateness_scored_sum: Mapped[int] = _sum()
    lateness_scored_squares: Mapped[int] = _sum()
    # Due lines whose delivery event had to fall back to a later one (transit included).
    n_event_fallback: Mapped[int] = _count()
    # Due lines completed more than five days early, always printed (domain §1.2).
    n_very_early: Mapped[int] = _count()
    receipts: Mapped[int] = _count()
    receipts_known: Mapped[int] = _count()
    quantity_received: Mapped[int] = _sum()
    quantity_rejected: Mapped[int] = _sum()
    # Receipts without any date, counted in their line's due month.
    receipts_undated: Mapped[int] = _count()
    # Known receipts of which no unit is left behind reversals, and Σ rejected² ÷ received over
    # the others: how much rejects come by lot (domain §2.1).
    receipts_gone: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0", info=COUNTS
    )
    rejected_squares: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class MonthlyHistogram(Base):
    """Completed due lines per whole day of lead time or lateness: exact percentiles that add."""

    __tablename__ = "monthly_histogram"
    __scope__ = scope.of_supplier()
    __table_args__ = (ADDED_TO,)
    supplier_id: Mapped[int] = _key()
    category_id: Mapped[int] = _key()
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    days: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    lines: Mapped[int] = _count()


class PartMonthlyRollup(Base):
    """Sums per supplier, part and month, for the spread within a part."""

    __tablename__ = "part_monthly_rollup"
    __scope__ = scope.of_supplier()
    __table_args__ = (ADDED_TO,)
    supplier_id: Mapped[int] = _key()
    part_id: Mapped[int] = _key()
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    n_due: Mapped[int] = _count()
    lead_time_n: Mapped[int] = _count()
    lead_time_sum: Mapped[int] = _sum()
    lead_time_squares: Mapped[int] = _sum()
    lateness_n: Mapped[int] = _count()
    lateness_sum: Mapped[int] = _sum()
    lateness_squares: Mapped[int] = _sum()
    quantity_due: Mapped[int] = _sum()
    value_due: Mapped[int] = _sum()


class MonthlyOrderRollup(Base):
    """Orders by the month of their latest window end; the sums give the design effect too.

    Per order i with nᵢ due lines of known outcome and yᵢ of them met: Σnᵢ, Σyᵢ, Σnᵢ²,
    Σnᵢyᵢ, Σyᵢ². An order counts for the order level when no line is pending or unknown; it is
    unknown there when no line is pending and the outcome of a due one is not known. The same
    sums (`shares.ORDER_SUMS`) for each `OrderMeasure`, in one row: they are written and read
    together.
    """

    __tablename__ = "monthly_order_rollup"
    __scope__ = scope.of_supplier()
    __table_args__ = (ADDED_TO,)
    supplier_id: Mapped[int] = _key()
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    otif_orders: Mapped[int] = _sum()
    otif_lines: Mapped[int] = _sum()
    otif_lines_true: Mapped[int] = _sum()
    otif_lines_squares: Mapped[int] = _sum()
    otif_cross: Mapped[int] = _sum()
    otif_true_squares: Mapped[int] = _sum()
    otif_orders_known: Mapped[int] = _sum()
    otif_orders_true: Mapped[int] = _sum()
    otif_orders_unknown: Mapped[int] = _sum()
    otd_orders: Mapped[int] = _sum()
    otd_lines: Mapped[int] = _sum()
    otd_lines_true: Mapped[int] = _sum()
    otd_lines_squares: Mapped[int] = _sum()
    otd_cross: Mapped[int] = _sum()
    otd_true_squares: Mapped[int] = _sum()
    otd_orders_known: Mapped[int] = _sum()
    otd_orders_true: Mapped[int] = _sum()
    otd_orders_unknown: Mapped[int] = _sum()
    in_full_orders: Mapped[int] = _sum()
    in_full_lines: Mapped[int] = _sum()
    in_full_lines_true: Mapped[int] = _sum()
    in_full_lines_squares: Mapped[int] = _sum()
    in_full_cross: Mapped[int] = _sum()
    in_full_true_squares: Mapped[int] = _sum()
    in_full_orders_known: Mapped[int] = _sum()
    in_full_orders_true: Mapped[int] = _sum()
    in_full_orders_unknown: Mapped[int] = _sum()


class MonthlyEventRollup(Base):
    """Counts per supplier and month of what happens beside deliveries."""

    __tablename__ = "monthly_event_rollup"
    __scope__ = scope.of_supplier()
    __table_args__ = ({"sqlite_with_rowid": False},)
    supplier_id: Mapped[int] = _key()
    month: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    lots_inspected: Mapped[int] = _sum()
    lots_rejected: Mapped[int] = _sum()
    lots_first_pass_known: Mapped[int] = _sum()
    lots_first_pass: Mapped[int] = _sum()
    acknowledged: Mapped[int] = _sum()
    # Orders sent and never acknowledged; they are no hours, and are printed beside the mean.
    unacknowledged: Mapped[int] = _sum()
    acknowledge_minutes: Mapped[int] = _sum()
    acknowledge_minutes_squares: Mapped[int] = _sum()
    invoice_lines_known: Mapped[int] = _sum()
    invoice_lines_accurate: Mapped[int] = _sum()
    # Billed and contract value of the same invoice lines, 1/10,000 of the supplier's currency.
    price_lines: Mapped[int] = _sum()
    price_billed: Mapped[int] = _sum()
    price_contract: Mapped[int] = _sum()
    line_stops: Mapped[int] = _sum()
    premium_freights: Mapped[int] = _sum()
    special_statuses: Mapped[int] = _sum()


class Closing(Base):
    """One row: due windows that ended on or before this day have been closed."""

    __tablename__ = "closing"
    __scope__ = scope.open_to_all("one day for the whole house")
    id: Mapped[int] = _key()
    closed_until: Mapped[date]
