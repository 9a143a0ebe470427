"""What stands beside a row: how the supplier rates it, and what the failure mode touches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.fmea import Scores
from app.facts.suppliers.models import Part, Supplier
from app.judgement.fmea.living.models import FmeaJoint, FmeaLink, LinkKind
from app.judgement.fmea.living.papers import Paper, papers_of
from app.judgement.fmea.living.rows import RatingRow, RowHead, ratings_by_id

OLDEST_TALK_DAYS = 3653


@dataclass(frozen=True, slots=True)
class JointRow:
    """How the supplier rated a row in a talk, beside how we rated it then."""

    met_on: date
    spoke_with: str
    theirs: Scores
    ours: RatingRow | None
    note: str
    entered_by: str

    def gap(self, dimension: str) -> int | None:
        """Return theirs − ours in a dimension [steps], None where a side is missing."""
        their_own: int | None = getattr(self.theirs, dimension)
        our_own: int | None = None if self.ours is None else getattr(self.ours, dimension)
        return None if their_own is None or our_own is None else their_own - our_own


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Something that a failure mode touches; `paper` of a contract or plan that is still known."""

    public_id: UUID
    kind: str
    label: str
    supplier_public_id: UUID | None
    made_by: str
    paper: Paper | None = None


def joints_of(session: Session, cause_id: int) -> list[JointRow]:
    """Return every joint assessment of a row, the newest first."""
    rows = session.scalars(
        select(FmeaJoint)
        .where(FmeaJoint.cause_id == cause_id)
        .order_by(FmeaJoint.met_on.desc(), FmeaJoint.id.desc())
    ).all()
    rated = ratings_by_id(session, [row.rating_id for row in rows])
    return [
        JointRow(
            row.met_on, row.spoke_with, Scores(row.severity, row.occurrence, row.detection),
            rated.get(row.rating_id or 0), row.note or "", row.entered_by,
        )
        for row in rows
    ]  # fmt: skip


def enter_joint(
    session: Session, row: RowHead, *, met_on: date, spoke_with: str, theirs: Scores, note: str
) -> FmeaJoint:
    """Enter how the supplier rates a row; what it said before stays."""
    today = clock.today()
    if not 0 <= (today - met_on).days <= OLDEST_TALK_DAYS:
        raise InvalidInput(
            "E-FMA-17", f"{formatting.day(met_on)} is not a day of the last ten years."
        )
    if theirs == Scores():
        raise InvalidInput("E-FMA-18", "Enter at least one rating that the supplier gave.")
    known = joints_of(session, row.cause_id)
    if any(each.met_on == met_on and each.theirs == theirs for each in known):
        raise Conflict("E-FMA-19", "This stands here already. Nothing was stored.")
    made = FmeaJoint(
        cause_id=row.cause_id,
        rating_id=row.rating_id,
        met_on=met_on,
        spoke_with=spoke_with,
        severity=theirs.severity,
        occurrence=theirs.occurrence,
        detection=theirs.detection,
        note=note or None,
        entered_by=db.actor_of(session).name,
    )
    session.add(made)
    session.flush()
    return made


def links_of(session: Session, mode_id: int, papers: Collection[Paper] = ()) -> list[LinkRow]:
    """Return what a failure mode touches, by kind and name; `papers`: those of its supplier."""
    known = {(each.kind, each.number): each for each in papers}
    rows = session.execute(
        select(FmeaLink, Supplier.public_id)
        .outerjoin(Supplier, Supplier.id == FmeaLink.linked_supplier_id)
        .where(FmeaLink.mode_id == mode_id)
        .order_by(FmeaLink.kind, FmeaLink.label)
    )
    return [
        LinkRow(
            each.public_id, each.kind, each.label, public_id, each.made_by,
            known.get((LinkKind(each.kind), each.label)),
        )
        for each, public_id in rows
    ]  # fmt: skip


def link(session: Session, row: RowHead, kind: LinkKind, label: str) -> FmeaLink:
    """Link a failure mode with a part, a supplier, or a contract or plan of its own supplier.

    label: its number. Raises InvalidInput where there is none, Conflict where it is linked.
    """
    made = FmeaLink(mode_id=row.mode_id, kind=kind, label=label, made_by=db.actor_of(session).name)
    if kind is LinkKind.PART:
        made.part_id = session.scalar(select(Part.id).where(Part.number == label))
        if made.part_id is None:
            raise InvalidInput("E-FMA-20", f"There is no part “{label[:60]}”.")
    if kind is LinkKind.SUPPLIER:
        found = session.scalar(select(Supplier).where(Supplier.number == label))
        if found is None:
            raise InvalidInput("E-FMA-20", f"There is no supplier “{label[:60]}”.")
        made.linked_supplier_id, made.label = found.id, f"{found.name} ({found.number})"[:200]
    if kind in (LinkKind.CONTRACT, LinkKind.PLAN):
        own = papers_of(session, row.supplier_id)
        if not any((each.kind, each.number) == (kind, label) for each in own):
            raise InvalidInput("E-FMA-20", f"Its supplier has no {kind} “{label[:60]}”.")
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise Conflict("E-FMA-21", "It is linked already.") from error
    return made


def unlink(session: Session, row: RowHead, public_id: UUID) -> None:
    """Take a link away."""
    found = session.scalar(
        select(FmeaLink).where(FmeaLink.public_id == public_id, FmeaLink.mode_id == row.mode_id)
    )
    if found is None:
        raise NotFound("E-FMA-01", "There is no such link.")
    session.delete(found)
    session.flush()
