"""Where a contract, a version of its terms and a claim are shown, for who is asked to approve.

None where whoever looks does not reach the supplier.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.base import db
from app.facts.suppliers.models import Supplier
from app.judgement.contracts.models import Contract, ContractTerms
from app.judgement.contracts.money.models import ContractClaim


def of_contract(key: str) -> str | None:
    """Return the page of a contract."""
    return _page(_contracts().where(Contract.id == int(key)))


def of_terms(key: str) -> str | None:
    """Return the page of a version of the terms."""
    asked = _contracts(ContractTerms.sequence).join(
        ContractTerms, ContractTerms.contract_id == Contract.id
    )
    return _page(asked.where(ContractTerms.id == int(key)), "versions")


def of_claim(key: str) -> str | None:
    """Return the page of a claim, with the lines that prove it."""
    asked = _contracts(ContractClaim.public_id).join(
        ContractClaim, ContractClaim.contract_id == Contract.id
    )
    return _page(asked.where(ContractClaim.id == int(key)), "money/claims")


def _contracts(*more: Any) -> Select[*tuple[Any, ...]]:  # Any: columns
    asked = select(Supplier.public_id, Contract.public_id, *more).select_from(Contract)
    return asked.join(Supplier, Supplier.id == Contract.supplier_id)


def _page(asked: Select[*tuple[Any, ...]], under: str = "") -> str | None:  # Any: as above
    with db.reading() as session:
        found = session.execute(asked).one_or_none()
    if found is None:
        return None
    supplier, contract, *last = found
    page = f"/suppliers/{supplier}/contracts/{contract}"
    return f"{page}/{under}/{last[0]}" if last else page
