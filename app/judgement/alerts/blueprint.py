"""The blueprint that the pages of alerts hang on, and what they share."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")

VIEW, ACT, RULES = "suppliers.view", "alerts.act", "alerts.rules"
OWN, ALL = "alerts.own", "alerts.subscriptions"
