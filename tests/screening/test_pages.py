"""The pages of screening: load a list, look at a match, decide, what one supplier shows."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask import Flask

from app.base import db
from app.base.db import Database
from app.facts.evidence.screening import lists, services
from app.facts.evidence.screening.models import ScreeningList
from app.facts.suppliers.queries import find_supplier
from app.platform.approvals.kinds import all_kinds
from tests.builders import facts
from tests.screening.cast import HEADER, load, match_of, screen
from tests.single_engine import sqlite_only
from tests.web_app import Visitor, add_person, app_on, words

__all__ = ["sqlite_only"]
ROW = "K1,KESTREL CASTING FZE,entity,KESTREL FOUNDRY,AE,DUAL USE\n"
MATCH = re.compile(r"/screening/matches/([0-9a-f-]{36})")


@pytest.fixture
def house(sqlite_only: Database, tmp_path: Path) -> Flask:
    """The application with one supplier."""
    app = app_on(sqlite_only, tmp_path)
    with db.transaction() as session:
        facts.supplier(session, "Kestrel Castings GmbH", country="DEU")
    return app


@pytest.fixture
def manager(house: Flask) -> Visitor:
    """Somebody who may do all of it."""
    add_person(house)
    visitor = Visitor(house)
    visitor.sign_in()
    return visitor


def send(manager: Visitor, content: bytes, **given: str) -> tuple[int, str]:
    said = {"source": "house", "edition": "2026-11-02", "encoding": "utf-8"} | given
    answer = manager.post(
        "/screening/lists/",
        {**said, "file": (io.BytesIO(content), "../../x\u202e.csv")},
        content_type="multipart/form-data",
    )
    place = answer.headers.get("Location", "")
    return answer.status_code, place or words(answer)


def test_a_list_is_checked_first_and_counts_once_somebody_says_so(manager: Visitor) -> None:
    assert "No list is in force" in words(manager.get("/screening/"))
    status, place = send(manager, (HEADER + ROW).encode())
    assert status == 303
    page = words(manager.get(place))
    assert "Nobody is screened against it yet." in page
    assert "KESTREL CASTING FZE" in page
    with db.reading() as session:
        assert lists.in_force(session) == []
    told = words(manager.get(manager.post(f"{place}/put-in-force").headers["Location"]))
    assert "The edition is in force. Suppliers are being screened" in told
    again = manager.post(f"{place}/put-in-force")
    assert again.status_code == 409
    status, said = send(manager, (HEADER + ROW).encode(), edition="2026-11-03")
    assert (status, "The same file is loaded already as edition 2 Nov 2026" in said) == (409, True)


@pytest.mark.parametrize(
    ("content", "given", "said"),
    [
        (b"", {}, "No data rows"),
        (b"<html></html>", {}, "HTML"),
        (b"id,name,type\n1,A,entity\n", {"source": "ofac"}, "expected 12"),
        (b"id,name,type\n1,A,entity\n", {"source": "../etc"}, "small letters"),
        (b"id,name,type\n1,A,entity\n", {"edition": "2062-01-01"}, "is no day of an edition"),
        (b"id,name,type\n1,A,entity\n", {"edition": "yesterday"}, "valid date"),
        (b"id,name,type\n1,A,entity\n", {"source": ""}, "Required"),
        (b"id,name,type\n1,A,entity\n", {"encoding": "utf-7"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_loaded_is_said_in_one_sentence_and_nothing_is_stored(
    manager: Visitor, content: bytes, given: dict[str, str], said: str
) -> None:
    status, told = send(manager, content, **given)
    assert (status, said in told) == (422, True), told
    with db.reading() as session:
        assert session.query(ScreeningList).count() == 0


def test_a_match_is_looked_at_side_by_side_and_cleared_with_a_reason(manager: Visitor) -> None:
    load(ROW)
    screen()
    queue = manager.get("/screening/?state=candidate")
    (match_id,) = set(MATCH.findall(queue.text))
    path = f"/screening/matches/{match_id}"
    page = words(manager.get(path))
    for said in ("same kestrel; alike castings ~ casting", "KESTREL FOUNDRY", "19 days old"):
        assert said in page
    for form in (
        {"verdict": "clear", "version": "1", "reason": "x"},
        {"verdict": "erase", "version": "1", "reason": "Compared addresses."},
        {"verdict": "clear", "version": str(2**63), "reason": "Compared addresses."},
        {"verdict": "clear", "version": "NaN", "reason": "Compared addresses."},
        {"verdict": "clear", "version": "1", "reason": "x" * 10_001},
        {"verdict": "clear", "version": "1", "reason": "\u200b" * 12},
    ):
        assert manager.post(path, form).status_code == 422, form
    old = manager.post(path, {"verdict": "clear", "version": "7", "reason": "Compared addresses."})
    assert (old.status_code, "Compared addresses." in old.text) == (409, True)
    form = {"verdict": "clear", "version": "1", "reason": "Compared addresses."}
    assert manager.post(path, form).status_code == 303
    assert manager.post(path, form).status_code == 409
    assert "Compared addresses." in words(manager.get(path))
    exported = manager.get("/screening/?format=json").get_json()["rows"]
    assert [(row["state"], row["listed_name"]) for row in exported] == [
        ("cleared", "KESTREL CASTING FZE")
    ]


def test_a_supplier_shows_that_it_was_never_screened_and_every_screening_since(
    manager: Visitor,
) -> None:
    with db.reading() as session:
        found = find_supplier(session, "Kestrel Castings GmbH")
    path = f"/suppliers/{found.public_id}/screening"
    assert "It was never screened: nothing is known, neither good nor bad." in words(
        manager.get(path)
    )
    load(ROW)
    screen()
    page = words(manager.get(path))
    assert "matches to decide" in page
    assert "house of 2 Nov 2026" in page
    with db.reading() as session:
        key = match_of(session, found.id).public_id
    assert str(key) in manager.get(path).text
    assert manager.get(f"{path}?format=csv").text.count("\n") == 2
    assert manager.get("/suppliers/00000000-0000-0000-0000-000000000001/screening").status_code == (
        404
    )


def test_an_export_of_an_edition_loads_again_as_it_was(manager: Visitor) -> None:
    public_id = load(ROW)
    content = manager.get(f"/screening/lists/{public_id}?format=csv").data
    status, place = send(manager, content, edition="2026-11-03")
    assert status == 303
    assert "0 new, 0 changed, 0 gone, 1 as they were" in words(manager.get(place))


def test_the_setting_is_proposed_with_a_reason_and_waits(manager: Visitor) -> None:
    path = "/screening/lists/setting"
    good = {"threshold": "80", "kinds": "entity", "stale_days": "10", "reason": "Fewer misses."}
    for wrong in ({"threshold": "49"}, {"threshold": "1e1"}, {"stale_days": str(2**63)},
                  {"reason": "x"}, {"kinds": "ship"}):  # fmt: skip
        assert manager.post(path, good | wrong).status_code == 422, wrong
    assert manager.post(path, good).status_code == 303
    assert "waits for another person" in words(manager.get("/screening/lists/"))
    assert manager.post(path, good | {"threshold": "75"}).status_code == 409


def test_its_approvals_are_known_to_the_house(house: Flask) -> None:
    assert {kind.type for kind in services.KINDS} <= {kind.type for kind in all_kinds()}
