"""Risks of the demo company: two registers, what was done about them, and one risk meeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from app.calc.fmea import Scores, action_priority, rpn
from app.faces.demo.cast import CURRENCY
from app.faces.demo.risk_stories import (
    ACCEPTANCES,
    ACTIONS,
    DRIFTED,
    DRIFTED_AT,
    JOINTS,
    LINKS,
    MEETING,
    MODES,
    REGISTERS,
    Act,
    Given,
    Mode,
)
from app.faces.demo.rows import Row, Rows
from app.judgement.fmea import standards
from app.judgement.fmea.living.models import (
    FmeaAcceptance,
    FmeaAction,
    FmeaJoint,
    FmeaLink,
    FmeaReview,
    FmeaSuggestion,
)
from app.judgement.fmea.models import (
    FmeaCause,
    FmeaControl,
    FmeaEffect,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
)
from app.reviews.meetings.agenda import Link, Point, Section, agenda_hash
from app.reviews.meetings.models import (
    MeetingAttendee,
    MeetingCommitment,
    MeetingDecision,
    MeetingPoint,
    RiskMeeting,
)

NINE = 9


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of a register that was added: its keys, and its ratings in their order."""

    cause: Row
    mode: Mode
    supplier_id: int
    mode_id: int
    ratings: tuple[int, ...]


def add_risks(rows: Rows, suppliers: Mapping[str, int], names: Mapping[str, str]) -> None:
    """Add the registers, and what hangs on their rows; `names` by the supplier's number."""
    placed: dict[str, Placed] = {}
    for number, title, owner, opened in REGISTERS:
        register_id = _add_register(rows, suppliers[number], title, owner, opened)
        for place, mode in enumerate((each for each in MODES if each.of == number), start=1):
            placed[mode.name] = _add_mode(rows, mode, register_id, suppliers[number], place)
    for act in ACTIONS:
        _add_action(rows, placed[act.mode], act)
    _add_beside(rows, placed)
    _add_drift(rows, placed[DRIFTED])
    _add_meeting(rows, placed, {key: names[number] for number, key in suppliers.items()})


def _add_register(rows: Rows, supplier_id: int, title: str, owner: str, opened: date) -> int:
    key: int = rows.add(
        FmeaRegister,
        public_id=_key(title),
        subject="supplier",
        title=title,
        supplier_id=supplier_id,
        category_id=None,
        site_id=None,
        lane=None,
        note=None,
        owner=owner,
        review_on=None,
        scale_name=standards.SUPPLY_CHAIN_NAME,
        opened_by=owner,
        version=1,
        changed_by=owner,
        changed_at=_at(opened),
        writers=[],
        approved_version=None,
        approved_hash=None,
        approved_at=None,
        approved_by=None,
        closed_at=None,
        closed_by=None,
        closed_because=None,
    )["id"]
    return key


def _add_mode(rows: Rows, mode: Mode, register_id: int, supplier_id: int, place: int) -> Placed:
    last = [each for each in mode.ratings if each.is_present][-1]
    mode_id = rows.add(
        FmeaMode,
        public_id=_key(mode.name),
        register_id=register_id,
        place=place,
        name=mode.name,
        step=None,
        family=mode.family,
        measured_kind=mode.measured,
        library_key=None,
        part_id=None,
        version=1,
        changed_by=mode.by,
        changed_at=_at(last.on),
        removed_at=None,
        removed_by=None,
        removed_because=None,
    )["id"]
    rows.add(FmeaEffect, mode_id=mode_id, place=1, text=mode.effect, severity=last.scores[0])
    cause = rows.add(
        FmeaCause,
        public_id=_key(f"{mode.name} cause"),
        mode_id=mode_id,
        place=1,
        text=mode.cause,
        action=None,
        occurrence=last.scores[1],
        undetected=None,
        severity=last.scores[0],
        detection=last.scores[2],
        rpn=rpn(Scores(*last.scores)),
        priority=action_priority(Scores(*last.scores)),
        rating_id=None,
        removed_at=None,
        removed_by=None,
        removed_because=None,
    )
    for kind, text in (("prevention", mode.prevention), ("detection", mode.detection)):
        rated = last.scores[2] if kind == "detection" else None
        rows.add(FmeaControl, cause_id=cause["id"], kind=kind, place=1, text=text, detection=rated)
    keys = tuple(_add_rating(rows, cause, mode, each) for each in mode.ratings)
    cause["rating_id"] = keys[mode.ratings.index(last)]
    return Placed(cause, mode, supplier_id, mode_id, keys)


def _add_rating(rows: Rows, cause: Row, mode: Mode, given: Given) -> int:
    scores = Scores(*given.scores)
    key: int = rows.add(
        FmeaRating,
        public_id=_key(f"{mode.name} {given.on} {given.kind}"),
        cause_id=cause["id"],
        kind=given.kind,
        severity=scores.severity,
        occurrence=scores.occurrence,
        detection=scores.detection,
        rpn=rpn(scores),
        priority=action_priority(scores),
        detail={},
        scale_id=1,
        matrix_id=1,
        rated_at=_at(given.on),
        rated_by=mode.by,
        rated_by_id=None,
        reason=given.reason or None,
        evidence=given.evidence or None,
    )["id"]
    return key


def _add_action(rows: Rows, of: Placed, act: Act) -> None:
    def rating(index: int | None) -> int | None:
        return None if index is None else of.ratings[index]

    rows.add(
        FmeaAction,
        public_id=_key(act.title),
        cause_id=of.cause["id"],
        title=act.title,
        kind=act.kind,
        owner=act.owner,
        owner_id=None,
        due_on=act.due_on,
        cost=None if act.cost is None else Decimal(act.cost),
        currency=None if act.cost is None else CURRENCY,
        state=act.state,
        state_because=act.because or None,
        planned_rating_id=rating(act.planned),
        before_rating_id=rating(act.before),
        revised_rating_id=rating(act.revised),
        evidence=act.evidence or None,
        effect_change=act.effect_change,
        made_by=of.mode.by,
        made_at=_at(act.made_on),
        ended_at=None if act.ended_on is None else _at(act.ended_on),
        ended_by=None if act.ended_on is None else act.owner,
        told_at=None,
        escalated_at=None,
        version=1,
    )


def _add_beside(rows: Rows, placed: Mapping[str, Placed]) -> None:
    """Add acceptances, joint assessments and links."""
    for name, by, reason, asked, until, agreed in ACCEPTANCES:
        of = placed[name]
        rows.add(
            FmeaAcceptance,
            public_id=_key(f"{name} accepted {until}"),
            cause_id=of.cause["id"],
            rating_id=of.cause["rating_id"],
            accepted_by=by,
            reason=reason,
            until_on=until,
            state="confirmed",
            asked_by=by,
            asked_at=_at(asked),
            approved_by=agreed,
            approved_at=_at(asked),
            ended_at=None,
            ended_by=None,
            ended_because=None,
        )
    for name, met, person, scores, note in JOINTS:
        of = placed[name]
        rows.add(
            FmeaJoint,
            cause_id=of.cause["id"],
            rating_id=of.cause["rating_id"],
            met_on=met,
            spoke_with=person,
            severity=scores[0],
            occurrence=scores[1],
            detection=scores[2],
            note=note,
            entered_by=of.mode.by,
        )
    for name, kind, label in LINKS:
        rows.add(
            FmeaLink,
            public_id=_key(f"{name} {label}"),
            mode_id=placed[name].mode_id,
            kind=kind,
            label=label,
            part_id=None,
            linked_supplier_id=None,
            made_by=placed[name].mode.by,
        )


def _add_drift(rows: Rows, of: Placed) -> None:
    """Add two quarters in which the facts said otherwise, and the review that they raised."""
    for end, suggested, events, years in DRIFTED_AT:
        rows.add(
            FmeaSuggestion,
            cause_id=of.cause["id"],
            dimension="occurrence",
            quarter_end=end,
            suggested=suggested,
            stored=of.cause["occurrence"],
            basis={"events": events, "exposure_years": years},
            noted_at=_at(end),
        )
    last, suggested, *_ = DRIFTED_AT[-1]
    rows.add(
        FmeaReview,
        cause_id=of.cause["id"],
        kind="drift",
        key="2026Q3",
        raised_on=last,
        because="For 2 quarters up to 2026Q3 two or more steps off: occurrence "
        f"{of.cause['occurrence']}, facts say {suggested}.",
        done_at=None,
        done_by=None,
        outcome=None,
    )


def _add_meeting(rows: Rows, placed: Mapping[str, Placed], names: Mapping[int, str]) -> None:
    held, closed = _at(MEETING.on, 14), _at(MEETING.on, 16)
    points = [
        Point(
            Section(section), f"{name}: {placed[name].mode.cause}", detail,
            placed[name].supplier_id, names[placed[name].supplier_id],
            Link("actions.row", {"cause_id": str(placed[name].cause["public_id"])}),
        )
        for section, name, detail, _ in MEETING.points
    ]  # fmt: skip
    meeting_id = rows.add(
        RiskMeeting,
        public_id=_key("risk meeting"),
        title="Monthly risk meeting",
        planned_on=MEETING.on,
        chair=MEETING.chair,
        state="closed",
        minutes=MEETING.minutes,
        agenda_hash=agenda_hash(points),
        version=3,
        planned_by=MEETING.chair,
        held_at=held,
        held_by=MEETING.chair,
        closed_at=closed,
        closed_by=MEETING.chair,
    )["id"]
    for place, (name, part) in enumerate(MEETING.attendees, start=1):
        rows.add(MeetingAttendee, meeting_id=meeting_id, place=place, name=name, part=part)
    for place, (point, told) in enumerate(zip(points, MEETING.points, strict=True), start=1):
        rows.add(
            MeetingPoint,
            public_id=_key(f"point {place}"),
            meeting_id=meeting_id,
            supplier_id=point.supplier_id,
            section=point.section,
            place=place,
            title=point.title,
            detail=point.detail,
            link=None if point.link is None else
            {"endpoint": point.link.endpoint, "values": dict(point.link.values)},
            note=told[3],
            noted_by=MEETING.chair,
            version=2,
        )  # fmt: skip
    for name, said in MEETING.decisions:
        rows.add(
            MeetingDecision, meeting_id=meeting_id, supplier_id=placed[name].supplier_id,
            said=said, noted_by=MEETING.chair, noted_at=held,
        )  # fmt: skip
    for name, what, owner, due, done in MEETING.commitments:
        rows.add(
            MeetingCommitment,
            public_id=_key(what),
            meeting_id=meeting_id,
            supplier_id=placed[name].supplier_id,
            what=what,
            owner=owner,
            due_on=due,
            state="done" if done else "open",
            noted_by=MEETING.chair,
            noted_at=held,
            ended_at=_at(due) if done else None,
            ended_by=owner if done else None,
            ended_because=done,
            version=2 if done else 1,
        )


def _at(day: date, hour: int = NINE) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def _key(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"demo risk {name}")
