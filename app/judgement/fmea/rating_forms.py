"""The form of a rating: one choice for each effect, the cause, each control."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.calc.fmea import Scores
from app.judgement.fmea.queries import ModeSheet, RowSheet
from app.judgement.fmea.rating import Given
from app.judgement.fmea.values import NOT_RATED, WHOLE_NUMBER, rating_of

INHERENT = ("inherent_severity", "inherent_occurrence", "inherent_detection")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to be rated: its field, what it is, what is chosen now."""

    name: str
    words: str
    chosen: str


@dataclass(frozen=True, slots=True)
class Board:
    """What is rated on a page, by dimension."""

    severity: tuple[Choice, ...]
    occurrence: tuple[Choice, ...]
    detection: tuple[Choice, ...]

    def __iter__(self) -> Iterator[Choice]:
        yield from (*self.severity, *self.occurrence, *self.detection)


@dataclass(slots=True)
class Read:
    """What a form said: the ratings, and what is wrong with them by field."""

    given: Given | None = None
    errors: dict[str, str] = field(default_factory=dict)


def board(sheet: ModeSheet, row: RowSheet, typed: Mapping[str, str] | None = None) -> Board:
    """Return what is to be rated of a row; chosen is what was typed, else what stands."""

    def choice(name: str, words: str, stored: int | None) -> Choice:
        stands = NOT_RATED if stored is None else str(stored)
        return Choice(name, words, stands if typed is None else typed.get(name, ""))

    detection = [choice(f"control-{each.id}", each.text, each.detection) for each in row.detection]
    without = choice("undetected", "No control looks for it yet", row.cause.undetected)
    return Board(
        tuple(choice(f"effect-{each.id}", each.text, each.severity) for each in sheet.effects),
        (choice("occurrence", row.cause.text, row.cause.occurrence),),
        tuple(detection) or (without,),
    )


def read_rating(typed: Mapping[str, str], sheet: ModeSheet, row: RowSheet) -> Read:
    """Return the ratings that a form gives, or what is wrong with each of its fields."""
    read, found = Read(), {}
    for choice in board(sheet, row, typed):
        try:
            found[choice.name] = _chosen(choice.chosen)
        except ValueError:
            read.errors[choice.name] = WHOLE_NUMBER
    if not read.errors:
        read.given = Given(
            effects={each.id: found[f"effect-{each.id}"] for each in sheet.effects},
            occurrence=found["occurrence"],
            controls={each.id: found[f"control-{each.id}"] for each in row.detection},
            undetected=found.get("undetected"),
        )
    return read


def read_scores(typed: Mapping[str, str]) -> tuple[Scores | None, dict[str, str]]:
    """Return three ratings that must all be given, or what is wrong with each."""
    found = {name: rating_of(typed.get(name, "")) for name in INHERENT}
    errors = {name: WHOLE_NUMBER for name, value in found.items() if value is None}
    return (None if errors else Scores(*found.values())), errors


def _chosen(text: str) -> int | None:
    if text == NOT_RATED:
        return None
    value = rating_of(text)
    if value is None:
        raise ValueError(text)
    return value
