"""A figure opens down to its lines, and anybody can work it out again from the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import fmean

import pytest
from openpyxl import load_workbook

from app.base import clock, db
from app.calc.periods import parse_period
from app.facts.deliveries.disputes import services
from app.facts.deliveries.disputes.models import Ground
from app.facts.deliveries.disputes.services import Objection
from app.facts.deliveries.lines import line_lists
from app.facts.deliveries.lines.line_lists import LineQuery
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards import queries
from app.judgement.scorecards.explaining import QUOTIENTS, STATISTICS
from app.judgement.scorecards.register import IDS
from tests.overview.conftest import House
from tests.web_app import Visitor, words

AS_OF = date(2026, 10, 12)
Rows = list[dict[str, str]]
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def in_october(fixed_clock: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last day but one on which lines of the third quarter may be disputed."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 20, 9, tzinfo=UTC))


def rows_of(insider: Visitor, house: House, measure: str) -> Rows:
    answer = insider.get(f"{house.fragile}/lines?measure={measure}&format=csv")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def rate(rows: Rows) -> float:
    met = sum(row["Outcome"] == "met" for row in rows)
    return met / (met + sum(row["Outcome"] == "missed" for row in rows))


def share(part: str, whole: str) -> Callable[[Rows], float]:
    def worked_out(rows: Rows) -> float:
        known = [row for row in rows if row["Outcome"] in ("met", "missed") and row[part]]
        return sum(float(row[part]) for row in known) / sum(float(row[whole]) for row in known)

    return worked_out


def mean(rows: Rows) -> float:
    return fmean(float(row["Days counted"]) for row in rows if row["Outcome"] == "counted")


BY_HAND: dict[str, Callable[[Rows], float]] = {
    "otif_line": rate,
    "otd": rate,
    "in_full": rate,
    "otif_unit": share("Received in the window, at most due", "Due"),
    "fill_unit": share("Received by the window's end, at most due", "Due"),
    "otif_value": share("Value in the window", "Value due"),
    "lt_mean": mean,
    "lateness_mean": mean,
}


def test_every_figure_of_lines_can_be_worked_out_from_its_file(
    insider: Visitor, house: House
) -> None:
    with db.reading() as session:
        key = suppliers.find_supplier(session, "S-2").id
        card = queries.scored(session, key, parse_period("12m", as_of=AS_OF))
    for measure, by_hand in BY_HAND.items():
        value = card.measures[measure].value
        assert by_hand(rows_of(insider, house, measure)) == pytest.approx(value), measure
    assert card.measures["otif_line"].value == 0.75


@on_sqlite
def test_the_file_holds_all_lines_and_runs_nothing(insider: Visitor, house: House) -> None:
    rows = rows_of(insider, house, "otif_line")
    assert len(rows) == 40
    late = next(row for row in rows if row["Outcome"] == "missed")
    assert late["Reason"] == "late"
    assert late["What happened"].startswith("all 1,000 on ")
    book = insider.get(f"{house.fragile}/lines?measure=otif_line&format=xlsx")
    sheet = load_workbook(io.BytesIO(book.data)).active
    assert (sheet.max_row, sheet.cell(1, 1).value) == (41, "Order")
    assert not any(str(cell.value).startswith("=") for row in sheet.iter_rows() for cell in row)


@on_sqlite
def test_a_measure_is_told_with_this_suppliers_numbers_put_in(
    insider: Visitor, house: House
) -> None:
    page = words(insider.get(f"{house.fragile}/lines?measure=otif_line"))
    assert "Lines with the full quantity inside their window ÷ due lines whose outcome" in page
    assert "30 ÷ 40 = 75.0 %" in page
    records = words(insider.get(f"{house.fragile}/records/receipts"))
    assert "1,000,000 × units rejected ÷ units received" in records
    assert "1,000,000 × 0 ÷ 40,000 = 0 ppm" in records


@on_sqlite
def test_every_measure_of_the_card_has_its_formula(database: object) -> None:
    assert set(QUOTIENTS) | set(STATISTICS) == set(IDS)


@on_sqlite
def test_open_disputes_stand_beside_the_rate(
    in_october: None, insider: Visitor, house: House
) -> None:
    with db.transaction() as session:
        missed = LineQuery(outcomes=["missed"])
        line = line_lists.lines_page(session, missed, sort="due", limit=1).lines[0]
        said = Objection(Ground.DATE, "It came in time.")
        services.open_dispute(session, line.line_id, said, today=clock.today())
    page = words(insider.get(f"{house.fragile}/lines?measure=otif_line"))
    assert "1 line disputed; without it: 76.9 %." in page
    card = words(insider.get(house.fragile))
    assert "OTIF by line: 1 line disputed; without it: 76.9 %. open disputes" in card
