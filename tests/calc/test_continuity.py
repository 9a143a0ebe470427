"""Readiness by the rubric, part by part; whether times agree; how long we last."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from app.calc.continuity import (
    Basis,
    PartScore,
    ReadinessBand,
    band_of,
    is_beyond_tolerance,
    plan_readiness,
    readiness_without_plan,
    survival_gap,
    time_to_survive,
)
from app.calc.continuity_facts import (
    MOST,
    Answer,
    Answered,
    Exercise,
    ExerciseKind,
    Part,
    PlanFacts,
    Topic,
    Why,
)

DAY = date(2026, 9, 30)
FULL, TABLETOP, CALL = ExerciseKind.FULL, ExerciseKind.TABLETOP, ExerciseKind.NOTIFICATION
WHOLE = PlanFacts(
    approved_on=date(2025, 9, 30),
    reviewed_on=date(2026, 1, 15),
    required_days=21,
    claimed_days=14,
    exercises=(Exercise(FULL, date(2026, 3, 1), 20),),
    needed_percent=50,
    alternate_percent=50,
    finished_days=10,
    critical_days=0,
    reached_on=(date(2026, 3, 31),),
    has_sub_tier_plans=True,
)
NOTHING = PlanFacts()


def part(facts: PlanFacts, name: Part, day: date = DAY) -> PartScore:
    return next(each for each in plan_readiness(facts, day).parts if each.part is name)


def test_the_rubric_adds_up_to_100_and_a_whole_plan_earns_it() -> None:
    assert sum(MOST.values()) == 100
    found = plan_readiness(WHOLE, DAY)
    assert [each.points for each in found.parts] == [15, 20, 10, 20, 15, 10, 5, 5]
    assert (found.points, found.upper, found.band) == (100.0, 100.0, ReadinessBand.READY)


def test_what_nobody_knows_earns_nothing_and_is_told_apart_from_zero() -> None:
    found = plan_readiness(NOTHING, DAY)
    assert {each.part: each.points for each in found.parts} == {
        Part.DOCUMENTED: 0.0, Part.RECOVERY: None, Part.REVIEWED: None, Part.EXERCISED: 0.0,
        Part.ALTERNATE: None, Part.STOCK: None, Part.CONTACTS: 0.0, Part.SUB_TIER: None,
    }  # fmt: skip
    # 20 + 10 + 15 + 10 + 5 points are not known.
    assert (found.points, found.upper, found.band) == (0.0, 60.0, ReadinessBand.WEAK)


@pytest.mark.parametrize(
    ("required", "shown", "claimed", "points", "why"),
    [
        (21, 21, None, 20.0, Why.SHOWN),
        (21, 22, 14, 0.0, Why.SHOWN_TOO_LONG),
        (21, None, 21, 10.0, Why.CLAIMED),
        (21, None, 22, 0.0, Why.CLAIMED_TOO_LONG),
        (None, 3, 3, None, Why.NOTHING_REQUIRED),
        (21, None, None, None, Why.NO_CLAIM),
    ],
)
def test_recovery_is_held_against_what_is_required(
    required: int | None, shown: int | None, claimed: int | None, points: float | None, why: Why
) -> None:
    tried = (Exercise(CALL, date(2020, 1, 1), 1), Exercise(TABLETOP, date(2026, 1, 1), shown))
    facts = PlanFacts(
        required_days=required,
        claimed_days=claimed,
        exercises=tried if shown is not None else (Exercise(FULL, date(2027, 1, 1), 1),),
    )
    assert part(facts, Part.RECOVERY) == PartScore(Part.RECOVERY, points, why)


@pytest.mark.parametrize(
    ("kind", "done_on", "points"),
    [
        (FULL, date(2025, 9, 30), 20.0),
        (ExerciseKind.FUNCTIONAL, date(2026, 9, 30), 20.0),
        (FULL, date(2025, 9, 29), 6.0),
        (TABLETOP, date(2025, 9, 30), 12.0),
        (TABLETOP, date(2024, 9, 30), 6.0),
        (CALL, date(2026, 9, 1), 6.0),
        (FULL, date(2024, 9, 29), 0.0),
        (FULL, date(2026, 10, 1), 0.0),
    ],
)
def test_exercises_count_by_kind_and_age(kind: ExerciseKind, done_on: date, points: float) -> None:
    facts = PlanFacts(exercises=(Exercise(kind, done_on),))
    assert part(facts, Part.EXERCISED).points == points


@pytest.mark.parametrize(
    ("reviewed", "points"),
    [
        (date(2025, 9, 30), 10.0), (date(2025, 9, 29), 5.0), (date(2024, 9, 30), 5.0),
        (date(2024, 9, 29), 0.0), (date(2026, 10, 1), None),
    ],
)  # fmt: skip
def test_a_review_counts_for_a_year_and_half_for_another(
    reviewed: date, points: float | None
) -> None:
    assert part(PlanFacts(reviewed_on=reviewed), Part.REVIEWED).points == points


def test_an_approval_runs_out_after_twelve_months() -> None:
    lapsed = replace(WHOLE, approved_on=date(2025, 9, 29))
    assert part(lapsed, Part.DOCUMENTED) == PartScore(Part.DOCUMENTED, 0.0, Why.APPROVAL_EXPIRED)
    # A leap day's year ends on 28 February.
    leap = PlanFacts(approved_on=date(2024, 2, 29))
    assert part(leap, Part.DOCUMENTED, date(2025, 2, 28)).points == 15.0
    assert part(leap, Part.DOCUMENTED, date(2025, 3, 1)).points == 0.0


@pytest.mark.parametrize(
    ("needed", "given", "points"),
    [(50, 50, 15.0), (50, 49, 0.0), (0, 0, 0.0), (None, 80, None), (50, None, None)],
)
def test_alternate_capacity_must_reach_the_minimum(
    needed: int | None, given: int | None, points: float | None
) -> None:
    facts = PlanFacts(needed_percent=needed, alternate_percent=given)
    assert part(facts, Part.ALTERNATE).points == points


@pytest.mark.parametrize(
    ("finished", "critical", "last_time", "points"),
    [(0, 0, False, 0.0), (0, None, False, None), (None, 3, False, 10.0), (0, 0, True, 10.0)],
)
def test_no_stock_is_zero_and_unknown_stock_is_unknown(
    finished: int | None, critical: int | None, last_time: bool, points: float | None
) -> None:
    facts = PlanFacts(finished_days=finished, critical_days=critical, has_last_time_stock=last_time)
    assert part(facts, Part.STOCK).points == points


def test_every_contact_must_have_been_reached_within_six_months() -> None:
    fresh, stale = date(2026, 3, 30), date(2026, 3, 29)
    for days, points in (((fresh,), 5.0), ((fresh, stale), 0.0), ((fresh, None), 0.0)):
        assert part(PlanFacts(reached_on=days), Part.CONTACTS).points == points


def test_a_proven_answer_fills_what_nobody_knows_and_never_what_is_recorded() -> None:
    yes = {topic: Answered(Answer.YES, date(2026, 1, 1)) for topic in Topic}
    silent = PlanFacts(required_days=21, answers=yes)
    named = (Part.RECOVERY, Part.ALTERNATE, Part.EXERCISED)
    assert [part(silent, each).points for each in named] == [10.0, 7.5, 6.0]
    told = replace(silent, claimed_days=30, needed_percent=50, alternate_percent=10)
    assert [part(told, each).points for each in named] == [0.0, 0.0, 6.0]
    old = replace(silent, answers={Topic.COVERS: Answered(Answer.YES, date(2024, 9, 29))})
    assert part(old, Part.ALTERNATE).points is None
    no = replace(silent, answers={Topic.COVERS: Answered(Answer.NO, date(2026, 1, 1))})
    assert part(no, Part.ALTERNATE) == PartScore(Part.ALTERNATE, 0.0, Why.ANSWERED_NO)


@pytest.mark.parametrize(
    ("due_on", "exists", "basis", "points"),
    [
        (None, None, Basis.NEVER_ASKED, None),
        (date(2026, 8, 31), None, Basis.WAITING, None),
        (date(2026, 8, 30), None, Basis.NO_ANSWER, 0.0),
        (date(2026, 12, 31), Answer.NO, Basis.NO_PLAN, 0.0),
        (date(2026, 8, 31), Answer.YES, Basis.WAITING, None),
        (date(2026, 8, 30), Answer.YES, Basis.NO_PLAN, 0.0),
    ],
)
def test_never_asked_is_unknown_and_asked_in_vain_is_zero(
    due_on: date | None, exists: Answer | None, basis: Basis, points: float | None
) -> None:
    found = readiness_without_plan(DAY, due_on=due_on, exists=exists)
    assert (found.basis, found.points) == (basis, points)
    assert found.band == (None if points is None else ReadinessBand.NONE)


def test_bands_begin_at_80_and_60() -> None:
    assert [band_of(points) for points in (80, 79.999, 60, 59.999, 0)] == [
        "ready", "partial", "partial", "weak", "weak",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="points"):
        band_of(101)


def test_oracles() -> None:
    # bcp_rto_vs_tts and tts_simple of the shared oracles.
    assert survival_gap(21, 14) == 7
    assert is_beyond_tolerance(21, 18) is True
    assert time_to_survive(
        usable=1200, pipeline=300, daily_demand=100, alternate_rate=40
    ) == pytest.approx(25.0, abs=1e-9)
    assert time_to_survive(usable=1, pipeline=0, daily_demand=40, alternate_rate=40) == math.inf


@pytest.mark.parametrize("wrong", [{"claimed_days": -1}, {"needed_percent": 101}])
def test_numbers_outside_their_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        plan_readiness(PlanFacts(**wrong), DAY)  # type: ignore[arg-type] # one number by name
    with pytest.raises(ValueError, match="pipeline"):
        time_to_survive(usable=1, pipeline=math.nan, daily_demand=1)
