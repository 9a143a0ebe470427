"""Actions: revised ratings only with evidence, severity only where the effect changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.calc.fmea import Scores
from app.calc.fmea_action import ActionKind, ActionState, EffectChange
from app.judgement.fmea.living import action_queries, action_services, escalating, rows
from app.judgement.fmea.living.action_services import Plan
from app.judgement.fmea.living.models import FmeaAction
from app.judgement.fmea.living.rows import RowHead
from app.platform.accounts import grants, services
from app.platform.accounts.grant_models import Role
from app.platform.audit.services import ReasonNeeded
from app.platform.outbox.models import OutboxMessage
from tests.builders import facts, risks
from tests.conftest import TODAY

EVIDENCE = "Audit report 17 of 12 November, two lots without finding"


@pytest.fixture
def row(sqlite_only: Database) -> RowHead:
    with db.transaction() as session:
        supplier = facts.supplier(session, "Kestrel", number="V-1")
        return risks.row(session, risks.register(session, supplier), (8, 6, 5))


def planned(session: Session, row: RowHead, **more: object) -> FmeaAction:
    values = {
        "title": "Pin on the maintenance plan",
        "kind": ActionKind.PREVENTION,
        "owner": "A. Lindqvist",
        "due_on": TODAY + timedelta(days=20),
    } | more
    return action_services.plan_action(session, row.cause_id, Plan(**values))  # type: ignore[arg-type]


def completed(session: Session, action: FmeaAction, after: tuple[int, int, int], **more: object):  # type: ignore[no-untyped-def]
    values = {"evidence": EVIDENCE, "revised": Scores(*after), "effect_change": None} | more
    return action_services.complete_action(
        session, action.public_id, seen_version=action.version, **values
    )


def test_completing_shows_before_and_after_with_both_priorities(row: RowHead) -> None:
    with db.transaction() as session:
        action = planned(session, row, planned=Scores(8, 2, 3))
        completed(session, action, (8, 2, 3))
        found = action_queries.action(session, action.public_id)
    assert found.before is not None
    assert found.revised is not None
    assert (found.before.rpn, found.before.priority) == (240, "H")
    assert (found.revised.rpn, found.revised.priority) == (48, "L")
    assert found.reduction == 80.0
    assert (found.row.rpn, found.row.priority) == (48, "L")
    assert found.revised.evidence == EVIDENCE


def test_a_planned_rating_leaves_the_row_as_it_is(row: RowHead) -> None:
    with db.transaction() as session:
        planned(session, row, planned=Scores(8, 2, 3))
        head = rows.row_by_public_id(session, row.public_id)
    assert (head.rpn, head.priority) == (240, "H")


def test_severity_falls_only_where_the_effect_changes(row: RowHead) -> None:
    with db.transaction() as session:
        action = planned(session, row)
        with pytest.raises(InvalidInput, match="falls only where the effect itself changes"):
            completed(session, action, (6, 6, 5))
        assert action.state == ActionState.OPEN
        completed(session, action, (6, 6, 5), effect_change=EffectChange.DUAL_SOURCE)
    assert action.effect_change == "dual_source"


def test_nothing_is_rated_anew_without_evidence(row: RowHead) -> None:
    with db.transaction() as session:
        action = planned(session, row)
        with pytest.raises(InvalidInput, match="what shows that it is done"):
            completed(session, action, (8, 2, 3), evidence="   done   ")
        assert rows.row_by_public_id(session, row.public_id).rpn == 240


def test_an_action_that_is_not_done_says_why_and_ends(row: RowHead) -> None:
    with db.transaction() as session:
        action = planned(session, row)
        with pytest.raises(ReasonNeeded):
            action_services.move_action(
                session, action.public_id, ActionState.NOT_IMPLEMENTED, reason="x", seen_version=1
            )
        action_services.move_action(
            session,
            action.public_id,
            ActionState.NOT_IMPLEMENTED,
            reason="The supplier closes the plant in May",
            seen_version=1,
        )
        with pytest.raises(Conflict, match="has ended"):
            completed(session, action, (8, 2, 3))


def test_a_second_tab_changes_nothing(row: RowHead) -> None:
    with db.transaction() as session:
        action = planned(session, row)
        pending = ActionState.DECISION_PENDING
        action_services.move_action(session, action.public_id, pending, reason="", seen_version=1)
        with pytest.raises(Conflict, match="Somebody changed it"):
            action_services.edit_action(
                session,
                action.public_id,
                Plan("Other", ActionKind.DETECTION, "B", TODAY),
                seen_version=1,
            )
    assert action.title == "Pin on the maintenance plan"


def test_the_same_action_is_not_planned_twice(row: RowHead) -> None:
    with db.transaction() as session:
        planned(session, row)
        with pytest.raises(Conflict, match="runs on this row already"):
            planned(session, row)


def test_an_overdue_action_is_told_to_its_owner_then_to_risk_managers_once(row: RowHead) -> None:
    with db.transaction() as session:
        owner = services.create_admin(session, email="a.lindqvist@example.com", name="A. Lindqvist")
        above = services.create_admin(session, email="risk@example.com", name="R. Manager")
        for user in (owner, above):
            role = Role.BUYER if user == owner else Role.RISK_MANAGER
            grants.grant(session, user_id=user, role=role, reason="needed for this test")
        action = planned(session, row, due_on=TODAY)
        overdue = TODAY + timedelta(days=1)
        told = [escalating.watch(session, overdue) for _ in range(2)]
        late = escalating.watch(session, TODAY + timedelta(days=7))
        mails = session.scalars(select(OutboxMessage.recipient).order_by(OutboxMessage.id)).all()
    assert [(each.overdue, each.told, each.escalated) for each in told] == [(1, 1, 0), (1, 0, 0)]
    assert (late.told, late.escalated) == (0, 1)
    assert mails == ["a.lindqvist@example.com", "risk@example.com"]
    assert action.escalated_at is not None


def test_a_day_that_is_over_is_no_due_day(row: RowHead) -> None:
    with db.transaction() as session:
        for day in (TODAY - timedelta(days=1), date.max, date.min):
            with pytest.raises(InvalidInput, match="is not a day from today"):
                planned(session, row, due_on=day)
