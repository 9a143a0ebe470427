"""Plans as they are kept: versions, four eyes, readiness read for everybody, what it feeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from app.base import acting, db
from app.base.acting import NOTHING, Actor, Source
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.calc.continuity import Basis
from app.calc.continuity_facts import Answer, ExerciseKind, Part, Topic
from app.calc.periods import parse_period
from app.facts.suppliers.models import ApprovedSource, Site
from app.judgement.continuity import drafting, exercising, portfolio, queries, services
from app.judgement.continuity.content import (
    Called,
    Opened,
    VersionSaid,
    said_of,
)
from app.judgement.continuity.exercising import Planned, Replied, Result
from app.judgement.continuity.models import (
    ContinuityPlan,
    PlanScope,
    PlanState,
    PlanVersion,
)
from app.judgement.continuity.readiness import reading_of, readings
from app.judgement.risk_index import explanations
from app.judgement.risk_index import queries as risks
from app.judgement.scorecards import queries as scorecards
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.audit.models import AuditEvent
from app.platform.audit.services import ReasonNeeded
from app.platform.records.models import Attachment
from tests.builders import facts
from tests.conftest import NOW, TODAY
from tests.continuity.cast import (
    REASON,
    SAID,
    House,
    approved,
    as_buyer,
    ask,
    decide,
    drafted,
    opened,
    points,
    submitted,
)


def test_an_approved_version_holds_until_the_next_is_approved(house: House) -> None:
    plan = approved(house)
    assert points(house)[Part.DOCUMENTED] == 15
    with as_buyer(house) as session:
        second = drafting.begin_version(session, plan.public_id, reason=REASON, seen_version=3)
        assert (second.number, said_of(session, second)) == (
            2, replace(SAID, next_review_on=date(2027, 11, 21)),
        )  # fmt: skip
    with as_buyer(house) as session:
        said = replace(SAID, rto_days=20, scenarios=())
        drafting.save_draft(session, plan.public_id, said, seen_version=4)
        drafting.submit(session, plan.public_id, reason=REASON, seen_version=5)
    with db.reading() as session:
        assert reading_of(session, house["supplier"], TODAY).plan.facts.claimed_days == 10  # type: ignore[union-attr]
    decide(house, plan)
    with db.reading() as session:
        found = reading_of(session, house["supplier"], TODAY).plan
        states = session.scalars(select(PlanVersion.state).order_by(PlanVersion.number)).all()
        kept = [said_of(session, each).scenarios for each in session.scalars(select(PlanVersion))]
        # The day before the first approval nothing stood yet.
        before = reading_of(session, house["supplier"], TODAY - timedelta(days=1))
    assert found is not None
    assert (found.version, found.facts.claimed_days) == (2, 20)
    assert states == [PlanState.RETIRED, PlanState.APPROVED]
    assert kept == [SAID.scenarios, ()]
    assert before.readiness.basis is Basis.NEVER_ASKED


def test_who_wrote_a_version_does_not_approve_it_and_an_edit_voids_it(small: House) -> None:
    with db.transaction() as session:
        grants.grant(session, user_id=small["Buyer"], role=Role.APPROVER, reason="approves too")
    plan = submitted(small)
    with pytest.raises(Forbidden, match="You wrote this version"):
        decide(small, plan, by="Buyer")
    with as_buyer(small) as session:
        drafting.save_draft(session, plan.public_id, replace(SAID, rto_days=9), seen_version=2)
    with pytest.raises(Conflict, match="was not submitted"):
        decide(small, plan)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (replace(SAID, rto_days=22), "E-BCP-15"),
        (replace(SAID, owner=None, mtpd_days=None), "an owner, the longest tolerable outage"),
    ],
)
def test_a_plan_that_contradicts_itself_or_names_nobody_is_not_submitted(
    small: House, said: VersionSaid, told: str
) -> None:
    plan = drafted(small, said)
    with as_buyer(small) as session, pytest.raises(Conflict, match=told):
        drafting.submit(session, plan.public_id, reason=REASON, seen_version=2)


def test_a_second_tab_is_told_who_was_faster(small: House) -> None:
    plan = drafted(small)
    with as_buyer(small) as session, pytest.raises(Conflict, match="Changed by Buyer"):
        drafting.save_draft(session, plan.public_id, SAID, seen_version=1)
    with as_buyer(small) as session, pytest.raises(ReasonNeeded):
        drafting.submit(session, plan.public_id, reason="short", seen_version=2)


def test_an_ended_plan_counts_no_more_and_its_submission_is_void(small: House) -> None:
    plan = submitted(small)
    with as_buyer(small) as session:
        services.end_plan(session, plan.public_id, reason=REASON, seen_version=2)
    with db.reading() as session:
        assert reading_of(session, small["supplier"], TODAY).plan is None
        events = session.scalars(select(AuditEvent).where(AuditEvent.entity == "continuity_plan"))
        assert [each.reason for each in events][-1] == REASON
    with pytest.raises(Conflict):
        decide(small, plan)


def test_a_site_of_somebody_else_is_not_there(small: House) -> None:
    with as_buyer(small) as session:
        session.add(Site(supplier_id=small["other"], owner_key=small["other"], name="Konya"))
    said = Opened(PlanScope.SITE, "Konya", site="Konya")
    with as_buyer(small) as session, pytest.raises(InvalidInput, match="E-BCP-18"):
        services.open_plan(session, small["supplier"], said)
    with as_buyer(small) as session:
        services.open_plan(session, small["other"], said)
    with as_buyer(small) as session, pytest.raises(Conflict, match="E-BCP-20"):
        services.open_plan(session, small["other"], said)


def test_an_exercise_goes_before_the_claim_and_a_contract_before_the_mtpd(small: House) -> None:
    plan = approved(small)
    assert points(small)[Part.RECOVERY] == 10
    with as_buyer(small) as session:
        planned = exercising.plan_exercise(
            session, plan.public_id, Planned(ExerciseKind.FULL, "Fire", TODAY)
        )
        with pytest.raises(InvalidInput, match="E-BCP-32"):
            exercising.note_result(
                session, plan.public_id, planned.public_id,
                Result(TODAY + timedelta(days=1)), seen_version=1,
            )  # fmt: skip
        exercising.note_result(
            session, plan.public_id, planned.public_id, Result(TODAY, 18), seen_version=1
        )
    assert (points(small)[Part.RECOVERY], points(small)[Part.EXERCISED]) == (20, 20)
    with as_buyer(small) as session:
        for label, days in (("C-1", 15), ("C-2", 30)):
            services.require_recovery(
                session, small["supplier"], label=label, rto_days=days, from_on=TODAY
            )
    assert points(small)[Part.RECOVERY] == 0
    with db.reading() as session:
        found = reading_of(session, small["supplier"], TODAY).plan
        assert found is not None
        assert (found.facts.required_days, found.required_by) == (15, "C-1")
        sheet = queries.plan_sheet(session, session.get_one(ContinuityPlan, plan.id), TODAY)
    assert (sheet.checks.stated, sheet.checks.shown, sheet.checks.shown_beyond_stated) == (
        10, 18, 8,
    )  # fmt: skip
    with as_buyer(small) as session:
        services.require_recovery(
            session, small["supplier"], label="C-1", rto_days=None, from_on=TODAY
        )
    assert points(small)[Part.RECOVERY] == 20


def test_our_own_stock_moves_no_points_and_shows_as_a_gap(small: House) -> None:
    approved(small)
    with db.transaction() as session:
        part = facts.part(session, number="P-9", survive_days=4)
        session.add(ApprovedSource(part_id=part.id, supplier_id=small["supplier"]))
    with db.reading() as session:
        found = [each for each in portfolio.portfolio(session, TODAY) if each.plan]
        [row] = portfolio.with_gaps(session, found, TODAY)
    # 15 documented + 10 claimed + 10 reviewed by approving + 15 alternate capacity.
    assert row.readiness.points == 50
    assert row.gaps == (
        "recovers 6 days after our stock is gone", "nothing for: exercised, contacts reached",
        "2 of 8 parts not known",
    )  # fmt: skip


def test_a_plan_of_a_site_is_held_against_the_parts_from_there(small: House) -> None:
    with as_buyer(small) as session:
        konya, izmir = (
            Site(supplier_id=small["supplier"], owner_key=small["supplier"], name=name)
            for name in ("Konya", "Izmir")
        )
        session.add_all([konya, izmir])
        session.flush()
        for number, site, days in (("P-1", konya, 30), ("P-2", izmir, 4)):
            part = facts.part(session, number=number, survive_days=days)
            session.add(
                ApprovedSource(part_id=part.id, supplier_id=small["supplier"], site_id=site.id)
            )
        plan = services.open_plan(
            session, small["supplier"], Opened(PlanScope.SITE, "Konya", site="Konya")
        )
        drafting.save_draft(session, plan.public_id, SAID, seen_version=1)
    with db.reading() as session:
        found = [each for each in portfolio.portfolio(session, TODAY) if each.plan]
        [row] = portfolio.with_gaps(session, found, TODAY)
        sheet = queries.plan_sheet(session, session.get_one(ContinuityPlan, plan.id), TODAY)
    # It recovers in 10 days; only the part from Izmir would be gone by then.
    assert sheet.checks.gap == -20
    assert row.gaps[0] == "not approved"


def test_contacts_change_without_approval(small: House) -> None:
    plan = approved(small)
    with as_buyer(small) as session:
        made = services.save_contact(
            session, plan.public_id, Called("Ann", last_reached_on=TODAY), contact_id=None,
            seen_version=3,
        )  # fmt: skip
    assert points(small)[Part.CONTACTS] == 5
    with as_buyer(small) as session:
        services.remove_contact(session, plan.public_id, made.public_id, seen_version=4)
        with pytest.raises(NotFound, match="E-BCP-12"):
            services.remove_contact(session, plan.public_id, made.public_id, seen_version=5)
    assert points(small)[Part.CONTACTS] == 0


def test_an_answer_counts_from_its_evidence_not_from_its_upload(small: House) -> None:
    approved(small, replace(SAID, alternate_percent=None))
    key = ask(small, asked=TODAY, due=TODAY, topic=Topic.COVERS)
    with as_buyer(small) as session:
        question = queries.questions_of(session, [small["supplier"]])[0].question
        exercising.enter_answer(
            session, question.public_id, Replied(Answer.YES, TODAY), seen_version=1
        )
    assert points(small)[Part.ALTERNATE] is None
    with db.transaction() as session:
        session.add(
            Attachment(
                entity="plan_question", entity_id=key, supplier_id=small["supplier"],
                display_name="r.txt", media_type="text/plain", sha256="0" * 64, size=1,
                evidence_on=date(2024, 11, 20), uploaded_by="Buyer", uploaded_at=NOW,
            )
        )  # fmt: skip
    assert points(small)[Part.ALTERNATE] is None
    with db.transaction() as session:
        session.scalars(select(Attachment)).one().evidence_on = date(2024, 11, 21)
    assert points(small)[Part.ALTERNATE] == 7.5


def test_index_and_scorecard_keep_unknown_apart_from_zero(small: House) -> None:
    year = parse_period("12m", as_of=TODAY)

    def told() -> tuple[float | None, str, float | None]:
        with db.reading() as session:
            view = risks.risk_card(session, small["supplier"], TODAY)
            own = next(each for each in view.card.dimensions if each.id == "continuity")
            measure = scorecards.scored(session, small["supplier"], year).measures["readiness"]
            return own.risk, explanations.sentence(own), measure.value

    assert told() == (None, "No continuity plan is recorded. Ask the supplier for one.", None)
    ask(small, asked=date(2026, 9, 1), due=date(2026, 10, 22))
    risk, words, value = told()
    assert (risk, value) == (None, None)
    assert words == "It was asked for its continuity plan; the answer is not overdue yet."
    with as_buyer(small) as session:
        question = queries.questions_of(session, [small["supplier"]])[0].question
        said = Replied(Answer.NO, TODAY)
        exercising.enter_answer(session, question.public_id, said, seen_version=1)
    assert told() == (
        100.0, "It was asked, and no continuity plan was handed in: readiness 0.", 0.0,
    )  # fmt: skip
    approved(small)
    risk, words, value = told()
    assert (risk, value) == (50.0, 50.0)
    assert words.startswith("Readiness 50 of 100 by BCP-")
    assert "stock held not known" in words
    with db.reading() as session:
        own = risks.risk_card(session, small["supplier"], TODAY).card.dimensions
        # Stock (10) and sub-suppliers' plans (5) are not known.
        assert next(each for each in own if each.id == "continuity").band == (35.0, 50.0)


def test_readiness_of_many_is_read_in_as_many_statements_as_of_one(small: House) -> None:
    approved(small)

    def statements() -> int:
        counted: list[str] = []
        engine = db.current().read_engine

        def note(*given: object) -> None:
            counted.append(str(given[2]))

        event.listen(engine, "before_cursor_execute", note)
        with db.reading() as session:
            readings(session, TODAY)
        event.remove(engine, "before_cursor_execute", note)
        return len(counted)

    alone = statements()
    with db.transaction() as session:
        for number in range(20):
            of = facts.supplier(session, f"S {number}")
            made = services.open_plan(session, of.id, Opened(PlanScope.SUPPLIER, f"Plan {number}"))
            drafting.save_draft(session, made.public_id, SAID, seen_version=1)
    assert statements() == alone


def test_a_plan_of_somebody_out_of_reach_is_not_there(small: House) -> None:
    plan = opened(small)
    actor = Actor(
        "Outsider", Source.UI, user_id=small["Buyer"], roles=frozenset({"buyer"}), reads=NOTHING,
        writes=NOTHING,
    )  # fmt: skip
    with acting.acting_as(actor), db.transaction() as session:
        with pytest.raises(NotFound):
            services.plan_by_public_id(session, plan.public_id)
        assert readings(session, TODAY) == {}
