"""What was published stays; what changed stands beside it and says why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Database
from app.base.errors import InvalidInput
from app.calc.periods import parse_period
from app.facts.deliveries import rollup
from app.facts.deliveries.models import Receipt, ScheduleLine
from app.facts.suppliers.models import Supplier
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards import queries, services
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from app.judgement.scorecards.snapshots import stored_card
from app.judgement.snapshots.services import FACTS_CHANGED, METHOD_CHANGED
from app.platform.jobs.handle import Run
from app.recompute import recompute, recompute_job
from tests.builders import facts, houses

AS_OF = date(2026, 10, 31)
# October's figures are final on 6 November and may be disputed until the 20th.
DISPUTED = datetime(2026, 11, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
def in_dispute_window(fixed_clock: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: DISPUTED)


def house() -> int:
    """Publish nothing yet: one supplier with 57 of 60 on time, and a warehouse of our own."""
    with db.transaction() as session:
        supplier = facts.supplier(session, "Nordlys Elektronik AS")
        houses.deliveries(session, supplier, lines=60, late=3)
        houses.deliveries(session, houses.warehouse(session), lines=20)
        return supplier.id


def stored(kind: str = "12m") -> list[ScorecardSnapshot]:
    with db.reading() as session:
        found = session.scalars(
            select(ScorecardSnapshot)
            .where(ScorecardSnapshot.period_kind == kind)
            .order_by(ScorecardSnapshot.id)
        ).all()
        session.expunge_all()
        return list(found)


def reject_units(session: Session, supplier_id: int) -> None:
    """A correction: eleven units of the newest receipt are rejected."""
    lines = select(ScheduleLine.id).where(ScheduleLine.supplier_id == supplier_id)
    with rollup.change(session, until=houses.UNTIL) as change:
        newest = session.scalars(select(Receipt).order_by(Receipt.id)).first()
        assert newest is not None
        change.touch(lines)
        newest.quantity_rejected = Decimal(11)


def test_a_recompute_publishes_every_rated_supplier_once(database: Database) -> None:
    own = house()
    result = recompute(AS_OF)
    assert result.scorecards["12m"].written == 1
    assert result.scorecards["quarter"].written == 1
    assert result.risk.written == 1
    card = stored()[0]
    assert (card.supplier_id, card.period_end, card.sequence) == (own, AS_OF, 1)
    assert (card.otif, card.otif_n) == (0.95, 60)
    assert stored("quarter")[0].period_end == date(2026, 9, 30)


def test_the_same_facts_are_not_published_again(database: Database) -> None:
    house()
    recompute(AS_OF)
    again = recompute(AS_OF)
    assert (again.scorecards["12m"].written, again.scorecards["12m"].unchanged) == (0, 1)
    assert (again.risk.written, again.risk.unchanged) == (0, 1)
    assert len(stored()) == 1


def test_changed_facts_are_published_beside_the_old_card(
    database: Database, in_dispute_window: None
) -> None:
    own = house()
    recompute(AS_OF)
    with db.transaction() as session:
        reject_units(session, own)
    result = recompute(AS_OF)
    assert result.scorecards["12m"].restated == 1
    before, after = stored()
    assert (before.sequence, before.ppm) == (1, 0.0)
    assert (after.sequence, after.supersedes_id) == (2, before.id)
    assert after.ppm == pytest.approx(183.333333, abs=1e-6)
    assert after.restated_because == FACTS_CHANGED


def test_only_the_suppliers_whose_facts_changed_are_restated(
    database: Database, in_dispute_window: None
) -> None:
    own = house()
    with db.transaction() as session:
        houses.deliveries(session, facts.supplier(session), lines=15)
    recompute(AS_OF)
    with db.transaction() as session:
        reject_units(session, own)
    result = recompute(AS_OF)
    published = result.scorecards["12m"]
    assert (published.written, published.restated, published.unchanged) == (1, 1, 1)


def test_another_method_is_published_beside_the_old_card(database: Database) -> None:
    house()
    recompute(AS_OF)
    with db.transaction() as session:
        old = session.scalars(select(ScoringMethod)).one()
        content = dict(old.content) | {"otif_floor_percent": 92}
        session.add(
            ScoringMethod(
                name=old.name,
                version=2,
                state="active",
                valid_from=date(2026, 1, 1),
                content=content,
                content_hash="another",
            )
        )
    recompute(AS_OF)
    assert [card.restated_because for card in stored()] == [None, METHOD_CHANGED]


def test_a_stored_card_is_read_as_it_was_published(
    database: Database, in_dispute_window: None
) -> None:
    own = house()
    with db.reading() as session:
        live = queries.scored(session, own, parse_period("12m", as_of=AS_OF))
    recompute(AS_OF)
    first = stored()[0]
    with db.transaction() as session:
        reject_units(session, own)
    recompute(AS_OF)
    with db.reading() as session:
        card = stored_card(session, first.id)
    assert card.measures == live.measures
    assert card.result == live.result
    assert card.head.input_digest == live.digest
    assert card.population == live.population


def test_a_card_knows_whether_it_says_what_was_published(database: Database) -> None:
    own = house()
    recompute(AS_OF)
    year = parse_period("12m", as_of=AS_OF)
    with db.reading() as session:
        assert queries.card(session, own, year).is_published
    with db.transaction() as session:
        reject_units(session, own)
    with db.reading() as session:
        card = queries.card(session, own, year)
    assert card.snapshot is not None
    assert not card.is_published


def test_the_default_day_is_that_of_the_latest_fact(database: Database) -> None:
    house()
    assert recompute().as_of == date(2026, 10, 9)


def test_an_empty_house_is_recomputed_as_of_today(database: Database) -> None:
    result = recompute()
    assert result.as_of == date(2026, 11, 21)
    assert result.scorecards["12m"].written == 0


def test_a_day_in_the_future_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInput, match="E-REC-01"):
        recompute(date(2026, 11, 22))


def test_a_recompute_closes_the_windows_that_ended(database: Database) -> None:
    with db.transaction() as session:
        supplier = facts.supplier(session)
        with rollup.change(session, until=date(2026, 10, 1)) as change:
            line = facts.line(
                session, facts.order(session, supplier), promised_original_on=date(2026, 10, 5)
            )
            change.touch_new([line.id])
        own = supplier.id
    result = recompute(AS_OF)
    assert result.windows_closed == 1
    with db.reading() as session:
        scored = queries.scored(session, own, parse_period("12m", as_of=AS_OF))
    assert scored.measures["otif_line"].value == 0.0
    assert scored.measures["open_past_due"].value == 1.0


def test_the_shipped_method_is_stored_once(database: Database) -> None:
    with db.transaction() as session:
        first = services.ensure_default_method(session, on=AS_OF)
        assert services.ensure_default_method(session, on=AS_OF) == first
        assert (first.label, first.otif_floor) == ("Direct material v1", 0.9)


def test_a_recompute_reports_its_steps(database: Database) -> None:
    house()
    steps: list[tuple[int, int | None]] = []
    run = Run.by_hand(lambda done, total: steps.append((done, total)))
    recompute(AS_OF, run=run)
    assert steps == [(0, 1), (1, 1)]


def test_the_job_says_what_it_did(database: Database) -> None:
    house()
    report = recompute_job({"as_of": "2026-10-31"}, Run.by_hand())
    assert report["as_of"] == "2026-10-31"
    assert report["summary"] == (
        "As of 2026-10-31: 0 windows closed, 2 scorecards and 1 risk index published."
    )


def test_a_line_stop_is_a_d_whatever_the_score(database: Database) -> None:
    from tests.builders.events import disruption

    own = house()
    with db.transaction() as session:
        disruption(session, session.get_one(Supplier, own), occurred_on=date(2026, 9, 2))
    recompute(AS_OF)
    with db.reading() as session:
        index = session.scalars(select(RiskSnapshot)).one()
    assert index.supplier_id == own
    with db.reading() as session:
        card = queries.card(session, own, parse_period(PeriodKind.ROLLING_YEAR, as_of=AS_OF))
    assert card.measures["line_stops"].value == 1.0
    assert card.result.caps[0].reason == "supplier_line_stop"


def test_two_who_publish_at_once_publish_each_card_once(database: Database) -> None:
    house()
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: recompute(AS_OF), range(2)))
    assert sorted(result.scorecards["12m"].written for result in results) == [0, 1]
    assert len(stored()) == 1


def test_pitfall_32_history_is_never_recomputed_in_silence(
    database: Database, in_dispute_window: None
) -> None:
    supplier = house()
    recompute(AS_OF)
    before = stored()[0]
    with db.transaction() as session:
        reject_units(session, supplier)
    recompute(AS_OF)
    first, second = stored()
    assert (first.id, first.score, first.input_digest) == (
        before.id, before.score, before.input_digest,
    )  # fmt: skip
    assert second.supersedes_id == first.id
    assert second.restated_because == FACTS_CHANGED
