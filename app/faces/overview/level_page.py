"""Levels as they are printed on screen: rows of measures in two windows, and what lies below.

Everything is text already; the templates only place it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.base import formatting
from app.calc.measure import Measure, MeasureState
from app.calc.ranking import MIN_PEERS
from app.calc.scoring import ScoreResult
from app.faces.overview.scorecard_page import NOUNS
from app.judgement.scorecards import wording
from app.judgement.scorecards.levels import BRIEF, Below, LevelFigures
from app.judgement.scorecards.places import PeerFigure, Peers
from app.judgement.scorecards.register import BY_ID, ENTRIES, Unit
from app.judgement.scorecards.sureness import Sureness

STATE_KINDS = {
    MeasureState.OK: "good",
    MeasureState.PROVISIONAL: "watch",
    MeasureState.INSUFFICIENT: "none",
    MeasureState.NO_DATA: "none",
}
NOT_RATED = "not rated"
PEER_LABELS = {"score": "Score", "otif": "OTIF by line", "ppm": "Defects"}
PEER_MEASURES = {"otif": "otif_line", "ppm": "ppm"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure in one window."""

    value: str
    interval: str
    n: str
    state: str
    kind: str
    why: str
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure in each of the windows that stand side by side."""

    label: str
    short: str
    noun: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class BelowRow:
    """Something below a level: its name, where it leads, its brief measures."""

    name: str
    href: str
    figures: tuple[Figure, ...]
    cells: tuple[str | int | float | None, ...]


def measure_rows(
    windows: Sequence[Mapping[str, Measure]], *, wanted: Collection[str] | None = None
) -> list[MeasureRow]:
    """Return the measures known in any of the windows, or the wanted ones, in their order."""
    return [
        MeasureRow(
            entry.label,
            entry.short,
            NOUNS.get(entry.id, "lines"),
            tuple(figure(measures[entry.id]) for measures in windows),
        )
        for entry in ENTRIES
        if (wanted is None or entry.id in wanted)
        and any(measures[entry.id].value is not None for measures in windows)
    ]


def peer_rows(among: Peers) -> list[tuple[str, str, str]]:
    """Return each compared figure with its value and how many of the peers it is ahead of."""
    return [
        (PEER_LABELS[each.name], _peer_value(each), _ahead_words(each)) for each in among.figures
    ]


def not_kept(figures: LevelFigures) -> list[tuple[str, str]]:
    """Return why measures have no value here: the reason, and the measures that it concerns."""
    reasons: dict[str, list[str]] = {}
    for entry in ENTRIES:
        measure = figures.measures[entry.id]
        if measure.value is None:
            reasons.setdefault(measure.reason or "", []).append(entry.label)
    return [(reason, ", ".join(labels)) for reason, labels in reasons.items()]


def figure(measure: Measure) -> Figure:
    """Return a measure as text."""
    is_count = BY_ID[measure.id].unit is Unit.COUNT
    return Figure(
        value=wording.value_text(measure.id, measure.value),
        interval=wording.interval_text(measure),
        n="" if is_count and measure.value is not None else formatting.number(measure.n or 0),
        state=wording.STATE_WORDS[measure.state],
        kind=STATE_KINDS[measure.state],
        why=measure.reason or "",
        is_unknown=measure.value is None,
    )


def below_rows(
    found: Iterable[Below], named: Mapping[int, tuple[str, str]], *, unnamed: str = ""
) -> list[BelowRow]:
    """Return what lies below a level; `named` gives name and address by key.

    Keys without a name stand under `unnamed` (“no plant”), or are left out where that is empty.
    """
    rows = []
    for each in found:
        name, href = named.get(each.key, (unnamed, ""))
        if name:
            figures = tuple(figure(each.measures[name_]) for name_ in BRIEF)
            rows.append(BelowRow(name, href, figures, (name, *_cells(each.measures))))
    return rows


def score_words(result: ScoreResult | None, sure: Sureness | None) -> tuple[str, str]:
    """Return a score with its grade, and its sampling range, as text."""
    if result is None or result.score is None:
        return NOT_RATED, ""
    words = f"{wording.grade_text(result.grade, sure)} {formatting.score(result.score)}"
    return words, "" if sure is None else wording.range_text(sure)


def _peer_value(own: PeerFigure) -> str:
    if own.name == "score":
        return formatting.score(own.value)
    return wording.value_text(PEER_MEASURES[own.name], own.value)


def _ahead_words(own: PeerFigure) -> str:
    if own.value is None:
        return "unknown, so not compared"
    if own.percentile is None:
        return f"{formatting.count(own.of, 'supplier')} in all; a percentile needs {MIN_PEERS}"
    others = formatting.count(own.of - 1, "peer")
    return f"ahead of {formatting.percent(own.percentile, 0)} of {others}"


def _cells(measures: Mapping[str, Measure]) -> tuple[str | int | float | None, ...]:
    cells: list[str | int | float | None] = []
    for name in BRIEF:
        measure = measures[name]
        cells += [measure.value, measure.lo, measure.hi, measure.n, str(measure.state)]
    return tuple(cells)
