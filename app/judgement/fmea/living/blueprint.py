"""The blueprint of what is done about risks; its pages are imported by `views`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("actions", __name__, url_prefix="/fmea")

VIEW, ACT, ACCEPT = "suppliers.view", "fmea.edit", "fmea.accept"
