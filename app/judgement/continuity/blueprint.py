"""The blueprint of continuity plans, and who may open its pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("continuity", __name__)

VIEW, EDIT = "suppliers.view", "continuity.edit"
