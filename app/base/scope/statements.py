"""What a statement reads and writes, and how it is narrowed to a reach.

A select of any shape takes one condition per mapped class that it names, however deep.
What names a table without its class, or is text, can't be narrowed and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, TableClause, TextClause
from sqlalchemy.orm import Mapper, with_loader_criteria
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.selectable import CTE, FromClause, Subquery
from sqlalchemy.sql.visitors import HasTraverseInternals

from app.base.scope.ties import Ask, Open, UnscopedStatement, mapper_of, tie_of

# A mapped class, or an alias of one, as the library knows it (Any: no public type holds both).
Entity = Any
# Tables that a subquery takes from around it: they stand there already.
CORRELATED = ("_correlate", "_correlate_except")


def conditions(statement: Any, ask: Ask) -> list[Any]:
    """Return the conditions for what a statement reads; raises where it can't be narrowed."""
    entities, tables = named_in(statement)
    _refuse_tables(tables)
    found = []
    for entity in entities:
        tie = tie_of(_table_name(entity))
        if isinstance(tie, Open):
            continue
        # Each alias for itself: in a join's ON a condition on the class names the wrong table.
        condition = tie.within(entity.entity, ask)
        found.append(with_loader_criteria(entity.entity, condition))
    return found


def named_in(statement: Any) -> tuple[list[Entity], list[str]]:
    """Return the classes and aliases that a statement names, and the tables named bare.

    Raises UnscopedStatement for text, which names nobody knows what.
    """
    entities: dict[Entity, None] = {}
    tables: dict[str, None] = {}
    seen: set[int] = set()
    # Each element with the tables that the selects around it take from by their class.
    waiting: list[tuple[Any, frozenset[Any]]] = [(statement, frozenset())]
    while waiting:
        element, around = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        entity = _entity(element)
        if entity is not None:
            entities[entity] = None
        elif isinstance(element, TextClause):
            raise UnscopedStatement(f"text can't be narrowed: {str(element)[:80]!r}")
        elif isinstance(element, TableClause):
            if element not in around:
                tables[element.name] = None
        else:
            if isinstance(element, Select):
                around |= _taken_by_class(element)
            if isinstance(element, ColumnClause) and isinstance(element.table, FromClause):
                waiting.append((element.table, around))
            waiting += [(part, around) for part in _parts(element)]
    return list(entities), list(tables)


def _table_name(entity: Entity) -> str:
    return str(entity.mapper.local_table.name)


def _taken_by_class(statement: Any) -> frozenset[Any]:
    """Return the tables of the classes in a select: the condition holds for those."""
    given = [*statement._raw_columns, *statement._from_obj]
    found = (_entity(element) for element in given)
    return frozenset(each.local_table for each in found if isinstance(each, Mapper))


def _entity(element: Any) -> Any:
    """Return the mapped class that an element stands for, None for a bare one."""
    return getattr(element, "_annotations", {}).get("parententity")


def _parts(element: Any) -> list[Any]:
    if isinstance(element, Select):
        # What it was given, not what follows: columns of a class drag their bare table along.
        return list(HasTraverseInternals.get_children(element, omit_attrs=CORRELATED))
    parts = list(element.get_children()) if hasattr(element, "get_children") else []
    if isinstance(element, Subquery | CTE):
        parts.append(element.element)
    table = getattr(element, "table", None)
    if getattr(element, "is_dml", False) and table is not None:
        parts = [part for part in parts if part is not table]
        parts.append(_dml_target(element, table))
    return parts


def _dml_target(element: Any, table: Any) -> Any:
    """Return the target of an update or delete with its class, where it was given as one."""
    subject = element._propagate_attrs.get("plugin_subject")
    if subject is not None and subject.mapper.local_table is table:
        return table._annotate({"parententity": subject.mapper})
    return table


def refuse_text(statement: Any) -> None:
    if isinstance(statement, TextClause):
        raise UnscopedStatement(f"text can't be narrowed: {str(statement)[:80]!r}")


def _refuse_tables(tables: Iterable[str]) -> None:
    for name in tables:
        mapper = mapper_of(name)
        tie = None if mapper is None else getattr(mapper.class_, "__scope__", None)
        if not isinstance(tie, Open):
            raise UnscopedStatement(f"{name!r} is named as a table: name its mapped class")


def refuse_scoped(statement: Any) -> None:
    """Let a statement that can't be narrowed pass where all it names is open."""
    entities, tables = named_in(statement)
    _refuse_tables([*tables, *map(_table_name, entities)])


def refuse_moving(statement: Any) -> None:
    """No update may set what decides the reach: the flush checks that row by row."""
    table = statement.table
    tie = tie_of(table.name)
    referring = {key.parent.name for key in table.foreign_keys}
    for column in statement._values or {}:
        name = getattr(column, "name", column)
        if name in tie.columns or (name in referring and not isinstance(tie, Open)):
            raise UnscopedStatement(f"{table.name}.{name} is set in bulk: set it on the objects")
