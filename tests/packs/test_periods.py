"""Which windows a pack speaks of, how they are called, and which periods are refused."""

from __future__ import annotations

from datetime import date

import pytest

from app.base.errors import InvalidInput
from app.reviews.packs.periods import (
    occasion,
    pack_periods,
    words,
)

LATEST = date(2013, 3, 1)


def test_a_quarter_stands_beside_the_twelve_months_to_its_end() -> None:
    found = pack_periods("2012Q4", latest=LATEST)
    assert found.focus is not None
    assert found.focus_before is not None
    assert words(found.focus) == "4th quarter 2012"
    assert words(found.year) == "12 months to 31 December 2012"
    assert words(found.focus_before) == "3rd quarter 2012"
    assert words(found.year_before) == "12 months to 30 September 2012"
    assert found.as_of == date(2012, 12, 31)
    assert found.is_over


def test_a_period_of_twelve_months_is_its_own_year() -> None:
    found = pack_periods("2012", latest=LATEST)
    assert found.focus is None
    assert words(found.year_before) == "12 months to 31 December 2011"


def test_a_quarter_that_has_not_ended_stops_at_the_latest_fact() -> None:
    found = pack_periods("2013Q1", latest=LATEST)
    assert found.as_of == LATEST
    assert not found.is_over
    assert words(found.focus or found.year) == "1st quarter 2013, to 1 Mar"
    assert words(found.year) == "12 months to 1 March 2013"


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("2012Q4", "2012Q4", "Quarterly business review, 4th quarter 2012"),
        ("2012-10", "2012-10", "Monthly review, October 2012"),
        ("2012", "2012", "Annual review, 2012"),
        ("12m", "12m-2013-03", "Review of the 12 months to 1 March 2013"),
    ],
)
def test_a_label_means_the_same_next_year(text: str, label: str, name: str) -> None:
    asked = pack_periods(text, latest=LATEST).asked
    assert asked.label == label
    assert occasion(asked) == name


@pytest.mark.parametrize("text", ["2012Q5", "last quarter", "", "all", "ytd"])
def test_a_text_that_names_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="E-PCK-04"):
        pack_periods(text, latest=LATEST)


def test_a_period_that_begins_after_the_facts_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"after the latest fact of 1 March 2013"):
        pack_periods("2013Q2", latest=LATEST)
