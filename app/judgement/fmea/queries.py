"""Reads of FMEA registers: the list, one with its worksheet, one row with its ratings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import scope
from app.base.errors import NotFound
from app.calc.fmea import Row, Scores, needs_second_approver, sort_key, worst
from app.calc.fmea_matrix import Priority
from app.facts.suppliers.models import Category, Part, Site, Supplier
from app.judgement.fmea.models import (
    ControlKind,
    FmeaCause,
    FmeaControl,
    FmeaEffect,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
    RatingKind,
)
from app.platform.approvals import queries as approvals
from app.platform.approvals.kinds import ObjectRef

TYPE = "fmea_register"
ASKED_AT_ONCE = 1_000


class RegisterState(StrEnum):
    """Where a register stands. Changed: a version was approved, and something changed since."""

    DRAFT = "draft"
    APPROVED = "approved"
    CHANGED = "changed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Place:
    """What a register is about, in words, and the supplier that it hangs on."""

    words: str
    supplier_id: UUID | None = None
    supplier_name: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a register have each priority, and how many have none yet."""

    high: int = 0
    medium: int = 0
    low: int = 0
    unscored: int = 0

    @property
    def rows(self) -> int:
        """All rows."""
        return self.high + self.medium + self.low + self.unscored

    @property
    def worst(self) -> Priority | None:
        """The most urgent priority that a row has, None while none is scored."""
        counts = zip(Priority, (self.high, self.medium, self.low), strict=True)
        return next((priority for priority, count in counts if count), None)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A register as lists show it."""

    register: FmeaRegister
    place: Place
    tally: Tally
    state: RegisterState

    def is_overdue(self, day: date) -> bool:
        """Whether its review was due before a day."""
        due = self.register.review_on
        return due is not None and due < day and self.state is not RegisterState.CLOSED


@dataclass(frozen=True, slots=True)
class RowSheet:
    """A row of the worksheet: a cause with its controls, and how it stands."""

    cause: FmeaCause
    prevention: tuple[FmeaControl, ...]
    detection: tuple[FmeaControl, ...]
    row: Row
    rating: FmeaRating | None
    inherent: FmeaRating | None


@dataclass(frozen=True, slots=True)
class ModeSheet:
    """A failure mode with its effects and its rows, the most urgent row first."""

    mode: FmeaMode
    part_number: str | None
    effects: tuple[FmeaEffect, ...]
    rows: tuple[RowSheet, ...]

    @property
    def worst(self) -> Row | None:
        """The row that speaks for the mode, None while none is scored."""
        return worst(each.row for each in self.rows)

    @property
    def unscored(self) -> int:
        """How many of its rows lack a rating."""
        return sum(each.row.priority is None for each in self.rows)


@dataclass(frozen=True, slots=True)
class RegisterSheet:
    """A register with its worksheet, the most urgent mode first."""

    register: FmeaRegister
    place: Place
    modes: tuple[ModeSheet, ...]

    @property
    def rows(self) -> list[Row]:
        """Every row as it stands."""
        return [each.row for mode in self.modes for each in mode.rows]

    @property
    def tally(self) -> Tally:
        """How many rows have which priority."""
        return tally_of(Counter(row.priority for row in self.rows))

    @property
    def needs(self) -> int:
        """How many people must approve it."""
        return 2 if needs_second_approver(self.rows) else 1


def about(register: FmeaRegister) -> ObjectRef:
    """Return how approvals name a register."""
    return ObjectRef(TYPE, str(register.public_id))


def state_of(register: FmeaRegister) -> RegisterState:
    """Return where a register stands."""
    if register.closed_at is not None:
        return RegisterState.CLOSED
    if register.approved_version is None:
        return RegisterState.DRAFT
    is_same = register.approved_version == register.version
    return RegisterState.APPROVED if is_same else RegisterState.CHANGED


def register_by_public_id(session: Session, public_id: UUID) -> FmeaRegister:
    """Return a register; raises NotFound where there is none within reach."""
    found = session.scalar(select(FmeaRegister).where(FmeaRegister.public_id == public_id))
    if found is None:
        raise NotFound("E-FME-01", "There is no such FMEA register.")
    return found


def register_to_change(session: Session, public_id: UUID) -> FmeaRegister:
    """Return a register that one may write in; raises NotFound, Forbidden."""
    found = register_by_public_id(session, public_id)
    scope.require_writable(session, FmeaRegister.__tablename__, found.id)
    return found


def mode_by_public_id(session: Session, register: FmeaRegister, public_id: UUID) -> FmeaMode:
    """Return a failure mode of a register, removed ones too; raises NotFound."""
    found = session.scalar(
        select(FmeaMode).where(FmeaMode.public_id == public_id, FmeaMode.register_id == register.id)
    )
    if found is None:
        raise NotFound("E-FME-03", "There is no such failure mode in this register.")
    return found


def cause_by_public_id(
    session: Session, register: FmeaRegister, public_id: UUID
) -> tuple[FmeaMode, FmeaCause]:
    """Return a row of a register, as its mode and cause, removed ones too; raises NotFound."""
    found = session.execute(
        select(FmeaMode, FmeaCause)
        .join(FmeaCause, FmeaCause.mode_id == FmeaMode.id)
        .where(FmeaCause.public_id == public_id, FmeaMode.register_id == register.id)
    ).first()
    if found is None:
        raise NotFound("E-FME-04", "There is no such row in this register.")
    return found[0], found[1]


def register_rows(
    session: Session, *, supplier_ids: Collection[int] | None = None
) -> list[RegisterRow]:
    """Return registers with what they are about and how their rows stand."""
    query = select(FmeaRegister).order_by(FmeaRegister.id)
    if supplier_ids is not None:
        query = query.where(FmeaRegister.supplier_id.in_(supplier_ids))
    found = session.scalars(query).all()
    places = _places(session, found)
    tallies = _tallies(session, None if supplier_ids is None else [each.id for each in found])
    return [
        RegisterRow(each, places[each.id], tallies.get(each.id, Tally()), state_of(each))
        for each in found
    ]


def register_sheet(session: Session, register: FmeaRegister) -> RegisterSheet:
    """Return a register with its whole worksheet."""
    modes = session.scalars(
        select(FmeaMode)
        .where(FmeaMode.register_id == register.id, FmeaMode.removed_at.is_(None))
        .order_by(FmeaMode.place, FmeaMode.id)
    ).all()
    sheets = mode_sheets(session, modes)
    place = _places(session, [register])[register.id]
    return RegisterSheet(register, place, tuple(sorted(sheets, key=_urgency, reverse=True)))


def mode_sheets(session: Session, modes: Sequence[FmeaMode]) -> list[ModeSheet]:
    """Return failure modes with their effects and rows, in the order given."""
    ids = [mode.id for mode in modes]
    effects: dict[int, list[FmeaEffect]] = defaultdict(list)
    for effect in _in(session, FmeaEffect, FmeaEffect.mode_id, ids):
        effects[effect.mode_id].append(effect)
    causes = [
        cause
        for cause in _in(session, FmeaCause, FmeaCause.mode_id, ids)
        if cause.removed_at is None
    ]
    rows: dict[int, list[RowSheet]] = defaultdict(list)
    for sheet in _row_sheets(session, causes):
        rows[sheet.cause.mode_id].append(sheet)
    numbers = _part_numbers(session, modes)
    return [
        ModeSheet(
            mode,
            numbers.get(mode.part_id or 0),
            tuple(effects[mode.id]),
            tuple(sorted(rows[mode.id], key=lambda each: sort_key(each.row), reverse=True)),
        )
        for mode in modes
    ]


def ratings_of(session: Session, cause_ids: Collection[int]) -> list[FmeaRating]:
    """Return every rating of some rows, the newest first."""
    found = _in(session, FmeaRating, FmeaRating.cause_id, list(cause_ids))
    return sorted(found, key=lambda each: each.id, reverse=True)


def causes_of_register(session: Session, register_id: int) -> list[tuple[FmeaMode, FmeaCause]]:
    """Return every row of a register, those that were removed among them."""
    rows = session.execute(
        select(FmeaMode, FmeaCause)
        .join(FmeaCause, FmeaCause.mode_id == FmeaMode.id)
        .where(FmeaMode.register_id == register_id)
        .order_by(FmeaMode.place, FmeaCause.place)
    )
    return [(mode, cause) for mode, cause in rows]


def waiting_for(session: Session, register: FmeaRegister) -> approvals.Waiting | None:
    """Return what waits for a decision about a register."""
    return approvals.waiting_for(session, about(register))


def row_of(cause: FmeaCause) -> Row:
    """Return how a row stands, as it is sorted."""
    scores = Scores(cause.severity, cause.occurrence, cause.detection)
    return Row(scores, None if cause.priority is None else Priority(cause.priority))


def tally_of(counts: Mapping[Priority | None, int]) -> Tally:
    """Return a tally of counted priorities."""
    return Tally(
        counts.get(Priority.HIGH, 0),
        counts.get(Priority.MEDIUM, 0),
        counts.get(Priority.LOW, 0),
        counts.get(None, 0),
    )


def _urgency(sheet: ModeSheet) -> tuple[int, ...]:
    speaks = sheet.worst
    return (-2,) if speaks is None else sort_key(speaks)


def _row_sheets(session: Session, causes: Sequence[FmeaCause]) -> list[RowSheet]:
    ids = [cause.id for cause in causes]
    controls: dict[tuple[int, str], list[FmeaControl]] = defaultdict(list)
    for control in _in(session, FmeaControl, FmeaControl.cause_id, ids):
        controls[control.cause_id, control.kind].append(control)
    ratings = ratings_of(session, ids)
    by_id = {rating.id: rating for rating in ratings}
    inherent: dict[int, FmeaRating] = {}
    for rating in ratings:
        if rating.kind == RatingKind.INHERENT:
            inherent.setdefault(rating.cause_id, rating)
    return [
        RowSheet(
            cause,
            tuple(controls[cause.id, ControlKind.PREVENTION]),
            tuple(controls[cause.id, ControlKind.DETECTION]),
            row_of(cause),
            by_id.get(cause.rating_id or 0),
            inherent.get(cause.id),
        )
        for cause in causes
    ]


def _in(session: Session, model: Any, column: Any, ids: Sequence[int]) -> list[Any]:
    # Any: one of the mapped classes here, with its column.
    order = (model.place, model.id) if hasattr(model, "place") else (model.id,)
    found: list[Any] = []
    for first in range(0, len(ids), ASKED_AT_ONCE):
        some = ids[first : first + ASKED_AT_ONCE]
        found += session.scalars(select(model).where(column.in_(some)).order_by(*order))
    return found


def _part_numbers(session: Session, modes: Iterable[FmeaMode]) -> dict[int, str]:
    ids = {mode.part_id for mode in modes if mode.part_id is not None}
    if not ids:
        return {}
    rows = session.execute(select(Part.id, Part.number).where(Part.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _tallies(session: Session, register_ids: Sequence[int] | None) -> dict[int, Tally]:
    query = (
        select(FmeaMode.register_id, FmeaCause.priority, func.count())
        .join(FmeaCause, FmeaCause.mode_id == FmeaMode.id)
        .where(FmeaMode.removed_at.is_(None), FmeaCause.removed_at.is_(None))
        .group_by(FmeaMode.register_id, FmeaCause.priority)
    )
    if register_ids is not None:
        query = query.where(FmeaMode.register_id.in_(register_ids))
    counts: dict[int, dict[Priority | None, int]] = defaultdict(dict)
    for register_id, priority, number in session.execute(query):
        counts[register_id][None if priority is None else Priority(priority)] = number
    return {key: tally_of(found) for key, found in counts.items()}


def _places(session: Session, registers: Sequence[FmeaRegister]) -> dict[int, Place]:
    suppliers = _named(session, Supplier, [each.supplier_id for each in registers])
    categories = _named(session, Category, [each.category_id for each in registers])
    sites = _named(session, Site, [each.site_id for each in registers])
    found = {}
    for each in registers:
        supplier = suppliers.get(each.supplier_id or 0)
        told = [
            f"category {categories[each.category_id].name}" if each.category_id else "",
            f"site {sites[each.site_id].name}" if each.site_id in sites else "",
            f"lane {each.lane}" if each.lane else "",
        ]
        words = ", ".join(filter(None, [supplier.name if supplier else "", *told]))
        found[each.id] = Place(
            words,
            supplier.public_id if supplier else None,
            supplier.name if supplier else None,
        )
    return found


def _named(session: Session, model: Any, keys: Sequence[int | None]) -> dict[int, Any]:
    # Any: suppliers, categories and sites, each with a name.
    wanted = sorted({key for key in keys if key is not None})
    found: dict[int, Any] = {}
    for first in range(0, len(wanted), ASKED_AT_ONCE):
        some = wanted[first : first + ASKED_AT_ONCE]
        found |= {row.id: row for row in session.scalars(select(model).where(model.id.in_(some)))}
    return found
