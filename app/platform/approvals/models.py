"""Tables of approvals: what waits for a decision, the decisions, and who stands in for whom.

A row binds a version and a content hash of something that another feature owns; it names it
by type and key and holds no key to it.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose

IS_PENDING = "state = 'pending'"
LONGEST_REASON = 500


class State(StrEnum):
    """Where an approval stands. A voided one was pending or approved when its object changed."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What an approver says."""

    APPROVE = "approve"
    REJECT = "reject"


class Approval(Timestamps, Audited, Base):
    """One version of one object, submitted for approval.

    writers: accounts that wrote this version or submitted it; none of them decides.
    needs: how many different people must approve. decisions: how many did so far.
    supplier_id: the supplier it is about, if it is about one. expires_on: the last day on
    which the approval holds, None without end.
    """

    audit = Mark(
        "approval",
        label="title",
        left_out={"decisions"},
        personal={"submitted_by": Whose.NAMED},
    )

    __tablename__ = "approval"
    __scope__ = scope.inside("read and decided by whoever was granted to")
    __table_args__ = (
        CheckConstraint(one_of("state", State), name="state"),
        CheckConstraint("needs IN (1, 2)", name="needs"),
        CheckConstraint("decisions BETWEEN 0 AND needs", name="decisions"),
        Index("ix_approval_object", "object_type", "object_key"),
        Index("ix_approval_submitted_by_id", "submitted_by_id"),
        Index("ix_approval_supplier_id", "supplier_id"),
        # At most one waits per object, however often it is submitted.
        Index(
            "uq_approval_pending",
            "object_type",
            "object_key",
            unique=True,
            sqlite_where=text(IS_PENDING),
            postgresql_where=text(IS_PENDING),
        ),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    object_type: Mapped[str] = mapped_column(String(40))
    object_key: Mapped[str] = mapped_column(String(64))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    version: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[ShortText]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    needs: Mapped[int] = mapped_column(default=1)
    decisions: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default=State.PENDING)
    writers: Mapped[list[int]] = mapped_column(JSON, default=list)
    submitted_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    submitted_by: Mapped[ShortText]
    submitted_at: Mapped[Moment]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_independent: Mapped[bool | None]
    expires_on: Mapped[date | None]
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class ApprovalDecision(Audited, Base):
    """What one approver said about one submission, and for whom where they stood in."""

    audit = Mark("decision", personal={"decided_by": Whose.NAMED, "stands_in_for": Whose.NAMED})

    __tablename__ = "approval_decision"
    __scope__ = scope.inside("read and decided by whoever was granted to")
    __table_args__ = (
        UniqueConstraint("approval_id", "place"),
        UniqueConstraint("approval_id", "decided_by_id"),
        CheckConstraint(one_of("verdict", Verdict), name="verdict"),
    )
    id: Mapped[Key]
    approval_id: Mapped[int] = mapped_column(BigKey, ForeignKey("approval.id"))
    # First or second approver.
    place: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    decided_by_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id"))
    decided_by: Mapped[ShortText]
    stands_in_for_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    stands_in_for: Mapped[str | None] = mapped_column(String(200))
    is_independent: Mapped[bool]
    decided_at: Mapped[Moment]


class Delegation(Timestamps, Audited, Base):
    """Somebody stands in for an approver, for some types of object, from one day to another."""

    audit = Mark("delegation")

    __tablename__ = "delegation"
    __scope__ = scope.inside("read and decided by whoever was granted to")
    __table_args__ = (
        CheckConstraint("from_id <> to_id", name="other_person"),
        CheckConstraint("until_on >= from_on", name="dates"),
        Index("ix_delegation_from_id", "from_id"),
        Index("ix_delegation_to_id", "to_id", "until_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    from_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id"))
    to_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id"))
    object_types: Mapped[list[str]] = mapped_column(JSON)
    from_on: Mapped[date]
    until_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
