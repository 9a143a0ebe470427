"""What a version of a plan says, as one value: filled in, stored, submitted for approval."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.judgement.continuity.exercise_models import PlanReview
from app.judgement.continuity.models import (
    ContinuityPlan,
    DependencyKind,
    PlanDependency,
    PlanScenario,
    PlanScope,
    PlanVersion,
)
from app.platform.approvals.kinds import Content, ObjectRef

TYPE = "continuity_plan"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a plan is about: all a supplier does, a site by name, a family of parts by name."""

    scope: PlanScope
    title: str
    site: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class Needed:
    """Something the supplier needs to work."""

    kind: DependencyKind
    name: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Something that may happen, and what is done then."""

    name: str
    recover_days: int | None = None
    response: str | None = None


@dataclass(frozen=True, slots=True)
class VersionSaid:
    """What a version says, by the columns of `PlanVersion`; None where it does not say."""

    owner: str | None = None
    deputy: str | None = None
    last_reviewed_on: date | None = None
    next_review_on: date | None = None
    activation_trigger: str | None = None
    mtpd_days: int | None = None
    rto_days: int | None = None
    rpo_hours: int | None = None
    mbco_percent: int | None = None
    peak_periods: str | None = None
    resources: str | None = None
    comms_hours: int | None = None
    alternate_site: str | None = None
    alternate_km: int | None = None
    alternate_percent: int | None = None
    alternate_days: int | None = None
    finished_days: int | None = None
    critical_days: int | None = None
    is_stock_apart: bool | None = None
    last_time_stock: str | None = None
    has_sub_tier_plans: bool | None = None
    insurance: str | None = None
    iso_22301_scope: str | None = None
    iso_22301_until: date | None = None
    dependencies: tuple[Needed, ...] = ()
    scenarios: tuple[Expected, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:  # Any: values of many types
        """What stands in the version itself."""
        return {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in ("dependencies", "scenarios")
        }


@dataclass(frozen=True, slots=True)
class Called:
    """A contact as it was filled in."""

    name: str
    role: str | None = None
    reached_by: str | None = None
    last_reached_on: date | None = None


def said_of(session: Session, version: PlanVersion) -> VersionSaid:
    """Return what a version says; reviews since its approval go before the days it names."""
    needed = session.scalars(
        select(PlanDependency)
        .where(PlanDependency.version_id == version.id)
        .order_by(PlanDependency.place)
    )
    expected = session.scalars(
        select(PlanScenario)
        .where(PlanScenario.version_id == version.id)
        .order_by(PlanScenario.place)
    )
    columns = {name: getattr(version, name) for name in VersionSaid().columns}
    newest = session.scalars(
        select(PlanReview)
        .where(PlanReview.version_id == version.id)
        .order_by(PlanReview.reviewed_on.desc(), PlanReview.id.desc())
    ).first()
    if newest is not None:
        columns |= {"last_reviewed_on": newest.reviewed_on, "next_review_on": newest.next_on}
    return replace(
        VersionSaid(**columns),
        dependencies=tuple(
            Needed(DependencyKind(each.kind), each.name, each.note) for each in needed
        ),
        scenarios=tuple(Expected(each.name, each.recover_days, each.response) for each in expected),
    )


def about(version: PlanVersion) -> ObjectRef:
    """Return how approvals call a version."""
    return ObjectRef(TYPE, str(version.public_id))


def content_of(session: Session, plan: ContinuityPlan, version: PlanVersion) -> Content:
    """Return what is approved: everything that a version says, by words."""
    said = said_of(session, version)
    supplier = session.get_one(Supplier, plan.supplier_id)
    told = {name.replace("_", " "): _plain(value) for name, value in said.columns.items()}
    return {
        "plan": f"{plan.number}: {plan.title}",
        "supplier": f"{supplier.name} ({supplier.number})",
        **told,
        "dependencies": [
            f"{each.kind}: {each.name}" + (f" – {each.note}" if each.note else "")
            for each in said.dependencies
        ],
        "scenarios": [
            f"{each.name} – "
            + ("recovery not stated" if each.recover_days is None else f"{each.recover_days} days")
            + (f" – {each.response}" if each.response else "")
            for each in said.scenarios
        ],
    }


def _plain(value: Any) -> Any:  # Any: a column's value, and the same as JSON holds it
    return value.isoformat() if isinstance(value, date) else value
