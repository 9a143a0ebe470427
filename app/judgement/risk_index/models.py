"""Tables of index methods, published supply risk indexes, overrides, and how sure indexes are."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.calc.risk_bands import RiskBand
from app.judgement.snapshots.columns import LONGEST_REASON, MethodVersion, Snapshot
from app.platform.audit.marking import Action, Audited, Mark, Whose


class IndexMethod(MethodVersion, Audited, Base):
    """A version of the index's weights, floors and bands."""

    audit = Mark(
        "index method",
        label="name",
        left_out={"content_hash", "writers", "revision"},
        personal={"approved_by": Whose.NAMED, "author": Whose.NAMED},
    )

    __tablename__ = "index_method"
    __scope__ = scope.inside("how everybody is judged")


class RiskSnapshot(Snapshot, Base):
    """A published supply risk index."""

    __tablename__ = "risk_snapshot"
    __scope__ = scope.of_supplier()
    METHODS = "index_method"

    value: Mapped[float | None]
    band: Mapped[str | None] = mapped_column(String(10))


class State(StrEnum):
    """Where an override stands; it waits until somebody else agreed."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class IndexOverride(Timestamps, Audited, Base):
    """A band that people set against the computed one, for a reason, until a day.

    It stands beside the index and never enters it. `computed_value` and `computed_band` are
    what it was set against.
    """

    audit = Mark(
        "risk override",
        label="band",
        personal={
            "decided_by": Whose.NAMED,
            "approved_by": Whose.NAMED,
            "ended_by": Whose.NAMED,
        },
        reason_for={"ended_on"},
        reason_to={Action.CREATE, Action.DELETE},
        reason_from=("ended_because", "reason"),
    )

    __tablename__ = "index_override"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("band", RiskBand), name="band"),
        CheckConstraint(one_of("state", State), name="state"),
        CheckConstraint("until_on >= from_on", name="days"),
        CheckConstraint("value IS NULL OR value BETWEEN 0 AND 100", name="value"),
        Index("ix_index_override_supplier_id", "supplier_id", "from_on"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    band: Mapped[str] = mapped_column(String(10))
    value: Mapped[float | None]
    computed_band: Mapped[str | None] = mapped_column(String(10))
    computed_value: Mapped[float | None]
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    state: Mapped[str] = mapped_column(String(10), default=State.PROPOSED)
    decided_by: Mapped[ShortText]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The last day on which it held where it was ended before `until_on`.
    ended_on: Mapped[date | None]
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))


class RiskRange(Base):
    """How far a published index, its rank and its band may stray: what seeded draws said.

    ranked: among how many. bands: the probability of each, mildest first. Derivable from the
    published inputs by `generator` and `seed`, and drawn again when they change.
    """

    __tablename__ = "risk_range"
    __scope__ = scope.of_supplier()
    __table_args__ = (UniqueConstraint("supplier_id", "period_end"),)
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    period_end: Mapped[date]
    method_id: Mapped[int] = mapped_column(BigKey, ForeignKey("index_method.id"))
    input_digest: Mapped[str] = mapped_column(String(64))
    low: Mapped[float]
    high: Mapped[float]
    rank_low: Mapped[int]
    rank_high: Mapped[int]
    ranked: Mapped[int]
    bands: Mapped[list[float]] = mapped_column(JSON)
    draws: Mapped[int]
    seed: Mapped[int]
    generator: Mapped[str] = mapped_column(String(80))
    drawn_at: Mapped[Moment]
