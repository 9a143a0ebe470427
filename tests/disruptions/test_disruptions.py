"""Disruptions and debit notes: what counts, what is charged once, what never changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.calc.periods import parse_period
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.disruptions import queries, services
from app.facts.deliveries.disruptions.models import DebitItem, DebitNote
from app.facts.deliveries.disruptions.services import Told
from app.facts.deliveries.models import CausedBy, Disruption, DisruptionKind
from app.facts.suppliers.models import Supplier
from app.judgement.scorecards.more.explaining import explained
from app.judgement.scorecards.more.gathering import gather_more
from app.judgement.scorecards.more.measures import More, more_measures
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
from tests.builders import facts, houses

DAY = date(2026, 10, 5)
AS_OF = date(2026, 10, 31)
YEAR = parse_period("12m", as_of=AS_OF)
REASON = "counted twice by two plants"


def told(reference: str = "LS-1", **given: object) -> Told:
    given = {
        "kind": DisruptionKind.LINE_STOP,
        "occurred_on": DAY,
        "caused_by": CausedBy.SUPPLIER,
        "hours": Decimal(3),
        "cost": Decimal(1000),
        "currency": "EUR",
    } | given
    return Told(reference=reference, **given)


def recorded(session: Session, of: Supplier, **given: object) -> Disruption:
    return services.record(session, of.id, told(**given))


def line_stops(session: Session, of: Supplier) -> int:
    sums = deliveries.event_sums(session, YEAR, supplier_ids=[of.id]).of(of.id)
    return 0 if sums is None else sums["line_stops"]


def more(session: Session, of: Supplier) -> More:
    facts_of = gather_more(session, YEAR, supplier_ids=[of.id])[of.id]
    return more_measures(facts_of, as_of=AS_OF)


def test_a_disruption_counts_at_once_and_a_withdrawn_one_nowhere(database: Database) -> None:
    with database.transaction() as session:
        of = facts.supplier(session)
        found = recorded(session, of)
        assert line_stops(session, of) == 1
        services.edit(session, found, told(caused_by=CausedBy.CARRIER), reason=REASON)
        assert line_stops(session, of) == 0
        services.edit(session, found, told(), reason=REASON)
        services.withdraw(session, found, reason=REASON)
        assert line_stops(session, of) == 0
        assert queries.disruption_sums(session, YEAR, supplier_ids=[of.id]) == {}
        with pytest.raises(Conflict, match="is withdrawn and never changes"):
            services.edit(session, found, told(), reason=REASON)
        rows = queries.disruption_rows(session, of.id, last_day=AS_OF)
        assert [row.disruption.withdrawn_because for row in rows] == [REASON]
    with database.reading() as session:
        told_of = [e.action for e in session.query(AuditEvent) if e.entity == "disruption"]
    assert told_of == ["create"]


def test_a_correction_needs_a_reason(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        found = recorded(session, facts.supplier(session))
        with pytest.raises(ReasonNeeded):
            services.edit(session, found, told(hours=Decimal(9)), reason="")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"occurred_on": date(2027, 1, 1)}, "lies in the future"),
        ({"currency": None}, "cost with its currency"),
        ({"cost": None}, "cost with its currency"),
    ],
)
def test_what_can_not_be_is_refused(
    sqlite_only: Database, given: dict[str, object], said: str
) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        with pytest.raises(InvalidInput, match=said):
            recorded(session, of, **given)
        recorded(session, of)
        with pytest.raises(Conflict, match="recorded already"):
            recorded(session, of)


def test_hours_and_costs_add_up_over_what_the_supplier_caused(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        houses.deliveries(session, of, lines=30)
        recorded(session, of, reference="1", hours=Decimal("2.5"))
        recorded(session, of, reference="2", kind=DisruptionKind.YARD_HOLD, cost=None,
                 currency=None)  # fmt: skip
        recorded(session, of, reference="3", caused_by=CausedBy.BUYER, cost=Decimal(9000))
        recorded(session, of, reference="4", occurred_on=date(2024, 1, 1))
        found = more(session, of)
    measures = found.measures
    assert measures["disruption_hours"].value == 5.5
    cost = measures["disruption_cost"]
    assert (cost.value, cost.unknown, cost.reason) == (1000.0, 1, "Unknown costs, left out: 1.")
    assert {"disruption_cost", "copq"} <= found.at_least
    # 1,000 of 30 lines of 1,000 pieces at 2 euro each.
    assert measures["copq"].value == pytest.approx(1000 / 60_000)
    assert "scrap, rework" in (measures["copq"].reason or "")
    assert (measures["yard_holds"].value, measures["stop_ships"].value) == (1.0, 0.0)


def test_without_a_log_nothing_is_not_zero(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        houses.deliveries(session, of, lines=5)
        found = more(session, of).measures
    names = ("yard_holds", "disruption_hours", "disruption_cost", "copq")
    assert [found[name].value for name in names] == [None] * 4


def test_a_cost_without_its_currency_is_unknown(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        recorded(session, of).currency = None
        session.flush()
        cost = more(session, of).measures["disruption_cost"]
    assert (cost.value, cost.unknown) == (None, 1)


def test_costs_in_two_currencies_are_not_added_up(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        recorded(session, of, reference="1")
        recorded(session, of, reference="2", currency="USD")
        found = more(session, of).measures
    assert (found["disruption_cost"].value, found["copq"].value) == (None, None)
    assert "EUR and USD" in (found["disruption_cost"].reason or "")


def test_a_cost_is_charged_once_and_stands_while_it_is(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        first, second = recorded(session, of, reference="1"), recorded(session, of, reference="2")
        note = services.make_note(session, of.id, [first.id, second.id], text=None)
        assert queries.note_of(session, of.id, note.public_id).amount == Decimal(2000)
        with pytest.raises(Conflict, match="stands on a debit note already"):
            services.make_note(session, of.id, [first.id], text=None)
        with pytest.raises(Conflict, match="charges this cost"):
            services.edit(session, first, told("1", cost=Decimal(1)), reason=REASON)
        services.discard(session, note, reason=REASON)
        again = services.make_note(session, of.id, [first.id], text=None)
        assert (note.state, again.state) == ("discarded", "draft")


def test_what_came_back_is_told_as_recovered(sqlite_only: Database, people: dict[str, int]) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        ids = [recorded(session, of, reference=name).id for name in ("1", "2")]
        note = services.make_note(session, of.id, ids, text=None)
        services.send(session, note)
        with pytest.raises(InvalidInput, match="the note charges 2,000"):
            services.settle(session, note, amount=Decimal(2001), reason=None)
        with pytest.raises(ReasonNeeded):
            services.settle(session, note, amount=Decimal(500), reason=None)
        services.settle(session, note, amount=Decimal(500), reason="agreed at the review")
        assert note.state == "sent"
        with pytest.raises(Conflict, match="waits for another person"):
            services.dispute(session, note, reason=REASON)
        key, own = note.id, of.id
    agree(key, people)
    with sqlite_only.reading() as session:
        note = session.get_one(DebitNote, key)
        costs = more(session, session.get_one(Supplier, own)).costs
    assert (note.state, costs.recovered, costs.recovered_share) == ("settled", 500, 0.25)
    assert note.state_because == "agreed at the review"


@pytest.fixture
def people(sqlite_only: Database) -> dict[str, int]:
    """A buyer, and somebody who may approve what becomes of notes."""
    kinds.register([services.KIND])
    with sqlite_only.transaction() as session:
        found = {name: person(session, name) for name in ("Buyer", "Approver")}
        grants.grant(
            session, user_id=found["Approver"], role=Role.APPROVER, reason="approves settlements"
        )
    return found


def agree(key: int, people: dict[str, int], *, by: str = "Approver") -> None:
    with work_of(people[by], by) as session:
        waiting = waiting_for(session, ObjectRef(services.NOTE, str(key)))
        assert waiting is not None
        approvals.decide(
            session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=REASON,
            seen_version=1, seen_hash=waiting.content_hash,
        )  # fmt: skip


def test_nobody_settles_or_forgives_a_note_that_was_sent_alone(
    sqlite_only: Database, people: dict[str, int]
) -> None:
    with work_of(people["Buyer"], "Buyer") as session:
        of = facts.supplier(session)
        found = recorded(session, of)
        note = services.make_note(session, of.id, [found.id], text=None)
        services.send(session, note)
        services.dispute(session, note, reason=REASON)
        assert services.discard(session, note, reason="not ours to charge") is False
        key = note.id
    with pytest.raises(Forbidden):
        agree(key, people, by="Buyer")
    with sqlite_only.reading() as session:
        assert session.get_one(DebitNote, key).state == "disputed"
    agree(key, people)
    with sqlite_only.reading() as session:
        note = session.get_one(DebitNote, key)
        assert (note.state, note.state_because) == ("discarded", "not ours to charge")
        assert session.query(DebitItem).count() == 0


def test_production_lines_that_nobody_counted_are_told_as_unknown(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        recorded(session, of, reference="1", lines_hit=2)
        recorded(session, of, reference="2")
        own = gather_more(session, YEAR, supplier_ids=[of.id])[of.id]
        found = more_measures(own, as_of=AS_OF)
    told = explained(found.measures["disruption_hours"], found, own)
    assert ("Production lines hit", "2, unknown of 1") in told.parts


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cost": None, "currency": None}, "can’t be charged"),
        ({"caused_by": CausedBy.BUYER}, "can’t be charged"),
    ],
)
def test_only_known_costs_of_the_supplier_are_charged(
    sqlite_only: Database, given: dict[str, object], said: str
) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        found = recorded(session, of, **given)
        with pytest.raises(InvalidInput, match=said):
            services.make_note(session, of.id, [found.id], text=None)


def test_another_suppliers_disruption_is_not_charged(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of, other = facts.supplier(session), facts.supplier(session)
        found = recorded(session, other)
        with pytest.raises(InvalidInput, match="not of this supplier"):
            services.make_note(session, of.id, [found.id], text=None)
