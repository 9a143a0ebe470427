"""Writes of claims: draw up, submit, withdraw, settle. Another person decides what goes out.

A claim freezes what it rests on when it is drawn up; what is approved is that content. A line
stands in one claim at most, so that nothing is claimed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput
from app.calc.cents import coin_places
from app.calc.cents import owed as to_the_coin
from app.facts.deliveries import queries as deliveries
from app.judgement.contracts import places
from app.judgement.contracts.models import Contract
from app.judgement.contracts.money import queries
from app.judgement.contracts.money.claim_content import (
    ClaimContent,
    bonus_words,
    claim_content_of,
    content_of,
)
from app.judgement.contracts.money.held_terms import At, Whose, terms_book, whose_contract
from app.judgement.contracts.money.models import ClaimItem, ClaimState, ContractClaim
from app.judgement.contracts.money.owed import OwedLine
from app.judgement.contracts.money.queries import line_key
from app.judgement.contracts.money.statement import Statement, statement
from app.judgement.contracts.money.wording import days_of, period_words
from app.judgement.contracts.values import refused
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.approvals.models import Approval
from app.platform.approvals.queries import waiting_for
from app.platform.approvals.values import content_hash
from app.platform.audit import services as audit

TYPE = "contract_claim"
STEPS = {
    ClaimState.DRAFT: (ClaimState.ISSUED, ClaimState.WITHDRAWN),
    ClaimState.ISSUED: (ClaimState.SETTLED, ClaimState.WITHDRAWN),
}


@dataclass(frozen=True, slots=True)
class Author:
    """Who draws a claim up, and when; user_id None for a program."""

    name: str
    user_id: int | None
    at: datetime


def facts_until(session: Session) -> date:
    """Return the day of the latest fact, at most today."""
    return min(deliveries.latest_fact_on(session) or clock.today(), clock.today())


def draw_up(session: Session, at: At, *, period: str, reason: str) -> ContractClaim:
    """Draw up a claim for a period that is over: every line that owes, and no line twice.

    Open lines are left out: what they owe still grows, and they are claimed once complete.
    Raises InvalidInput where the period is not over, nothing is owed, or no sum can be made.
    """
    whose = _locked(session, at)
    first_on, last_on = _days(period)
    because = audit.give_reason(session, reason)
    as_of = facts_until(session)
    if last_on > as_of:
        raise InvalidInput(
            "E-CLM-05",
            f"{period_words(period).capitalize()} ends on {formatting.day(last_on)}, the facts "
            f"reach to {formatting.day(as_of)}. Claim it when it is over.",
        )
    book = terms_book(session, whose)
    found = statement(
        session, book, first_on=first_on, last_on=last_on, as_of=as_of, with_open=False
    )
    if found.refusal is not None:
        raise InvalidInput("E-CLM-06", found.refusal)
    if not found.total.amount:
        raise InvalidInput(
            "E-CLM-07",
            f"Nothing is owed for {period_words(period)} that was not claimed already. "
            "The lines set apart say why.",
        )
    actor = db.actor_of(session)
    by = Author(actor.name, actor.user_id, clock.now())
    return store(session, found, period=period, because=because, by=by)


def store(
    session: Session, found: Statement, *, period: str, because: str, by: Author
) -> ContractClaim:
    """Store a draft with everything that a statement charges, frozen, under the next number."""
    claim = ContractClaim(**drafted(session, found, period=period, because=because, by=by))
    session.add(claim)
    session.flush()
    session.add_all(ClaimItem(claim_id=claim.id, **each) for each in items_of(found))
    session.flush()
    return claim


def drafted(
    session: Session, found: Statement, *, period: str, because: str, by: Author
) -> dict[str, Any]:  # Any: columns' values
    """Return the columns of a draft for what a statement charges, under the next number."""
    whose = found.book.whose
    sequence = _next(session, whose)
    content = content_of(
        found,
        number=f"{whose.number}/{sequence}",
        period=period,
        drawn_by=by.name,
        reliefs=queries.reliefs_of(session, whose.contract_id, standing=True),
    )
    kept = content.as_json()
    return {
        "contract_id": whose.contract_id, "sequence": sequence, "number": content.number,
        "first_on": found.first_on, "last_on": found.last_on, "as_of": found.as_of,
        "currency": content.currency, "total": Decimal(content.total), "content": kept,
        "content_hash": content_hash(kept), "reason": because, "drawn_by": by.name,
        "drawn_by_id": by.user_id, "drawn_at": by.at,
    }  # fmt: skip


def items_of(found: Statement) -> list[dict[str, Any]]:  # Any: columns' values
    """Return the columns of each amount that a statement charges."""
    credited = (each for each in found.credits if each.amount and each.claimed_in is None)
    return [
        *(_item(owed) for owed in found.charged),
        *(
            {"key": each.key, "line_id": None, "due_on": each.window.last_on,
             "amount": each.amount, "counts_for_cap": False}
            for each in credited
        ),
    ]  # fmt: skip


def submit(session: Session, claim: ContractClaim, *, reason: str) -> None:
    """Ask another person to let a draft go out."""
    _ask(session, claim, ClaimState.ISSUED, because=audit.give_reason(session, reason))


def settle(session: Session, claim: ContractClaim, *, amount: Decimal, reason: str) -> None:
    """Ask to settle an issued claim by what came back; at most what was claimed."""
    places = coin_places(claim.currency)
    whole = formatting.money(claim.total, claim.currency, places)
    if not 0 <= amount <= claim.total or amount != to_the_coin(amount, places):
        raise refused(
            "E-CLM-08",
            ("amount",),
            f"{amount.normalize():f} can’t be: the claim is for {whole}. Give what came back, from "
            "0 up to that, in whole coins.",
        )
    because = audit.give_reason(session, reason)
    _ask(session, claim, ClaimState.SETTLED, because=because, amount=amount)


def withdraw(session: Session, claim: ContractClaim, *, reason: str) -> bool:
    """Withdraw a claim; its lines can be claimed again. Returns whether it is done by now.

    A draft goes at once; what went out only when another person agrees.
    """
    because = audit.give_reason(session, reason)
    if claim.state == ClaimState.DRAFT:
        _refuse_waiting(session, claim)
        _end(session, claim, ClaimState.WITHDRAWN, because)
        return True
    _ask(session, claim, ClaimState.WITHDRAWN, because=because)
    return False


def claim_to_change(session: Session, at: At, claim_id: UUID, *, seen: int) -> ContractClaim:
    """Return a claim to be written, held until the transaction ends.

    Raises NotFound where it is out of reach, Conflict where somebody changed it meanwhile.
    """
    whose = _locked(session, at)
    found = queries.claim_of(session, whose.contract_id, claim_id)
    if found.version != seen:
        raise Conflict(
            "E-CLM-09",
            f"Claim {found.number} was changed meanwhile, it is {found.state} now. Look at it "
            "again, then decide.",
        )
    return found


def frozen(claim: ContractClaim) -> ClaimContent:
    """Return what a claim says, checked against its hash; raises Conflict where it differs."""
    if content_hash(claim.content) != claim.content_hash:
        raise Conflict(
            "E-CLM-10",
            f"The stored content of claim {claim.number} does not match its hash. Do not use it; "
            "have the database checked against a backup.",
        )
    return claim_content_of(claim.content)


def _locked(session: Session, at: At) -> Whose:
    """Return the contract, held so that two claims never take one line."""
    whose = whose_contract(session, at)
    scope.require_writable(session, "supplier", whose.supplier_id)
    queries.hold(session, whose.contract_id)
    return whose


def _days(period: str) -> tuple[date, date]:
    found = days_of(period)
    if found is None:
        raise InvalidInput(
            "E-CLM-11", f"{period[:20]!r} is no period of a claim; give one as 2026Q3 or 2026."
        )
    return found


def _next(session: Session, whose: Whose) -> int:
    highest = select(func.max(ContractClaim.sequence)).where(
        ContractClaim.contract_id == whose.contract_id
    )
    return (session.scalar(highest) or 0) + 1


def _item(owed: OwedLine) -> dict[str, Any]:  # Any: columns' values
    line, damages = owed.judged.line, owed.judged.damages
    is_shared = damages is not None and not damages.clause.has_line_cap
    return {
        "key": line_key(line.line_id), "line_id": line.line_id, "due_on": line.window_end_on,
        "amount": owed.amount, "counts_for_cap": is_shared,
    }  # fmt: skip


def _ask(
    session: Session,
    claim: ContractClaim,
    to: ClaimState,
    *,
    because: str,
    amount: Decimal | None = None,
) -> None:
    _require_step(claim, to)
    _refuse_waiting(session, claim)
    said = frozen(claim)
    contract = session.get_one(Contract, claim.contract_id)
    approvals.submit(
        session,
        about=ObjectRef(TYPE, str(claim.id)),
        version=claim.version,
        title=f"Claim {claim.number}, {said.supplier}: {to}",
        content={
            "claim": claim.number,
            "contract": said.contract,
            "supplier": said.supplier,
            "period": said.period,
            "claimed": f"{said.total} {said.currency}",
            "lines": len(said.lines),
            "credits": len(said.credits),
            **({"bonuses of the period": bonus_words(said)} if said.bonuses else {}),
            "content sha256": claim.content_hash,
            "becomes": str(to),
            "comes back": None if amount is None else str(amount),
        },
        before={"becomes": str(claim.state)},
        because=because,
        writers=[] if claim.drawn_by_id is None else [claim.drawn_by_id],
        supplier_id=contract.supplier_id,
    )


def _settle_asked(session: Session, settled: Settled) -> None:
    if not settled.is_approved:
        return
    claim = session.get_one(ContractClaim, int(settled.about.key), with_for_update=True)
    asked = session.get_one(Approval, settled.approval_id)
    to = ClaimState(asked.content["becomes"])
    if asked.content["content sha256"] != claim.content_hash or settled.version != claim.version:
        raise Conflict("E-CLM-09", f"Claim {claim.number} was changed since. Reject it.")
    if to is ClaimState.ISSUED:
        _step(claim, to)
        claim.issued_by, claim.issued_at = db.actor_of(session).name, clock.now()
        session.flush()
        return
    back = asked.content["comes back"]
    amount = None if back is None else Decimal(back)
    _end(session, claim, to, asked.because or settled.reason, amount=amount)


def _end(
    session: Session,
    claim: ContractClaim,
    to: ClaimState,
    because: str,
    *,
    amount: Decimal | None = None,
) -> None:
    _step(claim, to)
    claim.ended_by, claim.ended_at = db.actor_of(session).name, clock.now()
    claim.ended_because, claim.settled_amount = because, amount
    session.flush()


def _step(claim: ContractClaim, to: ClaimState) -> None:
    _require_step(claim, to)
    claim.state = to
    claim.version += 1


def _require_step(claim: ContractClaim, to: ClaimState) -> None:
    if to not in STEPS.get(ClaimState(claim.state), ()):
        raise Conflict(
            "E-CLM-12", f"Claim {claim.number} is {claim.state}; it can’t become {to} now."
        )


def _refuse_waiting(session: Session, claim: ContractClaim) -> None:
    if waiting_for(session, ObjectRef(TYPE, str(claim.id))) is not None:
        raise Conflict(
            "E-CLM-13",
            f"What becomes of claim {claim.number} waits for another person. Have that decided "
            "or withdrawn first.",
        )


KIND = ObjectKind(
    type=TYPE,
    words="Claims under contracts",
    approvers=holders_of_grant(TYPE),
    settle=_settle_asked,
    address=places.of_claim,
)
