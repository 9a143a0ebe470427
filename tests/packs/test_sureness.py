"""A printed grade says when chance may have decided it; a trend needs eight months."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.base import db
from app.base.charts import LineChart
from app.calc.grading import Grade
from app.judgement.scorecards.course import course
from app.judgement.scorecards.sureness import Sureness
from app.reviews.packs import builder
from app.reviews.packs.basis import Basis
from app.reviews.packs.building import card, series
from tests.packs.conftest import House
from tests.scorecards.test_course import DROPPED, STEADY, months

SURE = Sureness(77.4, 84.2, 0.65, (Grade.B, Grade.C))


def rated(house: House, sure: Sureness | None) -> Basis:
    """Kestrel's pack, as if every feed were there: a B of 82.1."""
    with db.reading() as session:
        basis = builder.gather(session, house.kestrel, "2026Q3")
    result = replace(basis.year.scored.result, score=82.1, grade=Grade.B, caps=())
    scored = replace(basis.year.scored, result=result, sure=sure)
    return replace(basis, year=replace(basis.year, scored=scored))


def test_a_grade_that_chance_may_have_decided_prints_with_the_others(house: House) -> None:
    basis = rated(house, SURE)
    assert card.total(basis).interval == "77.4 – 84.2"
    assert card.total(basis).grade == "B±"
    assert card.standing(basis).grade == "B±"
    told = "±: by chance alone B or C, sampling range 77.4 – 84.2."
    assert told in card.notes(basis)
    assert told in card.standing(basis, on_sheet=True).notes


def test_a_grade_that_chance_leaves_alone_is_a_plain_letter(house: House) -> None:
    basis = rated(house, replace(SURE, grades=(Grade.B,)))
    assert card.standing(basis).grade == "B"
    assert card.total(basis).interval == "77.4 – 84.2"
    assert not [note for note in card.notes(basis) if note.startswith("±")]


def test_what_is_not_rated_prints_no_range(house: House) -> None:
    with db.reading() as session:
        basis = builder.gather(session, house.kestrel, "2026Q3")
    assert (card.total(basis).interval, card.total(basis).grade) == ("", "NR")
    assert "No trend yet: 2 months of 12 with lines, 8 are needed." in card.notes(basis)
    panel = series.leading_panel(basis)
    assert panel.heading == "OTIF by line, month by month"
    assert "Shaded" not in panel.reading


@pytest.mark.parametrize(
    ("true", "word", "rings"), [(STEADY, "stable", 0), (DROPPED, "worsening", 2)]
)
def test_the_chart_of_the_leading_rate_carries_its_word_and_limits(
    house: House, true: list[int], word: str, rings: int
) -> None:
    own = months(true)
    basis = replace(rated(house, SURE), months=own, course=course(own, "otif_line", deff=None))
    panel = series.leading_panel(basis)
    assert panel.heading == f"OTIF by line, month by month: {word}"
    assert "Shaded: what chance explains around 95.0" in panel.reading
    assert panel.reading.endswith("rings lie outside.") is bool(rings)
    assert isinstance(panel.chart, LineChart)
    assert len(panel.chart.outside) == rings
    assert len(panel.chart.lower_limits) == len(panel.chart.values) == 24
    assert any(note.startswith(f"Trend of OTIF by line: {word}, ") for note in card.notes(basis))
