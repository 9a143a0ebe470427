"""Action Priority, RPN and roll-up: the consensus in every cell, and nothing ever assumed."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.fmea import (
    Row,
    Scores,
    action_priority,
    criticality,
    needs_second_approver,
    row_scores,
    rpn,
    rpn_reduction,
    sort_key,
    worst,
)
from app.calc.fmea_matrix import (
    CONSENSUS,
    ActionMatrix,
    Priority,
    census,
    differences,
    reversals,
)
from app.calc.fmea_scales import AIAG_PROCESS, DIMENSIONS, SUPPLY_CHAIN, Scales

# The consensus as the specification prints it: letters for D 7–10, 5–6, 2–4, 1.
PUBLISHED = """
9-10 | 8-10 HHHH | 6-7 HHHH | 4-5 HHHM | 2-3 HMLL | 1 LLLL
7-8  | 8-10 HHHH | 6-7 HHHM | 4-5 HMMM | 2-3 MMLL | 1 LLLL
4-6  | 8-10 HHMM | 6-7 MMML | 4-5 MLLL | 2-3 LLLL | 1 LLLL
2-3  | 8-10 MMLL | 6-7 LLLL | 4-5 LLLL | 2-3 LLLL | 1 LLLL
1    | 8-10 LLLL | 6-7 LLLL | 4-5 LLLL | 2-3 LLLL | 1 LLLL
"""
H, M, L = Priority.HIGH, Priority.MEDIUM, Priority.LOW
# Looked up by others: worked examples, rows of an audit, edges of the bands.
LOOKED_UP = [
    (10, 10, 10, "H"), (9, 5, 1, "M"), (10, 1, 10, "L"), (10, 2, 2, "L"), (8, 7, 1, "M"),
    (5, 5, 6, "L"), (3, 10, 10, "M"), (3, 6, 10, "L"), (10, 2, 6, "M"), (7, 3, 7, "M"),
    (7, 5, 4, "M"), (6, 6, 6, "M"), (10, 3, 4, "L"), (8, 4, 4, "M"), (4, 8, 5, "H"),
    (7, 2, 4, "L"), (7, 6, 1, "M"), (6, 6, 1, "L"), (2, 8, 5, "M"), (2, 8, 4, "L"),
    (1, 10, 10, "L"),
]  # fmt: skip
RATING = st.integers(1, 10)


def span(text: str) -> range:
    low, _, high = text.strip().partition("-")
    return range(int(low), int(high or low) + 1)


def test_the_matrix_is_the_published_consensus_in_all_1000_cells() -> None:
    compared = 0
    for line in PUBLISHED.strip().splitlines():
        severities, *bands = line.split("|")
        for band in bands:
            occurrences, letters = band.split()
            for s, o in product(span(severities), span(occurrences)):
                for letter, detections in zip(letters, ("7-10", "5-6", "2-4", "1"), strict=True):
                    for d in span(detections):
                        assert CONSENSUS.priority(s, o, d) == letter, (s, o, d)
                        compared += 1
    assert compared == 1000


@pytest.mark.parametrize(("s", "o", "d", "expected"), LOOKED_UP)
def test_priorities_that_others_looked_up(s: int, o: int, d: int, expected: str) -> None:
    assert action_priority(Scores(s, o, d)) == expected


def test_the_census_of_the_consensus() -> None:
    assert census(CONSENSUS) == {H: 318, M: 214, L: 468}
    assert reversals(CONSENSUS) == []


@given(RATING, RATING, RATING, st.sampled_from("sod"))
def test_a_priority_never_falls_as_a_rating_gets_worse(s: int, o: int, d: int, axis: str) -> None:
    worse = {"s": s, "o": o, "d": d}
    worse[axis] = min(10, worse[axis] + 1)
    before, after = CONSENSUS.priority(s, o, d), CONSENSUS.priority(*worse.values())
    assert after.urgency >= before.urgency


def test_the_rpn_has_only_120_values_and_does_not_order_urgency() -> None:
    triples = list(product(range(1, 11), repeat=3))
    assert len({rpn(Scores(*each)) for each in triples}) == 120
    assert min(rpn(Scores(*t)) or 0 for t in triples if CONSENSUS.priority(*t) is H) == 54
    assert max(rpn(Scores(*t)) or 0 for t in triples if CONSENSUS.priority(*t) is L) == 210


@pytest.mark.parametrize(
    "scores", [Scores(), Scores(10, 10), Scores(10, None, 10), Scores(None, 1, 1)]
)
def test_a_row_is_unscored_until_all_three_are_given(scores: Scores) -> None:
    assert (rpn(scores), action_priority(scores), scores.is_scored) == (None, None, False)


def test_criticality_needs_severity_and_occurrence_only() -> None:
    assert criticality(Scores(9, 4)) == 36
    assert criticality(Scores(9, None, 4)) is None


@pytest.mark.parametrize("value", [0, 11, 2.5, True, "7", 2**63])
def test_only_whole_numbers_from_1_to_10_are_ratings(value: object) -> None:
    with pytest.raises(ValueError, match="whole number from 1 to 10"):
        Scores(1, value, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="whole number from 1 to 10"):
        CONSENSUS.priority(1, 1, value)  # type: ignore[arg-type]


def test_the_worst_effect_the_cause_and_the_best_control_make_a_row() -> None:
    assert row_scores([4, 8, 6], 6, [7, None, 5]) == Scores(8, 6, 5)


def test_an_effect_without_rating_leaves_the_severity_unknown() -> None:
    assert row_scores([9, None], 6, [5]).severity is None
    assert row_scores([], 6, [5]).severity is None


def test_detection_without_any_control_is_what_was_rated_so() -> None:
    assert row_scores([4], 6, [], undetected=10).detection == 10
    assert row_scores([4], 6, [None], undetected=10).detection is None


def test_rows_sort_by_priority_then_s_o_d_and_unscored_last() -> None:
    rows = [
        Row(Scores(3, 7, 10), L), Row(Scores(10, 10), None), Row(Scores(9, 6, 1), H),
        Row(Scores(9, 4, 1), M), Row(Scores(9, 6, 2), H),
    ]  # fmt: skip
    order = sorted(rows, key=sort_key, reverse=True)
    assert [row.scores for row in order] == [
        Scores(9, 6, 2), Scores(9, 6, 1), Scores(9, 4, 1), Scores(3, 7, 10), Scores(10, 10),
    ]  # fmt: skip
    assert worst(rows) == rows[4]
    assert worst([rows[1]]) is None


def test_severity_9_or_a_high_priority_needs_a_second_approver() -> None:
    assert needs_second_approver([Row(Scores(9, 1, 1), L)])
    assert needs_second_approver([Row(Scores(5, 9, 6), H)])
    assert not needs_second_approver([Row(Scores(8, 1, 1), L), Row(Scores(), None)])


def test_an_action_is_shown_before_and_after() -> None:
    before, after = Scores(8, 6, 5), Scores(8, 2, 3)
    assert (rpn(before), action_priority(before)) == (240, H)
    assert (rpn(after), action_priority(after)) == (48, L)
    assert rpn_reduction(before, after) == pytest.approx(80.0, abs=1e-9)
    assert rpn_reduction(before, Scores(8)) is None


def changed(severity: int, band: int, cell: str) -> ActionMatrix:
    rows = [list(row) for row in CONSENSUS.rows]
    rows[severity - 1][band] = cell
    return ActionMatrix(tuple(tuple(row) for row in rows))


def test_a_changed_band_is_named_with_how_many_cells_it_is() -> None:
    (only,) = differences(CONSENSUS, changed(6, 0, "HHHM"))
    assert (only.severity, only.occurrence, only.detection) == (6, (8, 10), (2, 4))
    assert (only.before, only.after, only.size) == (M, H, 9)


def test_a_matrix_that_falls_as_ratings_get_worse_is_found_out() -> None:
    assert reversals(changed(6, 0, "LHMM"))[0] == (
        "S 6, O 8, D 7 is L, but the milder S 5, O 8, D 7 is H"
    )


@pytest.mark.parametrize("cell", ["HHH", "HHHX", "hhhh", ""])
def test_a_cell_that_is_not_four_letters_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="four of H, M and L"):
        changed(6, 0, cell)


@pytest.mark.parametrize("scales", [SUPPLY_CHAIN, AIAG_PROCESS])
def test_each_scale_says_something_else_for_each_rating(scales: Scales) -> None:
    for name in DIMENSIONS:
        assert len(set(scales.of(name).values())) == 10


def test_a_scale_with_a_gap_is_refused() -> None:
    short = dict.fromkeys(range(1, 10), "x")
    with pytest.raises(ValueError, match="each rating from 1 to 10"):
        Scales(short, short, short)
