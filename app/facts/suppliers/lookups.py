"""Who and what an import names by key: ids of suppliers, parts, sites and categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.suppliers.models import Category, Part, Site, Supplier, SupplierAlias

ASKED_AT_ONCE = 5_000
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


def _slices(keys: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some
