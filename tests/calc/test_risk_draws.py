"""Draws of an index: seeded, its own supplier's alone, within what the intervals allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from app.calc.index_rules import DEFAULT_RULES, Aggregation, IndexRules, MissingPolicy
from app.calc.risk_draws import RiskDraws, risk_draws
from app.calc.risk_rollup import carried_down, rolled_up
from app.calc.risk_sensitivity import swings

WEIGHTS = [40, 30, 30]
ROWS = [[20.0, 20.0, 90.0], [55.0, 40.0, 50.0], [10.0, np.nan, 30.0]]


def drawn(
    keys: Sequence[int] = (1, 2, 3), *, rules: IndexRules = DEFAULT_RULES, spread: float = 0.0
) -> RiskDraws:
    risks = np.array(ROWS[: len(keys)])
    low, high = np.clip(risks - spread, 0, 100), np.clip(risks + spread, 0, 100)
    rated = np.ones(len(keys), dtype=bool)
    return risk_draws(list(keys), risks, low, high, WEIGHTS, rules, rated=rated, seed=7)


def test_the_same_seed_draws_the_same() -> None:
    one, again = drawn(spread=5.0), drawn(spread=5.0)
    assert np.array_equal(one.low, again.low)
    assert np.array_equal(one.bands, again.bands)


def test_another_supplier_never_changes_ones_own_range() -> None:
    alone, among = drawn((1,), spread=8.0), drawn(spread=8.0)
    assert (alone.low[0], alone.high[0]) == (among.low[0], among.high[0])
    assert alone.bands[0].tolist() == among.bands[0].tolist()


def test_weights_alone_move_unequal_risks_and_intervals_move_them_further() -> None:
    held, wide = drawn(), drawn(spread=20.0)
    # 20, 20 and 90 by 40:30:30 make 52.2; other fair weights make more and less of it.
    assert held.low[0] < 52.2 < held.high[0]
    assert wide.high[0] - wide.low[0] > held.high[0] - held.low[0]


def test_probabilities_of_bands_add_up_to_one() -> None:
    assert drawn(spread=10.0).bands.sum(axis=1) == pytest.approx([1, 1, 1])


def test_the_highest_index_has_the_first_rank() -> None:
    found = drawn((1, 2, 3))
    assert found.rank_low.tolist() == [1, 1, 3]
    assert found.rank_high.tolist() == [2, 2, 3]


def test_who_has_no_index_is_neither_drawn_nor_ranked() -> None:
    risks = np.array(ROWS)
    rated = np.array([True, True, False])
    found = risk_draws([1, 2, 3], risks, risks, risks, WEIGHTS, DEFAULT_RULES, rated=rated)
    assert np.isnan(found.low[2])
    assert np.isnan(found.rank_low[2])
    assert np.nanmax(found.rank_high) == 2


def test_a_veto_draws_a_hundred_and_pessimism_counts_the_missing() -> None:
    risks = np.array([[100.0, 0.0, 0.0]])
    veto = risk_draws(
        [1], risks, risks, risks, WEIGHTS, IndexRules(Aggregation.VETO), rated=np.array([True])
    )
    assert (veto.low[0], veto.high[0]) == (100.0, 100.0)
    grim = IndexRules(missing=MissingPolicy.PESSIMISTIC)
    assert drawn(rules=grim).low[2] > drawn().high[2]


def test_too_few_draws_and_wrong_shapes_are_refused() -> None:
    risks = np.array(ROWS)
    with pytest.raises(ValueError, match="draws is 10"):
        risk_draws([1, 2, 3], risks, risks, risks, WEIGHTS, DEFAULT_RULES,
                   rated=np.ones(3, bool), draws=10)  # fmt: skip
    with pytest.raises(ValueError, match="shape"):
        risk_draws([1], risks, risks, risks, WEIGHTS, DEFAULT_RULES, rated=np.ones(1, bool))


def test_swings_are_those_of_the_method_widest_first() -> None:
    found = swings({"a": 50.0, "b": 50.0, "c": None}, {"a": 60, "b": 30, "c": 10},
                   IndexRules(Aggregation.ARITHMETIC), bands={"b": (40.0, 70.0)})  # fmt: skip
    assert [each.dimension for each in found] == ["a", "b", "c"]
    # a weighs 60 of the 90 that are known.
    assert found[0].width == pytest.approx(100 * 60 / 90)
    assert (found[1].low, found[1].high) == (
        pytest.approx((60 * 50 + 30 * 40) / 90),
        pytest.approx((60 * 50 + 30 * 70) / 90),
    )
    assert (found[2].at_best, found[2].at_worst) == (pytest.approx(45.0), pytest.approx(55.0))


def test_a_group_counts_the_unknown_apart_and_credits_as_nothing() -> None:
    found = rolled_up([(20.0, 100.0), (80.0, -50.0), (None, 300.0)])
    assert (found.mean, found.highest, found.weighted) == (50.0, 80.0, 20.0)
    assert (found.n, found.unknown, found.spend_covered) == (2, 1, 0.25)
    assert rolled_up([]).mean is None
    assert rolled_up([(50.0, 0.0)]).weighted is None


def test_what_comes_from_upstream_is_damped_and_ends_in_circles() -> None:
    own = {1: 10.0, 2: None, 3: 80.0}
    assert carried_down(own, {1: [2], 2: [3], 3: [1]}) == {
        1: (20.0, 3),
        2: (40.0, 3),
        3: (5.0, 1),
    }
    with pytest.raises(ValueError, match="damping is 1"):
        carried_down(own, {}, damping=1.0)
