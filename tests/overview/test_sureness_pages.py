"""How sure a score is stands beside it, and never louder; a word needs enough months."""

from __future__ import annotations

import csv
import io
import re

from sqlalchemy import select

from app.base import db
from app.base.formatting import NARROW_SPACE
from app.judgement.scorecards.models import ScorecardSnapshot
from tests.overview.conftest import House
from tests.web_app import Visitor, words


def test_chance_and_missing_facts_are_two_ranges_with_two_names(
    insider: Visitor, house: House
) -> None:
    page = words(insider.get(house.fragile)).replace(NARROW_SPACE, " ")
    assert "sampling range 51.7 – 70.1 · coverage 65 %" in page
    assert "Sampling range 51.7 – 70.1: " in page
    assert "If the missing were 0 or 100 39.4 – 74.4" in page


def test_a_score_that_chance_may_have_graded_prints_with_plus_minus(
    insider: Visitor, house: House
) -> None:
    healthy, fragile = (words(insider.get(own)) for own in (house.healthy, house.fragile))
    assert "A±" in healthy
    assert "±" not in fragile
    assert "A or B" in healthy


def test_the_trend_is_one_word_and_its_method_is_folded(insider: Visitor, house: House) -> None:
    page = insider.get(f"{house.healthy}/deliveries")
    assert "OTIF by line, month by month" in words(page)
    assert "● stable" in words(page)
    assert '<details class="more">' in page.text
    assert "Mann–Kendall S" in words(page)


def test_a_page_without_a_trend_says_what_is_missing(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.unknown}/deliveries"))
    assert (
        "No trend is told: 0 of the last 12 months have lines, 8 are needed. "
        "No limits are drawn: they need 8 months with lines before the ones that are judged."
        in page
    )
    assert "Mann–Kendall" not in page
    assert "stable" not in page


def test_an_earlier_day_with_few_months_has_no_word(insider: Visitor, house: House) -> None:
    page = words(insider.get(f"{house.healthy}/deliveries?as_of=2026-05-31"))
    assert "No trend is told: 5 of the last 12 months have lines, 8 are needed." in page


def test_the_list_has_a_word_for_who_has_enough_months(insider: Visitor, house: House) -> None:
    page = words(insider.get("/suppliers/"))
    assert "Healthy Forge AS NOR Castings A± " in page
    assert page.count("stable") == 2


def test_an_export_carries_ranges_and_leaves_out_what_is_not_known(
    insider: Visitor, house: House
) -> None:
    text = insider.get("/suppliers/?format=csv").get_data().decode("utf-8-sig")
    rows = {row["Supplier"]: row for row in csv.DictReader(io.StringIO(text))}
    fragile, lapsed = rows["Fragile & Söhne"], rows["Lapsed Ltd"]
    assert float(fragile["Sampling range from"]) < float(fragile["Score"])
    assert float(fragile["Sampling range to"]) > float(fragile["Score"])
    assert fragile["Possible grades"] == "D"
    for column in ("Sampling range from", "Possible grades", "Place in category"):
        assert lapsed[column] == ""


def test_the_history_keeps_the_range_of_its_day(insider: Visitor, house: House) -> None:
    with db.transaction() as session:
        for stored in session.scalars(select(ScorecardSnapshot)):
            told = {"lo": 12.5, "hi": 34.5, "drawn": 0.5, "grades": ["C", "D"]}
            stored.parts = dict(stored.parts) | {"range": told}
    history = insider.get(f"{house.fragile}/history")
    assert "D± 60.6 12.5 – 34.5" in words(history)
    published = re.search(r'href="(/suppliers/[^"]+/scorecards/[^"]+)"', history.text)
    assert published is not None
    page = words(insider.get(published.group(1)))
    assert "Score 60.6 D±" in page
    assert "Sampling range 12.5 – 34.5" in page
    assert "12.5" not in words(insider.get(house.fragile))
