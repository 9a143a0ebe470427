"""Active contracts for tests of dates: whatever is not told runs for years without notice."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.judgement.contracts.models import Contract, ContractTerms
from tests.conftest import NOW


def contract(session: Session, supplier_id: int, ends_on: date, **given: Any) -> Contract:
    """Add an active contract with one version of its terms in force."""
    made = Contract(supplier_id=supplier_id, number=given.pop("number", "C-1"), status="active")
    session.add(made)
    session.flush()
    session.add(
        ContractTerms(
            **{
                "contract_id": made.id, "sequence": 1, "state": "in_force",
                "from_on": date(2024, 1, 1), "title": "Castings", "kind": "framework",
                "our_party": "House", "their_party": "Kestrel", "currency": "EUR",
                "starts_on": date(2024, 1, 1), "ends_on": ends_on, "made_by": "W",
                "made_at": NOW,
            }
            | given
        )
    )  # fmt: skip
    session.flush()
    return made
