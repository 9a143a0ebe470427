"""How early alerts spoke of what happened then: when each told, and when it was over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.facts.deliveries.period_reads import merged_suppliers
from app.judgement.alerts.catalogue import Group, Subject
from app.judgement.alerts.models import Alert, AlertRule, AlertState
from app.judgement.alerts.subjects import ALL
from app.judgement.fmea.living.warned import Span, Watch
from app.judgement.fmea.models import Measured
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.register import Group as MeasureGroup

# A date that comes near or an action that is overdue says nothing of what goods will do.
SPEAKING = (Group.MEASURE, Group.SIGN, Group.INDEX, Group.EVENT)
OF_QUALITY = ("sign:ppm_step", "index:quality")


def watch(session: Session, supplier_ids: Collection[int], kind: Measured) -> Watch:
    """Return the alerts of suppliers that speak of a kind of event, muted ones left out.

    Each told on the day it was raised, however far back its period lies: nobody knew before.
    They watch from the first one on that anybody was told of.
    """
    speaking = [key for key, each in ALL.items() if _speaks_of(each, kind)]
    told = (
        select(Alert.supplier_id, Alert.raised_at, Alert.cleared_on)
        .join(AlertRule, AlertRule.id == Alert.rule_id)
        .where(AlertRule.subject.in_(speaking), Alert.state != AlertState.MUTED)
    )
    since = session.scalar(told.with_only_columns(func.min(Alert.raised_at)))
    if since is None:
        return Watch()
    merged, spans = merged_suppliers(session), defaultdict[int, list[Span]](list)
    for owner, raised_at, over_on in session.execute(
        told.where(Alert.supplier_id.in_(supplier_ids))
    ):
        spans[merged.get(owner, owner)].append((raised_at.date(), over_on))
    return Watch(since.date(), spans)


def _speaks_of(subject: Subject, kind: Measured) -> bool:
    """Tell whether an alert on a subject may warn of a kind of event."""
    if kind is not Measured.REJECTED_LOTS:
        return subject.group in SPEAKING
    if subject.group is Group.MEASURE:
        return BY_ID[subject.id.split(":")[1]].group is MeasureGroup.QUALITY
    return subject.id in OF_QUALITY
