"""Rows of registers for tests: a failure mode with one effect and cause, rated as asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.base import clock
from app.calc.fmea import Scores
from app.facts.suppliers.models import Supplier
from app.judgement.fmea import rating
from app.judgement.fmea.living import rows
from app.judgement.fmea.living.rows import RowHead
from app.judgement.fmea.models import FmeaCause, FmeaEffect, FmeaMode, FmeaRegister
from app.judgement.fmea.standards import SUPPLY_CHAIN_NAME


def register(session: Session, supplier: Supplier | None = None, **more: Any) -> FmeaRegister:
    """Add a register about a supplier, or what `more` says."""
    made = FmeaRegister(
        **{
            "subject": "supplier",
            "title": f"Risks of {supplier.name}" if supplier else "Risks",
            "supplier_id": supplier.id if supplier else None,
            "scale_name": SUPPLY_CHAIN_NAME,
            "opened_by": "M. Weber",
            "changed_by": "M. Weber",
            "changed_at": clock.now(),
        }
        | more
    )
    session.add(made)
    session.flush()
    return made


def row(
    session: Session,
    of: FmeaRegister,
    rated: tuple[int, int, int] | None = (8, 6, 5),
    *,
    name: str = "Castings come late",
    measured_kind: str | None = "late_lines",
    part_id: int | None = None,
) -> RowHead:
    """Add a failure mode with one effect and one cause, rated S, O, D; return its head."""
    mode = FmeaMode(
        register_id=of.id, place=1, name=name, measured_kind=measured_kind, part_id=part_id,
        changed_by="M. Weber", changed_at=clock.now(),
    )  # fmt: skip
    session.add(mode)
    session.flush()
    cause = FmeaCause(mode_id=mode.id, place=1, text=f"Why: {name}")
    session.add_all([cause, FmeaEffect(mode_id=mode.id, place=1, text="The line stops")])
    session.flush()
    if rated is not None:
        rating.rate_row(session, cause, Scores(*rated), rating.Why())
    return rows.row_by_public_id(session, cause.public_id)
