"""Reads of plans for pages: everybody's readiness, one supplier's plans, one plan as a sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.suppliers.models import ApprovedSource, Category, Part, Site
from app.facts.suppliers.queries import heads_of
from app.judgement.continuity.checks import Checks, checks_of, survival
from app.judgement.continuity.content import VersionSaid, about, said_of
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion, PlanReview
from app.judgement.continuity.models import (
    ContinuityPlan,
    PlanContact,
    PlanState,
    PlanVersion,
)
from app.judgement.continuity.readiness import (
    QUESTION,
    PlanReading,
    SupplierReading,
    reading_of,
)
from app.platform.approvals.queries import Waiting, waiting_for
from app.platform.records.models import Attachment


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question with the newest day that a document proves its answer for."""

    question: PlanQuestion
    files: int
    evidence_on: date | None


@dataclass(frozen=True, slots=True)
class SupplierSheet:
    """A supplier's continuity on a day; `sheet` is of the plan that decides.

    others: plans that do not count: ended, or begun and nothing written down yet.
    """

    reading: SupplierReading
    others: tuple[ContinuityPlan, ...]
    questions: tuple[QuestionRow, ...]
    sheet: PlanSheet | None


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """Everything that the page of a plan shows; `shown` is the version that counts.

    reading: None where the plan does not count on the day. reviews: since approvals, the newest
    first.
    """

    plan: ContinuityPlan
    where: str | None
    reading: PlanReading | None
    versions: tuple[PlanVersion, ...]
    shown: PlanVersion
    said: VersionSaid
    draft: PlanVersion | None
    waiting: Waiting | None
    contacts: tuple[PlanContact, ...]
    exercises: tuple[PlanExercise, ...]
    reviews: tuple[PlanReview, ...]
    checks: Checks


def supplier_sheet(session: Session, supplier_id: int, as_of: date) -> SupplierSheet:
    """Return a supplier's continuity on a day."""
    reading = reading_of(session, supplier_id, as_of)
    own = members(session, [supplier_id])
    counting = {plan.plan_id for plan in reading.plans}
    every = session.scalars(
        select(ContinuityPlan)
        .where(ContinuityPlan.supplier_id.in_(own))
        .order_by(ContinuityPlan.id)
    )
    others = tuple(plan for plan in every if plan.id not in counting)
    sheet = None
    if reading.plan is not None:
        sheet = plan_sheet(session, session.get_one(ContinuityPlan, reading.plan.plan_id), as_of)
    return SupplierSheet(reading, others, tuple(questions_of(session, own)), sheet)


def questions_of(session: Session, supplier_ids: Collection[int]) -> list[QuestionRow]:
    """Return what suppliers were asked, the newest first, with the files that prove answers."""
    asked = session.scalars(
        select(PlanQuestion)
        .where(PlanQuestion.supplier_id.in_(supplier_ids))
        .order_by(PlanQuestion.asked_on.desc(), PlanQuestion.id)
    ).all()
    days: Mapping[int, list[date | None]] = defaultdict(list)
    for key, day in session.execute(
        select(Attachment.entity_id, Attachment.evidence_on).where(
            Attachment.entity == QUESTION,
            Attachment.entity_id.in_([each.id for each in asked]),
            Attachment.removed_at.is_(None),
        )
    ):
        days[key].append(day)
    return [
        QuestionRow(each, len(days[each.id]), max(filter(None, days[each.id]), default=None))
        for each in asked
    ]


def plan_sheet(
    session: Session, plan: ContinuityPlan, as_of: date, *, version: UUID | None = None
) -> PlanSheet:
    """Return everything about a plan; `version` asks for another one than the one that counts."""
    owner = merged_suppliers(session).get(plan.supplier_id, plan.supplier_id)
    own = reading_of(session, owner, as_of)
    reading = next((each for each in own.plans if each.plan_id == plan.id), None)
    versions = tuple(
        session.scalars(
            select(PlanVersion)
            .where(PlanVersion.plan_id == plan.id)
            .order_by(PlanVersion.number.desc())
        )
    )
    draft = next((each for each in versions if each.state == PlanState.DRAFT), None)
    standing = next((each for each in versions if each.state == PlanState.APPROVED), versions[0])
    asked = [each for each in versions if each.public_id == version]
    shown = asked[0] if asked else standing
    about_what = (owner, plan.scope, plan.site_id or plan.category_id)
    survive = survival(session, as_of, supplier_ids=[owner]).get(about_what)
    checks = Checks(None, None, None, None, survive)
    return PlanSheet(
        plan=plan,
        where=_where(session, plan),
        reading=reading,
        versions=versions,
        shown=shown,
        said=said_of(session, shown),
        draft=draft,
        waiting=None if draft is None else waiting_for(session, about(draft)),
        contacts=tuple(
            session.scalars(
                select(PlanContact)
                .where(PlanContact.plan_id == plan.id, PlanContact.removed_on.is_(None))
                .order_by(PlanContact.place, PlanContact.id)
            )
        ),
        exercises=tuple(
            session.scalars(
                select(PlanExercise)
                .where(PlanExercise.plan_id == plan.id)
                .order_by(PlanExercise.planned_on.desc(), PlanExercise.id.desc())
            )
        ),
        reviews=tuple(
            session.scalars(
                select(PlanReview)
                .where(PlanReview.version_id.in_([each.id for each in versions]))
                .order_by(PlanReview.reviewed_on.desc(), PlanReview.id.desc())
            )
        ),
        checks=checks if reading is None else checks_of(reading, survive, as_of),
    )


def sites_of(session: Session, supplier_id: int) -> list[str]:
    """Return the names of a supplier's sites."""
    return list(
        session.scalars(
            select(Site.name).where(Site.supplier_id == supplier_id).order_by(Site.name)
        )
    )


def families_of(session: Session, supplier_id: int, as_of: date) -> list[str]:
    """Return the families of parts that a supplier may deliver."""
    source = ApprovedSource
    return list(
        session.scalars(
            select(Category.name)
            .join(Part, Part.category_id == Category.id)
            .join(source, source.part_id == Part.id)
            .where(source.supplier_id.in_(members(session, [supplier_id])))
            .where(source.valid_from <= as_of)
            .distinct()
            .order_by(Category.name)
        )
    )


def owner_of(session: Session, supplier_id: int) -> tuple[UUID, str]:
    """Return the public id and name of a supplier, or of the one that it goes by."""
    owner = merged_suppliers(session).get(supplier_id, supplier_id)
    head = heads_of(session, [owner])[owner]
    return head.public_id, head.name


def plan_of_version(session: Session, version_id: UUID) -> ContinuityPlan:
    """Return the plan that a version is of; raises NotFound."""
    found = session.scalar(
        select(ContinuityPlan)
        .join(PlanVersion, PlanVersion.plan_id == ContinuityPlan.id)
        .where(PlanVersion.public_id == version_id)
    )
    if found is None:
        raise NotFound("E-BCP-21", "There is no such version of a continuity plan.")
    return found


def _where(session: Session, plan: ContinuityPlan) -> str | None:
    if plan.site_id is not None:
        return session.scalar(select(Site.name).where(Site.id == plan.site_id))
    if plan.category_id is not None:
        return session.scalar(select(Category.name).where(Category.id == plan.category_id))
    return None
