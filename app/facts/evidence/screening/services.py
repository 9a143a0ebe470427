"""Decisions on matches: clear one, propose to confirm or to lift, open one again.

Clearing is one person's, with a reason. Confirming makes a supplier critical and lifting
takes that back: both hold once another person agreed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, NotFound
from app.facts.evidence.screening import settings
from app.facts.evidence.screening.models import (
    DecisionState,
    MatchState,
    ScreeningDecision,
    ScreeningList,
    ScreeningMatch,
    SupplierScreening,
    Verdict,
)
from app.facts.suppliers.models import Supplier
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.approvals.values import content_hash
from app.platform.audit import services as audit

MATCH = "screening_match"
# From which state each decision may be taken.
FROM: dict[Verdict, tuple[MatchState, ...]] = {
    Verdict.CLEAR: (MatchState.CANDIDATE,),
    Verdict.CONFIRM: (MatchState.CANDIDATE, MatchState.CLEARED),
    Verdict.LIFT: (MatchState.CONFIRMED,),
    Verdict.REOPEN: (MatchState.CLEARED,),
}
REFUSALS = {
    Verdict.CLEAR: "Only a match that is to be decided can be cleared.",
    Verdict.CONFIRM: "Only a match that is to be decided or cleared can be confirmed.",
    Verdict.LIFT: "Only a confirmed match can be lifted.",
    Verdict.REOPEN: "Only a cleared match can be opened again.",
}


def decide(
    session: Session, public_id: UUID, verdict: Verdict, *, reason: str, seen_version: int
) -> ScreeningDecision:
    """Decide on a match as it was seen; what needs another person waits for one.

    Raises NotFound E-SAN-10, Conflict E-SAN-11 where somebody or a run changed it meanwhile,
    E-SAN-12 where its state forbids it, E-SAN-13 while a decision waits, and InvalidInput
    without a reason of 10 to 500 characters.
    """
    match = _match(session, public_id)
    if match.version != seen_version:
        raise Conflict(
            "E-SAN-11",
            "Somebody or a newer screening changed this match meanwhile. Look again, then decide.",
        )
    if match.state not in FROM[verdict]:
        raise Conflict("E-SAN-12", REFUSALS[verdict])
    if waits(session, match.public_id):
        raise Conflict(
            "E-SAN-13", "A decision on this match waits for approval; have that decided first."
        )
    clean = audit.give_reason(session, reason)
    row = _noted(session, match, verdict, clean)
    if verdict in (Verdict.CONFIRM, Verdict.LIFT):
        _submit(session, match, row)
    else:
        _apply(session, match, row)
    match.version += 1
    session.flush()
    return row


def offered(state: str) -> tuple[Verdict, ...]:
    """Return what may be decided of a match in a state."""
    return tuple(verdict for verdict, states in FROM.items() if state in states)


def own_names(session: Session, supplier_id: int) -> list[tuple[str, str]]:
    """Return (kind, name) of all names under which a supplier was last looked for."""
    s = SupplierScreening
    newest = session.scalar(
        select(s.names).where(s.supplier_id == supplier_id).order_by(s.id.desc()).limit(1)
    )
    return [(kind, text) for kind, text in newest or ()]


def waits(session: Session, public_id: UUID) -> bool:
    """Tell whether a decision on a match waits for another person."""
    return approval_queries.waiting_for(session, ObjectRef(MATCH, str(public_id))) is not None


def _match(session: Session, public_id: UUID) -> ScreeningMatch:
    match = session.scalar(
        select(ScreeningMatch).where(ScreeningMatch.public_id == public_id).with_for_update()
    )
    if match is None:
        raise NotFound("E-SAN-10", "There is no such match.")
    scope.require_writable(session, "supplier", match.supplier_id)
    return match


def _noted(
    session: Session, match: ScreeningMatch, verdict: Verdict, reason: str
) -> ScreeningDecision:
    row = ScreeningDecision(
        match_id=match.id,
        verdict=verdict,
        state=DecisionState.PROPOSED,
        reason=reason,
        score=match.score,
        own_name=match.own_name,
        listed_name=match.listed_name,
        edition=session.get_one(ScreeningList, match.list_id).edition,
        decided_by=db.actor_of(session).name,
        decided_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def _submit(session: Session, match: ScreeningMatch, row: ScreeningDecision) -> None:
    supplier = session.get_one(Supplier, match.supplier_id)
    is_lifting = row.verdict == Verdict.LIFT
    approvals.submit(
        session,
        about=ObjectRef(MATCH, str(match.public_id)),
        version=row.id,
        title=f"{supplier.name} {'is not' if is_lifting else 'is'} {match.listed_name}",
        content=_content(session, match, row),
        before={"state": match.state},
        because=row.reason,
        supplier_id=match.supplier_id,
    )


def _content(
    session: Session, match: ScreeningMatch, row: ScreeningDecision
) -> dict[str, Any]:  # Any: JSON
    """Return what another person agrees to; another name or entry is another content."""
    supplier = session.get_one(Supplier, match.supplier_id)
    return {
        "supplier": f"{supplier.name} ({supplier.number})",
        "decision": "lift the confirmation" if row.verdict == Verdict.LIFT else "is this party",
        "our name": match.own_name,
        "listed name": match.listed_name,
        "list": f"{match.source}, entry {match.entry_key}",
        "programme": match.program,
        "entry as listed": match.entry_digest[:12],
    }


def _apply(session: Session, match: ScreeningMatch, row: ScreeningDecision) -> None:
    """Let a decision hold: state, who and why, and what it is bound to."""
    row.state, row.from_on = DecisionState.AGREED, clock.today()
    if row.verdict == Verdict.REOPEN:
        match.state = MatchState.CANDIDATE
        match.bound_digest = match.bound_names = None
    else:
        is_confirmed = row.verdict == Verdict.CONFIRM
        match.state = MatchState.CONFIRMED if is_confirmed else MatchState.CLEARED
        match.bound_digest = match.entry_digest
        seen = (text for _, text in own_names(session, match.supplier_id))
        match.bound_names = sorted({match.own_name, *seen})
    match.decided_by, match.decided_at = row.decided_by, clock.now()
    match.decided_because = row.reason
    session.flush()


def _proposed(session: Session, public_id: UUID) -> tuple[ScreeningMatch, ScreeningDecision]:
    match = session.scalars(
        select(ScreeningMatch).where(ScreeningMatch.public_id == public_id).with_for_update()
    ).one()
    d = ScreeningDecision
    row = session.scalars(
        select(d)
        .where(d.match_id == match.id, d.state == DecisionState.PROPOSED)
        .order_by(d.id.desc())
        .limit(1)
    ).one()
    return match, row


def _settle(session: Session, settled: Settled) -> None:
    match, row = _proposed(session, UUID(settled.about.key))
    row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
    if settled.is_approved and match.state not in FROM[Verdict(row.verdict)]:
        raise Conflict("E-SAN-12", "The newest screening no longer finds this match. Reject it.")
    if settled.is_approved:
        _apply(session, match, row)
    else:
        row.state = DecisionState.REFUSED
    match.version += 1
    session.flush()


def _present_hash(session: Session, key: str) -> str | None:
    match, row = _proposed(session, UUID(key))
    return content_hash(_content(session, match, row))


MATCH_KIND = ObjectKind(
    type=MATCH,
    words="Sanctions matches",
    approvers=holders_of_grant(MATCH),
    settle=_settle,
    present_hash=_present_hash,
    address=lambda key: f"/screening/matches/{key}",
)
KINDS = (MATCH_KIND, settings.KIND)
