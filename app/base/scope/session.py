"""The hook on the session of an actor who doesn't reach everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    SelectBase,
    String,
    column,
    event,
    func,
    literal,
    select,
)
from sqlalchemy import table as named_table
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from app.base.acting import Actor, Reach
from app.base.errors import Forbidden, NotFound
from app.base.scope import statements
from app.base.scope.ties import (
    Ask,
    OfSupplier,
    SupplierItself,
    Through,
    Tie,
    UnscopedStatement,
    table_of,
    tie_of,
    ties,
)

NARROWED = "row_scope"
KEYS_AT_ONCE = 500
# What the policies of PostgreSQL hold to (revision 0016, docs/operations.md).
SUPPLIER_ROLE = "mainstay_supplier"


def is_limited(actor: Actor) -> bool:
    """Tell whether the actor reaches less than everything."""
    return not (actor.reads.is_everything and actor.writes.is_everything)


def limit(session: Session, actor: Actor) -> None:
    """Narrow everything that a session does to what its actor reaches."""
    session.info.update(actor=actor, is_unscoped=0, is_flushing=False)
    if not is_limited(actor):
        return
    event.listen(session, "do_orm_execute", _narrow)
    event.listen(session, "after_begin", _watch)
    event.listen(session, "before_flush", _check_flush)
    event.listen(session, "after_flush_postexec", _end_flush)
    event.listen(session, "after_soft_rollback", _end_flush)


@contextmanager
def unscoped(session: Session, why: str) -> Iterator[None]:
    """Do the work inside without row scope, where every row was checked before or none is told.

    Only in the modules of the named list (`tests/architecture`): `why` says what makes it safe.
    """
    assert why  # noqa: S101 — the reader's, not the program's
    # What was written under the scope is judged under it.
    session.flush()
    session.info["is_unscoped"] = session.info.get("is_unscoped", 0) + 1
    try:
        yield
        session.flush()
    finally:
        session.info["is_unscoped"] -= 1


def narrowed(session: Session, statement: Any) -> Any:  # Any: a select of any shape
    """Return a select that is run past the session, on its connection, within scope."""
    actor = limited_actor(session)
    if actor is None:
        return statement
    found = statements.conditions(statement, Ask(actor, actor.reads))
    return statement.options(*found).execution_options(**{NARROWED: True})


def readable_ids(session: Session, table: str, ids: Iterable[int]) -> set[int]:
    """Return which of some rows of a table the session's actor may read."""
    actor: Actor = session.info["actor"]
    return _reached_ids(session, table, ids, Ask(actor, actor.reads))


def writable_ids(
    session: Session, table: str, ids: Iterable[int], reach: Reach | None = None
) -> set[int]:
    """Return which of some rows of a table the session's actor (or another reach) may write."""
    actor: Actor = session.info["actor"]
    ask = Ask(actor, actor.writes if reach is None else reach, is_write=True)
    return _reached_ids(session, table, ids, ask)


def _reached_ids(session: Session, table: str, ids: Iterable[int], ask: Ask) -> set[int]:
    wanted, rows = sorted(set(ids)), table_of(table)
    if ask.reach.is_everything and isinstance(tie_of(table), SupplierItself | OfSupplier):
        return set(wanted)
    found: set[int] = set()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        statement = select(rows.c.id).where(
            rows.c.id.in_(wanted[start : start + KEYS_AT_ONCE]),
            tie_of(table).within(rows.c, ask),
        )
        found |= set(_run_past(session, statement))
    return found


def tables_of_suppliers() -> list[str]:
    """Return the tables whose rows are a supplier's, with those that hang on such rows."""
    return sorted(name for name, tie in ties().items() if _is_of_suppliers(tie))


def _is_of_suppliers(tie: Tie | None) -> bool:
    if isinstance(tie, Through):
        return _is_of_suppliers(tie_of(tie.table))
    return isinstance(tie, SupplierItself | OfSupplier)


def out_of_reach(session: Session, table: str, condition: ColumnElement[bool]) -> bool:
    """Tell whether some row of a table that meets a condition is not the actor's to write."""
    actor: Actor = session.info["actor"]
    rows = table_of(table)
    within = tie_of(table).within(rows.c, Ask(actor, actor.writes, is_write=True))
    statement = select(literal(1)).select_from(rows).where(condition, ~within).limit(1)
    return bool(_run_past(session, statement))


def require_writable(session: Session, table: str, row_id: int) -> None:
    """Raise unless the session's actor may write a row: NotFound where it can't even be read."""
    if not writable_ids(session, table, [row_id]):
        raise refusal(is_read=bool(readable_ids(session, table, [row_id])))


def refusal(*, is_read: bool) -> Forbidden | NotFound:
    """Return what to raise for a write out of reach: as if absent where it can't be read."""
    if is_read:
        return Forbidden(
            "E-ACC-01",
            "This supplier is outside the categories and sites that you work on. "
            "Nothing was stored; ask whoever manages accounts for the scope.",
        )
    return NotFound("E-ACC-02", "There is no such record.")


def _run_past(session: Session, statement: Any) -> list[int]:  # Any: a select of one column
    marked = statement.execution_options(**{NARROWED: True})
    return [row[0] for row in session.connection().execute(marked)]


def limited_actor(session: Session) -> Actor | None:
    """Return the session's actor where what it does is to be narrowed now."""
    actor: Actor | None = session.info.get("actor")
    if actor is None or session.info.get("is_unscoped") or not is_limited(actor):
        return None
    return actor


def _narrow(state: ORMExecuteState) -> None:
    actor = limited_actor(state.session)
    if actor is None:
        state.update_execution_options(**{NARROWED: True})
        return
    statement: Any = state.statement  # Any: what may be executed has no narrower type here
    if state.is_select and actor.reads.is_everything:
        statements.refuse_text(statement)
    elif state.is_insert or not hasattr(statement, "options"):
        statements.refuse_scoped(statement)
    else:
        if state.is_update:
            statements.refuse_moving(statement)
        found = statements.conditions(statement, _ask(state, actor))
        state.statement = statement.options(*found)
    state.update_execution_options(**{NARROWED: True})


def _ask(state: ORMExecuteState, actor: Actor) -> Ask:
    if state.is_update or state.is_delete:
        return Ask(actor, actor.writes, is_write=True)
    return Ask(actor, actor.reads)


# What runs past the session's hook


def _watch(session: Session, _: Any, connection: Connection) -> None:
    """Refuse what goes to the connection without having been narrowed.

    On PostgreSQL a supplier's person takes the role that the database itself holds to the
    rows of that supplier, where a database administrator made it: the second layer.
    """
    _take_supplier_role(session, connection)

    def refuse(
        connection: Connection, _c: Any, words: str, _p: Any, context: Any, _m: bool
    ) -> None:
        if limited_actor(session) is None or session.info["is_flushing"]:
            return
        if context is not None and context.execution_options.get(NARROWED):
            return
        compiled = getattr(context, "compiled", None)
        if compiled is not None and _only_reads_what_all_is(session, compiled.statement):
            return
        if compiled is None:
            raise UnscopedStatement(f"text can't be narrowed: {words[:80]!r}")
        statements.refuse_scoped(compiled.statement)

    event.listen(connection, "before_cursor_execute", refuse)


def _take_supplier_role(session: Session, connection: Connection) -> None:
    actor: Actor = session.info["actor"]
    if connection.dialect.name != "postgresql" or not actor.is_of_a_supplier:
        return
    ids = {key for limit in actor.reads.limits for key in limit.supplier_ids or ()}
    mine = ",".join(str(key) for key in sorted(ids))
    connection.execute(select(func.set_config("app.supplier_ids", mine, True)))
    roles = named_table("pg_roles", column("rolname", String), column("oid"))
    may_take = func.pg_has_role(roles.c.oid, "MEMBER")
    # Roles are the server's, rights the database's: another house on it may have the role.
    is_given = func.has_table_privilege(roles.c.oid, "supplier", "SELECT")
    connection.execute(
        select(func.set_config("role", roles.c.rolname, True))
        .select_from(roles)
        .where(roles.c.rolname == SUPPLIER_ROLE, may_take, is_given)
    )


def _only_reads_what_all_is(session: Session, statement: Any) -> bool:
    actor: Actor = session.info["actor"]
    return actor.reads.is_everything and isinstance(statement, SelectBase)


# What a flush writes


def _check_flush(session: Session, _: UOWTransaction, __: Any) -> None:
    actor = limited_actor(session)
    session.info["is_flushing"] = True
    if actor is None:
        return
    from app.base.scope import writes

    writes.check(session, actor)


def _end_flush(session: Session, _: Any) -> None:
    session.info["is_flushing"] = False
