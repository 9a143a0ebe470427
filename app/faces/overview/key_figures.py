"""The figures that stand on top of a supplier's pages, and what needs somebody's attention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.base import formatting
from app.calc.measure import Measure
from app.faces.overview.doors import door_to
from app.faces.overview.states import BAND_KINDS, Badge, target_badge
from app.judgement.risk_index.evaluation import RiskCard
from app.judgement.risk_index.explanations import floor_sentence
from app.judgement.risk_index.queries import RiskSnapshotHead, RiskView
from app.judgement.scorecards import wording
from app.judgement.scorecards.course import ON_TIME, OTIF, Course, leading_measure
from app.judgement.scorecards.queries import Card, SnapshotHead

DEPENDENCY = "dependency"
MONTHS_IN_A_ROW = 2
GRAVITY = ("act", "fall", "watch", "info", "good", "rise", "none")
RATE_NAMES = {OTIF: "OTIF by line", ON_TIME: "On time"}
COUNT_WORDS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One key figure: its name, itself, what stands beside and under it, where it leads."""

    name: str
    figure: str
    beside: str = ""
    badge: Badge | None = None
    more: str = ""
    href: str = ""
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs somebody: what, why, by when, and where to look."""

    kind: str
    what: str
    why: str = ""
    when: str = ""
    href: str = ""


def key_figures(
    card: Card,
    risk: RiskView,
    *,
    period: str,
    trend: Course,
    before: SnapshotHead | None,
    risk_before: RiskSnapshotHead | None,
    supplier_id: str,
    query: dict[str, str],
) -> list[KeyFigure]:
    """Return the five figures on top of a supplier's pages."""
    return [
        _score(card, period, before),
        _rate(card, trend, supplier_id, query),
        defects(card, supplier_id, query),
        _index(risk, risk_before),
        _recovery(risk.card),
    ]


def most_pressing_first(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Return what needs somebody by its gravity, each once, in the given order within one."""
    return tuple(sorted(dict.fromkeys(needs), key=lambda each: GRAVITY.index(each.kind)))


def needs(card: Card, risk: RiskView, *, supplier_id: str, query: dict[str, str]) -> list[Need]:
    """Return what a supplier's card and index ask of somebody."""
    caps = [wording.cap_text(cap, card.result) for cap in card.result.caps]
    found = [Need("act", told.rstrip(".")) for told in caps]
    found += _below_floor(card, door_to("otif_line", supplier_id, query) or "")
    found += [
        Need("act" if floor.band in ("high", "critical") else "watch",
             floor_sentence(str(floor.reason), uncovered_days=_uncovered(risk.card)).rstrip("."))
        for floor in risk.card.result.floors
    ]  # fmt: skip
    found += _open_lines(card, door_to("open_past_due", supplier_id, query) or "")
    lacking = sum(part.weight for part in card.result.parts if part.points is None)
    if lacking:
        words = f"{lacking} % of the score's weight is not known"
        found.append(Need("none", words, "what to ask for stands below the scorecard"))
    return found


def _score(card: Card, period: str, before: SnapshotHead | None) -> KeyFigure:
    result, sure = card.result, card.sure
    coverage = f"coverage {formatting.percent(result.coverage, 0)}"
    name = f"Score, {period}"
    if result.score is None:
        more = f"not enough is known: {coverage}; 60 % is needed"
        return KeyFigure(name, "not rated", more=more, is_unknown=True)
    beside = wording.grade_text(result.grade, sure)
    if before is not None and before.score is not None:
        beside += f" · was {formatting.score(before.score)} {before.grade}"
    if result.state == "provisional":
        beside += " · provisional"
    more = coverage if sure is None else f"sampling range {wording.range_text(sure)} · {coverage}"
    return KeyFigure(name, formatting.score(result.score), beside, more=more)


def _rate(card: Card, trend: Course, supplier_id: str, query: dict[str, str]) -> KeyFigure:
    own = card.measures[leading_measure(card.measures)]
    name = RATE_NAMES[own.id]
    door = door_to(own.id, supplier_id, query) or ""
    if own.value is None:
        return _unknown(name, own, door)
    floor = card.method.otif_floor
    badge = None
    if own.id == OTIF and own.value < floor:
        badge = Badge("fall", f"floor {formatting.percent(floor, 0)}")
    last = next((m for m in reversed(card.months) if m.measures[own.id].value is not None), None)
    more = ""
    if last is not None:
        more = f"{formatting.month(last.month)} {formatting.percent(last.measures[own.id].value)}"
    if trend.measure_id == own.id and (words := wording.TREND_WORDS[trend.word]):
        more += f" · {words}" if more else words
    return KeyFigure(
        name,
        formatting.percent(own.value),
        f"of {formatting.count(own.n or 0, 'line')}",
        badge,
        more,
        door,
    )


def defects(card: Card, supplier_id: str, query: dict[str, str]) -> KeyFigure:
    """Return the defects, in the state that their row of the scorecard has."""
    own = card.measures["ppm"]
    door = door_to("ppm", supplier_id, query) or ""
    if own.value is None:
        return _unknown("Defects", own, door)
    limit = card.method.limits["ppm"]
    points = next((part.points for part in card.result.parts if part.measure_id == own.id), None)
    # A few units without a reject are too few, not fine.
    badge = target_badge(own, card.method.target(own.id), points=points)
    if own.value > limit and badge.kind != "none":
        badge = Badge(badge.kind, f"{formatting.number(own.value / limit, 1)} × limit")
    elif badge.kind == "good":
        badge = Badge("good", f"limit {formatting.number(limit)}")
    more = f"{formatting.number(own.numerator)} of {formatting.number(own.denominator)} units"
    return KeyFigure("Defects", formatting.ppm(own.value), "", badge, more, door)


def _index(risk: RiskView, before: RiskSnapshotHead | None) -> KeyFigure:
    result = risk.card.result
    if result.value is None:
        more = f"{formatting.percent(result.coverage, 0)} of its weight is known; 70 % is needed"
        badge = None
        if result.band is not None:
            badge = Badge(BAND_KINDS[str(result.band)], f"at least {result.band}")
        return KeyFigure("Supply risk index", "not rated", badge=badge, more=more, is_unknown=True)
    beside = f"{result.band}"
    if before is not None and before.value is not None:
        beside += f" · was {formatting.number(before.value, 1)}"
    bounds = f"{formatting.number(result.lower, 1)} – {formatting.number(result.upper, 1)}"
    more = f"if the missing were 0 or 100: {bounds}" if result.coverage < 1 else ""
    badge = None
    if risk.override is not None:
        badge = Badge(BAND_KINDS[risk.override.band], f"set to {risk.override.band} by people")
    elif result.band != result.band_without_floor:
        badge = Badge(BAND_KINDS[str(result.band)], f"lifted from {result.band_without_floor}")
    return KeyFigure("Supply risk index", formatting.number(result.value, 1), beside, badge, more)


def _recovery(card: RiskCard) -> KeyFigure:
    name = "Time to recover against survive"
    inputs = _dependency(card)
    if "uncovered_days" not in inputs:
        more = "recovery and stock times are not recorded for its parts"
        return KeyFigure(name, formatting.NO_DATA, more=more, is_unknown=True)
    gap = inputs["uncovered_days"]
    badge = Badge("good", "covered")
    if gap > 0:
        badge = Badge("act", f"{formatting.count(gap, 'day')} uncovered")
    return KeyFigure(
        name,
        formatting.days(inputs["recover_days"], 0),
        f"vs {formatting.days(inputs['survive_days'], 0)} stock",
        badge,
        f"part {inputs['exposed_part']}",
    )


def _unknown(name: str, own: Measure, door: str) -> KeyFigure:
    return KeyFigure(name, formatting.NO_DATA, more=own.reason or "", href=door, is_unknown=True)


def _below_floor(card: Card, door: str) -> list[Need]:
    """Tell how many of the latest months in a row lay below the OTIF floor."""
    floor = card.method.otif_floor
    months = 0
    for month in reversed(card.months):
        value = month.measures["otif_line"].value
        if value is None or value >= floor:
            break
        months += 1
    if months < MONTHS_IN_A_ROW:
        return []
    number = COUNT_WORDS[months] if months < len(COUNT_WORDS) else formatting.number(months)
    what = f"OTIF below its floor {number} months running"
    why = f"floor {formatting.percent(floor, 0)}, by due month"
    return [Need("act", what, why, href=door)]


def _open_lines(card: Card, door: str) -> list[Need]:
    own = card.measures["open_past_due"]
    if not own.value:
        return []
    what = f"{formatting.count(int(own.value), 'line')} open past due"
    return [Need("watch", what, "due, and goods still lack", href=door)]


def _dependency(card: RiskCard) -> dict[str, int]:
    found = next((each.inputs for each in card.dimensions if each.id == DEPENDENCY), {})
    return dict(found)


def _uncovered(card: RiskCard) -> int | None:
    return _dependency(card).get("uncovered_days")
