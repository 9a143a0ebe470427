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
from app.judgement.continuity.incidents import acting, queries, services
from app.judgement.continuity.incidents.acting import Decision
from app.judgement.continuity.incidents.card import TEMPLATE, card
from app.judgement.continuity.incidents.models import DecisionState, IncidentState, TaskState
from app.judgement.continuity.incidents.room import Room, room
from app.judgement.continuity.incidents.services import Facts, Opening
from app.judgement.continuity.responses import queries as responses
from app.judgement.continuity.responses import services as agreed
from app.judgement.continuity.responses.queries import Step
from app.judgement.continuity.responses.services import Said
from app.platform.audit.services import ReasonNeeded
from tests.conftest import NOW
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


def test_steps_out_of_order_or_of_another_time_are_refused(staff: tuple[Actor, Actor]) -> None:
    key = opened()
    with pytest.raises(Conflict, match="can’t become restored"):
        moved(key, RESTORED)
    with pytest.raises(InvalidInput, match="E-INC-11"):
        moved(key, CONFIRMED, hours_ago=49)
    with pytest.raises(InvalidInput, match="E-INC-11"):
        moved(key, CONFIRMED, hours_ago=-1)
    moved(key, CONFIRMED, 10)
    with db.transaction() as session, pytest.raises(InvalidInput, match="E-INC-04"):
        services.amend(
            session, key,
            Facts("Furnace burnt", None, None, None, NOW - timedelta(hours=9), NOW, None, None),
            seen_version=2,
        )  # fmt: skip
    with db.transaction() as session, pytest.raises(Conflict, match="E-INC-08"):
        services.move(session, key, CONTAINED, at=None, reason="", seen_version=1)


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
    key = opened(
        agree(author, approver, None, steps=many, name="N" * 200),
        title="W" * 200,
    )
    for place in range(6):
        with at_work(author) as session:
            acting.decide(session, key, Decision(f"{place} " + "so it is " * 200, REASON))
    with db.reading() as session:
        made = card(session, room(session, key, now=NOW), paper_size=PaperSize.LETTER)
    assert (len(made.steps), made.more) == (8, "In the room: 12 steps more.")
    with Renderer(processes=1) as renderer:
        assert page_count(renderer.render_one(TEMPLATE, made)) == 1
