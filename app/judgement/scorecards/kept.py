"""What a house keeps beside its facts at all: without any, none is unknown and not zero."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.facts.deliveries.period_reads import once
from app.judgement.corrective.models import CorrectiveAction
from app.judgement.scorecards.manual.models import ManualScore


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether anybody opened a corrective action, and whether anybody judged by hand."""

    corrective_actions: bool
    manual_scores: bool


def kept(session: Session) -> Kept:
    """Tell what a house keeps; read once, because most windows of most houses ask for both."""
    return once(session, "kept beside the facts", lambda: _kept(session))


def _kept(session: Session) -> Kept:
    asked = select(exists(select(CorrectiveAction.id)), exists(select(ManualScore.id)))
    actions, judged = session.execute(asked).one()
    return Kept(actions, judged)
