"""Tables of evidence about suppliers from outside deliveries."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, MoneyType, ShortText, Timestamps
from app.platform.audit.marking import Action, Audited, Mark


class FinancialStatement(Timestamps, Audited, Base):
    """A supplier's annual statement, as far as Altman's models need it, in one currency.

    `evidence_file` is the public id of a file of the supplier's that shows it.
    """

    audit = Mark("annual statement", label="closed_on", reason_to={Action.DELETE})

    __tablename__ = "financial_statement"
    __scope__ = scope.of_supplier()
    __table_args__ = (UniqueConstraint("supplier_id", "closed_on"),)
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    closed_on: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[ShortText]
    working_capital: Mapped[Decimal | None] = mapped_column(MoneyType)
    total_assets: Mapped[Decimal | None] = mapped_column(MoneyType)
    retained_earnings: Mapped[Decimal | None] = mapped_column(MoneyType)
    ebit: Mapped[Decimal | None] = mapped_column(MoneyType)
    market_value_equity: Mapped[Decimal | None] = mapped_column(MoneyType)
    book_value_equity: Mapped[Decimal | None] = mapped_column(MoneyType)
    total_liabilities: Mapped[Decimal | None] = mapped_column(MoneyType)
    sales: Mapped[Decimal | None] = mapped_column(MoneyType)
    evidence_file: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class CountryIndicator(Base):
    """One value of one edition of a country table (INFORM, WGI, LPI)."""

    __tablename__ = "country_indicator"
    __scope__ = scope.open_to_all("published tables about countries")
    __table_args__ = (
        UniqueConstraint("source", "edition", "country", "indicator"),
        CheckConstraint("length(country) = 3", name="country"),
        Index("ix_country_indicator_country", "country", "indicator"),
    )
    id: Mapped[Key]
    source: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(3))
    indicator: Mapped[str] = mapped_column(String(60))
    value: Mapped[float]
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))


class SubTierLink(Timestamps, Audited, Base):
    """Who supplies our supplier, from which plant, with what; or who supplies that plant.

    `via_name` and `via_site` name the plant that it delivers to where that is not our supplier
    itself; empty: it is. All names stand as they were told, see `sub_tier.models`.
    """

    audit = Mark("sub-tier link", label="upstream_name", reason_to={Action.DELETE})

    __tablename__ = "sub_tier_link"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint(
            "supplier_id",
            "upstream_name",
            "upstream_site",
            "material",
            "via_name",
            "via_site",
            name="uq_sub_tier_link_told",
        ),
        Index("ix_sub_tier_link_upstream_name", "upstream_name"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    upstream_name: Mapped[ShortText]
    upstream_site: Mapped[ShortText]
    upstream_country: Mapped[str | None] = mapped_column(String(3))
    material: Mapped[ShortText]
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    source: Mapped[str | None] = mapped_column(String(200))
    batch_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("source_batch.id"))
    via_name: Mapped[ShortText] = mapped_column(default="")
    via_site: Mapped[ShortText] = mapped_column(default="")
    # Where whoever supplies is a supplier of ours too, its own links lie behind this one.
    upstream_supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
