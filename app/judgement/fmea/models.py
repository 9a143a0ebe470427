"""Tables of FMEA registers. A given rating never changes; another one comes after it.

A register holds modes, a mode effects and causes, a cause controls. A row of the worksheet is
a mode with one of its causes. Effects, causes and controls carry what they are rated at
present; `fmea_rating` keeps every rating of a row that was ever given.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.calc.fmea_matrix import Priority
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_TITLE = 200
LONGEST_TEXT = 1000
LONGEST_REASON = 500
LONGEST_KIND = 24


class Subject(StrEnum):
    """What a register is about."""

    SUPPLIER = "supplier"
    CATEGORY = "category"
    SITE = "site"
    LANE = "lane"


class Family(StrEnum):
    """The families of supply chain risk."""

    SUPPLY = "supply"
    DEMAND = "demand"
    LOGISTICS = "logistics"
    PROCESS = "process"
    QUALITY = "quality"
    GEOPOLITICAL = "geopolitical"
    CYBER = "cyber"


class Measured(StrEnum):
    """What the facts count when a mode happens; the last five are kinds of disruption."""

    LATE_LINES = "late_lines"
    REJECTED_LOTS = "rejected_lots"
    LINE_STOP = "line_stop"
    YARD_HOLD = "yard_hold"
    STOP_SHIP = "stop_ship"
    PREMIUM_FREIGHT = "premium_freight"
    SPECIAL_STATUS = "special_status"


class ControlKind(StrEnum):
    """Whether a control keeps a cause from happening or notices it in time."""

    PREVENTION = "prevention"
    DETECTION = "detection"


class RatingKind(StrEnum):
    """What a rating says: without controls, as it is now, as an action is meant to leave it,
    and as it left it."""

    INHERENT = "inherent"
    CURRENT = "current"
    PLANNED = "planned"
    REVISED = "revised"


# Kinds that say how a row stands now.
PRESENT_KINDS = (RatingKind.CURRENT, RatingKind.REVISED)


def _rating(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IS NULL OR {column} BETWEEN 1 AND 10", name=column)


def _priority(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IS NULL OR {one_of(column, Priority)}", name=column)


class FmeaRegister(Timestamps, Audited, Base):
    """A register about a supplier, a category, a site or a lane.

    supplier_id: whose it is; None for one of the house's own (a category, an own site, a lane
    that several suppliers share). scale_name: the scales it rates by, in the version in force.
    version: counts every change of anything in it, for two tabs and for approvals.
    approved_version: the version that was approved last, None where none was.
    """

    audit = Mark(
        "FMEA register",
        label="title",
        left_out={"version", "approved_hash", "writers", "changed_at"},
        personal={
            "owner": Whose.NAMED, "opened_by": Whose.NAMED, "approved_by": Whose.NAMED,
            "closed_by": Whose.NAMED, "changed_by": Whose.NAMED,
        },
        reason_from=("closed_because",),
    )  # fmt: skip

    __tablename__ = "fmea_register"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        CheckConstraint(one_of("subject", Subject), name="subject"),
        CheckConstraint("length(trim(title)) > 0", name="title_given"),
        CheckConstraint("subject <> 'supplier' OR supplier_id IS NOT NULL", name="supplier"),
        CheckConstraint("subject <> 'category' OR category_id IS NOT NULL", name="category"),
        CheckConstraint("subject <> 'site' OR site_id IS NOT NULL", name="site"),
        CheckConstraint("subject <> 'lane' OR lane IS NOT NULL", name="lane"),
        Index("ix_fmea_register_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    subject: Mapped[str] = mapped_column(String(10))
    title: Mapped[ShortText]
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"))
    site_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("site.id"))
    lane: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    note: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    owner: Mapped[str | None] = mapped_column(String(200))
    review_on: Mapped[date | None]
    scale_name: Mapped[ShortText]
    opened_by: Mapped[ShortText]
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[ShortText]
    changed_at: Mapped[Moment]
    # Accounts that wrote in it since the version approved last.
    writers: Mapped[list[int]] = mapped_column(JSON, default=list)
    approved_version: Mapped[int | None]
    approved_hash: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(200))
    closed_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))

    @property
    def number(self) -> str:
        """How people call it."""
        return f"FMEA-{self.id:04d}"


class FmeaMode(Timestamps, Audited, Base):
    """A way in which supply fails. Its priority is that of its worst row.

    step: the step or function that fails. measured_kind: what is counted in the facts when it
    happens (`Measured`), None where nothing is. library_key: the entry of the library that it
    was taken from. version: counts every change of it, its causes and ratings, for two tabs.
    """

    audit = Mark(
        "failure mode",
        label="name",
        left_out={"place", "version", "changed_at"},
        personal={"removed_by": Whose.NAMED, "changed_by": Whose.NAMED},
        reason_from=("removed_because",),
    )

    __tablename__ = "fmea_mode"
    __scope__ = scope.through("register_id", "fmea_register")
    __table_args__ = (
        CheckConstraint("family IS NULL OR " + one_of("family", Family), name="family"),
        CheckConstraint("length(trim(name)) > 0", name="name_given"),
        Index("ix_fmea_mode_register_id", "register_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    register_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_register.id"))
    place: Mapped[int]
    name: Mapped[ShortText]
    step: Mapped[str | None] = mapped_column(String(LONGEST_TITLE))
    family: Mapped[str | None] = mapped_column(String(12))
    measured_kind: Mapped[str | None] = mapped_column(String(LONGEST_KIND))
    library_key: Mapped[str | None] = mapped_column(String(40))
    part_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("part.id"))
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[ShortText]
    changed_at: Mapped[Moment]
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(String(200))
    removed_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class FmeaEffect(Timestamps, Audited, Base):
    """What follows when a mode happens; `severity` is what it is rated now."""

    audit = Mark("effect", label="text", left_out={"place"})

    __tablename__ = "fmea_effect"
    __scope__ = scope.through("mode_id", "fmea_mode")
    __table_args__ = (_rating("severity"), Index("ix_fmea_effect_mode_id", "mode_id"))
    id: Mapped[Key]
    mode_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_mode.id"))
    place: Mapped[int]
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    severity: Mapped[int | None] = mapped_column(SmallInteger)


class FmeaCause(Timestamps, Audited, Base):
    """Why a mode happens; with its mode it is a row of the worksheet.

    occurrence: what it is rated now. undetected: D as long as no control looks for it.
    severity, detection, rpn, priority, rating_id: how the row stands by its newest rating,
    kept here so that lists sort by them. action: what the worksheet recommends, as written.
    """

    audit = Mark(
        "cause",
        label="text",
        left_out={"place", "rating_id"},
        personal={"removed_by": Whose.NAMED},
        reason_from=("removed_because",),
    )

    __tablename__ = "fmea_cause"
    __scope__ = scope.through("mode_id", "fmea_mode")
    __table_args__ = (
        _rating("occurrence"),
        _rating("undetected"),
        _rating("severity"),
        _rating("detection"),
        _priority("priority"),
        Index("ix_fmea_cause_mode_id", "mode_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    mode_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_mode.id"))
    place: Mapped[int]
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    action: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    occurrence: Mapped[int | None] = mapped_column(SmallInteger)
    undetected: Mapped[int | None] = mapped_column(SmallInteger)
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    detection: Mapped[int | None] = mapped_column(SmallInteger)
    rpn: Mapped[int | None] = mapped_column(SmallInteger)
    priority: Mapped[str | None] = mapped_column(String(1))
    # No key: the rating refers to the cause.
    rating_id: Mapped[int | None] = mapped_column(BigKey)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(String(200))
    removed_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class FmeaControl(Timestamps, Audited, Base):
    """What is done about a cause; only a control of detection is rated."""

    audit = Mark("control", label="text", left_out={"place"})

    __tablename__ = "fmea_control"
    __scope__ = scope.through("cause_id", "fmea_cause")
    __table_args__ = (
        CheckConstraint(one_of("kind", ControlKind), name="kind"),
        CheckConstraint("kind = 'detection' OR detection IS NULL", name="rated_kind"),
        _rating("detection"),
        Index("ix_fmea_control_cause_id", "cause_id"),
    )
    id: Mapped[Key]
    cause_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_cause.id"))
    kind: Mapped[str] = mapped_column(String(10))
    place: Mapped[int]
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    detection: Mapped[int | None] = mapped_column(SmallInteger)


class FmeaRating(Audited, Base):
    """A rating of a row as it was given; never changed, never deleted.

    detail: what it was rolled up from ({"effects": {key: S}, "controls": {key: D}}). scale_id,
    matrix_id: the versions it was given by. priority, rpn: None while it is not whole.
    reason: why it was given, or why it differs from a suggestion; needed once a version of
    the register was approved. evidence: what it rests on.
    """

    audit = Mark(
        "rating", left_out={"detail"}, personal={"rated_by": Whose.NAMED}, reason_from=("reason",)
    )

    __tablename__ = "fmea_rating"
    __scope__ = scope.through("cause_id", "fmea_cause")
    __table_args__ = (
        CheckConstraint(one_of("kind", RatingKind), name="kind"),
        _rating("severity"),
        _rating("occurrence"),
        _rating("detection"),
        _priority("priority"),
        Index("ix_fmea_rating_cause_id", "cause_id", "id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    cause_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_cause.id"))
    kind: Mapped[str] = mapped_column(String(10))
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    occurrence: Mapped[int | None] = mapped_column(SmallInteger)
    detection: Mapped[int | None] = mapped_column(SmallInteger)
    rpn: Mapped[int | None] = mapped_column(SmallInteger)
    priority: Mapped[str | None] = mapped_column(String(1))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    scale_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_scale.id"))
    matrix_id: Mapped[int] = mapped_column(BigKey, ForeignKey("fmea_matrix.id"))
    rated_at: Mapped[Moment]
    rated_by: Mapped[ShortText]
    rated_by_id: Mapped[int | None] = mapped_column(BigKey)
    reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    evidence: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
