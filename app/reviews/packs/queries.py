"""Reads of rendered packs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.reviews.packs.models import Pack


def packs_of(session: Session, supplier_id: int) -> Sequence[Pack]:
    """Return a supplier's packs, the newest first."""
    return session.scalars(
        select(Pack).where(Pack.supplier_id == supplier_id).order_by(Pack.id.desc())
    ).all()


def newest_packs(session: Session, *, limit: int) -> Sequence[Pack]:
    """Return the packs made last, over all suppliers, the newest first."""
    return session.scalars(select(Pack).order_by(Pack.id.desc()).limit(limit)).all()


def pack_by_public_id(session: Session, public_id: UUID) -> Pack:
    """Return one pack; raises NotFound."""
    pack = session.scalar(select(Pack).where(Pack.public_id == public_id))
    if pack is None:
        raise NotFound("E-PCK-01", "There is no such pack.")
    return pack


def pack_with_content(
    session: Session, *, supplier_id: int, kind: str, period: str, content_hash: str
) -> Pack | None:
    """Return the pack that already prints exactly this content, or None."""
    return session.scalar(
        select(Pack).where(
            Pack.supplier_id == supplier_id,
            Pack.kind == kind,
            Pack.period == period,
            Pack.content_hash == content_hash,
        )
    )
