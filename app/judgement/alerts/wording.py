"""Alerts as people read them: severities, states, conditions, waiting times in words."""

from __future__ import annotations

from collections.abc import Mapping

from app.base import formatting
from app.calc.alerting import Operator
from app.judgement.alerts.catalogue import Cadence, Subject, Unit, shown
from app.judgement.alerts.models import Alert, AlertRule, AlertState, Severity, Verdict
from app.judgement.alerts.queries import limits_of
from app.judgement.alerts.subjects import subject_of
from app.judgement.alerts.telling_models import Cadence as MailCadence

SEVERITY_WORDS = {
    Severity.ALARM: ("act", "alarm"),
    Severity.WARNING: ("watch", "warning"),
    Severity.WATCH: ("info", "watch"),
}
DOTS = {Severity.ALARM: "act", Severity.WARNING: "watch", Severity.WATCH: "none"}
STATE_WORDS = {
    AlertState.OPEN: ("act", "open"),
    AlertState.ACKNOWLEDGED: ("info", "acknowledged"),
    AlertState.MUTED: ("none", "muted"),
    AlertState.CLEARED: ("good", "cleared"),
}
VERDICT_WORDS = {Verdict.USEFUL: "useful", Verdict.NOISE: "noise"}
OPERATOR_WORDS = {
    Operator.BELOW: "below",
    Operator.AT_MOST: "at most",
    Operator.ABOVE: "above",
    Operator.AT_LEAST: "at least",
}
CADENCE_WORDS = {
    MailCadence.NEVER: "no digest",
    MailCadence.DAILY: "daily",
    MailCadence.WEEKLY: "weekly",
}
PERIODS = {Cadence.MONTH: ("month", "months"), Cadence.DAY: ("day", "days")}
HOURS_IN_DAY = 24


def subject_label(rule: AlertRule) -> str:
    """Return what a rule watches; its id where nobody tells of it any more."""
    subject = subject_of(rule.subject)
    return rule.subject if subject is None else subject.label


def condition(rule: AlertRule) -> str:
    """Return when a rule raises: “below 90.0 %, 2 months in a row, from 10 on”."""
    limits, subject = limits_of(rule), subject_of(rule.subject)
    unit = Unit.RATIO if subject is None else subject.unit
    told = [f"{OPERATOR_WORDS[limits.operator]} {shown(unit, limits.threshold)}"]
    if unit is Unit.SIGN:
        told = ["the sign stands"]
    if limits.duration > 1:
        told.append(f"{periods(subject, limits.duration)} in a row")
    if limits.least_n:
        told.append(f"from {formatting.number(limits.least_n)} in the sample on")
    return ", ".join(told)


def clearing(rule: AlertRule) -> str:
    """Return when a rule clears."""
    limits, subject = limits_of(rule), subject_of(rule.subject)
    good = f"after {periods(subject, limits.good_to_clear, 'good ')}"
    if limits.clear is None or subject is None:
        return good
    side = "or more" if limits.operator.is_low_bad else "or less"
    return f"{good}: {shown(subject.unit, limits.clear)} {side}"


def periods(subject: Subject | None, count: int, what: str = "") -> str:
    """Return a number of a subject's periods (“2 months”, “1 good day”)."""
    one, many = PERIODS[Cadence.MONTH if subject is None else subject.cadence]
    return formatting.count(count, what + one, what + many)


def scope_words(
    rule: AlertRule, categories: Mapping[int, str], suppliers: Mapping[int, str]
) -> str:
    """Return of whom a rule speaks."""
    told = []
    if rule.category_id is not None:
        told.append(categories.get(rule.category_id, "one category"))
    if rule.segment is not None:
        told.append(f"segment {rule.segment}")
    if rule.supplier_id is not None:
        told.append(suppliers.get(rule.supplier_id, "one supplier"))
    return ", ".join(told) or "all suppliers"


def value_words(alert: Alert, value: float | None) -> str:
    """Return a value of an alert in its unit."""
    return shown(Unit(alert.evidence.get("unit", Unit.RATIO)), value)


def interval_words(alert: Alert) -> str:
    """Return the 95 % interval of what raised an alert; empty where there is none."""
    lower, upper = alert.evidence.get("lower"), alert.evidence.get("upper")
    if lower is None or upper is None:
        return ""
    return f"{value_words(alert, lower)} – {value_words(alert, upper)}"


def soon_words(soon: Mapping[str, float | None] | None) -> str:
    """Return when a trend reaches the floor: “in about 6 weeks (4 to 15)”."""
    if not soon or soon.get("weeks") is None:
        return ""
    weeks, first, last = (
        None if soon[name] is None else max(1, round(float(soon[name] or 0)))
        for name in ("weeks", "soonest", "latest")
    )
    until = f"{first} to {last}" if last is not None else f"{first} or more; it may never"
    floor = formatting.percent(soon.get("floor"))
    return f"At this slope it crosses {floor} in about {weeks} weeks ({until})."


def hours_words(hours: float | None) -> str:
    """Return a time to acknowledge (“3.0 h”, “2.1 days”)."""
    if hours is None:
        return ""
    if hours < 2 * HOURS_IN_DAY:
        return f"{formatting.number(hours, 1)} h"
    return f"{formatting.number(hours / HOURS_IN_DAY, 1)} days"


def threshold_words(subject_id: str, value: float) -> str:
    """Return a threshold in the unit of a subject."""
    subject = subject_of(subject_id)
    return shown(Unit.RATIO if subject is None else subject.unit, value)
