"""Writes of the version of a contract's terms that is being worked on.

What was approved is never written again: an amendment copies the version that holds, and is
edited until it is submitted. While it waits for a decision nobody edits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, NotFound
from app.judgement.contracts import content, line_values
from app.judgement.contracts.line_values import LineKind, check_line
from app.judgement.contracts.models import (
    ClauseKind,
    Contract,
    ContractClause,
    ContractDocument,
    ContractStatus,
    ContractTerms,
    Presence,
    TermsState,
)
from app.judgement.contracts.money_models import ServiceCreditBand
from app.judgement.contracts.values import (
    TermsSaid,
    check_recovery,
    check_terms,
)
from app.platform.approvals import queries as approval_queries
from app.platform.approvals.kinds import ObjectRef
from app.platform.audit import services as audit

TERMS = "contract_terms"
OPEN = (TermsState.DRAFT, TermsState.PROPOSED, TermsState.REFUSED)
Clauses = Mapping[ClauseKind, tuple[Presence, str | None, int | None]]
# What an amendment doesn't take over from the version that holds.
NOT_COPIED = (
    *content.OWN, *content.FROZEN_LATER,
    "sequence", "state", "from_on", "reason", "made_by", "made_by_id", "made_at", "content_hash",
    "decided_by", "decided_at", "decided_because", "version",
)  # fmt: skip


def amend(session: Session, contract: Contract, *, reason: str) -> ContractTerms:
    """Begin an amendment: a draft with everything that was agreed last.

    That is what holds now, or what was approved to begin later: nothing agreed is lost. Raises
    Conflict while another one is open, or once the contract has ended.
    """
    if contract.status != ContractStatus.ACTIVE:
        raise Conflict("E-CTR-22", "Only a contract that is active is amended.")
    if open_version(session, contract) is not None:
        raise Conflict("E-CTR-23", "An amendment is open already. Go on with that one.")
    why = audit.give_reason(session, reason)
    held = agreed_last(session, contract)
    newest = session.scalar(
        select(func.max(ContractTerms.sequence)).where(ContractTerms.contract_id == contract.id)
    )
    values = content.columns_of(held, without=NOT_COPIED)
    made = ContractTerms(
        **values,
        sequence=(newest or 0) + 1,
        from_on=max(clock.today(), held.from_on),
        reason=why,
        made_by=db.actor_of(session).name,
        made_by_id=db.actor_of(session).user_id,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    _copy_lines(session, held, made)
    return made


def write_terms(
    session: Session, contract: Contract, said: TermsSaid, *, seen_version: int
) -> ContractTerms:
    """Say anew what the head of the open version says."""
    terms = editable(session, contract, seen_version=seen_version)
    is_first = contract.status == ContractStatus.DRAFT
    follows = None if is_first else agreed_last(session, contract)
    check_terms(said, follows=follows, number=contract.number)
    values = asdict(said) | ({"from_on": said.starts_on} if is_first else {})
    for name, value in values.items():
        setattr(terms, name, value)
    return touched(session, terms)


def write_clauses(
    session: Session,
    contract: Contract,
    clauses: Clauses,
    *,
    seen_version: int,
    recovery_days: int | None = None,
) -> ContractTerms:
    """Say which clauses the open version has, all of the checklist at once.

    recovery_days: what the continuity duty says; None where it names no time.
    """
    terms = editable(session, contract, seen_version=seen_version)
    duty = clauses.get(ClauseKind.CONTINUITY)
    check_recovery(Presence.UNKNOWN if duty is None else duty[0], recovery_days)
    rows = {
        ClauseKind(each.kind): each
        for each in session.scalars(
            select(ContractClause).where(ContractClause.terms_id == terms.id)
        )
    }
    for kind, (presence, note, page) in clauses.items():
        row = rows.get(kind)
        if row is None:
            row = ContractClause(terms_id=terms.id, kind=kind)
            session.add(row)
        row.presence, row.note, row.page = presence, note, page
        row.recovery_days = recovery_days if kind == ClauseKind.CONTINUITY else None
    return touched(session, terms)


def add_line(
    session: Session,
    contract: Contract,
    kind: LineKind,
    values: Mapping[str, Any],  # Any: columns' values
    *,
    seen_version: int,
) -> object:
    """Add an obligation, or what is said about money, to the open version."""
    terms = editable(session, contract, seen_version=seen_version)
    rows = content.rows_of(session, kind, terms)
    check_line(kind, values, content.said_lines(rows))
    if kind.model is ServiceCreditBand:
        own = content.rows_of(session, line_values.BY_NAME["obligations"], terms)
        if values["obligation_id"] not in [each.id for each in own]:
            raise NotFound("E-CTR-24", "There is no such obligation in this version.")
        row = ServiceCreditBand(**values)
    else:
        row = kind.model(terms_id=terms.id, **values)
    session.add(row)
    touched(session, terms)
    return row


def remove_line(
    session: Session, contract: Contract, kind: LineKind, line_id: int, *, seen_version: int
) -> None:
    """Take a line out of the open version; the version that holds keeps its own."""
    terms = editable(session, contract, seen_version=seen_version)
    row = next((each for each in content.rows_of(session, kind, terms) if each.id == line_id), None)
    if row is None:
        raise NotFound("E-CTR-24", "There is no such line in this version.")
    for band in content.rows_of(session, line_values.BY_NAME["credits"], terms):
        if kind.name == "obligations" and band.obligation_id == line_id:
            session.delete(band)
    session.flush()
    session.delete(row)
    touched(session, terms)


def discard(session: Session, contract: Contract, *, seen_version: int) -> bool:
    """Drop the open version; a contract that never had another goes with it, then True."""
    terms = editable(session, contract, seen_version=seen_version)
    if session.scalar(
        select(ContractDocument.id).where(
            ContractDocument.contract_id == contract.id,
            ContractDocument.sequence == terms.sequence,
        )
    ):
        raise Conflict("E-CTR-25", "It has documents. Take those away first, with a reason.")
    for kind in reversed(line_values.KINDS):
        for row in content.rows_of(session, kind, terms):
            session.delete(row)
        session.flush()
    clauses = select(ContractClause).where(ContractClause.terms_id == terms.id)
    for clause in session.scalars(clauses).all():
        session.delete(clause)
    session.flush()
    session.delete(terms)
    session.flush()
    if contract.status == ContractStatus.DRAFT:
        session.delete(contract)
        session.flush()
        return True
    return False


def editable(session: Session, contract: Contract, *, seen_version: int) -> ContractTerms:
    """Return the open version as it was seen; raises Conflict where it is another by now.

    Whoever edits has locked the contract by `services.to_change`.
    """
    scope.require_writable(session, "supplier", contract.supplier_id)
    terms = open_version(session, contract)
    if terms is None:
        raise Conflict("E-CTR-26", "Nothing is open. Begin an amendment first.")
    if waits(session, terms):
        raise Conflict(
            "E-CTR-27", "It waits for approval. Have that decided or withdrawn, then edit it."
        )
    if terms.version != seen_version:
        when = formatting.moment(terms.updated_at)
        raise Conflict(
            "E-CTR-28",
            f"It was changed meanwhile, {when}. Reload it, compare, and enter yours again.",
        )
    return terms


def waits(session: Session, terms: ContractTerms) -> bool:
    """Tell whether a version waits for a decision; a withdrawn one does not."""
    about = ObjectRef(TERMS, str(terms.id))
    is_proposed = terms.state == TermsState.PROPOSED
    return is_proposed and approval_queries.waiting_for(session, about) is not None


def open_version(session: Session, contract: Contract) -> ContractTerms | None:
    """Return the version that is being worked on, if there is one."""
    return session.scalar(
        select(ContractTerms)
        .where(ContractTerms.contract_id == contract.id, ContractTerms.state.in_(OPEN))
        .order_by(ContractTerms.sequence.desc())
        .limit(1)
    )


def version_of(session: Session, contract: Contract, sequence: int) -> ContractTerms:
    """Return a version of a contract's terms; raises NotFound."""
    found = session.scalar(
        select(ContractTerms).where(
            ContractTerms.contract_id == contract.id, ContractTerms.sequence == sequence
        )
    )
    if found is None:
        raise NotFound("E-CTR-29", "There is no such version of the terms.")
    return found


def agreed_last(session: Session, contract: Contract) -> ContractTerms:
    """Return what was agreed last: the version in force, or one that begins later."""
    held = (TermsState.IN_FORCE, TermsState.AGREED)
    asked = select(ContractTerms).where(
        ContractTerms.contract_id == contract.id, ContractTerms.state.in_(held)
    )
    newest = asked.order_by(ContractTerms.from_on.desc(), ContractTerms.sequence.desc())
    return session.scalars(newest.limit(1)).one()


def _copy_lines(session: Session, held: ContractTerms, made: ContractTerms) -> None:
    asked = select(ContractClause).where(ContractClause.terms_id == held.id)
    for clause in session.scalars(asked).all():
        session.add(ContractClause(terms_id=made.id, **content.columns_of(clause)))
    became: dict[int, int] = {}
    for kind in line_values.KINDS:
        for row in content.rows_of(session, kind, held):
            values = content.columns_of(row)
            if kind.model is ServiceCreditBand:
                session.add(ServiceCreditBand(obligation_id=became[row.obligation_id], **values))
                continue
            copy = kind.model(terms_id=made.id, **values)
            session.add(copy)
            session.flush()
            if kind.name == "obligations":
                became[row.id] = copy.id
    session.flush()


def touched(session: Session, terms: ContractTerms) -> ContractTerms:
    if terms.state == TermsState.REFUSED:
        terms.state = TermsState.DRAFT
    terms.version += 1
    session.flush()
    return terms
