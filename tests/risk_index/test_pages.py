"""The pages about risk: what they show, keep and refuse."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.base import db
from app.base.db import Database
from app.facts.suppliers import queries as suppliers
from app.judgement.risk_index.methods import default_content
from app.judgement.risk_index.ranges import draw_ranges
from app.judgement.risk_index.values import typed_of
from tests.conftest import _bound
from tests.web_app import Visitor, words

REASON = "Agreed in the risk committee."


@pytest.fixture
def database(moved_file: Path, tmp_path: Path) -> Iterator[Database]:
    """The moved house, on one engine."""
    path = tmp_path / "pages.sqlite3"
    shutil.copy(moved_file, path)
    yield from _bound(Database(f"sqlite:///{path}", pool_size=2))


@pytest.fixture
def supplier(app: Flask) -> str:
    """The address of the supplier that moved."""
    with db.reading() as session:
        return f"/suppliers/{suppliers.find_supplier(session, 'S-1').public_id}"


def test_every_page_about_risk_answers(insider: Visitor, supplier: str) -> None:
    draw_ranges()
    for path, told in (
        (f"{supplier}/risk", "What it rests on"),
        (f"{supplier}/risk/moved", "Dependency is now known, at 100.0"),
        (f"{supplier}/risk/sure?as_of=2026-09-30", "1 to 1 of 1, 1 is the highest risk"),
        (f"{supplier}/risk/published?day=2026-06-30", "the same inputs as published"),
        (f"{supplier}/risk/evidence/financial", "Statement of 2026-07-31"),
        (f"{supplier}/risk/evidence/delivery", "Measures behind it"),
        (f"{supplier}/risk/override", "Nobody has set another band"),
        ("/risk", "Index methods"),
        ("/risk/moved", "Sonnenberg"),
        ("/risk/ranges", "2,000 draws, seed 20260601"),
        ("/risk/roll-up", "What reaches us from upstream"),
        ("/risk/methods/1/simulate", "0 suppliers of 2 change band"),
    ):
        answer = insider.get(path)
        assert answer.status_code == 200, path
        assert told in words(answer), path


def test_a_day_that_is_not_published_and_another_dimension_are_refused(
    insider: Visitor, supplier: str
) -> None:
    for path, status in (
        (f"{supplier}/risk/moved?since=2026-02-30", 400),
        (f"{supplier}/risk/published?day=9999-12-31", 400),
        (f"{supplier}/risk/evidence/weather", 404),
        ("/risk/moved?until=yesterday", 400),
        ("/risk/methods/999999", 404),
    ):
        assert insider.get(path).status_code == status, path


def test_days_in_the_wrong_order_ask_for_others(insider: Visitor, supplier: str) -> None:
    answer = insider.get(f"{supplier}/risk/moved?since=2026-09-30&until=2026-06-30")
    assert answer.status_code == 200
    assert "Choose an earlier and a later day" in words(answer)


def test_what_if_keeps_what_was_typed_and_says_what_is_wrong(
    insider: Visitor, supplier: str
) -> None:
    # Goodness 100, 73, 34.47, 10 and 100 by weights 20:15:20:15:10 is 46.91; 53.09/0.9 = 59.0.
    asked = f"{supplier}/risk/sure?as_of=2026-09-30&set-financial=0&set-continuity=0"
    assert "67.2 → 59.0" in words(insider.get(asked))
    for typed in ("101", "NaN", "1e3", "-1", str(2**63), "​5"):
        bad = insider.get(f"{supplier}/risk/sure", query_string={"set-financial": typed})
        assert bad.status_code == 422, typed
        assert "is no risk; give a number from 0 to 100" in words(bad)


def test_a_method_goes_from_draft_to_proposal_by_its_pages(insider: Visitor) -> None:
    made = insider.post("/risk/methods/", {"base": "", "name": ""})
    assert made.status_code == 303
    path = made.headers["Location"].removesuffix("/edit")
    typed = {**typed_of(default_content()), "revision": "1", "weight-financial": "21"}
    wrong = insider.post(f"{path}/edit", typed)
    assert wrong.status_code == 422
    assert "must add up to exactly 100. Take 1 away." in words(wrong)
    right = insider.post(f"{path}/edit", {**typed, "weight-quality": "19"})
    assert right.status_code == 303
    assert insider.post(f"{path}/edit", {**typed, "weight-quality": "19"}).status_code == 409
    proposed = insider.post(
        f"{path}/propose", {"day": "2026-12-01", "reason": REASON, "revision": "2"}
    )
    assert proposed.status_code == 303
    assert "It waits for another person" in words(insider.get(path))


def test_an_override_is_proposed_and_refused_without_a_reason(
    insider: Visitor, supplier: str
) -> None:
    asked = {"band": "critical", "value": "", "until_on": "2027-01-31", "reason": "too short"}
    short = insider.post(f"{supplier}/risk/override", asked)
    assert short.status_code == 422
    assert "too short" in short.text
    far = insider.post(f"{supplier}/risk/override", {**asked, "until_on": "2028-01-31"})
    assert far.status_code == 422
    done = insider.post(f"{supplier}/risk/override", {**asked, "reason": REASON})
    assert done.status_code == 303
    assert "waits for another person" in words(insider.get(f"{supplier}/risk/override"))
