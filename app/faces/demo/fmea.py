"""FMEA registers of the demo company: from the library, rated over two years by its people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.orm import Session

from app.calc.fmea import action_priority, row_scores, rpn
from app.faces.demo.rows import Row, Rows
from app.faces.demo.scripts import DRIFT
from app.facts.suppliers.models import Category, Part
from app.judgement.fmea import standard_services, standards
from app.judgement.fmea.library import Entry, TypicalCause, chosen
from app.judgement.fmea.models import (
    ControlKind,
    FmeaCause,
    FmeaControl,
    FmeaEffect,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
    RatingKind,
    Subject,
)

MAGNETS = "V-10163"
QUALITY, RISK = "S. Oyelaran", "A. Lindqvist"
NINE = 9


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating of one cause on a day: S of the worst effect, O, D of the first control."""

    on: date
    severity: int
    occurrence: int
    detection: int
    reason: str | None = None
    kind: RatingKind = RatingKind.CURRENT


@dataclass(frozen=True, slots=True)
class Story:
    """A register: about whom, whose, and how each cause of its entries was rated in turn.

    entries: by key of the library, for each of its causes in order the ratings.
    """

    subject: Subject
    title: str
    about: str
    owner: str
    opened_on: date
    review_on: date
    entries: Mapping[str, tuple[tuple[Rated, ...], ...]]
    approved_by: str | None = None
    is_changed: bool = False


def _d(day: str) -> date:
    return date.fromisoformat(day)


INHERENT = RatingKind.INHERENT
STORIES = (
    Story(
        Subject.SUPPLIER, "Volute housings from a drifting foundry", DRIFT, QUALITY,
        _d("2025-02-10"), _d("2026-12-01"),
        {
            "quality_escape": (
                (
                    Rated(_d("2025-02-10"), 7, 9, 9, "Before inspection at receipt.", INHERENT),
                    Rated(_d("2025-02-10"), 7, 5, 4, "Reject rate of 2024, inspection by plan."),
                    Rated(_d("2026-05-18"), 7, 7, 4, "Rejected lots since March; see the 8D."),
                    Rated(_d("2026-10-12"), 8, 8, 4, "Two line stops: the effect is graver."),
                ),
                (Rated(_d("2025-02-10"), 7, 2, 4), Rated(_d("2026-10-12"), 8, 2, 4)),
            ),
            "machine_breakdown": (
                (
                    Rated(_d("2025-02-10"), 6, 4, 6),
                    Rated(_d("2026-05-18"), 6, 6, 6, "Maintenance put off twice, audit of May."),
                ),
            ),
            "bankruptcy": (
                (Rated(_d("2025-02-10"), 9, 3, 5), Rated(_d("2026-05-18"), 9, 4, 4,
                 "Losses two years running; statements read.")),
                (Rated(_d("2025-02-10"), 9, 2, 7),),
            ),
        },
        approved_by=f"{RISK} and K. Brandt", is_changed=True,
    ),
    Story(
        Subject.SUPPLIER, "Magnets from one country", MAGNETS, RISK,
        _d("2025-06-16"), _d("2027-01-15"),
        {
            "export_ban": (
                (
                    Rated(_d("2025-06-16"), 10, 5, 9, "Without stock and source.", INHERENT),
                    Rated(_d("2025-06-16"), 10, 4, 8, "Licences announced for magnets."),
                    Rated(_d("2026-03-02"), 9, 4, 5, "Six weeks of stock; list compared monthly."),
                ),
            ),
            "sub_tier_failure": (
                (Rated(_d("2025-06-16"), 8, 4, 8), Rated(_d("2026-03-02"), 8, 4, 6,
                 "Common plant found; asked for each quarter.")),
                (Rated(_d("2025-06-16"), 8, 3, 5),),
            ),
            "commodity_shortage": ((Rated(_d("2025-06-16"), 7, 6, 5),),),
            "price_currency": ((),),
        },
    ),
    Story(
        Subject.CATEGORY, "Castings: what all foundries share", "Castings", RISK,
        _d("2025-01-20"), _d("2026-10-15"),
        {
            "capacity_allocation": ((Rated(_d("2025-01-20"), 6, 5, 5),),),
            "power_outage": ((Rated(_d("2025-01-20"), 7, 3, 6),),),
            "labour_shortage": ((Rated(_d("2025-01-20"), 5, 6, 6),),),
        },
        approved_by=f"{QUALITY}",
    ),
    Story(
        Subject.LANE, "Sea freight from East Asia", "Ningbo – Hamburg, sea", QUALITY,
        _d("2025-09-01"), _d("2027-02-01"),
        {
            "port_strike": (
                (
                    Rated(_d("2025-09-01"), 8, 5, 7),
                    Rated(_d("2026-02-16"), 8, 4, 4, "Contract dates stand in the calendar now."),
                ),
                (Rated(_d("2025-09-01"), 8, 4, 5),),
            ),
            "route_blocked": ((Rated(_d("2025-09-01"), 6, 6, 3),),),
            "customs_delay": (
                (Rated(_d("2025-09-01"), 4, 7, 5),),
                (Rated(_d("2025-09-01"), 4, 3, 5),),
            ),
            "single_mode": ((Rated(_d("2025-09-01"), 6, 3, 6),),),
        },
        approved_by=f"{RISK}",
    ),
)  # fmt: skip


def add_registers(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add the registers with everything in them."""
    for story in STORIES:
        register = _register(rows, story, suppliers)
        for place, entry in enumerate(chosen(story.entries), start=1):
            _mode(rows, story, register["id"], entry, place)


def standards_before(session: Session) -> dict[str, int]:
    """Return the key before that of the matrix and the scales that the ratings name as 1."""
    matrix = standard_services.stored(session, standards.MATRIX, standards.MATRIX_NAME)
    scales = standard_services.stored(session, standards.SCALES, standards.SUPPLY_CHAIN_NAME)
    return {"fmea_matrix": matrix.id - 1, "fmea_scale": scales.id - 1}


def _register(rows: Rows, story: Story, suppliers: Mapping[str, int]) -> Row:
    ratings = [one for causes in story.entries.values() for each in causes for one in each]
    latest = max(one.on for one in ratings)
    changes = len({one.on for one in ratings}) + 1
    approved = changes - 1 if story.is_changed else changes
    categories = {row["name"]: row["id"] for row in rows.of(Category)}
    return rows.add(
        FmeaRegister,
        public_id=_key(story.title),
        subject=story.subject,
        title=story.title,
        supplier_id=suppliers.get(story.about),
        category_id=categories.get(story.about),
        site_id=None,
        lane=story.about if story.subject is Subject.LANE else None,
        note=None,
        owner=story.owner,
        review_on=story.review_on,
        scale_name=standards.SUPPLY_CHAIN_NAME,
        opened_by=story.owner,
        version=changes,
        changed_by=story.owner,
        changed_at=_at(latest),
        writers=[],
        approved_version=approved if story.approved_by else None,
        approved_hash=None,
        approved_at=_at(story.opened_on, 15) if story.approved_by else None,
        approved_by=story.approved_by,
        closed_at=None,
        closed_by=None,
        closed_because=None,
    )


def _mode(rows: Rows, story: Story, register_id: int, entry: Entry, place: int) -> None:
    causes = story.entries[entry.key]
    worst = max((each[-1].severity for each in causes if each), default=None)
    latest = max((each[-1].on for each in causes if each), default=story.opened_on)
    mode = rows.add(
        FmeaMode,
        public_id=_key(f"{story.title} {entry.key}"),
        register_id=register_id,
        place=place,
        name=entry.name,
        step=entry.step,
        family=entry.family,
        measured_kind=entry.measured,
        library_key=entry.key,
        part_id=_part(rows) if story.about == DRIFT and entry.key == "quality_escape" else None,
        version=1,
        changed_by=story.owner,
        changed_at=_at(latest),
        removed_at=None,
        removed_by=None,
        removed_because=None,
    )
    for order, text in enumerate(entry.effects, start=1):
        # The first effect is the worst one, each further one milder by two.
        severity = None if worst is None else max(1, worst - 2 * (order - 1))
        rows.add(FmeaEffect, mode_id=mode["id"], place=order, text=text, severity=severity)
    for order, (cause, ratings) in enumerate(zip(entry.causes, causes, strict=True), start=1):
        _cause(rows, story, mode["id"], cause, ratings, order)


def _cause(
    rows: Rows,
    story: Story,
    mode_id: int,
    cause: TypicalCause,
    ratings: tuple[Rated, ...],
    place: int,
) -> None:
    present = [each for each in ratings if each.kind is RatingKind.CURRENT]
    row = rows.add(
        FmeaCause,
        public_id=_key(f"{story.title} {mode_id} {place}"),
        mode_id=mode_id,
        place=place,
        text=cause.text,
        action=cause.response,
        occurrence=present[-1].occurrence if present else None,
        undetected=None,
        severity=None,
        detection=None,
        rpn=None,
        priority=None,
        rating_id=None,
        removed_at=None,
        removed_by=None,
        removed_because=None,
    )
    for kind, texts in (
        (ControlKind.PREVENTION, cause.prevention),
        (ControlKind.DETECTION, cause.detection),
    ):
        for order, text in enumerate(texts, start=1):
            is_first = kind is ControlKind.DETECTION and order == 1 and present
            rows.add(
                FmeaControl,
                cause_id=row["id"],
                kind=kind,
                place=order,
                text=text,
                detection=present[-1].detection if is_first else None,
            )
    for each in ratings:
        rated = _rating(rows, story, row["id"], each)
        if each.kind is RatingKind.CURRENT:
            row |= {name: rated[name] for name in ("severity", "detection", "rpn", "priority")}
            row["rating_id"] = rated["id"]


def _rating(rows: Rows, story: Story, cause_id: int, each: Rated) -> Row:
    scores = row_scores([each.severity], each.occurrence, [each.detection])
    return rows.add(
        FmeaRating,
        public_id=_key(f"{story.title} {cause_id} {each.on} {each.kind}"),
        cause_id=cause_id,
        kind=each.kind,
        severity=each.severity,
        occurrence=each.occurrence,
        detection=each.detection,
        rpn=rpn(scores),
        priority=action_priority(scores),
        detail={},
        scale_id=1,
        matrix_id=1,
        rated_at=_at(each.on),
        rated_by=story.owner,
        rated_by_id=None,
        reason=each.reason,
        evidence=None,
    )


def _part(rows: Rows) -> int | None:
    return next((row["id"] for row in rows.of(Part) if "olute" in (row["name"] or "")), None)


def _at(day: date, hour: int = NINE) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def _key(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay demo fmea {name}")
