"""Changes a supplier's master record by hand, unless somebody else changed it meanwhile.

The currency is not amended by hand: it is what most of the supplier's lines are in, and every
value rests on it. A standing has its own decisions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import scope
from app.base.errors import Conflict, NotFound
from app.facts.suppliers.models import Category, FinancialKind, Supplier
from app.facts.suppliers.registration import category_id_of, number_of_nobody_else

TEXTS = (
    "number", "name", "country", "vat", "duns", "lei", "website", "owner", "segment",
    "financial_kind",
)  # fmt: skip
CATEGORY = "category"
AMENDABLE = (*TEXTS[:3], CATEGORY, *TEXTS[3:])
FINANCIAL_KINDS = tuple(str(kind) for kind in FinancialKind)
STALE, TAKEN = "E-SUP-04", "E-SUP-03"


def master_record(session: Session, supplier_id: int) -> dict[str, str | None]:
    """Return what may be amended, by name; raises NotFound."""
    return _record(session, _supplier(session, supplier_id))


def edition_of(record: Mapping[str, str | None]) -> str:
    """Return a mark of a record's content: another content has another one."""
    content = json.dumps({name: record[name] for name in AMENDABLE}, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def amend_supplier(
    session: Session, supplier_id: int, *, edition: str, said: Mapping[str, str | None]
) -> list[str]:
    """Store what was said of a supplier and return the names of what changed.

    `edition` is the mark of the record that the person saw. Raises Conflict E-SUP-04 where the
    record is another one by now, E-SUP-03 where the number is another supplier's.
    """
    scope.require_writable(session, "supplier", supplier_id)
    supplier = _supplier(session, supplier_id, is_locked=True)
    record = _record(session, supplier)
    if edition_of(record) != edition:
        raise Conflict(STALE, "The record was changed while you were editing it.")
    changed = [name for name in AMENDABLE if said[name] != record[name]]
    if "number" in changed:
        _refuse_taken(session, said["number"] or "")
    for name in changed:
        if name == CATEGORY:
            named = said[name]
            supplier.category_id = None if named is None else category_id_of(session, named)
        else:
            setattr(supplier, name, said[name])
    supplier.version += bool(changed)
    with number_of_nobody_else(supplier.number):
        session.flush()
    return changed


def _supplier(session: Session, supplier_id: int, *, is_locked: bool = False) -> Supplier:
    asked = select(Supplier).where(Supplier.id == supplier_id)
    found = session.scalar(asked.with_for_update() if is_locked else asked)
    if found is None:
        raise NotFound("E-SUP-01", "There is no such supplier.")
    return found


def _record(session: Session, supplier: Supplier) -> dict[str, str | None]:
    category = session.scalar(select(Category.name).where(Category.id == supplier.category_id))
    return {name: getattr(supplier, name) for name in TEXTS} | {CATEGORY: category}


def _refuse_taken(session: Session, number: str) -> None:
    other = session.scalar(select(Supplier.name).where(Supplier.number == number))
    if other is not None:
        raise Conflict(TAKEN, f"Number {number} is taken by “{other}”; give another number.")
