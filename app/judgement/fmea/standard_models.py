"""Tables of what ratings are read by: versions of the scales and of the priority matrix."""

from __future__ import annotations

from sqlalchemy import JSON, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base
from app.judgement.snapshots.columns import MethodVersion
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_REASON = 500
LEFT_OUT = {"content_hash", "writers", "revision"}
NAMED = {"approved_by": Whose.NAMED, "author": Whose.NAMED}


class Standard(MethodVersion):
    """A version of something all registers are read by.

    reason: why it was made. writers: accounts that wrote on it. revision: counts its edits as
    a draft. One of the same name follows another from its `valid_from` on.
    """

    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    author: Mapped[str | None] = mapped_column(String(200))
    writers: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class FmeaScale(Standard, Audited, Base):
    """A version of what the ratings 1 to 10 mean; several scales stand side by side by name."""

    audit = Mark("rating scales", label="name", left_out=LEFT_OUT, personal=NAMED)

    __tablename__ = "fmea_scale"
    __scope__ = scope.inside("how everybody's risks are rated")


class FmeaMatrix(Standard, Audited, Base):
    """A version of the Action Priority matrix; one holds at a time."""

    audit = Mark("priority matrix", label="name", left_out=LEFT_OUT, personal=NAMED)

    __tablename__ = "fmea_matrix"
    __scope__ = scope.inside("how everybody's risks are rated")
