"""What a house keeps beside its facts at all: without any, none is unknown and not zero."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.facts.deliveries.period_reads import once
from app.judgement.continuity.exercise_models import PlanQuestion
from app.judgement.continuity.models import ContinuityPlan
from app.judgement.corrective.models import CorrectiveAction
from app.judgement.scorecards.manual.models import ManualScore


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether anybody opened a corrective action, judged by hand, asked for a plan."""

    corrective_actions: bool
    manual_scores: bool
    continuity: bool


def kept(session: Session) -> Kept:
    """Tell what a house keeps; read once, because most windows of most houses ask for both."""
    return once(session, "kept beside the facts", lambda: _kept(session))


def _kept(session: Session) -> Kept:
    plans = or_(exists(select(ContinuityPlan.id)), exists(select(PlanQuestion.id)))
    asked = select(exists(select(CorrectiveAction.id)), exists(select(ManualScore.id)), plans)
    actions, judged, planned = session.execute(asked).one()
    return Kept(actions, judged, bool(planned))
