"""Writes of standings: decide, ask for an exception, end one, keep statuses up to date.

A block, and whatever lifts one, needs another person; so does every exception. The supplier's
status follows the standing that holds today, so that lists and risk see one and the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.facts.suppliers.models import Supplier, SupplierKind
from app.facts.suppliers.standings import queries
from app.facts.suppliers.standings.models import (
    OrderException,
    Origin,
    Standing,
    State,
    SupplierStanding,
)
from app.facts.suppliers.standings.queries import WORDS
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.audit import services as audit

STANDING, EXCEPTION = "supplier_standing", "order_exception"
LONGEST_EXCEPTION_DAYS = 184
FARTHEST_DAYS = 3653
LONGEST_NAME = 200
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the grade of a published card proposes."""

    standing: Standing
    grade: str
    score: float | None
    card: UUID | None
    period: str


def decide(
    session: Session,
    supplier_id: int,
    *,
    standing: str,
    from_on: date,
    until_on: date | None = None,
    reason: str = "",
    proposal: Proposal | None = None,
) -> SupplierStanding:
    """Decide on a supplier's standing; a block, or lifting one, waits for another person.

    What the grade proposes needs no reason of its own, everything else does. Raises
    InvalidInput for days that can't be, Conflict where it stands or waits already.
    """
    supplier, standing = _supplier(session, supplier_id), Standing(standing)
    _check_days(from_on, until_on)
    history = queries.history_of(session, supplier.id)
    present = queries.terms_on(session, supplier.id, from_on)
    if present.standing == standing and until_on == present.until:
        raise Conflict(
            "E-STD-03",
            f"{supplier.name} is {WORDS[standing]} then already; nothing changes.",
        )
    _refuse_waiting(session, history)
    is_proposed = proposal is not None and proposal.standing is standing
    if is_proposed and proposal is not None and not reason.strip():
        reason = f"As grade {proposal.grade} of {proposal.period} proposes."
    row = SupplierStanding(
        supplier_id=supplier.id,
        standing=standing,
        from_on=from_on,
        until_on=until_on,
        origin=Origin.GRADE if is_proposed else Origin.OVERRIDE,
        grade=None if proposal is None else proposal.grade,
        score=None if proposal is None else proposal.score,
        card=None if proposal is None else proposal.card,
        reason=audit.give_reason(session, reason),
        decided_by=db.actor_of(session).name,
        decided_at=clock.now(),
    )
    session.add(row)
    session.flush()
    is_lifting = queries.lifts_block(history, supplier.status, from_on=from_on, until_on=until_on)
    if is_lifting or Standing.BLOCKED in (standing, present.standing):
        approvals.submit(
            session,
            about=ObjectRef(STANDING, str(row.id)),
            version=1,
            title=f"{supplier.name}: {WORDS[standing]}",
            content=_content(supplier, row),
            before={"standing": present.words},
            because=row.reason,
            supplier_id=supplier.id,
        )
    else:
        _confirm(session, row, supplier)
    return row


def ask_exception(
    session: Session, supplier_id: int, *, buyer: str, from_on: date, until_on: date, reason: str
) -> OrderException:
    """Ask that somebody may order from a blocked supplier until a day; another person agrees."""
    supplier, named = _supplier(session, supplier_id), buyer.strip()
    _check_days(from_on, until_on)
    if not 0 < len(named) <= LONGEST_NAME:
        raise InvalidInput("E-STD-05", "Name who is to order, in up to 200 characters.")
    if (until_on - from_on).days >= LONGEST_EXCEPTION_DAYS:
        raise InvalidInput(
            "E-STD-06",
            f"It would last {(until_on - from_on).days + 1} days; the limit is "
            f"{LONGEST_EXCEPTION_DAYS}. Lift the block instead.",
        )
    if queries.terms_on(session, supplier.id, from_on).standing != Standing.BLOCKED:
        raise Conflict(
            "E-STD-07", f"{supplier.name} is not blocked on {formatting.day(from_on)}; just order."
        )
    _refuse_asked(session, supplier, named)
    row = OrderException(
        supplier_id=supplier.id,
        buyer=named,
        from_on=from_on,
        until_on=until_on,
        reason=audit.give_reason(session, reason),
        asked_by=db.actor_of(session).name,
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    approvals.submit(
        session,
        about=ObjectRef(EXCEPTION, str(row.id)),
        version=1,
        title=f"{supplier.name}: {named} may order",
        content={
            "supplier": f"{supplier.name} ({supplier.number})",
            "who orders": named,
            "from": from_on.isoformat(),
            "until": until_on.isoformat(),
        },
        because=row.reason,
        supplier_id=supplier.id,
    )
    return row


def end_exception(session: Session, supplier_id: int, public_id: UUID, *, reason: str) -> None:
    """End an exception: from today on nobody may order by it."""
    row = session.scalar(
        select(OrderException).where(
            OrderException.public_id == public_id, OrderException.supplier_id == supplier_id
        )
    )
    if row is None:
        raise NotFound("E-STD-08", "There is no such exception.")
    scope.require_writable(session, "supplier", supplier_id)
    if not queries.exception_row(row).holds_on(clock.today()):
        raise Conflict("E-STD-09", "This exception does not hold today; there is nothing to end.")
    row.ended_because = audit.give_reason(session, reason)
    row.ended_on, row.ended_by = clock.last_closed_day(), db.actor_of(session).name
    session.flush()


def withdrawn(
    session: Session, kind: str, rows: Iterable[queries.StandingRow | queries.ExceptionRow]
) -> set[int]:
    """Return which of the decisions that were proposed nobody decides on any more."""
    return {
        row.id
        for row in rows
        if row.state == State.PROPOSED
        and approval_queries.waiting_for(session, ObjectRef(kind, str(row.id))) is None
    }


def settle_statuses(session: Session, day: date) -> int:
    """Let statuses follow the standings that hold on a day; return how many changed.

    A standing that ended gives way to the one before it; without any the supplier has the
    status again that it had before its first.
    """
    held = queries.standings_on(session, day)
    begun = select(SupplierStanding.supplier_id).where(
        SupplierStanding.state == State.CONFIRMED, SupplierStanding.from_on <= day
    )
    changed = 0
    for supplier_id in session.scalars(begun.distinct()).all():
        supplier = session.get_one(Supplier, supplier_id)
        if supplier_id in held:
            present = held[supplier_id].standing
        else:
            history = queries.history_of(session, supplier_id)
            present = queries.status_without(history, supplier.status)
        if supplier.status != present:
            audit.give_reason(session, "A standing began or ended on this day.")
            supplier.status = present
            changed += 1
    session.flush()
    return changed


def _supplier(session: Session, supplier_id: int) -> Supplier:
    # Of two decisions at once the second one sees what the first one did.
    asked = select(Supplier).where(Supplier.id == supplier_id).with_for_update()
    supplier = session.scalar(asked)
    if supplier is None:
        raise NotFound("E-SUP-01", "There is no such supplier.")
    if supplier.kind != SupplierKind.SUPPLIER:
        raise Conflict("E-STD-01", f"{supplier.name} is our own warehouse; it has no standing.")
    scope.require_writable(session, "supplier", supplier.id)
    return supplier


def _check_days(from_on: date, until_on: date | None) -> None:
    today = clock.today()
    if from_on < today:
        raise InvalidInput(
            "E-STD-02",
            f"{formatting.day(from_on)} lies in the past; what was ordered since stays as it is. "
            f"Give a day from {formatting.day(today)} on.",
        )
    if until_on is not None and until_on < from_on:
        raise InvalidInput(
            "E-STD-02",
            f"It would end on {formatting.day(until_on)}, before it begins on "
            f"{formatting.day(from_on)}. Give a later last day, or none.",
        )
    farthest = today + timedelta(days=FARTHEST_DAYS)
    if max(from_on, until_on or from_on) > farthest:
        raise InvalidInput(
            "E-STD-02",
            f"It reaches beyond {formatting.day(farthest)}, ten years from now. Check the year.",
        )


def _refuse_waiting(session: Session, history: list[queries.StandingRow]) -> None:
    gone = withdrawn(session, STANDING, history)
    for row in history:
        if row.state == State.PROPOSED and row.id not in gone:
            raise Conflict(
                "E-STD-04",
                f"“{row.words}” of {row.decided_by} waits for approval. Have that decided or "
                "withdrawn first.",
            )


def _refuse_asked(session: Session, supplier: Supplier, buyer: str) -> None:
    rows = queries.exceptions_of(session, supplier.id)
    asked = [row for row in rows if row.buyer == buyer and row.state == State.PROPOSED]
    gone = withdrawn(session, EXCEPTION, asked)
    if any(row.id not in gone for row in asked):
        raise Conflict("E-STD-11", f"An exception for {buyer} waits for approval already.")


def _content(supplier: Supplier, row: SupplierStanding) -> dict[str, Any]:  # Any: JSON
    return {
        "supplier": f"{supplier.name} ({supplier.number})",
        "standing": WORDS[row.standing],
        "from": row.from_on.isoformat(),
        "until": None if row.until_on is None else row.until_on.isoformat(),
        "grade": row.grade,
        "against the grade": row.origin == Origin.OVERRIDE,
    }


def _confirm(session: Session, row: SupplierStanding, supplier: Supplier) -> None:
    row.state, row.status_before = State.CONFIRMED, supplier.status
    session.flush()
    held = queries.held_on(queries.history_of(session, supplier.id), clock.today())
    if held is not None and supplier.status != held.standing:
        supplier.status = held.standing
    session.flush()


def _settle_standing(session: Session, settled: Settled) -> None:
    row = session.get_one(SupplierStanding, int(settled.about.key))
    row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
    if settled.is_approved:
        # What waited past its first day begins with the agreement.
        row.from_on = max(row.from_on, clock.today())
        if row.until_on is not None:
            row.until_on = max(row.until_on, row.from_on)
        _confirm(session, row, session.get_one(Supplier, row.supplier_id))
    else:
        row.state = State.REFUSED
    session.flush()


def _settle_exception(session: Session, settled: Settled) -> None:
    row, today = session.get_one(OrderException, int(settled.about.key)), clock.today()
    if settled.is_approved and row.until_on < today:
        raise Conflict(
            "E-STD-10",
            f"It was asked for until {formatting.day(row.until_on)}, which is over. Reject it; "
            "another one can be asked for.",
        )
    if settled.is_approved:
        # Nobody agrees to what was ordered before.
        row.from_on = max(row.from_on, today)
    row.state = State.CONFIRMED if settled.is_approved else State.REFUSED
    row.approved_by, row.approved_at = db.actor_of(session).name, clock.now()
    session.flush()


def _list(_key: str) -> str:
    return "/standings/"


KINDS = (
    ObjectKind(
        type=STANDING,
        words="Blocks of suppliers",
        approvers=holders_of_grant(STANDING),
        settle=_settle_standing,
        address=_list,
    ),
    ObjectKind(
        type=EXCEPTION,
        words="Orders from blocked suppliers",
        approvers=holders_of_grant(EXCEPTION),
        settle=_settle_exception,
        address=_list,
    ),
)
