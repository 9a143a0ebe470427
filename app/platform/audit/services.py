"""Writes of the log that a service asks for itself: acts, reasons, and what a batch did."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from app.platform.audit import pending
from app.platform.audit.appending import ReasonNeeded, clean_reason
from app.platform.audit.canonical import Plain, plain
from app.platform.audit.pending import Explicit

__all__ = ["ReasonNeeded", "cover", "give_reason", "of_batch", "record"]


def record(
    session: Session,
    *,
    action: str,
    entity: str,
    entity_id: object,
    reason: str | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    version: int | None = None,
    approval: str | None = None,
    batch: int | None = None,
    run: int | None = None,
    covers: Collection[str] = (),
) -> None:
    """Record an act in the transaction of the change; written when it commits.

    action: what was done (“role.grant”). entity, entity_id: to what; the recorded change of
    the same object joins this event, so that one change stays one event. covers: further
    tables that bulk statements of this transaction changed and this event speaks for.
    """
    transaction = pending.of(session)
    transaction.explicit.append(
        Explicit(
            action=action,
            entity=entity,
            entity_id=str(entity_id),
            reason=None if reason is None else clean_reason(reason),
            before=_plain(before),
            after=_plain(after),
            version=version,
            approval=approval,
            batch=batch,
            run=run,
            is_import=batch is not None,
        )
    )
    cover(session, covers)


def cover(session: Session, tables: Collection[str]) -> None:
    """Say that this transaction's events speak for bulk changes of these tables."""
    transaction = pending.of(session)
    transaction.covered |= frozenset(tables)


def give_reason(session: Session, text: str | None) -> str:
    """Say why, for every event of the transaction that has no reason of its own.

    Raises ReasonNeeded (InvalidInput, field `reason`) unless it has 10 to 500 characters.
    """
    reason = clean_reason(text)
    pending.of(session).reason = reason
    return reason


def of_batch(session: Session, batch_id: int) -> None:
    """Let the transaction's events name the import that they belong to."""
    pending.of(session).batch = batch_id


def _plain(values: Mapping[str, object] | None) -> dict[str, Plain] | None:
    return None if values is None else {name: plain(value) for name, value in values.items()}
