"""Rooms: how an incident goes on, its times, its money, what it hits; the card on one page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.base import db
from app.base.acting import Actor
from app.base.db import Database
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Renderer, page_count
from app.facts.suppliers.contact_models import Contact
from app.facts.suppliers.models import ApprovedSource
from app.judgement.continuity.incidents import acting, queries, services, wording
from app.judgement.continuity.incidents.acting import Decision
from app.judgement.continuity.incidents.card import card
from app.judgement.continuity.incidents.models import (
    DecisionState,
    IncidentDecision,
    IncidentState,
    TaskState,
)
from app.judgement.continuity.incidents.room import Room, room
from app.judgement.continuity.incidents.services import Facts, Opening
from app.judgement.continuity.models import ContinuityPlan, PlanVersion
from app.judgement.continuity.paper import TEMPLATE
from app.judgement.continuity.responses import card as response_card
from app.judgement.continuity.responses import queries as responses
from app.judgement.continuity.responses import services as agreed
from app.judgement.continuity.responses.queries import Step
from app.judgement.continuity.responses.services import Said
from app.judgement.continuity.responses.triggers import Trigger
from app.platform.approvals import queries as approval_queries
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict
from app.platform.audit.services import ReasonNeeded
from tests.builders import facts
from tests.conftest import NOW, TODAY
from tests.incidents.cast import REASON, STEPS, agree, approve, at_work, people, supplier_with_parts

CONFIRMED, CONTAINED, RESTORED = (
    IncidentState.CONFIRMED, IncidentState.CONTAINED, IncidentState.RESTORED,
)  # fmt: skip


@pytest.fixture
def staff(sqlite_only: Database) -> tuple[Actor, Actor]:
    """One who works, one who approves, and a supplier with two parts."""
    found = people()
    with db.transaction() as session:
        supplier_with_parts(session)
    return found


def opened(response: UUID | None = None, **given: object) -> UUID:
    """Open an incident that began two days ago; return its key in addresses."""
    with db.transaction() as session:
        supplier = agreed.supplier_numbered(session, "S-0042")
        by = None if response is None else responses.by_public_id(session, response).response
        said = Opening(**{"title": "Furnace burnt", "started_at": NOW - timedelta(days=2)} | given)
        return services.open_incident(session, supplier.id, said, response=by).public_id


def seen(public_id: UUID) -> Room:
    with db.reading() as session:
        return room(session, public_id, now=NOW)


def moved(public_id: UUID, to: IncidentState, hours_ago: int = 0, reason: str = "") -> None:
    with db.transaction() as session:
        services.move(
            session, public_id, to, at=NOW - timedelta(hours=hours_ago), reason=reason,
            seen_version=queries.incident_by_public_id(session, public_id).version,
        )  # fmt: skip


def test_an_incident_goes_its_way_with_its_times(staff: tuple[Actor, Actor]) -> None:
    key = opened(signalled_at=NOW - timedelta(hours=36))
    moved(key, CONFIRMED, 30)
    with db.transaction() as session:
        acting.decide(
            session, key, Decision("Fly it in", REASON, decided_at=NOW - timedelta(hours=24))
        )
    moved(key, CONTAINED, 20)
    moved(key, RESTORED, 4)
    found = seen(key)
    assert (found.delays.detection, found.delays.decision, found.delays.recovery) == (12, 12, 44)
    with db.reading() as session:
        rows = queries.incident_rows(session, now=NOW)
    mean = queries.mean_time_to_recover(rows, now=NOW)
    assert (mean.mean, mean.closed, mean.running) == (44.0, 1, 0)
    # It came back: what was over is open again, and says why.
    with pytest.raises(ReasonNeeded):
        moved(key, CONFIRMED)
    moved(key, CONFIRMED, reason="The second furnace failed too")
    assert (seen(key).incident.restored_at, seen(key).incident.contained_at) == (None, None)


def amended(key: UUID, *, began: int, heard: int, version: int) -> None:
    """Say how many hours ago it began and was first heard of."""
    with db.transaction() as session:
        facts = Facts(
            "Furnace burnt", None, None, None, NOW - timedelta(hours=began),
            NOW - timedelta(hours=heard), None, None,
        )  # fmt: skip
        services.amend(session, key, facts, seen_version=version)


def test_steps_out_of_order_or_of_another_time_are_refused(staff: tuple[Actor, Actor]) -> None:
    key = opened(started_at=None, signalled_at=NOW - timedelta(hours=36))
    with pytest.raises(Conflict, match="can’t become restored"):
        moved(key, RESTORED)
    # Not before anybody had heard of it, not ahead, not when the calendar began.
    for hours_ago in (37, -1, 2025 * 8766):
        with pytest.raises(InvalidInput, match="E-INC-11"):
            moved(key, CONFIRMED, hours_ago)
    moved(key, CONFIRMED, 10)
    with pytest.raises(InvalidInput, match="when it was confirmed"):
        moved(key, CONTAINED, 11)
    with pytest.raises(InvalidInput, match="E-INC-04: It was first heard of"):
        amended(key, began=48, heard=9, version=2)
    with db.transaction() as session, pytest.raises(Conflict, match="E-INC-08"):
        services.move(session, key, CONTAINED, at=None, reason="", seen_version=1)


def test_a_strike_that_was_announced_hits_after_it_was_confirmed(
    staff: tuple[Actor, Actor],
) -> None:
    key = opened(started_at=None, signalled_at=NOW - timedelta(hours=36))
    moved(key, CONFIRMED, 30)
    amended(key, began=6, heard=36, version=2)
    with pytest.raises(InvalidInput, match="when supply was hit"):
        moved(key, RESTORED, 7)
    moved(key, RESTORED, 2)
    found = seen(key)
    # Noticed 30 hours before it hit.
    assert (found.delays.detection, found.delays.recovery) == (-30, 4)
    with pytest.raises(InvalidInput, match="E-INC-04: It began"):
        amended(key, began=1, heard=36, version=4)


def test_what_is_hit_is_kept_as_known_and_unknown_revenue_stays_unknown(
    staff: tuple[Actor, Actor],
) -> None:
    found = seen(opened())
    assert found.exposure.sums == (("EUR", Decimal(4_000_000)),)
    assert (found.exposure.parts, found.exposure.unknown) == (2, 1)
    assert found.runs_out is not None
    assert (found.runs_out.part.number, found.runs_out.on) == (
        "P-S-0042-0", (NOW + timedelta(days=10)).date(),
    )  # fmt: skip


def test_money_beyond_what_was_agreed_waits_for_another_person(
    staff: tuple[Actor, Actor],
) -> None:
    author, approver = staff
    key = opened(agree(author, approver, None))
    with at_work(author) as session:
        first = acting.decide(
            session, key, Decision("Plane", REASON, amount=Decimal(15_000), currency="EUR")
        )
        second = acting.decide(
            session, key, Decision("Second plane", REASON, amount=Decimal(5_001), currency="EUR")
        )
        states, second_id = (first.state, second.state), second.id
    assert states == (DecisionState.DECIDED, DecisionState.PROPOSED)
    assert seen(key).authority == (Decimal(20_000), Decimal(15_000), "EUR")
    with pytest.raises(Forbidden, match="E-SOD"):
        approve(author, acting.SPENDING, second_id)
    approve(approver, acting.SPENDING, second_id)
    assert [(each.state, each.decided_by) for each in seen(key).decisions] == [
        ("decided", "Weber"), ("decided", "Brandt"),
    ]  # fmt: skip
    assert seen(key).authority == (Decimal(20_000), Decimal(20_001), "EUR")
    assert seen(key).left_at_once == 0


def test_money_that_was_taken_back_or_refused_may_be_asked_for_again(
    staff: tuple[Actor, Actor],
) -> None:
    author, approver = staff
    key = opened(agree(author, approver, None))

    def ask(amount: int) -> int:
        with at_work(author) as session:
            said = Decision("Plane", REASON, amount=Decimal(amount), currency="EUR")
            return acting.decide(session, key, said).id

    first = ask(90_000)
    with pytest.raises(Conflict, match="E-INC-18"):
        ask(80_000)
    with at_work(author) as session:
        waiting = approval_queries.waiting_for(session, ObjectRef(acting.SPENDING, str(first)))
        assert waiting is not None
        approvals.withdraw(session, approval_id=waiting.id)
    assert wording.decision_badge(*_only(seen(key))) == ("none", "taken back")
    second = ask(80_000)
    approve(approver, acting.SPENDING, second, Verdict.REJECT)
    ask(20_000)
    assert [each.state for each in seen(key).decisions] == ["proposed", "refused", "decided"]
    assert seen(key).left_at_once == 0


def _only(found: Room) -> tuple[IncidentDecision, frozenset[int]]:
    (decision,) = found.decisions
    return decision, found.waiting


def test_tasks_are_done_dropped_with_a_reason_and_opened_again(staff: tuple[Actor, Actor]) -> None:
    author, approver = staff
    key = opened(agree(author, approver, None))
    call, book = seen(key).tasks
    with at_work(author) as session:
        acting.settle_task(session, key, call.public_id, TaskState.DONE, outcome="", seen_version=1)
    with at_work(author) as session, pytest.raises(ReasonNeeded):
        acting.settle_task(
            session, key, book.public_id, TaskState.DROPPED, outcome="", seen_version=1
        )
    with at_work(author) as session, pytest.raises(Conflict, match="E-INC-16"):
        acting.settle_task(session, key, call.public_id, TaskState.OPEN, outcome="", seen_version=1)
    assert seen(key).left == 1


def test_another_version_holds_once_another_person_agreed_and_not_before(
    staff: tuple[Actor, Actor],
) -> None:
    author, approver = staff
    first = agree(author, approver, "past_due")
    said = Said("Castings stop", (*STEPS, Step("Ask the board", "Weber", 48)), "Brandt", "past_due")
    with at_work(author) as session:
        row = agreed.follow(session, first, said, reason=REASON, seen_version=1)
        key = row.id
    with db.reading() as session:
        assert [len(each.steps) for each in responses.in_force(session)] == [2]
    approve(approver, "incident_response", key)
    with db.reading() as session:
        assert [len(each.steps) for each in responses.in_force(session)] == [3]
    with at_work(author) as session, pytest.raises(Conflict, match="E-RSP-12"):
        agreed.propose(session, said, reason=REASON)


def test_the_card_takes_one_page_however_much_there_is(staff: tuple[Actor, Actor]) -> None:
    author, approver = staff
    many = tuple(Step(f"{place} " + "long words " * 26, "O" * 190, place) for place in range(20))
    response = agree(author, approver, None, steps=many, name="N" * 200, supplier="S-0042")
    with db.transaction() as session:
        supplier_id = agreed.supplier_numbered(session, "S-0042").id
        for place in range(6):
            address = f"{place}.first.on.the.line.for.emergencies@kestrel-castings.example.com"
            session.add(
                Contact(supplier_id=supplier_id, email=address, name="N" * 190, is_emergency=True)
            )
            part = facts.part(session, number=f"P-{place}" + "9" * 50, name="long words " * 15)
            session.add(ApprovedSource(part_id=part.id, supplier_id=supplier_id))
        plan = ContinuityPlan(
            supplier_id=supplier_id, scope="supplier", title="Foundry", opened_on=TODAY,
            opened_by="W", changed_by="W", changed_at=NOW,
        )  # fmt: skip
        session.add(plan)
        session.flush()
        session.add(
            PlanVersion(
                plan_id=plan.id, number=1, state="approved", begun_on=TODAY, approved_on=TODAY,
                approved_at=NOW, rto_days=365, alternate_site="far away " * 20,
                alternate_percent=100, activation_trigger="when nothing else helps " * 10,
            )
        )  # fmt: skip
    key = opened(response, title="W" * 200)
    for place in range(6):
        with at_work(author) as session:
            acting.decide(session, key, Decision(f"{place} " + "so it is " * 200, REASON))
    with db.reading() as session:
        made = card(session, room(session, key, now=NOW), paper_size=PaperSize.LETTER)
        sheet = responses.by_public_id(session, response)
        before = response_card.card(session, sheet, {}, now=NOW, paper_size=PaperSize.LETTER)
    assert (len(made.steps), made.more) == (8, "In the room: 12 steps more, 3 parts more.")
    assert (len(before.steps), before.more) == (8, "Not on this card: 12 steps more, 3 parts more.")
    with Renderer(processes=1) as renderer:
        printed = renderer.render_many([(TEMPLATE, made), (TEMPLATE, before)])
        assert [page_count(each) for each in printed if isinstance(each, bytes)] == [1, 1]


def test_the_card_of_a_response_says_beforehand_what_is_done(staff: tuple[Actor, Actor]) -> None:
    author, approver = staff
    given = {"supplier": "S-0042", "air_freight": ("P-S-0042-1",)}
    key = agree(author, approver, "past_due", **given)
    known = {"past_due": Trigger("past_due", "Past due", "above 10 lines")}
    with db.reading() as session:
        sheet = responses.by_public_id(session, key)
        made = response_card.card(session, sheet, known, now=NOW, paper_size=PaperSize.A4)
    assert made.steps == (
        ("Call the plant manager", "Brandt", "4 h", ""),
        ("Book the plane", "Lindqvist", "24 h", ""),
    )
    assert (made.call, made.next_step) == (
        "Begins when", "“Past due” is raised (above 10 lines). The incident opens by itself.",
    )  # fmt: skip
    assert [(each.label, each.value) for each in made.figures] == [
        ("State", "in force"), ("Revenue at stake", "4,000,000 EUR"),
        ("Our stock lasts", "12 days"), ("Money at once", "20,000 EUR"),
    ]  # fmt: skip
    assert [(part[0].split()[0], "by air" in part[0]) for part in made.parts] == [
        ("P-S-0042-0", False), ("P-S-0042-1", True),
    ]  # fmt: skip
    assert made.decisions is None
    with at_work(author) as session:
        agreed.retire(session, key, reason=REASON)
    with db.reading() as session:
        sheet = responses.by_public_id(session, key)
        made = response_card.card(session, sheet, known, now=NOW, paper_size=PaperSize.A4)
    assert (made.call, made.next_step[:23]) == ("Not in force", "this version is retired")


def test_an_incident_is_not_opened_by_a_response_that_holds_no_more(
    staff: tuple[Actor, Actor],
) -> None:
    author, approver = staff
    key = agree(author, approver, None)
    with at_work(author) as session:
        agreed.retire(session, key, reason=REASON)
    with pytest.raises(Conflict, match="E-INC-21"):
        opened(key)


def test_a_name_that_was_taken_back_may_be_given_again(staff: tuple[Actor, Actor]) -> None:
    author, _ = staff

    def propose() -> int:
        with at_work(author) as session:
            said = Said("Castings stop", STEPS, "Brandt")
            return agreed.propose(session, said, reason=REASON).id

    first = propose()
    with pytest.raises(Conflict, match="E-RSP-14"):
        propose()
    with at_work(author) as session:
        waiting = approval_queries.waiting_for(session, ObjectRef(agreed.RESPONSE, str(first)))
        assert waiting is not None
        approvals.withdraw(session, approval_id=waiting.id)
    propose()


def test_a_list_of_responses_shows_what_holds_whatever_was_refused_since(
    staff: tuple[Actor, Actor],
) -> None:
    author, approver = staff
    first = agree(author, approver, "past_due")
    said = Said("Castings stop, longer", STEPS, "Brandt", "past_due")

    def shown() -> list[tuple[str, str, int | None]]:
        with db.reading() as session:
            ids = [each.id for each in responses.present(session)]
            return [
                (e.response.name, e.response.state, e.coming)
                for e in responses.sheets(session, ids)
            ]

    with at_work(author) as session:
        key = agreed.follow(session, first, said, reason=REASON, seen_version=1).id
    assert shown() == [("Castings stop", "in_force", 2)]
    approve(approver, "incident_response", key, Verdict.REJECT)
    assert shown() == [("Castings stop", "in_force", None)]
    with at_work(author) as session:
        third = agreed.follow(session, first, said, reason=REASON, seen_version=2).id
    approve(approver, "incident_response", third)
    assert shown() == [("Castings stop, longer", "in_force", None)]


def test_of_more_parts_than_an_incident_lists_those_with_most_revenue_stay(
    staff: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        supplier_id = agreed.supplier_numbered(session, "S-0042").id
        part = facts.part(session, number="P-Z", revenue_exposed=Decimal(9_000_000), currency="EUR")
        session.add(ApprovedSource(part_id=part.id, supplier_id=supplier_id))
    monkeypatch.setattr(services, "MOST_PARTS", 2)
    assert [each.number for each in seen(opened()).parts] == ["P-Z", "P-S-0042-0"]
    with pytest.raises(InvalidInput, match="E-INC-07"):
        opened(title="Other", parts=("P-Z", "P-S-0042-0", "P-S-0042-1"))
