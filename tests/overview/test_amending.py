"""Amending a supplier: what is refused, and who comes second overwrites nothing."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from app.base import db
from app.facts.suppliers import amending
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.values import website_fault
from tests.overview.conftest import House
from tests.web_app import Visitor, words

EDITION = re.compile(r'name="edition"[^>]*value="([0-9a-f]{32})"')


def stored(address: str) -> dict[str, str | None]:
    with db.reading() as session:
        found = suppliers.supplier_by_public_id(session, UUID(address.rsplit("/", 1)[1]))
        return amending.master_record(session, found.id)


def form_of(insider: Visitor, address: str) -> dict[str, str]:
    """The form as a browser would send it back untouched."""
    found = EDITION.search(insider.get(f"{address}/edit").text)
    assert found is not None
    said = {name: value or "" for name, value in stored(address).items()}
    return said | {"edition": found.group(1)}


def test_a_record_is_amended_and_its_page_leads_to_the_website(
    insider: Visitor, house: House
) -> None:
    form = form_of(insider, house.fragile)
    form |= {
        "website": "https://adler-pumps.example/quality",
        "vat": "DE123456789",
        "country": "bra",
    }
    assert insider.post(f"{house.fragile}/edit", form).status_code == 303
    assert stored(house.fragile)["country"] == "BRA"
    page = insider.get(f"{house.fragile}/facts")
    assert "3 fields changed." in words(page)
    link = '<a href="https://adler-pumps.example/quality" rel="noopener noreferrer">'
    assert link in page.text


def test_two_tabs_that_edit_the_same_record_overwrite_nothing(
    insider: Visitor, house: House
) -> None:
    first = form_of(insider, house.fragile)
    second = form_of(insider, house.fragile)
    insider.post(f"{house.fragile}/edit", first | {"owner": "A. Silva"})
    answer = insider.post(f"{house.fragile}/edit", second | {"owner": "B. Koch"})
    assert answer.status_code == 409
    told = words(answer)
    # The moment is the audit log's, which no test sets.
    assert re.search(r"Changed by M\. Weber at .{11,12} \d\d:\d\d UTC\. Nothing of yours is", told)
    assert "Owner A. Silva B. Koch" in told
    assert stored(house.fragile)["owner"] == "A. Silva"
    mark = EDITION.search(answer.text)
    assert mark is not None
    over = second | {"owner": "B. Koch", "edition": mark.group(1)}
    assert insider.post(f"{house.fragile}/edit", over).status_code == 303
    assert stored(house.fragile)["owner"] == "B. Koch"


def test_a_number_of_another_supplier_is_refused_beside_its_field(
    insider: Visitor, house: House
) -> None:
    before = stored(house.fragile)
    form = form_of(insider, house.fragile) | {"number": "S-1"}
    answer = insider.post(f"{house.fragile}/edit", form)
    assert answer.status_code == 409
    assert "Number S-1 is taken by" in words(answer)
    assert stored(house.fragile) == before


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("website", "javascript:alert(1)", "it begins with https:// or http://."),
        ("website", "https://example.com\r\nX: y", "it cannot be read."),
        ("website", "https://user@example.com", "it looks like https://example.com."),
        ("website", "https://localhost", "it looks like https://example.com."),
        ("duns", "12345", "it has nine digits."),
        ("lei", "5493001KJTIIGC8Y1R13", "its check digits are wrong."),
        ("vat", "123", "it begins with its country"),
        ("name", "\u200b \u200b", "Required"),
        ("name", "x" * 10_001, "At most 200 characters"),
        ("financial_kind", "guess", "Not a valid choice"),
    ],
)
def test_what_is_no_value_of_a_field_is_refused_beside_it(
    insider: Visitor, house: House, field: str, text: str, told: str
) -> None:
    before = stored(house.fragile)
    answer = insider.post(f"{house.fragile}/edit", form_of(insider, house.fragile) | {field: text})
    assert answer.status_code == 422
    assert told in words(answer)
    assert stored(house.fragile) == before


@pytest.mark.parametrize(
    "text", ["https://example.com", "http://xn--bcher-kva.example/a?b=c", "https://bücher.example"]
)
def test_plain_addresses_of_websites_are_taken(text: str) -> None:
    assert website_fault(text) is None


def test_a_number_whose_owner_is_out_of_reach_is_refused_all_the_same(
    insider: Visitor, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amending, "_refuse_taken", lambda _session, _number: None)
    form = form_of(insider, house.fragile) | {"number": "S-1"}
    answer = insider.post(f"{house.fragile}/edit", form)
    assert answer.status_code == 409
    assert "Number S-1 is taken; give another number." in words(answer)
    assert stored(house.fragile)["number"] == "S-2"
