"""The blueprint of the pages about money under a contract, and what may be done there."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint(
    "contract_money",
    __name__,
    url_prefix="/suppliers/<uuid:public_id>/contracts/<uuid:contract_id>/money",
)

VIEW, EDIT = "suppliers.view", "debits.edit"
