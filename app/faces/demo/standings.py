"""Standings of the demo company: who was restricted, one block, one exception from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from app.faces.demo.rows import Rows
from app.faces.demo.scripts import DRIFT, RESCHEDULER
from app.facts.suppliers.models import Supplier, SupplierStatus
from app.facts.suppliers.standings.models import (
    OrderException,
    Origin,
    Standing,
    State,
    SupplierStanding,
)

BLOCKED = "V-10533"
NINE = 9
# Who, which standing, from when until when, by what, at which grade, why, and by whom.
DECISIONS = (
    (BLOCKED, Standing.APPROVED, date(2025, 1, 13), None, Origin.GRADE, "B",
     "As grade B of 12 months to 31 Dec 2024 proposes.", "S. Oyelaran", None),
    (BLOCKED, Standing.RESTRICTED, date(2026, 4, 13), None, Origin.GRADE, "D",
     "As grade D of 12 months to 31 Mar 2026 proposes.", "S. Oyelaran", None),
    (BLOCKED, Standing.BLOCKED, date(2026, 9, 14), None, Origin.OVERRIDE, "D",
     "No answer to two complaints about cracked forgings; the lots of August went back.",
     "S. Oyelaran", "A. Lindqvist"),
    (DRIFT, Standing.APPROVED, date(2024, 11, 4), None, Origin.GRADE, "B",
     "As grade B of 12 months to 31 Oct 2024 proposes.", "A. Lindqvist", None),
    (DRIFT, Standing.RESTRICTED, date(2026, 10, 12), None, Origin.GRADE, "D",
     "As grade D of 12 months to 30 Sep 2026 proposes; two line stops.", "A. Lindqvist", None),
    (RESCHEDULER, Standing.IMPROVEMENT_PLAN, date(2026, 8, 10), date(2026, 12, 31),
     Origin.OVERRIDE, "D", "The grade proposes restricted; a plan was agreed on 6 August instead.",
     "K. Brandt", None),
)  # fmt: skip


def add_standings(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add the decisions and the one exception; statuses follow the last of each supplier."""
    for number, standing, begins, ends, origin, grade, reason, by, agreed in DECISIONS:
        moment = datetime(begins.year, begins.month, begins.day, NINE, tzinfo=UTC)
        rows.add(
            SupplierStanding,
            public_id=_key(f"{number} {begins}"),
            supplier_id=suppliers[number],
            standing=standing,
            from_on=begins,
            until_on=ends,
            origin=origin,
            grade=grade,
            score=None,
            card=None,
            reason=reason,
            state=State.CONFIRMED,
            status_before=SupplierStatus.APPROVED,
            decided_by=by,
            decided_at=moment,
            approved_by=agreed,
            approved_at=moment if agreed else None,
        )
        rows.of(Supplier)[suppliers[number] - 1]["status"] = SupplierStatus(standing)
    asked = datetime(2026, 9, 28, NINE, tzinfo=UTC)
    rows.add(
        OrderException,
        public_id=_key(f"{BLOCKED} exception"),
        supplier_id=suppliers[BLOCKED],
        buyer="J. Novák, Brno plant",
        from_on=date(2026, 10, 1),
        until_on=date(2026, 12, 15),
        reason="Coupling halves for running orders until the second source is qualified.",
        state=State.CONFIRMED,
        asked_by="J. Novák",
        asked_at=asked,
        approved_by="M. Weber",
        approved_at=asked,
        ended_on=None,
        ended_by=None,
        ended_because=None,
    )


def _key(words: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay:demo:{words}")
