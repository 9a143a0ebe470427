"""Groups of suppliers: a parent company with all that belong to it, however deep.

A group is named by the supplier on top of it. What a reader does not reach is not among the
members; that there is such a one is said, not who.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.base import scope
from app.base.errors import NotFound
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id

WHY = "who belongs to whom is looked up whole; only readable suppliers are handed out"


@dataclass(frozen=True, slots=True)
class Member:
    """A supplier of a group; `depth` is how far below the top it stands."""

    supplier_id: int
    public_id: UUID
    number: str
    name: str
    country: str | None
    depth: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its reader sees it: the top first. `has_hidden`: some members are out of reach."""

    top: Member
    members: tuple[Member, ...]
    has_hidden: bool

    @property
    def ids(self) -> tuple[int, ...]:
        """The keys of the members that are seen."""
        return tuple(member.supplier_id for member in self.members)


def groups(session: Session) -> list[Group]:
    """Return the groups whose top the reader sees, by its name."""
    tree = _tree(session)
    found = _seen(session, {member for tops in tree.values() for member in tops})
    made = [_group(top, below, found) for top, below in tree.items() if top in found]
    return sorted(made, key=lambda group: group.top.name.lower())


def group_of(session: Session, supplier_id: int) -> Group | None:
    """Return the group that a supplier belongs to; None without one, or where its top is hidden."""
    for top, below in _tree(session).items():
        if supplier_id in below:
            found = _seen(session, below)
            return _group(top, below, found) if top in found else None
    return None


def group_by_public_id(session: Session, public_id: UUID) -> Group:
    """Return the group that a supplier stands on top of; raises NotFound."""
    top = session.scalar(select(Supplier.id).where(Supplier.public_id == public_id))
    below = {} if top is None else _tree(session).get(top, {})
    if top is None or not below:
        raise NotFound("E-SUP-05", "There is no such group of suppliers.")
    return _group(top, below, _seen(session, below))


def member_ids(session: Session, tops: Collection[int]) -> list[int]:
    """Return the members of some groups, by the suppliers on top of them."""
    tree = _tree(session)
    return sorted({member for top in tops for member in tree.get(top, {})})


def _tree(session: Session) -> dict[int, dict[int, int]]:
    """Return by top every member of its group with its depth; merged ones are left out."""
    with scope.unscoped(session, WHY):
        rows = session.execute(
            select(Supplier.id, Supplier.parent_supplier_id, effective_id()).where(
                or_(
                    Supplier.parent_supplier_id.is_not(None),
                    Supplier.id.in_(
                        select(Supplier.parent_supplier_id).where(
                            Supplier.parent_supplier_id.is_not(None)
                        )
                    ),
                )
            )
        ).all()
    goes_by = {key: owner for key, _, owner in rows}
    parents = {key: parent for key, parent, owner in rows if key == owner and parent is not None}
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for key in goes_by:
        if goes_by[key] != key:
            continue
        top, depth, seen = key, 0, {key}
        while (above := parents.get(top)) is not None:
            above = goes_by.get(above, above)
            if above in seen:
                # Somebody is its own parent's parent: the chain ends here.
                break
            seen.add(above)
            top, depth = above, depth + 1
        found[top][key] = depth
        if top not in goes_by:
            # A parent was merged into it: no row here names it.
            found[top][top] = 0
    return {top: below for top, below in found.items() if len(below) > 1}


def _seen(session: Session, ids: Collection[int]) -> dict[int, Supplier]:
    rows = session.scalars(select(Supplier).where(Supplier.id.in_(sorted(ids))))
    return {row.id: row for row in rows}


def _group(top: int, below: Mapping[int, int], seen: Mapping[int, Supplier]) -> Group:
    members = [
        Member(key, each.public_id, each.number, each.name, each.country, depth)
        for key, depth in below.items()
        if (each := seen.get(key)) is not None
    ]
    members.sort(key=lambda member: (member.depth, member.name.lower()))
    first = next((member for member in members if member.supplier_id == top), None)
    if first is None:
        raise NotFound("E-SUP-05", "There is no such group of suppliers.")
    return Group(first, tuple(members), len(members) < len(below))
