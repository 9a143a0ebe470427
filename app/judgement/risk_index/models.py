"""Tables of index methods and published supply risk indexes."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base
from app.judgement.snapshots.columns import MethodVersion, Snapshot
from app.platform.audit import marking


class IndexMethod(MethodVersion, Base):
    """A version of the index's weights, floors and bands."""

    __tablename__ = "index_method"
    __scope__ = scope.inside("how everybody is judged")


class RiskSnapshot(Snapshot, Base):
    """A published supply risk index."""

    __tablename__ = "risk_snapshot"
    __scope__ = scope.of_supplier()
    METHODS = "index_method"

    value: Mapped[float | None]
    band: Mapped[str | None] = mapped_column(String(10))


marking.holds_names("index_method", "approved_by")
