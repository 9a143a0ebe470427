"""How a mapped class hangs on a supplier, and the condition that follows from it.

Says nothing of sessions. Knows no feature: tables are found by what their classes say.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Table,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapper, registry

from app.base.acting import Actor, Limit, Reach

# Stands for “no site” where a key can't be null.
NO_SITE = 0
Namespace = Any  # a mapped class or a table's columns: attributes are columns


class UnscopedStatement(RuntimeError):
    """A statement that can't be narrowed ran for an actor who doesn't reach everything.

    A programming error: use mapped classes, or `unscoped` in a module of the named list.
    """


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for rows, how far that reaches, and whether it is to write them."""

    actor: Actor
    reach: Reach
    is_write: bool = False


class Tie(ABC):
    """How the rows of one table are reached."""

    @abstractmethod
    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        """Return the condition that a row is within reach."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that decide it: no statement may set them behind the flush's back."""
        return ()


@dataclass(frozen=True, slots=True)
class SupplierItself(Tie):
    """The supplier's own row."""

    category: str = "category_id"
    effective: str = "effective_supplier_id"

    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        return _reached(c.id, ask.reach, None)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.category, self.effective)


@dataclass(frozen=True, slots=True)
class OfSupplier(Tie):
    """Rows that name their supplier, and perhaps one of our own sites.

    `is_ours_without`: a row without supplier is the house's own, and no supplier's to see.
    """

    column: str = "supplier_id"
    site: str | None = None
    is_ours_without: bool = False

    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        column = getattr(c, self.column)
        site = None if self.site is None else getattr(c, self.site)
        reached = _reached(column, ask.reach, site)
        if self.is_ours_without and ask.actor.is_of_the_house and not ask.is_write:
            return or_(reached, column.is_(None))
        return reached

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,) if self.site is None else (self.column, self.site)


@dataclass(frozen=True, slots=True)
class Through(Tie):
    """Rows that are reached where the row they belong to is."""

    column: str
    table: str

    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        owner = _other_row(self.table)
        condition = tie_of(self.table).within(owner.c, ask)
        return exists().where(owner.c.id == getattr(c, self.column), condition)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)


@dataclass(frozen=True, slots=True)
class Owned(Tie):
    """Records of the house's machinery (runs, imports): all to those who keep house, else
    what one asked for oneself."""

    column: str

    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        actor = ask.actor
        if ask.reach.is_everything or actor.keeps_house(is_write=ask.is_write):
            return true()
        own = getattr(c, self.column)
        return false() if actor.user_id is None else own == actor.user_id

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)


@dataclass(frozen=True, slots=True)
class Shared(Tie):
    """The house's own master data: its people read all of it and write it when they reach
    everything; a supplier's people see what a reached row of `table` names by `column`."""

    table: str
    column: str

    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        if ask.actor.is_of_the_house:
            return false() if ask.is_write and not ask.reach.is_everything else true()
        user = _other_row(self.table)
        condition = tie_of(self.table).within(user.c, ask)
        return exists().where(user.c[self.column] == c.id, condition)


@dataclass(frozen=True, slots=True)
class Inside(Tie):
    """Rows that concern no single supplier and no supplier's people: methods, sums of all."""

    reason: str

    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        return true() if ask.actor.is_of_the_house else false()


@dataclass(frozen=True, slots=True)
class Open(Tie):
    """Rows that tell nothing of a supplier, or that the session itself runs on."""

    reason: str

    def within(self, c: Namespace, ask: Ask) -> ColumnElement[bool]:
        return true()


def the_supplier() -> Tie:
    """Mark the class whose rows are the suppliers."""
    return SupplierItself()


def of_supplier(
    column: str = "supplier_id", *, site: str | None = None, is_ours_without: bool = False
) -> Tie:
    """Mark a class whose rows name their supplier."""
    return OfSupplier(column, site, is_ours_without)


def through(column: str, table: str) -> Tie:
    """Mark a class whose rows are reached through a row of another table."""
    return Through(column, table)


def owned(column: str) -> Tie:
    """Mark a class of records that people see of their own doing."""
    return Owned(column)


def shared(table: str, column: str) -> Tie:
    """Mark master data of the house."""
    return Shared(table, column)


def inside(reason: str) -> Tie:
    """Mark a class that only people and programs of the house read; say why."""
    return Inside(reason)


def open_to_all(reason: str) -> Tie:
    """Mark a class that is not scoped; say why."""
    return Open(reason)


def _reached(
    key: ColumnElement[Any], reach: Reach, site: ColumnElement[Any] | None
) -> ColumnElement[bool]:
    limits = sorted(reach.limits, key=repr)
    return or_(false(), *(_through_limit(key, limit, site) for limit in limits))


def _through_limit(
    key: ColumnElement[Any], limit: Limit, site: ColumnElement[Any] | None
) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [true()]
    if limit.supplier_ids is not None:
        parts.append(key.in_(sorted(limit.supplier_ids)))
    if limit.category_ids is not None:
        parts.append(key.in_(_suppliers_in(limit.category_ids)))
    if limit.site_ids is not None and site is not None:
        parts.append(or_(site.is_(None), site.in_([NO_SITE, *sorted(limit.site_ids)])))
    return and_(*parts)


def _suppliers_in(category_ids: Iterable[int]) -> Any:  # Any: a select of one column
    """Select the suppliers of some categories; a merged one is where the other one is."""
    name, tie = _supplier()
    own, effective = _other_row(name, "own"), _other_row(name, "effective")
    there = select(effective.c.id).where(effective.c[tie.category].in_(sorted(category_ids)))
    return select(own.c.id).where(func.coalesce(own.c[tie.effective], own.c.id).in_(there))


@cache
def _other_row(table: str, role: str = "owner") -> FromClause:
    """Return the alias by which conditions look up another row, made once for all statements.

    To make one makes all its columns, which took longer than most statements do. Conditions
    stand beside one another; where one holds another, the two differ in table or `role`.
    """
    return table_of(table).alias()


# Which class says what


def ties() -> dict[str, Tie | None]:
    """Return how every mapped table is scoped, None where its class doesn't say."""
    return {
        mapper.local_table.name: getattr(mapper.class_, "__scope__", None)
        for mapper in mappers()
        if isinstance(mapper.local_table, Table)
    }


def tie_of(table: str) -> Tie:
    """Return how a table is scoped; raises UnscopedStatement where nobody said."""
    mapper = mapper_of(table)
    tie: Tie | None = None if mapper is None else getattr(mapper.class_, "__scope__", None)
    if tie is None:
        raise UnscopedStatement(f"table {table!r} doesn't say how it is scoped: set __scope__")
    return tie


def use(registry_: registry) -> None:
    """Take the mapped classes from this registry; called once, by `db`."""
    global _registry
    _registry = registry_


_registry: registry | None = None


def mappers() -> Iterable[Mapper[Any]]:
    """Return every mapped class there is."""
    return () if _registry is None else _registry.mappers


@cache
def mapper_of(table: str) -> Mapper[Any] | None:
    """Return the class that is mapped to a table."""
    return next((m for m in mappers() if getattr(m.local_table, "name", "") == table), None)


def table_of(name: str) -> Table:
    """Return a mapped table by its name."""
    mapper = mapper_of(name)
    if mapper is None or not isinstance(mapper.local_table, Table):
        raise UnscopedStatement(f"there is no mapped table {name!r}")
    return mapper.local_table


def named_by(column: Column[Any]) -> Table | None:
    """Return the table whose row a column names by a foreign key, None where it names none.

    A key of several columns repeats what stands in the row it refers to: such a column names
    what that row's column names, as a line's supplier is its order's.
    """
    for key in column.foreign_keys:
        if key.column.primary_key:
            return key.column.table
    named = (named_by(key.column) for key in column.foreign_keys)
    return next((table for table in named if table is not None), None)


def supplier_table() -> str:
    """Return the table whose rows are the suppliers."""
    return _supplier()[0]


@cache
def _supplier() -> tuple[str, SupplierItself]:
    for name, tie in ties().items():
        if isinstance(tie, SupplierItself):
            return name, tie
    raise UnscopedStatement("no mapped class is the supplier")
