"""The table of stock levels: what lies at a site of ours, and how fast it is used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, QuantityType


class StockLevel(Base):
    """What was counted of a part at one of our sites. Unknown usage: nobody knows how long."""

    __tablename__ = "stock_level"
    __scope__ = scope.inside("what lies in our own stores")
    __table_args__ = (
        UniqueConstraint("part_id", "site_id"),
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("daily_usage IS NULL OR daily_usage >= 0", name="daily_usage"),
    )
    id: Mapped[Key]
    part_id: Mapped[int] = mapped_column(BigKey, ForeignKey("part.id"))
    # 0: of the house as a whole, for lines that name no site.
    site_id: Mapped[int] = mapped_column(BigKey, default=0)
    on_hand: Mapped[Decimal] = mapped_column(QuantityType)
    daily_usage: Mapped[Decimal | None] = mapped_column(QuantityType)
    counted_on: Mapped[date]
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))
