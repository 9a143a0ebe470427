"""`flask scorecard`, `risk` and `recompute` as a script sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import recompute as recomputing
from app.base import db
from app.facts.suppliers.models import Supplier
from tests.builders import facts, houses


@pytest.fixture
def house(app: Flask) -> Flask:
    """A veteran (57 of 60), a newcomer (4 of 4), and a warehouse of our own."""
    with db.transaction() as session:
        veteran = facts.supplier(session, "Nordlys Elektronik AS", number="V-1", country="NOR")
        newcomer = facts.supplier(session, "Newcomer", number="V-2")
        houses.deliveries(session, veteran, lines=60, late=3, rejected=6)
        houses.deliveries(session, newcomer, lines=4)
        houses.deliveries(session, houses.warehouse(session), lines=36)
    return app


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=words)


def printed(app: Flask, *words: str) -> Any:
    result = run(app, *words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_nothing_is_cut_where_a_terminal_has_eighty_columns(
    house: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = run(house, "scorecard", "show", "V-1", "--as-of", "2026-10-31").stdout
    assert "…" not in told
    noted = " ".join(told.split())
    assert "Invoice accuracy: No invoice line was checked in this period." in noted
    listed = run(house, "scorecard", "list", "--as-of", "2026-10-31").stdout
    assert listed.index("Newcomer") < listed.index("Nordlys")


def test_a_card_prints_json_and_nothing_else(house: Flask) -> None:
    card = printed(house, "scorecard", "show", "V-1", "--as-of", "2026-10-31")
    assert card["supplier"]["name"] == "Nordlys Elektronik AS"
    assert card["as_of"] == "2026-10-31"
    assert card["window"] == {
        "label": "12m", "first_day": "2025-11-01", "last_day": "2026-10-31"
    }  # fmt: skip
    otif = card["measures"]["otif_line"]
    assert (otif["value"], otif["n"], otif["numerator"], otif["denominator"]) == (0.95, 60, 57, 60)
    # Sixty orders of one line: 60/59 times the binomial variance, so Wilson with n = 59.
    assert otif["deff"] == pytest.approx(60 / 59, abs=1e-12)
    assert otif["interval"] == pytest.approx([0.861991, 0.982993], abs=1e-6)
    assert (otif["state"], otif["reason"]) == ("ok", None)
    assert card["measures"]["invoice_accuracy"]["value"] is None
    assert card["score"]["state"] == "not_rated"
    assert card["score"]["coverage"] == 0.5
    # OTIF 95 % earns 90 of 25, a spread of 0.8791 d 95.60 of 5, twice the limit 75 of 20.
    assert card["score"]["bounds"] == pytest.approx([42.2802, 92.2802], abs=1e-4)
    assert card["lines"]["value"] == 120_000.0
    assert card["lines"]["currency"] == "EUR"


@pytest.mark.parametrize("name", ["V-1", "Nordlys Elektronik AS"])
def test_a_supplier_is_named_by_number_or_name(house: Flask, name: str) -> None:
    assert printed(house, "scorecard", "show", name)["supplier"]["number"] == "V-1"


def test_a_supplier_is_named_by_public_id(house: Flask) -> None:
    with db.reading() as session:
        own = session.query(Supplier).filter_by(number="V-1").one().public_id
    assert printed(house, "scorecard", "show", str(own))["supplier"]["number"] == "V-1"


def test_all_counts_every_line_and_the_list_leaves_warehouses_out(house: Flask) -> None:
    total = printed(house, "scorecard", "show", "--all", "--as-of", "2026-10-31")
    assert total["supplier"] is None
    assert total["measures"]["otif_line"]["n"] == 100
    listed = printed(house, "scorecard", "list", "--as-of", "2026-10-31", "--window", "2026Q4")
    assert [each["supplier"]["number"] for each in listed["suppliers"]] == ["V-1", "V-2"]
    assert [each["measures"]["otif_line"]["n"] for each in listed["suppliers"]] == [60, 4]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("scorecard", "show", "nobody"), "E-SUP-01"),
        (("scorecard", "show", "V-1", "--window", "2012X"), "E-CLI-01"),
        (("scorecard", "show", "V-1", "--as-of", "2026-10-31", "--window", "2027"), "E-CLI-01"),
        (("risk", "show", "Our warehouse"), "E-RSK-01"),
        (("recompute", "--as-of", "2026-11-22"), "E-REC-01"),
        (("alerts", "evaluate", "--as-of", "2026-11-22"), "E-ALR-03"),
    ],
)
def test_a_refusal_goes_to_standard_error(house: Flask, words: tuple[str, ...], code: str) -> None:
    result = run(house, *words, "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert code in result.stderr


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2101-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "words",
    [
        ("scorecard", "show", "V-1", "--as-of"),
        ("recompute", "--as-of"),
        ("risk", "show", "V-1", "--as-of"),
        ("alerts", "evaluate", "--as-of"),
        ("standings", "show", "V-1", "--on"),
    ],
)
def test_a_day_beyond_any_calendar_of_ours_is_wrong_usage(
    house: Flask, words: tuple[str, ...], day: str
) -> None:
    result = run(house, *words, day)
    assert result.exit_code == 2
    assert f"{day} is not within 1970 and 2100." in result.stderr


def test_two_suppliers_of_one_name_are_told_apart_by_number(house: Flask) -> None:
    with db.transaction() as session:
        facts.supplier(session, "Newcomer", number="V-3")
    result = run(house, "scorecard", "show", "Newcomer")
    assert result.exit_code == 1
    assert "V-2, V-3" in result.stderr


def test_a_supplier_or_all_must_be_given(house: Flask) -> None:
    assert run(house, "scorecard", "show").exit_code == 2
    assert run(house, "scorecard", "show", "V-1", "--all").exit_code == 2


def test_people_read_a_table(house: Flask) -> None:
    result = run(house, "scorecard", "show", "V-1", "--as-of", "2026-10-31")
    assert result.exit_code == 0
    assert "Nordlys Elektronik AS" in result.stdout
    assert "95.0" in result.stdout
    assert "no data" in result.stdout


def test_the_index_is_printed_with_what_it_is_made_of(house: Flask) -> None:
    view = printed(house, "risk", "show", "V-1", "--as-of", "2026-10-31")
    assert (view["value"], view["state"]) == (None, "insufficient_data")
    assert [each["id"] for each in view["dimensions"]] == [
        "financial", "geographic", "quality", "delivery", "dependency", "continuity"
    ]  # fmt: skip
    assert view["dimensions"][0]["explanation"].endswith("Record it in the master data.")
    assert run(house, "risk", "show", "V-1").exit_code == 0


def test_recompute_publishes_and_says_so(house: Flask) -> None:
    first = printed(house, "recompute", "--as-of", "2026-10-31")
    assert first["as_of"] == "2026-10-31"
    assert first["published"]["scorecards 12m"] == {"written": 2, "restated": 0, "unchanged": 0}
    assert first["published"]["risk"]["written"] == 2
    again = run(house, "recompute", "--as-of", "2026-10-31")
    assert again.stdout == (
        "As of 2026-10-31: 0 windows closed, 0 scorecards and 0 risk indexes published.\n"
    )


def test_a_recompute_that_leaves_somebody_out_says_so_and_ends_with_1(
    house: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.reading() as session:
        newcomer = session.query(Supplier).filter_by(number="V-2").one().id
    judged = recomputing.judge

    def fails_for_one(task: recomputing.Slice) -> recomputing.Rows:
        if newcomer in task.supplier_ids:
            raise ZeroDivisionError("canary")
        return judged(task)

    monkeypatch.setattr(recomputing, "judge", fails_for_one)
    result = run(house, "recompute", "--as-of", "2026-10-31", "--json")
    report = json.loads(result.stdout)
    assert (report["published"]["scorecards 12m"]["written"], report["failed"]) == (1, 1)
    assert "1 supplier could not be judged" in result.stderr
    assert result.exit_code == 1


def test_judging_every_line_again_opens_no_window_that_publishing_closed(house: Flask) -> None:
    # Lines due on 5 October were judged when they came; the recompute asks for an earlier day.
    printed(house, "recompute", "--as-of", "2026-09-30")
    assert run(house, "rollup", "rebuild", "--rejudge").exit_code == 0
    card = printed(house, "scorecard", "show", "V-1", "--as-of", "2026-10-31")
    assert (card["lines"]["due"], card["lines"]["pending"]) == (60, 0)
    assert card["measures"]["otif_line"]["value"] == 0.95
