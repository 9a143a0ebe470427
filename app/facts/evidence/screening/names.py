"""The names under which suppliers are looked for: their own, other spellings, parents, former.

Only names of companies: people who work there are nobody's to screen here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import scope
from app.calc.name_words import name_words
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.models import Supplier, SupplierAlias, SupplierKind
from app.facts.suppliers.queries import effective_id
from app.platform.audit import queries as audit
from app.platform.audit.marking import Action
from app.platform.audit.queries import Found

# A key of a source system is no name: a name has a word of at least this many letters.
SHORTEST_WORD = 3
MOST_CHANGES = 1_000_000
LONGEST_CHAIN = 10
OUT_OF_REACH = "a company out of reach"
WHY = "a supplier is screened under its parents' names, whoever looks at it"


class NameKind(StrEnum):
    """What a name is to its supplier."""

    NAME = "name"
    ALIAS = "alias"
    FORMER = "former"
    MERGED = "merged"
    PARENT = "parent"


@dataclass(frozen=True, slots=True)
class OwnName:
    """One name of a supplier, as it is written; `parent_id` is whose it is, of a parent's."""

    text: str
    kind: NameKind
    parent_id: int | None = None


@dataclass(slots=True)
class OwnNames:
    """All names of a supplier, each once, and the countries where it is."""

    names: list[OwnName] = field(default_factory=list)
    countries: set[str] = field(default_factory=set)

    def add(self, text: str, kind: NameKind, parent_id: int | None = None) -> None:
        """Add a name, unless it is no name or stands there already."""
        is_known = any(each.text.casefold() == text.casefold() for each in self.names)
        if not is_known and (kind is NameKind.NAME or is_name(text)):
            self.names.append(OwnName(text, kind, parent_id))

    @property
    def digest(self) -> str:
        """A mark of all names and countries: others have another one."""
        said = [sorted([each.kind, each.text] for each in self.names), sorted(self.countries)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def is_name(text: str) -> bool:
    """Tell whether a text can be a name: some word of it has three letters and no digit."""
    words = name_words(text).words
    return any(len(word) >= SHORTEST_WORD and word.isalpha() for word in words)


def names_of(
    session: Session, *, supplier_ids: Collection[int] | None = None
) -> dict[int, OwnNames]:
    """Return the names of every supplier, or of some, by effective supplier.

    Own warehouses have none. What is merged into a supplier counts as its names.
    """
    query = select(Supplier).where(Supplier.kind == SupplierKind.SUPPLIER).order_by(Supplier.id)
    if supplier_ids is not None:
        query = query.where(effective_id().in_(supplier_ids))
    rows = session.scalars(query).all()
    owner = {row.id: row.effective_supplier_id or row.id for row in rows}
    found: dict[int, OwnNames] = {row.id: OwnNames() for row in rows if owner[row.id] == row.id}
    # Its own name first, then those of what was merged into it.
    for row in sorted(rows, key=lambda each: (each.id != owner[each.id], each.id)):
        if (own := found.get(owner[row.id])) is not None:
            own.add(row.name, NameKind.NAME if row.id == owner[row.id] else NameKind.MERGED)
            own.countries |= {row.country} if row.country else set()
    _add_aliases(session, found, owner, is_all=supplier_ids is None)
    _add_former(session, found, owner, is_all=supplier_ids is None)
    with scope.unscoped(session, WHY):
        _add_parents(session, found, {row.id: row for row in rows})
    for key, place in suppliers.sites(session, supplier_ids=supplier_ids):
        if key in found and place.country:
            found[key].countries.add(place.country)
    return found


def within_reach(session: Session, names: OwnNames) -> tuple[OwnName, ...]:
    """Return the names as whoever looks may read them: a parent out of reach has none."""
    parents = [each.parent_id for each in names.names if each.parent_id is not None]
    seen = set(session.scalars(select(Supplier.id).where(Supplier.id.in_(parents))))
    return tuple(
        each
        if each.parent_id is None or each.parent_id in seen
        else OwnName(OUT_OF_REACH, each.kind, each.parent_id)
        for each in names.names
    )


def _add_aliases(
    session: Session, found: dict[int, OwnNames], owner: Mapping[int, int], *, is_all: bool
) -> None:
    a = SupplierAlias
    query = select(a.supplier_id, a.key).order_by(a.id)
    if not is_all:
        query = query.where(a.supplier_id.in_(list(owner)))
    for supplier_id, key in session.execute(query):
        if (own := found.get(owner.get(supplier_id, 0))) is not None:
            own.add(key, NameKind.ALIAS)


def _add_former(
    session: Session, found: dict[int, OwnNames], owner: Mapping[int, int], *, is_all: bool
) -> None:
    """Add what the log says that a supplier was called before."""
    for key in [""] if is_all else [str(each) for each in owner]:
        changed = Found(
            entities=("supplier",), entity_id=key, actions=(Action.CHANGE,), search='"name":'
        )
        for event in audit.events_page(session, changed, limit=MOST_CHANGES).rows:
            row_id = int(event.entity_id) if event.entity_id.isdecimal() else 0
            own = found.get(owner.get(row_id, 0))
            before = next((e.before for e in event.differences if e.name == "name"), "")
            if own is not None and before:
                own.add(before, NameKind.FORMER)


def _add_parents(session: Session, found: dict[int, OwnNames], known: dict[int, Supplier]) -> None:
    for key, own in found.items():
        seen, parent_id = {key}, known[key].parent_supplier_id
        while parent_id is not None and parent_id not in seen and len(seen) <= LONGEST_CHAIN:
            seen.add(parent_id)
            parent = known.get(parent_id) or session.get_one(Supplier, parent_id)
            known[parent_id] = parent
            own.add(parent.name, NameKind.PARENT, parent_id)
            parent_id = parent.parent_supplier_id
