"""The table of publications: what makes thousands of snapshots seen at one moment."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, Key, Moment, UtcDateTime

IS_OPEN = "published_at IS NULL"


class Publication(Base):
    """Snapshots that are written slice by slice and seen together, once `published_at` is set."""

    __tablename__ = "publication"
    __scope__ = scope.inside("when everybody was judged")
    __table_args__ = (
        # Whoever publishes as of a day goes on with what another one left open.
        Index(
            "uq_publication_open",
            "as_of",
            unique=True,
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
    )
    id: Mapped[Key]
    as_of: Mapped[date]
    started_at: Mapped[Moment]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
