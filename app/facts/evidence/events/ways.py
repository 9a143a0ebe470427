"""The ways that goods took within a year, for events that concern a port or a mode."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.calc.periods import month_index
from app.facts.deliveries.models import Receipt, ScheduleLine
from app.facts.deliveries.period_reads import merged_suppliers
from app.facts.deliveries.rollup_models import MonthlyRollup
from app.facts.suppliers.models import Part, Supplier
from app.facts.suppliers.queries import effective_id

# Goods that came this way within this time show that the lane is in use.
LANE_LASTS = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Way:
    """A supplier's goods on one way: by which mode, None where nobody recorded it; of one part."""

    supplier_id: int
    mode: str | None
    part: str | None


def through_port(session: Session, port: str, day: date) -> Iterable[Way]:
    """Return who delivered through a port within a year, and how."""
    return _ways(session, day, _is(Receipt.port, port))


def by_mode(session: Session, mode: str, day: date) -> Iterable[Way]:
    """Return whose goods came by a mode of transport within a year."""
    return _ways(session, day, _is(Receipt.mode, mode))


def naming(session: Session, day: date, *, modes: bool) -> set[int]:
    """Return the suppliers of whom any receipt within a year names its mode, or its port."""
    column = Receipt.mode if modes else Receipt.port
    return {each.supplier_id for each in _ways(session, day, column.is_not(None))}


def delivering(session: Session, day: date) -> set[int]:
    """Return the suppliers of whom anything came within a year, by whole months."""
    m, last = MonthlyRollup, month_index(day)
    rows = select(m.supplier_id).where(m.receipts > 0, m.month.between(last - 12, last)).distinct()
    merged = merged_suppliers(session)
    return {merged.get(owner, owner) for owner in session.scalars(rows)}


def parts_by_supplier(ways: Iterable[Way]) -> dict[int, tuple[str, ...]]:
    """Return by supplier the parts that went these ways."""
    parts: dict[int, dict[str, None]] = defaultdict(dict)
    for way in ways:
        own = parts[way.supplier_id]
        if way.part is not None:
            own[way.part] = None
    return {owner: tuple(own) for owner, own in parts.items()}


def folded(text: str | None) -> str:
    """Return a name as names are compared: blanks and capitals make no difference."""
    return " ".join((text or "").lower().split())


def _is(column: InstrumentedAttribute[str | None], name: str) -> ColumnElement[bool]:
    # That it is told says nothing new, but lets the index of ways be used.
    return column.is_not(None) & (func.lower(func.trim(column)) == folded(name))


def _ways(session: Session, day: date, which: ColumnElement[bool]) -> list[Way]:
    rows = (
        select(effective_id(), Receipt.mode, Part.number)
        .select_from(Receipt)
        .join(ScheduleLine, ScheduleLine.id == Receipt.line_id)
        .join(Supplier, Supplier.id == ScheduleLine.supplier_id)
        .outerjoin(Part, Part.id == ScheduleLine.part_id)
        .where(which, func.coalesce(Receipt.arrived_on, Receipt.posted_on) > day - LANE_LASTS)
        .distinct()
    )
    return [Way(*row) for row in session.execute(rows)]
