"""Which writings of a name upstream mean the same, as a person decided; links stay as told."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, Key, ShortText, Timestamps, UtcDateTime, one_of
from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.platform.audit.marking import Action, Audited, Mark, Whose

LONGEST_REASON = 500


class UpstreamSpelling(Timestamps, Audited, Base):
    """A person's word that a spelling means what another one means, or that it does not.

    `company` is the company that a plant belongs to, empty for the other kinds. Nothing is
    ever merged by itself: without a row two spellings are two things.
    """

    audit = Mark(
        "spelling upstream",
        label="spelling",
        personal={"decided_by": Whose.NAMED},
        reason_from=("reason",),
        reason_to={Action.DELETE},
    )

    __tablename__ = "upstream_spelling"
    __scope__ = scope.inside("names of companies upstream; only those that one's links tell")
    __table_args__ = (
        UniqueConstraint("kind", "company", "spelling", "means"),
        CheckConstraint(one_of("kind", SpellingKind), name="kind"),
        CheckConstraint("spelling <> means", name="two_spellings"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100", name="score"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(String(10))
    company: Mapped[ShortText] = mapped_column(default="")
    spelling: Mapped[ShortText]
    means: Mapped[ShortText]
    # False: they were looked at and are two; they are not suggested again.
    is_same: Mapped[bool]
    # How alike they looked when it was decided.
    score: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    decided_by: Mapped[ShortText]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
