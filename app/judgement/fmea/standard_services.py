"""Writes of scales and of the matrix: drafted, edited, proposed, activated by somebody else.

One draft of a name at a time. What was active never changes; the version approved last holds
from that moment on, and ratings given before keep the version they were given by.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput
from app.judgement.fmea import standards
from app.judgement.fmea.standard_models import Standard
from app.judgement.fmea.standards import MATRIX, SCALES, Json, StandardKind
from app.judgement.snapshots import methods
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import Content, ObjectKind, ObjectRef, Settled
from app.platform.approvals.values import content_hash
from app.platform.audit import services as audit


def stored(session: Session, kind: StandardKind, name: str) -> Standard:
    """Return the version that holds, storing the shipped one where none is stored."""
    found = standards.in_force(session, kind, name)
    if found.id:
        return found
    try:
        with session.begin_nested():
            session.add(found)
    except IntegrityError:
        # Somebody stored it at the same moment.
        return standards.in_force(session, kind, name)
    return found


def new_draft(session: Session, kind: StandardKind, name: str) -> int:
    """Begin the next version as a copy of the one that holds; return its key."""
    source = stored(session, kind, name)
    open_one = session.scalar(
        select(kind.model).where(kind.model.name == name, kind.model.state == "draft")
    )
    if open_one is not None:
        raise Conflict(
            "E-FME-20",
            f"{open_one.author} drafts version {open_one.version} already; edit that one.",
        )
    latest = session.scalar(select(func.max(kind.model.version)).where(kind.model.name == name))
    row: Standard = kind.model(
        name=name,
        version=(latest or 0) + 1,
        state="draft",
        valid_from=clock.today(),
        content=source.content,
        content_hash=source.content_hash,
        author=db.actor_of(session).name,
        writers=_me(session),
        revision=1,
    )
    session.add(row)
    session.flush()
    return row.id


def save_draft(
    session: Session, kind: StandardKind, key: int, *, content: Json, seen_revision: int
) -> None:
    """Store what a draft is to say; Conflict when somebody changed it meanwhile."""
    row = _locked_draft(session, kind, key)
    _check_seen(row, seen_revision)
    if not 0 < len(content["provenance"]) <= standards.LONGEST_PROVENANCE:
        raise InvalidInput("E-FME-22", "Say where it is from, in up to 1,000 characters.")
    try:
        kind.checked(content)
    except ValueError as error:
        raise InvalidInput("E-FME-22", f"It is not sound: {error}.") from error
    row.content, row.content_hash = content, methods.hash_of(content)
    row.revision += 1
    row.writers = sorted({*(row.writers or ()), *_me(session)})
    session.flush()


def propose(
    session: Session, kind: StandardKind, key: int, *, reason: str, seen_revision: int
) -> None:
    """Submit a draft; another person's approval activates it."""
    row = _locked_draft(session, kind, key)
    _check_seen(row, seen_revision)
    present = standards.in_force(session, kind, row.name)
    if present.content_hash == row.content_hash:
        raise Conflict(
            "E-FME-23", f"It says the same as version {present.version}, which holds; edit it."
        )
    row.reason = audit.give_reason(session, reason)
    approvals.submit(
        session,
        about=about(kind, key),
        version=row.version,
        title=f"{row.name}, version {row.version}",
        content=_proposed(kind, row),
        before=kind.described(present.content),
        because=row.reason,
        writers=row.writers or (),
    )
    session.flush()


def withdraw(session: Session, kind: StandardKind, key: int) -> None:
    """Take a proposal back; the draft can be edited again."""
    standards.by_id(session, kind, key)
    waiting = approvals.awaiting(session, about(kind, key))
    approvals.withdraw(session, approval_id=waiting.id)


def discard(session: Session, kind: StandardKind, key: int, *, reason: str) -> None:
    """Put a draft aside for good; its number is not used again."""
    row = _locked_draft(session, kind, key)
    row.state, row.reason = "retired", audit.give_reason(session, reason)
    session.flush()


def about(kind: StandardKind, key: int | str) -> ObjectRef:
    """Return how approvals name a version."""
    return ObjectRef(kind.type, str(key))


def _me(session: Session) -> list[int]:
    own = db.actor_of(session).user_id
    return [] if own is None else [own]


def _check_seen(row: Standard, seen_revision: int) -> None:
    if row.revision != seen_revision:
        raise Conflict(
            "E-FME-21",
            "Somebody saved this draft after you opened it; nothing of yours is stored. "
            "Open it again in another tab and compare.",
        )


def _locked_draft(session: Session, kind: StandardKind, key: int) -> Standard:
    standards.by_id(session, kind, key)
    row: Standard = session.scalars(
        select(kind.model)
        .where(kind.model.id == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.state != "draft":
        raise Conflict(
            "E-FME-24", "This version is no draft any more and never changes; begin a new draft."
        )
    if approval_queries.waiting_for(session, about(kind, key)) is not None:
        raise Conflict("E-FME-25", "This draft waits for approval; withdraw it before editing.")
    return row


def _proposed(kind: StandardKind, row: Standard) -> Content:
    return {**kind.described(row.content), "content hash": row.content_hash}


def _settling(kind: StandardKind) -> Callable[[Session, Settled], None]:
    def settle(session: Session, settled: Settled) -> None:
        """Let an approved version hold from now on, in the approver's name."""
        if not settled.is_approved:
            return
        row = standards.by_id(session, kind, int(settled.about.key))
        row.state, row.valid_from = "active", clock.today()
        row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
        audit.record(
            session,
            action="standard.activate",
            entity=kind.type,
            entity_id=row.id,
            reason=row.reason or settled.reason,
            version=row.version,
        )
        session.flush()

    return settle


def _hashing(kind: StandardKind) -> Callable[[Session, str], str | None]:
    def present_hash(session: Session, key: str) -> str | None:
        row = session.get(kind.model, int(key))
        return None if row is None else content_hash(_proposed(kind, row))

    return present_hash


def _approved(kind: StandardKind) -> ObjectKind:
    return ObjectKind(
        type=kind.type,
        words=kind.words,
        approvers=holders_of_grant(kind.type),
        settle=_settling(kind),
        present_hash=_hashing(kind),
        address=lambda key: f"{kind.path}{key}",
    )


KINDS = (_approved(MATRIX), _approved(SCALES))
