"""The blueprint that the pages of incidents hang on, and what they share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")

VIEW, ACT = "suppliers.view", "incidents.act"
