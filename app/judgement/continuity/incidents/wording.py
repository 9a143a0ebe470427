"""Incidents as people read them: states, causes, durations, what is to be done next."""

from __future__ import annotations

from collections.abc import Collection

from app.base import formatting
from app.calc.recovery_times import MeanRecovery
from app.judgement.continuity.incidents.models import (
    DecisionState,
    Incident,
    IncidentCause,
    IncidentDecision,
    IncidentState,
    LinkKind,
    TaskState,
)
from app.judgement.continuity.incidents.queries import Exposure

HOURS_IN_DAY = 24
STATE_WORDS = {
    IncidentState.POTENTIAL: ("watch", "potential"),
    IncidentState.CONFIRMED: ("act", "confirmed"),
    IncidentState.CONTAINED: ("watch", "contained"),
    IncidentState.RESTORED: ("good", "restored"),
    IncidentState.DISMISSED: ("none", "dismissed"),
}
CAUSE_WORDS = {
    IncidentCause.PRODUCTION: "production stopped",
    IncidentCause.QUALITY: "quality",
    IncidentCause.LOGISTICS: "transport",
    IncidentCause.FINANCIAL: "money",
    IncidentCause.NATURAL: "fire, water, earth",
    IncidentCause.LABOUR: "strike or staff",
    IncidentCause.CYBER: "IT or attack",
    IncidentCause.POLITICAL: "politics or permits",
    IncidentCause.UPSTREAM: "their own supplier",
    IncidentCause.OTHER: "something else",
}
TASK_WORDS = {
    TaskState.OPEN: ("info", "open"),
    TaskState.DONE: ("good", "done"),
    TaskState.DROPPED: ("none", "dropped"),
}
DECISION_WORDS = {
    DecisionState.DECIDED: ("good", "decided"),
    DecisionState.PROPOSED: ("watch", "waits for another person"),
    DecisionState.REFUSED: ("none", "refused"),
}
LINK_WORDS = {LinkKind.EVENT: "event", LinkKind.DISRUPTION: "disruption", LinkKind.PLAN: "plan"}
# What each step of an incident is called where one takes it, and what it means.
STEP_WORDS = {
    IncidentState.CONFIRMED: ("Confirm it", "Supply is hit, or will be."),
    IncidentState.CONTAINED: ("It is contained", "Our lines are safe for now; supply is not back."),
    IncidentState.RESTORED: ("Supply is restored", "The supplier delivers as before."),
    IncidentState.DISMISSED: ("Dismiss it", "Nothing is hit. It stays in the log."),
    IncidentState.POTENTIAL: ("Take the dismissal back", "It may hit supply after all."),
}
NEXT_WORDS = {
    IncidentState.POTENTIAL: "Find out whether supply is hit, then confirm it or dismiss it.",
    IncidentState.CONFIRMED: "Make our lines safe, then say that it is contained.",
    IncidentState.CONTAINED: "Bring the supplier back, then say that supply is restored.",
}


def decision_badge(decision: IncidentDecision, waiting: Collection[int]) -> tuple[str, str]:
    """Return how a decision stands, as a badge's shape and word."""
    if decision.state == DecisionState.PROPOSED and decision.id not in waiting:
        return ("none", "taken back")
    return DECISION_WORDS[DecisionState(decision.state)]


def state_badge(incident: Incident) -> tuple[str, str]:
    """Return how the state of an incident is shown as a badge."""
    return STATE_WORDS[IncidentState(incident.state)]


def hours_words(hours: float | None) -> str:
    """Return a duration as people read it (“5.0 h”, “3.5 days”); “no data” where unknown."""
    if hours is None:
        return formatting.NO_DATA
    if abs(hours) < 2 * HOURS_IN_DAY:
        return f"{formatting.number(hours, 1)}{formatting.NARROW_SPACE}h"
    return f"{formatting.number(hours / HOURS_IN_DAY, 1)} days"


def exposure_words(exposure: Exposure) -> str:
    """Return revenue by currency; what nobody knows is said, never counted as nothing."""
    told = [formatting.money(amount, currency, 0) for currency, amount in exposure.sums]
    return " + ".join(told) or formatting.NO_DATA


def unknown_words(exposure: Exposure) -> str:
    """Return of how many parts the revenue is not known; empty where it is of all."""
    if not exposure.unknown:
        return ""
    return f"{formatting.count(exposure.unknown, 'part')} without a figure"


def mean_words(found: MeanRecovery) -> str:
    """Return what the mean rests on (“6 restored; with 2 that run at least 9.1 days”)."""
    told = [f"{found.closed} restored"]
    if found.running and found.at_least is not None:
        run = "runs" if found.running == 1 else "run"
        told.append(f"with {found.running} that {run} at least {hours_words(found.at_least)}")
    if found.unknown:
        told.append(f"{found.unknown} without a known beginning left out")
    return "; ".join(told)
