"""All backups of parts as columns: what sorts and filters them, before any is made a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.calc.dependency_warmth import Warmths, backup_warmths
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.period_reads import members, merged_suppliers
from app.facts.evidence.concentration.spending import (
    Vendor,
    bought_of_part,
    bought_parts,
    window_of,
)
from app.facts.suppliers.models import ApprovedSource, SourceRole, Supplier
from app.facts.suppliers.queries import approved_on, effective_id
from app.facts.suppliers.sourcing.queries import as_read

YEAR = 12
MILLION = 1_000_000
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class BackupColumns:
    """One row per part and source. Shares are fractions, NaN unknown; days are NaT where none."""

    part: Integers
    supplier: Integers
    role: Sequence[str]
    target: Floats
    actual: Floats
    last_order_on: Days
    qualified_on: Days
    weeks: Floats
    is_ordered_at_all: NDArray[np.bool_]
    warmths: Warmths


def backup_columns(
    session: Session, known: Mapping[int, Vendor], *, as_of: date, part_id: int | None = None
) -> BackupColumns:
    """Return every approved source of parts but the primary ones, of rated suppliers.

    `part_id` narrows it to one part, whose primary sources are then told too.
    """
    rows = [row for row in _sources(session, as_of, part_id) if row[1] in known]
    part, supplier = _integers(rows, 0), _integers(rows, 1)
    target, weeks = _floats(rows, 4) / MILLION, _floats(rows, 6)
    qualified = _days(rows, 5)
    pair = _pairs(part, supplier)
    own = supplier.tolist()
    ordered_parts, ordered, last_on = _last_orders(session, as_of, part_id, own)
    last = _looked_up(pair, ordered, last_on, np.datetime64("NaT", "D"))
    actual = _actual_shares(session, as_of, known, part_id, part, pair)
    is_ordered = np.isin(part, ordered_parts)
    return BackupColumns(
        part, supplier, [SourceRole.PRIMARY if row[2] else row[3] for row in rows], target,
        actual, last, qualified, weeks, is_ordered,
        backup_warmths(
            target_share=target, actual_share=actual, last_order_on=last,
            qualified_on=qualified, is_ordered_at_all=is_ordered, as_of=as_of,
        ),
    )  # fmt: skip


def _sources(session: Session, as_of: date, part_id: int | None) -> list[tuple[Any, ...]]:
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
    return as_read(session, asked)


def _last_orders(
    session: Session, as_of: date, part_id: int | None, supplier_ids: Collection[int]
) -> tuple[Integers, Integers, Days]:
    """Return the parts ordered and, pair by pair, the last order; of one part with some only."""
    line = ScheduleLine
    asked = (
        select(line.part_id, line.supplier_id, func.max(line.ordered_on))
        .where(line.part_id.is_not(None), line.ordered_on <= as_of)
        .group_by(line.part_id, line.supplier_id)
    )
    if part_id is not None:
        # Lines are found by supplier, not by part.
        own = line.supplier_id.in_(members(session, supplier_ids))
        asked = asked.where(line.part_id == part_id, own)
    rows = as_read(session, asked)
    part, last = _integers(rows, 0), _days(rows, 2)
    pair = _pairs(part, _effective(session, _integers(rows, 1)))
    # The last of suppliers that were merged into one another.
    order = np.lexsort((last, pair))
    pair, last = pair[order], last[order]
    is_last = np.append(pair[1:] != pair[:-1], True)[: len(pair)]
    return np.unique(part), pair[is_last], last[is_last]


def _actual_shares(
    session: Session,
    as_of: date,
    known: Mapping[int, Vendor],
    part_id: int | None,
    part: Integers,
    pair: Integers,
) -> Floats:
    """Return the share of each pair in the quantity of 12 months; ours are left out."""
    window = window_of(as_of, YEAR)
    if part_id is not None:
        bought = bought_of_part(session, part_id, window)
        supplier_of = np.array(list(bought), dtype=np.int64)
        part_of = np.full(len(bought), part_id, dtype=np.int64)
        amount = np.array([each[1] for each in bought.values()], dtype=np.int64)
    else:
        part_of, supplier_of, _, amount = bought_parts(session, window)
    is_rated = np.isin(supplier_of, np.fromiter(known, np.int64, len(known)))
    part_of, supplier_of, amount = part_of[is_rated], supplier_of[is_rated], amount[is_rated]
    own = _looked_up(pair, *_summed(_pairs(part_of, supplier_of), amount), 0.0)
    whole = _looked_up(part, *_summed(part_of, amount), 0.0)
    shares: Floats = np.divide(own, whole, out=np.full(len(pair), np.nan), where=whole != 0)
    return shares


def _summed(keys: Integers, amounts: Integers) -> tuple[Integers, Floats]:
    """Return the different keys, sorted, with the sum of each."""
    found, where = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(found), dtype=np.int64)
    np.add.at(sums, where, amounts)
    return found, sums.astype(float)


def _looked_up(keys: Integers, known: Integers, values: Any, missing: Any) -> Any:
    """Return the value of each key; `known` is sorted and stands beside `values`."""
    if not len(known):
        return np.full(len(keys), missing)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, values[place], missing)


def _effective(session: Session, supplier: Integers) -> Integers:
    merged = merged_suppliers(session)
    if not merged:
        return supplier
    return np.array([merged.get(key, key) for key in supplier.tolist()], dtype=np.int64)


def _pairs(part: Integers, supplier: Integers) -> Integers:
    """Return one number for each part and supplier; keys of suppliers stay below 2**31."""
    return (part << np.int64(31)) | supplier


def _integers(rows: Sequence[tuple[Any, ...]], at: int) -> Integers:
    return np.array([row[at] for row in rows], dtype=np.int64)


def _floats(rows: Sequence[tuple[Any, ...]], at: int) -> Floats:
    return np.array([row[at] for row in rows], dtype=float)


def _days(rows: Sequence[tuple[Any, ...]], at: int) -> Days:
    return np.array([row[at] for row in rows], dtype="M8[D]")
