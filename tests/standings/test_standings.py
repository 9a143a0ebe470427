"""A standing is proposed by a grade, decided by a person, and has consequences for orders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import acting, clock, db
from app.base.acting import NOTHING, Actor, Source
from app.base.db import Database
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput
from app.facts.deliveries.lines.ordered_lines import lines_ordered_in
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.standings import queries, services
from app.facts.suppliers.standings.models import Standing
from app.facts.suppliers.standings.queries import Answer
from app.facts.suppliers.standings.restrictions import restrictions
from app.facts.suppliers.standings.services import Proposal
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.approvals import kinds
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict
from app.platform.audit.models import AuditEvent
from tests.approvals.cast import person
from tests.builders import facts
from tests.conftest import NOW, TODAY

REASON = "cracked castings in three lots"
GRADE_D = Proposal(Standing.RESTRICTED, "D", 61.0, None, "12 months to 31 Oct 2026")
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def house(database: Database) -> dict[str, int]:
    """A supplier, a buyer, and somebody who may approve blocks and exceptions."""
    kinds.register(services.KINDS)
    with db.transaction() as session:
        people = {name: person(session, name) for name in ("Buyer", "Approver")}
        grants.grant(
            session, user_id=people["Approver"], role=Role.APPROVER, reason="approves blocks"
        )
        return people | {"supplier": facts.supplier(session, "Kestrel", number="S-1").id}


@contextmanager
def as_buyer(house: dict[str, int]) -> Iterator[Session]:
    actor = Actor("Buyer", Source.UI, user_id=house["Buyer"], roles=frozenset({"buyer"}))
    with acting.acting_as(actor), db.transaction() as session:
        yield session


def agree(
    house: dict[str, int], kind: str, row_id: int, *, by: str = "Approver",
    verdict: Verdict = Verdict.APPROVE,
) -> None:  # fmt: skip
    """Decide as somebody who reaches no supplier: an approver sees what was submitted."""
    actor = Actor(
        by, Source.UI, user_id=house[by], roles=frozenset({"approver"}), reads=NOTHING,
        writes=NOTHING,
    )  # fmt: skip
    with acting.acting_as(actor), db.transaction() as session:
        waiting = approvals.awaiting(session, ObjectRef(kind, str(row_id)))
        approvals.decide(
            session, approval_id=waiting.id, decision=verdict, reason="looked at the lots",
            seen_version=1, seen_hash=waiting.content_hash,
        )  # fmt: skip


def decide(house: dict[str, int], standing: Standing, **given: object) -> int:
    given = {"from_on": TODAY, "reason": REASON} | given
    with as_buyer(house) as session:
        return services.decide(session, house["supplier"], standing=standing, **given).id  # type: ignore[arg-type]


def terms(house: dict[str, int], day: date = TODAY) -> queries.OrderTerms:
    with db.reading() as session:
        return queries.terms_on(session, house["supplier"], day)


def status(house: dict[str, int]) -> str:
    with db.reading() as session:
        return session.get_one(Supplier, house["supplier"]).status


def block(house: dict[str, int]) -> None:
    agree(house, services.STANDING, decide(house, Standing.BLOCKED))


def test_what_the_grade_proposes_needs_no_reason_of_its_own(house: dict[str, int]) -> None:
    decide(house, Standing.RESTRICTED, reason="", proposal=GRADE_D)
    found = terms(house)
    assert (found.standing, found.answer) == ("restricted", Answer.WARN)
    assert found.reason == "As grade D of 12 months to 31 Oct 2026 proposes."
    assert status(house) == "restricted"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_override_needs_a_reason_and_says_so(house: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        decide(house, Standing.PREFERRED, reason="", proposal=GRADE_D)
    decide(house, Standing.PREFERRED, proposal=GRADE_D)
    with db.reading() as session:
        row = queries.history_of(session, house["supplier"])[0]
    assert (row.is_override, row.grade, row.decided_by) == (True, "D", "Buyer")


def test_a_block_holds_only_when_another_person_agreed(house: dict[str, int]) -> None:
    row = decide(house, Standing.BLOCKED)
    assert terms(house).answer is Answer.YES
    assert status(house) == "approved"
    with pytest.raises(Forbidden):
        agree(house, services.STANDING, row, by="Buyer")
    agree(house, services.STANDING, row)
    assert (terms(house).answer, status(house)) == (Answer.NO, "blocked")
    # The status follows the block; the days before it are as they were.
    assert terms(house, TODAY - timedelta(days=1)).standing == "approved"
    with db.reading() as session:
        watched = restrictions(session)
    assert watched.terms_on(house["supplier"], TODAY).standing == "blocked"
    assert watched.terms_on(house["supplier"], TODAY - timedelta(days=1)).standing == "approved"
    with db.reading() as session:
        acts = session.scalars(
            select(AuditEvent.action).where(AuditEvent.entity == "supplier_standing")
        ).all()
        assert queries.history_of(session, house["supplier"])[0].approved_by == "Approver"
    assert list(acts) == ["create", "change"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refused_block_changes_nothing(house: dict[str, int]) -> None:
    row = decide(house, Standing.BLOCKED)
    agree(house, services.STANDING, row, verdict=Verdict.REJECT)
    assert terms(house).answer is Answer.YES
    decide(house, Standing.RESTRICTED)
    assert terms(house).standing == "restricted"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_lifting_a_block_needs_another_person_too(house: dict[str, int]) -> None:
    block(house)
    row = decide(house, Standing.APPROVED)
    assert terms(house).answer is Answer.NO
    agree(house, services.STANDING, row)
    assert terms(house).answer is Answer.YES


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_standing_that_ends_gives_way_to_the_one_before(
    house: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(house, Standing.PREFERRED)
    decide(house, Standing.RESTRICTED, until_on=LATER)
    assert terms(house, LATER).standing == "restricted"
    assert terms(house, LATER + timedelta(days=1)).standing == "preferred"
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=31))
    with db.transaction() as session:
        assert services.settle_statuses(session, clock.today()) == 1
    assert status(house) == "preferred"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_master_record_says_since_is_not_taken_back(
    house: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(house, Standing.RESTRICTED, until_on=LATER)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=31))
    with db.transaction() as session:
        session.get_one(Supplier, house["supplier"]).status = "exited"
        assert services.settle_statuses(session, clock.today()) == 0
    assert status(house) == "exited"
    assert terms(house, LATER + timedelta(days=1)).standing == "exited"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"from_on": TODAY - timedelta(days=1)}, "E-STD-02"),
        ({"until_on": TODAY - timedelta(days=1)}, "E-STD-02"),
        ({"standing": Standing.APPROVED}, "E-STD-03"),
    ],
)
def test_a_decision_that_can_not_be_is_refused_with_its_code(
    house: dict[str, int], given: dict[str, object], code: str
) -> None:
    standing = given.pop("standing", Standing.RESTRICTED)
    with pytest.raises(AppError) as refused:
        decide(house, Standing(str(standing)), **given)
    assert refused.value.code == code


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_decisions_do_not_wait_at_once(house: dict[str, int]) -> None:
    decide(house, Standing.BLOCKED)
    with pytest.raises(Conflict, match="waits for approval"):
        decide(house, Standing.RESTRICTED)


def test_an_exception_lets_somebody_order_until_its_last_day(house: dict[str, int]) -> None:
    with pytest.raises(Conflict, match="is not blocked"):
        ask(house)
    block(house)
    row = ask(house)
    assert terms(house).answer is Answer.NO
    agree(house, services.EXCEPTION, row)
    found = terms(house)
    assert found.exception is not None
    assert (found.answer, found.exception.buyer) == (Answer.WARN, "Plant 2000")
    assert terms(house, LATER + timedelta(days=1)).answer is Answer.NO


def ask(house: dict[str, int]) -> int:
    with as_buyer(house) as session:
        return services.ask_exception(
            session, house["supplier"], buyer="Plant 2000", from_on=TODAY, until_on=LATER,
            reason="until the second source is qualified",
        ).id  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_ordered_while_it_was_blocked_is_told_from_the_facts(house: dict[str, int]) -> None:
    block(house)
    with db.transaction() as session:
        supplier = session.get_one(Supplier, house["supplier"])
        for ordered_on in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=2)):
            order = facts.order(
                session, supplier, number=f"{ordered_on}", buyer_unit="2000", ordered_on=ordered_on
            )
            facts.line(session, order)
        history = queries.history_of(session, supplier.id)
        spans = queries.blocked_spans(history, until=TODAY + timedelta(days=5))
        placed = lines_ordered_in(session, spans, supplier_ids=[supplier.id])
    assert spans == [(TODAY, TODAY + timedelta(days=5))]
    assert [(each.order_number, each.buyer_unit) for each in placed] == [
        ("2026-11-23", "2000"), ("2026-11-21", "2000"),
    ]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_exception_that_is_ended_holds_no_more(house: dict[str, int]) -> None:
    block(house)
    agree(house, services.EXCEPTION, ask(house))
    with as_buyer(house) as session:
        row = queries.exceptions_of(session, house["supplier"])[0]
        services.end_exception(
            session, house["supplier"], row.public_id, reason="the second source delivers"
        )
    assert terms(house).answer is Answer.NO


def day(ahead: int) -> date:
    return TODAY + timedelta(days=ahead)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_makes_a_lift_for_some_days_a_lasting_one_alone(house: dict[str, int]) -> None:
    block(house)
    agree(house, services.STANDING, decide(house, Standing.APPROVED, until_on=LATER))
    row = decide(house, Standing.PREFERRED)
    assert (terms(house).standing, terms(house, day(31)).standing) == ("approved", "blocked")
    agree(house, services.STANDING, row)
    assert terms(house, day(31)).standing == "preferred"
    # Nothing is blocked any more: from here on one person decides.
    decide(house, Standing.APPROVED)
    assert terms(house, day(31)).standing == "approved"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_planned_before_a_block_does_not_end_it(house: dict[str, int]) -> None:
    decide(house, Standing.PREFERRED, from_on=day(1))
    block(house)
    assert [terms(house, day(ahead)).answer for ahead in (0, 1, 400)] == [Answer.NO] * 3
    with db.reading() as session:
        held = queries.standings_on(session, day(1))
    assert held[house["supplier"]].standing == "blocked"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_decision_does_not_reach_beyond_ten_years(house: dict[str, int]) -> None:
    for given in ({"until_on": date.max}, {"from_on": date(2040, 1, 1)}):
        with pytest.raises(InvalidInput, match="Check the year"):
            decide(house, Standing.RESTRICTED, **given)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_exception_covers_nothing_ordered_before_somebody_agreed(
    house: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    block(house)
    row = ask(house)
    with pytest.raises(Conflict, match="waits for approval already"):
        ask(house)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=5))
    agree(house, services.EXCEPTION, row)
    assert [terms(house, day(ahead)).answer for ahead in (4, 5)] == [Answer.NO, Answer.WARN]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_exception_whose_days_are_over_is_not_agreed_to(
    house: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    block(house)
    row = ask(house)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=31))
    with pytest.raises(Conflict, match="which is over"):
        agree(house, services.EXCEPTION, row)
    agree(house, services.EXCEPTION, row, verdict=Verdict.REJECT)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_two_decisions_at_once_the_second_sees_the_first(house: dict[str, int]) -> None:
    refused: list[Conflict] = []

    def second() -> None:
        try:
            decide(house, Standing.RESTRICTED)
        except Conflict as error:
            refused.append(error)

    with as_buyer(house) as session:
        services.decide(
            session, house["supplier"], standing=Standing.BLOCKED, from_on=TODAY, reason=REASON
        )
        other = Thread(target=second)
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(5)
    assert [error.code for error in refused] == ["E-STD-04"]
