"""Reads of rules and alerts: lists, one with its evidence, what is open for somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from app.base import scope
from app.base.errors import NotFound
from app.calc.alerting import Limits, Operator
from app.calc.usefulness import Suggestion, Usefulness, suggested, usefulness
from app.facts.suppliers.models import Category, Supplier
from app.judgement.alerts.models import (
    Alert,
    AlertFeedback,
    AlertRule,
    AlertState,
    Severity,
    Verdict,
)
from app.judgement.alerts.telling_models import Escalation

STANDING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)
RANK = {each: place for place, each in enumerate(Severity)}
SEARCHED = (Supplier.name, Supplier.number, Alert.words, AlertRule.name)


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert as lists show it."""

    alert: Alert
    rule: AlertRule
    supplier_public_id: UUID
    supplier_name: str
    category: str | None

    @property
    def hours_to_acknowledge(self) -> float | None:
        """How long it waited for somebody [hours]; None while nobody has it."""
        at = self.alert.acknowledged_at
        return None if at is None else (at - self.alert.raised_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Which alerts are wanted; empty means any."""

    states: Collection[str] = ()
    severities: Collection[str] = ()
    rules: Collection[str] = ()
    search: str = ""
    supplier_ids: Collection[int] | None = None
    ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class RuleUse:
    """How a rule's alerts were judged by people, and what another threshold would spare."""

    rule: AlertRule
    raised: int
    standing: int
    judged: Usefulness
    median_hours: float | None
    suggestion: Suggestion | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Of whom a rule speaks; None is anybody."""

    category_id: int | None = None
    segment: str | None = None
    supplier_id: int | None = None


def limits_of(rule: AlertRule) -> Limits:
    """Return what a rule compares with."""
    return Limits(
        Operator(rule.operator), rule.threshold, rule.clear, rule.least_n, rule.duration,
        rule.good_to_clear,
    )  # fmt: skip


def scope_of(rule: AlertRule) -> Scope:
    """Return of whom a rule speaks."""
    return Scope(rule.category_id, rule.segment, rule.supplier_id)


def rules_in_force(session: Session) -> list[AlertRule]:
    """Return the newest version of every rule that is not retired, by name."""
    rows = select(AlertRule).where(AlertRule.retired_at.is_(None))
    return list(session.scalars(rows.order_by(AlertRule.name, AlertRule.id)))


def rule_by_public_id(session: Session, public_id: UUID) -> AlertRule:
    """Return a version of a rule; raises NotFound."""
    found = session.scalars(select(AlertRule).where(AlertRule.public_id == public_id)).first()
    if found is None:
        raise NotFound("E-ALR-01", "There is no such rule.")
    return found


def versions_of(session: Session, key: str) -> list[AlertRule]:
    """Return all versions of a rule, the newest first."""
    rows = select(AlertRule).where(AlertRule.key == key).order_by(AlertRule.version.desc())
    return list(session.scalars(rows))


def alert_rows(
    session: Session,
    query: AlertQuery,
    *,
    sort: str = "severity",
    is_falling: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> list[AlertRow]:
    """Return alerts, those that stand longest among equals first."""
    keys = [key.desc() if is_falling else key.asc() for key in _sort_keys()[sort]]
    rows = _listed(query).order_by(*keys, Alert.raised_on, Alert.id).offset(offset)
    if limit is not None:
        rows = rows.limit(limit)
    return [AlertRow(*row) for row in session.execute(rows)]


def alert_count(session: Session, query: AlertQuery) -> int:
    """Return how many alerts there are."""
    ids = _listed(query).with_only_columns(Alert.id, maintain_column_froms=True)
    return session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def alert_row(session: Session, public_id: UUID) -> AlertRow:
    """Return one alert; raises NotFound, also for one out of reach."""
    rows = _joined().where(Alert.public_id == public_id)
    found = session.execute(rows).first()
    if found is None:
        raise NotFound("E-ALR-02", "There is no such alert.")
    return AlertRow(*found)


def open_alerts(session: Session, supplier_ids: Collection[int] | None = None) -> list[AlertRow]:
    """Return the alerts that stand, the gravest first: for agendas, digests and pages."""
    return alert_rows(session, AlertQuery(states=STANDING, supplier_ids=supplier_ids))


def mine_by_severity(session: Session) -> dict[str, int]:
    """Return how many open alerts whoever looks may take on, the gravest first."""
    rows = session.execute(select(Alert.id, Alert.severity).where(Alert.state == AlertState.OPEN))
    severities: dict[int, str] = {row[0]: row[1] for row in rows}
    own = scope.writable_ids(session, "alert", severities)
    counts = {str(each): 0 for each in reversed(list(Severity))}
    for key in own:
        counts[severities[key]] += 1
    return {severity: count for severity, count in counts.items() if count}


def escalations_of(session: Session, alert_id: int) -> list[Escalation]:
    """Return who was told of an alert by the ladder, in order."""
    rows = select(Escalation).where(Escalation.alert_id == alert_id).order_by(Escalation.place)
    return list(session.scalars(rows))


def verdict_of(session: Session, alert_id: int, user_id: int | None) -> Verdict | None:
    """Return what somebody thinks of an alert."""
    found = session.scalar(
        select(AlertFeedback.verdict).where(
            AlertFeedback.alert_id == alert_id, AlertFeedback.user_id == user_id
        )
    )
    return None if found is None else Verdict(found)


def uses(session: Session) -> list[RuleUse]:
    """Return of each rule in force how its alerts were judged.

    An alert counts useful where most who judged it said so, and noise else.
    """
    said = _majorities(session)
    rows = session.execute(
        select(Alert.rule_key, Alert.id, Alert.state, Alert.value, Alert.raised_at,
               Alert.acknowledged_at)
    ).all()  # fmt: skip
    found = []
    for rule in rules_in_force(session):
        own = [row for row in rows if row.rule_key == rule.key]
        values = {
            verdict: [row.value for row in own if said.get(row.id) is verdict
                      and row.value is not None]
            for verdict in Verdict
        }  # fmt: skip
        counts = {verdict: sum(said.get(row.id) is verdict for row in own) for verdict in Verdict}
        waits = sorted(
            (row.acknowledged_at - row.raised_at).total_seconds() / 3600
            for row in own
            if row.acknowledged_at is not None
        )
        found.append(
            RuleUse(
                rule,
                len(own),
                sum(row.state in STANDING for row in own),
                usefulness(counts[Verdict.USEFUL], counts[Verdict.NOISE]),
                waits[len(waits) // 2] if waits else None,
                suggested(values[Verdict.USEFUL], values[Verdict.NOISE], Operator(rule.operator)),
            )
        )
    return found


def _majorities(session: Session) -> dict[int, Verdict]:
    useful = func.sum(case((AlertFeedback.verdict == Verdict.USEFUL, 1), else_=-1))
    rows = session.execute(select(AlertFeedback.alert_id, useful).group_by(AlertFeedback.alert_id))
    return {
        key: Verdict.USEFUL if balance > 0 else Verdict.NOISE for key, balance in rows if balance
    }


def in_scope(session: Session, scope: Scope) -> set[int] | None:
    """Return the suppliers that a rule speaks of; None for everybody."""
    if scope == Scope():
        return None
    rows = select(Supplier.id)
    if scope.category_id is not None:
        rows = rows.where(Supplier.category_id.in_(_below(session, scope.category_id)))
    if scope.segment is not None:
        rows = rows.where(Supplier.segment == scope.segment)
    if scope.supplier_id is not None:
        rows = rows.where(Supplier.id == scope.supplier_id)
    return set(session.scalars(rows))


def category_paths(session: Session) -> dict[int, list[int]]:
    """Return by category itself and those above it, the nearest first."""
    parents = {row[0]: row[1] for row in session.execute(select(Category.id, Category.parent_id))}
    paths = {}
    for key in parents:
        path, at = [key], parents[key]
        # A circle by mistake must end too.
        while at is not None and at not in path:
            path.append(at)
            at = parents.get(at)
        paths[key] = path
    return paths


def supplier_names(session: Session, ids: Iterable[int]) -> Mapping[int, tuple[UUID, str]]:
    """Return by key how suppliers are addressed and called."""
    wanted = set(ids)
    rows = session.execute(select(Supplier.id, Supplier.public_id, Supplier.name))
    return {key: (public_id, name) for key, public_id, name in rows if key in wanted}


def last_judged_on(session: Session) -> date | None:
    """Return the last period that any rule was judged for."""
    return session.scalar(select(func.max(AlertRule.judged_on)))


def _below(session: Session, category_id: int) -> list[int]:
    return [key for key, path in category_paths(session).items() if category_id in path]


def _joined() -> Select[Alert, AlertRule, UUID, str, str | None]:
    return (
        select(Alert, AlertRule, Supplier.public_id, Supplier.name, Category.name)
        .join(AlertRule, AlertRule.id == Alert.rule_id)
        .join(Supplier, Supplier.id == Alert.supplier_id)
        .outerjoin(Category, Category.id == Supplier.category_id)
    )


def _listed(query: AlertQuery) -> Select[Alert, AlertRule, UUID, str, str | None]:
    rows = _joined()
    for column, wanted in (
        (Alert.state, query.states),
        (Alert.severity, query.severities),
        (Alert.rule_key, query.rules),
    ):
        if wanted:
            rows = rows.where(column.in_(wanted))
    if query.supplier_ids is not None:
        rows = rows.where(Alert.supplier_id.in_(query.supplier_ids))
    if query.ids is not None:
        rows = rows.where(Alert.id.in_(query.ids))
    if query.search:
        fits = [column.icontains(query.search, autoescape=True) for column in SEARCHED]
        rows = rows.where(or_(*fits))
    return rows


def _sort_keys() -> dict[str, list[ColumnElement[object]]]:
    rank: ColumnElement[object] = case(
        *((Alert.severity == each, place) for each, place in RANK.items()), else_=0
    )
    return {
        "severity": [rank],
        "raised": [Alert.raised_on],  # type: ignore[list-item] # a mapped column is one
        "supplier": [func.lower(Supplier.name)],
        "rule": [func.lower(AlertRule.name)],
        "seen": [Alert.last_seen_on],  # type: ignore[list-item] # as above
    }
