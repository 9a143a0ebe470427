"""Tables of continuity plans. What was approved never changes; a later version follows it.

A plan says what it is about and lives on; a version holds what it says. Reviews, exercises and
questions stand in `exercise_models`.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.base import scope
from app.base.db import Base, BigKey, Key, Moment, ShortText, Timestamps, UtcDateTime, one_of
from app.platform.audit.marking import Audited, Mark, Whose

LONGEST_TITLE = 200
LONGEST_TEXT = 4000
LONGEST_NOTE = 500
MOST_DAYS = 3650
MOST_HOURS = 87_600
MOST_KM = 20_040


class PlanScope(StrEnum):
    """What a plan is about: all that a supplier does for us, one of its sites, one family."""

    SUPPLIER = "supplier"
    SITE = "site"
    PART_FAMILY = "part_family"


class PlanState(StrEnum):
    """Where a version stands. One that was followed by another, or ended, is retired."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class DependencyKind(StrEnum):
    """What a supplier needs to work."""

    SITE = "site"
    UTILITY = "utility"
    PEOPLE = "people"
    IT = "it"
    SUB_TIER = "sub_tier"


def _within(column: str, most: int) -> CheckConstraint:
    return CheckConstraint(f"{column} IS NULL OR {column} BETWEEN 0 AND {most}", name=column)


class ContinuityPlan(Timestamps, Audited, Base):
    """A supplier's plan for all it does, for a site or for a family of parts.

    version: counts every change of the plan, its draft and its contacts, for two tabs.
    """

    audit = Mark(
        "continuity plan",
        label="title",
        left_out={"version", "changed_at"},
        personal={
            "opened_by": Whose.NAMED, "changed_by": Whose.NAMED, "ended_by": Whose.NAMED,
        },
        reason_from=("ended_because",),
    )  # fmt: skip

    __tablename__ = "continuity_plan"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(one_of("scope", PlanScope), name="scope"),
        CheckConstraint("length(trim(title)) > 0", name="title_given"),
        CheckConstraint("(scope = 'site') = (site_id IS NOT NULL)", name="site"),
        CheckConstraint("(scope = 'part_family') = (category_id IS NOT NULL)", name="family"),
        CheckConstraint("(ended_on IS NULL) = (ended_because IS NULL)", name="ended"),
        Index("ix_continuity_plan_supplier_id", "supplier_id"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    scope: Mapped[str] = mapped_column(String(12))
    site_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("site.id"))
    # The family of the parts.
    category_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("category.id"))
    title: Mapped[ShortText]
    opened_on: Mapped[date]
    opened_by: Mapped[ShortText]
    version: Mapped[int] = mapped_column(default=1)
    changed_by: Mapped[ShortText]
    changed_at: Mapped[Moment]
    # From this day on it holds no more.
    ended_on: Mapped[date | None]
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_because: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))

    @property
    def number(self) -> str:
        """How people call it."""
        return f"BCP-{self.id:04d}"


class PlanVersion(Timestamps, Audited, Base):
    """What a plan says, in one version; null where it does not say.

    Times are in days, the loss of data in hours, capacities in percent of normal. writers:
    accounts that wrote in it, who can't approve it.
    """

    audit = Mark(
        "version of a continuity plan",
        label="number",
        left_out={"writers"},
        personal={"owner": Whose.NAMED, "deputy": Whose.NAMED, "approved_by": Whose.NAMED},
        reason_from=("changed_because",),
    )

    __tablename__ = "plan_version"
    __scope__ = scope.through("plan_id", "continuity_plan")
    __table_args__ = (
        CheckConstraint(one_of("state", PlanState), name="state"),
        CheckConstraint("state <> 'draft' OR approved_on IS NULL", name="approved"),
        CheckConstraint("retired_on IS NULL OR state = 'retired'", name="retired"),
        _within("mtpd_days", MOST_DAYS),
        _within("rto_days", MOST_DAYS),
        _within("rpo_hours", MOST_HOURS),
        _within("mbco_percent", 100),
        _within("comms_hours", MOST_HOURS),
        _within("alternate_km", MOST_KM),
        _within("alternate_percent", 100),
        _within("alternate_days", MOST_DAYS),
        _within("finished_days", MOST_DAYS),
        _within("critical_days", MOST_DAYS),
        UniqueConstraint("plan_id", "number"),
    )
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    plan_id: Mapped[int] = mapped_column(BigKey, ForeignKey("continuity_plan.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=PlanState.DRAFT)
    begun_on: Mapped[date]
    changed_because: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    writers: Mapped[list[int]] = mapped_column(JSON, default=list)
    owner: Mapped[str | None] = mapped_column(String(200))
    deputy: Mapped[str | None] = mapped_column(String(200))
    approved_on: Mapped[date | None]
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(200))
    is_independent: Mapped[bool | None]
    retired_on: Mapped[date | None]
    last_reviewed_on: Mapped[date | None]
    next_review_on: Mapped[date | None]
    activation_trigger: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    mtpd_days: Mapped[int | None]
    rto_days: Mapped[int | None]
    rpo_hours: Mapped[int | None]
    mbco_percent: Mapped[int | None] = mapped_column(SmallInteger)
    peak_periods: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    # People, machines, stock that a recovery takes, over time.
    resources: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    comms_hours: Mapped[int | None]
    alternate_site: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    alternate_km: Mapped[int | None]
    alternate_percent: Mapped[int | None] = mapped_column(SmallInteger)
    alternate_days: Mapped[int | None]
    finished_days: Mapped[int | None]
    critical_days: Mapped[int | None]
    is_stock_apart: Mapped[bool | None]
    last_time_stock: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    has_sub_tier_plans: Mapped[bool | None]
    insurance: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    iso_22301_scope: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))
    iso_22301_until: Mapped[date | None]


class PlanDependency(Timestamps, Audited, Base):
    """What the supplier needs to work, and what happens without it."""

    audit = Mark("dependency of a plan", label="name", left_out={"place"})

    __tablename__ = "plan_dependency"
    __scope__ = scope.through("version_id", "plan_version")
    __table_args__ = (
        CheckConstraint(one_of("kind", DependencyKind), name="kind"),
        Index("ix_plan_dependency_version_id", "version_id"),
    )
    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(BigKey, ForeignKey("plan_version.id"))
    place: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[ShortText]
    note: Mapped[str | None] = mapped_column(String(LONGEST_NOTE))


class PlanScenario(Timestamps, Audited, Base):
    """What may happen, what is done then, and within how many days the work is back."""

    audit = Mark("scenario of a plan", label="name", left_out={"place"})

    __tablename__ = "plan_scenario"
    __scope__ = scope.through("version_id", "plan_version")
    __table_args__ = (
        _within("recover_days", MOST_DAYS),
        Index("ix_plan_scenario_version_id", "version_id"),
    )
    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(BigKey, ForeignKey("plan_version.id"))
    place: Mapped[int]
    name: Mapped[ShortText]
    response: Mapped[str | None] = mapped_column(String(LONGEST_TEXT))
    recover_days: Mapped[int | None]


class PlanContact(Timestamps, Audited, Base):
    """Whom to call, in which order, and on which days somebody got through.

    Contacts belong to the plan, not to a version: who is called changes without approval. One
    that was removed keeps its days, so that past days count as they did; who it was goes.
    """

    audit = Mark(
        "contact of a plan",
        personal={"name": Whose.NAMED},
        goes_with={"name": ("reached_by",)},
        secret={"reached_by"},
        left_out={"place"},
    )

    __tablename__ = "plan_contact"
    __scope__ = scope.through("plan_id", "continuity_plan")
    __table_args__ = (Index("ix_plan_contact_plan_id", "plan_id"),)
    id: Mapped[Key]
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    plan_id: Mapped[int] = mapped_column(BigKey, ForeignKey("continuity_plan.id"))
    place: Mapped[int]
    name: Mapped[ShortText]
    role: Mapped[str | None] = mapped_column(String(200))
    # A telephone number or an address of work.
    reached_by: Mapped[str | None] = mapped_column(String(254))
    # ISO dates, the oldest first.
    reached_days: Mapped[list[str]] = mapped_column(JSON, default=list)
    # It counts from the first day to the day before the second one.
    added_on: Mapped[date]
    removed_on: Mapped[date | None]

    @property
    def last_reached_on(self) -> date | None:
        """The day on which somebody last got through."""
        return date.fromisoformat(self.reached_days[-1]) if self.reached_days else None


class RecoveryDuty(Timestamps, Audited, Base):
    """Within how many days a supplier has to be back by contract, written down by its label."""

    audit = Mark("duty to recover", label="label")

    __tablename__ = "recovery_duty"
    __scope__ = scope.of_supplier()
    __table_args__ = (
        CheckConstraint(f"rto_days BETWEEN 0 AND {MOST_DAYS}", name="rto_days"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days"),
        UniqueConstraint("supplier_id", "label"),
    )
    id: Mapped[Key]
    supplier_id: Mapped[int] = mapped_column(BigKey, ForeignKey("supplier.id"))
    # How the contract is called; the contracts know what it stands for.
    label: Mapped[ShortText]
    rto_days: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
