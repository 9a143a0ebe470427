"""What a statement reads and writes, and how it is narrowed to a reach.

A select of any shape takes one condition per mapped class that it names, however deep.
What names a table without its class, or is text, can't be narrowed and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import TableClause, TextClause
from sqlalchemy.orm import Mapper, with_loader_criteria
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.selectable import CTE, FromClause, Subquery

from app.base.acting import Actor, Reach
from app.base.scope.ties import Open, UnscopedStatement, mapper_of, tie_of


def conditions(statement: Any, actor: Actor, reach: Reach) -> list[Any]:
    """Return the conditions for what a statement reads; raises where it can't be narrowed."""
    mappers, tables = named_in(statement)
    _refuse_tables(tables)
    found = []
    for mapper in mappers:
        tie = tie_of(mapper.local_table.name)  # type: ignore[attr-defined] # ours are tables
        if isinstance(tie, Open):
            continue
        condition = tie.within(mapper.class_, reach, actor)
        found.append(with_loader_criteria(mapper.class_, condition, include_aliases=True))
    return found


def named_in(statement: Any) -> tuple[list[Mapper[Any]], list[str]]:
    """Return the mapped classes that a statement names, and the tables named without a class.

    Raises UnscopedStatement for text, which names nobody knows what.
    """
    mappers: dict[Mapper[Any], None] = {}
    tables: dict[str, None] = {}
    seen: set[int] = set()
    waiting: list[Any] = [statement]
    while waiting:
        element = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        entity = element._annotations.get("parententity") if _is_clause(element) else None
        if entity is not None:
            mappers[entity.mapper] = None
            continue
        if isinstance(element, TextClause):
            raise UnscopedStatement(f"text can't be narrowed: {str(element)[:80]!r}")
        if isinstance(element, TableClause):
            tables[element.name] = None
            continue
        if isinstance(element, ColumnClause) and isinstance(element.table, FromClause):
            waiting.append(element.table)
        waiting += _parts(element)
    return list(mappers), list(tables)


def _is_clause(element: Any) -> bool:
    return hasattr(element, "_annotations")


def _parts(element: Any) -> list[Any]:
    parts = list(element.get_children()) if hasattr(element, "get_children") else []
    if isinstance(element, Subquery | CTE):
        parts.append(element.element)
    table = getattr(element, "table", None)
    if getattr(element, "is_dml", False) and table is not None:
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
    mappers, tables = named_in(statement)
    _refuse_tables([*tables, *(mapper.local_table.name for mapper in mappers)])  # type: ignore[attr-defined] # ours are tables


def refuse_moving(statement: Any) -> None:
    """No update may set what decides the reach: the flush checks that row by row."""
    table = statement.table
    tie = tie_of(table.name)
    referring = {key.parent.name for key in table.foreign_keys}
    for column in statement._values or {}:
        name = getattr(column, "name", column)
        if name in tie.columns or (name in referring and not isinstance(tie, Open)):
            raise UnscopedStatement(f"{table.name}.{name} is set in bulk: set it on the objects")
