"""What a person holds, and what follows from it: roles, permissions, reach, fields.

Pure: grants in, answers out. The rules stand in `matrix.toml`; days and categories were
looked up before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.base import acting
from app.base.acting import Actor, Limit, Reach
from app.base.db import Base
from app.platform.accounts.grant_models import Role
from app.platform.accounts.matrix import Extent, Way, matrix

__all__ = ["Held", "Role", "approves", "fields_of", "may", "reads_of", "roles_of", "writes_of"]


@dataclass(frozen=True, slots=True)
class Held:
    """A role in force, with its scope looked up.

    supplier_ids: of a supplier contact, with the suppliers merged into it. category_ids: with
    all categories below. object_types, value_limit: of an approver; None is every kind, no limit.
    """

    role: str
    supplier_ids: frozenset[int] | None = None
    category_ids: frozenset[int] | None = None
    site_ids: frozenset[int] | None = None
    object_types: frozenset[str] | None = None
    value_limit: Decimal | None = None
    limit_currency: str | None = None
    until_on: date | None = None

    @property
    def limit(self) -> Limit:
        """What the grant is limited to."""
        return Limit(self.supplier_ids, self.category_ids, self.site_ids)


def roles_of(held: Iterable[Held]) -> frozenset[str]:
    """Return the names of the roles held."""
    return frozenset(each.role for each in held)


def may(roles: Iterable[str], permission: str) -> bool:
    """Tell whether one of the roles holds the permission."""
    return matrix().holds(roles, permission)


def reads_of(held: Iterable[Held], *, buyers_see: Extent) -> Reach:
    """Return which suppliers' rows the roles together read; `buyers_see` is the house's choice."""
    rules = matrix().roles
    return _reach((each, _extent(rules[each.role].reads, buyers_see)) for each in held)


def writes_of(held: Iterable[Held]) -> Reach:
    """Return which suppliers' rows the roles together change."""
    return _reach((each, matrix().roles[each.role].writes) for each in held)


def fields_of(entity: str, actor: Actor, way: Way) -> frozenset[str]:
    """Return which columns of a table an actor reads or writes; forms and answers filter by it."""
    columns = [column.name for column in Base.metadata.tables[entity].columns]
    return matrix().fields_of(entity, sorted(actor.roles), way, columns)


def approves(held: Iterable[Held], object_type: str, value: Decimal | None = None) -> bool:
    """Tell whether one of the approver grants covers an object of this kind and value.

    A value in another currency than the limit's is the caller's to convert.
    """
    return any(
        each.role == Role.APPROVER
        and (each.object_types is None or object_type in each.object_types)
        and (each.value_limit is None or (value is not None and value <= each.value_limit))
        for each in held
    )


def _extent(extent: Extent, buyers_see: Extent) -> Extent:
    return buyers_see if extent is Extent.HOUSE else extent


def _reach(extents: Iterable[tuple[Held, Extent]]) -> Reach:
    limits: set[Limit] = set()
    for held, extent in extents:
        if extent is Extent.ALL:
            return acting.EVERYTHING
        if extent is Extent.OWN:
            limits.add(held.limit)
    return Reach(frozenset(limits))
