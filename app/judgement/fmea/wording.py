"""FMEA as people read it: priorities, states, kinds and families in words."""

from __future__ import annotations

from app.calc.fmea import Row
from app.calc.fmea_matrix import DETECTION_BANDS, OCCURRENCE_BANDS, Priority
from app.judgement.fmea.models import Family, Measured, RatingKind, Subject
from app.judgement.fmea.queries import RegisterState
from app.judgement.fmea.standards import band_words

UNSCORED = "unscored"
# The kind of a badge, and its words: the letter first, then what it asks for.
PRIORITY_BADGES = {
    Priority.HIGH: ("act", "H"),
    Priority.MEDIUM: ("watch", "M"),
    Priority.LOW: ("good", "L"),
    None: ("none", UNSCORED),
}
PRIORITY_MEANING = {
    Priority.HIGH: "H: act, or justify in writing why what is done is enough.",
    Priority.MEDIUM: "M: should act, or justify.",
    Priority.LOW: "L: could act.",
}
STATE_BADGES = {
    RegisterState.DRAFT: ("none", "draft"),
    RegisterState.APPROVED: ("good", "approved"),
    RegisterState.CHANGED: ("watch", "changed since approval"),
    RegisterState.CLOSED: ("none", "closed"),
}
SUBJECT_WORDS = {
    Subject.SUPPLIER: "supplier",
    Subject.CATEGORY: "part family (category)",
    Subject.SITE: "site",
    Subject.LANE: "lane",
}
FAMILY_WORDS = {
    Family.SUPPLY: "supply",
    Family.DEMAND: "demand",
    Family.LOGISTICS: "logistics",
    Family.PROCESS: "process",
    Family.QUALITY: "quality",
    Family.GEOPOLITICAL: "geopolitics and economy",
    Family.CYBER: "information systems",
}
MEASURED_WORDS = {
    Measured.LATE_LINES: "late order lines",
    Measured.REJECTED_LOTS: "rejected lots",
    Measured.LINE_STOP: "line stops",
    Measured.YARD_HOLD: "yard holds",
    Measured.STOP_SHIP: "stops of shipping",
    Measured.PREMIUM_FREIGHT: "premium freight",
    Measured.SPECIAL_STATUS: "special status notices",
}
RATING_KIND_WORDS = {
    RatingKind.INHERENT: "inherent: without our controls",
    RatingKind.CURRENT: "as it is",
    RatingKind.PLANNED: "planned",
    RatingKind.REVISED: "after an action",
}
OCCURRENCE_HEADS = [f"O {words}" for words in band_words(OCCURRENCE_BANDS)]
DETECTION_HEADS = [f"D {words}" for words in band_words(DETECTION_BANDS)]
DIMENSION_WORDS = {
    "severity": ("S", "Severity", "how bad the effect is"),
    "occurrence": ("O", "Occurrence", "how often the cause comes"),
    "detection": ("D", "Detection", "how late we notice"),
}


def priority_badge(priority: str | None) -> tuple[str, str]:
    """Return the kind of badge and the words of a priority."""
    return PRIORITY_BADGES[None if priority is None else Priority(priority)]


def scores_words(row: Row) -> str:
    """Return the three ratings of a row (“S 8 · O 6 · D not rated”)."""
    scores = row.scores
    both = (("S", scores.severity), ("O", scores.occurrence), ("D", scores.detection))
    return " · ".join(f"{letter} {'not rated' if v is None else v}" for letter, v in both)
