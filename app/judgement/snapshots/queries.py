"""Reads of published snapshots, whichever they are: never half of a publication."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from app.judgement.snapshots.columns import Snapshot
from app.judgement.snapshots.models import Publication

Head = TypeVar("Head")


def is_open(snapshots: type[Snapshot]) -> ColumnElement[bool]:
    """Return the condition that a snapshot's publication is not over: nobody may see it yet."""
    return exists().where(
        Publication.id == snapshots.publication_id, Publication.published_at.is_(None)
    )


def is_newest(snapshots: type[Snapshot]) -> ColumnElement[bool]:
    """Return the condition that a snapshot is seen and no other one restates it."""
    later = aliased(snapshots)
    is_restated = exists().where(
        later.supplier_id == snapshots.supplier_id,
        later.period_kind == snapshots.period_kind,
        later.period_end == snapshots.period_end,
        later.sequence > snapshots.sequence,
        ~is_open(later),
    )
    return ~is_restated & ~is_open(snapshots)


def newest_of(
    session: Session,
    snapshots: type[Snapshot],
    head: type[Head],
    *,
    supplier_id: int,
    kind: str,
    period_end: date,
) -> Head | None:
    """Return a supplier's newest snapshot of a period as `head`, None where there is none."""
    row = session.execute(
        heads(snapshots, head)
        .where(
            snapshots.supplier_id == supplier_id,
            snapshots.period_kind == kind,
            snapshots.period_end == period_end,
        )
        .order_by(snapshots.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else head(*row)


def newest_of_many(
    session: Session,
    snapshots: type[Snapshot],
    head: type[Head],
    *,
    supplier_ids: Collection[int],
    kind: str,
    period_end: date,
) -> dict[int, Head]:
    """Return by supplier the newest snapshot of a period as `head`; those without are absent."""
    rows = session.execute(
        heads(snapshots, head)
        .add_columns(snapshots.supplier_id)
        .where(
            snapshots.supplier_id.in_(supplier_ids),
            snapshots.period_kind == kind,
            snapshots.period_end == period_end,
            is_newest(snapshots),
        )
    )
    return {supplier_id: head(*columns) for *columns, supplier_id in rows}


def history_of(
    session: Session,
    snapshots: type[Snapshot],
    head: type[Head],
    *,
    supplier_id: int,
    kind: str,
    limit: int,
) -> list[Head]:
    """Return a supplier's snapshots as `head`, the newest first, restated ones among them."""
    rows = session.execute(
        heads(snapshots, head)
        .where(snapshots.supplier_id == supplier_id, snapshots.period_kind == kind)
        .order_by(snapshots.period_end.desc(), snapshots.sequence.desc())
        .limit(limit)
    )
    return [head(*row) for row in rows]


def newest_period_end(
    session: Session, snapshots: type[Snapshot], kind: str, *, until: date | None = None
) -> date | None:
    """Return the end of the newest published period of a kind up to a day, None without one."""
    # Not max(): that would look at every snapshot of the kind, this at the first one seen.
    newest = (
        select(snapshots.period_end)
        .where(snapshots.period_kind == kind, ~is_open(snapshots))
        .order_by(snapshots.period_end.desc())
        .limit(1)
    )
    if until is not None:
        newest = newest.where(snapshots.period_end <= until)
    return session.scalar(newest)


def heads(
    snapshots: type[Snapshot], head: type[Any]
) -> Select[*tuple[Any, ...]]:  # Any: the columns are of many types
    """Select of all that are seen what the fields of `head` name."""
    columns: Sequence[Any] = [getattr(snapshots, each.name) for each in fields(head)]
    return select(*columns).where(~is_open(snapshots))
