"""What a ruling does to a line, and how it is taken back: each with what stood there before.

Writes what a verdict is made of, inside a bracket of the roll-up; the verdict follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.base.errors import Conflict, InvalidInput
from app.calc.attribution import MissCause
from app.facts.deliveries.agreements.models import CallOff
from app.facts.deliveries.disputes import corrections
from app.facts.deliveries.disputes.models import (
    Dispute,
    DisputeRuling,
    DisputeState,
    Effect,
    LineRuling,
)
from app.facts.deliveries.models import MissAttribution, Receipt
from app.facts.deliveries.rollup_models import LineVerdict
from app.platform.accounts.queries import person_by_id

Json = dict[str, Any]  # Any: what JSON can hold
FARTHEST_DAYS = 3660
QUANTITY_PLACES = 6
CODER = "coded_by_id"


@dataclass(frozen=True, slots=True)
class Change:
    """What a ruling is to change: the fields of its effect, None where they stay.

    days: by the receipt's own names; a day that is not given stays.
    """

    effect: Effect
    reference_on: date | None = None
    cause: MissCause | None = None
    receipt_id: int | None = None
    days: tuple[tuple[str, date], ...] = ()
    quantity: Decimal | None = None


def apply(session: Session, dispute: Dispute, ruling: DisputeRuling, change: Change) -> None:
    """Change what the line's verdict is made of; note in the ruling what was and what is."""
    if change.effect is Effect.EXCLUDE:
        _put(session, dispute, ruling, {"is_excluded": True, "reference_on": None})
    elif change.effect is Effect.REFERENCE:
        reference_on = _checked_day(session, dispute.line_id, change.reference_on)
        _put(session, dispute, ruling, {"is_excluded": False, "reference_on": reference_on})
    elif change.effect is Effect.CAUSE:
        _set_cause(session, dispute, ruling, change.cause)
    elif change.effect is Effect.RECEIPT:
        _correct(session, dispute, ruling, change)


def take_back(session: Session, dispute: Dispute, ruling: DisputeRuling, by: DisputeRuling) -> None:
    """Put back what stood before a ruling; raises Conflict where something changed it since."""
    by.before, by.after = ruling.after, ruling.before
    if ruling.effect in (Effect.EXCLUDE, Effect.REFERENCE):
        _take_back_line(session, dispute.line_id, ruling)
    elif ruling.effect == Effect.CAUSE:
        _refuse_if_ruled_since(session, dispute, ruling)
        _take_back_cause(session, dispute.line_id, ruling, by)
    elif ruling.effect == Effect.RECEIPT and ruling.before is not None:
        _refuse_if_ruled_since(session, dispute, ruling)
        corrections.write(session, dispute.line_id, ruling.before)


def _refuse_if_ruled_since(session: Session, dispute: Dispute, ruling: DisputeRuling) -> None:
    """Refuse where a ruling of another dispute rests on what this one put there."""
    rows = session.scalars(
        select(DisputeRuling)
        .join(Dispute, Dispute.id == DisputeRuling.dispute_id)
        .where(
            Dispute.line_id == dispute.line_id,
            Dispute.id != dispute.id,
            Dispute.state.in_([DisputeState.UPHELD, DisputeState.PARTLY]),
            DisputeRuling.id > ruling.id,
            DisputeRuling.effect == ruling.effect,
        )
    )
    if any(_receipt_no(each) == _receipt_no(ruling) for each in rows):
        raise _superseded()


def _receipt_no(ruling: DisputeRuling) -> str | None:
    """Which receipt of its line a ruling corrected, None where it did something else."""
    return (ruling.after or {}).get("receipt_no")


def _superseded() -> Conflict:
    return Conflict("E-DSP-08", "A later ruling changed this line. Withdraw the later one first.")


def _put(session: Session, dispute: Dispute, ruling: DisputeRuling, said: Json) -> None:
    row = session.get(LineRuling, dispute.line_id)
    ruling.before = None if row is None else _line_image(row)
    if row is None:
        row = LineRuling(line_id=dispute.line_id)
        session.add(row)
    row.ruling_id, row.is_excluded = ruling.id, said["is_excluded"]
    row.reference_on = said["reference_on"]
    ruling.after = _line_image(row)


def _line_image(row: LineRuling) -> Json:
    day = None if row.reference_on is None else row.reference_on.isoformat()
    return {"ruling_id": row.ruling_id, "is_excluded": row.is_excluded, "reference_on": day}


def _take_back_line(session: Session, line_id: int, ruling: DisputeRuling) -> None:
    row = session.get(LineRuling, line_id)
    if row is None or row.ruling_id != ruling.id:
        raise _superseded()
    before = ruling.before
    if before is None:
        session.delete(row)
        return
    day = before["reference_on"]
    row.ruling_id, row.is_excluded = before["ruling_id"], before["is_excluded"]
    row.reference_on = None if day is None else date.fromisoformat(day)


def _checked_day(session: Session, line_id: int, day: date | None) -> date:
    if day is None:
        raise InvalidInput("E-DSP-09", "Give the date that the line is to be judged against.")
    known = session.get_one(LineVerdict, line_id).reference_on or clock.today()
    if abs((day - known).days) > FARTHEST_DAYS:
        raise InvalidInput(
            "E-DSP-09",
            f"{formatting.day(day)} lies more than ten years from {formatting.day(known)}, "
            "the date that counts now. Check the year.",
        )
    return day


def _set_cause(
    session: Session, dispute: Dispute, ruling: DisputeRuling, cause: MissCause | None
) -> None:
    if cause is None:
        raise InvalidInput("E-DSP-10", "Choose whose doing the miss was.")
    if session.get_one(LineVerdict, dispute.line_id).otif != 0:
        raise InvalidInput("E-DSP-10", "The line was not missed. Only misses have a cause.")
    row = _coded(session, dispute.line_id)
    ruling.before = None if row is None else _cause_image(row)
    if row is None:
        row = MissAttribution(line_id=dispute.line_id)
        session.add(row)
    row.cause, row.note, row.attributed_by = cause, ruling.reason, ruling.decided_by
    row.attributed_by_id = ruling.decided_by_id
    ruling.after = _cause_image(row)


def _take_back_cause(
    session: Session, line_id: int, ruling: DisputeRuling, by: DisputeRuling
) -> None:
    row, before = _coded(session, line_id), ruling.before
    if row is None:
        return
    if before is None:
        session.delete(row)
        return
    # Names stand in columns that erasing a person reaches, never in an image.
    row.cause, row.note = before["cause"], before["note"]
    coder = before.get(CODER)
    person = None if coder is None else person_by_id(session, coder)
    if person is None:
        row.attributed_by, row.attributed_by_id = by.decided_by, by.decided_by_id
    else:
        row.attributed_by, row.attributed_by_id = person.name, person.id


def _coded(session: Session, line_id: int) -> MissAttribution | None:
    return session.scalar(select(MissAttribution).where(MissAttribution.line_id == line_id))


def _cause_image(row: MissAttribution) -> Json:
    return {"cause": str(row.cause), "note": row.note, CODER: row.attributed_by_id}


def _correct(session: Session, dispute: Dispute, ruling: DisputeRuling, change: Change) -> None:
    if session.get(CallOff, dispute.line_id) is not None:
        raise InvalidInput(
            "E-DSP-11",
            "The line is a call-off: its receipts are shares of what came for the agreement. "
            "Import the agreement’s receipt again, corrected.",
        )
    receipt = session.get(Receipt, change.receipt_id) if change.receipt_id else None
    if receipt is None or receipt.line_id != dispute.line_id:
        raise InvalidInput("E-DSP-11", "Choose one of the line’s receipts.")
    if receipt.reverses_receipt_id is not None:
        raise InvalidInput("E-DSP-11", "A reversal is not corrected; choose the receipt itself.")
    if session.get(CallOff, dispute.line_id) is not None:
        raise InvalidInput(
            "E-DSP-11",
            "The line is a call-off: its receipts follow from those of its agreement. Import the "
            "right one, or move the date, or leave the line out.",
        )
    if not change.days and change.quantity is None:
        raise InvalidInput("E-DSP-11", "Give the day or the quantity that is to stand there.")
    _check_correction(change)
    before = corrections.image_of(receipt)
    for name, day in change.days:
        setattr(receipt, name, day)
    if change.quantity is not None:
        receipt.quantity = change.quantity
    ruling.before, ruling.after = before, corrections.image_of(receipt)
    session.flush()


def _check_correction(change: Change) -> None:
    today = clock.today()
    for _, day in change.days:
        if not 0 <= (today - day).days <= FARTHEST_DAYS:
            raise InvalidInput(
                "E-DSP-11",
                f"{formatting.day(day)} lies in the future, or more than ten years back. Check "
                "the year.",
            )
    quantity = change.quantity
    if quantity is not None and quantity != round(quantity, QUANTITY_PLACES):
        raise InvalidInput("E-DSP-11", "Give the quantity with at most six decimals.")
