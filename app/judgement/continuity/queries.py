"""Reads of plans for pages: everybody's readiness, one supplier's plans, one plan as a sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.continuity import Basis, Readiness, is_beyond_tolerance, survival_gap
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.suppliers.models import ApprovedSource, Category, Part, Site, Supplier
from app.facts.suppliers.queries import effective_id, heads_of, is_rated
from app.judgement.continuity.coming import coming_exercises
from app.judgement.continuity.content import VersionSaid, about, said_of
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion
from app.judgement.continuity.models import (
    ContinuityPlan,
    PlanContact,
    PlanScope,
    PlanState,
    PlanVersion,
)
from app.judgement.continuity.readiness import (
    NOT_ASKED,
    QUESTION,
    PlanReading,
    SupplierReading,
    reading_of,
    readings,
)
from app.judgement.continuity.wording import shown_days
from app.platform.approvals.queries import Waiting, waiting_for
from app.platform.records.models import Attachment

# So many suppliers are asked for by their keys.
FEW = 500
NO_PLAN_GAPS: Mapping[Basis, str] = {
    Basis.NEVER_ASKED: "never asked",
    Basis.WAITING: "waits for an answer",
    Basis.NO_PLAN: "no plan handed in",
    Basis.NO_ANSWER: "answer overdue",
}


@dataclass(frozen=True, slots=True)
class Survival:
    """How long our stock lasts without a supplier [days], and the part that runs out first."""

    days: int
    part: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Whether a plan's times agree, with each other and with ours; None where nobody knows.

    stated, shown: the recovery that it claims and the one that an exercise timed [days].
    """

    required: float | None
    mtpd: int | None
    stated: float | None
    shown: int | None
    survival: Survival | None

    @property
    def is_beyond_tolerance(self) -> bool | None:
        """Whether its recovery takes longer than it says is tolerable."""
        return is_beyond_tolerance(self.stated, self.mtpd)

    @property
    def gap(self) -> float | None:
        """By how many days its recovery exceeds our stock; what was shown goes before claims."""
        recovery = self.stated if self.shown is None else self.shown
        return survival_gap(recovery, None if self.survival is None else self.survival.days)

    @property
    def shown_beyond_stated(self) -> float | None:
        """By how many days the exercise took longer than claimed."""
        return survival_gap(self.shown, self.stated)


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A supplier in the list of plans; what it lacks is told by `with_gaps`."""

    supplier_id: int
    public_id: UUID
    number: str
    name: str
    reading: SupplierReading
    exercises_on: tuple[date, ...]
    gaps: tuple[str, ...] = ()

    @property
    def readiness(self) -> Readiness:
        """How ready it is."""
        return self.reading.readiness

    @property
    def plan(self) -> PlanReading | None:
        """The plan that decides, None without any."""
        return self.reading.plan

    @property
    def review_on(self) -> date | None:
        """When that plan is to be reviewed."""
        return None if self.plan is None else self.plan.next_review_on

    @property
    def exercise_on(self) -> date | None:
        """The first exercise that is planned."""
        return min(self.exercises_on, default=None)


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question with the newest day that a document proves its answer for."""

    question: PlanQuestion
    files: int
    evidence_on: date | None


@dataclass(frozen=True, slots=True)
class SupplierSheet:
    """A supplier's continuity on a day; `sheet` is of the plan that decides."""

    reading: SupplierReading
    ended: tuple[ContinuityPlan, ...]
    questions: tuple[QuestionRow, ...]
    sheet: PlanSheet | None


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """Everything that the page of a plan shows; `shown` is the version that counts.

    reading: None where the plan does not hold on the day.
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
    checks: Checks


def portfolio(session: Session, as_of: date) -> list[PortfolioRow]:
    """Return every rated supplier within reach with its readiness, by name."""
    found = readings(session, as_of)
    coming = coming_exercises(session)
    rows = session.execute(
        select(Supplier.id, Supplier.public_id, Supplier.number, Supplier.name)
        .where(is_rated())
        .order_by(Supplier.name, Supplier.id)
    )
    return [
        PortfolioRow(
            key,
            public_id,
            number,
            name,
            found.get(key) or SupplierReading(key, NOT_ASKED, None, ()),
            tuple(coming.get(key, ())),
        )
        for key, public_id, number, name in rows
    ]


def with_gaps(session: Session, rows: Sequence[PortfolioRow], as_of: date) -> list[PortfolioRow]:
    """Return rows with what each lacks; those of one page cost a fraction of them all."""
    keys = [row.supplier_id for row in rows] if len(rows) <= FEW else None
    survive = survival(session, as_of, supplier_ids=keys)
    return [
        replace(
            row,
            gaps=gaps_of(row.reading, row.exercises_on, survive.get(row.supplier_id), as_of),
        )
        for row in rows
    ]


def gaps_of(
    reading: SupplierReading,
    exercises_on: Sequence[date],
    survive: Survival | None,
    as_of: date,
) -> tuple[str, ...]:
    """Return in a few words each what is missing or out of date for a supplier."""
    plan, told = reading.plan, list[str]()
    if plan is None:
        return (NO_PLAN_GAPS[reading.readiness.basis],)
    checks = checks_of(plan, survive, as_of)
    if checks.is_beyond_tolerance:
        told.append("RTO over MTPD")
    if checks.gap is not None and checks.gap > 0:
        told.append(f"recovers {checks.gap:g} days after our stock is gone")
    documented = plan.readiness.parts[0]
    if not documented.points:
        told.append("approval ran out" if plan.is_approved else "not approved")
    if plan.next_review_on is not None and plan.next_review_on < as_of:
        told.append("review overdue")
    if any(day < as_of for day in exercises_on):
        told.append("exercise overdue")
    if reading.readiness.unknown:
        told.append(f"{len(reading.readiness.unknown)} of 8 parts not known")
    return tuple(told)


def checks_of(plan: PlanReading, survive: Survival | None, as_of: date) -> Checks:
    """Return how a plan's times stand to each other and to ours."""
    return Checks(
        required=plan.facts.required_days,
        mtpd=plan.mtpd_days,
        stated=plan.facts.claimed_days,
        shown=shown_days(plan, as_of),
        survival=survive,
    )


def survival(
    session: Session,
    as_of: date,
    *,
    supplier_ids: Collection[int] | None = None,
    plan: ContinuityPlan | None = None,
) -> dict[int, Survival]:
    """Return by supplier how long our stock lasts without it: that of the part gone first.

    plan: narrows it to the site or the family of parts that a plan is about.
    """
    source = ApprovedSource
    query = (
        select(effective_id(), Part.survive_days, Part.number)
        .select_from(source)
        .join(Supplier, Supplier.id == source.supplier_id)
        .join(Part, Part.id == source.part_id)
        .where(
            Part.survive_days.is_not(None),
            source.valid_from <= as_of,
            source.valid_to.is_(None) | (source.valid_to >= as_of),
        )
        .order_by(Part.survive_days.desc(), Part.number.desc())
    )
    if supplier_ids is not None:
        query = query.where(source.supplier_id.in_(members(session, supplier_ids)))
    if plan is not None and plan.scope == PlanScope.SITE:
        query = query.where(source.site_id == plan.site_id)
    if plan is not None and plan.scope == PlanScope.PART_FAMILY:
        query = query.where(Part.category_id == plan.category_id)
    return {key: Survival(days or 0, part) for key, days, part in session.execute(query)}


def supplier_sheet(session: Session, supplier_id: int, as_of: date) -> SupplierSheet:
    """Return a supplier's continuity on a day."""
    reading = reading_of(session, supplier_id, as_of)
    own = members(session, [supplier_id])
    ended = session.scalars(
        select(ContinuityPlan)
        .where(ContinuityPlan.supplier_id.in_(own), ContinuityPlan.ended_on.is_not(None))
        .order_by(ContinuityPlan.id)
    )
    sheet = None
    if reading.plan is not None:
        sheet = plan_sheet(session, session.get_one(ContinuityPlan, reading.plan.plan_id), as_of)
    return SupplierSheet(reading, tuple(ended), tuple(questions_of(session, own)), sheet)


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
    survive = survival(session, as_of, supplier_ids=[owner], plan=plan).get(owner)
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
                .where(PlanContact.plan_id == plan.id)
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
