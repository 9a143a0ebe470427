"""Backups of parts: how warm each is, by what was ordered and bought of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.dependency_warmth import Backup, BackupWarmth, Warmth, backup_warmth
from app.facts.evidence.concentration.backup_columns import BackupColumns, backup_columns
from app.facts.evidence.concentration.spending import Vendor, vendors
from app.facts.suppliers.models import Part
from app.facts.suppliers.sourcing.queries import as_read

COLDEST = 0
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
# By key: number, name and criticality of parts; who sells.
Parts = Mapping[int, tuple[str, str | None, str | None]]
Known = Mapping[int, Vendor]


@dataclass(frozen=True, slots=True)
class BackupQuery:
    """Which backups, in which order; nothing chosen means all."""

    search: str = ""
    warmths: Sequence[str] = ()
    roles: Sequence[str] = ()
    sort: str = "part"
    is_falling: bool = False
    offset: int = 0
    limit: int | None = None


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
class BackupPage:
    """Some of the backups asked for, with how many there are in all, and how many cold."""

    rows: tuple[BackupRow, ...]
    total: int
    cold: int


def backups_page(session: Session, query: BackupQuery, *, as_of: date) -> BackupPage:
    """Return a page of the approved sources of parts but the primary ones."""
    known = vendors(session)
    found = backup_columns(session, known, as_of=as_of)
    parts = _parts(session)
    kept = _kept(found, query, parts, known)
    listed = _ordered(found, query, kept, parts, known)
    end = None if query.limit is None else query.offset + query.limit
    shown = listed[query.offset : end].tolist()
    cold = int((found.warmths.place[kept] == COLDEST).sum())
    return BackupPage(_rows(found, shown, parts, known, as_of), len(listed), cold)


def backups_of_part(session: Session, part_id: int, *, as_of: date) -> dict[int, BackupRow]:
    """Return all approved sources of a part, the primary ones too, by supplier."""
    known = vendors(session)
    found = backup_columns(session, known, as_of=as_of, part_id=part_id)
    rows = _rows(found, range(len(found.part)), _parts(session, part_id), known, as_of)
    return {row.supplier.id: row for row in rows}


def _parts(session: Session, part_id: int | None = None) -> Parts:
    asked = select(Part.id, Part.number, Part.name, Part.criticality)
    if part_id is not None:
        asked = asked.where(Part.id == part_id)
    return {row[0]: (row[1], row[2], row[3]) for row in as_read(session, asked)}


def _kept(found: BackupColumns, query: BackupQuery, parts: Parts, known: Known) -> Integers:
    """Return the places of the backups asked for."""
    is_kept = np.ones(len(found.part), dtype=bool)
    if query.warmths:
        places = [at for at, warmth in enumerate(Warmth) if warmth in query.warmths]
        is_kept &= np.isin(found.warmths.place, places)
    if query.roles:
        is_kept &= np.array([role in query.roles for role in found.role], dtype=bool)
    if query.search:
        words = query.search.casefold()
        own = [key for key, told in parts.items() if words in told[0].casefold()]
        of = [key for key, vendor in known.items() if words in vendor.name.casefold()]
        is_kept &= np.isin(found.part, own) | np.isin(found.supplier, of)
    return np.flatnonzero(is_kept)


def _ordered(
    found: BackupColumns, query: BackupQuery, kept: Integers, parts: Parts, known: Known
) -> Integers:
    """Return places in the order asked for; of equals by part, then by supplier.

    What nobody knows stands last, whichever way the list is sorted.
    """
    part = _ranks(found.part[kept], lambda key: parts[key][0])
    supplier = _ranks(found.supplier[kept], lambda key: known[key].name)
    kept = kept[np.lexsort((supplier, part))]
    by: Mapping[str, Callable[[], Floats]] = {
        "part": lambda: _ranks(found.part[kept], lambda key: parts[key][0]),
        "supplier": lambda: _ranks(found.supplier[kept], lambda key: known[key].name.casefold()),
        "warmth": lambda: found.warmths.place[kept].astype(float),
        "days": lambda: found.warmths.days_since_order[kept],
        "share": lambda: found.actual[kept],
        "due": lambda: _numbers(found.warmths.due_on[kept]),
        "weeks": lambda: found.weeks[kept],
    }
    keys = by[query.sort]()
    # NaN sorts last either way.
    return kept[np.argsort(-keys if query.is_falling else keys, kind="stable")]


def _ranks(keys: Integers, name: Callable[[int], str]) -> Floats:
    """Return where the name of each key stands among all of their names."""
    different, where = np.unique(keys, return_inverse=True)
    names = [name(key) for key in different.tolist()]
    rank = {each: at for at, each in enumerate(sorted(set(names)))}
    return np.array([rank[each] for each in names], dtype=float)[where]


def _numbers(days: NDArray[np.datetime64]) -> Floats:
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(float))


def _rows(
    found: BackupColumns, places: Collection[int], parts: Parts, known: Known, as_of: date
) -> tuple[BackupRow, ...]:
    return tuple(_row(found, at, parts, known, as_of) for at in places)


def _row(found: BackupColumns, at: int, parts: Parts, known: Known, as_of: date) -> BackupRow:
    part_id = int(found.part[at])
    target, actual = _told(found.target[at]), _told(found.actual[at])
    last: date | None = found.last_order_on[at].item()
    qualified: date | None = found.qualified_on[at].item()
    weeks = _told(found.weeks[at])
    told = Backup(target, actual, last, qualified, bool(found.is_ordered_at_all[at]))
    return BackupRow(
        part_id, *parts[part_id], known[int(found.supplier[at])], found.role[at], target, actual,
        last, qualified, None if weeks is None else int(weeks), backup_warmth(told, as_of=as_of),
    )  # fmt: skip


def _told(value: Any) -> float | None:  # Any: a number of numpy
    return None if np.isnan(value) else float(value)
