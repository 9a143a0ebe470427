"""Corrective actions as people read them: steps, states and severities in words."""

from __future__ import annotations

from app.base import formatting
from app.calc.corrective import Effectiveness, Severity, Step, StepStanding, StepState
from app.judgement.corrective.models import ActionState

STEP_WORDS = {
    Step.D1: "Team",
    Step.D2: "Problem described",
    Step.D3: "Containment",
    Step.D4: "Root causes",
    Step.D5: "Plan of correction",
    Step.D6: "Correction in place",
    Step.D7: "Prevention",
    Step.D8: "Closure",
}
SEVERITY_WORDS = {
    Severity.CRITICAL: ("act", "critical"),
    Severity.MAJOR: ("watch", "major"),
    Severity.MINOR: ("none", "minor"),
}
STATE_WORDS = {
    ActionState.OPEN: ("info", "open"),
    ActionState.CLOSED: ("good", "closed"),
    ActionState.WITHDRAWN: ("none", "withdrawn"),
}
STEP_STATE_WORDS = {
    StepState.OPEN: ("none", "open"),
    StepState.OVERDUE: ("act", "overdue"),
    StepState.ANSWERED: ("info", "answered"),
    StepState.ACCEPTED: ("good", "accepted"),
}
EFFECTIVENESS_WORDS = {
    Effectiveness.NOT_STARTED: "The correction is not in place yet, so nothing can be shown.",
    Effectiveness.WATCHING: "Watched: three lots or 90 days without recurrence are needed.",
    Effectiveness.EFFECTIVE: "Effective: it did not come back within three lots or 90 days.",
    Effectiveness.FAILED: "It came back: a lot was rejected after the correction.",
    Effectiveness.UNPROVEN: "90 days passed without a lot, which proves nothing.",
}


def step_words(step: Step | str) -> str:
    """Return a step with what it is about (“D3 Containment”)."""
    return f"{step} {STEP_WORDS[Step(step)]}"


def due_words(standing: StepStanding) -> str:
    """Return when a step is due, or why it has no due time."""
    if standing.due_at is None:
        return "no due time agreed"
    return f"due {formatting.moment(standing.due_at)}"


def late_words(standing: StepStanding) -> str:
    """Return whether the standing answer, or none, is late."""
    if standing.answered_at is None:
        return "none, late" if standing.is_late else ""
    told = f"answered {formatting.moment(standing.answered_at)}"
    if standing.is_late is None:
        return told
    return f"{told}, late" if standing.is_late else f"{told}, in time"
