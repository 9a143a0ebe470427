"""The small kinds: what their rows become, what they refuse, how they are undone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.base import db
from app.base.db import Database
from app.base.errors import Conflict
from app.factory import IMPORT_KINDS
from app.facts.deliveries import rollup
from app.platform.imports import kinds, services
from app.platform.imports.mapping import Answers, template_of, template_rows
from tests.imports.files import (
    batch,
    count,
    csv_text,
    line,
    lines,
    problems,
    problems_of,
    publish,
    rows_in,
    stage,
)

SUPPLIERS, AGREEMENTS = "mainstay-suppliers", "mainstay-scheduling-agreements"
ADLER = {"supplier_no": "S-0042", "name": "Adler Pumps SE", "country": "Germany"}


def supplier() -> None:
    publish([ADLER], SUPPLIERS)


def example_of(kind: kinds.ImportKind) -> dict[str, str]:
    header, example = template_rows(kind)
    return dict(zip(header, example, strict=True))


@pytest.mark.parametrize("kind", IMPORT_KINDS, ids=lambda kind: kind.name)
def test_the_example_row_of_every_template_can_be_imported(
    database: Database, kind: kinds.ImportKind
) -> None:
    publish([ADLER], SUPPLIERS)
    publish([line(own_site="Plant North")])
    template = template_of(kind)
    if any(each.entity == "agreement" for each in getattr(kind, "references", ())):
        publish([example_of(kinds.kind_named("scheduling_agreements"))], AGREEMENTS)
    batch_id = stage([example_of(kind)], template.name)
    assert [problem.message for problem in problems_of(batch_id)] == []
    counts = services.publish(batch_id, by="a test").counts
    assert counts.new + counts.changed >= 1


def test_a_supplier_is_updated_by_its_number_and_keeps_what_a_file_lacks(
    database: Database,
) -> None:
    publish([ADLER | {"status": "preferred", "category": "Pumps", "duns": "150483782"}], SUPPLIERS)
    counts = publish(
        [
            {"supplier_no": "S-0042", "name": "Adler Pumps AG", "status": ""},
            {"supplier_no": "S-0043", "name": "Kestrel", "status": ""},
        ],
        SUPPLIERS,
    ).counts
    assert (counts.new, counts.changed) == (1, 1)
    columns = "number, name, country, status, duns, version"
    assert sorted(rows_in("supplier", columns)) == [
        ("S-0042", "Adler Pumps AG", "DEU", "preferred", "150483782", 2),
        ("S-0043", "Kestrel", None, "approved", None, 1),
    ]


@pytest.mark.parametrize(
    ("field", "cell", "said"),
    [
        ("duns", "12345", "is not a D-U-N-S number; it has nine digits."),
        ("lei", "529900T8BM49AURSDO54", "is not an LEI; its check digits are wrong."),
        ("vat", "123", "is not a VAT number; it begins with its country: DE…"),
        ("country", "Atlantis", "is not a country; use its ISO 3166 code, such as DEU or DE."),
        ("currency", "XYZ", "is not a currency; use EUR, USD, …."),
        ("kind", "friend", "is not one of supplier, own_warehouse."),
        ("name", "x" * 201, None),
    ],
)
def test_a_value_that_is_not_valid_is_refused_with_its_rule(
    database: Database, field: str, cell: str, said: str | None
) -> None:
    [problem] = problems([ADLER | {field: cell}], mapping=SUPPLIERS)
    reason = "longer than 200 characters." if said is None else f"'{cell}' {said}"
    assert problem.endswith(f"Row 2, '{field}': {reason}")


def test_a_valid_lei_is_taken(database: Database) -> None:
    assert problems([ADLER | {"lei": "529900T8BM49AURSDO55"}], mapping=SUPPLIERS) == []


def test_namibia_is_a_country_not_a_missing_value(database: Database) -> None:
    publish([ADLER | {"country": "NA"}], SUPPLIERS)
    assert rows_in("supplier", "country") == [("NAM",)]


def test_a_required_cell_that_is_empty_is_named(database: Database) -> None:
    assert problems("supplier_no,name\nS-1, \n", mapping=SUPPLIERS) == [
        "E-IMP-19 Row 2, 'name': is empty; a value is required."
    ]


def test_the_same_supplier_twice_names_both_rows(database: Database) -> None:
    content = csv_text([ADLER, {"supplier_no": "S-1", "name": "A"}, ADLER | {"name": "B"}])
    assert (
        problems(content, mapping=SUPPLIERS)
        == ["E-IMP-14 Rows 2 and 4 have the same supplier S-0042. Keep one."] * 2
    )


def test_sites_belong_to_a_supplier_or_to_us(database: Database) -> None:
    supplier()
    rows = [
        {"supplier_no": "S-0042", "site": "Ulm", "country": "DE", "volume_share": "70"},
        {"supplier_no": "", "site": "Plant North", "country": "PL", "volume_share": ""},
    ]
    publish(rows, "mainstay-sites")
    columns = "name, country, volume_share, supplier_id IS NULL"
    assert sorted(rows_in("site", columns)) == [
        ("Plant North", "POL", None, True),
        ("Ulm", "DEU", 700_000, False),
    ]
    assert publish([*rows, rows[0] | {"site": "Ulm 2"}], "mainstay-sites").counts.unchanged == 2


def test_approved_sources_create_parts_only_where_that_is_allowed(database: Database) -> None:
    supplier()
    row = {"part_no": "P-1", "supplier_no": "S-0042", "target_share": "60", "sole": "yes"}
    [problem] = problems([row], mapping="mainstay-sources", answers=Answers())
    assert "part 'P-1' is not known." in problem
    published = publish([row], "mainstay-sources")
    assert dict(published.counts.created) == {"part": 1}
    assert rows_in("approved_source", "role, is_sole, target_share") == [("primary", True, 600_000)]
    services.undo(published.batch_id, by="a test")
    assert (count("approved_source"), count("part"), count("supplier")) == (0, 0, 1)


def test_a_share_above_100_percent_is_refused(database: Database) -> None:
    supplier()
    row = {"part_no": "P-1", "supplier_no": "S-0042", "target_share": "120"}
    assert problems([row], mapping="mainstay-sources") == [
        "E-IMP-18 Row 2, 'target_share': is above 100 percent."
    ]


def test_an_agreed_move_by_the_buyer_moves_the_date_that_is_judged(database: Database) -> None:
    publish([line(arrived_on="2026-10-12")])
    assert rows_in("line_verdict", "on_time") == [(0,)]
    moved = {
        "order_no": "4500012",
        "line_no": "10",
        "changed_on": "2026-09-20",
        "from_on": "2026-10-05",
        "to_on": "2026-10-12",
        "changed_by": "buyer",
    }
    published = publish([moved], "mainstay-promise-changes")
    assert rows_in("line_verdict", "on_time") == [(1,)]
    [(current,)] = rows_in("schedule_line", "promised_current_on")
    assert str(current) == "2026-10-12"
    services.undo(published.batch_id, by="a test")
    assert rows_in("line_verdict", "on_time") == [(0,)]
    assert rows_in("schedule_line", "promised_current_on") == [(None,)]


def test_a_moved_promise_of_an_unknown_line_stands_aside(database: Database) -> None:
    row = {
        "order_no": "1", "line_no": "10", "changed_on": "2026-09-20", "to_on": "2026-10-12",
        "changed_by": "buyer",
    }  # fmt: skip
    [problem] = problems([row], mapping="mainstay-promise-changes")
    assert "PO line '1/10/1' is not known. Import it first." in problem


EVENTS = {
    "mainstay-inspections": {
        "supplier_no": "S-0042", "lot": "L-1", "inspected_on": "2026-10-07",
        "verdict": "rejected", "rejected": "5", "size": "500",
    },
    "mainstay-acknowledgements": {
        "order_no": "4500012", "sent_at": "2026-09-01T08:00+02:00",
        "acknowledged_at": "2026-09-01T10:00+00:00",
    },
    "mainstay-invoices": {
        "supplier_no": "S-0042", "invoice_number": "RE-1", "invoice_line_no": "1",
        "invoiced_on": "2026-10-08", "quantity": "500", "unit_price": "12.40",
        "currency": "EUR", "accurate": "yes",
    },
    "mainstay-disruptions": {
        "supplier_no": "S-0042", "reference": "LS-1", "kind": "line_stop",
        "occurred_on": "2026-10-09", "caused_by": "supplier", "order_no": "4500012",
        "line_no": "10",
    },
}  # fmt: skip
SUMS = {
    "mainstay-inspections": "lots_inspected, lots_rejected",
    "mainstay-acknowledgements": "acknowledged, acknowledge_minutes / 60",
    "mainstay-invoices": "invoice_lines_known, invoice_lines_accurate",
    "mainstay-disruptions": "line_stops, 2 * line_stops",
}
EXPECTED = {
    "mainstay-inspections": (1, 1),
    "mainstay-acknowledgements": (1, 4),
    "mainstay-invoices": (1, 1),
    "mainstay-disruptions": (1, 2),
}


@pytest.mark.parametrize("mapping", EVENTS)
def test_an_event_is_counted_in_its_month_and_undone(database: Database, mapping: str) -> None:
    publish([line()])
    published = publish([EVENTS[mapping]], mapping)
    assert rows_in("monthly_event_rollup", SUMS[mapping]) == [EXPECTED[mapping]]
    services.undo(published.batch_id, by="a test")
    assert count("monthly_event_rollup") == 0


def test_a_contract_price_is_compared_with_what_was_billed(database: Database) -> None:
    publish([line()])
    publish([EVENTS["mainstay-invoices"] | {"part_no": "P-100200"}], "mainstay-invoices")
    price = {
        "supplier_no": "S-0042", "part_no": "P-100200", "valid_from": "2026-01-01",
        "price": "12.00", "currency": "EUR",
    }  # fmt: skip
    publish([price], "mainstay-contract-prices")
    with db.transaction() as session:
        rollup.refresh_events(session, None)
    assert [
        tuple(map(int, row))
        for row in rows_in("monthly_event_rollup", "price_lines, price_billed, price_contract")
    ] == [(1, 62_000_000, 60_000_000)]


def test_a_price_that_ends_before_it_begins_is_refused(database: Database) -> None:
    publish([line()])
    row = {
        "supplier_no": "S-0042", "part_no": "P-100200", "valid_from": "2026-05-01",
        "valid_to": "2026-04-30", "price": "1", "currency": "EUR",
    }  # fmt: skip
    assert problems([row], mapping="mainstay-contract-prices") == [
        "E-IMP-12 Row 2, 'valid_to': '2026-04-30' is before 2026-05-01."
    ]


def test_statements_keep_negative_earnings(database: Database) -> None:
    supplier()
    row = {
        "supplier_no": "S-0042", "closed_on": "2025-12-31", "currency": "EUR",
        "source": "Gazette", "ebit": "-120000.50", "total_assets": "31000000",
    }  # fmt: skip
    publish([row], "mainstay-statements")
    [(ebit, assets, sales)] = rows_in("financial_statement", "ebit, total_assets, sales")
    assert (Decimal(ebit) / 10_000, int(assets) // 10_000, sales) == (
        Decimal("-120000.5"),
        31_000_000,
        None,
    )


def test_a_country_row_becomes_one_value_per_indicator(database: Database) -> None:
    row = {
        "source": "WGI", "edition": "2025", "country": "IN", "wgi_political_stability": "-0.9",
        "lpi": "", "inform_risk": "5.4",
    }  # fmt: skip
    publish([row], "mainstay-countries")
    assert sorted(rows_in("country_indicator", "country, indicator, value")) == [
        ("IND", "inform_risk", 5.4),
        ("IND", "wgi_political_stability", -0.9),
    ]
    [problem] = problems([row | {"lpi": "7"}], mapping="mainstay-countries")
    assert problem == "E-IMP-18 Row 2, 'lpi': is not between 1 and 5."


def test_undo_of_a_small_kind_is_refused_when_it_was_changed_since(database: Database) -> None:
    first = publish([ADLER], SUPPLIERS)
    second = publish([ADLER | {"name": "Adler AG"}], SUPPLIERS)
    with pytest.raises(Conflict, match=f"Undo #{second.batch_id} first"):
        services.undo(first.batch_id, by="a test")
    services.undo(second.batch_id, by="a test")
    assert rows_in("supplier", "name") == [("Adler Pumps SE",)]


def test_undo_of_suppliers_keeps_those_with_orders(database: Database) -> None:
    first = publish([ADLER, {"supplier_no": "S-9", "name": "Unused"}], SUPPLIERS)
    publish([line()])
    assert services.undo(first.batch_id, by="a test") == {"supplier": 1}
    assert rows_in("supplier", "number") == [("S-0042",)]
    assert batch(first.batch_id).summary["kept"] == {"supplier": 1}


def test_a_preview_of_a_small_kind_writes_nothing(database: Database) -> None:
    supplier()
    batch_id = stage([ADLER | {"name": "New", "category": "Pumps"}, {"supplier_no": "S-2",
                     "name": "B", "category": "Pumps"}], SUPPLIERS)  # fmt: skip
    counts = services.preview(batch_id)
    assert (counts.new, counts.changed, dict(counts.created)) == (1, 1, {"category": 1})
    assert (count("supplier"), count("category")) == (1, 0)
    assert lines(1)[0]["supplier_no"] == "S-0042"
