"""Scores follow the method; caps and coverage hold them to what is known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app.calc.grading import CapReason, Grade
from app.calc.measure import Measure, MeasureState
from app.calc.periods import parse_period
from app.calc.scoring import ScoreResult, ScoreState, score_measures
from app.judgement.scorecards.evaluation import PeriodKind, evaluate
from app.judgement.scorecards.measures import measure_table
from app.judgement.scorecards.methods import (
    Method,
    default_content,
    limits_of,
    scoring_of,
)
from app.judgement.scorecards.packing import (
    digests,
    packed_measures,
    packed_score,
    unpacked_measures,
    unpacked_score,
)
from app.judgement.scorecards.scores import below_floor, scores, standings
from app.judgement.scorecards.sums import PeriodSums
from app.judgement.scorecards.wording import cap_text
from app.judgement.snapshots.methods import hash_of
from tests.builders.sums import CENTS, MICRO, judged, sums

METHOD = Method(
    id=1,
    name="Direct material",
    version=1,
    content_hash=hash_of(default_content()),
    scoring=scoring_of(default_content()),
    limits={"ppm": 50.0},
    otif_floor=0.9,
)


def healthy(**given: int) -> PeriodSums:
    """A supplier with everything known but corrective actions and a plan, all on target."""
    lines = judged(100, 95) | {
        "lateness_n": 100, "lateness_scored_sum": 0, "lateness_scored_squares": 396,
        "receipts": 100, "receipts_known": 100,
        "quantity_received": 100_000 * MICRO, "quantity_rejected": 5 * MICRO,
    }  # fmt: skip
    events = {
        "lots_inspected": 100, "lots_rejected": 1,
        "price_lines": 100, "price_billed": 1000 * CENTS, "price_contract": 1000 * CENTS,
        "invoice_lines_known": 100, "invoice_lines_accurate": 99,
        "acknowledged": 50, "acknowledge_minutes": 50 * 1440,
        "acknowledge_minutes_squares": 50 * 1440 * 1440,
    } | given  # fmt: skip
    return sums(lines=lines, events=events, disruptions_recorded=True)


def scored(own: PeriodSums, *, below: bool = False) -> ScoreResult:
    packed = packed_measures(measure_table(own))
    return next(scores(packed, METHOD, below=[below]))


def test_all_targets_met_is_an_a() -> None:
    at_target = {
        row.measure_id: Measure(
            row.measure_id,
            row.target / row.anchors.scale * METHOD.limits.get(row.measure_id, 1.0),
            100, None, None, None, None, MeasureState.OK, None,
        )
        for row in METHOD.scoring.measures
    }  # fmt: skip
    result = score_measures(at_target, METHOD.scoring, limits=METHOD.limits)
    assert (result.score, result.grade) == (94.0, Grade.A)


def test_what_is_missing_lowers_coverage_not_the_score() -> None:
    # OTIF 90, LTV-A 90, disruptions 100, PPM 90, lots 90, price 100, invoices 100, service 100.
    result = scored(healthy())
    points = {part.id: part.points for part in result.parts}
    assert points == {
        "otif": 90.0, "ltv_A": 90.0, "disruptions": 100.0, "ppm": 90.0, "lot_accept": 90.0,
        "scar": None, "price": 100.0, "invoice": 100.0, "service": 100.0, "readiness": None,
    }  # fmt: skip
    assert result.coverage == 0.85
    assert result.score == pytest.approx(7950 / 85, abs=1e-12)
    assert (result.lower, result.upper) == (79.5, 94.5)
    assert result.state is ScoreState.RATED


def test_contributions_add_up_to_the_score() -> None:
    result = scored(healthy())
    total = sum(part.contribution or 0 for part in result.parts)
    assert total == pytest.approx(result.score, abs=1e-12)


def test_a_feed_with_dates_only_is_not_rated() -> None:
    lines = {"n_due": 484, "on_time_known": 484, "on_time_true": 400, "lateness_n": 484}
    result = scored(sums(lines=lines))
    assert (result.score, result.grade, result.state) == (None, None, ScoreState.NOT_RATED)
    assert result.coverage == 0.05


def test_a_line_stop_caused_by_the_supplier_is_a_d() -> None:
    result = scored(healthy(line_stops=1))
    assert (result.grade_before_caps, result.grade) == (Grade.A, Grade.D)
    assert [cap.reason for cap in result.caps] == [CapReason.SUPPLIER_LINE_STOP]


def test_otif_below_its_floor_in_two_quarters_is_a_c_at_most() -> None:
    result = scored(healthy(), below=True)
    assert (result.grade_before_caps, result.grade) == (Grade.A, Grade.C)


def test_a_cap_is_told_by_the_name_of_its_measure() -> None:
    none_in_full = judged(100, 0)
    result = scored(sums(lines=none_in_full, disruptions_recorded=True))
    assert [cap_text(cap, result) for cap in result.caps] == [
        "At most C: OTIF by line, of weight 25, earned 0 points."
    ]
    stopped = scored(healthy(line_stops=1))
    assert [cap_text(cap, stopped) for cap in stopped.caps] == [
        "At most D: the supplier caused a line stop."
    ]


def quarter(known: int, true: int) -> dict[str, np.ndarray]:
    return {"otif_known": np.array([known]), "otif_true": np.array([true])}


@pytest.mark.parametrize(
    ("quarters", "expected"),
    [
        ([quarter(100, 89), quarter(100, 89)], True),
        ([quarter(100, 89), quarter(100, 90)], False),
        ([quarter(9, 0), quarter(100, 0)], False),
        ([quarter(0, 0), quarter(0, 0)], False),
    ],
)
def test_only_two_known_quarters_below_the_floor_count(
    quarters: list[dict[str, np.ndarray]], expected: bool
) -> None:
    assert below_floor(quarters, 0.9).tolist() == [expected]


def test_a_category_on_less_than_sixty_percent_of_its_weight_says_nothing() -> None:
    own = sums(lines=judged(4, 4), disruptions_recorded=True)
    packed = packed_measures(measure_table(own))[0]
    delivery = standings(packed, scored(own))["delivery"]
    assert delivery.score is None
    assert delivery.coverage == pytest.approx(5 / 35)


def test_a_category_without_corrective_actions_still_speaks() -> None:
    packed = packed_measures(measure_table(healthy()))[0]
    quality = standings(packed, scored(healthy()))["quality"]
    assert quality.score == 90.0
    assert quality.coverage == pytest.approx(25 / 35)
    assert quality.n == 100_000


def test_the_method_is_integers_and_comes_back_as_it_went() -> None:
    content = json.loads(json.dumps(default_content()))
    assert scoring_of(content) == METHOD.scoring
    assert limits_of(content) == {"ppm": 50.0}
    assert hash_of(content) == METHOD.content_hash
    assert "." not in json.dumps(content)


def test_targets_are_in_the_measures_own_unit() -> None:
    assert METHOD.target("otif_line") == 0.95
    assert METHOD.target("ppm") == 50.0
    assert METHOD.target("ltv_A") == 2.0
    assert METHOD.target("lt_p90") is None


def test_a_packed_card_comes_back_as_it_went() -> None:
    table = measure_table(healthy(line_stops=1))
    packed = json.loads(json.dumps(packed_measures(table)[0]))
    assert unpacked_measures(packed) == table.measures(0)
    result = scored(healthy(line_stops=1))
    stored = json.loads(json.dumps(packed_score(result)))
    again = unpacked_score(
        stored,
        unpacked_measures(packed),
        METHOD,
        score=result.score,
        lower=result.lower,
        upper=result.upper,
        coverage=result.coverage,
        grade=str(result.grade),
        state=str(result.state),
    )
    assert again == result


def test_the_digest_follows_inputs_and_method() -> None:
    one = digests(healthy(), METHOD)
    assert one == digests(healthy(), METHOD)
    assert one != digests(healthy(line_stops=1), METHOD)
    assert one != digests(healthy(), replace(METHOD, content_hash="another"))
    assert one == digests(healthy(), METHOD, below=[False])
    assert one != digests(healthy(), METHOD, below=[True])
    unknown = sums(orders={"otif": {"orders_unknown": 1}})
    assert digests(unknown, METHOD) != digests(sums(), METHOD)
    by_lot = sums(lines={"rejected_squares": MICRO})
    assert digests(by_lot, METHOD) != digests(sums(), METHOD)


def test_an_evaluation_carries_what_lists_read() -> None:
    period = parse_period("12m", as_of=date(2026, 10, 31))
    kind = PeriodKind.ROLLING_YEAR
    row = evaluate(
        healthy(), kind=kind, period=period, method=METHOD, below=np.array([False])
    ).rows[0]
    assert (row["grade"], row["otif"], row["otif_n"], row["ppm"]) == ("A", 0.95, 100, 50.0)
    assert row["period_end"] == date(2026, 10, 31)
    assert json.loads(row["parts"])["population"]["n_due"] == 100


@pytest.mark.parametrize(("met", "known", "is_below"), [(243, 300, False), (242, 300, True)])
def test_a_rate_exactly_at_the_floor_is_not_below_it(met: int, known: int, is_below: bool) -> None:
    quarter = {"otif_true": np.array([met]), "otif_known": np.array([known])}
    assert below_floor([quarter, quarter], 0.81).tolist() == [is_below]
