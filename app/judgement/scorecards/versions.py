"""Reads of the versions of scoring methods: where each stands, and for which days it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.judgement.scorecards.methods import Json, Method
from app.judgement.scorecards.models import ScoringMethod
from app.judgement.scorecards.stored_methods import method_from
from app.judgement.snapshots.drafting import Drafts
from app.judgement.snapshots.methods import ALWAYS
from app.judgement.snapshots.standings import Standing, begin_of_next, standing_of
from app.platform.approvals import queries as approvals
from app.platform.approvals.kinds import ObjectRef

TYPE = "scoring_method"
END = "/end"
DRAFTS = Drafts(ScoringMethod, TYPE, "scoring method", "E-MTH")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a method, as pages show it.

    `holds_from` is None where it has held from the beginning; `holds_to` is the first day
    on which it holds no more, by its own end or by the next version. `awaits` is the public
    id of the approval that waits, `ending` whether that is about its end.
    """

    id: int
    method: Method
    content: Json
    standing: Standing
    holds_from: date | None
    holds_to: date | None
    reason: str | None
    author: str | None
    approved_by: str | None
    approved_at: datetime | None
    created_at: datetime
    revision: int
    awaits: UUID | None
    ending: bool

    @property
    def is_editable(self) -> bool:
        """Whether it may still be edited."""
        return self.standing is Standing.DRAFT


def about_end(method_id: int) -> ObjectRef:
    """Return how approvals name the proposal to end a version."""
    return ObjectRef(TYPE, f"{method_id}{END}")


def versions(session: Session, *, on: date) -> list[Version]:
    """Return every version, for everybody first, then by segment; the newest first."""
    rows = session.scalars(
        select(ScoringMethod).order_by(ScoringMethod.created_at.desc(), ScoringMethod.id.desc())
    ).all()
    found = [_version(session, row, rows, on=on) for row in rows]
    return sorted(found, key=lambda each: each.method.segment or "")


def version(session: Session, method_id: int, *, on: date) -> Version:
    """Return one version; raises NotFound."""
    row = DRAFTS.stored(session, method_id)
    rows = session.scalars(select(ScoringMethod)).all()
    return _version(session, row, rows, on=on)


def _version(
    session: Session, row: ScoringMethod, rows: Sequence[ScoringMethod], *, on: date
) -> Version:
    awaits, ending = _waiting(session, row)
    holds_to = end_of(row, rows)
    return Version(
        id=row.id,
        method=method_from(row),
        content=row.content,
        standing=standing_of(row, holds_to, on=on, is_proposed=awaits is not None),
        holds_from=None if row.valid_from == ALWAYS else row.valid_from,
        holds_to=holds_to,
        reason=row.reason,
        author=row.author,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        created_at=row.created_at,
        revision=row.revision,
        awaits=awaits,
        ending=ending,
    )


def end_of(row: ScoringMethod, rows: Iterable[ScoringMethod]) -> date | None:
    """Return the first day on which a version holds no more: its own end, or the next one's."""
    if row.state != "active":
        return None
    rivals = (each for each in rows if each.segment == row.segment)
    return min(filter(None, [begin_of_next(row, rivals), row.valid_to]), default=None)


def _waiting(session: Session, row: ScoringMethod) -> tuple[UUID | None, bool]:
    if row.state == "retired":
        return None, False
    ref = DRAFTS.about(row.id) if row.state == "draft" else about_end(row.id)
    waiting = approvals.waiting_for(session, ref)
    return None if waiting is None else waiting.public_id, row.state == "active"
