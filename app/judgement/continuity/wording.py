"""Continuity in words: what a part earns and why, what would raise it, how states are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from app.base import formatting
from app.calc.continuity import Basis, PartScore, Readiness, ReadinessBand
from app.calc.continuity_facts import Answer, ExerciseKind, Part, Topic, Why, newest_shown
from app.judgement.continuity.exercise_models import PlanExercise
from app.judgement.continuity.models import DependencyKind, PlanScope, PlanState
from app.judgement.continuity.readiness import PlanReading

PART_WORDS: Mapping[str, str] = {
    Part.DOCUMENTED: "documented and approved",
    Part.RECOVERY: "recovery time shown",
    Part.REVIEWED: "reviewed",
    Part.EXERCISED: "exercised",
    Part.ALTERNATE: "alternate capacity",
    Part.STOCK: "stock held",
    Part.CONTACTS: "contacts reached",
    Part.SUB_TIER: "plans of sub-suppliers",
}
WITHOUT_PLAN: Mapping[str, str] = {
    Basis.NO_PLAN: "It was asked, and no continuity plan was handed in: readiness 0.",
    Basis.NO_ANSWER: "It was asked for its continuity plan and did not answer within 30 days "
    "after the due date: readiness 0.",
}
BASIS_WORDS: Mapping[str, str] = {
    **WITHOUT_PLAN,
    Basis.PLAN: "By its continuity plan.",
    Basis.NEVER_ASKED: "Nobody asked it for a continuity plan, so its readiness is not known.",
    Basis.WAITING: "It was asked, and has time left to show a plan; its readiness is not known.",
}
WHY_WORDS: Mapping[Why, str] = {
    Why.APPROVED: "Approved by another person within 12 months.",
    Why.DRAFT_ONLY: "No version is approved.",
    Why.APPROVAL_EXPIRED: "The approval is older than 12 months; it ran out.",
    Why.SHOWN: "An exercise showed a recovery within the required time.",
    Why.SHOWN_TOO_LONG: "The newest timed exercise took longer than required; no claim counts.",
    Why.CLAIMED: "Claimed within the required time, never shown: half the points.",
    Why.CLAIMED_TOO_LONG: "The claimed recovery takes longer than required.",
    Why.NOTHING_REQUIRED: "Neither a contract nor an MTPD says what is required.",
    Why.NO_CLAIM: "The plan states no recovery time, and no exercise timed one.",
    Why.ANSWERED_YES: "Not in the plan; its answer says so, with a document: part of the points.",
    Why.ANSWERED_NO: "Not in the plan, and its answer says no.",
    Why.WITHIN_YEAR: "Reviewed within 12 months.",
    Why.WITHIN_TWO_YEARS: "Reviewed 12 to 24 months ago: half the points.",
    Why.TOO_OLD: "Longer than 24 months ago.",
    Why.NEVER_REVIEWED: "No review is recorded.",
    Why.REAL_EXERCISE: "A full or functional exercise within 12 months.",
    Why.TABLETOP: "A tabletop exercise within 12 months: 60 % of the points.",
    Why.OLD_OR_LESSER: "Some exercise within 24 months: 30 % of the points.",
    Why.NEVER_EXERCISED: "No exercise is recorded.",
    Why.ENOUGH: "The alternate capacity reaches the minimum (MBCO).",
    Why.TOO_LITTLE: "There is no alternate capacity, or less than the minimum (MBCO).",
    Why.CAPACITY_UNKNOWN: "The plan lacks the minimum (MBCO) or the alternate capacity.",
    Why.HELD: "Finished or critical goods, or last-time stock, are held.",
    Why.NONE_HELD: "No stock is held.",
    Why.STOCK_UNKNOWN: "The plan does not say what stock is held.",
    Why.ALL_REACHED: "Every contact was reached within 6 months.",
    Why.NOT_ALL_REACHED: "Not every contact was reached within 6 months.",
    Why.NO_CONTACTS: "No contact is recorded.",
    Why.OBTAINED: "It obtained the plans of its own suppliers.",
    Why.NOT_OBTAINED: "It did not obtain the plans of its own suppliers.",
    Why.SUB_TIER_UNKNOWN: "The plan does not say whether sub-suppliers have plans.",
}
RAISED_BY: Mapping[Part, str] = {
    Part.DOCUMENTED: "Submit the present version and have another person approve it.",
    Part.RECOVERY: "Time the recovery in an exercise; record the required time (MTPD or contract).",
    Part.REVIEWED: "Go through the plan with the supplier and record the review.",
    Part.EXERCISED: "Have it exercised in full or functionally within the year.",
    Part.ALTERNATE: "Agree alternate capacity of at least the MBCO, and record both.",
    Part.STOCK: "Agree stock of finished or critical goods, away from the line.",
    Part.CONTACTS: "Call every contact and record the day.",
    Part.SUB_TIER: "Have the supplier obtain the plans of its own suppliers.",
}
# Where the part alone does not tell what is lacking.
RAISED_FROM: Mapping[Why, str] = {
    Why.APPROVAL_EXPIRED: "Begin the next version, go through it, have another person approve it.",
    Why.SHOWN_TOO_LONG: "Shorten the recovery, and show it in another exercise.",
    Why.CLAIMED: "Time the recovery in an exercise.",
    Why.CLAIMED_TOO_LONG: "Agree a shorter recovery, and time it in an exercise.",
    Why.NOTHING_REQUIRED: "Record what is required: the contract’s recovery time, else the MTPD.",
    Why.CAPACITY_UNKNOWN: "Record the MBCO and the alternate capacity.",
    Why.NO_CONTACTS: "Record whom to call, call them, record the day.",
}
BANDS: Mapping[ReadinessBand, tuple[str, str]] = {
    ReadinessBand.READY: ("good", "ready"),
    ReadinessBand.PARTIAL: ("watch", "partial"),
    ReadinessBand.WEAK: ("act", "weak"),
    ReadinessBand.NONE: ("act", "no plan"),
}
STATES: Mapping[str, tuple[str, str]] = {
    PlanState.DRAFT: ("info", "draft"),
    PlanState.APPROVED: ("good", "approved"),
    PlanState.RETIRED: ("none", "retired"),
}
SCOPES: Mapping[str, str] = {
    PlanScope.SUPPLIER: "all it does for us",
    PlanScope.SITE: "a site",
    PlanScope.PART_FAMILY: "a family of parts",
}
KINDS: Mapping[str, str] = {
    ExerciseKind.NOTIFICATION: "notification",
    ExerciseKind.WALKTHROUGH: "walkthrough",
    ExerciseKind.TABLETOP: "tabletop",
    ExerciseKind.FUNCTIONAL: "functional",
    ExerciseKind.FULL: "full",
}
DEPENDENCIES: Mapping[str, str] = {
    DependencyKind.SITE: "site",
    DependencyKind.UTILITY: "utility",
    DependencyKind.PEOPLE: "people",
    DependencyKind.IT: "IT",
    DependencyKind.SUB_TIER: "sub-supplier",
}
TOPICS: Mapping[str, str] = {
    Topic.EXISTS: "Do you have a continuity plan?",
    Topic.COVERS: "Does it give alternate capacity for what we buy?",
    Topic.TESTED: "Was it tested?",
    Topic.TARGETS: "Did the test meet its targets?",
}
ANSWERS: Mapping[str, tuple[str, str]] = {
    Answer.YES: ("good", "yes"),
    Answer.PARTLY: ("watch", "partly"),
    Answer.NO: ("act", "no"),
}


def points_words(points: float | None) -> str:
    """Return points of the rubric; what nobody knows says so.

    Halves stay: rounded, 79.5 points would read as ready.
    """
    if points is None:
        return "not known"
    return formatting.number(points, 0 if points == round(points) else 1)


def readiness_words(readiness: Readiness) -> str:
    """Return a readiness as a figure, with the range where parts are not known."""
    if readiness.points is None or readiness.upper is None:
        return "not known"
    lowest = points_words(readiness.points)
    if readiness.upper == readiness.points:
        return lowest
    return f"{lowest} to {points_words(readiness.upper)}"


def band_badge(readiness: Readiness) -> tuple[str, str]:
    """Return how a readiness is shown as a badge."""
    return ("none", "not known") if readiness.band is None else BANDS[readiness.band]


def raised_by(part: PartScore) -> str:
    """Return what would raise a part; empty where it earns everything."""
    if part.points is not None and part.points >= part.most:
        return ""
    return RAISED_FROM.get(part.why) or RAISED_BY[part.part]


def required_words(plan: PlanReading) -> str:
    """Return what the recovery is held against."""
    if plan.facts.required_days is None:
        return "not known"
    days = formatting.count(int(plan.facts.required_days), "day")
    return f"{days} by {plan.required_by}" if plan.required_by else f"{days}, its MTPD"


def shown_days(plan: PlanReading, as_of: date) -> int | None:
    """Return the recovery that the newest timed exercise showed [days]."""
    found = newest_shown(plan.facts.exercises, as_of)
    if found is None or found.achieved_days is None:
        return None
    return int(found.achieved_days)


def days_words(days: float | None) -> str:
    """Return a number of days; what nobody knows says so."""
    return "not known" if days is None else formatting.count(round(days), "day")


def timed_words(exercise: PlanExercise) -> str:
    """Return the recovery that an exercise achieved, or why there is none."""
    if exercise.done_on is None:
        return "not done yet"
    if exercise.achieved_rto_days is None:
        return "not timed"
    return days_words(exercise.achieved_rto_days)


def yes_words(value: bool | None) -> str:
    """Return yes, no, or that nobody knows."""
    return "not known" if value is None else ("yes" if value else "no")
