"""Why a published index moved between two days: bars that add up, and what stands behind each.

The first day counts as it was first published; what was corrected of it since is a bar of its
own. A change of the method is another, worked out on the old inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from app.base import formatting
from app.calc.composite import Explained
from app.calc.risk_moves import Judged, RiskMove, risk_move
from app.judgement.risk_index.events import ARROW, NOTHING, Event, events_of
from app.judgement.risk_index.explanations import LABELS, REASONS
from app.judgement.risk_index.stored import StoredRisk, published_of
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.snapshots import StoredCard, stored_card

IMBALANCE = "Imbalance"


class BarKind(StrEnum):
    """What moved the index."""

    CORRECTION = "correction"
    METHOD = "method"
    DIMENSION = "dimension"
    COVERAGE = "coverage"
    IMBALANCE = "imbalance"


@dataclass(frozen=True, slots=True)
class MoveBar:
    """One bar of the waterfall; the points of its events add up to its own.

    dimension: whose bar it is, None where it is no dimension's.
    """

    kind: BarKind
    label: str
    points: float
    events: tuple[Event, ...]
    dimension: str | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A move between two published days; after − before is the sum of the bars.

    before: as first published. corrected: the same day as it is published now. `move` is None
    where nothing is known of one of the days; there are no bars then.
    """

    before: StoredRisk
    corrected: StoredRisk
    after: StoredRisk
    move: RiskMove | None
    bars: tuple[MoveBar, ...]


def why_moved(session: Session, supplier_id: int, since: date, until: date) -> Movement | None:
    """Return why a supplier's index moved, None where one of the days has none published."""
    first, last = (published_of(session, supplier_id, day) for day in (since, until))
    if not first or not last:
        return None
    before, corrected, after = first[0], first[-1], last[-1]
    move = risk_move(before.judged, corrected.judged, after.judged)
    bars: tuple[MoveBar, ...] = ()
    if move is not None:
        cards = _cards(session, supplier_id, since, until)
        bars = tuple(_bars(move, before, corrected, after, cards))
    return Movement(before, corrected, after, move, bars)


def _bars(
    move: RiskMove,
    before: StoredRisk,
    corrected: StoredRisk,
    after: StoredRisk,
    cards: tuple[StoredCard, StoredCard] | None,
) -> list[MoveBar]:
    first = before.judged
    mended = corrected.judged.by(first)
    renewed = corrected.judged.by(after.judged)
    bars = []
    if abs(move.correction) >= NOTHING:
        because = corrected.head.restated_because or ""
        events = _parts_between(first, mended)
        bars.append(MoveBar(BarKind.CORRECTION, _corrected(because), move.correction, events))
    if abs(move.method) >= NOTHING:
        label = f"Method {before.method.label} {ARROW} {after.method.label}"
        events = _parts_between(mended, renewed)
        bars.append(MoveBar(BarKind.METHOD, label, move.method, events))
    bars += _dimension_bars(move, renewed, corrected, after, cards)
    if move.delta.appeared or move.delta.disappeared:
        bars.append(_coverage_bar(move, renewed, after))
    if abs(move.delta.imbalance) >= NOTHING:
        events = _imbalance_events(renewed, after.judged)
        bars.append(MoveBar(BarKind.IMBALANCE, IMBALANCE, move.delta.imbalance, events))
    return bars


def _dimension_bars(
    move: RiskMove,
    renewed: Judged,
    corrected: StoredRisk,
    after: StoredRisk,
    cards: tuple[StoredCard, StoredCard] | None,
) -> list[MoveBar]:
    old = {each.id: each for each in corrected.card.dimensions}
    new = {each.id: each for each in after.card.dimensions}
    was, now = _shares_of(renewed), _shares_of(after.judged)
    bars = []
    for name, points in move.delta.dimensions.items():
        events = [
            Event(event.words, event.points * now[name], event.measure_id)
            for event in events_of(old[name], new[name], cards=cards)
        ]
        shifted = (now[name] - was[name]) * (old[name].risk or 0.0)
        if abs(shifted) >= NOTHING:
            words = (
                f"Its weight among what is known: {formatting.percent(was[name], 1)} {ARROW} "
                f"{formatting.percent(now[name], 1)}"
            )
            events.append(Event(words, shifted))
        if events or abs(points) >= NOTHING:
            bars.append(
                MoveBar(BarKind.DIMENSION, LABELS[name], points, tuple(events), dimension=name)
            )
    return sorted(bars, key=lambda bar: -abs(bar.points))


def _coverage_bar(move: RiskMove, renewed: Judged, after: StoredRisk) -> MoveBar:
    old, new = renewed.explained, after.judged.explained
    was = {} if old is None else old.contributions
    now = {} if new is None else new.contributions
    reasons = {each.id: each.reason for each in after.card.dimensions}
    events = [
        Event(
            f"{LABELS[name]} is now known, at "
            f"{formatting.number(after.card.result.dimensions[name], 1)}",
            now.get(name, 0.0) - was.get(name, 0.0),
        )
        for name in move.delta.appeared
    ]
    for name in move.delta.disappeared:
        why = REASONS.get(reasons.get(name) or "", "")
        words = f"{LABELS[name]} is no longer known. {why}".strip()
        events.append(Event(words, now.get(name, 0.0) - was.get(name, 0.0)))
    return MoveBar(BarKind.COVERAGE, "Coverage", move.delta.coverage_change, tuple(events))


def _imbalance_events(before: Judged, after: Judged) -> tuple[Event, ...]:
    """Return by dimension how its part of the penalty changed."""
    old, new = before.explained, after.explained
    was = {} if old is None else old.shares
    now = {} if new is None else new.shares
    events = []
    for name in dict.fromkeys((*now, *was)):
        points = now.get(name, 0.0) - was.get(name, 0.0)
        side = "further above" if points > 0 else "less far above"
        if abs(points) >= NOTHING:
            events.append(Event(f"{LABELS[name]} stands {side} the mean", points))
    return tuple(sorted(events, key=lambda event: -abs(event.points)))


def _parts_between(before: Judged, after: Judged) -> tuple[Event, ...]:
    """Return by dimension, and of the imbalance, how two aggregates differ."""
    old, new = before.explained, after.explained
    if old is None or new is None:
        return ()
    events = []
    for name in dict.fromkeys((*new.contributions, *old.contributions)):
        points = new.contributions.get(name, 0.0) - old.contributions.get(name, 0.0)
        if abs(points) >= NOTHING:
            events.append(Event(_difference(name, before, after), points))
    imbalance = _imbalance_of(old, new)
    return tuple(events) if imbalance is None else (*events, imbalance)


def _imbalance_of(old: Explained, new: Explained) -> Event | None:
    points = new.imbalance - old.imbalance
    return Event(IMBALANCE, points) if abs(points) >= NOTHING else None


def _difference(name: str, before: Judged, after: Judged) -> str:
    weights = before.weights[name], after.weights[name]
    if weights[0] != weights[1]:
        return f"{LABELS[name]}: weight {weights[0]} {ARROW} {weights[1]}"
    risks = [formatting.number(each.dimensions.get(name), 1) for each in (before, after)]
    return f"{LABELS[name]}: risk {risks[0]} {ARROW} {risks[1]}"


def _shares_of(judged: Judged) -> dict[str, float]:
    """Return each dimension's share of the weight that counts."""
    found = judged.explained
    counted = () if found is None else tuple(found.contributions)
    total = sum(judged.weights[name] for name in counted)
    return {name: judged.weights[name] / total for name in counted}


def _corrected(because: str) -> str:
    return f"Corrected since. {because}".strip()


def _cards(
    session: Session, supplier_id: int, since: date, until: date
) -> tuple[StoredCard, StoredCard] | None:
    """Return the published scorecards of 12 months to both days, None where one lacks."""
    kind = PeriodKind.ROLLING_YEAR
    heads = scorecards.snapshots_of(session, supplier_id, kind, limit=MANY)
    newest = {head.period_end: head.id for head in reversed(heads)}
    if since not in newest or until not in newest:
        return None
    return stored_card(session, newest[since]), stored_card(session, newest[until])


MANY = 200
