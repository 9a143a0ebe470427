"""Writes of failure modes: entered with effects, causes and controls, edited, removed, copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput, NotFound
from app.facts.suppliers.models import Part
from app.judgement.fmea.library import Entry
from app.judgement.fmea.models import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    ControlKind,
    Family,
    FmeaCause,
    FmeaControl,
    FmeaEffect,
    FmeaMode,
    FmeaRegister,
    Measured,
)
from app.judgement.fmea.queries import ModeSheet, RowSheet, mode_sheets
from app.judgement.fmea.rating import (
    Why,
    locked_mode,
    locked_register,
    needs_reason,
    restate,
    touch,
)
from app.judgement.fmea.values import clean
from app.platform.audit import services as audit

MOST_PARTS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A text of a mode: the key of the row it changes, None for a new one; empty takes it out."""

    text: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class CauseSaid:
    """A cause as it was filled in, with its controls."""

    line: Line
    action: str = ""
    prevention: tuple[Line, ...] = ()
    detection: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class ModeSaid:
    """A failure mode as it was filled in. Parts by number."""

    name: str
    step: str = ""
    family: Family | None = None
    measured: Measured | None = None
    part: str = ""
    effects: tuple[Line, ...] = ()
    causes: tuple[CauseSaid, ...] = ()
    library_key: str | None = field(default=None)


def add_mode(session: Session, register_id: int, said: ModeSaid) -> FmeaMode:
    """Add a failure mode; it is unscored until it is rated."""
    register = locked_register(session, register_id)
    _refuse_twice(session, register, said.name)
    mode = _new_mode(session, register, said)
    _write(session, mode, said)
    touch(session, register)
    return mode


def edit_mode(
    session: Session, mode: FmeaMode, said: ModeSaid, *, reason: str = "", seen_version: int
) -> FmeaMode:
    """Change what a mode says; a rating that follows from it is added with the reason."""
    register = locked_register(session, mode.register_id)
    mode = locked_mode(session, register, mode.id, seen_version)
    if clean(said.name) != mode.name:
        _refuse_twice(session, register, said.name)
    for name, value in _columns(session, said).items():
        setattr(mode, name, value)
    removed = _write(session, mode, said, reason=reason.strip() or None)
    if removed and needs_reason(register):
        audit.give_reason(session, reason)
    restate(session, register, mode, Why(reason=reason.strip() or None))
    touch(session, register, mode)
    return mode


def remove_mode(session: Session, mode: FmeaMode, *, reason: str, seen_version: int) -> None:
    """Take a mode out of its register; its ratings stay readable."""
    register = locked_register(session, mode.register_id)
    mode = locked_mode(session, register, mode.id, seen_version)
    mode.removed_because = audit.give_reason(session, reason)
    mode.removed_at, mode.removed_by = clock.now(), db.actor_of(session).name
    touch(session, register, mode)


def put_back_mode(session: Session, mode: FmeaMode) -> None:
    """Put a removed mode back, as it was."""
    register = locked_register(session, mode.register_id)
    if mode.removed_at is None:
        raise Conflict("E-FME-30", f"“{mode.name}” stands in the register already.")
    _refuse_twice(session, register, mode.name)
    mode.removed_at = mode.removed_by = mode.removed_because = None
    touch(session, register, mode)


def copy_entries(session: Session, register_id: int, entries: Iterable[Entry]) -> list[FmeaMode]:
    """Copy entries of the library; ratings stay empty, what is in the register is left out."""
    register = locked_register(session, register_id)
    rows = session.execute(
        select(FmeaMode.library_key, FmeaMode.name).where(
            FmeaMode.register_id == register.id, FmeaMode.removed_at.is_(None)
        )
    )
    known = {text for row in rows for text in row}
    found = []
    for entry in entries:
        if entry.key not in known and entry.name not in known:
            said = said_of(entry)
            mode = _new_mode(session, register, said)
            _write(session, mode, said)
            found.append(mode)
    if found:
        touch(session, register)
    return found


def _refuse_twice(session: Session, register: FmeaRegister, name: str) -> None:
    """Refuse a second mode of a name: files speak of modes by their names."""
    found = session.scalar(
        select(FmeaMode.id).where(
            FmeaMode.register_id == register.id,
            FmeaMode.name == clean(name),
            FmeaMode.removed_at.is_(None),
        )
    )
    if found is not None:
        raise Conflict("E-FME-30", f"“{clean(name)[:60]}” stands in the register already.")


def said_of(entry: Entry) -> ModeSaid:
    """Return what an entry of the library says, as if somebody had filled it in."""
    return ModeSaid(
        name=entry.name,
        step=entry.step,
        family=entry.family,
        measured=entry.measured,
        effects=tuple(Line(text) for text in entry.effects),
        causes=tuple(
            CauseSaid(
                Line(cause.text),
                cause.response,
                tuple(Line(text) for text in cause.prevention),
                tuple(Line(text) for text in cause.detection),
            )
            for cause in entry.causes
        ),
        library_key=entry.key,
    )


def _new_mode(session: Session, register: FmeaRegister, said: ModeSaid) -> FmeaMode:
    latest = session.scalar(
        select(func.max(FmeaMode.place)).where(FmeaMode.register_id == register.id)
    )
    mode = FmeaMode(
        register_id=register.id,
        place=(latest or 0) + 1,
        library_key=said.library_key,
        changed_by=db.actor_of(session).name,
        changed_at=clock.now(),
        **_columns(session, said),
    )
    session.add(mode)
    session.flush()
    return mode


def _columns(session: Session, said: ModeSaid) -> dict[str, Any]:  # Any: columns of any type
    name = clean(said.name)
    if not 0 < len(name) <= LONGEST_TITLE:
        raise InvalidInput("E-FME-31", "The failure mode has 1 to 200 characters.")
    return {
        "name": name,
        "step": said.step.strip() or None,
        "family": said.family,
        "measured_kind": said.measured,
        "part_id": _part_id(session, said.part),
    }


def _part_id(session: Session, number: str) -> int | None:
    if not number.strip():
        return None
    found = session.scalar(select(Part.id).where(Part.number == number.strip()))
    if found is None:
        raise InvalidInput("E-FME-32", f"There is no part “{number.strip()[:60]}”.")
    return found


def _write(session: Session, mode: FmeaMode, said: ModeSaid, *, reason: str | None = None) -> bool:
    """Write the texts of a mode; tell whether something that is rated was taken out."""
    sheet = mode_sheets(session, [mode])[0]
    removed = _write_effects(session, sheet, said.effects)
    rows = {row.cause.id: row for row in sheet.rows}
    _refuse_many(said.causes)
    place = max((row.cause.place for row in sheet.rows), default=0)
    for each in said.causes:
        row = _known(rows, each.line.id, "cause")
        if not each.line.text.strip():
            if row is not None:
                _remove_cause(session, row.cause, reason)
                removed = True
            continue
        place += 1
        removed = _write_cause(session, mode, row, each, place) or removed
    session.flush()
    return removed


def _write_effects(session: Session, sheet: ModeSheet, lines: Sequence[Line]) -> bool:
    known = {effect.id: effect for effect in sheet.effects}
    _refuse_many(lines)
    removed = False
    place = max((effect.place for effect in sheet.effects), default=0)
    for line in lines:
        effect, text = _known(known, line.id, "effect"), _text(line.text)
        place += 1
        if effect is not None and text:
            effect.text = text
        elif effect is not None:
            session.delete(effect)
            removed = True
        elif text:
            session.add(FmeaEffect(mode_id=sheet.mode.id, place=place, text=text))
    return removed


def _write_cause(
    session: Session, mode: FmeaMode, row: RowSheet | None, said: CauseSaid, place: int
) -> bool:
    cause = row.cause if row is not None else FmeaCause(mode_id=mode.id, place=place, text="")
    cause.text, cause.action = _text(said.line.text), _text(said.action) or None
    if row is None:
        session.add(cause)
    session.flush()
    both = (
        (ControlKind.PREVENTION, said.prevention, () if row is None else row.prevention),
        (ControlKind.DETECTION, said.detection, () if row is None else row.detection),
    )
    removed = False
    for kind, lines, controls in both:
        removed = _write_controls(session, cause, kind, lines, controls) or removed
    return removed


def _write_controls(
    session: Session,
    cause: FmeaCause,
    kind: ControlKind,
    lines: Sequence[Line],
    controls: Sequence[FmeaControl],
) -> bool:
    known = {control.id: control for control in controls}
    _refuse_many(lines)
    removed = False
    place = max((control.place for control in controls), default=0)
    for line in lines:
        control, text = _known(known, line.id, "control"), _text(line.text)
        place += 1
        if control is not None and text:
            control.text = text
        elif control is not None:
            session.delete(control)
            removed = True
        elif text:
            session.add(FmeaControl(cause_id=cause.id, kind=kind, place=place, text=text))
    return removed


def _remove_cause(session: Session, cause: FmeaCause, reason: str | None) -> None:
    cause.removed_at, cause.removed_by = clock.now(), db.actor_of(session).name
    cause.removed_because = reason


def _known(rows: dict[int, Any], key: int | None, noun: str) -> Any:
    # Any: effects, causes or controls of the mode, by key.
    if key is None:
        return None
    if key not in rows:
        raise NotFound("E-FME-33", f"There is no such {noun} in this failure mode.")
    return rows[key]


def _text(text: str) -> str:
    clean = text.strip()
    if len(clean) > LONGEST_TEXT:
        raise InvalidInput("E-FME-34", f"A text has at most {LONGEST_TEXT:,} characters.")
    return clean


def _refuse_many(lines: Sequence[object]) -> None:
    if len(lines) > MOST_PARTS:
        raise InvalidInput("E-FME-35", f"{len(lines)} entries; the limit is {MOST_PARTS}.")
