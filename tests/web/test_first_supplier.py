"""An empty house, and the first supplier entered by hand."""

from __future__ import annotations

import pytest

from app.base import db
from app.facts.suppliers import queries as suppliers
from tests.web_app import Visitor, words


def test_an_empty_house_offers_three_ways_in(insider: Visitor) -> None:
    page = words(insider.get("/"))
    for way in ("Load the demo company", "Import a file", "Start by hand"):
        assert way in page


ENTERED = {"number": "00123", "name": "  Newcomer s.r.o. ", "country": "svk", "category": "Springs"}


def test_a_supplier_entered_by_hand_has_a_page(insider: Visitor) -> None:
    answer = insider.post("/suppliers/new", ENTERED)
    assert answer.status_code == 303
    page = words(insider.get(answer.headers["Location"]))
    assert "Newcomer s.r.o." in page
    assert "00123" in page
    assert "SVK" in page


def test_a_form_sent_twice_makes_one_supplier(insider: Visitor) -> None:
    first = insider.post("/suppliers/new", ENTERED)
    again = insider.post("/suppliers/new", ENTERED)
    assert first.headers["Location"] == again.headers["Location"]
    with db.reading() as session:
        assert suppliers.supplier_count(session) == 1


def test_a_number_that_is_taken_is_said_beside_its_field(insider: Visitor) -> None:
    insider.post("/suppliers/new", ENTERED)
    answer = insider.post("/suppliers/new", ENTERED | {"name": "Somebody else"})
    assert answer.status_code == 409
    assert "Number 00123 is taken by “Newcomer s.r.o.”; give another number." in words(answer)
    assert 'value="Somebody else"' in answer.text


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "x" * 10_001, "At most 200 characters"),
        ("name", "   ", "Required"),
        ("name", "\u200b\u200d", "Required"),
        ("number", "", "Required"),
        ("country", "Germany", "Three letters of ISO 3166"),
        ("country", "XQX", "Three letters of ISO 3166"),
    ],
)
def test_a_bad_entry_is_said_beside_its_field_and_kept(
    insider: Visitor, field: str, value: str, message: str
) -> None:
    answer = insider.post("/suppliers/new", ENTERED | {field: value})
    assert answer.status_code == 422
    assert message in words(answer)
    assert 'value="Springs"' in answer.text
    with db.reading() as session:
        assert suppliers.supplier_count(session) == 0
