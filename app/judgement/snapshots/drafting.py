"""Drafts of methods, whatever they judge: begin, edit, propose, discard.

A version is a draft until somebody else approved it and never changes after that. What is
proposed is not edited: it is withdrawn first. What a method says is its feature's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput, NotFound
from app.judgement.snapshots import methods
from app.judgement.snapshots.columns import MethodVersion
from app.judgement.snapshots.methods import Json
from app.platform.approvals import queries as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.audit import services as audit

Version = TypeVar("Version", bound=MethodVersion)

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Drafts(Generic[Version]):
    """One kind of method: its table, how approvals name it, its words, its error codes.

    code: what its codes begin with (“E-MTH”).
    """

    table: type[Version]
    type: str
    noun: str
    code: str

    def about(self, method_id: int) -> ObjectRef:
        """Return how approvals name the proposal of a version."""
        return ObjectRef(self.type, str(method_id))

    def stored(self, session: Session, method_id: int) -> Version:
        """Return a stored version; raises NotFound."""
        row = session.get(self.table, method_id)
        if row is None:
            raise NotFound(f"{self.code}-01", f"There is no such {self.noun}.")
        return row

    def begin(self, session: Session, source: MethodVersion, *, name: str, **more: Any) -> Version:
        """Store a draft that copies another version, the next of its name.

        more: columns of the feature's own (Any: of many types).
        """
        self.check_name(name)
        actor = db.actor_of(session)
        columns: Json = {
            "name": name,
            "version": self._next_version(session, name),
            "state": "draft",
            "valid_from": clock.today(),
            "content": source.content,
            "content_hash": source.content_hash,
            "author": actor.name,
            "writers": [] if actor.user_id is None else [actor.user_id],
            "revision": 1,
        }
        row = self.table(**columns, **more)
        session.add(row)
        session.flush()
        return row

    def locked(self, session: Session, method_id: int) -> Version:
        """Return a draft that may be edited, held until the transaction ends."""
        self.stored(session, method_id)
        row = session.scalars(
            select(self.table)
            .where(self.table.id == method_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        if row.state != "draft":
            raise Conflict(
                f"{self.code}-02",
                "This version is no draft any more and never changes; begin a new draft.",
            )
        if approvals.waiting_for(session, self.about(row.id)) is not None:
            raise Conflict(
                f"{self.code}-05", "This draft waits for approval; withdraw it before editing."
            )
        return row

    def save(self, session: Session, row: Version, content: Json, *, seen_revision: int) -> None:
        """Store what a draft is to say; raises Conflict when somebody changed it meanwhile."""
        self.check_seen(row, seen_revision, done="stored", remedy="Open it again and compare.")
        actor = db.actor_of(session)
        row.content, row.content_hash = content, methods.hash_of(content)
        row.revision += 1
        if actor.user_id is not None:
            row.writers = sorted({*(row.writers or ()), actor.user_id})
        session.flush()

    def check_seen(
        self, row: Version, seen_revision: int | None, *, done: str, remedy: str
    ) -> None:
        """Raise Conflict where the draft is not the one that was looked at."""
        if seen_revision not in (None, row.revision):
            raise Conflict(
                f"{self.code}-03",
                f"Somebody saved this draft after you opened it; nothing of yours is {done}. "
                f"{remedy}",
            )

    def discard(self, session: Session, method_id: int, *, reason: str) -> None:
        """Put a draft aside for good; its number is not used again."""
        row = self.locked(session, method_id)
        row.state, row.reason = "retired", audit.give_reason(session, reason)
        session.flush()

    def check_name(self, name: str) -> None:
        """Raise InvalidInput for a name that is none."""
        if not 0 < len(name) <= LONGEST_NAME:
            raise InvalidInput(
                f"{self.code}-09", f"The name has {len(name)} characters; give 1 to {LONGEST_NAME}."
            )

    def check_day(self, day: date) -> None:
        """Raise InvalidInput for a first day that lies in the past."""
        today = clock.today()
        if day < today:
            raise InvalidInput(
                f"{self.code}-10",
                f"{day.isoformat()} lies in the past; what is published keeps its method. "
                f"Give a day from {today.isoformat()} on.",
            )

    def _next_version(self, session: Session, name: str) -> int:
        latest = session.scalar(select(func.max(self.table.version)).where(self.table.name == name))
        return (latest or 0) + 1
