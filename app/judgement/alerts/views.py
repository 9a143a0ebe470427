"""The pages of alerts; each group of them has a module of its own."""

from __future__ import annotations

from app.judgement.alerts import alert_views, rule_views, telling_views
from app.judgement.alerts.blueprint import blueprint

__all__ = ["alert_views", "blueprint", "rule_views", "telling_views"]
