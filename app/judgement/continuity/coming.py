"""Reads of exercises that are planned."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries.period_reads import merged_suppliers
from app.judgement.continuity.exercise_models import PlanExercise
from app.judgement.continuity.models import ContinuityPlan


def coming_exercises(session: Session) -> dict[int, list[date]]:
    """Return by supplier the days of exercises that are planned."""
    merged, found = merged_suppliers(session), defaultdict[int, list[date]](list)
    rows = session.execute(
        select(ContinuityPlan.supplier_id, PlanExercise.planned_on)
        .join(ContinuityPlan, ContinuityPlan.id == PlanExercise.plan_id)
        .where(
            PlanExercise.done_on.is_(None),
            PlanExercise.called_off_because.is_(None),
            ContinuityPlan.ended_on.is_(None),
        )
    )
    for key, day in rows:
        found[merged.get(key, key)].append(day)
    return found
