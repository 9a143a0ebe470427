"""Tables of scoring methods and published scorecards."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base
from app.judgement.snapshots.columns import MethodVersion, Snapshot
from app.platform.audit import marking


class ScoringMethod(MethodVersion, Base):
    """A version of how measures become points."""

    __tablename__ = "scoring_method"
    __scope__ = scope.inside("how everybody is judged")


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


marking.holds_names("scoring_method", "approved_by")
