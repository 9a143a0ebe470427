"""Tables of who may do what: roles granted to people, and tokens of services.

A grant is never edited: it is revoked and another one given. Kept apart from `models.py`
because signing in knows nothing of it.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, MoneyType, ShortText, UtcDateTime, one_of
from app.platform.accounts.models import AccountKind
from app.platform.audit.marking import Action, Audited, Mark, Whose


class Role(StrEnum):
    """What people and tokens are to the house. `APPROVER` is a grant beside the others."""

    ADMINISTRATOR = "administrator"
    RISK_MANAGER = "risk_manager"
    BUYER = "buyer"
    AUDITOR = "auditor"
    APPROVER = "approver"
    SUPPLIER_CONTACT = "supplier_contact"
    SERVICE = "service"


class RoleGrant(Audited, Base):
    """A role that somebody holds from a day on, within a scope, until a day or its revocation."""

    audit = Mark(
        "role",
        label="role",
        personal={"granted_by": Whose.NAMED, "revoked_by": Whose.NAMED},
        reason_for={"revoked_at", "until_on"},
        reason_to={Action.CREATE, Action.DELETE},
        reason_from=("revoked_because", "reason"),
    )

    __tablename__ = "role_grant"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (
        # An account of a supplier holds the supplier's role and no other, and the other way round.
        ForeignKeyConstraint(
            ["user_id", "user_kind"], ["user.id", "user.kind"], name="fk_role_grant_account"
        ),
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint("role != 'service'", name="people_only"),
        CheckConstraint(
            "(role = 'supplier_contact' AND user_kind = 'supplier')"
            " OR (role != 'supplier_contact' AND user_kind = 'internal')",
            name="kind_of_account",
        ),
        CheckConstraint(
            "(role = 'supplier_contact' AND supplier_id IS NOT NULL)"
            " OR (role != 'supplier_contact' AND supplier_id IS NULL)",
            name="supplier",
        ),
        CheckConstraint(
            "role = 'buyer' OR (category_id IS NULL AND site_id IS NULL)", name="scope"
        ),
        CheckConstraint(
            "role = 'approver' OR (object_types IS NULL AND value_limit IS NULL)", name="approver"
        ),
        CheckConstraint(
            "(value_limit IS NULL AND limit_currency IS NULL)"
            " OR (value_limit IS NOT NULL AND limit_currency IS NOT NULL)",
            name="limit_currency",
        ),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),
        Index("ix_role_grant_user_id", "user_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(BigKey)
    user_kind: Mapped[str] = mapped_column(String(10), default=AccountKind.INTERNAL)
    role: Mapped[str] = mapped_column(String(20))
    # Of a buyer; both given hold at once, and a category includes those below it.
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"))
    site_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("site.id"))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    # Of an approver: which kinds of object (null: every kind), up to which value.
    object_types: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    value_limit: Mapped[Decimal | None] = mapped_column(MoneyType)
    limit_currency: Mapped[str | None] = mapped_column(String(3))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(500))
    granted_by: Mapped[ShortText]
    granted_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    granted_at: Mapped[Moment]
    # Null: nobody had to agree. False: somebody should have, and there was nobody else.
    is_independent: Mapped[bool | None]
    revoked_by: Mapped[str | None] = mapped_column(String(200))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_because: Mapped[str | None] = mapped_column(String(500))


class ApiToken(Audited, Base):
    """A key for a program: known by its hash, for named permissions, until a moment."""

    audit = Mark(
        "service token",
        label="name",
        secret={"token_hash"},
        left_out={"last_used_at", "last_used_from"},
        personal={"made_by": Whose.NAMED, "revoked_by": Whose.NAMED},
        reason_for={"revoked_at"},
        reason_from=("revoked_because",),
    )

    __tablename__ = "api_token"
    __scope__ = scope.open_to_all("signing in runs before anybody acts")
    __table_args__ = (CheckConstraint("expires_at > created_at", name="expiry"),)
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # The first characters, so that people can tell which one stands in a configuration.
    hint: Mapped[str] = mapped_column(String(12))
    name: Mapped[ShortText]
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[ShortText]
    made_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_from: Mapped[str | None] = mapped_column(String(50))
    revoked_by: Mapped[str | None] = mapped_column(String(200))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_because: Mapped[str | None] = mapped_column(String(500))
