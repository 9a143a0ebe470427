"""The blueprint of the pages of contracts, and what may be done there."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("contracts", __name__)

VIEW, EDIT = "suppliers.view", "contracts.edit"
OF_ONE = "/suppliers/<uuid:public_id>/contracts/<uuid:contract_id>"
