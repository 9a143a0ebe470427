"""Scores by the column are the scores of single cards, and nobody's depends on another's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.grading import CapReason, Grade
from app.calc.measure import Measure, MeasureState
from app.calc.score_columns import score_columns
from app.calc.scoring import ScoreResult, score_measures
from app.calc.scoring_defaults import DEFAULT_METHOD

IDS = tuple(row.measure_id for row in DEFAULT_METHOD.measures)
REASONS = (CapReason.OTIF_BELOW_FLOOR, CapReason.SUPPLIER_LINE_STOP)
ON_TARGET = {
    "otif_line": 0.95, "ltv_A": 2.0, "disruptions": 0.0, "ppm": 50.0, "lot_accept": 0.99,
    "scar_ontime": 0.95, "price_variance": 0.0, "invoice_accuracy": 0.99, "ack_hours": 24.0,
    "readiness": 80.0,
}  # fmt: skip
VALUE = {
    "otif_line": st.integers(780, 1000).map(lambda n: n / 1000),
    "lot_accept": st.integers(880, 1000).map(lambda n: n / 1000),
    "scar_ontime": st.integers(40, 100).map(lambda n: n / 100),
    "invoice_accuracy": st.integers(88, 100).map(lambda n: n / 100),
    "price_variance": st.integers(-2, 7).map(lambda n: n / 100),
    "ppm": st.integers(0, 700).map(float),
    "ltv_A": st.integers(0, 120).map(lambda n: n / 10),
    "disruptions": st.integers(0, 4).map(float),
    "ack_hours": st.integers(0, 140).map(float),
    "readiness": st.integers(0, 100).map(float),
}
Supplier = tuple[dict[str, float | None], tuple[bool, bool]]
SUPPLIERS = st.lists(
    st.tuples(
        st.fixed_dictionaries({id_: st.none() | VALUE[id_] for id_ in IDS}),
        st.tuples(st.booleans(), st.booleans()),
    ),
    min_size=1,
    max_size=6,
)


def alone(supplier: Supplier) -> ScoreResult:
    values, held = supplier
    measures = {
        id_: Measure(id_, value, 50, None, None, None, None, MeasureState.OK, None)
        for id_, value in values.items()
        if value is not None
    }
    flags = [reason for reason, is_held in zip(REASONS, held, strict=True) if is_held]
    return score_measures(measures, DEFAULT_METHOD, flags=flags)


def columns(suppliers: list[Supplier]) -> tuple[dict[str, np.ndarray], dict[CapReason, np.ndarray]]:
    values = {
        id_: np.array([np.nan if (v := own[id_]) is None else v for own, _ in suppliers])
        for id_ in IDS
    }
    flags = {
        reason: np.array([held[place] for _, held in suppliers])
        for place, reason in enumerate(REASONS)
    }
    return values, flags


@given(SUPPLIERS)
def test_a_score_by_the_column_is_the_score_of_the_card(suppliers: list[Supplier]) -> None:
    values, flags = columns(suppliers)
    found = score_columns(values, DEFAULT_METHOD, flags=flags)
    for place, supplier in enumerate(suppliers):
        card = alone(supplier)
        assert found.grade_of(place) is card.grade
        assert found.coverage[place] == pytest.approx(card.coverage, abs=1e-12)
        if card.score is None:
            assert np.isnan(found.score[place])
        else:
            assert found.score[place] == pytest.approx(card.score, abs=1e-9)


@given(SUPPLIERS, st.data())
def test_another_supplier_never_changes_this_ones_score(
    suppliers: list[Supplier], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(suppliers) - 1))
    values, flags = columns(suppliers)
    together = score_columns(values, DEFAULT_METHOD, flags=flags)
    own, held = columns([suppliers[place]])
    single = score_columns(own, DEFAULT_METHOD, flags=held)
    assert together.grade[place] == single.grade[0]
    np.testing.assert_equal(together.score[place], single.score[0])


def test_all_targets_met_is_an_a_by_the_column_too() -> None:
    values = {id_: np.array([value]) for id_, value in ON_TARGET.items()}
    found = score_columns(values, DEFAULT_METHOD)
    assert (found.grade_of(0), bool(found.is_capped[0])) == (Grade.A, False)
    assert found.points["otif"][0] == 90.0


def test_a_line_stop_is_the_last_grade_and_says_that_it_is_capped() -> None:
    values = {id_: np.array([value]) for id_, value in ON_TARGET.items()}
    flags = {CapReason.SUPPLIER_LINE_STOP: np.array([True])}
    found = score_columns(values, DEFAULT_METHOD, flags=flags)
    assert (found.grade_of(0), bool(found.is_capped[0])) == (Grade.D, True)


def test_a_score_that_adding_would_leave_below_an_edge_has_the_grade_of_the_card() -> None:
    # 99 % between 90 and 100 earns 90 points, not 89.99999999999999.
    values = {id_: np.array([value]) for id_, value in ON_TARGET.items() if id_ != "scar_ontime"}
    values["lot_accept"] = np.array([0.99])
    for id_, at_90 in (("disruptions", 0.2), ("price_variance", 0.005), ("ack_hours", 36.0),
                       ("invoice_accuracy", 0.981)):  # fmt: skip
        values[id_] = np.array([at_90])
    found = score_columns(values, DEFAULT_METHOD)
    assert (float(found.score[0]), found.grade_of(0)) == (90.0, Grade.A)


def test_columns_of_different_length_are_refused() -> None:
    values = {"otif_line": np.array([0.9]), "ppm": np.array([1.0, 2.0])}
    with pytest.raises(ValueError, match=r"values have \[1, 2\] suppliers"):
        score_columns(values, DEFAULT_METHOD)
