"""What a transaction has changed so far: kept beside its session until it commits.

Follows savepoints: what one of them takes back is forgotten here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from app.platform.audit.canonical import Plain
from app.platform.audit.marking import Action

KEY = "audit"

Values = dict[str, Plain]
ObjectKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one marked object; before and after hold the fields that differ."""

    entity: str
    entity_id: str
    action: str
    before: Values | None
    after: Values | None
    version: int | None = None

    def followed_by(self, later: Change) -> Change | None:
        """Return both as one change; None where the object came and went unseen."""
        if self.action == Action.CREATE and later.action == Action.DELETE:
            return None
        if self.action == Action.CREATE:
            merged = {**(self.after or {}), **(later.after or {})}
            return replace(self, after=merged, version=later.version)
        if later.action == Action.DELETE:
            return replace(later, before={**(later.before or {}), **(self.before or {})})
        before = {**(later.before or {}), **(self.before or {})}
        after = {**(self.after or {}), **(later.after or {})}
        same = {name for name in before if before[name] == after.get(name)}
        before = {name: value for name, value in before.items() if name not in same}
        after = {name: value for name, value in after.items() if name not in same}
        if not after:
            return None
        return Change(self.entity, self.entity_id, self.action, before, after, later.version)


@dataclass(frozen=True, slots=True)
class Explicit:
    """An act that a service names itself; the change of the same object, if any, joins it."""

    action: str
    entity: str
    entity_id: str
    reason: str | None
    before: Values | None
    after: Values | None
    version: int | None
    approval: str | None
    batch: int | None
    run: int | None
    is_import: bool = False


@dataclass(slots=True)
class Pending:
    """The changes and acts of one transaction."""

    changes: dict[ObjectKey, Change] = field(default_factory=dict)
    explicit: list[Explicit] = field(default_factory=list)
    # Tables that bulk statements changed, and those that an explicit event speaks for.
    bulk: frozenset[str] = frozenset()
    covered: frozenset[str] = frozenset()
    reason: str | None = None
    batch: int | None = None
    # Subjects whose key goes in this transaction: nothing of theirs is sealed again.
    erasing: frozenset[str] = frozenset()
    is_written: bool = False

    def add(self, change: Change) -> None:
        """Take a change in, joined to what the same object went through before."""
        key = (change.entity, change.entity_id)
        earlier = self.changes.pop(key, None)
        merged = change if earlier is None else earlier.followed_by(change)
        if merged is not None:
            self.changes[key] = merged

    def copy(self) -> Pending:
        """Return a copy for a savepoint to come back to."""
        return replace(self, changes=dict(self.changes), explicit=list(self.explicit))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not self.changes and not self.explicit


def of(session: Session) -> Pending:
    """Return what the session's transaction has changed so far."""
    found: Pending | None = session.info.get(KEY)
    if found is None:
        found = session.info[KEY] = Pending()
    return found


def put(session: Session, pending: Pending) -> None:
    """Let the session stand again at an earlier state."""
    session.info[KEY] = pending


def forget(session: Session) -> None:
    """Begin anew: the transaction is over."""
    session.info.pop(KEY, None)
