"""The pages about dependency: what they say, what they refuse, what they keep."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from app.base import db
from app.facts.evidence.models import SubTierLink
from app.facts.suppliers.models import Part, Supplier
from tests.web_app import Visitor, words

GETS = (
    "/risk/parts", "/risk/backups", "/risk/upstream", "/risk/upstream?kind=material",
    "/risk/upstream/names", "/risk/concentration", "/risk/concentration?by=item&months=24",
    "/risk/concentration?by=country", "/risk/concentration?by=port", "/risk/concentration?by=node",
    "/risk/concentration/move", "/risk/buyer-shares",
)  # fmt: skip
LINK = {"upstream_name": "Shared Co", "upstream_site": "One", "material": "Paste"}


def path_of(number: str) -> str:
    with db.reading() as session:
        found = session.scalars(select(Supplier).where(Supplier.number == number)).one()
    return f"/suppliers/{found.public_id}/upstream"


def links_of(number: str) -> list[SubTierLink]:
    with db.reading() as session:
        asked = select(SubTierLink).join(Supplier, Supplier.id == SubTierLink.supplier_id)
        return list(session.scalars(asked.where(Supplier.number == number).order_by("id")))


def test_every_page_opens_and_refuses_what_it_does_not_have(insider: Visitor) -> None:
    for path in GETS:
        assert insider.get(path).status_code == 200, path
    for path in (
        "/risk/upstream?kind=planet", "/risk/concentration?by=moon",
        "/risk/concentration?months=7", "/risk/parts?flag=odd", "/risk/backups?sort=odd",
        "/risk/buyer-shares?page=0", "/risk/upstream/node",
    ):  # fmt: skip
        assert insider.get(path).status_code == 400, path
    for path in (
        f"/risk/parts/{2**63}",
        "/risk/parts/999999",
        "/risk/upstream/node?kind=plant&name=Nowhere",
    ):
        assert insider.get(path).status_code == 404, path


def test_a_hidden_common_node_is_traced_from_the_list_to_the_part(insider: Visitor) -> None:
    assert "One Shared Co 4 ■ 3 parts 3 5" in words(insider.get("/risk/upstream"))
    node = words(insider.get("/risk/upstream/node?kind=plant&name=One&company=Shared+Co"))
    assert "All 3 “independent” sources of P-1 Housing 1 share One (Shared Co)." in node
    assert "Delta Powder Alpha" in node
    with db.reading() as session:
        part = session.scalars(select(Part.id).where(Part.number == "P-1")).one()
    assert "All 3 “independent” sources share One (Shared Co)" in words(
        insider.get(f"/risk/parts/{part}")
    )


def test_an_export_holds_exactly_what_is_filtered(insider: Visitor) -> None:
    text = insider.get("/risk/parts?flag=single&format=csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert [(row["Part"], row["Flags"]) for row in rows] == [
        ("P-2", "single single_site"), ("P-3", "single sole site_unknown"),
    ]  # fmt: skip
    for path in ("/risk/upstream", "/risk/backups", "/risk/buyer-shares"):
        assert insider.get(f"{path}?format=json").json["count"] > 0  # type: ignore[index]


def test_a_move_stands_in_the_address_and_errors_beside_their_fields(insider: Visitor) -> None:
    asked = "/risk/concentration/move?part=P-1&from=S-1&to=S-2&share="
    page = words(insider.get(f"{asked}25"))
    assert "Suppliers of P-1 EUR 4,600 2.17 equal ones 4,150 2.41 equal ones −450" in page
    for share in ("0", "101", "2.5", "NaN", str(2**63), "１０"):
        answer = insider.get(f"{asked}{share}")
        assert answer.status_code == 422, share
        assert "A whole number from 1 to 100." in words(answer)
    unknown = insider.get(f"{asked}25".replace("P-1", "P-9"))
    assert (unknown.status_code, "E-AWD-01" in words(unknown)) == (422, True)


def test_a_door_that_names_the_part_opens_a_form_without_reproaches(insider: Visitor) -> None:
    move = "/risk/concentration/move?part=P-1"
    opened = insider.get(move)
    assert (opened.status_code, "Required" in words(opened)) == (200, False)
    sent = insider.get(f"{move}&from=&to=&share=")
    assert (sent.status_code, words(sent).count("Required")) == (422, 3)


def test_a_link_is_added_corrected_and_removed_with_reasons(insider: Visitor) -> None:
    base = path_of("S-4")
    sent = LINK | {"upstream_country": "chn", "part": "P-5", "supplier_number": ""}
    assert insider.post(f"{base}/new", sent).status_code == 303
    link = links_of("S-4")[-1]
    assert (link.material, link.upstream_country) == ("Paste", "CHN")
    assert insider.post(f"{base}/new", sent).status_code == 409

    page = insider.get(f"{base}/{link.id}").text
    edition = page.split('name="edition" type="hidden" value="')[1][:32]
    change = sent | {
        "material": "Slurry",
        "edition": edition,
        "reason": "the audit of June says so",
    }
    assert insider.post(f"{base}/{link.id}", change | {"reason": "so"}).status_code == 422
    assert insider.post(f"{base}/{link.id}", change).status_code == 303
    # A second tab still shows what stood there before.
    stale = insider.post(f"{base}/{link.id}", change | {"material": "Sludge"})
    assert (stale.status_code, "Sludge" in stale.text) == (409, True)
    assert links_of("S-4")[-1].material == "Slurry"

    assert insider.post(f"{base}/{link.id}/remove", {"reason": ""}).status_code == 422
    removal = {"reason": "it was never delivered from there"}
    assert insider.post(f"{base}/{link.id}/remove", removal).status_code == 303
    assert len(links_of("S-4")) == 1
    assert insider.post(f"{base}/{link.id}/remove", removal).status_code == 404


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"upstream_name": " \u200b "}, "Required"),
        ({"material": "x" * 10_001}, "At most 200 characters"),
        ({"upstream_country": "XXX"}, "Three letters of ISO 3166"),
        ({"part": "P-9"}, "There is no part 'P-9'"),
        ({"supplier_number": "S-9"}, "There is no supplier 'S-9'"),
        ({"supplier_number": "S-1"}, "A supplier can’t supply itself"),
        ({"via_name": "Mine"}, "Give company and plant"),
        ({"via_name": "Shared Co", "via_site": "One"}, "A plant can’t deliver to itself"),
    ],
)
def test_a_link_that_can_not_be_is_refused_and_what_was_typed_is_kept(
    insider: Visitor, said: dict[str, str], told: str
) -> None:
    before = len(links_of("S-1"))
    answer = insider.post(f"{path_of('S-1')}/new", LINK | {"source": "audit 2026"} | said)
    assert answer.status_code == 422
    assert told in words(answer)
    assert "audit 2026" in answer.text
    assert len(links_of("S-1")) == before


def test_anothers_link_is_not_there(insider: Visitor) -> None:
    foreign = links_of("S-1")[0].id
    assert insider.get(f"{path_of('S-2')}/{2**63}").status_code == 404
    for path in (f"{path_of('S-2')}/{foreign}",):
        assert insider.get(path).status_code == 404
        assert insider.post(path, LINK | {"reason": "not mine to change"}).status_code == 404
        assert insider.post(f"{path}/remove", {"reason": "not mine to take"}).status_code == 404


def test_names_are_merged_by_hand_and_refusals_kept(insider: Visitor) -> None:
    sent = {"kind": "company", "spelling": "Beta Wire", "means": "Shared Co", "answer": "same"}
    answer = insider.post("/risk/upstream/names", sent | {"reason": "short"})
    assert (answer.status_code, "at least 10 characters" in words(answer)) == (422, True)
    said = sent | {"reason": "one group since the merger of 2025"}
    assert insider.post("/risk/upstream/names", said).status_code == 303
    assert insider.post("/risk/upstream/names", said).status_code == 422
    page = insider.get("/risk/upstream/names").text
    undo = page.split("/risk/upstream/names/")[1].split("/undo")[0]
    assert insider.post(f"/risk/upstream/names/{undo}/undo", {"reason": ""}).status_code == 422
    told = {"reason": "they are two companies after all"}
    assert insider.post(f"/risk/upstream/names/{undo}/undo", told).status_code == 303
    assert insider.post(f"/risk/upstream/names/{undo}/undo", told).status_code == 404


def test_a_chain_is_drawn_with_a_text_alternative(insider: Visitor) -> None:
    page = insider.get(path_of("S-2")).text
    assert "Two of Beta Wire delivers Wire to Beta; One of Shared Co delivers Powder" in page
    assert "by 4 suppliers" in page
    assert "Nothing is known upstream" not in page
