"""Tables of the supplier master."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
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
    one_of,
)
from app.platform.audit.marking import Action, Audited, Mark, Whose

# Shares are kept in millionths, so that they compare exactly.
SHARE_SCALE = 1_000_000


class SupplierKind(StrEnum):
    """An own warehouse keeps its facts but stays out of lists, ranks, index and packs."""

    SUPPLIER = "supplier"
    OWN_WAREHOUSE = "own_warehouse"


class SupplierStatus(StrEnum):
    """The lifecycle of a supplier."""

    PROSPECT = "prospect"
    QUALIFYING = "qualifying"
    APPROVED = "approved"
    PREFERRED = "preferred"
    IMPROVEMENT_PLAN = "improvement_plan"
    RESTRICTED = "restricted"
    BLOCKED = "blocked"
    EXITED = "exited"


class FinancialKind(StrEnum):
    """Which Altman model fits the supplier's statements; none fits a financial institution."""

    PUBLIC_MANUFACTURER = "public_manufacturer"
    PRIVATE_MANUFACTURER = "private_manufacturer"
    OTHER = "other"
    FINANCIAL_INSTITUTION = "financial_institution"


class SourceRole(StrEnum):
    """The place of a supplier among the approved sources of a part."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ALTERNATE = "alternate"
    EMERGENCY = "emergency"


class Category(Timestamps, Audited, Base):
    """A commodity; categories form a tree."""

    audit = Mark("category", label="name", reason_to={Action.DELETE})

    __tablename__ = "category"
    __scope__ = scope.shared("supplier", "category_id")
    id: Mapped[Key]
    name: Mapped[ShortText] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"))


class Supplier(Timestamps, Audited, Base):
    """A legal party we buy from. Facts group by `effective_supplier_id`, so a merge keeps them."""

    audit = Mark(
        "supplier",
        label="name",
        personal={"owner": Whose.NAMED},
        reason_for={"status"},
        reason_to={Action.DELETE},
    )

    __tablename__ = "supplier"
    __scope__ = scope.the_supplier()
    __table_args__ = (
        CheckConstraint(one_of("kind", SupplierKind), name="kind"),
        CheckConstraint(one_of("status", SupplierStatus), name="status"),
        CheckConstraint(
            "financial_kind IS NULL OR " + one_of("financial_kind", FinancialKind),
            name="financial_kind",
        ),
        CheckConstraint("length(trim(name)) > 0", name="name_given"),
        Index("ix_supplier_name", "name"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    number: Mapped[ShortText] = mapped_column(unique=True)
    name: Mapped[ShortText]
    kind: Mapped[str] = mapped_column(String(20), default=SupplierKind.SUPPLIER)
    # Null stands for itself, so that a supplier can be inserted in one statement.
    effective_supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    parent_supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    status: Mapped[str] = mapped_column(String(20), default=SupplierStatus.APPROVED)
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"), index=True)
    country: Mapped[str | None] = mapped_column(String(3))
    currency: Mapped[str | None] = mapped_column(String(3))
    vat: Mapped[str | None] = mapped_column(String(20))
    duns: Mapped[str | None] = mapped_column(String(9))
    lei: Mapped[str | None] = mapped_column(String(20))
    website: Mapped[str | None] = mapped_column(String(200))
    owner: Mapped[str | None] = mapped_column(String(200))
    segment: Mapped[str | None] = mapped_column(String(40))
    financial_kind: Mapped[str | None] = mapped_column(String(24))
    # Altman's emerging-market form stands for Z″ then; other kinds are not touched by it.
    is_emerging_market: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_demo: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class SupplierAlias(Audited, Base):
    """How a source calls a supplier: its key in an ERP, or a spelling of its name."""

    audit = Mark("supplier alias", label="key")

    __tablename__ = "supplier_alias"
    __scope__ = scope.of_supplier()
    __table_args__ = (UniqueConstraint("source", "key"),)
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"), index=True)
    source: Mapped[ShortText]
    key: Mapped[ShortText]


class Site(Timestamps, Audited, Base):
    """A place: a supplier's plant, or one of our own (no supplier)."""

    audit = Mark("site", label="name", reason_to={Action.DELETE})

    __tablename__ = "site"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        # Own sites have no supplier, and NULLs would not be unique: 0 stands for “own”.
        UniqueConstraint("owner_key", "name"),
        CheckConstraint("owner_key = coalesce(supplier_id, 0)", name="owner_key"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"), index=True)
    owner_key: Mapped[int] = mapped_column(BigKey, default=0)
    name: Mapped[ShortText]
    country: Mapped[str | None] = mapped_column(String(3))
    region: Mapped[str | None] = mapped_column(String(100))
    # In degrees; both are known or none is.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    time_zone: Mapped[str | None] = mapped_column(String(60))
    role: Mapped[str | None] = mapped_column(String(40))
    # The share of what we buy that comes from here, in millionths, for volume-weighted geography.
    volume_share: Mapped[int | None] = mapped_column(BigKey)
    # The working days of a site of ours; null: Monday to Friday, without holidays.
    calendar_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("calendar.id"))


class Part(Timestamps, Audited, Base):
    """A thing we buy."""

    audit = Mark("part", label="number", reason_to={Action.DELETE})

    __tablename__ = "part"
    __scope__ = scope.shared("schedule_line", "part_id")
    id: Mapped[Key]
    number: Mapped[ShortText] = mapped_column(unique=True)
    name: Mapped[str | None] = mapped_column(String(500))
    unit: Mapped[str | None] = mapped_column(String(20))
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"), index=True)
    criticality: Mapped[str | None] = mapped_column(String(20))
    annual_usage: Mapped[Decimal | None] = mapped_column(QuantityType)
    unit_cost: Mapped[Decimal | None] = mapped_column(MoneyType)
    revenue_exposed: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    # How long our own stock lasts when the source stops: the time to survive.
    survive_days: Mapped[int | None]


class ApprovedSource(Timestamps, Audited, Base):
    """A supplier from whom a part may be bought."""

    audit = Mark("approved source", reason_to={Action.DELETE})

    __tablename__ = "approved_source"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("part_id", "supplier_id", "valid_from"),
        CheckConstraint(one_of("role", SourceRole), name="role"),
        CheckConstraint(
            "target_share IS NULL OR target_share BETWEEN 0 AND 1000000", name="target_share"
        ),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_range"),
        CheckConstraint(
            "requalification_weeks IS NULL OR requalification_weeks >= 0",
            name="requalification_weeks",
        ),
    )
    id: Mapped[Key]
    part_id: Mapped[int] = mapped_column(BigKey, ForeignKey("part.id"))
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("site.id"))
    role: Mapped[str] = mapped_column(String(20), default=SourceRole.PRIMARY)
    # A sole source has no alternative on the market; a single one has none that we qualified.
    is_sole: Mapped[bool] = mapped_column(default=False)
    target_share: Mapped[int | None] = mapped_column(BigKey)
    qualified_on: Mapped[date | None]
    requalification_weeks: Mapped[int | None]
    price: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    # The supplier's claimed time to recover, for this part.
    recover_days: Mapped[int | None]
    valid_from: Mapped[date] = mapped_column(default=date(1970, 1, 1))
    valid_to: Mapped[date | None]
