"""Corrective actions: clocks that nothing resets, two root causes, who decides, what closes."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.base import acting, clock
from app.base.acting import Actor, Source
from app.base.db import Database
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.calc.corrective import Effectiveness, Step, StepState
from app.calc.periods import month_index, parse_period
from app.facts.deliveries.models import InspectionLot, LotVerdict
from app.facts.deliveries.touched_models import TouchedMonth
from app.judgement.corrective import queries, services
from app.judgement.corrective.models import CorrectiveAction
from app.judgement.corrective.queries import Wanted
from app.judgement.corrective.services import Problem, Said
from app.judgement.scorecards.queries import scored
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.approvals import kinds
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict
from app.platform.approvals.queries import waiting_for
from app.platform.audit.models import AuditEvent
from app.platform.audit.services import ReasonNeeded
from tests.approvals.cast import person, work_of
from tests.builders import facts

ISSUED = datetime(2026, 8, 3, 9, tzinfo=UTC)
BUYER = Actor("Buyer", Source.UI, user_id=1, roles=frozenset({"buyer"}))
QUALITY = Actor("Quality", Source.UI, user_id=2, roles=frozenset({"risk_manager"}))
REASON = "agreed at the review of August"
HOUR = timedelta(hours=1)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> object:
    """Set the clock to so many hours after the issue."""

    def set_clock(hours: float) -> datetime:
        moment = ISSUED + hours * HOUR
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    return set_clock


def opened(session: Session, **given: object) -> CorrectiveAction:
    of = facts.supplier(session)
    with acting.acting_as(BUYER):
        return services.open_action(
            session, of.id, Problem("Leaks", "Six leak", **given), at=ISSUED
        )


def answered(session: Session, action: CorrectiveAction, step: Step, **given: object) -> object:
    said = Said("done", clock.now(), **given)
    return services.answer(session, action, step, said)


def step_through(session: Session, action: CorrectiveAction, *steps: Step) -> None:
    """Answer and accept steps, as the system, which is nobody's colleague."""
    for step in steps:
        given = {"occurrence_cause": "wear", "escape_cause": "no gauge"} if step is Step.D4 else {}
        if step is Step.D6:
            given = {"corrected_on": clock.today()}
        answer = answered(session, action, step, **given)
        services.accept(session, action, answer.public_id)


def test_severity_and_due_times_follow_from_the_triggers(database: Database, at: object) -> None:
    at(0)
    with database.transaction() as session:
        critical = opened(session, is_safety=True)
        minor = opened(session)
        sheets = [queries.action_sheet(session, each, moment=ISSUED) for each in (critical, minor)]
        contained = [sheet.of(Step.D3).standing.due_at for sheet in sheets]
    assert (critical.severity, minor.severity) == ("critical", "minor")
    assert contained == [ISSUED + 24 * HOUR, ISSUED + 48 * HOUR]
    assert critical.number == f"SCAR-2026-{critical.id:04d}"


def test_a_rejected_answer_resets_no_clock(sqlite_only: Database, at: object) -> None:
    with sqlite_only.transaction() as session:
        at(0)
        action = opened(session)
        at(40)
        first = answered(session, action, Step.D3)
        at(60)
        services.reject(session, action, first.public_id, reason="no date of the sorting given")
        standing = queries.action_sheet(session, action, moment=clock.now()).of(Step.D3).standing
        assert (standing.state, standing.due_at) == (StepState.OVERDUE, ISSUED + 48 * HOUR)
        at(61)
        second = answered(session, action, Step.D3)
        services.accept(session, action, second.public_id)
        standing = queries.action_sheet(session, action, moment=clock.now()).of(Step.D3).standing
        assert (standing.state, standing.is_late, standing.rejections) == (
            StepState.ACCEPTED, True, 1,
        )  # fmt: skip


def test_a_request_that_is_sent_twice_is_opened_once(sqlite_only: Database, at: object) -> None:
    at(0)
    with sqlite_only.transaction() as session:
        of, leaks = facts.supplier(session), Problem("Leaks", "Six leak")
        services.open_action(session, of.id, leaks)
        with pytest.raises(Conflict, match="open already, as SCAR-2026-0001"):
            services.open_action(session, of.id, leaks)
        services.open_action(session, of.id, Problem("Leaks", "Seven leak"))
        at(1)
        services.open_action(session, of.id, leaks)


def test_d4_needs_both_root_causes(sqlite_only: Database, at: object) -> None:
    with sqlite_only.transaction() as session:
        at(0)
        action = opened(session)
        at(10)
        half = answered(session, action, Step.D4, occurrence_cause="worn punch")
        with pytest.raises(Conflict, match="root cause of the escape is missing"):
            services.accept(session, action, half.public_id)
        at(11)
        whole = answered(
            session, action, Step.D4, occurrence_cause="worn punch", escape_cause="no gauge"
        )
        services.accept(session, action, whole.public_id)
        assert whole.accepted


def test_closing_waits_for_three_clean_lots(sqlite_only: Database, at: object) -> None:
    with sqlite_only.transaction() as session:
        at(0)
        action = opened(session)
        at(24)
        step_through(session, action, *list(Step)[:6])
        at(24 * 20)
        early = answered(session, action, Step.D7)
        with pytest.raises(Conflict, match="Effectiveness is not shown"):
            services.accept(session, action, early.public_id)
        for day in (10, 12, 14):
            on = date(2026, 8, day)
            session.add(
                InspectionLot(
                    supplier_id=action.supplier_id, lot=f"L{day}", inspected_on=on,
                    month=month_index(on), verdict=LotVerdict.ACCEPTED,
                )
            )  # fmt: skip
        session.flush()
        services.accept(session, action, early.public_id)
        step_through(session, action, Step.D8)
        shown = queries.action_sheet(session, action, moment=clock.now()).effectiveness
    assert shown is Effectiveness.EFFECTIVE
    assert (action.state, action.ended_at) == ("closed", ISSUED + 480 * HOUR)


def test_whoever_entered_an_answer_does_not_decide_it(sqlite_only: Database, at: object) -> None:
    at(0)
    with acting.acting_as(BUYER), sqlite_only.transaction() as session:
        action = opened(session)
        key = action.id
        answer_id = answered(session, action, Step.D1).public_id
        with pytest.raises(Forbidden, match="somebody else decides"):
            services.accept(session, action, answer_id)
    with acting.acting_as(QUALITY), sqlite_only.transaction() as session:
        decided = services.accept(session, session.get_one(CorrectiveAction, key), answer_id)
        assert decided.decided_by == "Quality"


def test_another_due_time_is_agreed_before_the_present_one_has_passed(
    sqlite_only: Database, at: object
) -> None:
    with sqlite_only.transaction() as session:
        at(0)
        action = opened(session)
        later = ISSUED + 100 * HOUR
        services.agree_due(session, action, Step.D3, due_at=later, reason=REASON)
        sheet = queries.action_sheet(session, action, moment=ISSUED).of(Step.D3)
        assert (sheet.standing.due_at, len(sheet.agreed)) == (later, 1)
        at(101)
        with pytest.raises(Conflict, match="What is overdue is late"):
            services.agree_due(session, action, Step.D3, due_at=ISSUED + 200 * HOUR, reason=REASON)
        with pytest.raises(ReasonNeeded):
            services.agree_due(session, action, Step.D5, due_at=ISSUED + 999 * HOUR, reason="no")


def test_what_can_not_be_answered_is_refused(sqlite_only: Database, at: object) -> None:
    with sqlite_only.transaction() as session:
        at(0)
        action = opened(session)
        with pytest.raises(InvalidInput, match="between the issue"):
            services.answer(session, action, Step.D1, Said("early", ISSUED - HOUR))
        with pytest.raises(InvalidInput, match="since which day"):
            services.answer(session, action, Step.D6, Said("in place", ISSUED))
        services.withdraw(session, action, reason=REASON)
        with pytest.raises(Conflict, match="is withdrawn"):
            services.answer(session, action, Step.D1, Said("late", ISSUED))


def test_another_suppliers_request_is_not_there(sqlite_only: Database, at: object) -> None:
    at(0)
    with sqlite_only.transaction() as session:
        action, other = opened(session), opened(session)
        with pytest.raises(NotFound):
            queries.action_by_public_id(session, [other.supplier_id], action.public_id)


def test_a_page_of_requests_is_read_as_a_page(
    sqlite_only: Database, at: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", 2)
    with sqlite_only.transaction() as session:
        at(0)
        for place in range(5):
            action = services.open_action(
                session, facts.supplier(session).id, Problem(f"{place}", "x"), at=ISSUED
            )
            if place == 2:
                answered(session, action, Step.D1)
        services.withdraw(session, action, reason=REASON)
    with sqlite_only.reading() as session:
        page, total = queries.actions_page(session, moment=ISSUED, limit=2, offset=1)
        assert ([row.action.title for row in page], total) == (["3", "2"], 5)
        waits = Wanted(next_states=["answered"])
        page, total = queries.actions_page(session, waits, moment=ISSUED, limit=2)
        assert ([row.action.title for row in page], total) == (["2"], 1)
        late = Wanted(next_states=["overdue"])
        soon = ISSUED + 24 * HOUR
        page, total = queries.actions_page(session, late, moment=soon, limit=2, offset=2)
        assert ([row.action.title for row in page], total) == (["0"], 3)
        every = queries.action_rows(session, moment=ISSUED, sort="supplier", is_falling=False)
        assert sorted(row.action.title for row in every) == ["0", "1", "2", "3", "4"]


def test_every_step_is_one_event_of_the_log(sqlite_only: Database, at: object) -> None:
    at(0)
    with sqlite_only.transaction() as session:
        action = opened(session)
        step_through(session, action, Step.D1)
    with sqlite_only.reading() as session:
        told = [(e.action, e.entity) for e in session.query(AuditEvent).order_by(AuditEvent.seq)]
    assert told.count(("create", "corrective_action")) == 1
    assert told.count(("create", "corrective_answer")) == 1


@pytest.mark.parametrize(("in_time", "late", "value"), [(10, 0, 1.0), (6, 4, 0.6)])
def test_8d_answers_on_time_count_by_the_due_time_of_the_plan(
    sqlite_only: Database, at: object, in_time: int, late: int, value: float
) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        for place in range(in_time + late):
            at(0)
            action = services.open_action(session, of.id, Problem("Leaks", f"{place}"), at=ISSUED)
            at(24 * (29 if place < in_time else 31))
            answered(session, action, Step.D5)
        withdrawn = services.open_action(session, of.id, Problem("None", "x"), at=ISSUED)
        services.withdraw(session, withdrawn, reason=REASON)
        at(24 * 80)
        period = parse_period("12m", as_of=date(2026, 10, 20))
        measure = scored(session, of.id, period).measures["scar_ontime"]
    assert (measure.value, measure.n, str(measure.state)) == (value, 10, "ok")


def test_an_open_critical_one_caps_the_grade_and_a_closed_one_does_not(
    sqlite_only: Database, at: object
) -> None:
    with sqlite_only.transaction() as session:
        at(0)
        action = opened(session, is_safety=True)
        at(24 * 80)
        period = parse_period("12m", as_of=date(2026, 10, 20))
        caps = [cap.reason for cap in scored(session, action.supplier_id, period).result.caps]
        assert caps == ["open_critical_scar"]
        services._withdraw(session, action, REASON)
        later = parse_period("12m", as_of=date(2026, 10, 22))
        assert not scored(session, action.supplier_id, later).result.caps


def test_a_critical_one_is_withdrawn_only_when_another_person_agrees(
    sqlite_only: Database, at: object
) -> None:
    at(0)
    kinds.register([services.KIND])
    with sqlite_only.transaction() as session:
        people = {name: person(session, name) for name in ("Buyer", "Approver")}
        grants.grant(
            session, user_id=people["Approver"], role=Role.APPROVER, reason="approves withdrawals"
        )
        key = opened(session, is_safety=True).id
    with work_of(people["Buyer"]) as session:
        action = session.get_one(CorrectiveAction, key)
        assert services.withdraw(session, action, reason=REASON) is False
        assert action.state == "open"
        waiting = waiting_for(session, ObjectRef(services.WITHDRAWAL, str(key)))
        with pytest.raises(Conflict, match="submitted this already"):
            services.withdraw(session, action, reason=REASON)
    assert waiting is not None
    for name, ended in (("Buyer", False), ("Approver", True)):
        with work_of(people[name], name) as session, suppress(Forbidden):
            approvals.decide(
                session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=REASON,
                seen_version=1, seen_hash=waiting.content_hash,
            )  # fmt: skip
        with sqlite_only.reading() as session:
            action = session.get_one(CorrectiveAction, key)
            assert (action.state == "withdrawn") is ended
    assert (action.ended_by, action.ended_because) == ("Approver", REASON)


def test_what_changes_a_clock_has_the_cards_looked_at_that_count_it(
    sqlite_only: Database, at: object
) -> None:
    def noted(session: Session) -> set[tuple[int, str]]:
        rows = session.execute(select(TouchedMonth.month, TouchedMonth.cause)).all()
        session.execute(delete(TouchedMonth))
        return {tuple(row) for row in rows}

    august, september = (month_index(date(2026, month, 1)) for month in (8, 9))
    with sqlite_only.transaction() as session:
        at(24 * 50)
        action = opened(session)
        # Contained by August, planned by September: both have begun when it is told of.
        assert noted(session) == {(august, "corrective"), (september, "corrective")}
        answered(session, action, Step.D5)
        assert noted(session) == {(september, "corrective")}
        answered(session, action, Step.D1)
        assert noted(session) == set()
        services.withdraw(session, action, reason=REASON)
        assert noted(session) == {(august, "corrective"), (september, "corrective")}


def test_without_any_corrective_action_the_rate_is_unknown(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        period = parse_period("12m", as_of=date(2026, 10, 20))
        measure = scored(session, of.id, period).measures["scar_ontime"]
    assert (measure.value, measure.reason) == (
        None, "No corrective actions are recorded for this supplier.",
    )  # fmt: skip
