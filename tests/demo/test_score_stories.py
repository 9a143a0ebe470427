"""The stories that scores and risk indexes tell."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy.orm import Session

from app.calc.measure import MeasureState
from app.calc.periods import Period
from app.calc.risk_bands import FloorReason, RiskBand
from app.calc.scoring import ScoreState
from app.faces.demo import scripts
from app.faces.demo.cast import LAST_DAY
from app.judgement.risk_index import queries as risks
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.queries import Scored
from tests.demo.conftest import supplier_id


def card(session: Session, number: str, year: Period) -> Scored:
    return scorecards.scored(session, supplier_id(session, number), year)


def test_meeting_every_target_to_the_digit_is_an_a(session: Session, year: Period) -> None:
    found = card(session, scripts.EXACT, year)
    values = {name: found.measures[name].value for name in found.measures}
    assert values["otif_line"] == 0.95
    assert values["ltv_A"] == 2.0
    assert values["disruptions"] == 0
    assert values["ppm"] == 50.0
    assert values["lot_accept"] == 0.99
    assert values["price_variance"] == 0
    assert values["invoice_accuracy"] == 0.99
    assert values["ack_hours"] == 24.0
    # 79.5 points of 85: 8D answers and a continuity plan are not asked for yet.
    assert found.result.score == pytest.approx(79.5 / 0.85)
    assert (found.result.grade, found.result.state) == ("A", ScoreState.RATED)


def test_the_newcomer_is_not_rated_and_the_veteran_is(session: Session, year: Period) -> None:
    newcomer, veteran = (
        card(session, number, year) for number in (scripts.NEWCOMER, scripts.VETERAN)
    )
    assert newcomer.measures["otif_line"].value == 1.0
    assert newcomer.measures["otif_line"].state is MeasureState.INSUFFICIENT
    assert newcomer.result.grade is None
    assert newcomer.result.state is ScoreState.NOT_RATED
    assert veteran.measures["otif_line"].value == 0.95
    assert veteran.measures["otif_line"].state is MeasureState.OK
    assert veteran.result.state is ScoreState.RATED


def test_300_units_without_defect_earn_no_ppm_points(session: Session, year: Period) -> None:
    found = card(session, scripts.FEW_UNITS, year)
    ppm = found.measures["ppm"]
    assert (ppm.value, ppm.n, ppm.state) == (0.0, 300, MeasureState.INSUFFICIENT)
    assert ppm.hi == pytest.approx(9986, abs=1)
    assert found.result.state is ScoreState.PROVISIONAL
    assert found.result.coverage == pytest.approx(0.65)


def test_a_line_stop_caps_the_drift_at_d(session: Session, year: Period) -> None:
    found = card(session, scripts.DRIFT, year)
    assert found.measures["line_stops"].value == 2
    assert found.measures["premium_freight"].value == 1
    assert found.result.grade == "D"
    assert found.measures["invoice_accuracy"].state is MeasureState.NO_DATA


def test_the_good_and_fragile_one_is_an_a_at_high_risk(session: Session, year: Period) -> None:
    key = supplier_id(session, scripts.FRAGILE)
    assert card(session, scripts.FRAGILE, year).result.grade == "A"
    result = risks.risk_card(session, key, LAST_DAY).card.result
    reasons = {floor.reason for floor in result.floors if floor.band is RiskBand.HIGH}
    assert result.band is RiskBand.HIGH
    assert reasons == {FloorReason.DISTRESS_HARD_TO_REPLACE, FloorReason.EXPOSED_BEYOND_SURVIVAL}


def test_the_silent_one_has_no_grade_no_band_and_says_why(session: Session, year: Period) -> None:
    found = card(session, scripts.SILENT, year)
    result = risks.risk_card(session, supplier_id(session, scripts.SILENT), LAST_DAY).card.result
    assert (found.result.grade, found.result.score, result.band) == (None, None, None)
    for measure_id in ("otif_line", "ppm", "lot_accept", "ack_hours", "price_variance"):
        measure = found.measures[measure_id]
        assert measure.value is None
        assert measure.state is MeasureState.NO_DATA
        assert measure.reason


def test_a_feed_without_rejects_has_no_ppm(session: Session, year: Period) -> None:
    ppm = card(session, scripts.NO_REJECTS_FED, year).measures["ppm"]
    assert (ppm.value, ppm.state) == (None, MeasureState.NO_DATA)


def test_grades_are_mixed_like_a_real_supply_base(session: Session, year: Period) -> None:
    grades = Counter(one.result.grade for one in scorecards.everybody(session, year))
    assert grades[None] == 2
    assert 15 <= grades["A"] <= 25
    assert 15 <= grades["B"] <= 28
    assert 5 <= grades["C"] <= 12
    assert 5 <= grades["D"] <= 12
