"""Receipts that a ruling corrected: what they hold, kept against feeds that say otherwise.

A feed tells a receipt again and again; while a ruling on it stands, the ruling's word does.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.facts.deliveries.disputes.models import Dispute, DisputeRuling, DisputeState, Effect
from app.facts.deliveries.models import Receipt

DAYS = ("ready_on", "dispatched_on", "arrived_on", "posted_on")
CORRECTABLE = (*DAYS, "quantity")
Json = dict[str, Any]  # Any: what JSON can hold


def hold(session: Session) -> None:
    """Put every corrected receipt back to what its ruling says; call it after a feed wrote."""
    session.flush()
    for line_id, said in session.execute(_standing()):
        if said is not None:
            write(session, line_id, said)


def image_of(receipt: Receipt) -> Json:
    """Return what of a receipt can be corrected, as JSON."""
    values: Json = {name: _as_json(getattr(receipt, name)) for name in CORRECTABLE}
    return {"receipt_no": receipt.source_key, **values}


def write(session: Session, line_id: int, image: Json) -> None:
    """Give a receipt of a line what an image of it says.

    Found by its number: its key is another one, or another's, once an import was undone.
    """
    values = {name: _as_value(name, image[name]) for name in CORRECTABLE}
    session.execute(
        update(Receipt)
        .where(Receipt.line_id == line_id, Receipt.source_key == image["receipt_no"])
        .values(values),
        execution_options={"synchronize_session": "fetch"},
    )


def _standing() -> Any:  # Any: a select of keys and JSON
    """By line what the newest ruling of each dispute on a receipt put there, the oldest first."""
    r = DisputeRuling
    newest = select(func.max(r.id)).group_by(r.dispute_id)
    return (
        select(Dispute.line_id, r.after)
        .join(Dispute, Dispute.id == r.dispute_id)
        .where(
            r.id.in_(newest),
            r.effect == Effect.RECEIPT,
            Dispute.state.in_([DisputeState.UPHELD, DisputeState.PARTLY]),
        )
        .order_by(r.id)
    )


def _as_json(value: date | Decimal | None) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else f"{value.normalize():f}"


def _as_value(name: str, said: str | None) -> date | Decimal | None:
    if said is None:
        return None
    return date.fromisoformat(said) if name in DAYS else Decimal(said)
