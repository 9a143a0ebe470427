"""Compares the names of suppliers that are due with the lists in force; changes nothing.

A supplier is due where its names, the editions in force or the setting are others than those
of its newest screening; for everybody else the same again would say the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calc.name_matching import Comparison, NameIndex
from app.facts.evidence.screening import lists, settings, wording
from app.facts.evidence.screening.models import ScreeningEntry, SupplierScreening
from app.facts.evidence.screening.names import OwnName, OwnNames, names_of
from app.facts.evidence.screening.settings import Setting
from app.platform.jobs.handle import Run

PROGRESS_EVERY = 500


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition in force, as runs note it: its list, its day, what its file was."""

    list_id: int
    source: str
    edition: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed party that suppliers are compared with."""

    list_id: int
    source: str
    entry_key: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    countries: tuple[str, ...]
    program: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that a supplier's names are like: the best pair, and all own names that are."""

    entry: Entry
    own: OwnName
    listed_name: str
    is_alias: bool
    score: float
    reason: str
    alike_names: tuple[str, ...]


Hits = Mapping[int, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be compared: who is due, with which entries, and who can be screened at all."""

    basis: tuple[Edition, ...]
    setting: Setting
    known: frozenset[int]
    due: Mapping[int, OwnNames]
    entries: tuple[Entry, ...] = ()

    @property
    def basis_digest(self) -> str:
        """A mark of editions and setting."""
        return basis_digest(self.basis, self.setting)


def gather(session: Session) -> Work | None:
    """Return who is due and against which entries; None where no list is in force."""
    setting, basis = settings.in_force(session), basis_of(session)
    if not basis:
        return None
    mark, kept, names = basis_digest(basis, setting), newest_marks(session), names_of(session)
    due = {key: own for key, own in names.items() if kept.get(key) != (own.digest, mark)}
    entries = _entries(session, basis, setting) if due else ()
    return Work(basis, setting, frozenset(names), due, tuple(entries))


def compare(work: Work, run: Run | None = None) -> dict[int, list[Hit]]:
    """Return by supplier the entries that its names are like; who is like none is absent."""
    listed = [
        (entry, name, place > 0)
        for entry in work.entries
        for place, name in enumerate((entry.name, *entry.aliases))
    ]
    index = NameIndex([name for _, name, _ in listed])
    found: dict[int, list[Hit]] = {}
    for done, (key, own) in enumerate(work.due.items()):
        if run is not None and done % PROGRESS_EVERY == 0:
            run.progress(done, len(work.due))
        if hits := _hits_of(own, listed, index, work.setting.threshold):
            found[key] = hits
    return found


def basis_of(session: Session) -> tuple[Edition, ...]:
    """Return the editions that count now."""
    return tuple(
        Edition(each.id, each.source, each.edition.isoformat(), each.file_sha256)
        for each in lists.in_force(session)
    )


def basis_digest(basis: Sequence[Edition], setting: Setting) -> str:
    """Return a mark of editions and setting: others have another one."""
    said = [[e.source, e.edition, e.sha256] for e in basis]
    told = json.dumps([said, setting.threshold, sorted(setting.kinds)])
    return hashlib.sha256(told.encode()).hexdigest()


def newest_marks(
    session: Session, *, supplier_ids: Collection[int] | None = None
) -> dict[int, tuple[str, str]]:
    """Return by supplier the marks of names and basis of its newest screening."""
    s = SupplierScreening
    newest = select(func.max(s.id)).group_by(s.supplier_id)
    if supplier_ids is not None:
        newest = newest.where(s.supplier_id.in_(supplier_ids))
    rows = session.execute(
        select(s.supplier_id, s.names_digest, s.basis_digest).where(s.id.in_(newest))
    )
    return {row.supplier_id: (row.names_digest, row.basis_digest) for row in rows}


def _entries(session: Session, basis: Sequence[Edition], setting: Setting) -> list[Entry]:
    sources = {each.list_id: each.source for each in basis}
    e = ScreeningEntry
    rows = session.execute(
        select(e.list_id, e.entry_key, e.kind, e.name, e.aliases, e.countries, e.program, e.digest)
        .where(e.list_id.in_(list(sources)), e.kind.in_(setting.kinds))
        .order_by(e.list_id, e.id)
    )
    return [
        Entry(
            row.list_id, sources[row.list_id], row.entry_key, row.kind, row.name,
            tuple(row.aliases), tuple(row.countries), row.program, row.digest,
        )
        for row in rows
    ]  # fmt: skip


def _hits_of(
    own: OwnNames,
    listed: Sequence[tuple[Entry, str, bool]],
    index: NameIndex,
    threshold: float,
) -> list[Hit]:
    best: dict[tuple[str, str], tuple[OwnName, int, Comparison]] = {}
    alike: dict[tuple[str, str], list[str]] = {}
    for name in own.names:
        for found in index.alike(name.text, at_least=threshold):
            entry = listed[found.place][0]
            key = (entry.source, entry.entry_key)
            alike.setdefault(key, [])
            if name.text not in alike[key]:
                alike[key].append(name.text)
            if key not in best or found.comparison.score > best[key][2].score:
                best[key] = (name, found.place, found.comparison)
    return [_hit(own, *best[key], listed=listed, alike_names=tuple(alike[key])) for key in best]


def _hit(
    own: OwnNames,
    name: OwnName,
    place: int,
    comparison: Comparison,
    *,
    listed: Sequence[tuple[Entry, str, bool]],
    alike_names: tuple[str, ...],
) -> Hit:
    entry, text, is_alias = listed[place]
    countries = wording.countries_told(sorted(own.countries), entry.countries)
    said = wording.reason(name, text, comparison, is_alias=is_alias, countries=countries)
    return Hit(entry, name, text, is_alias, comparison.score, said, alike_names)
