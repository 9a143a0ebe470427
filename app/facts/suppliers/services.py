"""Writes of the supplier master."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.facts.suppliers import lookups
from app.facts.suppliers.models import Category, Part, Site, Supplier, SupplierKind

# Columns that refer to the master without a foreign key, because 0 stands for “none”.
SOFT_REFERENCES = {
    "category": (("schedule_line", "category_id"),),
    "site": (("schedule_line", "site_id"), ("stock_level", "site_id")),
}
Attributes = Mapping[str, Any]  # Any: values of different columns


def create_named(
    session: Session,
    entity: str,
    wanted: Mapping[str, Attributes],
    *,
    own_warehouses: Collection[str] = (),
) -> dict[str, int]:
    """Create what a feed names and nobody knows yet; return the new ids by key.

    `wanted` gives by key what the feed says about it. A supplier whose number or name is
    among `own_warehouses` is one of the buyer's own.
    """
    if not wanted:
        return {}
    builders = {"supplier": _supplier, "part": _part, "site": _site, "category": _category}
    tables: dict[str, Any] = {  # Any: mapped classes
        "supplier": Supplier, "part": Part, "site": Site, "category": Category,
    }  # fmt: skip
    rows = [builders[entity](key, said) for key, said in wanted.items()]
    if entity == "supplier":
        for row in rows:
            is_own = row["number"] in own_warehouses or row["name"] in own_warehouses
            row["kind"] = SupplierKind.OWN_WAREHOUSE if is_own else SupplierKind.SUPPLIER
    if entity == "part":
        _resolve_categories(session, rows)
    session.execute(insert(tables[entity]), rows)
    return lookups.ids_by_key(session, entity, wanted)


def _supplier(key: str, said: Attributes) -> dict[str, Any]:
    return {"number": key, "name": said.get("name") or key, "country": said.get("country")}


def _part(key: str, said: Attributes) -> dict[str, Any]:
    return {
        "number": key,
        "name": said.get("name"),
        "unit": said.get("unit"),
        "category_id": said.get("category"),
    }


def _site(key: str, said: Attributes) -> dict[str, Any]:
    return {"owner_key": lookups.OWN, "name": key, "country": said.get("country")}


def _category(key: str, said: Attributes) -> dict[str, Any]:
    return {"name": key}


def _resolve_categories(session: Session, rows: list[dict[str, Any]]) -> None:
    names = [row["category_id"] for row in rows if row["category_id"] is not None]
    ids = lookups.ids_by_key(session, "category", names)
    for row in rows:
        row["category_id"] = ids.get(row["category_id"] or "")
