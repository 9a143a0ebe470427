"""Dates, actions, the risk index and private events as subjects of rules."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.composite import (
    CONTINUITY,
    DELIVERY,
    DEPENDENCY,
    FINANCIAL,
    GEOGRAPHIC,
    QUALITY,
)
from app.calc.risk_bands import RiskBand
from app.facts.deliveries.period_reads import merged_suppliers, once
from app.facts.evidence import queries as evidence
from app.facts.evidence.events import hits
from app.facts.evidence.events.models import Severity as EventSeverity
from app.facts.suppliers.standings import queries as standings
from app.judgement.alerts.catalogue import Group, Reading, Readings, Subject, Unit, one_each
from app.judgement.corrective import queries as corrective
from app.judgement.corrective.models import ActionState
from app.judgement.risk_index.evaluation import PERIOD_KIND
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards.manual.models import ManualCriterion, ManualScore
from app.judgement.snapshots.queries import is_newest

BANDS = tuple(RiskBand)
DIMENSIONS = (FINANCIAL, GEOGRAPHIC, QUALITY, DELIVERY, DEPENDENCY, CONTINUITY)
EVENT_SEVERITIES = tuple(EventSeverity)
# An index older than this says nothing of today; the one before is looked for from here on.
INDEX_LASTS = timedelta(days=45)
BEFORE = timedelta(days=28)
REPEATED_WITHIN_DAYS = 90
RISK_PAGE, STANDING_PAGE = "overview.supplier_risk", "overview.supplier_standing"


def _statement_age(session: Session, as_of: date) -> Readings:
    """Return the age of the newest annual statement, of who ever gave one."""
    found = evidence.statements(session, as_of=as_of)
    ages = {key: (as_of - rows[0].closed_on).days for key, rows in found.items()}
    return one_each(
        {
            key: Reading(
                float(age),
                words=f"Statement of {formatting.day(found[key][0].closed_on)} is "
                f"{formatting.count(age, 'day')} old",
            )
            for key, age in ages.items()
        }
    )


def _days_to(what: str, day: date, as_of: date) -> str:
    left = (day - as_of).days
    told = f"in {formatting.count(left, 'day')}" if left >= 0 else (
        f"{formatting.count(-left, 'day')} ago"
    )  # fmt: skip
    return f"{what} ends {formatting.day(day)}, {told}"


def _exceptions(session: Session, as_of: date) -> Readings:
    """Return how long each exception from a block still holds [days]."""
    found: dict[int, list[Reading]] = defaultdict(list)
    for row in standings.running_exceptions(session, as_of):
        words = _days_to(f"Order exception of {row.buyer}", row.last_on, as_of)
        found[row.supplier_id].append(
            Reading(float((row.last_on - as_of).days), thing=str(row.public_id), words=words)
        )
    return found


def _standing_ends(session: Session, as_of: date) -> Readings:
    """Return how long each standing with an end still holds [days]."""
    return one_each(
        {
            key: Reading(
                float((row.until_on - as_of).days),
                words=_days_to(row.words.capitalize(), row.until_on, as_of),
            )
            for key, row in standings.standings_on(session, as_of).items()
            if row.until_on is not None
        }
    )


def _manual_scores(session: Session, as_of: date) -> Readings:
    """Return how long the newest judgement by each criterion still holds [days]."""
    rows = (
        select(ManualScore.supplier_id, ManualCriterion.name, ManualScore.expires_on)
        .join(ManualCriterion, ManualCriterion.id == ManualScore.criterion_id)
        .where(
            ManualScore.withdrawn_at.is_(None),
            ManualScore.period_from <= as_of,
            ManualCriterion.retired_at.is_(None),
        )
    )
    merged, newest = merged_suppliers(session), dict[tuple[int, str], date]()
    for key, name, expires_on in session.execute(rows):
        own = (merged.get(key, key), name)
        newest[own] = max(newest.get(own, expires_on), expires_on)
    found: dict[int, list[Reading]] = defaultdict(list)
    for (key, name), day in sorted(newest.items()):
        words = _days_to(f"Judgement “{name}”", day, as_of)
        found[key].append(Reading(float((day - as_of).days), thing=name[:80], words=words))
    return found


def _actions(what: str, session: Session, as_of: date) -> Readings:
    """Return how many open corrective actions are overdue, or repeat an earlier failure."""
    rows = once(
        session,
        f"alerts: corrective actions {as_of}",
        lambda: tuple(
            corrective.action_rows(
                session,
                corrective.Wanted(states=[ActionState.OPEN]),
                moment=corrective.close_of(as_of),
            )
        ),
    )
    merged, counts, numbers = merged_suppliers(session), dict[int, int](), dict[int, list[str]]()
    for row in rows:
        days = row.action.same_mode_days
        is_repeat = days is not None and days <= REPEATED_WITHIN_DAYS
        key = merged.get(row.action.supplier_id, row.action.supplier_id)
        counts.setdefault(key, 0)
        if row.is_overdue if what == "overdue" else is_repeat:
            counts[key] += 1
            numbers.setdefault(key, []).append(row.action.number)
    told = "overdue" if what == "overdue" else "repeats an earlier failure"
    return one_each(
        {
            key: Reading(
                float(count),
                words=f"{', '.join(numbers[key][:3])}: {told}" if count else "",
            )
            for key, count in counts.items()
        }
    )


def _indexes(session: Session, as_of: date) -> dict[int, RiskSnapshot]:
    """Return by supplier the newest published index by a day."""
    rows = (
        select(RiskSnapshot)
        .where(
            RiskSnapshot.period_kind == PERIOD_KIND,
            RiskSnapshot.period_end <= as_of,
            RiskSnapshot.period_end > as_of - INDEX_LASTS,
            is_newest(RiskSnapshot),
        )
        .order_by(RiskSnapshot.period_end)
    )
    return once(
        session,
        f"alerts: indexes {as_of}",
        lambda: {row.supplier_id: row for row in session.scalars(rows)},
    )


def _index_value(session: Session, as_of: date) -> Readings:
    return one_each(
        {
            key: Reading(row.value, None, row.lower, row.upper)
            for key, row in _indexes(session, as_of).items()
        }
    )


def _index_band(session: Session, as_of: date) -> Readings:
    return one_each(
        {
            key: Reading(_rank(row.band), words=f"Supply risk is {row.band or 'not rated'}")
            for key, row in _indexes(session, as_of).items()
        }
    )


def _index_band_up(session: Session, as_of: date) -> Readings:
    """Return by how many bands the index rose since the one published four weeks before."""
    found = {}
    for key, row in _indexes(session, as_of).items():
        before = _before(session, row.period_end).get(key)
        now, then = _rank(row.band), None if before is None else _rank(before.band)
        if before is None or now is None or then is None:
            found[key] = Reading(None)
            continue
        since = formatting.day(before.period_end)
        words = f"Supply risk from {before.band} to {row.band} since {since}"
        found[key] = Reading(now - then, words=words if now > then else "")
    return one_each(found)


def _before(session: Session, day: date) -> dict[int, RiskSnapshot]:
    """Return by supplier the newest index that is at least four weeks older than a day."""
    rows = (
        select(RiskSnapshot)
        .where(
            RiskSnapshot.period_kind == PERIOD_KIND,
            RiskSnapshot.period_end <= day - BEFORE,
            is_newest(RiskSnapshot),
        )
        .order_by(RiskSnapshot.period_end)
    )
    return once(
        session,
        f"alerts: indexes before {day}",
        lambda: {row.supplier_id: row for row in session.scalars(rows)},
    )


def _dimension(name: str, session: Session, as_of: date) -> Readings:
    found = {}
    for key, row in _indexes(session, as_of).items():
        risks = {each[0]: each[1] for each in row.parts.get("dimensions", ())}
        found[key] = Reading(risks.get(name))
    return one_each(found)


def _rank(band: str | None) -> float | None:
    return None if band is None else float(BANDS.index(RiskBand(band)))


def _events(session: Session, as_of: date) -> Readings:
    """Return how grave each event is that hits a supplier on a day: 1 minor to 3 severe.

    One that is over, or was withdrawn, says 0.
    """
    found: dict[int, list[Reading]] = defaultdict(list)
    for event, hit in hits.hits_on(session, as_of):
        rank = EVENT_SEVERITIES.index(EventSeverity(event.severity)) + 1
        is_on = event.withdrawn_at is None and hits.is_on(event, as_of)
        via = "through its upstream, " if hit.is_indirect else ""
        words = f"{event.title}: {via}{hit.through}"
        if hit.parts:
            words += f", {formatting.count(len(hit.parts), 'part')}"
        found[hit.supplier_id].append(
            Reading(
                float(rank) if is_on else 0.0,
                thing=str(event.public_id),
                words=words[:300],
                door=("events.show", {"event_id": str(event.public_id)}),
            )
        )
    return found


SUBJECTS = (
    Subject("index:value", "Supply risk index", Unit.POINTS, Group.INDEX, _index_value,
            low_is_bad=False, endpoint=RISK_PAGE),
    Subject("index:band", "Supply risk band, 0 low to 3 critical", Unit.COUNT, Group.INDEX,
            _index_band, low_is_bad=False, endpoint=RISK_PAGE),
    Subject("index:band_up", "Supply risk band, bands up in 4 weeks", Unit.COUNT, Group.INDEX,
            _index_band_up, low_is_bad=False, endpoint=RISK_PAGE),
    *(
        Subject(f"index:{name}", f"Risk of dimension {name}", Unit.POINTS, Group.INDEX,
                partial(_dimension, name), low_is_bad=False, endpoint=RISK_PAGE)
        for name in DIMENSIONS
    ),
    Subject("date:statement_age", "Annual statement, age", Unit.DAYS, Group.DATE, _statement_age,
            low_is_bad=False, endpoint=RISK_PAGE),
    Subject("date:standing", "Standing, days to its end", Unit.DAYS, Group.DATE, _standing_ends,
            absent_is_good=True, low_is_bad=True, endpoint=STANDING_PAGE),
    Subject("date:order_exception", "Order exception, days to its end", Unit.DAYS, Group.DATE,
            _exceptions, absent_is_good=True, low_is_bad=True, endpoint=STANDING_PAGE),
    Subject("date:manual_score", "Judgement by hand, days to its end", Unit.DAYS, Group.DATE,
            _manual_scores, absent_is_good=True, low_is_bad=True, endpoint="manual.judgements"),
    Subject("action:scar_overdue", "Corrective actions overdue", Unit.COUNT, Group.ACTION,
            partial(_actions, "overdue"), can_look_back=False,
            absent_is_good=True, low_is_bad=False, endpoint="overview.supplier_measures"),
    Subject("action:scar_repeat", "Corrective actions that repeat", Unit.COUNT, Group.ACTION,
            partial(_actions, "repeat"), can_look_back=False,
            absent_is_good=True, low_is_bad=False, endpoint="overview.supplier_measures"),
    Subject("event:hit", "Private event, 1 minor to 3 severe", Unit.COUNT, Group.EVENT, _events,
            can_look_back=False, absent_is_good=True, low_is_bad=False),
)  # fmt: skip
