"""Writes of manual scores: what is judged by hand, a judgement, its withdrawal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput
from app.calc.closing import open_from
from app.calc.periods import month_index
from app.facts.deliveries import touching
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.judgement.scorecards.manual.models import LONGEST_NAME, ManualCriterion, ManualScore
from app.platform.audit import services as audit

# Words and digits with single spaces: the measure's id is made of it, and reads back.
NAME = re.compile(r"[^\W_]+(?: [^\W_]+)*")
LONGEST_LIFE = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement as somebody makes it: 0 to 100 about some days, on evidence, until a day."""

    value: int
    period_from: date
    period_to: date
    expires_on: date
    evidence: str


def add_criterion(session: Session, *, name: str, short: str) -> ManualCriterion:
    """Add something that is judged by hand; raises where the name can't be or is taken."""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidInput(
            "E-MAN-03",
            f"“{name[:LONGEST_NAME]}” can’t be a name: give words of letters and digits, at most "
            f"{LONGEST_NAME} characters, such as ESG audit.",
        )
    taken = select(ManualCriterion.id).where(func.lower(ManualCriterion.name) == name.lower())
    if session.scalar(taken) is not None:
        raise Conflict("E-MAN-04", f"“{name}” is judged already; it may be retired.")
    found = ManualCriterion(name=name, short=short)
    session.add(found)
    session.flush()
    return found


def retire_criterion(session: Session, criterion: ManualCriterion, *, reason: str) -> None:
    """Let nobody judge it any more; what was judged stands until it expires."""
    if criterion.retired_at is not None:
        raise Conflict("E-MAN-05", f"“{criterion.name}” is retired already.")
    audit.give_reason(session, reason)
    criterion.retired_at = clock.now()
    session.flush()


def judge(
    session: Session, supplier_id: int, criterion: ManualCriterion, judged: Judged
) -> ManualScore:
    """Judge a supplier by hand; the newest period stands until it expires.

    Nothing is dated back into closed months: people acted on their cards.
    """
    scope.require_writable(session, "supplier", supplier_id)
    if criterion.retired_at is not None:
        raise Conflict("E-MAN-05", f"“{criterion.name}” is retired; nobody judges it any more.")
    today = clock.today()
    if judged.period_to < judged.period_from:
        raise InvalidInput("E-MAN-06", "The period ends before it begins.")
    if judged.period_from > today:
        raise InvalidInput("E-MAN-06", "The period begins in the future; judge what has been.")
    first = open_from(today)
    if judged.period_from < first:
        raise InvalidInput(
            "E-MAN-09",
            f"The period begins on {formatting.day(judged.period_from)}; the days before "
            f"{formatting.day(first)} are closed. Give that day or a later one, and say in the "
            "evidence which days it rests on.",
        )
    if judged.period_to > today + LONGEST_LIFE:
        raise InvalidInput(
            "E-MAN-06",
            f"The period ends on {formatting.day(judged.period_to)}, years ahead. Check the year.",
        )
    last = judged.period_to + LONGEST_LIFE
    if not judged.period_to <= judged.expires_on <= last:
        raise InvalidInput(
            "E-MAN-07",
            f"It expires on {formatting.day(judged.expires_on)}; give a day from the period’s "
            f"end to {formatting.day(last)}.",
        )
    found = ManualScore(
        criterion_id=criterion.id,
        supplier_id=supplier_id,
        value=judged.value,
        period_from=judged.period_from,
        period_to=judged.period_to,
        expires_on=judged.expires_on,
        evidence=judged.evidence,
        scored_by=db.actor_of(session).name,
        scored_at=clock.now(),
    )
    session.add(found)
    session.flush()
    _note_months(session, found)
    return found


def withdraw(session: Session, score: ManualScore, *, reason: str) -> None:
    """Withdraw a judgement with a reason; an older one that has not expired stands again."""
    if score.withdrawn_at is not None:
        raise Conflict("E-MAN-08", "This judgement is withdrawn already.")
    score.withdrawn_because = audit.give_reason(session, reason)
    score.withdrawn_at, score.withdrawn_by = clock.now(), db.actor_of(session).name
    session.flush()
    _note_months(session, score)


def _note_months(session: Session, score: ManualScore) -> None:
    """Have the published cards looked at again that end while the judgement stands."""
    months = range(month_index(score.period_from), month_index(score.expires_on) + 1)
    because = Because(TouchedBy.MANUAL, score.id)
    touching.note_months(session, score.supplier_id, months, because)
