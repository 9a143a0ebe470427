"""The public data sets load, and every figure of their description comes out exactly.

Through the command line, as a user would: import, then read scorecards as JSON. The
figures were worked out independently of this project.
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.imports.files import rows_in
from tests.web_app import Visitor, words

FOLDER = os.environ.get("MAINSTAY_REALDATA")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER, reason="MAINSTAY_REALDATA names no folder of public data"),
]
SCMS = "scms_delivery_history_2006_2012.csv"
PURCHASES = "adventureworks/purchase_lines_with_vendor.csv"
MEASURES = "otd", "lt_mean", "lt_sd", "lateness_mean", "ltv_A_raw"


def run(app: Flask, *args: str) -> Result:
    result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 0, result.output
    return result


def load(app: Flask, name: str, mapping: str) -> str:
    return run(app, "import", str(Path(FOLDER or "") / name), "--mapping", mapping).stdout


def card(app: Flask, supplier: str, as_of: str) -> dict[str, Any]:
    shown = run(
        app, "scorecard", "show", supplier, "--as-of", as_of, "--window", "all", "--json"
    ).stdout
    return dict(json.loads(shown))


def figures(card: dict[str, Any]) -> list[float]:
    """Lines, late ones, on time in percent, then lead time and slip as the table has them."""
    otd, *others = (card["measures"][name] for name in MEASURES)
    lead_mean, lead_sd, slip_mean, slip_sd = (each["value"] for each in others)
    late = otd["denominator"] - otd["numerator"]
    spread = [card["measures"]["lt_mean"]["n"], lead_mean, lead_sd, slip_mean, slip_sd]
    return [otd["n"], late, 100 * otd["value"], *spread]


VENDORS = {
    "Aurobindo Pharma Limited": [484, 84, 82.645, 458, 142.308, 76.162, 6.033, 22.187],
    "Orgenics, Ltd": [427, 35, 91.803, 420, 92.140, 53.143, -0.190, 9.010],
    "S. BUYS WHOLESALER": [413, 10, 97.579, 246, 35.728, 30.683, -49.651, 60.371],
    "Trinity Biotech, Plc": [203, 1, 99.507, 194, 99.139, 80.075, 0.148, 3.100],
}


def test_scms_comes_out_exactly(app: Flask) -> None:
    said = load(app, SCMS, "scms")
    assert "negative lead time: 2" in said
    assert "standing aside                    0" in said
    assert rows_in("schedule_line", "count(*)") == [(6514,)]
    assert rows_in("purchase_order", "count(*)") == [(4226,)]
    assert rows_in("supplier", "count(*)") == [(61,)]
    assert [int(value) for (value,) in rows_in("schedule_line", "sum(line_value)")] == [
        9_405_734_725_700
    ]
    total = run(
        app, "scorecard", "show", "--all", "--as-of", "2013-03-01", "--window", "all", "--json"
    ).stdout
    house = json.loads(total)
    assert figures(house) == pytest.approx(
        [6514, 602, 90.7584, 2497, 105.1698, 75.6445, -7.5741, 28.5322], abs=0.00005
    )
    assert rows_in("line_verdict", "min(lateness_days), max(lateness_days)") == [(-372, 192)]
    assert rows_in("line_verdict", "min(lead_time_days)") == [(-292,)]
    for measure in ("otif_line", "in_full", "ppm"):
        assert house["measures"][measure]["state"] == "no_data"
        assert house["measures"][measure]["value"] is None
    for vendor, expected in VENDORS.items():
        assert figures(card(app, vendor, "2013-03-01")) == pytest.approx(expected, abs=0.0006)


def test_scms_keeps_the_own_warehouse_out_of_the_list(app: Flask) -> None:
    load(app, SCMS, "scms")
    listed = json.loads(
        run(app, "scorecard", "list", "--as-of", "2013-03-01", "--window", "all", "--json").stdout
    )
    names = {each["supplier"]["name"] for each in listed["suppliers"]}
    assert len(names) == 60
    assert "SCMS from RDC" not in names


def test_scms_again_changes_nothing(app: Flask) -> None:
    load(app, SCMS, "scms")
    assert "Already imported as #1" in load(app, SCMS, "scms")
    assert rows_in("schedule_line", "count(*)") == [(6514,)]


def test_adventureworks_comes_out_exactly(app: Flask) -> None:
    load(app, PURCHASES, "adventureworks")
    assert rows_in("schedule_line", "count(*)") == [(8845,)]
    assert rows_in("purchase_order", "count(*)") == [(4012,)]
    quantities = rows_in(
        "schedule_line l JOIN receipt r ON r.line_id = l.id",
        "sum(l.quantity_ordered), sum(r.quantity), sum(r.quantity_rejected)",
    )
    assert [int(each) // 1_000_000 for each in quantities[0]] == [2_348_637, 2_327_299, 72_700]
    house = json.loads(
        run(
            app, "scorecard", "show", "--all", "--as-of", "2026-11-01", "--window", "all", "--json"
        ).stdout
    )
    ppm, in_full = house["measures"]["ppm"], house["measures"]["in_full"]
    assert (ppm["denominator"], ppm["numerator"]) == (2_060_051, 24_445)
    assert ppm["value"] == pytest.approx(11_866.21, abs=0.005)
    assert in_full["n"] == 8169
    assert in_full["value"] == pytest.approx(0.95654, abs=0.000005)
    # No true receipt date: on time and OTIF would be invented.
    assert {house["measures"][name]["state"] for name in ("otd", "otif_line")} == {"no_data"}


def test_adventureworks_superior_bicycles(app: Flask) -> None:
    load(app, PURCHASES, "adventureworks")
    shown = card(app, "Superior Bicycles", "2026-11-01")
    assert shown["lines"]["due"] == 90
    assert shown["lines"]["value"] == pytest.approx(4_100_307.75, abs=0.005)
    assert shown["measures"]["in_full"]["value"] == pytest.approx(0.8889, abs=0.00005)
    assert shown["measures"]["ppm"]["value"] == pytest.approx(12_317.43, abs=0.005)


def test_adventureworks_single_sources_by_what_is_bought_and_by_what_is_approved(
    app: Flask,
) -> None:
    load(app, PURCHASES, "adventureworks")
    load(app, "adventureworks/ProductVendor.csv", "adventureworks-sources")
    bought = rows_in(
        "(SELECT part_id, count(DISTINCT supplier_id) AS n FROM schedule_line GROUP BY 1) AS x",
        "count(*), sum(CASE WHEN n = 1 THEN 1 ELSE 0 END)",
    )
    approved = rows_in(
        "(SELECT part_id, count(DISTINCT supplier_id) AS n FROM approved_source GROUP BY 1) AS x",
        "count(*), sum(CASE WHEN n = 1 THEN 1 ELSE 0 END)",
    )
    assert [tuple(map(int, row)) for row in (*bought, *approved)] == [(265, 113), (265, 113)]


INFORM = {"SOM": 8.9, "IND": 5.4, "CHN": 4.3, "USA": 3.4, "DEU": 2.0}


def test_inform_comes_out_exactly(app: Flask) -> None:
    said = load(app, "country/inform_risk_2020.csv", "inform")
    assert "rows read                       191" in said
    found = dict(rows_in("country_indicator WHERE indicator = 'inform_risk'", "country, value"))
    assert {country: found[country] for country in INFORM} == INFORM
    # Missing is x, and no #VALUE! became a figure; Namibia is a country.
    assert "NAM" in found
    assert len(found) == 191
    assert all(0 <= value <= 10 for (value,) in rows_in("country_indicator", "value"))


def test_inform_comes_out_exactly_by_the_page_too(app: Flask, insider: Visitor) -> None:
    content = (Path(FOLDER or "") / "country" / "inform_risk_2020.csv").read_bytes()
    form = {"mapping": "inform", "tolerate": "1", "file": (io.BytesIO(content), "inform.csv")}
    staged = insider.post("/imports/", form)
    assert staged.status_code == 303
    published = insider.post(f"{staged.location}/publish", follow_redirects=True)
    assert published.status_code == 200
    found = dict(rows_in("country_indicator WHERE indicator = 'inform_risk'", "country, value"))
    assert {country: found[country] for country in INFORM} == INFORM
    assert "INFORM 2020" in words(insider.get("/risk/tables"))
