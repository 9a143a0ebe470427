"""States as screens show them: a shape, a word and a colour, from one table each."""

from __future__ import annotations

from dataclasses import dataclass

from app.calc.measure import Measure, MeasureState
from app.calc.rate_trend import TrendWord
from app.calc.signals import Severity
from app.judgement.scorecards.standing import Reach, off_target_words, reach
from app.judgement.scorecards.sureness import Sureness
from app.judgement.scorecards.wording import TREND_WORDS, grade_text


@dataclass(frozen=True, slots=True)
class Badge:
    """A state: kind (good, watch, act, fall, none, info) and its words."""

    kind: str
    words: str


NOT_COUNTED = Badge("none", "not counted")
GRADE_KINDS = {"A": "good", "B": "none", "C": "watch", "D": "act", "NR": "none"}
BAND_KINDS = {"low": "good", "medium": "watch", "high": "act", "critical": "act"}
TREND_KINDS = {
    TrendWord.IMPROVING: "rise",
    TrendWord.STABLE: "info",
    TrendWord.WORSENING: "fall",
    TrendWord.UNCLEAR: "info",
}
SIGN_KINDS = {Severity.WATCH: "watch", Severity.WARNING: "watch", Severity.ALARM: "act"}
STATUS_WORDS = {
    "prospect": "prospect",
    "qualifying": "qualifying",
    "approved": "approved",
    "preferred": "preferred",
    "improvement_plan": "improvement plan",
    "restricted": "restricted",
    "blocked": "blocked",
    "exited": "exited",
}


def grade_badge(grade: str | None, sure: Sureness | None = None) -> Badge:
    """Return a grade as a badge, with its “±”; NR stands where there is none."""
    return Badge(GRADE_KINDS[grade or "NR"], grade_text(grade, sure))


def trend_badge(word: TrendWord | None) -> Badge | None:
    """Return a trend as a badge; None where there is too little to call it anything."""
    if word is None or word not in TREND_KINDS:
        return None
    return Badge(TREND_KINDS[word], TREND_WORDS[word])


def band_badge(band: str | None, value: str = "") -> Badge:
    """Return a risk band as a badge, with the index before it where it is known."""
    if band is None:
        return Badge("none", "no data")
    return Badge(BAND_KINDS[band], f"{value} {band}".strip())


def target_badge(measure: Measure, goal: float | None, *, points: float | None) -> Badge:
    """Return how a scored measure stands to its target."""
    if measure.state is MeasureState.NO_DATA:
        return Badge("none", "no data")
    if measure.state is MeasureState.INSUFFICIENT:
        return Badge("none", "too few")
    if points is None:
        return NOT_COUNTED
    reached = reach(measure, goal, points=points)
    if reached is Reach.MET:
        return Badge("good", "on target")
    if reached is Reach.NEAR:
        return Badge("good", "near target")
    return Badge("act" if reached is Reach.FAR else "watch", off_target_words(measure.id))
