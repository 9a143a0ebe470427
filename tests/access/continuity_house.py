"""A continuity plan with all that hangs on it, in one world of the access tests."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Supplier
from app.judgement.continuity.exercise_models import PlanExercise, PlanQuestion, PlanReview
from app.judgement.continuity.models import (
    ContinuityPlan,
    PlanContact,
    PlanDependency,
    PlanScenario,
    PlanVersion,
    RecoveryDuty,
)
from tests.conftest import NOW, TODAY

NOBODY = uuid.UUID(int=1)
MODELS: dict[str, Any] = {  # Any: mapped classes that hang on a plan
    "version_id": PlanVersion,
    "contact_id": PlanContact,
    "exercise_id": PlanExercise,
}


def move_in(session: Session, canary: str, of: Supplier) -> None:
    """Add a plan with a draft, a contact, an exercise, a question and a duty."""
    plan = ContinuityPlan(
        supplier_id=of.id, scope="supplier", title=f"{canary} plan", opened_on=TODAY,
        opened_by=canary, changed_by=canary, changed_at=NOW,
    )  # fmt: skip
    session.add(plan)
    session.flush()
    version = PlanVersion(plan_id=plan.id, number=1, begun_on=TODAY, owner=canary, writers=[])
    session.add(version)
    session.flush()
    session.add_all(
        [
            PlanDependency(version_id=version.id, place=1, kind="site", name=canary),
            PlanScenario(version_id=version.id, place=1, name=canary, response=canary),
            PlanContact(
                plan_id=plan.id, place=1, name=canary, reached_by=canary, added_on=TODAY
            ),
            PlanReview(
                version_id=version.id, reviewed_on=TODAY, next_on=TODAY + timedelta(days=365),
                because=f"{canary}, gone through", noted_by=canary,
            ),
            PlanExercise(
                plan_id=plan.id, kind="tabletop", scenario=canary, planned_on=TODAY,
                planned_by=canary,
            ),
            PlanQuestion(
                supplier_id=of.id, topic="exists", asked_on=TODAY, due_on=TODAY, asked_by=canary
            ),
            RecoveryDuty(supplier_id=of.id, label=canary, rto_days=30, from_on=TODAY),
        ]
    )  # fmt: skip


def parts_of(session: Session, supplier_id: int, *names: str) -> dict[str, Any]:
    """Return the parts of an address in a world, by their names."""
    plan = session.scalars(
        select(ContinuityPlan).where(ContinuityPlan.supplier_id == supplier_id)
    ).one()
    found: dict[str, Any] = {}
    for name in names:
        if name == "plan_id":
            found[name] = plan.public_id
        elif name == "question_id":
            own = select(PlanQuestion.public_id).where(PlanQuestion.supplier_id == supplier_id)
            found[name] = session.scalars(own).first()
        else:
            model = MODELS[name]
            found[name] = session.scalars(
                select(model.public_id).where(model.plan_id == plan.id)
            ).first()
    return found
