"""Where a contract, a version of its terms and a claim are shown, for who is asked to approve.

None where whoever looks does not reach the supplier.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.base import db
from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import Contract, ContractTerms
from app.judgement.contracts.money.models import ContractClaim


def of_contract(key: str) -> str | None:
    """Return the page of a contract."""
    return _place(Contract.id == int(key))


def of_terms(key: str) -> str | None:
    """Return the page of a version of the terms."""
    return _place(ContractTerms.id == int(key), ContractTerms, "versions", ContractTerms.sequence)


def of_claim(key: str) -> str | None:
    """Return the page of a claim, with the lines that prove it."""
    public_id = ContractClaim.public_id
    return _place(ContractClaim.id == int(key), ContractClaim, "money/claims", public_id)


def _place(is_it: Any, model: Any = None, under: str = "", named: Any = None) -> str | None:
    # Any: mapped classes and columns
    asked = select(Supplier.public_id, Contract.public_id, named if model else Contract.number)
    asked = asked.select_from(Contract).join(Supplier, Supplier.id == Contract.supplier_id)
    if model is not None:
        asked = asked.join(model, model.contract_id == Contract.id)
    with db.reading() as session:
        found = session.execute(asked.where(is_it)).one_or_none()
    if found is None:
        return None
    place = f"/suppliers/{found[0]}/contracts/{found[1]}"
    return f"{place}/{under}/{found[2]}" if model is not None else place
