"""The table of custom measures. A row is one version and never changes but to be retired."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, Key, Moment, ShortText, UtcDateTime, one_of
from app.judgement.scorecards.register import Better
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_LABEL = 80
LONGEST_SHORT = 200
LONGEST_REASON = 500


class CustomMeasure(Audited, Base):
    """A version of a custom measure; `definition` is the checked definition as JSON."""

    audit = Mark(
        "custom measure",
        label="label",
        personal={"author": Whose.NAMED, "retired_by": Whose.NAMED},
        reason_from=("retired_because", "reason"),
    )

    __tablename__ = "custom_measure"
    __scope__ = scope.inside("what a house measures concerns no single supplier")
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(one_of("better", Better), name="better"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    label: Mapped[str] = mapped_column(String(LONGEST_LABEL))
    short: Mapped[str] = mapped_column(String(LONGEST_SHORT))
    unit: Mapped[str] = mapped_column(String(80))
    better: Mapped[str] = mapped_column(String(6))
    is_leading: Mapped[bool] = mapped_column(default=False)
    # Any: what JSON can hold.
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[ShortText]
    made_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retired_by: Mapped[str | None] = mapped_column(String(200))
    retired_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
