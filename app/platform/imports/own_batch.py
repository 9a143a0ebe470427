"""Whose import it is, and whose suppliers' rows it may write.

A person without reach over everything works on imports of their own, and publishes rows of
suppliers within reach only: what a file names is looked at before, what was written is looked
at again in the same transaction. Programs and people who reach everything pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db, scope
from app.base.acting import Reach
from app.base.db import Base
from app.base.errors import Forbidden, NotFound
from app.platform.imports.kinds import ImportKind, NamedSupplier
from app.platform.imports.mapping import Mapping
from app.platform.imports.problems import Code, quoted
from app.platform.sources.models import BeforeImage, SourceBatch

REMEDY = "Take its rows out, or ask whoever manages accounts for the scope. Nothing was stored."


@contextmanager
def transaction(batch_id: int | None = None) -> Iterator[Session]:
    """Yield a session for work on one's own batch (None: on a new one).

    Rows that wait are their batch's; the suppliers they name are looked at by `require_named`
    before they are published, and what was written by `require_touched`.
    """
    with db.transaction() as session:
        if batch_id is not None:
            require_own(session, batch_id)
        with scope.unscoped(session, "staged rows are looked at by their batch and suppliers"):
            yield session


def require_own(session: Session, batch_id: int) -> None:
    """Raise unless the batch is one's own: NotFound where it can't even be seen."""
    if scope.writable_ids(session, SourceBatch.__tablename__, [batch_id]):
        return
    by = session.scalar(select(SourceBatch.staged_by).where(SourceBatch.id == batch_id))
    if by is None:
        raise NotFound("E-IMP-26", f"There is no import #{batch_id}.")
    raise Forbidden(
        Code.NOT_OWN, f"Import #{batch_id} is {by}'s; ask {by}, or somebody who reaches everything."
    )


def require_named(session: Session, kind: ImportKind, batch_id: int, mapping: Mapping) -> None:
    """Raise where a staged file names a supplier out of reach, with the first row that does."""
    actor = db.actor_of(session)
    if actor.writes.is_everything:
        return
    named = kind.suppliers_named(session, batch_id, mapping)
    if named is None:
        raise Forbidden(
            Code.OUT_OF_REACH,
            f"{kind.title} belong to the whole house; somebody who reaches everything imports"
            " them. Nothing was stored.",
        )
    ids = {each.supplier_id for each in named if each.supplier_id is not None}
    reached = scope.writable_ids(session, "supplier", ids)
    for each in sorted(named, key=lambda each: each.row_no):
        if not _is_reached(each, reached, actor.writes):
            raise Forbidden(
                Code.OUT_OF_REACH,
                f"Row {each.row_no:,}, '{each.column}': {quoted(each.key)} is no supplier of the"
                f" categories and sites that you work on. {REMEDY}",
            )


def require_touched(session: Session, batch_id: int) -> None:
    """Raise where a published batch has written, or would take back, what is out of reach."""
    if db.actor_of(session).writes.is_everything:
        return
    for name in scope.tables_of_suppliers():
        table = Base.metadata.tables[name]
        if "batch_id" in table.columns:
            _refuse(scope.out_of_reach(session, name, table.c.batch_id == batch_id))
        if "id" in table.columns:
            changed = select(BeforeImage.row_id).where(
                BeforeImage.batch_id == batch_id, BeforeImage.table_name == name
            )
            _refuse(scope.out_of_reach(session, name, table.c.id.in_(changed)))


def _refuse(is_there: bool) -> None:
    if is_there:
        raise Forbidden(
            Code.OUT_OF_REACH,
            "The import has rows of suppliers outside the categories and sites that you work on."
            f" {REMEDY}",
        )


def _is_reached(each: NamedSupplier, reached: set[int], writes: Reach) -> bool:
    if each.supplier_id is not None and each.supplier_id not in reached:
        return False
    if each.supplier_id is not None and not each.sets_category:
        return True
    # A supplier that is created, or moved, must land within reach.
    return any(
        limit.supplier_ids is None
        and (limit.category_ids is None or each.category_id in limit.category_ids)
        for limit in writes.limits
    )
