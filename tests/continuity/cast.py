"""A house of two suppliers, a buyer who writes plans and somebody who approves them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import acting, db
from app.base.acting import NOTHING, Actor, Source
from app.calc.continuity_facts import Part, Topic
from app.judgement.continuity import drafting, exercising, services
from app.judgement.continuity.content import TYPE, Expected, Needed, Opened, VersionSaid
from app.judgement.continuity.models import (
    ContinuityPlan,
    DependencyKind,
    PlanScope,
    PlanVersion,
)
from app.judgement.continuity.readiness import reading_of
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.approvals import kinds
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict
from tests.approvals.cast import person
from tests.builders import facts
from tests.conftest import TODAY

House = dict[str, int]
REASON = "gone through with the plant manager"
SAID = VersionSaid(
    owner="T. Hofmann",
    activation_trigger="A cell stands for a shift",
    mtpd_days=21,
    rto_days=10,
    mbco_percent=50,
    alternate_percent=60,
    dependencies=(Needed(DependencyKind.UTILITY, "Power", "two feeds"),),
    scenarios=(Expected("Fire", 10, "Move to the sister works"),),
)


def moved_in() -> House:
    kinds.register([drafting.KIND])
    with db.transaction() as session:
        people = {name: person(session, name) for name in ("Buyer", "Approver")}
        grants.grant(session, user_id=people["Approver"], role=Role.APPROVER, reason="approves it")
        return people | {
            "supplier": facts.supplier(session, "Kestrel").id,
            "other": facts.supplier(session, "Anadolu").id,
        }


@contextmanager
def as_buyer(house: House) -> Iterator[Session]:
    actor = Actor("Buyer", Source.UI, user_id=house["Buyer"], roles=frozenset({"buyer"}))
    with acting.acting_as(actor), db.transaction() as session:
        yield session


def opened(house: House) -> ContinuityPlan:
    with as_buyer(house) as session:
        return services.open_plan(session, house["supplier"], Opened(PlanScope.SUPPLIER, "Kempten"))


def drafted(house: House, said: VersionSaid = SAID) -> ContinuityPlan:
    plan = opened(house)
    with as_buyer(house) as session:
        drafting.save_draft(session, plan.public_id, said, seen_version=1)
    return plan


def submitted(house: House, said: VersionSaid = SAID) -> ContinuityPlan:
    plan = drafted(house, said)
    with as_buyer(house) as session:
        drafting.submit(session, plan.public_id, reason=REASON, seen_version=2)
    return plan


def draft(plan: ContinuityPlan) -> PlanVersion:
    with db.reading() as session:
        return session.scalars(
            select(PlanVersion)
            .where(PlanVersion.plan_id == plan.id)
            .order_by(PlanVersion.number.desc())
        ).first()  # type: ignore[return-value] # a plan has versions


def decide(house: House, plan: ContinuityPlan, by: str = "Approver") -> None:
    """Decide as somebody who reaches no supplier: an approver sees what was submitted."""
    actor = Actor(
        by, Source.UI, user_id=house[by], roles=frozenset({"approver"}), reads=NOTHING,
        writes=NOTHING,
    )  # fmt: skip
    version = draft(plan)
    with acting.acting_as(actor), db.transaction() as session:
        waiting = approvals.awaiting(session, ObjectRef(TYPE, str(version.public_id)))
        approvals.decide(
            session, approval_id=waiting.id, decision=Verdict.APPROVE, reason="the papers agree",
            seen_version=version.number, seen_hash=waiting.content_hash,
        )  # fmt: skip


def approved(house: House, said: VersionSaid = SAID) -> ContinuityPlan:
    plan = submitted(house, said)
    decide(house, plan)
    return plan


def points(house: House, day: date = TODAY) -> dict[Part, float | None]:
    with db.reading() as session:
        found = reading_of(session, house["supplier"], day).readiness
    return {each.part: each.points for each in found.parts}


def ask(house: House, *, asked: date, due: date, topic: Topic = Topic.EXISTS) -> int:
    with as_buyer(house) as session:
        [made] = exercising.ask(session, house["supplier"], [topic], asked_on=asked, due_on=due)
        return made.id
