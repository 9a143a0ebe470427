"""What a past day counted stays; what is entered late for it has it looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.base import clock, db
from app.base.db import Database
from app.base.errors import InvalidInput
from app.calc.continuity import Basis
from app.calc.continuity_facts import Answer, ExerciseKind, Part, Topic
from app.calc.periods import month_index
from app.facts.deliveries.touched_models import TouchedMonth
from app.facts.suppliers.models import Supplier
from app.judgement.continuity import exercising, queries, services
from app.judgement.continuity.content import Called, VersionSaid
from app.judgement.continuity.due import PlanDayKind, plan_days
from app.judgement.continuity.exercising import Planned, Replied, Result
from app.judgement.continuity.models import ContinuityPlan, PlanVersion
from app.judgement.continuity.readiness import reading_of
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards.models import ScorecardSnapshot
from app.platform.records.models import Attachment
from app.recompute import recompute
from tests.builders import houses
from tests.conftest import NOW, TODAY
from tests.continuity.cast import REASON, SAID, House, approved, as_buyer, ask, opened, points

JUNE, SEPTEMBER = date(2026, 6, 30), date(2026, 9, 30)
APPROVED = date(2025, 3, 31)


def approved_long_ago(house: House, said: VersionSaid = SAID) -> ContinuityPlan:
    plan = approved(house, said)
    with db.transaction() as session:
        session.get_one(ContinuityPlan, plan.id).opened_on = APPROVED
        version = session.scalars(select(PlanVersion)).one()
        version.begun_on = version.approved_on = APPROVED
    return plan


def call(house: House, plan: ContinuityPlan, day: date | None, *, name: str = "Ann") -> None:
    """Note that a contact was reached, which is added where it is not there yet."""
    with as_buyer(house) as session:
        sheet = queries.plan_sheet(session, session.get_one(ContinuityPlan, plan.id), TODAY)
        known = {each.name: each.public_id for each in sheet.contacts}
        services.save_contact(
            session, plan.public_id, Called(name, last_reached_on=day),
            contact_id=known.get(name), seen_version=sheet.plan.version,
        )  # fmt: skip


def review(house: House, plan: ContinuityPlan, day: date) -> None:
    with as_buyer(house) as session:
        seen = session.get_one(ContinuityPlan, plan.id).version
        services.note_review(
            session, plan.public_id, reviewed_on=day, next_on=None, reason=REASON,
            seen_version=seen,
        )  # fmt: skip


def exercised(house: House, plan: ContinuityPlan, day: date, days: int | None = None) -> None:
    with as_buyer(house) as session:
        made = exercising.plan_exercise(
            session, plan.public_id, Planned(ExerciseKind.FULL, "Fire", day)
        )
        exercising.note_result(
            session, plan.public_id, made.public_id, Result(day, days), seen_version=1
        )


def noted() -> list[tuple[int, str]]:
    """Which months are to be looked at again, and why; forgets them."""
    with db.transaction() as session:
        rows = session.scalars(select(TouchedMonth).order_by(TouchedMonth.month)).all()
        for row in rows:
            session.delete(row)
        return [(row.month, row.cause) for row in rows]


def test_a_later_call_review_or_removal_changes_no_past_day(small: House) -> None:
    plan = approved_long_ago(small)
    call(small, plan, date(2026, 4, 1))
    review(small, plan, date(2026, 5, 4))
    then = {Part.CONTACTS: 5.0, Part.REVIEWED: 10.0}

    def of_june() -> dict[Part, float | None]:
        found = points(small, JUNE)
        return {part: found[part] for part in then}

    assert of_june() == then
    call(small, plan, TODAY)
    review(small, plan, TODAY)
    # Who is added today, and was never reached, was nobody's contact in June.
    call(small, plan, None, name="Bob")
    assert of_june() == then
    assert points(small)[Part.CONTACTS] == 0
    with as_buyer(small) as session:
        sheet = queries.plan_sheet(session, session.get_one(ContinuityPlan, plan.id), TODAY)
        for each in sheet.contacts:
            services.remove_contact(
                session, plan.public_id, each.public_id, seen_version=sheet.plan.version
            )
        # Who it was goes; only the days stay.
        assert {each.name for each in sheet.contacts} == {services.NO_NAME}
    assert of_june() == then
    assert points(small)[Part.CONTACTS] == 0
    with db.transaction() as session:
        sheet = queries.plan_sheet(session, session.get_one(ContinuityPlan, plan.id), TODAY)
        assert sheet.contacts == ()
        assert [each.reviewed_on for each in sheet.reviews] == [TODAY, date(2026, 5, 4)]
        assert sheet.said.last_reviewed_on == TODAY
        [due] = [each for each in plan_days(session, TODAY) if each.kind is PlanDayKind.REVIEW]
        session.scalars(select(PlanVersion)).one().approved_on = TODAY
        [later] = [each for each in plan_days(session, TODAY) if each.kind is PlanDayKind.REVIEW]
    # No review prolongs the approval, which ended.
    assert (due.day, due.words[:17]) == (date(2026, 3, 31), "The approval ends")
    assert (later.day, later.words) == (
        date(2027, 11, 21), "Review of the plan, last looked at 21 Nov 2026",
    )  # fmt: skip


def test_an_earlier_call_corrects_the_last_one(small: House) -> None:
    plan = approved_long_ago(small)
    for day in (date(2026, 2, 2), date(2026, 9, 9), date(2026, 5, 5)):
        call(small, plan, day)

    def kept() -> tuple[list[str], date]:
        with db.reading() as session:
            of = session.get_one(ContinuityPlan, plan.id)
            [contact] = queries.plan_sheet(session, of, TODAY).contacts
            return contact.reached_days, contact.added_on

    assert kept() == (["2026-02-02", "2026-05-05"], date(2026, 2, 2))
    call(small, plan, None)
    call(small, plan, None)
    # Nobody was reached after all: it counts since it was added.
    assert kept() == ([], TODAY)


def test_what_is_dated_back_has_its_months_looked_at_again(small: House) -> None:
    plan = approved_long_ago(small)
    noted()
    exercised(small, plan, date(2026, 9, 15))
    own = [(month_index(date(2026, month, 1)), "continuity") for month in (9, 10, 11)]
    assert noted() == own
    call(small, plan, date(2026, 10, 1))
    assert noted() == own[1:]
    review(small, plan, date(2026, 9, 2))
    assert noted() == own
    question = ask(small, asked=date(2026, 10, 5), due=TODAY)
    assert noted() == own[1:]
    with as_buyer(small) as session:
        [row] = queries.questions_of(session, [small["supplier"]])
        assert row.question.id == question
        exercising.enter_answer(
            session, row.question.public_id, Replied(Answer.YES, TODAY), seen_version=1
        )
    assert noted() == own[2:]
    with as_buyer(small) as session:
        duty = {"label": "C-1", "rto_days": 5, "from_on": date(2026, 9, 1)}
        services.require_recovery(session, small["supplier"], **duty)
        services.require_recovery(session, small["supplier"], **duty)
    assert noted() == own
    with as_buyer(small) as session:
        services.require_recovery(session, small["supplier"], **duty, until_on=date(2026, 10, 9))
    assert noted() == own[1:]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_exercise_that_is_dated_back_restates_card_and_index(
    database: Database, monkeypatch: pytest.MonkeyPatch, house: House
) -> None:
    plan = approved_long_ago(house)
    with db.transaction() as session:
        of = session.get_one(Supplier, house["supplier"])
        houses.deliveries(session, of, lines=3, due_on=date(2026, 9, 7))
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 2, 9, tzinfo=UTC))
    recompute(SEPTEMBER)
    # Figures are final since the 7th, and disputed until the 21st.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 12, 9, tzinfo=UTC))
    assert recompute().older.written == 0
    exercised(house, plan, date(2026, 9, 15), 8)
    recompute()
    because = "Changed by what was recorded of its continuity."
    with db.reading() as session:
        for model in (ScorecardSnapshot, RiskSnapshot):
            told = session.scalars(
                select(model)
                .where(
                    model.supplier_id == house["supplier"],
                    model.period_kind == "12m",
                    model.period_end == SEPTEMBER,
                )
                .order_by(model.sequence)
            ).all()
            assert [each.restated_because for each in told] == [None, because], model
    assert recompute().older.written == 0


def test_a_draft_that_says_nothing_is_no_plan(small: House) -> None:
    ask(small, asked=date(2026, 9, 1), due=date(2026, 10, 1))
    plan = opened(small)
    with db.reading() as session:
        found = reading_of(session, small["supplier"], TODAY)
        sheet = queries.supplier_sheet(session, small["supplier"], TODAY)
    assert (found.readiness.basis, found.readiness.points) == (Basis.NO_ANSWER, 0.0)
    assert [each.id for each in sheet.others] == [plan.id]
    exercised(small, plan, TODAY)
    with db.reading() as session:
        assert reading_of(session, small["supplier"], TODAY).readiness.basis is Basis.PLAN


def test_an_answer_to_another_question_is_no_silence(small: House) -> None:
    ask(small, asked=date(2026, 9, 1), due=date(2026, 10, 1), topic=Topic.TESTED)
    answer(small, Answer.YES, date(2026, 9, 9))
    with db.reading() as session:
        found = reading_of(session, small["supplier"], TODAY).readiness
    assert (found.basis, found.points) == (Basis.NO_PLAN, 0.0)


def test_another_answer_takes_the_proof_of_the_one_before(small: House) -> None:
    approved_long_ago(small, replace(SAID, alternate_percent=None))
    for asked, said in ((date(2026, 3, 2), Answer.YES), (date(2026, 9, 1), Answer.NO)):
        key = ask(small, asked=asked, due=TODAY, topic=Topic.COVERS)
        answer(small, said, asked)
        if said is Answer.YES:
            for day in (date(2026, 2, 1), date(2026, 11, 1)):
                proof(small, key, day)
    # The newer document was not there in June; the older one was.
    assert points(small, JUNE)[Part.ALTERNATE] == 7.5
    assert points(small)[Part.ALTERNATE] is None


def answer(house: House, said: Answer, day: date) -> None:
    with as_buyer(house) as session:
        question = queries.questions_of(session, [house["supplier"]])[0].question
        exercising.enter_answer(session, question.public_id, Replied(said, day), seen_version=1)


def proof(house: House, question_id: int, day: date) -> None:
    with db.transaction() as session:
        session.add(
            Attachment(
                entity="plan_question", entity_id=question_id, supplier_id=house["supplier"],
                display_name="r.txt", media_type="text/plain", sha256="0" * 64, size=1,
                evidence_on=day, uploaded_by="Buyer", uploaded_at=NOW,
            )
        )  # fmt: skip


def test_a_mistyped_year_is_refused(small: House) -> None:
    plan, wrong = approved(small), date(26, 3, 1)
    for code, write in (
        ("E-BCP-30", lambda: exercised(small, plan, wrong)),
        ("E-BCP-10", lambda: call(small, plan, wrong)),
        ("E-BCP-09", lambda: review(small, plan, wrong)),
        ("E-BCP-35", lambda: ask(small, asked=wrong, due=TODAY)),
        ("E-BCP-36", lambda: ask(small, asked=TODAY, due=TODAY - timedelta(days=1))),
    ):
        with pytest.raises(InvalidInput, match=code):
            write()
