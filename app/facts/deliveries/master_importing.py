"""Import kinds of master records that verdicts rest on: their lines are judged again.

A line's value counts in its supplier's currency only, and its tolerance follows from the
unit of its part. Suppliers know no deliveries, so what follows is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.deliveries import rollup
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.publishing import closed_until
from app.facts.deliveries.terms import BULK_UNITS
from app.facts.deliveries.touched_models import TouchedBy
from app.facts.deliveries.touching import Because
from app.facts.suppliers import importing
from app.facts.suppliers.importing import PartsKind, SuppliersKind
from app.facts.suppliers.models import Part, Supplier
from app.platform.imports.table_kind import TableKind

Row = dict[str, Any]  # Any: values of many types
LOOKED_UP_AT_ONCE = 1_000


class JudgedSuppliersKind(SuppliersKind):
    """The supplier master; a new currency makes values of lines known or unknown."""

    def writing(
        self, session: Session, batch_id: int, rows: Sequence[Row]
    ) -> AbstractContextManager[object]:
        """Judge the lines again of suppliers whose currency changes."""
        stored = _stored(session, Supplier, Supplier.currency, rows)
        changed = _changed(stored, rows, "currency", lambda currency: currency)
        return _judged_again(session, batch_id, ScheduleLine.supplier_id, changed)


class JudgedPartsKind(PartsKind):
    """Things we buy; weight and bulk have a tolerance that pieces don't have."""

    def writing(
        self, session: Session, batch_id: int, rows: Sequence[Row]
    ) -> AbstractContextManager[object]:
        """Judge the lines again of parts that become bulk, or pieces."""
        stored = _stored(session, Part, Part.unit, rows)
        changed = _changed(stored, rows, "unit", _is_bulk)
        return _judged_again(session, batch_id, ScheduleLine.part_id, changed)


KINDS: Sequence[TableKind] = tuple(
    {"suppliers": JudgedSuppliersKind(), "parts": JudgedPartsKind()}.get(kind.name, kind)
    for kind in importing.KINDS
)


def _is_bulk(unit: str | None) -> bool:
    return unit is not None and unit.lower() in BULK_UNITS


def _stored(
    session: Session, model: type[Supplier] | type[Part], value: Any, rows: Sequence[Row]
) -> dict[str, tuple[int, str | None]]:  # Any: a mapped attribute
    """The key and the value that known records of the rows hold now, by number."""
    found: dict[str, tuple[int, str | None]] = {}
    for some in _slices([row["number"] for row in rows]):
        known = select(model.number, model.id, value).where(model.number.in_(some))
        found |= {row[0]: (row[1], row[2]) for row in session.execute(known)}
    return found


def _changed(
    stored: dict[str, tuple[int, str | None]],
    rows: Sequence[Row],
    name: str,
    meaning: Callable[[str | None], object],
) -> list[int]:
    """The keys of known records for which a row changes what its value means.

    Rows that carry a key belong to a batch that is undone: what they go back to is not
    told here, so all of them count as changed.
    """
    changed = []
    for row in rows:
        if row["number"] not in stored:
            continue
        key, value = stored[row["number"]]
        if "id" in row or (name in row and meaning(row[name]) != meaning(value)):
            changed.append(key)
    return changed


def _judged_again(
    session: Session, batch_id: int, column: Any, keys: Sequence[int]
) -> AbstractContextManager[object]:  # Any: a mapped attribute
    return _bracket(session, batch_id, column, keys) if keys else nullcontext()


@contextmanager
def _bracket(session: Session, batch_id: int, column: Any, keys: Sequence[int]) -> Iterator[None]:
    because = Because(TouchedBy.IMPORT, batch_id)
    with rollup.change(session, until=closed_until(session), because=because) as change:
        for some in _slices(keys):
            change.touch(select(ScheduleLine.id).where(column.in_(some)))
        yield


def _slices(values: Sequence[Any]) -> Iterator[Sequence[Any]]:  # Any: keys or numbers
    for first in range(0, len(values), LOOKED_UP_AT_ONCE):
        yield values[first : first + LOOKED_UP_AT_ONCE]
