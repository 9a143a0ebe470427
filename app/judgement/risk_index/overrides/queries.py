"""Reads of overrides: what stands beside a supplier's index on a day."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.judgement.risk_index.models import IndexOverride, State


@dataclass(frozen=True, slots=True)
class Override:
    """A band set against the computed one, as pages show it."""

    id: int
    public_id: UUID
    supplier_id: int
    band: str
    value: float | None
    computed_band: str | None
    computed_value: float | None
    from_on: date
    until_on: date
    reason: str
    state: str
    decided_by: str
    decided_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_on: date | None
    ended_by: str | None
    ended_because: str | None

    @property
    def last_day(self) -> date:
        """The last day on which it holds."""
        return self.until_on if self.ended_on is None else min(self.until_on, self.ended_on)

    def holds_on(self, day: date) -> bool:
        """Whether it stands beside the index on a day."""
        return self.state == State.CONFIRMED and self.from_on <= day <= self.last_day


def overrides_of(session: Session, supplier_id: int) -> list[Override]:
    """Return a supplier's overrides, the newest first."""
    rows = session.execute(
        _heads()
        .where(IndexOverride.supplier_id == supplier_id)
        .order_by(IndexOverride.from_on.desc(), IndexOverride.id.desc())
    )
    return [Override(*row) for row in rows]


def override_on(session: Session, supplier_id: int, day: date) -> Override | None:
    """Return what holds on a day, the newest where several do."""
    row = session.execute(
        _heads()
        .where(IndexOverride.supplier_id == supplier_id, _holds_on(day))
        .order_by(IndexOverride.from_on.desc(), IndexOverride.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Override(*row)


def overrides_on(session: Session, day: date) -> dict[int, Override]:
    """Return by supplier what holds on a day."""
    rows = session.execute(
        _heads().where(_holds_on(day)).order_by(IndexOverride.from_on, IndexOverride.id)
    )
    found = (Override(*row) for row in rows)
    return {each.supplier_id: each for each in found}


def _holds_on(day: date) -> ColumnElement[bool]:
    o = IndexOverride
    last = func.coalesce(o.ended_on, o.until_on)
    return (o.state == State.CONFIRMED) & (o.from_on <= day) & (last >= day)


def _heads() -> Select[*tuple[Any, ...]]:  # Any: columns of many types
    return select(*(getattr(IndexOverride, each.name) for each in fields(Override)))
