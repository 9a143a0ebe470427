"""The form of a failure mode: as many effects, causes and controls as it has, and room for more.

A field is named by its row: `effect-12`, `cause-new1`, `detection-7-new2` (of cause 7). An
emptied field takes its row out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.judgement.fmea.models import LONGEST_TEXT, LONGEST_TITLE, Family, Measured
from app.judgement.fmea.modes import CauseSaid, Line, ModeSaid
from app.judgement.fmea.queries import ModeSheet, RowSheet
from app.judgement.fmea.values import clean

KEY = r"([1-9][0-9]{0,17}|new[0-9]{1,2})"
EFFECT = re.compile(rf"effect-{KEY}", re.ASCII)
CAUSE = re.compile(rf"cause-{KEY}", re.ASCII)
CONTROL = re.compile(rf"(prevention|detection)-{KEY}-{KEY}", re.ASCII)
REQUIRED = "Required"
TITLE_LIMIT = f"At most {LONGEST_TITLE:,} characters"
TEXT_LIMIT = f"At most {LONGEST_TEXT:,} characters"
TEXTS = {"effect", "cause", "action", "prevention", "detection"}
# Empty rows that a form offers.
ROOM_NEW, ROOM_MORE = 3, 1

Typed = Mapping[str, str]
Choice = TypeVar("Choice", Family, Measured)


@dataclass(frozen=True, slots=True)
class CauseBlock:
    """A cause on the form: its key, and the fields of its controls."""

    key: str
    prevention: tuple[str, ...]
    detection: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which fields a form has: of effects, and of causes with their controls."""

    effects: tuple[str, ...]
    causes: tuple[CauseBlock, ...]


@dataclass(slots=True)
class Read:
    """What a form said, and what is wrong by field."""

    said: ModeSaid | None = None
    errors: dict[str, str] = field(default_factory=dict)


def blank() -> dict[str, str]:
    """Return the fields of a form for a new failure mode."""
    typed = dict.fromkeys(("name", "step", "family", "measured", "part"), "")
    typed |= {f"effect-new{n}": "" for n in range(1, ROOM_NEW + 1)}
    for n in range(1, ROOM_NEW + 1):
        typed |= _new_cause(f"new{n}")
    return typed


def typed_of(sheet: ModeSheet) -> dict[str, str]:
    """Return the fields of a form for a stored failure mode, with room for more."""
    mode = sheet.mode
    typed = {
        "name": mode.name,
        "step": mode.step or "",
        "family": mode.family or "",
        "measured": mode.measured_kind or "",
        "part": sheet.part_number or "",
    }
    typed |= {f"effect-{each.id}": each.text for each in sheet.effects}
    typed |= {f"effect-new{n}": "" for n in range(1, ROOM_MORE + 2)}
    for row in sorted(sheet.rows, key=lambda each: (each.cause.place, each.cause.id)):
        typed |= _stored_cause(row)
    return typed | _new_cause("new1")


def layout(typed: Typed) -> Layout:
    """Return the fields that a form has, in their order."""
    effects = [name for name in typed if EFFECT.fullmatch(name)]
    controls: dict[tuple[str, str], list[str]] = {}
    for name in typed:
        if found := CONTROL.fullmatch(name):
            controls.setdefault((found[1], found[2]), []).append(name)
    causes = [found[1] for found in map(CAUSE.fullmatch, typed) if found]
    return Layout(
        tuple(effects),
        tuple(
            CauseBlock(
                key,
                tuple(controls.get(("prevention", key), ())),
                tuple(controls.get(("detection", key), ())),
            )
            for key in causes
        ),
    )


def read_mode(typed: Typed) -> Read:
    """Return what a form says of a failure mode, or what is wrong with each of its fields."""
    fields, read = layout(typed), Read()
    name, step, part = (clean(typed.get(each)) for each in ("name", "step", "part"))
    if not name:
        read.errors["name"] = REQUIRED
    for field_name, text in (("name", name), ("step", step), ("part", part)):
        if len(text) > LONGEST_TITLE:
            read.errors[field_name] = TITLE_LIMIT
    for field_name, text in typed.items():
        is_text = "-" in field_name and field_name.split("-")[0] in TEXTS
        if is_text and len(clean(text)) > LONGEST_TEXT:
            read.errors[field_name] = TEXT_LIMIT
    read.errors |= _lost_controls(typed, fields)
    if not read.errors:
        read.said = ModeSaid(
            name=name,
            step=step,
            family=_one_of(Family, typed.get("family")),
            measured=_one_of(Measured, typed.get("measured")),
            part=part,
            effects=tuple(_line(typed, each) for each in fields.effects),
            causes=tuple(_cause(typed, each) for each in fields.causes),
        )
    return read


def _lost_controls(typed: Typed, fields: Layout) -> dict[str, str]:
    """Return the new causes without text that have controls, which would be lost."""
    return {
        f"cause-{block.key}": "Name the cause that these controls are about."
        for block in fields.causes
        if not clean(typed[f"cause-{block.key}"])
        and block.key.startswith("new")
        and any(clean(typed[name]) for name in (*block.prevention, *block.detection))
    }


def _cause(typed: Typed, block: CauseBlock) -> CauseSaid:
    return CauseSaid(
        Line(clean(typed[f"cause-{block.key}"]), _id(block.key)),
        clean(typed.get(f"action-{block.key}")),
        tuple(_line(typed, name) for name in block.prevention),
        tuple(_line(typed, name) for name in block.detection),
    )


def _line(typed: Typed, name: str) -> Line:
    return Line(clean(typed[name]), _id(name.rsplit("-", 1)[1]))


def _id(key: str) -> int | None:
    return None if key.startswith("new") else int(key)


def _one_of(kind: type[Choice], text: str | None) -> Choice | None:
    return kind(text) if text in set(kind) else None


def _stored_cause(row: RowSheet) -> dict[str, str]:
    key = row.cause.id
    typed = {f"cause-{key}": row.cause.text}
    typed |= {f"prevention-{key}-{each.id}": each.text for each in row.prevention}
    typed |= {f"prevention-{key}-new1": ""}
    typed |= {f"detection-{key}-{each.id}": each.text for each in row.detection}
    return typed | {f"detection-{key}-new1": "", f"action-{key}": row.cause.action or ""}


def _new_cause(key: str) -> dict[str, str]:
    return {
        f"cause-{key}": "",
        f"prevention-{key}-new1": "",
        f"prevention-{key}-new2": "",
        f"detection-{key}-new1": "",
        f"detection-{key}-new2": "",
        f"action-{key}": "",
    }
