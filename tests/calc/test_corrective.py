"""8D: due times, clocks that a rejection does not reset, two root causes, effectiveness."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calc.corrective import (
    Answer,
    Effectiveness,
    LotSeen,
    RootCauses,
    Severity,
    Step,
    StepState,
    due_times,
    effectiveness,
    missing_to_close,
    severity_of,
    step_standing,
)

ISSUED = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = ISSUED + timedelta(hours=24)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"is_safety": True}, Severity.CRITICAL),
        ({"line_down_hours": 4.01}, Severity.CRITICAL),
        ({"line_down_hours": 4.0}, Severity.MINOR),
        ({"days_since_same_mode": 90}, Severity.MAJOR),
        ({"days_since_same_mode": 91}, Severity.MINOR),
        ({"defect_share": 0.0101}, Severity.MAJOR),
        ({"defect_share": 0.01}, Severity.MINOR),
        ({"is_safety": True, "defect_share": 0.5}, Severity.CRITICAL),
        ({}, Severity.MINOR),
    ],
)
def test_gravest_trigger_makes_the_severity(facts: dict[str, float], severity: Severity) -> None:
    assert severity_of(**facts) is severity  # type: ignore[arg-type]  # a table of facts


def test_impossible_triggers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"defect_share is 1\.5"):
        severity_of(defect_share=1.5)
    with pytest.raises(ValueError, match="line_down_hours is -1"):
        severity_of(line_down_hours=-1)


@pytest.mark.parametrize(
    ("severity", "containment_hours"),
    [(Severity.CRITICAL, 24), (Severity.MAJOR, 48), (Severity.MINOR, 48)],
)
def test_steps_are_due_by_severity(severity: Severity, containment_hours: int) -> None:
    hours = {
        step.value: None if due is None else (due - ISSUED) / HOUR
        for step, due in due_times(severity, ISSUED).items()
    }
    assert hours == {
        "D1": 8, "D2": 8, "D3": containment_hours, "D4": 14 * 24, "D5": 30 * 24,
        "D6": None, "D7": None, "D8": None,
    }  # fmt: skip


def test_agreed_moment_goes_before_the_default() -> None:
    agreed = {Step.D4: ISSUED + timedelta(days=7), Step.D6: ISSUED + timedelta(days=60)}
    found = due_times(Severity.MAJOR, ISSUED, agreed=agreed)

    assert (found[Step.D4], found[Step.D6]) == (agreed[Step.D4], agreed[Step.D6])


def test_moments_need_a_time_zone_and_an_order() -> None:
    with pytest.raises(ValueError, match="issued_at is 2026-03-02 09:00:00, it must have a time"):
        due_times(Severity.MAJOR, ISSUED.replace(tzinfo=None))
    with pytest.raises(ValueError, match=r"agreed D6 is .* before the issue"):
        due_times(Severity.MAJOR, ISSUED, agreed={Step.D6: ISSUED - HOUR})
    with pytest.raises(ValueError, match="give both or none"):
        Answer(ISSUED, accepted=True)
    with pytest.raises(ValueError, match="lies before answered_at"):
        Answer(ISSUED, True, ISSUED - HOUR)


def test_rejected_answer_does_not_reset_the_clock() -> None:
    # Answered an hour before it is due, rejected three hours after.
    answers = [Answer(DUE - HOUR, False, DUE + 3 * HOUR)]
    waiting = step_standing(answers, due_at=DUE, moment=DUE + 2 * HOUR)
    rejected = step_standing(answers, due_at=DUE, moment=DUE + 3 * HOUR)

    assert (waiting.state, waiting.is_late) == (StepState.ANSWERED, False)
    assert (rejected.state, rejected.is_late) == (StepState.OVERDUE, True)
    assert (rejected.due_at, rejected.rejections) == (DUE, 1)
    assert rejected.answered_at is None


def test_second_answer_is_late_by_the_first_due_time() -> None:
    second = Answer(DUE + 5 * HOUR, True, DUE + 6 * HOUR)
    answers = [second, Answer(DUE - HOUR, False, DUE + 3 * HOUR)]
    found = step_standing(answers, due_at=DUE, moment=DUE + 9 * HOUR)

    assert (found.state, found.answered_at, found.is_late) == (
        StepState.ACCEPTED,
        DUE + 5 * HOUR,
        True,
    )


def test_step_rejected_before_it_is_due_is_open_again() -> None:
    answers = [Answer(ISSUED + HOUR, False, ISSUED + 2 * HOUR)]
    found = step_standing(answers, due_at=DUE, moment=ISSUED + 3 * HOUR)

    assert (found.state, found.is_late, found.rejections) == (StepState.OPEN, None, 1)


def test_step_is_overdue_only_after_its_moment() -> None:
    states = [
        step_standing([], due_at=DUE, moment=moment).state
        for moment in (DUE, DUE + timedelta(seconds=1))
    ]
    assert states == [StepState.OPEN, StepState.OVERDUE]


def test_step_without_due_time_is_never_late() -> None:
    late = step_standing([], due_at=None, moment=DUE + timedelta(days=900))
    done = step_standing([Answer(DUE, True, DUE)], due_at=None, moment=DUE)

    assert (late.state, late.is_late) == (StepState.OPEN, None)
    assert (done.state, done.is_late) == (StepState.ACCEPTED, None)


def test_what_came_later_does_not_count_at_an_earlier_moment() -> None:
    answers = [Answer(DUE + HOUR, True, DUE + 2 * HOUR)]
    assert step_standing(answers, due_at=DUE, moment=DUE).state is StepState.OPEN
    assert step_standing(answers, due_at=DUE, moment=DUE + HOUR).state is StepState.ANSWERED


hours = st.integers(0, 100)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    at = ISSUED + draw(hours) * HOUR
    accepted = draw(st.sampled_from([None, True, False]))
    decided = None if accepted is None else at + draw(hours) * HOUR
    return Answer(at, accepted, decided)


@given(st.lists(answers(), max_size=5), hours, st.randoms(use_true_random=False))
def test_order_of_answers_does_not_matter(given_: list[Answer], at: int, mix: object) -> None:
    moment = ISSUED + at * HOUR
    shuffled = list(given_)
    mix.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's Random
    assert step_standing(shuffled, due_at=DUE, moment=moment) == step_standing(
        given_, due_at=DUE, moment=moment
    )


@given(st.lists(answers(), max_size=5), st.integers(0, 100), hours)
def test_rejected_answers_never_help(given_: list[Answer], late: int, at: int) -> None:
    moment = ISSUED + at * HOUR
    rejected = Answer(ISSUED, False, ISSUED)
    with_it = step_standing([*given_, rejected], due_at=DUE, moment=moment)
    without = step_standing(given_, due_at=DUE, moment=moment)
    assert (with_it.state, with_it.is_late) == (without.state, without.is_late)


CORRECTED = date(2026, 4, 1)


def lots(*seen: tuple[int, bool | None]) -> list[LotSeen]:
    return [LotSeen(CORRECTED + timedelta(days=after), recurred) for after, recurred in seen]


@pytest.mark.parametrize(
    ("seen", "days", "expected"),
    [
        ([(2, False), (9, False), (16, False)], 15, Effectiveness.WATCHING),
        ([(2, False), (9, False), (16, False)], 16, Effectiveness.EFFECTIVE),
        ([(2, False), (9, True), (16, False)], 9, Effectiveness.FAILED),
        # A recurrence behind the third clean lot is a new request.
        ([(2, False), (9, False), (16, False), (20, True)], 30, Effectiveness.EFFECTIVE),
        # Nobody looked at the second lot: it proves nothing.
        ([(2, False), (9, None), (16, False)], 30, Effectiveness.WATCHING),
        ([(2, False)], 89, Effectiveness.WATCHING),
        ([(2, False)], 90, Effectiveness.EFFECTIVE),
        ([], 90, Effectiveness.UNPROVEN),
        ([(90, True)], 90, Effectiveness.FAILED),
        ([(2, False), (91, True)], 120, Effectiveness.EFFECTIVE),
        # Lots of the day of the correction are from before it.
        ([(0, True)], 10, Effectiveness.WATCHING),
    ],
)
def test_correction_works_after_three_lots_or_ninety_days(
    seen: list[tuple[int, bool | None]], days: int, expected: Effectiveness
) -> None:
    found = effectiveness(CORRECTED, lots(*seen), as_of=CORRECTED + timedelta(days=days))
    assert found is expected


def test_window_begins_with_the_correction() -> None:
    clean = lots((2, False), (9, False), (16, False))
    assert effectiveness(None, clean, as_of=date(2026, 12, 31)) is Effectiveness.NOT_STARTED
    before = CORRECTED - timedelta(days=1)
    assert effectiveness(CORRECTED, clean, as_of=before) is Effectiveness.NOT_STARTED


def test_root_cause_step_needs_occurrence_and_escape() -> None:
    both = RootCauses("Worn punch", "Gauge not calibrated")
    gaps = [
        len(missing_to_close(Step.D4, [], causes=causes))
        for causes in (RootCauses(), RootCauses("Worn punch"), RootCauses("Worn punch", " "), both)
    ]
    assert gaps == [2, 1, 1, 0]


def test_closing_needs_every_step_and_an_effective_correction() -> None:
    early = missing_to_close(Step.D8, [Step.D1, Step.D2], shown=Effectiveness.WATCHING)
    assert early == (
        "Effectiveness is not shown (watching): 3 lots or 90 days without recurrence are needed.",
        "Not accepted yet: D3, D4, D5, D6, D7.",
    )
    done = missing_to_close(Step.D8, list(Step)[:-1], shown=Effectiveness.EFFECTIVE)
    assert done == ()


def test_early_steps_close_by_their_answer_alone() -> None:
    assert [missing_to_close(step, []) for step in (Step.D1, Step.D3, Step.D5)] == [(), (), ()]
