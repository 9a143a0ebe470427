"""A method is read whole; what is wrong is said beside its field, with value and remedy."""

from __future__ import annotations

import pytest

from app.calc.grading import Grade
from app.judgement.scorecards.methods import default_content, scoring_of, standings_of
from app.judgement.scorecards.values import read_method, typed_of


def errors(**changes: str) -> dict[str, str]:
    """What is wrong when the shipped method is typed with changes; `_` stands for “-”."""
    typed = typed_of(default_content())
    typed |= {name.replace("__", "-"): value for name, value in changes.items()}
    return dict(read_method(typed).errors)


def test_content_typed_and_read_again_is_the_same() -> None:
    assert read_method(typed_of(default_content())).content == default_content()


def test_weights_that_miss_100_say_their_sum_and_the_remedy() -> None:
    assert errors(weight__otif_line="24.5") == {
        "weight-otif_line": "The weight “24.5” is no whole number from 0 to 100.",
        "weights": "The weights add up to 99.5; they must add up to exactly 100. Add 0.5.",
    }
    assert errors(weight__ppm="30") == {
        "weights": "The weights add up to 110; they must add up to exactly 100. Take 10 away."
    }


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("anchors__ppm", "0:0 1:90", "At 1 the points go from 0 to 90; they may only fall."),
        ("anchors__otif_line", "90:0 80:90", "80 stands after 90; the values must rise."),
        ("anchors__otif_line", "90:0", "1 anchors are given; give 2 to 12."),
        ("anchors__otif_line", "90:0 98:101", "101 points lie outside 0 to 100."),
        ("anchors__otif_line", "90=0",
         "“90=0” is no anchor; write the value, a colon, whole points: 95:90."),
        ("anchors__otif_line", "", "Give at least two anchors, such as 80:0 95:90 98:100."),
        ("anchors__otif_line", "80:90 98:90",
         "Every value earns 90 points; let the points differ."),
        ("target__ltv_A", "5",
         "On the target of 5 the anchors earn 50.0 points; a target must earn at least 90. "
         "Move the target or the anchors."),
        ("target__ltv_A", "two", "“two” is no number; give the target, such as 95."),
        ("minimum__otif_line", "-3", "“-3” is no whole number from 1 to 1,000,000."),
        ("band_B", "95", "B begins at 95, A at 90; it must begin below."),
        ("limit_ppm", "", "Required: a whole number from 1 to 1,000,000."),
        ("otif_floor", "101", "“101” is no whole number from 0 to 100."),
    ],
)  # fmt: skip
def test_each_wrong_field_says_what_is_wrong(field: str, typed: str, said: str) -> None:
    assert errors(**{field: typed}) == {field.replace("__", "-"): said}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    found = errors(weight__ppm="x", anchors__otif_line="", band_C="0")
    assert found.keys() == {"weight-ppm", "weights", "anchors-otif_line", "band_C"}


def test_decimals_are_kept_as_whole_numbers() -> None:
    typed = typed_of(default_content())
    typed |= {"anchors-otif_line": "80:0 95.25:90 98:100", "target-otif_line": "95.5"}
    content = read_method(typed).content
    assert content is not None
    row = content["measures"][0]
    assert (row["anchors"], row["scale"], row["target"]) == (
        [[8000, 0], [9525, 90], [9800, 100]], 10_000, 9550,
    )  # fmt: skip
    assert scoring_of(content).measures[0].anchors.scale == 10_000
    assert typed_of(content)["anchors-otif_line"] == "80:0 95.25:90 98:100"


def test_a_measure_without_weight_is_left_out_and_a_new_one_joins() -> None:
    typed = typed_of(default_content())
    typed |= {
        "weight-readiness": "0", "weight-first_pass": "5",
        "anchors-first_pass": "90:0 99:95 100:100", "target-first_pass": "99",
        "minimum-first_pass": "20",
    }  # fmt: skip
    content = read_method(typed).content
    assert content is not None
    by_measure = {row["measure"]: row for row in content["measures"]}
    assert "readiness" not in by_measure
    assert by_measure["first_pass"] | {"anchors": None} == {
        "id": "first_pass", "measure": "first_pass", "category": "quality", "weight": 5,
        "relative_to_limit": False, "minimum": 20, "anchors": None, "scale": 100, "target": 99,
    }  # fmt: skip


def test_caps_that_are_not_chosen_are_left_out() -> None:
    typed = typed_of(default_content())
    del typed["cap_supplier_line_stop"]
    content = read_method(typed).content
    assert content is not None
    assert content["caps"] == ["otif_below_floor", "open_critical_scar", "safety_escape"]


def test_the_standing_of_each_grade_is_part_of_a_method() -> None:
    typed = typed_of(default_content())
    assert typed["standing_D"] == "restricted"
    same = read_method(typed).content
    assert same is not None
    # What is as by default is not written down: older versions keep their hash.
    assert "standings" not in same
    strict = read_method(typed | {"standing_D": "blocked"}).content
    assert strict is not None
    assert strict["standings"] == {
        "A": "preferred", "B": "approved", "C": "improvement_plan", "D": "blocked",
    }  # fmt: skip
    assert standings_of(strict)[Grade.D] == "blocked"
    turned = read_method(typed | {"standing_C": "preferred"})
    assert turned.errors == {"standing_C": "C proposes a better standing than the grade before it."}
