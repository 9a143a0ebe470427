"""The table of touched months: whose figures of which month moved, and what moved them.

A queue, no fact: a recompute takes it, restates the published cards it touches and empties it.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment


class TouchedBy(StrEnum):
    """What moved the figures of a month; the key beside it names which one."""

    IMPORT = "import"
    UNDO = "undo"
    RULING = "ruling"
    JUDGING = "judging"
    WINDOWS = "windows"
    FACTS = "facts"
    CORRECTIVE = "corrective"
    MANUAL = "manual"
    CONTINUITY = "continuity"


class TouchedMonth(Base):
    """A supplier's month whose sums moved, by which import, ruling, run or judgement (`cause_id`).

    Keys are never given twice: a recompute takes all up to the one it began with.
    """

    __tablename__ = "touched_month"
    __scope__ = scope.of_supplier()
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey)
    month: Mapped[int]
    cause: Mapped[str] = mapped_column(String(10))
    cause_id: Mapped[int | None] = mapped_column(BigKey)
    at: Mapped[Moment]
