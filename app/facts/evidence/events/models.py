"""The table of private events: what happened where, from when until when."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_TEXT = 2000
LONGEST_REASON = 500


class EventKind(StrEnum):
    """What happened."""

    CLOSURE = "closure"
    STRIKE = "strike"
    FIRE = "fire"
    FLOOD = "flood"
    EARTHQUAKE = "earthquake"
    STORM = "storm"
    CYBER = "cyber"
    EXPORT_BAN = "export_ban"
    INSOLVENCY = "insolvency"
    OTHER = "other"


class PlaceKind(StrEnum):
    """Where it happened. A region is several countries."""

    COUNTRY = "country"
    REGION = "region"
    PORT = "port"
    SITE = "site"
    UPSTREAM = "upstream"


OF_COUNTRIES = (PlaceKind.COUNTRY, PlaceKind.REGION)


class Severity(StrEnum):
    """How grave an event is, mildest first."""

    MINOR = "minor"
    SERIOUS = "serious"
    SEVERE = "severe"


class DisruptionEvent(Timestamps, Audited, Base):
    """An event that somebody of the house knows of.

    `countries` are ISO alpha-3, separated by blanks; `place` is the port, the upstream company
    or the site's name as typed. `until_on` is null while nobody knows the end. A site of a
    supplier brings its `supplier_id` along. `mode` narrows a port or countries down to goods that
    travel so; a `radius_km` around a point [degrees] narrows countries down, and widens a site.
    One that was withdrawn hits nothing.
    """

    audit = Mark(
        "event",
        label="title",
        personal={"recorded_by": Whose.NAMED, "withdrawn_by": Whose.NAMED},
        reason_from=("withdrawn_because",),
    )

    __tablename__ = "disruption_event"
    __scope__ = scope.of_supplier(is_ours_without=True)
    __table_args__ = (
        CheckConstraint(one_of("kind", EventKind), name="kind"),
        CheckConstraint(one_of("place_kind", PlaceKind), name="place_kind"),
        CheckConstraint(one_of("severity", Severity), name="severity"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),
        CheckConstraint("(place_kind = 'site') = (site_id IS NOT NULL)", name="site"),
        Index("ix_disruption_event_supplier_id", "supplier_id"),
        Index("ix_disruption_event_from_on", "from_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[ShortText]
    details: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    place_kind: Mapped[str] = mapped_column(String(10))
    countries: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(200))
    site_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("site.id"))
    supplier_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("supplier.id"))
    mode: Mapped[str | None] = mapped_column(String(40))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    radius_km: Mapped[int | None]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    severity: Mapped[str] = mapped_column(String(10))
    source: Mapped[ShortText]
    recorded_by: Mapped[ShortText]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(200))
    withdrawn_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version: Mapped[int] = mapped_column(default=1)
