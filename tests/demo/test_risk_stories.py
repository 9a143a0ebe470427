"""What the demo company does about its risks, as docs/demo.md tells it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.calc.fmea_action import ActionState
from app.judgement.fmea.living import acceptances, action_queries, reviews, suggesting
from app.reviews.meetings import queries as meetings

TODAY = date(2026, 11, 21)


def test_actions_stand_in_every_state_and_two_are_overdue(session: Session) -> None:
    found = {each.title: each for each in action_queries.actions(session)}
    assert len(found) == 7
    assert {each.state for each in found.values()} == set(ActionState)
    late = [each.title for each in found.values() if each.is_overdue(TODAY)]
    assert late == ["Rail as a second lane", "Daily output by mail, alert below plan"]
    pin, source = found["New locating pin"], found["Second source qualified"]
    assert [(each.rpn, each.priority) for each in (pin.before, pin.revised) if each] == [
        (240, "H"), (48, "L"),
    ]  # fmt: skip
    assert [each.priority for each in (source.before, source.revised) if each] == ["H", "M"]


def test_one_acceptance_ran_out_and_one_rating_is_contradicted(session: Session) -> None:
    current = acceptances.current(session, TODAY)
    assert [each.row.mode for each in current if each.has_expired(TODAY)] == [
        "Port of Ningbo closed"
    ]
    raised = [each for each in reviews.review_dates(session) if each.raised]
    assert [each.row.mode for each in raised] == ["Port of Ningbo closed"]
    row = raised[0].row
    found = suggesting.suggestions(session, [row], date(2026, 9, 30))[row.cause_id]
    assert (row.occurrence, found.occurrence) == (5, 9)


def test_the_risk_meeting_left_one_commitment_open(session: Session) -> None:
    [row] = meetings.meeting_rows(session)
    assert (row.planned_on, row.state, row.open_commitments) == (date(2026, 10, 5), "closed", 1)
    [owed] = meetings.open_commitments(session)
    assert owed.what == "Put the rail offer on the table"
