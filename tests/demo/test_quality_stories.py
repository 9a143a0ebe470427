"""The stories that receipts and inspections tell."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.calc.measure import MeasureState
from app.calc.periods import Period, parse_period
from app.calc.quality import ppm_measure
from app.faces.demo import scripts
from app.faces.demo.cast import LAST_DAY
from app.facts.deliveries import queries
from tests.demo.conftest import supplier_id

UNIT = 1_000_000


def units(session: Session, number: str, window: str) -> tuple[int, int]:
    """Return (rejected, received) of a window, in pieces."""
    key = supplier_id(session, number)
    period = parse_period(window, as_of=LAST_DAY)
    found = queries.delivery_sums(session, period, supplier_ids=[key]).of(key)
    assert found is not None
    return found["quantity_rejected"] // UNIT, found["quantity_received"] // UNIT


def test_one_bad_lot_makes_a_month_of_1240_ppm_between_months_of_38(session: Session) -> None:
    found = {month: units(session, scripts.BAD_LOT, month) for month in scripts.YEAR}
    bad = found.pop("2026-06")
    assert bad == (124, 100_000)
    assert set(found.values()) == {(4, 105_000)}
    assert round(4 / 105_000 * 1e6) == 38


def test_no_defect_in_300_units_is_not_rated_rather_than_perfect(session: Session) -> None:
    rejected, received = units(session, scripts.FEW_UNITS, "12m")
    assert (rejected, received) == (0, 300)
    measure = ppm_measure(rejected, received, reason_no_data="Nothing came.")
    assert measure.value == 0
    assert measure.state is MeasureState.INSUFFICIENT
    assert not measure.counts


def test_the_exact_one_has_50_ppm_and_99_of_100_lots(session: Session, year: Period) -> None:
    key = supplier_id(session, scripts.EXACT)
    events = queries.event_sums(session, year, supplier_ids=[key]).of(key)
    assert units(session, scripts.EXACT, "12m") == (5, 100_000)
    assert events is not None
    assert (events["lots_rejected"], events["lots_inspected"]) == (1, 100)
    assert (events["invoice_lines_accurate"], events["invoice_lines_known"]) == (198, 200)
    assert events["price_billed"] == events["price_contract"]
    assert events["acknowledge_minutes"] == 24 * 60 * events["acknowledged"]


def test_a_feed_without_rejects_leaves_ppm_unknown(session: Session, year: Period) -> None:
    key = supplier_id(session, scripts.NO_REJECTS_FED)
    found = queries.delivery_sums(session, year, supplier_ids=[key]).of(key)
    assert found is not None
    assert found["receipts"] > 30
    assert found["receipts_known"] == 0
