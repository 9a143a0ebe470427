"""A register as a worksheet: its usual columns, as they are exported and read again.

One line is a cause with one effect of its mode and one control of each kind; whatever there
is more of stands on further lines that repeat the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from app.base.web.exports import Cell, Sheet
from app.judgement.fmea.models import FmeaControl
from app.judgement.fmea.queries import ModeSheet, RegisterSheet, RowSheet

Pair = tuple[FmeaControl | None, FmeaControl | None]
COLUMNS = (
    "register", "step", "mode", "effect", "severity", "cause", "prevention", "occurrence",
    "detection_control", "detection", "rpn", "priority", "action",
)  # fmt: skip


def sheet_of(sheet: RegisterSheet) -> Sheet:
    """Return a register's worksheet, ready to be sent."""
    register = sheet.register
    return Sheet(
        f"fmea-{register.id:04d}",
        [(name, name) for name in COLUMNS],
        list(lines_of(sheet)),
        f"{register.number} {register.title}: {sheet.place.words}",
    )


def lines_of(sheet: RegisterSheet) -> Iterator[tuple[Cell, ...]]:
    """Yield the lines of a register, modes and causes in the order they were entered in."""
    for mode in sorted(sheet.modes, key=lambda each: (each.mode.place, each.mode.id)):
        for line in _lines_of_mode(mode):
            yield (sheet.register.number, *line)


def _lines_of_mode(mode: ModeSheet) -> Iterator[tuple[Cell, ...]]:
    if not mode.rows:
        for effect in mode.effects or (None,):
            said = (None, None) if effect is None else (effect.text, effect.severity)
            yield (mode.mode.step, mode.mode.name, *said, *[None] * 8)
        return
    rows = sorted(mode.rows, key=lambda each: (each.cause.place, each.cause.id))
    lines = [(row, pair) for row in rows for pair in _pairs(row)]
    missing = max(len(mode.effects) - len(lines), 0)
    # More effects than lines: the last cause is repeated, without its controls.
    lines += [(rows[-1], (None, None))] * missing
    for place, (row, (prevention, detection)) in enumerate(lines):
        effect = mode.effects[place % len(mode.effects)] if mode.effects else None
        yield (
            mode.mode.step,
            mode.mode.name,
            None if effect is None else effect.text,
            None if effect is None else effect.severity,
            row.cause.text,
            None if prevention is None else prevention.text,
            row.cause.occurrence,
            None if detection is None else detection.text,
            _detection(row, detection),
            row.cause.rpn,
            row.cause.priority,
            row.cause.action,
        )


def _pairs(row: RowSheet) -> list[Pair]:
    pairs: list[Pair] = list(zip_longest(row.prevention, row.detection))
    return pairs or [(None, None)]


def _detection(row: RowSheet, control: FmeaControl | None) -> int | None:
    if control is not None:
        return control.detection
    return None if row.detection else row.cause.undetected
