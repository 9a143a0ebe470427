"""Older periods restate by themselves: at once, with their cause, and only where it matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.periods import month_index, parse_period
from app.facts.deliveries import rollup
from app.facts.deliveries.models import (
    Acknowledgement,
    InspectionLot,
    LotVerdict,
    PurchaseOrder,
    Receipt,
    ScheduleLine,
)
from app.facts.deliveries.touched_models import TouchedBy, TouchedMonth
from app.facts.deliveries.touching import Because
from app.facts.suppliers.models import Supplier
from app.judgement.risk_index import restating
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards import queries
from app.judgement.scorecards.closed import services as closed_cards
from app.judgement.scorecards.closed.models import ProposedRestatement
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.models import PriorPeriodLine, ScorecardSnapshot
from app.judgement.scorecards.packing import unpacked_measures
from app.platform.audit.services import ReasonNeeded
from app.platform.jobs.handle import Run
from app.platform.sources.models import BatchState, SourceBatch
from app.recompute import recompute, recompute_job
from tests.builders import facts, houses
from tests.executors.houses import claimed, taken_over

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)
# September: final on 7 October, disputed until the 21st. October: the 6th, the 20th.
PRELIMINARY, DISPUTED, CLOSED = date(2026, 10, 5), date(2026, 10, 12), date(2026, 11, 2)
OF_SEPTEMBER = [("12m", SEPTEMBER), ("quarter", SEPTEMBER)]
Today = Callable[[date], None]
# What is decided here is no matter of the engine.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def today(fixed_clock: datetime, monkeypatch: pytest.MonkeyPatch) -> Today:
    def be(day: date) -> None:
        monkeypatch.setattr(
            clock, "now", lambda: datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        )

    return be


@pytest.fixture
def supplier(database: Database, today: Today) -> int:
    """Eighty lines due in August and September, four never came; published for September."""
    with db.transaction() as session:
        of = facts.supplier(session, "Nordlys Elektronik AS")
        houses.deliveries(session, of, lines=40, due_on=date(2026, 8, 10))
        houses.deliveries(session, of, lines=40, due_on=date(2026, 9, 7))
        with rollup.change(session, until=houses.UNTIL) as change:
            lines = [line.id for line in lines_of(session)[40:44]]
            change.touch(lines)
            for row in session.scalars(select(Receipt).where(Receipt.line_id.in_(lines))):
                session.delete(row)
        session.add_all(beside(session, of.id))
        rollup.refresh_events(session, [of.id])
        own = of.id
    today(date(2026, 10, 2))
    recompute(SEPTEMBER)
    return own


def beside(session: Session, supplier_id: int) -> Iterator[Acknowledgement | InspectionLot]:
    sent = datetime(2026, 8, 3, 8, tzinfo=UTC)
    for order in session.scalars(select(PurchaseOrder.id)):
        yield Acknowledgement(
            supplier_id=supplier_id, order_id=order, sent_at=sent,
            acknowledged_at=sent + timedelta(hours=20), month=month_index(sent.date()),
        )  # fmt: skip
    for place in range(12):
        yield InspectionLot(
            supplier_id=supplier_id, lot=f"L{place}", inspected_on=sent.date(),
            month=month_index(sent.date()), size=Decimal(100), verdict=LotVerdict.ACCEPTED,
        )  # fmt: skip


def lines_of(session: Session) -> list[ScheduleLine]:
    return list(session.scalars(select(ScheduleLine).order_by(ScheduleLine.id)))


def late_file(session: Session, name: str = "late.csv") -> Because:
    batch = SourceBatch(
        kind="deliveries", file_name=name, file_sha256="0" * 64, fingerprint=name,
        mapping_name="mainstay-deliveries", mapping_version="1", state=BatchState.PUBLISHED,
        rows_read=1, rows_aside=0, summary={}, staged_by="test",
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return Because(TouchedBy.IMPORT, batch.id)


def receive(*places: int, quantity: int = 1000) -> None:
    """Receipts that came in time are told only now."""
    with db.transaction() as session:
        lines = [lines_of(session)[place] for place in places]
        because = late_file(session)
        with rollup.change(session, until=houses.UNTIL, because=because) as change:
            change.touch([line.id for line in lines])
            for line in lines:
                facts.receipt(
                    session, line, date(2026, 9, 7), quantity, quantity_rejected=Decimal(0)
                )


def lose_documents(place: int, days: int) -> None:
    """A correction too small to matter: one receipt came a few days earlier."""
    with db.transaction() as session:
        line = lines_of(session)[place]
        because = late_file(session, "small.csv")
        with rollup.change(session, until=houses.UNTIL, because=because) as change:
            change.touch([line.id])
            row = session.scalars(select(Receipt).where(Receipt.line_id == line.id)).one()
            row.arrived_on = date(2026, 8, 10) - timedelta(days=days)


def cards(kind: str, end: date) -> list[ScorecardSnapshot]:
    with db.reading() as session:
        found = session.scalars(
            select(ScorecardSnapshot)
            .where(ScorecardSnapshot.period_kind == kind, ScorecardSnapshot.period_end == end)
            .order_by(ScorecardSnapshot.sequence)
        ).all()
        session.expunge_all()
        return list(found)


def count(model: type[TouchedMonth] | type[PriorPeriodLine] | type[ScorecardSnapshot]) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_late_receipt_restates_every_window_that_holds_its_month(
    supplier: int, today: Today
) -> None:
    today(DISPUTED)
    receive(40, 41)
    result = recompute()
    assert result.older.written == 2
    for kind, end in OF_SEPTEMBER:
        before, after = cards(kind, end)
        assert (before.otif, after.otif) == (0.95, 0.975)
        assert after.supersedes_id == before.id
        assert after.restated_because == "Changed by import #1 late.csv."
        assert before.restated_because is None
        assert after.as_of > before.as_of or kind == "quarter"


@on_sqlite
def test_recomputing_twice_adds_nothing(supplier: int, today: Today) -> None:
    today(DISPUTED)
    receive(40)
    recompute()
    stored = count(ScorecardSnapshot)
    assert count(TouchedMonth) == 0
    again = recompute()
    assert (count(ScorecardSnapshot), again.older.written) == (stored, 0)


@on_sqlite
def test_a_restated_card_says_what_a_full_recompute_says(supplier: int, today: Today) -> None:
    today(DISPUTED)
    receive(40, 42)
    lose_documents(3, days=30)
    recompute()
    with db.reading() as session:
        year = parse_period("12m", as_of=SEPTEMBER)
        live = queries.scored(session, supplier, year)
    after = cards("12m", SEPTEMBER)[-1]
    told = unpacked_measures(after.parts["measures"])
    # What was open on the day of publication is no correction: four lines lacked goods then.
    assert (told.pop("open_past_due").value, live.measures.pop("open_past_due").value) == (4, 2)
    assert told == live.measures
    assert after.score == live.result.score
    assert recompute(SEPTEMBER).scorecards["12m"].written == 0


@on_sqlite
def test_before_it_is_final_a_card_simply_moves_on(supplier: int, today: Today) -> None:
    today(PRELIMINARY)
    receive(40)
    recompute()
    for kind, end in OF_SEPTEMBER:
        assert [card.restated_because for card in cards(kind, end)] == [None, None]


@on_sqlite
def test_a_closed_card_is_restated_only_where_it_matters(supplier: int, today: Today) -> None:
    today(CLOSED)
    lose_documents(3, days=1)
    small = recompute()
    assert small.carried == 2
    assert "2 corrections carried to the next card." in small.summary
    assert [len(cards(*each)) for each in OF_SEPTEMBER] == [1, 1]
    with db.reading() as session:
        told = {
            row.period_kind: (row.period_end, row.carried_to, row.because)
            for row in session.scalars(select(PriorPeriodLine))
        }
    because = "Changed by import #1 small.csv."
    assert told == {
        "12m": (SEPTEMBER, date(2026, 11, 30), because),
        "quarter": (SEPTEMBER, date(2026, 12, 31), because),
    }
    receive(40, 41, 42, 43)
    large = recompute()
    # A person decides on what matters; it holds the small correction too.
    assert "2 closed cards to be restated by a person." in large.summary
    assert [len(cards(*each)) for each in OF_SEPTEMBER] == [1, 1]
    assert count(PriorPeriodLine) == 0
    assert recompute().proposed == 0
    assert decided(is_approved=True) == 2
    for kind, end in OF_SEPTEMBER:
        before, after = cards(kind, end)
        assert (before.otif, after.otif, after.supersedes_id) == (0.95, 1.0, before.id)
        assert after.restated_because == "Changed by import #2 late.csv."
    stored = count(ScorecardSnapshot)
    again = recompute()
    assert (again.proposed, count(ScorecardSnapshot)) == (0, stored)


def waiting() -> list[ProposedRestatement]:
    with db.reading() as session:
        rows = session.scalars(
            select(ProposedRestatement).where(ProposedRestatement.state == "proposed")
        ).all()
        session.expunge_all()
        return list(rows)


def decided(*, is_approved: bool) -> int:
    keys = [row.public_id for row in waiting()]
    with db.transaction() as session:
        return closed_cards.decide(
            session, keys, is_approved=is_approved, reason="the carrier's papers show it"
        )


@on_sqlite
def test_what_is_refused_is_told_on_the_next_card_and_not_asked_again(
    supplier: int, today: Today
) -> None:
    today(CLOSED)
    receive(40, 41, 42, 43)
    recompute()
    (row, _) = waiting()
    assert decided(is_approved=False) == 2
    # Nothing came: other facts, the same card.
    receive(0, quantity=0)
    for _ in range(2):
        assert recompute().proposed == 0
        assert ([len(cards(*each)) for each in OF_SEPTEMBER], waiting()) == ([1, 1], [])
        with db.reading() as session:
            told = session.scalars(select(PriorPeriodLine.because)).all()
        assert told == ["Changed by import #1 late.csv."] * 2
    with db.transaction() as session, pytest.raises(Conflict, match="refused meanwhile"):
        closed_cards.decide(session, [row.public_id], is_approved=True, reason="it does matter")


@on_sqlite
def test_a_proposal_that_no_longer_holds_is_not_approved(supplier: int, today: Today) -> None:
    today(CLOSED)
    receive(40, 41)
    recompute()
    first = {row.public_id for row in waiting()}
    receive(42, 43)
    assert recompute().proposed == 2
    assert first.isdisjoint(row.public_id for row in waiting())
    causes = "Changed by import #1 late.csv. Changed by import #2 late.csv."
    assert {row.because for row in waiting()} == {causes}
    with db.transaction() as session, pytest.raises(Conflict, match="outdated meanwhile"):
        closed_cards.decide(session, first, is_approved=True, reason="the carrier's papers")


@on_sqlite
def test_a_decision_needs_its_reason_and_something_to_decide(supplier: int, today: Today) -> None:
    today(CLOSED)
    receive(40, 41, 42, 43)
    recompute()
    keys = [row.public_id for row in waiting()]
    for error, given, reason in (
        (ReasonNeeded, keys, "short"), (InvalidInput, [], "long enough"),
        (NotFound, [uuid4()], "long enough"),
    ):  # fmt: skip
        with pytest.raises(error), db.transaction() as session:
            closed_cards.decide(session, given, is_approved=True, reason=reason)
    assert len(waiting()) == 2


@on_sqlite
def test_a_quarter_is_restated_when_the_one_before_it_takes_its_cap_away(
    database: Database, today: Today
) -> None:
    with db.transaction() as session:
        of = facts.supplier(session)
        houses.deliveries(session, of, lines=20, late=5, due_on=date(2026, 6, 8))
        houses.deliveries(session, of, lines=129, late=13, due_on=date(2026, 9, 7))
        session.add_all(beside(session, of.id))
        rollup.refresh_events(session, [of.id])
    today(date(2026, 10, 2))
    recompute(SEPTEMBER)
    today(date(2027, 1, 4))
    with db.transaction() as session:
        late = [line.id for line in lines_of(session)[:5]]
        with rollup.change(session, until=houses.UNTIL, because=late_file(session)) as change:
            change.touch(late)
            for row in session.scalars(select(Receipt).where(Receipt.line_id.in_(late))):
                row.arrived_on = date(2026, 6, 8)
    recompute(date(2027, 1, 4))
    asked = {row.period_kind: (row.grade_before, row.grade_after) for row in waiting()}
    assert asked["quarter"] == ("C", "B")
    decided(is_approved=True)
    told = [(card.grade, card.restated_because) for card in cards("quarter", SEPTEMBER)]
    assert told == [("C", None), ("B", "Changed by import #1 late.csv.")]


@on_sqlite
def test_a_correction_that_is_taken_back_is_not_carried(supplier: int, today: Today) -> None:
    today(CLOSED)
    lose_documents(3, days=1)
    recompute()
    assert count(PriorPeriodLine) == 2
    lose_documents(3, days=0)
    recompute()
    assert count(PriorPeriodLine) == 0


@on_sqlite
def test_a_run_that_is_ended_among_older_cards_goes_on(
    supplier: int, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    today(DISPUTED)
    receive(40)
    held = claimed("recompute", as_of=DISPUTED.isoformat())
    with monkeypatch.context() as patched:
        patched.setattr(db, "transaction", dying_at(6))
        with pytest.raises(KeyboardInterrupt):
            recompute_job({"as_of": DISPUTED.isoformat()}, Run(held))
    assert len(cards("12m", SEPTEMBER)) == 2
    with db.reading() as session:
        (seen,) = queries.snapshots_of(session, supplier, PeriodKind.QUARTER)
    assert (seen.period_end, count(TouchedMonth) > 0) == (SEPTEMBER, True)
    report = recompute_job({"as_of": DISPUTED.isoformat()}, Run(taken_over(held)))
    assert "1 older scorecard restated." in report["summary"]
    assert (len(cards("12m", SEPTEMBER)), count(TouchedMonth)) == (2, 0)


def dying_at(number: int) -> Callable[[], object]:
    """Transactions, the last of which ends the process instead of committing."""
    real, begun = db.transaction, [0]

    @contextmanager
    def transaction() -> Iterator[Session]:
        begun[0] += 1
        if begun[0] == number:
            raise KeyboardInterrupt
        with real() as session:
            yield session

    return transaction


@on_sqlite
@pytest.mark.parametrize("seed", [3, 17])
def test_any_changes_restate_to_what_the_facts_say(supplier: int, today: Today, seed: int) -> None:
    today(DISPUTED)
    dice = Random(seed)  # noqa: S311 — dice of a test
    for _ in range(4):
        change_something(dice)
        if dice.random() < 0.5:
            recompute()
    recompute()
    stored = count(ScorecardSnapshot)
    for kind, label in (("12m", "12m"), ("quarter", "2026Q3")):
        with db.reading() as session:
            live = queries.scored(session, supplier, parse_period(label, as_of=SEPTEMBER))
        told = unpacked_measures(cards(kind, SEPTEMBER)[-1].parts["measures"])
        for name in told.keys() - {"open_past_due"}:
            assert told[name] == live.measures[name], name
    recompute()
    assert count(ScorecardSnapshot) == stored


def change_something(dice: Random) -> None:
    """Take away, move, reject or bring goods of some line, as a feed would."""
    with db.transaction() as session:
        line = dice.choice(lines_of(session))
        with rollup.change(session, until=houses.UNTIL, because=late_file(session)) as change:
            change.touch([line.id])
            row = session.scalars(select(Receipt).where(Receipt.line_id == line.id)).first()
            if row is None:
                facts.receipt(session, line, date(2026, 9, 7), quantity_rejected=Decimal(3))
            elif dice.random() < 0.3:
                session.delete(row)
            else:
                row.arrived_on = date(2026, 8, 1) + timedelta(days=dice.randrange(60))
                row.quantity_rejected = Decimal(dice.randrange(20))


def test_a_line_that_no_date_was_told_of_touches_no_period(supplier: int) -> None:
    with db.transaction() as session:
        order = facts.order(session, session.get_one(Supplier, supplier))
        facts.line(session, order, promised_original_on=None)
        rollup.rebuild(session, until=houses.UNTIL)
    with db.reading() as session:
        assert 0 in session.scalars(select(TouchedMonth.month)).all()
    assert recompute(SEPTEMBER).older.written == 0


@on_sqlite
def test_the_index_of_a_restated_day_says_what_a_fresh_one_says(
    supplier: int, today: Today
) -> None:
    today(date(2026, 9, 1))
    with db.transaction() as session:
        other = facts.supplier(session, "Untouched").id
    recompute(date(2026, 8, 31))
    today(date(2026, 10, 2))
    recompute(SEPTEMBER)
    today(DISPUTED)
    receive(40, 41)
    result = recompute()
    assert "1 older risk index restated" in result.summary
    # August holds no touched month, and nobody touched the other supplier.
    told = {
        (owner, end): [each.restated_because for each in indexes(owner, end)]
        for owner in (supplier, other)
        for end in (date(2026, 8, 31), SEPTEMBER)
    }
    assert told.pop((supplier, SEPTEMBER)) == [None, "Changed by import #1 late.csv."]
    assert set(map(len, told.values())) == {1}
    before, after = indexes(supplier, SEPTEMBER)
    assert (after.supersedes_id, after.method_id) == (before.id, before.method_id)
    risks = [{each[0]: each[1] for each in row.parts["dimensions"]} for row in (before, after)]
    assert risks[1]["delivery"] < risks[0]["delivery"]
    assert recompute(SEPTEMBER).risk.written == 0
    assert len(indexes(supplier, SEPTEMBER)) == 2


@on_sqlite
def test_an_index_goes_back_no_further_than_two_years(
    supplier: int, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restating, "MONTHS_BACK", 0)
    today(DISPUTED)
    receive(40)
    recompute()
    assert len(indexes(supplier, SEPTEMBER)) == 1
    assert [len(cards(kind, end)) for kind, end in OF_SEPTEMBER] == [2, 2]


def indexes(supplier_id: int, end: date) -> list[RiskSnapshot]:
    with db.reading() as session:
        found = session.scalars(
            select(RiskSnapshot)
            .where(RiskSnapshot.supplier_id == supplier_id, RiskSnapshot.period_end == end)
            .order_by(RiskSnapshot.sequence)
        ).all()
        session.expunge_all()
        return list(found)
