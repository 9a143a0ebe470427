"""Writes of disruptions and debit notes. What is withdrawn stays readable and counts nowhere.

Charged costs do not change under a note: while a note charges a disruption, its cost stands.
What was sent is settled or forgiven by two persons.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting, scope
from app.base.errors import Conflict, InvalidInput
from app.calc.periods import month_index
from app.facts.deliveries import rollup
from app.facts.deliveries.disruptions import queries
from app.facts.deliveries.disruptions.models import DebitItem, DebitNote, NoteState
from app.facts.deliveries.models import CausedBy, Disruption, DisruptionKind
from app.facts.deliveries.period_reads import members
from app.facts.suppliers.models import Supplier
from app.platform.approvals import services as approvals
from app.platform.approvals.eligibility import holders_of_grant
from app.platform.approvals.kinds import ObjectKind, ObjectRef, Settled
from app.platform.approvals.models import Approval
from app.platform.approvals.queries import waiting_for
from app.platform.audit import services as audit

NOTE = "debit_note"
# What may become of a note from where it stands.
STEPS = {
    NoteState.DRAFT: (NoteState.SENT, NoteState.DISCARDED),
    NoteState.SENT: (NoteState.SETTLED, NoteState.DISPUTED),
    NoteState.DISPUTED: (NoteState.SETTLED, NoteState.DISCARDED),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A disruption as somebody tells it; None where unknown."""

    reference: str
    kind: DisruptionKind
    occurred_on: date
    caused_by: CausedBy
    site_id: int | None = None
    hours: Decimal | None = None
    lines_hit: int | None = None
    cost: Decimal | None = None
    currency: str | None = None
    note: str | None = None


def record(session: Session, supplier_id: int, told: Told) -> Disruption:
    """Record a disruption; the supplier's sums follow at once."""
    scope.require_writable(session, "supplier", supplier_id)
    _check(session, supplier_id, told, other_than=None)
    found = Disruption(supplier_id=supplier_id, reference=told.reference)
    _write(found, told)
    session.add(found)
    session.flush()
    _refresh(session, supplier_id)
    return found


def edit(session: Session, found: Disruption, told: Told, *, reason: str) -> None:
    """Correct a disruption, with a reason."""
    scope.require_writable(session, "supplier", found.supplier_id)
    _require_counted(found)
    audit.give_reason(session, reason)
    _check(session, found.supplier_id, told, other_than=found.id)
    is_charged = _note_of(session, found) is not None
    if is_charged and (told.cost, told.currency) != (found.cost, found.currency):
        raise Conflict(
            "E-DIS-06", "A debit note charges this cost; discard the note before you change it."
        )
    found.reference = told.reference
    _write(found, told)
    session.flush()
    _refresh(session, found.supplier_id)


def withdraw(session: Session, found: Disruption, *, reason: str) -> None:
    """Withdraw a disruption that was none, with a reason; it counts nowhere any more."""
    scope.require_writable(session, "supplier", found.supplier_id)
    _require_counted(found)
    if _note_of(session, found) is not None:
        raise Conflict("E-DIS-06", "A debit note charges it; discard the note first.")
    found.withdrawn_because = audit.give_reason(session, reason)
    found.withdrawn_at, found.withdrawn_by = clock.now(), db.actor_of(session).name
    session.flush()
    _refresh(session, found.supplier_id)


def make_note(
    session: Session, supplier_id: int, disruption_ids: Collection[int], *, text: str | None
) -> DebitNote:
    """Draft a debit note over the costs of chosen disruptions, which are in one currency."""
    scope.require_writable(session, "supplier", supplier_id)
    if not disruption_ids:
        raise InvalidInput("E-DIS-07", "Nothing is chosen. Tick what is to be charged.")
    own = members(session, [supplier_id])
    chosen = session.scalars(
        select(Disruption)
        .where(Disruption.id.in_(disruption_ids), Disruption.supplier_id.in_(own))
        .order_by(Disruption.id)
        # Of two notes at once the second one sees what the first one charges.
        .with_for_update()
    ).all()
    if len(chosen) < len(set(disruption_ids)):
        raise InvalidInput("E-DIS-07", "A disruption is not of this supplier; nothing is stored.")
    for each in chosen:
        if each.withdrawn_at is not None or not each.cost or each.caused_by != CausedBy.SUPPLIER:
            raise InvalidInput(
                "E-DIS-08",
                f"{each.reference} can’t be charged: only what the supplier caused, "
                "with a known cost.",
            )
        if _note_of(session, each) is not None:
            raise Conflict("E-DIS-09", f"{each.reference} stands on a debit note already.")
    currencies = sorted({each.currency or "" for each in chosen})
    if len(currencies) > 1:
        raise InvalidInput(
            "E-DIS-10",
            f"The costs are in {' and '.join(currencies)}; make a note for each currency.",
        )
    note = DebitNote(
        supplier_id=supplier_id, currency=currencies[0], text=text, made_by=_me(session)
    )
    session.add(note)
    session.flush()
    session.add_all(
        DebitItem(note_id=note.id, disruption_id=each.id, amount=each.cost) for each in chosen
    )
    session.flush()
    return note


def send(session: Session, note: DebitNote) -> None:
    """Say that a note went to the supplier."""
    _step(note, NoteState.SENT)
    note.sent_at = clock.now()
    session.flush()


def dispute(session: Session, note: DebitNote, *, reason: str) -> None:
    """Say that the supplier disputes a note, and why."""
    _refuse_waiting(session, note)
    because = audit.give_reason(session, reason)
    _step(note, NoteState.DISPUTED)
    note.state_because = because
    session.flush()


def settle(session: Session, note: DebitNote, *, amount: Decimal, reason: str | None) -> None:
    """Ask to settle a note by what came back; another amount than was charged needs a reason.

    Another person decides: nobody charges and forgives alone.
    """
    charged = queries.note_of(session, note.supplier_id, note.public_id).amount
    if not 0 <= amount <= charged:
        whole = formatting.money(charged, note.currency)
        raise InvalidInput("E-DIS-11", f"{amount} can’t be: the note charges {whole}.")
    because = None if amount == charged else audit.give_reason(session, reason)
    _require_step(note, NoteState.SETTLED)
    _ask(session, note, NoteState.SETTLED, charged, amount=amount, because=because)


def discard(session: Session, note: DebitNote, *, reason: str) -> bool:
    """Put a note aside; its costs can be charged again. Returns whether it is done by now.

    A draft goes at once; what was sent to the supplier only when another person agrees.
    """
    because = audit.give_reason(session, reason)
    _require_step(note, NoteState.DISCARDED)
    if note.state != NoteState.DRAFT:
        charged = queries.note_of(session, note.supplier_id, note.public_id).amount
        _ask(session, note, NoteState.DISCARDED, charged, because=because)
        return False
    _discard(session, note, because)
    return True


def note_to_change(session: Session, supplier_id: int, public_id: UUID) -> DebitNote:
    """Return a note to be written, held until the transaction ends; raises NotFound."""
    scope.require_writable(session, "supplier", supplier_id)
    found = queries.note_of(session, supplier_id, public_id).note
    return session.scalars(
        select(DebitNote)
        .where(DebitNote.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _ask(
    session: Session,
    note: DebitNote,
    to: NoteState,
    charged: Decimal,
    *,
    amount: Decimal = Decimal(0),
    because: str | None,
) -> None:
    supplier = session.get_one(Supplier, note.supplier_id)
    content = {
        "supplier": f"{supplier.name} ({supplier.number})",
        "debit note": note.number,
        "made by": note.made_by,
        "currency": note.currency,
        "charged": str(charged),
        "comes back": str(amount),
        "becomes": str(to),
    }
    approvals.submit(
        session,
        about=ObjectRef(NOTE, str(note.id)),
        version=1,
        title=f"{note.number}, {supplier.name}: {to}",
        content=content,
        before={"becomes": str(note.state)},
        because=because,
        supplier_id=note.supplier_id,
    )


def _settle_asked(session: Session, settled: Settled) -> None:
    if not settled.is_approved:
        return
    note = session.get_one(DebitNote, int(settled.about.key), with_for_update=True)
    asked = session.get_one(Approval, settled.approval_id)
    if asked.content["becomes"] == NoteState.DISCARDED:
        _discard(session, note, asked.because or settled.reason)
        return
    _step(note, NoteState.SETTLED)
    note.settled_at, note.settled_amount = clock.now(), Decimal(asked.content["comes back"])
    note.state_because = asked.because
    session.flush()


def _discard(session: Session, note: DebitNote, because: str) -> None:
    _step(note, NoteState.DISCARDED)
    note.state_because = because
    for item in session.scalars(select(DebitItem).where(DebitItem.note_id == note.id)):
        session.delete(item)
    session.flush()


def _refuse_waiting(session: Session, note: DebitNote) -> None:
    if waiting_for(session, ObjectRef(NOTE, str(note.id))) is not None:
        raise Conflict(
            "E-DIS-14",
            f"What becomes of {note.number} waits for another person. Have that decided or "
            "withdrawn first.",
        )


def _check(session: Session, supplier_id: int, told: Told, *, other_than: int | None) -> None:
    if told.occurred_on > clock.today():
        raise InvalidInput("E-DIS-03", f"{formatting.day(told.occurred_on)} lies in the future.")
    if (told.cost is None) is not (told.currency is None):
        raise InvalidInput("E-DIS-04", "Give a cost with its currency, or neither.")
    taken = session.scalar(
        select(Disruption.id).where(
            Disruption.supplier_id == supplier_id, Disruption.reference == told.reference
        )
    )
    if taken is not None and taken != other_than:
        raise Conflict(
            "E-DIS-05", f"“{told.reference}” is recorded already. Correct it, or take another."
        )


def _write(found: Disruption, told: Told) -> None:
    found.kind, found.caused_by = told.kind, told.caused_by
    found.occurred_on, found.month = told.occurred_on, month_index(told.occurred_on)
    found.site_id, found.hours, found.lines_hit = told.site_id, told.hours, told.lines_hit
    found.cost, found.currency, found.note = told.cost, told.currency, told.note


def _refresh(session: Session, supplier_id: int) -> None:
    with scope.unscoped(session, "the sums of a supplier whose disruption was just written"):
        rollup.refresh_events(session, [supplier_id])


def _require_counted(found: Disruption) -> None:
    if found.withdrawn_at is not None:
        raise Conflict("E-DIS-12", f"“{found.reference}” is withdrawn and never changes.")


def _note_of(session: Session, found: Disruption) -> int | None:
    return session.scalar(select(DebitItem.note_id).where(DebitItem.disruption_id == found.id))


def _require_step(note: DebitNote, to: NoteState) -> None:
    allowed = STEPS.get(NoteState(note.state), ())
    if to not in allowed:
        raise Conflict("E-DIS-13", f"{note.number} is {note.state}; it can’t become {to} now.")


def _step(note: DebitNote, to: NoteState) -> None:
    _require_step(note, to)
    note.state = to


def _me(session: Session) -> str:
    return db.actor_of(session).name


KIND = ObjectKind(
    type=NOTE,
    words="Settlements of debit notes",
    approvers=holders_of_grant(NOTE),
    settle=_settle_asked,
)
