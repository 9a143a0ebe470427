"""Reads of attached files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.platform.records.models import Attachment


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An attached file as lists and downloads need it."""

    public_id: UUID
    entity: str
    entity_id: int
    name: str
    media_type: str
    sha256: str
    size: int
    scan_state: str
    evidence_on: date | None
    uploaded_by: str
    uploaded_at: datetime
    removed_at: datetime | None
    removed_by: str | None
    removed_because: str | None


def files_of(session: Session, entity: str, entity_id: int) -> list[AttachedFile]:
    """Return the files of a record, newest first; removed ones are among them and say so."""
    found = session.scalars(
        select(Attachment)
        .where(Attachment.entity == entity, Attachment.entity_id == entity_id)
        .order_by(Attachment.uploaded_at.desc(), Attachment.id.desc())
    )
    return [_file(each) for each in found]


def file_of(session: Session, entity: str, entity_id: int, public_id: UUID) -> AttachedFile:
    """Return one file of a record that is not removed; raises NotFound."""
    found = session.scalar(
        select(Attachment).where(
            Attachment.public_id == public_id,
            Attachment.entity == entity,
            Attachment.entity_id == entity_id,
            Attachment.removed_at.is_(None),
        )
    )
    if found is None:
        raise NotFound("E-FIL-16", "There is no such file; it may have been removed.")
    return _file(found)


def files_brought_by(session: Session, user_id: int) -> int:
    """Return how many files an account has brought that are not removed."""
    return (
        session.scalar(
            select(func.count(Attachment.id)).where(
                Attachment.uploaded_by_id == user_id, Attachment.removed_at.is_(None)
            )
        )
        or 0
    )


def named_ids(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Return which of these ids have a row, be it of a removed file."""
    return set(session.scalars(select(Attachment.public_id).where(Attachment.public_id.in_(ids))))


def removed_before(session: Session, moment: datetime) -> list[UUID]:
    """Return the files that were removed before a moment."""
    return list(
        session.scalars(
            select(Attachment.public_id)
            .where(Attachment.removed_at < moment)
            .order_by(Attachment.id)
        )
    )


def _file(row: Attachment) -> AttachedFile:
    return AttachedFile(
        public_id=row.public_id,
        entity=row.entity,
        entity_id=row.entity_id,
        name=row.display_name,
        media_type=row.media_type,
        sha256=row.sha256,
        size=row.size,
        scan_state=row.scan_state,
        evidence_on=row.evidence_on,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        removed_at=row.removed_at,
        removed_by=row.removed_by,
        removed_because=row.removed_because,
    )
