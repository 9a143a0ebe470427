"""A move of the index is told whole: correction, method, coverage, dimensions, imbalance."""

from __future__ import annotations

from itertools import product
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.composite import DEFAULT_RISK_WEIGHTS, supply_risk_index
from app.calc.index_rules import Aggregation, IndexRules, MissingPolicy
from app.calc.risk_moves import Judged, RiskMove, risk_move

HEAVY_QUALITY = {
    "financial": 10, "geographic": 10, "quality": 40, "delivery": 20, "dependency": 10,
    "continuity": 10,
}  # fmt: skip
risk = st.floats(0, 100)
some_risks = st.fixed_dictionaries(dict.fromkeys(DEFAULT_RISK_WEIGHTS, st.none() | risk))
rules = st.builds(
    IndexRules, aggregation=st.sampled_from(Aggregation), missing=st.sampled_from(MissingPolicy)
)
judged = st.builds(
    Judged, some_risks, st.sampled_from([dict(DEFAULT_RISK_WEIGHTS), HEAVY_QUALITY]), rules
)


def flat(value: float, **others: float | None) -> dict[str, float | None]:
    return dict.fromkeys(DEFAULT_RISK_WEIGHTS, value) | others


def moved(*steps: Judged) -> RiskMove:
    found = risk_move(*steps)
    assert found is not None
    return found


@given(judged, some_risks, judged)
def test_the_parts_of_a_move_add_up(
    published: Judged, corrected: dict[str, float | None], after: Judged
) -> None:
    mended = Judged(corrected, published.weights, published.rules)
    found = risk_move(published, mended, after)
    if found is None:
        return
    delta = found.delta
    added = fsum(
        (found.correction, found.method, *delta.dimensions.values(), delta.imbalance,
         delta.coverage_change)
    )  # fmt: skip
    assert added == pytest.approx(found.after - found.before, abs=1e-9)


def test_a_corrected_day_moves_by_its_correction_alone() -> None:
    before, mended = (
        Judged(flat(20.0, quality=value), DEFAULT_RISK_WEIGHTS) for value in (20.0, 40.0)
    )
    found = moved(before, mended, mended)
    assert found.method == 0
    assert set(found.delta.dimensions.values()) == {0.0}
    assert (found.correction, found.before) == (found.value, 20.0)


def test_another_method_moves_the_old_inputs_by_itself() -> None:
    before = Judged(flat(20.0, quality=60.0), DEFAULT_RISK_WEIGHTS)
    after = Judged(flat(20.0, quality=60.0), HEAVY_QUALITY)
    found = moved(before, before, after)
    assert (found.correction, found.delta.value) == (0.0, 0.0)
    # The mean alone goes from 28 to 36.
    assert found.method == found.value > 8


def test_a_dimension_that_disappears_is_a_change_of_coverage() -> None:
    before = Judged(flat(20.0), DEFAULT_RISK_WEIGHTS)
    after = Judged(flat(20.0, financial=None), DEFAULT_RISK_WEIGHTS)
    found = moved(before, before, after)
    # Financial took its 4 points along; the others' weights fill up.
    assert found.delta.coverage_change == pytest.approx(-4.0)
    assert found.delta.disappeared == ("financial",)
    assert found.value == pytest.approx(0.0, abs=1e-12)


def test_under_pessimism_what_appears_takes_back_the_worst() -> None:
    grim = IndexRules(Aggregation.ARITHMETIC, MissingPolicy.PESSIMISTIC)
    before = Judged(flat(20.0, financial=None), DEFAULT_RISK_WEIGHTS, grim)
    after = Judged(flat(20.0), DEFAULT_RISK_WEIGHTS, grim)
    found = moved(before, before, after)
    assert (found.before, found.after) == (pytest.approx(36.0), pytest.approx(20.0))
    assert found.delta.coverage_change == pytest.approx(-16.0)


def test_of_nothing_nothing_is_told() -> None:
    nothing = Judged(flat(20.0) | dict.fromkeys(DEFAULT_RISK_WEIGHTS), DEFAULT_RISK_WEIGHTS)
    assert risk_move(nothing, nothing, nothing) is None


@given(
    some_risks, rules, st.sampled_from(sorted(DEFAULT_RISK_WEIGHTS)), risk,
)  # fmt: skip
def test_under_every_rule_more_risk_never_lowers_the_index_and_parts_add_up(
    risks: dict[str, float | None], rule: IndexRules, name: str, more: float
) -> None:
    before = supply_risk_index(risks, rules=rule)
    if before.value is None or before.imbalance is None:
        return
    assert 0 <= before.value <= 100
    added = fsum((*before.contributions.values(), before.imbalance))
    assert added == pytest.approx(before.value, abs=1e-9)
    if risks[name] is not None:
        after = supply_risk_index(risks | {name: max(more, risks[name] or 0.0)}, rules=rule)
        assert after.value is not None
        assert after.value >= before.value - 1e-9


@pytest.mark.parametrize(("rule", "policy"), list(product(Aggregation, MissingPolicy)))
def test_equal_risks_are_the_index_under_every_rule(
    rule: Aggregation, policy: MissingPolicy
) -> None:
    assert supply_risk_index(flat(37.0), rules=IndexRules(rule, policy)).value == 37.0


def test_estimates_widen_the_bounds_and_leave_the_value() -> None:
    risks = flat(40.0)
    plain = supply_risk_index(risks)
    banded = supply_risk_index(risks, bands={"financial": (20.0, 70.0)})
    assert plain.lower == plain.upper == plain.value == banded.value == 40.0
    assert banded.lower < 40.0 < banded.upper
