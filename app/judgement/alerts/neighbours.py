"""What other features let be watched: each is a `Subject` over a query of theirs.

The place for dates and breaches that stand in tables of their own. A query tells of all
suppliers at once. The presets that wait for one of these ids (`presets.py`) show as soon as it
is here.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.fmea_matrix import Priority
from app.facts.deliveries.period_reads import once
from app.facts.evidence.concentration.queries import concentration_breaches
from app.facts.evidence.finance.queries import financial_zone_drops
from app.judgement.alerts.catalogue import Group, Reading, Readings, Subject, Unit, one_each
from app.judgement.alerts.ladders import DateAhead, reading_of
from app.judgement.continuity import due as continuity
from app.judgement.continuity.due import PlanDayKind
from app.judgement.contracts import queries as contracts
from app.judgement.contracts.overlooked import overlooked_renewals
from app.judgement.contracts.queries import DateKind
from app.judgement.fmea.living import acceptances, action_queries

# A statement speaks of its year; what it says of a fall is news for as long.
DROP_LASTS = timedelta(days=365)
# A country's share is nobody's own: it stands on the page of concentration and alarms nobody.
OF_SUPPLIERS = ("category_hhi", "shared_plant")
PLAN_LABELS = {
    PlanDayKind.REVIEW: "Continuity plan, days to its review",
    PlanDayKind.EXERCISE: "Exercise of a plan, days left",
    PlanDayKind.CERTIFICATE: "Certificate, days to its end",
    PlanDayKind.QUESTION: "Question about continuity, days left",
}


def _zone_drops(session: Session, as_of: date) -> Readings:
    """Return whose newest statement came in within a year and fell into a worse zone."""
    drops = financial_zone_drops(session, since=as_of - DROP_LASTS, as_of=as_of)
    return one_each(
        {
            each.supplier_id: Reading(
                1.0,
                words=f"{each.model} fell from {each.score_before:.2f} ({each.zone_before})"
                f" to {each.score:.2f} ({each.zone}), statement of"
                f" {formatting.day(each.closed_on)}",
            )
            for each in drops
        }
    )


def _breaches(session: Session, as_of: date) -> Readings:
    """Return what is concentrated on a supplier above its limit, over 12 months."""
    found: dict[int, list[Reading]] = defaultdict(list)
    for each in concentration_breaches(session, as_of=as_of):
        if each.kind not in OF_SUPPLIERS:
            continue
        words = (
            f"Largest in {each.label}: index {each.value:,.0f}, limit {each.limit:,.0f}"
            if each.kind == "category_hhi"
            else f"{each.label}: all sources of a part hang on it"
        )
        for supplier_id in each.supplier_ids:
            found[supplier_id].append(
                Reading(1.0, thing=f"{each.kind}:{each.key}"[:80], words=words)
            )
    return found


def _acceptances(session: Session, as_of: date) -> Readings:
    """Return how long each accepted risk of a supplier still is accepted [days]."""
    found: dict[int, list[Reading]] = defaultdict(list)
    for each in acceptances.current(session, as_of):
        if each.row.supplier_id is not None:
            date_ahead = DateAhead(
                str(each.public_id),
                each.until_on,
                f"“{each.row.mode}” is accepted until {formatting.day(each.until_on)}",
                is_critical=each.row.priority == Priority.HIGH,
                door=("actions.row", {"cause_id": str(each.row.public_id)}),
            )
            found[each.row.supplier_id].extend(reading_of(date_ahead, as_of))
    return found


def _contract_days(kind: DateKind, session: Session, as_of: date) -> Readings:
    """Return how far away each supplier's next contract days of a kind are [days]."""
    found: dict[int, list[Reading]] = defaultdict(list)
    for each in once(
        session,
        f"alerts: contract days {as_of}",
        lambda: tuple(contracts.deadlines(session, as_of)),
    ):
        if each.kind is kind:
            page = {
                "public_id": str(each.supplier_public_id),
                "contract_id": str(each.contract_public_id),
            }
            ahead = DateAhead(
                str(each.contract_public_id),
                each.day,
                each.words,
                each.is_critical,
                ("contracts.show", page),
            )
            found[each.supplier_id].extend(reading_of(ahead, as_of))
    return found


def _overlooked(session: Session, as_of: date) -> Readings:
    """Return the contracts that renew themselves because nobody had decided in time."""
    found: dict[int, list[Reading]] = defaultdict(list)
    for each in overlooked_renewals(session, as_of):
        page = {
            "public_id": str(each.supplier_public_id),
            "contract_id": str(each.contract_public_id),
        }
        found[each.supplier_id].append(
            Reading(
                1.0,
                thing=f"{each.contract_public_id}:{each.ends_on:%Y%m%d}",
                words=f"Contract {each.number}: {each.words}"[:300],
                door=("contracts.show", page),
            )
        )
    return found


def _plan_days(kind: PlanDayKind, session: Session, as_of: date) -> Readings:
    """Return how far away days of continuity plans of a kind are, past ones too [days]."""
    found: dict[int, list[Reading]] = defaultdict(list)
    for each in once(
        session,
        f"alerts: plan days {as_of}",
        lambda: tuple(continuity.plan_days(session, as_of)),
    ):
        if each.kind is kind:
            words = f"{each.title}: {each.words}"
            ahead = DateAhead(str(each.public_id), each.day, words, door=each.door)
            found[each.supplier_id].extend(reading_of(ahead, as_of))
    return found


def _overdue_actions(session: Session, as_of: date) -> Readings:
    """Return how many actions against a supplier's risks are overdue."""
    titles: dict[int, list[str]] = defaultdict(list)
    for each in action_queries.actions(session, overdue_on=as_of):
        if each.row.supplier_id is not None:
            titles[each.row.supplier_id].append(each.title)
    return one_each(
        {
            key: Reading(float(len(own)), words=f"Overdue: {', '.join(own)}"[:300])
            for key, own in titles.items()
        }
    )


SUBJECTS: tuple[Subject, ...] = (
    Subject("financial:zone_drop", "Altman zone, fallen within a year", Unit.SIGN, Group.SIGN,
            _zone_drops, can_look_back=False, absent_is_good=True, low_is_bad=False,
            endpoint="overview.supplier_financial"),
    Subject("concentration:breaches", "Concentration above its limit", Unit.SIGN, Group.SIGN,
            _breaches, can_look_back=False, absent_is_good=True, low_is_bad=False,
            endpoint="overview.supplier_risk"),
    Subject("date:acceptance", "Accepted risk, days to its end", Unit.DAYS, Group.DATE,
            _acceptances, can_look_back=False, absent_is_good=True, low_is_bad=True,
            endpoint="overview.supplier_risk"),
    Subject("date:notice", "Notice deadline of a contract, days left", Unit.DAYS, Group.DATE,
            partial(_contract_days, DateKind.NOTICE), can_look_back=False, absent_is_good=True,
            low_is_bad=True),
    Subject("date:their_notice", "Their notice deadline, days left", Unit.DAYS, Group.DATE,
            partial(_contract_days, DateKind.THEIR_NOTICE), can_look_back=False,
            absent_is_good=True, low_is_bad=True),
    Subject("date:contract_end", "Contract, days to its end", Unit.DAYS, Group.DATE,
            partial(_contract_days, DateKind.END), can_look_back=False, absent_is_good=True,
            low_is_bad=True),
    Subject("date:overlooked", "Renewal of a contract overlooked", Unit.SIGN, Group.DATE,
            _overlooked, can_look_back=False, absent_is_good=True, low_is_bad=False),
    *(
        Subject(f"date:{kind}", label, Unit.DAYS, Group.DATE, partial(_plan_days, kind),
                can_look_back=False, absent_is_good=True, low_is_bad=True)
        for kind, label in PLAN_LABELS.items()
    ),
    Subject("action:risk_overdue", "Actions against risks overdue", Unit.COUNT, Group.ACTION,
            _overdue_actions, can_look_back=False, absent_is_good=True, low_is_bad=False,
            endpoint="overview.supplier_risk"),
)  # fmt: skip
