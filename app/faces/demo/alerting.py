"""Alerts of the demo company: the presets in force for a year, and two private events."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from app.faces.demo.cast import BUYERS
from app.faces.demo.rows import Rows
from app.facts.evidence.events.models import DisruptionEvent, EventKind, PlaceKind, Severity
from app.judgement.alerts import presets
from app.judgement.alerts.models import AlertRule
from app.judgement.alerts.services import PRESET_REASON

IN_FORCE_FROM = date(2025, 11, 1)
MADE_AT = datetime(2025, 11, 1, 8, tzinfo=UTC)
RISK_MANAGER = "S. Oyelaran"
# Kind, title, where, from, until, severity, source, what is known.
EVENTS = (
    (EventKind.FIRE, "Fire in the furnace hall at Baotou", PlaceKind.UPSTREAM, None,
     "Tianlan Rare Earth Sintering Co., Ltd, Plant 2, Baotou", date(2026, 10, 12), None,
     Severity.SEVERE,
     "Call of Ningbo Xinghe Magnetics, 13 October",
     "Two of five furnaces stand. Powder for November is in doubt."),
    (EventKind.STRIKE, "Port strike in Romania", PlaceKind.COUNTRY, "ROU", None,
     date(2026, 9, 7), date(2026, 9, 18), Severity.SERIOUS, "Forwarder’s circular of 4 September",
     None),
)  # fmt: skip


def add_alerting(rows: Rows) -> None:
    """Add the rules and the events; what they raise is judged like everybody's."""
    for each in presets.known():
        limits = each.limits
        rows.add(
            AlertRule,
            public_id=_key(each.key), key=each.key, version=1, name=each.name,
            subject=each.subject, operator=limits.operator, threshold=limits.threshold,
            clear=limits.clear, least_n=limits.least_n, duration=limits.duration,
            good_to_clear=limits.good_to_clear, severity=each.severity, category_id=None,
            segment=None, supplier_id=None, valid_from=IN_FORCE_FROM, author=RISK_MANAGER,
            made_at=MADE_AT, reason=PRESET_REASON, muted_until=None, muted_by=None,
            muted_because=None, retired_at=None, retired_by=None, retired_because=None,
            judged_on=None, judged_at=None,
        )  # fmt: skip
    for place, told in enumerate(EVENTS):
        kind, title, where, countries, name, begins, ends, severity, source, details = told
        rows.add(
            DisruptionEvent,
            public_id=_key(title), kind=kind, title=title, details=details, place_kind=where,
            countries=countries, place=name, site_id=None, supplier_id=None, from_on=begins,
            until_on=ends, severity=severity, source=source,
            recorded_by=BUYERS[place], withdrawn_at=None, withdrawn_by=None,
            withdrawn_because=None, version=1,
        )  # fmt: skip


def _key(words: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay:demo:alerts:{words}")
