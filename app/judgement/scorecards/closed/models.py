"""The table of proposed restatements: what a closed card would say, until somebody decides."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_REASON = 500


class ProposalState(StrEnum):
    """Where a proposal stands; an outdated one no longer says what the facts say."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    OUTDATED = "outdated"


class ProposedRestatement(Audited, Base):
    """A correction with consequences for a closed card; a recompute proposes it, nobody else.

    snapshot_id: the closed card. card: the corrected one, as it is published if approved.
    carried_to: the last day of the period whose card tells it if it is refused.
    """

    audit = Mark(
        "proposed restatement",
        left_out={"card", "input_digest"},
        personal={"decided_by": Whose.NAMED},
        reason_from=("decided_because",),
    )
    __tablename__ = "proposed_restatement"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("state", ProposalState), name="state"),
        CheckConstraint(
            "(state IN ('approved', 'refused')) = (decided_by IS NOT NULL)", name="decided"
        ),
        UniqueConstraint("snapshot_id", "input_digest"),
        Index("ix_proposed_restatement_state", "state", "period_end"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"), index=True)
    snapshot_id: Mapped[int] = mapped_column(BigKey, ForeignKey("scorecard_snapshot.id"))
    period_kind: Mapped[str] = mapped_column(String(12))
    period_end: Mapped[date]
    carried_to: Mapped[date]
    score_before: Mapped[float | None]
    score_after: Mapped[float | None]
    grade_before: Mapped[str | None] = mapped_column(String(2))
    grade_after: Mapped[str | None] = mapped_column(String(2))
    otif_before: Mapped[float | None]
    otif_after: Mapped[float | None]
    because: Mapped[str] = mapped_column(String(LONGEST_REASON))
    input_digest: Mapped[str] = mapped_column(String(64))
    card: Mapped[dict[str, Any]] = mapped_column(JSON)  # Any: what JSON can hold
    state: Mapped[str] = mapped_column(String(10), default=ProposalState.PROPOSED)
    proposed_at: Mapped[Moment]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
