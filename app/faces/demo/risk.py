"""Risk at the demo company beside the index: a band that people set, and who supplies whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, uuid5

from app.calc.risk_bands import RiskBand
from app.faces.demo.rows import Rows
from app.faces.demo.scripts import EXW
from app.facts.evidence.models import SubTierLink
from app.judgement.risk_index.models import IndexOverride, State

EXPOSED = "V-10163"
CASTINGS = "Kestrel Castings GmbH"
SET_AT = datetime(2026, 10, 12, 9, tzinfo=UTC)
AGREED_AT = datetime(2026, 10, 13, 8, 20, tzinfo=UTC)


def add_risk(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add the override, and that the drifting supplier casts for another one of ours."""
    rows.add(
        IndexOverride,
        public_id=uuid5(NAMESPACE_URL, f"demo override {EXPOSED}"),
        supplier_id=suppliers[EXPOSED],
        band=RiskBand.HIGH,
        value=None,
        computed_band=RiskBand.MEDIUM,
        computed_value=None,
        from_on=date(2026, 10, 13),
        until_on=date(2027, 1, 10),
        reason="Export licences for magnet powder are decided case by case since September; the "
        "forwarder counts on eight weeks.",
        state=State.CONFIRMED,
        decided_by="A. Lindqvist",
        decided_at=SET_AT,
        approved_by="S. Oyelaran",
        approved_at=AGREED_AT,
        ended_on=None,
        ended_by=None,
        ended_because=None,
    )
    rows.add(
        SubTierLink,
        supplier_id=suppliers[EXW],
        upstream_name=CASTINGS,
        upstream_site="Foundry 1",
        upstream_country="DEU",
        material="Housing castings",
        part_id=None,
        source="Supplier's declaration, spring 2026",
    )
