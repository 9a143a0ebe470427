"""Reads of rated rows: which row, of whom, how it stands, and every rating it was given."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.fmea import Scores
from app.facts.suppliers.models import Supplier
from app.judgement.fmea.models import (
    PRESENT_KINDS,
    FmeaCause,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
    RatingKind,
)

# Of `row_heads`: how many columns, and which of them may be missing.
HEAD_COLUMNS, SUPPLIER_NAME = 24, 16


@dataclass(frozen=True, slots=True)
class RowHead:
    """A row of a worksheet: a failure mode with one of its causes, and how it stands."""

    cause_id: int
    public_id: UUID
    cause: str
    mode_id: int
    mode: str
    measured_kind: str | None
    part_id: int | None
    register_id: int
    register_public_id: UUID
    register_title: str
    subject: str
    category_id: int | None
    owner: str | None
    scale_name: str
    supplier_id: int | None
    supplier_public_id: UUID | None
    supplier_name: str
    severity: int | None
    occurrence: int | None
    detection: int | None
    rpn: int | None
    priority: str | None
    rating_id: int | None
    created_at: datetime

    @property
    def scores(self) -> Scores:
        """How it is rated now."""
        return Scores(self.severity, self.occurrence, self.detection)

    @property
    def about(self) -> str:
        """What its register is about: the supplier, or the register's own title."""
        return self.supplier_name or self.register_title


@dataclass(frozen=True, slots=True)
class RatingRow:
    """A rating as it was given."""

    id: int
    kind: str
    severity: int | None
    occurrence: int | None
    detection: int | None
    rpn: int | None
    priority: str | None
    rated_at: datetime
    rated_by: str
    reason: str | None
    evidence: str | None

    @property
    def scores(self) -> Scores:
        """Its three ratings."""
        return Scores(self.severity, self.occurrence, self.detection)

    @property
    def is_present(self) -> bool:
        """Whether it says how the row stood at its time."""
        return self.kind in PRESENT_KINDS


_RUNNING = (
    FmeaCause.removed_at.is_(None),
    FmeaMode.removed_at.is_(None),
    FmeaRegister.closed_at.is_(None),
)


def row_heads() -> Select[*tuple[Any, ...]]:  # Any: the columns are of many types
    """Select the rows of all running registers, joinable with what hangs on a cause."""
    return (
        select(
            FmeaCause.id,
            FmeaCause.public_id,
            FmeaCause.text,
            FmeaMode.id,
            FmeaMode.name,
            FmeaMode.measured_kind,
            FmeaMode.part_id,
            FmeaRegister.id,
            FmeaRegister.public_id,
            FmeaRegister.title,
            FmeaRegister.subject,
            FmeaRegister.category_id,
            FmeaRegister.owner,
            FmeaRegister.scale_name,
            FmeaRegister.supplier_id,
            Supplier.public_id,
            Supplier.name,
            FmeaCause.severity,
            FmeaCause.occurrence,
            FmeaCause.detection,
            FmeaCause.rpn,
            FmeaCause.priority,
            FmeaCause.rating_id,
            FmeaCause.created_at,
        )
        .join(FmeaMode, FmeaMode.id == FmeaCause.mode_id)
        .join(FmeaRegister, FmeaRegister.id == FmeaMode.register_id)
        .outerjoin(Supplier, Supplier.id == FmeaRegister.supplier_id)
    )


def running_rows(
    session: Session, *, cause_ids: Collection[int] | None = None, is_measured: bool = False
) -> list[RowHead]:
    """Return the rows that were not taken out, of registers that are not closed."""
    found = row_heads().where(*_RUNNING)
    if cause_ids is not None:
        found = found.where(FmeaCause.id.in_(cause_ids))
    if is_measured:
        found = found.where(FmeaMode.measured_kind.is_not(None))
    return [head_from(row) for row in session.execute(found.order_by(FmeaCause.id))]


def of_running_rows(*columns: Any) -> Select[*tuple[Any, ...]]:  # Any: mapped attributes
    """Select some columns of the rows that `running_rows` returns, for those who read many."""
    return row_heads().where(*_RUNNING).with_only_columns(*columns, maintain_column_froms=True)


def row_by_public_id(session: Session, public_id: UUID) -> RowHead:
    """Return one row, also of a register that is closed; raises NotFound."""
    found = session.execute(row_heads().where(FmeaCause.public_id == public_id)).first()
    if found is None:
        raise NotFound("E-FMA-01", "There is no such row in a register.")
    return head_from(found)


def head_from(row: Sequence[Any]) -> RowHead:  # Any: a row of `row_heads`
    """Return a row's head from what `row_heads` selected."""
    values = list(row[:HEAD_COLUMNS])
    values[SUPPLIER_NAME] = values[SUPPLIER_NAME] or ""
    return RowHead(*values)


def ratings_of(session: Session, cause_id: int) -> list[RatingRow]:
    """Return every rating that a row was given, the oldest first."""
    rows = session.scalars(
        select(FmeaRating)
        .where(FmeaRating.cause_id == cause_id)
        .order_by(FmeaRating.rated_at, FmeaRating.id)
    )
    return [rating_from(row) for row in rows]


def ratings_by_id(session: Session, ids: Collection[int | None]) -> dict[int, RatingRow]:
    """Return some ratings by their key."""
    known = sorted({key for key in ids if key is not None})
    if not known:
        return {}
    rows = session.scalars(select(FmeaRating).where(FmeaRating.id.in_(known)))
    return {row.id: rating_from(row) for row in rows}


def newest(ratings: Sequence[RatingRow], *kinds: RatingKind) -> RatingRow | None:
    """Return the newest rating of some kinds, None where none was given."""
    return next((each for each in reversed(ratings) if each.kind in kinds), None)


def rating_from(row: FmeaRating) -> RatingRow:
    """Return a stored rating as lists show it."""
    return RatingRow(
        row.id, row.kind, row.severity, row.occurrence, row.detection, row.rpn, row.priority,
        row.rated_at, row.rated_by, row.reason, row.evidence,
    )  # fmt: skip
