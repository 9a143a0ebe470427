"""Backups of parts: how warm each is, by what was ordered and bought of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.calc.dependency_warmth import Backup, BackupWarmth, backup_warmth
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.period_reads import members
from app.facts.evidence.concentration.spending import (
    Vendor,
    bought_of_part,
    bought_parts,
    vendors,
    window_of,
)
from app.facts.suppliers.models import ApprovedSource, Part, SourceRole, Supplier
from app.facts.suppliers.queries import approved_on, effective_id

YEAR = 12
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A source of a part, with how warm it is.

    Shares are fractions of the part's quantity over 12 months, None where unknown.
    """

    part_id: int
    part_number: str
    part_name: str | None
    criticality: str | None
    supplier: Vendor
    role: str
    target_share: float | None
    actual_share: float | None
    last_order_on: date | None
    qualified_on: date | None
    weeks: int | None
    warmth: BackupWarmth


@dataclass(frozen=True, slots=True)
class _Source:
    """The approved sources of one part with one effective supplier, folded."""

    role: str
    target: int | None
    qualified_on: date | None
    weeks: int | None


Pair = tuple[int, int]


def backups(session: Session, *, as_of: date, part_id: int | None = None) -> list[BackupRow]:
    """Return every approved source of parts but the primary ones.

    `part_id` narrows it to one part, whose primary sources are then told too.
    """
    wanted = _sources(session, as_of, part_id)
    known, parts = vendors(session), _parts(session, part_id)
    quantities, whole = _quantities(session, as_of, known, part_id)
    last = _last_orders(session, as_of, None if part_id is None else [key for _, key in wanted])
    ordered = {key for key, _ in last}
    rows = []
    for (key, supplier_id), each in wanted.items():
        if supplier_id not in known:
            continue
        actual = None if not whole.get(key) else quantities.get((key, supplier_id), 0) / whole[key]
        target = None if each.target is None else each.target / MILLION
        last_on = last.get((key, supplier_id))
        told = Backup(target, actual, last_on, each.qualified_on, key in ordered)
        rows.append(
            BackupRow(
                key, *parts[key], known[supplier_id], each.role, target, actual, last_on,
                each.qualified_on, each.weeks, backup_warmth(told, as_of=as_of),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.part_number, row.supplier.name))


def _sources(session: Session, as_of: date, part_id: int | None) -> dict[Pair, _Source]:
    """Return the sources of every part but the primary ones, or all of one part.

    Approved twice, perhaps at two sites, a source is primary where it is so anywhere.
    """
    a = ApprovedSource
    is_primary = func.max(case((a.role == SourceRole.PRIMARY, 1), else_=0))
    asked = (
        select(
            a.part_id, effective_id(), is_primary, func.min(a.role), func.max(a.target_share),
            func.max(a.qualified_on), func.max(a.requalification_weeks),
        )
        .join(Supplier, Supplier.id == a.supplier_id)
        .where(*approved_on(as_of))
        .group_by(a.part_id, effective_id())
    )  # fmt: skip
    asked = asked.having(is_primary == 0) if part_id is None else asked.where(a.part_id == part_id)
    return {
        (key, supplier_id): _Source(
            SourceRole.PRIMARY if primary else role, target, qualified_on, weeks
        )
        for key, supplier_id, primary, role, target, qualified_on, weeks in session.execute(asked)
    }


def _quantities(
    session: Session, as_of: date, known: Mapping[int, Vendor], part_id: int | None
) -> tuple[Mapping[Pair, int], Mapping[int, int]]:
    """Return the quantity of 12 months by part and supplier, and by part; ours left out."""
    own: dict[Pair, int] = defaultdict(int)
    whole: dict[int, int] = defaultdict(int)
    rows: Iterable[tuple[int, int, int]]
    if part_id is not None:
        bought = bought_of_part(session, part_id, window_of(as_of, YEAR))
        rows = [(part_id, key, amounts[1]) for key, amounts in bought.items()]
    else:
        part, supplier, _, quantity = bought_parts(session, window_of(as_of, YEAR))
        rows = zip(part.tolist(), supplier.tolist(), quantity.tolist(), strict=True)
    for key, supplier_id, amount in rows:
        if supplier_id in known:
            own[key, supplier_id] += amount
            whole[key] += amount
    return own, whole


def _last_orders(
    session: Session, as_of: date, supplier_ids: Sequence[int] | None
) -> dict[Pair, date]:
    """Return the day of the last order of each part with each supplier, or with some."""
    line = ScheduleLine
    asked = (
        select(line.part_id, effective_id(), func.max(line.ordered_on))
        .join(Supplier, Supplier.id == line.supplier_id)
        .where(line.part_id.is_not(None), line.ordered_on <= as_of)
        .group_by(line.part_id, effective_id())
    )
    if supplier_ids is not None:
        asked = asked.where(line.supplier_id.in_(members(session, supplier_ids)))
    return {
        (key, supplier_id): last_on
        for key, supplier_id, last_on in session.execute(asked)
        if key is not None and last_on is not None
    }


def _parts(session: Session, part_id: int | None) -> dict[int, tuple[str, Any, Any]]:
    asked = select(Part.id, Part.number, Part.name, Part.criticality)
    if part_id is not None:
        asked = asked.where(Part.id == part_id)
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(asked)}
