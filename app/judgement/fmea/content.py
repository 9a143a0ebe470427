"""What exactly is approved of a register: all that it says, field by field, and its hash."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.judgement.fmea.models import FmeaRegister
from app.judgement.fmea.queries import ModeSheet, RegisterSheet, RowSheet, register_sheet
from app.platform.approvals.values import content_hash

Json = dict[str, Any]  # Any: what JSON can hold


def content_of(sheet: RegisterSheet) -> Json:
    """Return what a register says, as somebody approves it; the order of rows says nothing."""
    register = sheet.register
    modes = sorted(sheet.modes, key=lambda each: (each.mode.place, each.mode.id))
    return {
        "title": register.title,
        "about": sheet.place.words,
        "owner": register.owner,
        "next review": None if register.review_on is None else register.review_on.isoformat(),
        "scales": register.scale_name,
        "note": register.note,
        "modes": {f"{place} {each.mode.name}": _mode(each) for place, each in enumerate(modes, 1)},
    }


def present_hash(session: Session, register: FmeaRegister) -> str:
    """Return the hash of what a register says now."""
    return content_hash(content_of(register_sheet(session, register)))


def _mode(sheet: ModeSheet) -> Json:
    rows = sorted(sheet.rows, key=lambda each: (each.cause.place, each.cause.id))
    return {
        "step": sheet.mode.step,
        "part": sheet.part_number,
        "effects": [f"{each.text} (S {_rated(each.severity)})" for each in sheet.effects],
        "causes": {f"{place} {each.cause.text}": _row(each) for place, each in enumerate(rows, 1)},
    }


def _row(row: RowSheet) -> Json:
    cause = row.cause
    ratings = ", ".join(
        f"{letter} {_rated(value)}"
        for letter, value in (
            ("S", cause.severity), ("O", cause.occurrence), ("D", cause.detection)
        )
    )  # fmt: skip
    return {
        "rating": f"{ratings}, priority {cause.priority or 'unscored'}",
        "prevention": [each.text for each in row.prevention],
        "detection": [f"{each.text} (D {_rated(each.detection)})" for each in row.detection],
        "action": cause.action,
    }


def _rated(value: int | None) -> str:
    return "not rated" if value is None else str(value)
