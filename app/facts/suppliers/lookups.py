"""Who and what an import names by key: ids of suppliers, parts, sites and categories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Category, Part, Site, Supplier, SupplierAlias

T = TypeVar("T")
ASKED_AT_ONCE = 5_000
Ids = dict[tuple[str, ...], int]
Find = Callable[[Session, Sequence[tuple[str, ...]], str], Ids]
OWN = 0


def ids_by_key(
    session: Session, entity: str, keys: Iterable[str], *, source: str = ""
) -> dict[str, int]:
    """Return the ids of the known ones among `keys`.

    Suppliers are found by their number, else by the alias that `source` calls them by;
    sites are our own, by name.
    """
    wanted = list(dict.fromkeys(keys))
    if entity == "supplier":
        return _aliases(session, wanted, source) | _found(session, _NUMBERS, wanted)
    return _found(session, _KEYS[entity], wanted)


def known_keys(session: Session, entity: str, *, source: str = "") -> set[str]:
    """Return every key by which an entity is known; for suppliers also `source`'s aliases."""
    key, _, condition = _NUMBERS if entity == "supplier" else _KEYS[entity]
    query = select(key) if condition is None else select(key).where(condition)
    known = set(session.scalars(query))
    if entity == "supplier" and source:
        aliases = select(SupplierAlias.key).where(SupplierAlias.source == source)
        known |= set(session.scalars(aliases))
    return known


def keys_and_ids(entity: str, *, source: str = "") -> list[Select[str, int]]:
    """Return queries of (key, id): of an entity, and before it of `source`'s aliases."""
    key, row_id, condition = _NUMBERS if entity == "supplier" else _KEYS[entity]
    own = select(key, row_id) if condition is None else select(key, row_id).where(condition)
    if entity != "supplier" or not source:
        return [own]
    aliases = select(SupplierAlias.key, SupplierAlias.supplier_id).where(
        SupplierAlias.source == source
    )
    return [own, aliases]


_NUMBERS = (Supplier.number, Supplier.id, None)
_KEYS: dict[str, tuple[Any, Any, Any]] = {  # Any: mapped attributes of different tables
    "part": (Part.number, Part.id, None),
    "site": (Site.name, Site.id, Site.owner_key == OWN),
    "category": (Category.name, Category.id, None),
}


def _found(session: Session, columns: tuple[Any, Any, Any], keys: Sequence[str]) -> dict[str, int]:
    key, row_id, condition = columns
    found: dict[str, int] = {}
    for some in _slices(keys):
        query = select(key, row_id).where(key.in_(some))
        if condition is not None:
            query = query.where(condition)
        found.update((name, number) for name, number in session.execute(query))
    return found


def _aliases(session: Session, keys: Sequence[str], source: str) -> dict[str, int]:
    if not source:
        return {}
    columns = (SupplierAlias.key, SupplierAlias.supplier_id, SupplierAlias.source == source)
    return _found(session, columns, keys)


def _slices(keys: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(keys)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some


def by_key(entity: str) -> Find:
    """Return the finder of an entity as import kinds use it: keys are tuples of one."""

    def find(session: Session, keys: Sequence[tuple[str, ...]], source: str) -> Ids:
        ids = ids_by_key(session, entity, [key[0] for key in keys], source=source)
        return {(key,): row_id for key, row_id in ids.items()}

    return find


def supplier_sites(session: Session, keys: Sequence[tuple[str, ...]], source: str) -> Ids:
    """Return the ids of suppliers' sites by (site name, supplier number)."""
    suppliers = ids_by_key(session, "supplier", (key[1] for key in keys), source=source)
    numbers = {row_id: number for number, row_id in suppliers.items()}
    found: Ids = {}
    for some in _slices(list(numbers)):
        query = select(Site.name, Site.supplier_id, Site.id).where(Site.supplier_id.in_(some))
        found.update(
            ((name, numbers[owner]), row_id)
            for name, owner, row_id in session.execute(query)
            if owner is not None
        )
    return found
