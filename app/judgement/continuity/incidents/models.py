"""Tables of incidents: the room itself, whom and what it hits, tasks, decisions, links.

One table is both the running rooms and the log of disruptions: nothing is copied when one
ends.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import (
    Base,
    BigKey,
    Key,
    Moment,
    MoneyType,
    ShortText,
    Timestamps,
    UtcDateTime,
    one_of,
)
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_TITLE = 200
LONGEST_TEXT = 2000
LONGEST_REASON = 500


class IncidentState(StrEnum):
    """Where an incident stands, in the order in which one goes."""

    POTENTIAL = "potential"
    CONFIRMED = "confirmed"
    CONTAINED = "contained"
    RESTORED = "restored"
    DISMISSED = "dismissed"


RUNNING = (IncidentState.POTENTIAL, IncidentState.CONFIRMED, IncidentState.CONTAINED)


class IncidentCause(StrEnum):
    """What stopped supply."""

    PRODUCTION = "production"
    QUALITY = "quality"
    LOGISTICS = "logistics"
    FINANCIAL = "financial"
    NATURAL = "natural"
    LABOUR = "labour"
    CYBER = "cyber"
    POLITICAL = "political"
    UPSTREAM = "upstream"
    OTHER = "other"


class TaskState(StrEnum):
    """Whether a task is still to be done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class DecisionState(StrEnum):
    """Whether a decision holds; money beyond what was agreed beforehand needs another person."""

    DECIDED = "decided"
    PROPOSED = "proposed"
    REFUSED = "refused"


class LinkKind(StrEnum):
    """What an incident belongs to."""

    EVENT = "event"
    DISRUPTION = "disruption"
    PLAN = "plan"


class Incident(Timestamps, Audited, Base):
    """Something that stops supply, or may: from the first sign to restored supply.

    started_at: when supply was hit, null while nobody knows. signalled_at: when we first heard.
    trigger_key: what opened it, once; null where a person did. response_key, thing: by which
    response, and about which thing of the supplier. cost: what it cost us, null while unknown.
    """

    audit = Mark(
        "incident",
        label="title",
        left_out={"trigger_key", "response_key", "thing"},
        personal={"opened_by": Whose.NAMED, "ended_by": Whose.NAMED},
        reason_from=("state_because",),
    )

    __tablename__ = "incident"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("trigger_key"),
        CheckConstraint(one_of("state", IncidentState), name="state"),
        CheckConstraint("cause IS NULL OR " + one_of("cause", IncidentCause), name="cause"),
        CheckConstraint("cost IS NULL OR cost >= 0", name="cost"),
        CheckConstraint("(cost IS NULL) = (currency IS NULL)", name="currency"),
        CheckConstraint("(state = 'restored') = (restored_at IS NOT NULL)", name="restored"),
        CheckConstraint("(state = 'dismissed') = (dismissed_at IS NOT NULL)", name="dismissed"),
        CheckConstraint("state <> 'contained' OR contained_at IS NOT NULL", name="contained"),
        Index("ix_incident_supplier_id", "supplier_id"),
        Index("ix_incident_state", "state", "opened_at"),
        Index("ix_incident_response_key", "response_key", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    title: Mapped[ShortText]
    details: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    cause: Mapped[str | None] = mapped_column(String(12))
    cause_text: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    state: Mapped[str] = mapped_column(String(10), default=IncidentState.POTENTIAL)
    state_because: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signalled_at: Mapped[Moment]
    opened_at: Mapped[Moment]
    opened_by: Mapped[ShortText]
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contained_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    restored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    cost: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    response_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("incident_response.id"))
    response_key: Mapped[uuid.UUID | None]
    thing: Mapped[str | None] = mapped_column(String(80))
    trigger_key: Mapped[str | None] = mapped_column(String(80))
    # The alert that opened it, by the key in its address.
    alert_id: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def number(self) -> str:
        """How people call it: the year in which it was opened and its key."""
        return f"INC-{self.opened_at.year}-{self.id:04d}"

    @property
    def is_running(self) -> bool:
        """Whether it still needs somebody."""
        return self.state in RUNNING

    @property
    def ended_at(self) -> datetime | None:
        """When it was restored or dismissed."""
        return self.restored_at or self.dismissed_at


class IncidentSupplier(Audited, Base):
    """Another supplier that an incident hits; who does not see that supplier does not see this."""

    audit = Mark("supplier hit by an incident")

    __tablename__ = "incident_supplier"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        UniqueConstraint("incident_id", "supplier_id"),
        Index("ix_incident_supplier_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(BigKey, ForeignKey("incident.id"))
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))


class IncidentPart(Audited, Base):
    """A part that an incident hits, with what was known of it when it was put there."""

    audit = Mark("part hit by an incident", personal={"added_by": Whose.NAMED})

    __tablename__ = "incident_part"
    __scope__ = scope.through("incident_id", "incident")
    __table_args__ = (
        UniqueConstraint("incident_id", "part_id"),
        Index("ix_incident_part_part_id", "part_id"),
    )
    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(BigKey, ForeignKey("incident.id"))
    part_id: Mapped[int] = mapped_column(BigKey, ForeignKey("part.id"))
    revenue_exposed: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    # How many days our own stock lasted then.
    survive_days: Mapped[int | None]
    is_flown: Mapped[bool] = mapped_column(default=False)
    added_by: Mapped[ShortText]


class IncidentTask(Timestamps, Audited, Base):
    """Something to be done in an incident, by whom and until when."""

    audit = Mark(
        "task of an incident",
        label="title",
        left_out={"place"},
        personal={"owner": Whose.NAMED, "ended_by": Whose.NAMED},
        reason_from=("outcome",),
    )

    __tablename__ = "incident_task"
    __scope__ = scope.through("incident_id", "incident")
    __table_args__ = (
        CheckConstraint(one_of("state", TaskState), name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index("ix_incident_task_incident_id", "incident_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    incident_id: Mapped[int] = mapped_column(BigKey, ForeignKey("incident.id"))
    place: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    owner: Mapped[ShortText]
    due_at: Mapped[Moment]
    is_agreed_before: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=TaskState.OPEN)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(200))
    outcome: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    version: Mapped[int] = mapped_column(default=1)


class IncidentDecision(Timestamps, Audited, Base):
    """What was decided in an incident, by whom, when and why; perhaps money for expediting."""

    audit = Mark(
        "decision in an incident",
        label="said",
        personal={"decided_by": Whose.NAMED, "noted_by": Whose.NAMED},
        reason_from=("reason",),
    )

    __tablename__ = "incident_decision"
    __scope__ = scope.through("incident_id", "incident")
    __table_args__ = (
        CheckConstraint(one_of("state", DecisionState), name="state"),
        CheckConstraint("amount IS NULL OR amount > 0", name="amount"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="currency"),
        Index("ix_incident_decision_incident_id", "incident_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    incident_id: Mapped[int] = mapped_column(BigKey, ForeignKey("incident.id"))
    said: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    decided_by: Mapped[ShortText]
    decided_at: Mapped[Moment]
    noted_by: Mapped[ShortText]
    amount: Mapped[Decimal | None] = mapped_column(MoneyType)
    currency: Mapped[str | None] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10), default=DecisionState.DECIDED)


class IncidentLink(Audited, Base):
    """What an incident belongs to: a world event, a line stop or the like, a continuity plan."""

    audit = Mark("link of an incident", personal={"made_by": Whose.NAMED})

    __tablename__ = "incident_link"
    __scope__ = scope.through("incident_id", "incident")
    __table_args__ = (
        CheckConstraint(one_of("kind", LinkKind), name="kind"),
        CheckConstraint("(kind = 'event') = (event_id IS NOT NULL)", name="event"),
        CheckConstraint("(kind = 'disruption') = (disruption_id IS NOT NULL)", name="disruption"),
        CheckConstraint("(kind = 'plan') = (plan_id IS NOT NULL)", name="plan"),
        UniqueConstraint("incident_id", "event_id"),
        UniqueConstraint("incident_id", "disruption_id"),
        UniqueConstraint("incident_id", "plan_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    incident_id: Mapped[int] = mapped_column(BigKey, ForeignKey("incident.id"))
    kind: Mapped[str] = mapped_column(String(10))
    event_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("disruption_event.id"))
    disruption_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("disruption.id"))
    plan_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("continuity_plan.id"))
    made_by: Mapped[ShortText]
