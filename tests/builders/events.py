"""What happens beside deliveries, with plain defaults; the event sums follow at once."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.calc.periods import month_index
from app.facts.deliveries import rollup
from app.facts.deliveries.models import CausedBy, Disruption, DisruptionKind
from app.facts.suppliers.models import Supplier

_numbers = count(1)


def disruption(session: Session, of: Supplier, *, occurred_on: date, **given: Any) -> Disruption:
    """Add a line stop that the supplier caused."""
    given = {"kind": DisruptionKind.LINE_STOP, "caused_by": CausedBy.SUPPLIER} | given
    row = Disruption(
        supplier_id=of.id,
        reference=f"D{next(_numbers)}",
        occurred_on=occurred_on,
        month=month_index(occurred_on),
        **given,
    )
    session.add(row)
    rollup.refresh_events(session, [of.id])
    return row
