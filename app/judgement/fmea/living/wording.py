"""Actions, acceptances and suggestions as people read them."""

from __future__ import annotations

from app.base import formatting
from app.calc.fmea_action import ActionKind, ActionState, EffectChange
from app.judgement.fmea.living.models import AcceptanceState, LinkKind, ReviewKind
from app.judgement.fmea.living.suggesting import Suggested
from app.judgement.fmea.models import Measured, RatingKind

DIMENSION_WORDS = {
    "severity": "Severity", "occurrence": "Occurrence", "detection": "Detection",
}  # fmt: skip
KIND_WORDS = {
    ActionKind.PREVENTION: "prevention",
    ActionKind.DETECTION: "detection",
    ActionKind.CONTINGENCY: "contingency",
}
STATE_WORDS = {
    ActionState.OPEN: ("info", "open"),
    ActionState.DECISION_PENDING: ("watch", "decision pending"),
    ActionState.IMPLEMENTATION_PENDING: ("info", "implementation pending"),
    ActionState.COMPLETED: ("good", "completed"),
    ActionState.NOT_IMPLEMENTED: ("none", "not implemented"),
}
EFFECT_WORDS = {
    EffectChange.DUAL_SOURCE: "a second source",
    EffectChange.BUFFER: "a buffer",
    EffectChange.REDESIGN: "a redesign",
}
PRIORITY_WORDS = {"H": ("act", "H"), "M": ("watch", "M"), "L": ("good", "L")}
NOT_RATED = ("none", "not rated")
RATING_WORDS = {
    RatingKind.INHERENT: "inherent",
    RatingKind.CURRENT: "rated",
    RatingKind.PLANNED: "planned",
    RatingKind.REVISED: "revised",
}
ACCEPTANCE_WORDS = {
    AcceptanceState.PROPOSED: ("watch", "waits for approval"),
    AcceptanceState.CONFIRMED: ("good", "accepted"),
    AcceptanceState.REFUSED: ("none", "refused"),
    AcceptanceState.ENDED: ("none", "ended"),
}
EXPIRED = ("act", "expired")
REVIEW_WORDS = {
    ReviewKind.CADENCE: "by its cadence",
    ReviewKind.DRIFT: "the facts say otherwise",
    ReviewKind.ACCEPTANCE: "its acceptance ran out",
}
LINK_WORDS = {
    LinkKind.PART: "part",
    LinkKind.SUPPLIER: "supplier",
    LinkKind.CONTRACT: "contract",
    LinkKind.PLAN: "plan",
}
MEASURED_WORDS = {
    Measured.LATE_LINES: "late line",
    Measured.REJECTED_LOTS: "rejected lot",
    Measured.LINE_STOP: "line stop",
    Measured.YARD_HOLD: "yard hold",
    Measured.STOP_SHIP: "stop ship",
    Measured.PREMIUM_FREIGHT: "premium freight",
    Measured.SPECIAL_STATUS: "special status",
}


def priority_badge(priority: str | None) -> tuple[str, str]:
    """Return a priority as a badge: its kind and its words."""
    return NOT_RATED if priority is None else PRIORITY_WORDS[priority]


def scores_words(severity: int | None, occurrence: int | None, detection: int | None) -> str:
    """Return three ratings in one line (“S 8 · O 6 · D 5”)."""
    pairs = (("S", severity), ("O", occurrence), ("D", detection))
    return " · ".join(f"{name} {'–' if value is None else value}" for name, value in pairs)


def basis_words(found: Suggested, dimension: str, kind: str | None) -> str:
    """Return what a suggestion rests on, or why there is none, in one sentence."""
    told = {
        "occurrence": _occurrence_words, "detection": _detection_words, "severity": _severity_words,
    }  # fmt: skip
    return told[dimension](found, kind)


def _occurrence_words(found: Suggested, kind: str | None) -> str:
    if kind is None:
        return "Nothing is counted for this failure mode; say on it what is measured."
    one = found.frequency
    if one.exposure_years == 0:
        return "It was watched nowhere in the last three years: no suggestion."
    said = (
        f"{formatting.count(one.events, MEASURED_WORDS[Measured(kind)])} in "
        f"{formatting.number(one.exposure_years, 1)} supplier-years"
    )
    if one.rating is None:
        return f"{said}: less than one supplier-year shows no frequency, so no suggestion."
    rate = formatting.number(one.rate, 2)
    interval = formatting.interval(one.lower, one.upper, 2)
    ends = f"{one.lowest} to {one.highest}" if one.lowest != one.highest else f"{one.lowest}"
    none_seen = "; none seen is rated as a chance of one half" if one.events == 0 else ""
    return f"{said}: {rate} a year ({interval}), so {ends}{none_seen}."


def _detection_words(found: Suggested, kind: str | None) -> str:
    basis = found.basis
    if kind is None:
        return "Nothing is counted for this failure mode, so no warning of it is measured."
    happened = MEASURED_WORDS[Measured(kind)]
    if basis.warning_days is None:
        return (
            "No late line, or the supplier’s own changes of promises are not recorded."
            if kind == Measured.LATE_LINES
            else f"No {happened} since the first alert that could warn of it: no suggestion."
        )
    who = "The first alert stood" if basis.is_alerted else "Warned"
    warned = (
        f"{who} {formatting.number(basis.warning_days, 0)} days ahead (median of "
        f"{formatting.count(basis.warnings, happened)})"
    )
    if basis.warning_days == 0:
        return f"{warned}: it showed when it happened."
    if basis.survive_days is None:
        return f"{warned}; how long our stock lasts is not known."
    return (
        f"{warned}; stock lasts {formatting.number(basis.survive_days, 0)} days at "
        f"{basis.survive_part} (known of {basis.parts_known} of {basis.parts} parts)."
    )


def _severity_words(found: Suggested, kind: str | None) -> str:
    basis = found.basis
    if basis.stop_days is None and kind is None:
        return "Neither recovery nor survival is known of its parts: no suggestion."
    if basis.stop_days is None:
        return "No line stop by this supplier in three years: what would follow is judged."
    if basis.stop_days == 0:
        return "Our stock outlasts the recovery of every part that is known: no suggestion."
    days = formatting.number(basis.stop_days, 1)
    if basis.is_stop_measured:
        return f"The longest line stop took {days} days."
    return f"Without the source we would stand {days} days: recovery less survival, worst part."
