"""The table of responses: each row is a version, agreed to by another person, never changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, MoneyType, ShortText, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose, holds_names

LONGEST_REASON = 500
LONGEST_STEP = 300


class ResponseState(StrEnum):
    """Where a version stands; of one response at most one is in force."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    REPLACED = "replaced"
    RETIRED = "retired"


class IncidentResponse(Audited, Base):
    """A version of what is done when something happens; `key` is the same in all of them.

    rule_key: the alert rule that triggers it; null: only people do. supplier_id: for which
    supplier; null: for any. steps: what, by whom, within how many hours. authority: what may be
    spent at once on expediting, without asking again. air_freight: numbers of parts that are
    flown in.
    """

    audit = Mark(
        "response to incidents",
        label="name",
        left_out={"author_id"},
        personal={
            "author": Whose.NAMED, "approver": Whose.NAMED, "decided_by": Whose.NAMED,
            "ended_by": Whose.NAMED,
        },
        reason_from=("ended_because", "reason"),
    )  # fmt: skip

    __tablename__ = "incident_response"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(one_of("state", ResponseState), name="state"),
        CheckConstraint("authority IS NULL OR authority >= 0", name="authority"),
        CheckConstraint("(authority IS NULL) = (currency IS NULL)", name="currency"),
        Index("ix_incident_response_rule_key", "rule_key", "state"),
        Index("ix_incident_response_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    key: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[ShortText]
    rule_key: Mapped[str | None] = mapped_column(String(40))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    # Any: JSON of texts and numbers.
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    approver: Mapped[ShortText]
    authority: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    substitute_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    air_freight: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default=ResponseState.PROPOSED)
    author: Mapped[ShortText]
    author_id: Mapped[int | None] = mapped_column(BigKey)
    made_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


# The owners of its steps.
holds_names(IncidentResponse.__tablename__, "steps")
