"""Reads about the demo company: is it here, and what of real users stands in its way."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.facts.deliveries.models import PurchaseOrder, Receipt, ScheduleLine
from app.facts.suppliers.models import Supplier
from app.platform.accounts.models import User
from app.platform.sources.models import BatchState, SourceBatch

BATCH_KIND = "demo"


def is_loaded(session: Session) -> bool:
    """Tell whether the demo company is in the database."""
    return batch_id(session) is not None


def batch_id(session: Session) -> int | None:
    """Return the batch under which the demo company stands, None when it is not here."""
    return session.scalar(select(SourceBatch.id).where(SourceBatch.kind == BATCH_KIND))


def real_suppliers(session: Session) -> int:
    """Return how many suppliers are not of the demo company."""
    return _count(session, select(func.count()).where(Supplier.is_demo.is_(False)))


def real_batches(session: Session) -> int:
    """Return how many imports there are that somebody still counts on."""
    kept = SourceBatch.state.in_((BatchState.STAGED, BatchState.PUBLISHED))
    return _count(session, select(func.count()).where(SourceBatch.kind != BATCH_KIND, kept))


def real_users(session: Session, *, apart_from: str = "") -> int:
    """Return how many people there are beside this machine's own administrator.

    `apart_from` names somebody who is not counted.
    """
    is_real = User.is_local_admin.is_(False)
    return _count(session, select(func.count()).where(is_real, User.name != apart_from))


def batches_on_demo(session: Session, demo_batch: int) -> list[int]:
    """Return the imports whose deliveries stand on suppliers of the demo company."""
    demo = select(Supplier.id).where(Supplier.is_demo)
    lines = select(ScheduleLine.batch_id).where(
        ScheduleLine.supplier_id.in_(demo), ScheduleLine.batch_id != demo_batch
    )
    orders = select(PurchaseOrder.batch_id).where(
        PurchaseOrder.supplier_id.in_(demo), PurchaseOrder.batch_id != demo_batch
    )
    receipts = (
        select(Receipt.batch_id)
        .join(ScheduleLine, ScheduleLine.id == Receipt.line_id)
        .where(ScheduleLine.supplier_id.in_(demo), Receipt.batch_id != demo_batch)
    )
    found = session.execute(lines.union(orders, receipts))
    return sorted(batch for (batch,) in found if batch is not None)


def _count(session: Session, query: Select[int]) -> int:
    return session.scalar(query) or 0
