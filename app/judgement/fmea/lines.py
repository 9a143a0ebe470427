"""What the lines of a worksheet say, gathered: registers, modes, effects, causes, controls.

Texts are the keys: two lines with the same mode, cause or control speak of the same one.
Knows no database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.calc.fmea import Scores, row_scores
from app.judgement.fmea.values import clean, rating_of

RATED = ("severity", "occurrence", "detection")
# A register, a mode in it, a cause of that; texts as they are.
RowKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a worksheet; texts are clean, scores are ratings or None."""

    register: str
    supplier: str
    mode: str
    step: str
    effect: str
    severity: int | None
    cause: str
    prevention: str
    occurrence: int | None
    control: str
    detection: int | None
    action: str

    @property
    def row(self) -> RowKey:
        """The row that the line speaks of."""
        return (self.register, self.mode, self.cause)


@dataclass(frozen=True, slots=True)
class File:
    """The lines of a file, and which scores its columns give at all."""

    lines: tuple[Said, ...]
    given: frozenset[str]


@dataclass(slots=True)
class CauseOf:
    """A cause with its controls, as a file has them: D by control, None where not rated."""

    occurrence: int | None = None
    undetected: int | None = None
    prevention: dict[str, None] = field(default_factory=dict)
    detection: dict[str, int | None] = field(default_factory=dict)
    action: str = ""


@dataclass(slots=True)
class ModeOf:
    """A mode as a file has it: S by effect, and its causes."""

    step: str = ""
    effects: dict[str, int | None] = field(default_factory=dict)
    causes: dict[str, CauseOf] = field(default_factory=dict)


@dataclass(slots=True)
class RegisterOf:
    """A register as a file has it."""

    supplier: str = ""
    modes: dict[str, ModeOf] = field(default_factory=dict)


def said_of(content: Mapping[str, object]) -> Said:
    """Return what a staged line says."""

    def text(name: str) -> str:
        value = content.get(name)
        return "" if value is None else clean(str(value))

    return Said(
        register=text("register"),
        supplier=text("supplier_no"),
        mode=text("mode"),
        step=text("step"),
        effect=text("effect"),
        severity=rating_of(text("severity")),
        cause=text("cause"),
        prevention=text("prevention"),
        occurrence=rating_of(text("occurrence")),
        control=text("detection_control"),
        detection=rating_of(text("detection")),
        action=text("action"),
    )


def scored(said: Said) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Yield what a line rates: the column with the place, and the score."""
    if said.effect:
        yield ("severity", said.register, said.mode, said.effect), said.severity
    if said.cause:
        yield ("occurrence", *said.row), said.occurrence
        yield ("detection", *said.row, said.control or said.cause), said.detection


def gathered(file: File) -> dict[str, RegisterOf]:
    """Return the registers of a file, in its order; a score stands where any line gives it."""
    registers: dict[str, RegisterOf] = {}
    for said in file.lines:
        register = registers.setdefault(said.register, RegisterOf())
        register.supplier = register.supplier or said.supplier
        mode = register.modes.setdefault(said.mode, ModeOf())
        mode.step = mode.step or said.step
        if said.effect:
            _keep(mode.effects, said.effect, said.severity)
        if said.cause:
            _add_cause(mode.causes.setdefault(said.cause, CauseOf()), said)
    return registers


def row_scores_of(file: File) -> dict[RowKey, Scores]:
    """Return how each row of a file is rated by all of its lines."""
    return {
        (name, mode, cause): row_scores(
            list(of.effects.values()),
            its.occurrence,
            list(its.detection.values()),
            undetected=its.undetected,
        )
        for name, register in gathered(file).items()
        for mode, of in register.modes.items()
        for cause, its in (of.causes or {"": CauseOf()}).items()
    } | {said.row: Scores() for said in file.lines if not said.cause}


def _add_cause(cause: CauseOf, said: Said) -> None:
    cause.action = cause.action or said.action
    cause.occurrence = cause.occurrence if said.occurrence is None else said.occurrence
    if said.prevention:
        cause.prevention[said.prevention] = None
    if said.control:
        _keep(cause.detection, said.control, said.detection)
    elif said.detection is not None:
        cause.undetected = said.detection


def _keep(scores: dict[str, int | None], text: str, value: int | None) -> None:
    known = scores.get(text)
    scores[text] = known if value is None else value
