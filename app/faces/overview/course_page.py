"""How a rate goes, as a page shows it: the word, the chart, and the method for whoever asks.

Everything is text or SVG already; the template only places it.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.base import formatting
from app.base.charts import Svg
from app.base.formatting import EN_DASH, NARROW_SPACE
from app.calc.p_chart import MIN_BASELINE_PERIODS
from app.calc.rate_trend import CONFIRMING_SIGMAS, WINDOW_PERIODS, TrendWord
from app.calc.signals import SignalKind
from app.faces.overview import pictures
from app.faces.overview.doors import door_to
from app.faces.overview.key_figures import Need
from app.faces.overview.states import SIGN_KINDS, Badge, trend_badge
from app.judgement.scorecards import wording
from app.judgement.scorecards.course import MONTHS_NEEDED, Course, CourseMonth
from app.judgement.scorecards.queries import Card
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.signs import Sign

HUNDRED = 100
P_PLACES = 3
SMALLEST_P = 0.001
HEADS = (
    "Month", "Lines", "Rate", "p-chart limits", "EWMA", "EWMA limits", "CUSUM down", "CUSUM up",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CoursePanel:
    """A rate by month. `lacking` says what a word or the limits need, where there are none."""

    title: str
    badge: Badge | None
    reading: str
    lacking: str
    chart: Svg
    method: tuple[tuple[str, str], ...]
    months: tuple[tuple[str, ...], ...]


def course_panel(card: Card, course: Course) -> CoursePanel:
    """Return the panel of a card's leading rate."""
    label = BY_ID[course.measure_id].label
    return CoursePanel(
        title=f"{label}, month by month",
        badge=trend_badge(course.word),
        reading=_reading(course),
        lacking=_lacking(course),
        chart=pictures.rate_by_month(card, course.measure_id, title=label, course=course),
        method=_method(course),
        months=tuple(_row(month) for month in reversed(course.months) if month.verdict is not None),
    )


def signs_as_needs(signs: tuple[Sign, ...], supplier_id: str, query: dict[str, str]) -> list[Need]:
    """Return early signs as a list says them; what stands under “Needs you” is left out."""
    return [
        Need(
            SIGN_KINDS[sign.severity],
            wording.sign_text(sign),
            f"{wording.sign_evidence(sign)}; {wording.since_text(sign)}",
            href=door_to(sign.measure_id, supplier_id, query) or "",
        )
        for sign in signs
        if sign.kind is not SignalKind.BELOW_SLA or not sign.is_raised
    ]


def _reading(course: Course) -> str:
    if not course.has_chart:
        return "By the month in which the due window ended. A gap is a month without a judged line."
    first, last = course.baseline_from, course.baseline_from + course.baseline_months - 1
    months = f"{formatting.month(first)} {EN_DASH} {formatting.month(last)}"
    beyond = "Rings lie outside it." if course.outside else "No month lies outside it."
    return (
        "Shaded: what chance explains, given each month's number of lines and their clustering by "
        f"order (baseline {months}, {formatting.percent(course.centre)}). {beyond}"
    )


def _lacking(course: Course) -> str:
    told = []
    if course.word is TrendWord.TOO_SHORT:
        told.append(
            f"No trend is told: {course.known_months} of the last {WINDOW_PERIODS} months have "
            f"lines, {MONTHS_NEEDED} are needed."
        )
    if not course.has_chart:
        told.append(
            f"No limits are drawn: they need {MIN_BASELINE_PERIODS} months with lines before the "
            "ones that are judged."
        )
    return " ".join(told)


def _method(course: Course) -> tuple[tuple[str, str], ...]:
    """Return the trend test and the charts' constants, each as a term and what it says."""
    found: list[tuple[str, str]] = []
    if course.word is not TrendWord.TOO_SHORT and course.slope is not None:
        found += [
            ("Trend test", f"Mann–Kendall S {formatting.signed(course.s, 0)}, p {_p(course.p)}"),
            (
                "Sen's slope",
                f"{formatting.signed(course.slope * HUNDRED, 2)} points a month, "
                f"{formatting.signed((course.change or 0) * HUNDRED, 1)} over "
                f"{course.window} months",
            ),
        ]
    if course.has_chart:
        found += [
            ("Centre", f"{formatting.percent(course.centre)} of {course.baseline_months} months"),
            (
                "Dispersion",
                f"φ {formatting.number(course.dispersion, 2)}; limits are "
                f"{formatting.number(course.inflation, 2)} times as wide as by chance alone",
            ),
            (
                "EWMA, CUSUM",
                f"σ {_points(course.drift_sigma)}; EWMA λ 0.2 at "
                f"{formatting.number(CONFIRMING_SIGMAS)} σ; CUSUM k ½ σ, h "
                f"{_points(course.cusum_limit)}",
            ),
        ]
    return tuple(found)


def _row(month: CourseMonth) -> tuple[str, ...]:
    return (
        formatting.month(month.month),
        formatting.number(month.n),
        formatting.percent(month.value),
        formatting.percent_interval(month.lower, month.upper),
        formatting.percent(month.smoothed),
        formatting.percent_interval(month.smoothed_lower, month.smoothed_upper),
        _points(month.fallen),
        _points(month.risen),
    )


def _points(fraction: float | None) -> str:
    """Return a difference of rates in percentage points."""
    if fraction is None:
        return ""
    return f"{formatting.number(fraction * HUNDRED, 1)}{NARROW_SPACE}pt"


def _p(p: float | None) -> str:
    if p is not None and p < SMALLEST_P:
        return f"below {SMALLEST_P}"
    return formatting.number(p, P_PLACES)
