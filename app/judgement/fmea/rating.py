"""Writes of ratings: of a row by its effects, cause and controls, or by three numbers.

A rating is added, never changed. Whatever changes what a row is rated by (an effect more, a
control less) comes through `restate`, so that the history of every row is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.fmea import Scores, action_priority, row_scores, rpn
from app.judgement.fmea import standard_services, standards
from app.judgement.fmea.content import present_hash
from app.judgement.fmea.models import (
    LONGEST_TEXT,
    FmeaCause,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
    RatingKind,
)
from app.judgement.fmea.queries import ModeSheet, RowSheet, about, mode_sheets
from app.platform.approvals import services as approvals
from app.platform.audit import services as audit

# Kinds that say nothing of how the row stands now.
BESIDE = (RatingKind.INHERENT, RatingKind.PLANNED)


@dataclass(frozen=True, slots=True)
class Given:
    """Ratings as somebody gave them: S by effect, O of the cause, D by control.

    Effects and controls that are not named stay as they are. undetected: D as long as no
    control looks for the cause.
    """

    effects: Mapping[int, int | None] = field(default_factory=dict)
    occurrence: int | None = None
    controls: Mapping[int, int | None] = field(default_factory=dict)
    undetected: int | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Why ratings are given: their kind, a reason of 10 to 500 characters, and evidence."""

    kind: RatingKind = RatingKind.CURRENT
    reason: str | None = None
    evidence: str | None = None


def locked_register(session: Session, register_id: int) -> FmeaRegister:
    """Return a register to be written in; raises Conflict where it is closed."""
    register = session.scalars(
        select(FmeaRegister)
        .where(FmeaRegister.id == register_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if register.closed_at is not None:
        raise Conflict("E-FME-05", f"{register.number} is closed; nothing changes any more.")
    return register


def locked_mode(
    session: Session, register: FmeaRegister, mode_id: int, seen_version: int | None
) -> FmeaMode:
    """Return a mode to be written in, as it was seen; Conflict where somebody changed it."""
    mode = session.scalars(
        select(FmeaMode)
        .where(FmeaMode.id == mode_id, FmeaMode.register_id == register.id)
        .execution_options(populate_existing=True)
    ).one()
    if mode.removed_at is not None:
        raise Conflict("E-FME-06", f"“{mode.name}” was removed; nothing changes any more.")
    if seen_version is not None and seen_version != mode.version:
        raise changed_by(mode.changed_by, mode)
    return mode


def changed_by(name: str, row: FmeaMode | FmeaRegister) -> Conflict:
    """Return what a second tab is told."""
    at = formatting.moment(row.changed_at)
    return Conflict(
        "E-FME-07",
        f"Changed by {name} at {at}. Nothing of yours is stored: open it again in another tab "
        "and compare.",
    )


def rate(
    session: Session,
    cause: FmeaCause,
    given: Given,
    why: Why | None = None,
    *,
    seen_version: int | None = None,
) -> list[FmeaRating]:
    """Rate a row as it is now; return the ratings that came of it, of its mode's other rows too.

    A severity belongs to the mode, so it moves all of the mode's rows. Raises InvalidInput for
    a rating that is none, ReasonNeeded where a version was approved and nobody says why.
    """
    why = why or Why()
    if why.kind in BESIDE:
        raise ValueError(f"kind is {why.kind}, it must be current or revised; see rate_row")
    register, mode, sheet = _opened(session, cause, seen_version)
    own = _row_in(sheet, cause)
    for effect in sheet.effects:
        effect.severity = _checked(given.effects.get(effect.id, effect.severity))
    for control in own.detection:
        control.detection = _checked(given.controls.get(control.id, control.detection))
    own.cause.occurrence = _checked(given.occurrence)
    own.cause.undetected = None if own.detection else _checked(given.undetected)
    found = restate(session, register, mode, why)
    if found:
        touch(session, register, mode)
    return found


def rate_row(
    session: Session,
    cause: FmeaCause,
    scores: Scores,
    why: Why,
    *,
    seen_version: int | None = None,
) -> list[FmeaRating]:
    """Rate a row by three numbers.

    Inherent and planned ratings stand beside how the row is. Current and revised ones are
    spread: S caps the effects above it (or raises the worst), D lifts the controls below it
    (or improves the best).
    """
    if why.kind not in BESIDE:
        sheet = mode_sheets(session, [session.get_one(FmeaMode, cause.mode_id)])[0]
        given = _spread(sheet, _row_in(sheet, cause), scores)
        return rate(session, cause, given, why, seen_version=seen_version)
    register, mode, sheet = _opened(session, cause, seen_version)
    _row_in(sheet, cause)
    said = _said(session, register, why)
    rating = _append(session, register, cause, scores, said, {})
    touch(session, register, mode)
    return [rating]


def restate(
    session: Session, register: FmeaRegister, mode: FmeaMode, why: Why, *, again: bool = False
) -> list[FmeaRating]:
    """Add a rating for each row of a mode that stands otherwise now.

    again: also where only the matrix or the scales in force are others.
    """
    session.flush()
    sheet = mode_sheets(session, [mode])[0]
    present = _standard_ids(session, register) if again else None
    found = []
    said: Why | None = None
    for row in sheet.rows:
        scores, detail = _rolled_up(sheet, row)
        is_same = _stands(row, scores)
        is_old = row.rating is not None and present not in (None, _ids(row.rating))
        if is_same and not is_old:
            continue
        said = said or _said(session, register, why)
        rating = _append(session, register, row.cause, scores, said, detail)
        _show(row.cause, rating)
        found.append(rating)
    session.flush()
    return found


def rejudge(session: Session, register_id: int, *, reason: str) -> int:
    """Rate every row again by the matrix and scales in force; return how many rows it moved on."""
    register = locked_register(session, register_id)
    modes = session.scalars(
        select(FmeaMode).where(FmeaMode.register_id == register.id, FmeaMode.removed_at.is_(None))
    ).all()
    why = Why(reason=audit.give_reason(session, reason))
    counted = 0
    for mode in modes:
        found = restate(session, register, mode, why, again=True)
        if found:
            _note(session, mode)
        counted += len(found)
    if counted:
        touch(session, register)
    return counted


def touch(session: Session, register: FmeaRegister, mode: FmeaMode | None = None) -> None:
    """Note who changed something, and void approvals of what it was before."""
    actor = db.actor_of(session)
    if mode is not None:
        _note(session, mode)
    register.version += 1
    register.changed_by, register.changed_at = actor.name, clock.now()
    if actor.user_id is not None:
        register.writers = sorted({*register.writers, actor.user_id})
    session.flush()
    approvals.void_if_changed(
        session, about=about(register), content_hash=present_hash(session, register)
    )


def needs_reason(register: FmeaRegister) -> bool:
    """Return whether a change of ratings must say why: a version was approved."""
    return register.approved_version is not None


def _note(session: Session, mode: FmeaMode) -> None:
    mode.version += 1
    mode.changed_by, mode.changed_at = db.actor_of(session).name, clock.now()


def _opened(
    session: Session, cause: FmeaCause, seen_version: int | None
) -> tuple[FmeaRegister, FmeaMode, ModeSheet]:
    mode = session.get_one(FmeaMode, cause.mode_id)
    register = locked_register(session, mode.register_id)
    mode = locked_mode(session, register, mode.id, seen_version)
    return register, mode, mode_sheets(session, [mode])[0]


def _row_in(sheet: ModeSheet, cause: FmeaCause) -> RowSheet:
    for row in sheet.rows:
        if row.cause.id == cause.id:
            return row
    raise NotFound("E-FME-04", "This row was removed; nothing changes any more.")


def _checked(value: int | None) -> int | None:
    try:
        return Scores(value).severity
    except ValueError as error:
        raise InvalidInput("E-FME-08", "Whole number from 1 to 10.") from error


def _said(session: Session, register: FmeaRegister, why: Why) -> Why:
    """Return why, with its reason checked where one is given or needed."""
    text = (why.reason or "").strip()
    reason = audit.give_reason(session, text) if text or needs_reason(register) else None
    evidence = (why.evidence or "").strip() or None
    if evidence is not None and len(evidence) > LONGEST_TEXT:
        raise InvalidInput("E-FME-09", f"The evidence has at most {LONGEST_TEXT:,} characters.")
    return Why(why.kind, reason, evidence)


def _rolled_up(sheet: ModeSheet, row: RowSheet) -> tuple[Scores, dict[str, dict[str, int | None]]]:
    detections = [control.detection for control in row.detection]
    scores = row_scores(
        [effect.severity for effect in sheet.effects],
        row.cause.occurrence,
        detections,
        undetected=row.cause.undetected,
    )
    detail = {
        "effects": {str(effect.id): effect.severity for effect in sheet.effects},
        "controls": {str(control.id): control.detection for control in row.detection},
    }
    return scores, detail


def _stands(row: RowSheet, scores: Scores) -> bool:
    """Return whether the newest rating of a row says these scores; none says nothing."""
    if row.rating is None:
        return scores == Scores()
    last = row.rating
    return scores == Scores(last.severity, last.occurrence, last.detection)


def _spread(sheet: ModeSheet, row: RowSheet, scores: Scores) -> Given:
    return Given(
        effects=_capped({each.id: each.severity for each in sheet.effects}, scores.severity),
        occurrence=scores.occurrence,
        controls=_lifted({each.id: each.detection for each in row.detection}, scores.detection),
        undetected=scores.detection,
    )


def _capped(rated: Mapping[int, int | None], highest: int | None) -> dict[int, int | None]:
    """Return severities whose maximum is `highest`."""
    if highest is None or not rated:
        return dict(rated)
    found = {key: highest if value is None else min(value, highest) for key, value in rated.items()}
    if highest not in found.values():
        worst = max(found, key=lambda key: found[key])
        found[worst] = highest
    return dict(found)


def _lifted(rated: Mapping[int, int | None], lowest: int | None) -> dict[int, int | None]:
    """Return detections whose minimum is `lowest`."""
    if lowest is None or not rated:
        return dict(rated)
    found = {key: None if value is None else max(value, lowest) for key, value in rated.items()}
    known = {key: value for key, value in found.items() if value is not None}
    if lowest not in known.values():
        best = min(known, key=lambda key: known[key]) if known else next(iter(found))
        found[best] = lowest
    return found


def _append(
    session: Session,
    register: FmeaRegister,
    cause: FmeaCause,
    scores: Scores,
    why: Why,
    detail: Mapping[str, object],
) -> FmeaRating:
    matrix = standard_services.stored(session, standards.MATRIX, standards.MATRIX_NAME)
    scales = standard_services.stored(session, standards.SCALES, register.scale_name)
    actor = db.actor_of(session)
    rating = FmeaRating(
        cause_id=cause.id,
        kind=why.kind,
        severity=scores.severity,
        occurrence=scores.occurrence,
        detection=scores.detection,
        rpn=rpn(scores),
        priority=action_priority(scores, standards.matrix_of(matrix.content)),
        detail=dict(detail),
        scale_id=scales.id,
        matrix_id=matrix.id,
        rated_at=clock.now(),
        rated_by=actor.name,
        rated_by_id=actor.user_id,
        reason=why.reason,
        evidence=why.evidence,
    )
    session.add(rating)
    session.flush()
    return rating


def _show(cause: FmeaCause, rating: FmeaRating) -> None:
    cause.severity, cause.detection = rating.severity, rating.detection
    cause.rpn, cause.priority, cause.rating_id = rating.rpn, rating.priority, rating.id


def _ids(rating: FmeaRating) -> tuple[int, int]:
    return rating.matrix_id, rating.scale_id


def _standard_ids(session: Session, register: FmeaRegister) -> tuple[int, int]:
    matrix = standard_services.stored(session, standards.MATRIX, standards.MATRIX_NAME)
    scales = standard_services.stored(session, standards.SCALES, register.scale_name)
    return matrix.id, scales.id
