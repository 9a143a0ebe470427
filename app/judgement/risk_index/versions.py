"""Reads of the versions of index methods: where each stands, and for which days it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.judgement.risk_index.methods import IndexMethodVersion, Json
from app.judgement.risk_index.models import IndexMethod
from app.judgement.risk_index.queries import method_from
from app.judgement.snapshots.drafting import Drafts
from app.judgement.snapshots.methods import ALWAYS
from app.judgement.snapshots.standings import Standing, begin_of_next, standing_of
from app.platform.approvals import queries as approvals

TYPE = "index_method"
DRAFTS = Drafts(IndexMethod, TYPE, "index method", "E-IXM")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the index method, as pages show it.

    `holds_from` is None where it has held from the beginning; `holds_to` is the first day of
    the version that follows. `awaits` is the public id of the approval that waits.
    """

    id: int
    method: IndexMethodVersion
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

    @property
    def is_editable(self) -> bool:
        """Whether it may still be edited."""
        return self.standing is Standing.DRAFT


def versions(session: Session, *, on: date) -> list[Version]:
    """Return every version, the newest first."""
    rows = session.scalars(
        select(IndexMethod).order_by(IndexMethod.created_at.desc(), IndexMethod.id.desc())
    ).all()
    return [_version(session, row, rows, on=on) for row in rows]


def version(session: Session, method_id: int, *, on: date) -> Version:
    """Return one version; raises NotFound."""
    row = DRAFTS.stored(session, method_id)
    return _version(session, row, session.scalars(select(IndexMethod)).all(), on=on)


def _version(
    session: Session, row: IndexMethod, rows: Sequence[IndexMethod], *, on: date
) -> Version:
    waiting = None
    if row.state == "draft":
        waiting = approvals.waiting_for(session, DRAFTS.about(row.id))
    holds_to = begin_of_next(row, rows) if row.state == "active" else None
    return Version(
        id=row.id,
        method=method_from(row),
        content=row.content,
        standing=standing_of(row, holds_to, on=on, is_proposed=waiting is not None),
        holds_from=None if row.valid_from == ALWAYS else row.valid_from,
        holds_to=holds_to,
        reason=row.reason,
        author=row.author,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        created_at=row.created_at,
        revision=row.revision,
        awaits=None if waiting is None else waiting.public_id,
    )
