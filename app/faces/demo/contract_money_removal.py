"""Which rows of money under contracts go with the demo company, children before parents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.judgement.contracts.models import Contract, ContractTerms
from app.judgement.contracts.money.models import (
    ClaimItem,
    ContractClaim,
    ContractRelief,
    ContractSaving,
)
from app.judgement.contracts.money_models import GainShare


def deletions(demo: Select[Any]) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield what to delete under which condition; `demo` selects the demo's suppliers."""
    own = select(Contract.id).where(Contract.supplier_id.in_(demo))
    terms = select(ContractTerms.id).where(ContractTerms.contract_id.in_(own))
    shares = select(GainShare.id).where(GainShare.terms_id.in_(terms))
    claims = select(ContractClaim.id).where(ContractClaim.contract_id.in_(own))
    yield ContractSaving, ContractSaving.gain_share_id.in_(shares)
    yield ClaimItem, ClaimItem.claim_id.in_(claims)
    yield ContractClaim, ContractClaim.contract_id.in_(own)
    yield ContractRelief, ContractRelief.contract_id.in_(own)
