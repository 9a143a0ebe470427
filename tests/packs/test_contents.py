"""What packs say: figures with their window, sums that add up, no data with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.base import db
from app.base.pdf.printable import PaperSize
from app.facts.deliveries.models import MissAttribution
from app.facts.suppliers.models import Supplier, SupplierStatus
from app.facts.suppliers.standings.models import Origin, Standing, State, SupplierStanding
from app.reviews.packs import builder
from app.reviews.packs.content import ReviewPack, ScorecardSheet
from app.reviews.packs.parts import Sign
from tests.builders import facts, houses
from tests.packs.conftest import AUGUST, House

NARROW = " "


def pack_of(supplier_id: int, period: str = "2026Q3") -> ReviewPack:
    with db.reading() as session:
        basis = builder.gather(session, supplier_id, period)
    return builder.review_pack(basis, house="Adler Pumps SE", paper_size=PaperSize.A4)


def sheet_of(supplier_id: int, period: str = "2026Q3") -> ScorecardSheet:
    with db.reading() as session:
        basis = builder.gather(session, supplier_id, period)
    return builder.scorecard_sheet(basis, house="Adler Pumps SE", paper_size=PaperSize.A4)


def row_of(rows: Any, label: str) -> Any:
    return next(row for row in rows if row.label == label)


def test_the_quarter_is_printed_with_n_and_interval_beside_the_year(house: House) -> None:
    pack = pack_of(house.kestrel)
    assert pack.occasion == "Quarterly business review, 3rd quarter 2026"
    assert pack.frame.period == "12 months to 30 September 2026"
    assert pack.frame.as_of == "30 Sep 2026"
    own = next(row for row in pack.summary.periods.rows if row[0] == "OTIF by line")
    # Forty orders of one line: Wilson with n = 39; the 12 months with n = 79.
    assert own == (
        "OTIF by line", f"95.0{NARROW}%", "83.3 – 98.6", "40", f"80.0{NARROW}%",
        f"87.5{NARROW}%", "80", f"80.0{NARROW}%",
    )  # fmt: skip
    assert row_of(pack.scorecard.rows, "Delivery · OTIF by line").interval == "78.4 – 93.1"
    quarter = row_of(pack.delivery.figures, "OTIF by line, 3rd quarter 2026")
    assert (quarter.value, quarter.counted) == (f"95.0{NARROW}%", "38 of 40")


def test_the_paragraph_says_what_changed_and_what_it_rests_on(house: House) -> None:
    told = " ".join(pack_of(house.kestrel).summary.sentences)
    assert (
        f"OTIF by line was 95.0{NARROW}% in the 3rd quarter 2026 (n 40, 95 % interval "
        f"83.3 – 98.6), after 80.0{NARROW}% in the 2nd quarter 2026." in told
    )
    assert f"The 12 months stand at 87.5{NARROW}%, below the floor of 90{NARROW}%" in told
    assert "Of 10 missed lines in the 12 months all were late" in told
    assert f"Defects are 375{NARROW}ppm (30 of 80,000), 7.5{NARROW}× the limit" in told


def test_printed_contributions_add_up_to_the_printed_total(house: House) -> None:
    pack = pack_of(house.kestrel)
    known = [row.contribution for row in pack.scorecard.rows if row.contribution != "–"]
    # OTIF 87.5 % earns 37.5 of 25, a spread of 1.3312 d 93.3 of 5, 7.5 times the limit 20 of 20.
    assert known == ["9.38", "4.67", "4.00"]
    assert sum(map(Decimal, known)) == Decimal("18.05")
    assert pack.scorecard.total.contribution == "18.05"


def test_too_little_data_is_not_rated_and_says_how_much_is_missing(house: House) -> None:
    pack = pack_of(house.kestrel)
    assert (pack.standing.grade, pack.standing.score) == ("NR", "not rated")
    assert pack.standing.coverage == f"50{NARROW}%"
    assert pack.standing.bounds == "18.0 – 68.0"
    assert pack.scorecard.notes[0].startswith(
        f"Not rated: 50{NARROW}% of the weight has data, 60{NARROW}% are needed."
    )


def test_a_measure_without_data_says_so_and_why(house: House) -> None:
    pack = pack_of(house.kestrel)
    invoices = row_of(pack.scorecard.rows, "Commercial · invoice accuracy")
    assert (invoices.value, invoices.interval, invoices.n) == ("no data", "no invoices", "0")
    assert invoices.points is None
    assert invoices.points_text == "shared out"
    assert invoices.state.sign is Sign.NO_DATA
    assert any("Import invoices with their check." in ask for ask in pack.risk.asks)


def test_a_feed_without_quantities_leads_with_on_time(house: House) -> None:
    with db.transaction() as session:
        blind = facts.supplier(session, "Blind Feed", number="V-9")
        houses.deliveries(session, blind, lines=20, late=3, due_on=AUGUST, quantity=None)
    pack, sheet = pack_of(blind.id), sheet_of(blind.id)
    assert [figure.label for figure in sheet.key_figures[:3]] == [
        "OTIF by line", "On time, 3rd quarter 2026", "On time, 12 months",
    ]  # fmt: skip
    assert sheet.key_figures[0].value == "no data"
    assert sheet.key_figures[1].value == "85.0"
    assert row_of(pack.delivery.figures, "In full").value == "no data"
    assert row_of(pack.delivery.figures, "In full").interval == "no quantities"
    assert pack.quality.defects.chart is None
    assert pack.quality.defects.missing.startswith("The feed has no received")
    assert pack.misses.reading.startswith("3 lines were not on time")
    assert {line.late for line in pack.misses.lines} == {f"4{NARROW}d"}


def test_a_supplier_of_whom_nothing_is_known_gets_a_pack_that_asks(house: House) -> None:
    pack = pack_of(house.silent)
    assert pack.summary.sentences[0].startswith("No line was due and nothing was received")
    assert pack.standing.previous == "first scorecard"
    assert pack.delivery.otif.chart is None
    assert pack.misses.missing == "No due window closed in this period."
    assert not pack.misses.is_fact
    assert pack.risk.index.chart is None
    assert len(pack.risk.asks) >= 5


def test_nothing_missed_is_a_fact_not_missing_data(house: House) -> None:
    sheet = sheet_of(house.nordlys, "2026Q4")
    assert sheet.misses == ()
    assert sheet.no_misses == "No line was missed in the 12 months to 5 October 2026."


def test_a_quarter_under_way_is_preliminary(house: House) -> None:
    pack = pack_of(house.nordlys, "2026Q4")
    assert pack.frame.status == "preliminary"
    assert "preliminary" in pack.dispute


def test_what_we_caused_ourselves_is_drawn_open(house: House) -> None:
    with db.transaction() as session:
        basis = builder.gather(session, house.kestrel, "2026Q3")
        for told in basis.worst[:3]:
            session.add(
                MissAttribution(line_id=told.line.line_id, cause="buyer", attributed_by="K. Brandt")
            )
    pack = pack_of(house.kestrel)
    chart = pack.delivery.causes.chart
    assert chart is not None
    ours = [bar for bar in chart.bars if bar.is_ours]  # type: ignore[union-attr] # bars
    assert [(bar.label, bar.value) for bar in ours] == [("our own", 3)]
    assert f"our own doing, 30{NARROW}%" in pack.delivery.causes.reading
    assert f"we 3 (30{NARROW}%)" in " ".join(pack.summary.sentences)


def test_the_same_data_give_the_same_content(house: House) -> None:
    assert pack_of(house.kestrel) == pack_of(house.kestrel)
    assert sheet_of(house.kestrel).content_hash == sheet_of(house.kestrel).content_hash


def test_another_suppliers_facts_leave_the_content_alone(house: House) -> None:
    before = pack_of(house.kestrel).content_hash
    with db.transaction() as session:
        other = facts.supplier(session, "Other")
        houses.deliveries(session, other, lines=5, due_on=AUGUST)
    assert pack_of(house.kestrel).content_hash == before


def test_a_line_due_after_the_period_leaves_the_content_alone(house: House) -> None:
    before = pack_of(house.kestrel).content_hash
    with db.transaction() as session:
        kestrel = facts.supplier(
            session, "Kestrel's other name", effective_supplier_id=house.kestrel
        )
        houses.deliveries(session, kestrel, lines=5, late=5, due_on=date(2026, 10, 6))
    assert pack_of(house.kestrel).content_hash == before


@pytest.mark.parametrize("period", ["2026Q3", "2026-08", "2026", "12m"])
def test_every_period_says_which_window_it_is(house: House, period: str) -> None:
    pack = pack_of(house.kestrel, period)
    assert pack.frame.period.startswith("12 months to ")
    assert pack.summary.periods.rows


def test_pitfall_30_every_printed_rate_has_its_n_and_its_definition(house: House) -> None:
    pack = pack_of(house.kestrel)
    rates = [row for row in pack.scorecard.rows if "%" in row.value]
    assert rates
    assert all(row.n for row in rates)
    assert all(row.interval for row in rates)
    told = {definition.term: definition.text for definition in pack.definitions}
    assert {"OTIF", "On time", "In full", "n", "Interval", "Defects", "Grade"} <= told.keys()
    # 30 rejects in one of 80 lots of 1,000: χ² = 80,000/30·0.9 − 30 = 2,370, over 79.
    assert "by lot (dispersion 30.00)" in told["Interval of defects"]


def test_a_standing_of_a_later_day_is_not_told_by_an_earlier_pack(house: House) -> None:
    with db.transaction() as session:
        supplier = session.get_one(Supplier, house.kestrel)
        supplier.status = SupplierStatus.RESTRICTED
        session.add(
            SupplierStanding(
                supplier_id=supplier.id, standing=Standing.RESTRICTED,
                from_on=date(2026, 10, 1), origin=Origin.OVERRIDE, reason="Line stops",
                state=State.CONFIRMED, status_before=SupplierStatus.APPROVED,
                decided_by="Ana", decided_at=datetime(2026, 10, 1, 8, tzinfo=UTC),
            )
        )  # fmt: skip
    told = "Standing: restricted since 1 Oct 2026."
    assert told not in pack_of(house.kestrel).standing.notes
    assert told in pack_of(house.kestrel, "12m").standing.notes
