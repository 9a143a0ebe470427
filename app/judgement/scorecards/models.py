"""Tables of scoring methods and published scorecards."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment
from app.judgement.snapshots.columns import LONGEST_REASON, MethodVersion, Snapshot
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_SEGMENT = 40


class ScoringMethod(MethodVersion, Audited, Base):
    """A version of how measures become points, for everybody or for one supplier segment.

    segment: the segment it is for, None for everybody whose segment has none of its own.
    valid_to: the first day on which it holds no more, None without end.
    """

    audit = Mark(
        "scoring method",
        label="name",
        left_out={"content_hash", "writers", "revision"},
        personal={"approved_by": Whose.NAMED, "author": Whose.NAMED},
    )

    __tablename__ = "scoring_method"
    __scope__ = scope.inside("how everybody is judged")

    segment: Mapped[str | None] = mapped_column(String(LONGEST_SEGMENT))
    valid_to: Mapped[date | None]


class ScorecardSnapshot(Snapshot, Base):
    """A published score."""

    __tablename__ = "scorecard_snapshot"
    __scope__ = scope.of_supplier()
    METHODS = "scoring_method"

    score: Mapped[float | None]
    grade: Mapped[str | None] = mapped_column(String(2))
    # Read by lists, so that no page parses thousands of documents.
    otif: Mapped[float | None]
    otif_n: Mapped[int | None]
    ppm: Mapped[float | None]


class PriorPeriodLine(Base):
    """A correction too small to restate a closed card: told on the next card of its kind.

    snapshot_id: the closed card. carried_to: the last day of the period that tells it.
    score_before is the published one; input_digest says what the corrected card rests on.
    """

    __tablename__ = "prior_period_line"
    __scope__ = scope.of_supplier()
    __table_args__ = (UniqueConstraint("snapshot_id", "input_digest"),)
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"), index=True)
    snapshot_id: Mapped[int] = mapped_column(BigKey, ForeignKey("scorecard_snapshot.id"))
    period_kind: Mapped[str] = mapped_column(String(12))
    period_end: Mapped[date]
    carried_to: Mapped[date]
    score_before: Mapped[float | None]
    score_after: Mapped[float | None]
    otif_before: Mapped[float | None]
    otif_after: Mapped[float | None]
    because: Mapped[str] = mapped_column(String(LONGEST_REASON))
    input_digest: Mapped[str] = mapped_column(String(64))
    noted_at: Mapped[Moment]
