"""Which rows of contracts go with the demo company, children before parents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.judgement.contracts import models, money_models

# Any: mapped classes.
OF_TERMS: tuple[Any, ...] = (
    money_models.DamagesSchedule,
    money_models.Incentive,
    money_models.GainShare,
    money_models.ImprovementClause,
    models.ContractObligation,
    models.ContractClause,
)
OF_CONTRACTS: tuple[Any, ...] = (
    models.ContractDocument,
    models.ContractEvent,
    models.ContractTerms,
)


def deletions(demo: Select[Any]) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield what to delete under which condition; `demo` selects the demo's suppliers."""
    own = select(models.Contract.id).where(models.Contract.supplier_id.in_(demo))
    terms = select(models.ContractTerms.id).where(models.ContractTerms.contract_id.in_(own))
    promised = select(models.ContractObligation.id).where(
        models.ContractObligation.terms_id.in_(terms)
    )
    bands = money_models.ServiceCreditBand
    yield bands, bands.obligation_id.in_(promised)
    for model in OF_TERMS:
        yield model, model.terms_id.in_(terms)
    for model in OF_CONTRACTS:
        yield model, model.contract_id.in_(own)
    yield models.Contract, models.Contract.supplier_id.in_(demo)
