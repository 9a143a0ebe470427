"""Sampling plans of ISO 2859-1, as far as they are known, and the switching rules."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.sampling_plans import (
    Inspection,
    SamplingPlan,
    acceptance_probability,
    code_letter,
    inspections,
    normal_plan,
    operating_characteristic,
)

OK, NO = True, False
NORMAL, TIGHTENED, DISCONTINUED = Inspection


@pytest.mark.parametrize(
    ("first", "last", "letter"),
    [
        (2, 8, "A"), (9, 15, "B"), (16, 25, "C"), (26, 50, "D"), (51, 90, "E"), (91, 150, "F"),
        (151, 280, "G"), (281, 500, "H"), (501, 1200, "J"), (1201, 3200, "K"),
        (3201, 10_000, "L"), (10_001, 35_000, "M"), (35_001, 150_000, "N"),
        (150_001, 500_000, "P"), (500_001, 10**9, "Q"),
    ],
)  # fmt: skip
def test_code_letters_of_level_two(first: int, last: int, letter: str) -> None:
    assert (code_letter(first), code_letter(last)) == (letter, letter)


@pytest.mark.parametrize(
    ("lot_size", "letter", "n", "accept", "reject"),
    [
        # Oracles aql_plan_501_1200_level_II_AQL1_0 and aql_plan_281_500_level_II_AQL1_0.
        (1000, "J", 80, 2, 3),
        (400, "H", 50, 1, 2),
        (60, "E", 13, 0, 1),
        (3000, "K", 125, 3, 4),
        (5000, "L", 200, 5, 6),
        (20_000, "M", 315, 7, 8),
        (100_000, "N", 500, 10, 11),
        (200_000, "P", 800, 14, 15),
        (600_000, "Q", 1250, 21, 22),
    ],
)
def test_normal_plans_at_aql_one(
    lot_size: int, letter: str, n: int, accept: int, reject: int
) -> None:
    plan = normal_plan(lot_size)
    assert plan is not None
    assert (plan.letter, plan.sample_size, plan.accept, plan.reject) == (letter, n, accept, reject)


@pytest.mark.parametrize("lot_size", [1, 8, 15, 25, 50, 100, 200])
def test_cell_that_is_not_known_is_unknown_not_guessed(lot_size: int) -> None:
    assert normal_plan(lot_size) is None


def test_lot_has_at_least_one_unit() -> None:
    with pytest.raises(ValueError, match="lot_size is 0"):
        code_letter(0)
    assert code_letter(1) is None


def test_operating_characteristic_is_binomial() -> None:
    # Oracle aql_oc_point_n80_c2: .44752 + .36163 + .14430.
    assert acceptance_probability(SamplingPlan(80, 2), 0.01) == pytest.approx(0.95345, abs=5e-5)
    # n = 50, accept 5 would let 1 % pass nearly always: the public table that says so is wrong.
    assert acceptance_probability(SamplingPlan(50, 5), 0.01) > 0.9999


def test_zero_acceptance_plan_lets_a_lot_pass_only_without_a_reject() -> None:
    # 0.99^13 = 0.87752.
    assert acceptance_probability(SamplingPlan(13, 0), 0.01) == pytest.approx(0.87752, abs=5e-6)


@given(
    st.integers(1, 1250).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, min(n - 1, 30)))),
    st.lists(st.floats(0, 1), min_size=2, max_size=6),
)
def test_worse_lots_are_never_likelier_to_pass(plan: tuple[int, int], shares: list[float]) -> None:
    curve = operating_characteristic(SamplingPlan(*plan), sorted(shares))
    probabilities = [probability for _, probability in curve]

    assert all(0 <= probability <= 1 for probability in probabilities)
    for better, worse in pairwise(probabilities):
        assert worse <= better + 1e-12


def test_impossible_plans_and_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="accept is 13"):
        SamplingPlan(13, 13)
    with pytest.raises(ValueError, match="sample_size is 0"):
        SamplingPlan(0, 0)
    with pytest.raises(ValueError, match=r"defect_share is 1\.1"):
        acceptance_probability(SamplingPlan(13, 0), 1.1)


@pytest.mark.parametrize(
    ("lots", "following"),
    [
        ([NO, NO], TIGHTENED),
        ([NO, OK, OK, OK, NO], TIGHTENED),
        # The second one comes sixth: not within five consecutive lots.
        ([NO, OK, OK, OK, OK, NO], NORMAL),
        ([NO, NO, OK, OK, OK, OK], TIGHTENED),
        ([NO, NO, OK, OK, OK, OK, OK], NORMAL),
        # One not accepted begins the five anew.
        ([NO, NO, OK, OK, OK, OK, NO, OK], TIGHTENED),
        # Five not accepted on tightened inspection, whatever lies between.
        ([NO, NO, NO, OK, NO, OK, NO, OK, NO], TIGHTENED),
        ([NO, NO, NO, OK, NO, OK, NO, OK, NO, NO], DISCONTINUED),
        ([NO, NO, NO, NO, NO, NO, NO, OK, OK, OK, OK, OK], DISCONTINUED),
        # Back to normal, the lots from before do not count any more.
        ([NO, NO, OK, OK, OK, OK, OK, NO], NORMAL),
    ],
)
def test_switching_rules(lots: list[bool], following: Inspection) -> None:
    assert inspections(lots)[-1] is following


def test_the_lot_that_switches_was_still_inspected_as_before() -> None:
    assert inspections([NO, NO, OK]) == (NORMAL, NORMAL, TIGHTENED, TIGHTENED)


@given(st.lists(st.booleans(), max_size=60))
def test_a_lot_is_inspected_as_the_lots_before_it_say(lots: list[bool]) -> None:
    found = inspections(lots)

    assert len(found) == len(lots) + 1
    assert all(found[: place + 1] == inspections(lots[:place]) for place in range(len(lots)))
