"""Reads of backups: how far each is, when it was last ordered from, what all can take over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.emergency_coverage import EmergencyCoverage, Standby, emergency_coverage
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.period_reads import members
from app.facts.evidence.backup_suppliers.models import BackupStage, BackupSupplier
from app.facts.suppliers.models import Part, Supplier
from app.facts.suppliers.queries import NOT_DELIVERING, effective_id

MONTHS = 12
ON_THE_WAY = (BackupStage.IDENTIFIED, BackupStage.SAMPLING, BackupStage.QUALIFIED)
IN_USE = (*ON_THE_WAY, BackupStage.RELEASED)


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A backup with its part, its supplier and the last order that went through it."""

    backup: BackupSupplier
    part_number: str
    part_name: str | None
    annual_usage: Decimal | None
    unit: str | None
    survive_days: int | None
    supplier_public_id: UUID
    supplier_number: str
    supplier_name: str
    supplier_status: str
    last_order_on: date | None

    @property
    def is_out(self) -> bool:
        """Tell whether its supplier delivers to nobody any more: it is blocked, or has gone."""
        return self.supplier_status in NOT_DELIVERING

    @property
    def rotate_by(self) -> date | None:
        """By when it is to get an order; None while it is not released or can't deliver."""
        b = self.backup
        if b.stage != BackupStage.RELEASED or b.released_on is None or self.is_out:
            return None
        return max(b.released_on, self.last_order_on or b.released_on) + timedelta(b.rotate_days)

    def rotation_is_due(self, today: date) -> bool:
        """Tell whether it went too long without an order."""
        return self.rotate_by is not None and self.rotate_by < today

    def is_late(self, today: date) -> bool:
        """Tell whether its next stage should have been reached by now."""
        return (
            self.backup.stage in ON_THE_WAY
            and not self.is_out
            and self.backup.due_on is not None
            and self.backup.due_on < today
        )

    def standby(self, today: date) -> Standby:
        """Return what it can take over, and in how many days it would begin.

        One on its way needs the day on which its next stage is due first: sooner than that
        nobody can say.
        """
        b = self.backup
        if b.stage == BackupStage.RELEASED:
            return Standby(b.capacity, b.ready_days)
        if b.stage != BackupStage.QUALIFIED or b.due_on is None or b.ready_days is None:
            return Standby(b.capacity, None)
        return Standby(b.capacity, max(0, (b.due_on - today).days) + b.ready_days)


@dataclass(frozen=True, slots=True)
class PartCoverage:
    """What the backups of a part can take over."""

    part_id: int
    part_number: str
    part_name: str | None
    unit: str | None
    need: Decimal | None
    survive_days: int | None
    released: int
    on_the_way: int
    coverage: EmergencyCoverage

    @property
    def lasts_until_then(self) -> bool | None:
        """Whether our stock lasts until the first backup delivers; None where unknown."""
        first = self.coverage.first_in
        return None if first is None or self.survive_days is None else first <= self.survive_days


def backup_rows(session: Session, *, part_ids: Collection[int] | None = None) -> list[BackupRow]:
    """Return the backups within reach, by part and supplier; of some parts only."""
    asked = _rows().order_by(Part.number, Supplier.name)
    if part_ids is not None:
        asked = asked.where(BackupSupplier.part_id.in_(part_ids))
    return _told(session, asked)


def acting_rows(session: Session, first: date, last: date) -> list[BackupRow]:
    """Return the backups whose next stage is due on one of some days, and all that are released.

    When a released one is to get an order again is known only with its last order.
    """
    is_due = BackupSupplier.due_on.between(first, last)
    is_released = BackupSupplier.stage == BackupStage.RELEASED
    return _told(session, _rows().where(or_(is_due, is_released)))


def backup_by_public_id(session: Session, public_id: UUID) -> BackupRow:
    """Return one backup; raises NotFound."""
    found = _told(session, _rows().where(BackupSupplier.public_id == public_id))
    if not found:
        raise NotFound("E-BKP-01", "There is no such backup.")
    return found[0]


def coverages(rows: Collection[BackupRow], today: date) -> list[PartCoverage]:
    """Return by part what its backups can take over.

    Dropped ones take over nothing, nor do those whose supplier is blocked or has gone.
    """
    own: dict[int, list[BackupRow]] = defaultdict(list)
    for row in rows:
        if row.backup.stage in IN_USE and not row.is_out:
            own[row.backup.part_id].append(row)
    return [_coverage(each, today) for each in own.values()]


def _coverage(own: list[BackupRow], today: date) -> PartCoverage:
    first = own[0]
    need = None if first.annual_usage is None else first.annual_usage / MONTHS
    released = sum(1 for row in own if row.backup.stage == BackupStage.RELEASED)
    return PartCoverage(
        first.backup.part_id, first.part_number, first.part_name, first.unit, need,
        first.survive_days, released, len(own) - released,
        emergency_coverage(need, [row.standby(today) for row in own]),
    )  # fmt: skip


# Any: a backup and columns; whole parts and suppliers would cost twice as much.
Rows = Select[*tuple[Any, ...]]


def _rows() -> Rows:
    return (
        select(
            BackupSupplier, effective_id(), Part.number, Part.name, Part.annual_usage, Part.unit,
            Part.survive_days, Supplier.public_id, Supplier.number, Supplier.name, Supplier.status,
        )
        .join(Part, Part.id == BackupSupplier.part_id)
        .join(Supplier, Supplier.id == BackupSupplier.supplier_id)
    )  # fmt: skip


def _told(session: Session, asked: Rows) -> list[BackupRow]:
    found = session.execute(asked).all()
    parts, owners = {row[0].part_id for row in found}, {row[1] for row in found}
    last = last_orders(session, parts, owners) if found else {}
    return [
        BackupRow(
            backup, number, name, usage, unit, survive_days, key, of_number, of_name, status,
            last.get((backup.part_id, owner)),
        )
        for (
            backup, owner, number, name, usage, unit, survive_days, key, of_number, of_name, status,
        ) in found
    ]  # fmt: skip


def last_orders(
    session: Session, part_ids: Collection[int], supplier_ids: Collection[int]
) -> Mapping[tuple[int, int], date]:
    """Return the day of the last order of some parts with some suppliers."""
    line = ScheduleLine
    rows = session.execute(
        select(line.part_id, effective_id(), func.max(line.ordered_on))
        .join(Supplier, Supplier.id == line.supplier_id)
        # By supplier: of five million lines those are found by an index, a part's are not.
        .where(line.supplier_id.in_(members(session, supplier_ids)), line.part_id.in_(part_ids))
        .group_by(line.part_id, effective_id())
    )
    return {
        (part_id, supplier_id): last_on
        for part_id, supplier_id, last_on in rows
        if part_id is not None and last_on is not None
    }
