"""Why a published index moved: bars and events that add up, told by what happened."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import fsum

import pytest
from sqlalchemy import select

from app.base import db
from app.calc.index_rules import Aggregation
from app.facts.evidence.models import FinancialStatement
from app.judgement.risk_index import moving, queries, rollups, stored
from app.judgement.risk_index.evaluation import digest_of
from app.judgement.risk_index.methods import default_content
from app.judgement.risk_index.models import IndexMethod, RiskRange, RiskSnapshot
from app.judgement.risk_index.moving import BarKind, MoveBar, Movement
from app.judgement.risk_index.ranges import draw_ranges, range_of
from app.judgement.snapshots.methods import hash_of
from app.recompute import recompute
from tests.risk_index.conftest import JUNE, SEPTEMBER


def why(key: int, since: date = JUNE, until: date = SEPTEMBER) -> Movement:
    with db.reading() as session:
        found = moving.why_moved(session, key, since, until)
    assert found is not None
    assert found.move is not None
    return found


def bar(found: Movement, kind: BarKind, dimension: str | None = None) -> MoveBar:
    return next(each for each in found.bars if each.kind is kind and each.dimension == dimension)


def check_sums(found: Movement) -> None:
    assert found.move is not None
    moved = fsum(each.points for each in found.bars)
    assert moved == pytest.approx(found.move.after - found.move.before, abs=1e-9)
    for each in found.bars:
        assert fsum(event.points for event in each.events) == pytest.approx(each.points, abs=1e-9)


def test_bars_and_their_events_add_up_and_name_what_happened(moved_house: int) -> None:
    found = why(moved_house)
    check_sums(found)
    told = {each.label: [event.words for event in each.events] for each in found.bars}
    assert any(words.startswith("OTIF by line 100.0 % (n 100) → 62.5 % (n 160)")
               for words in told["Delivery"])  # fmt: skip
    assert told["Financial"][0].startswith("Statement of 31 Jul 2026: Z″ ")
    assert told["Coverage"] == ["Dependency is now known, at 100.0"]
    assert bar(found, BarKind.DIMENSION, "delivery").points > 0


def test_what_is_corrected_afterwards_is_a_bar_of_its_own(moved_house: int) -> None:
    with db.transaction() as session:
        row = session.scalars(
            select(FinancialStatement).where(FinancialStatement.closed_on == date(2025, 12, 31))
        ).one()
        row.ebit = Decimal(-27)
    recompute(JUNE)
    found = why(moved_house)
    check_sums(found)
    corrected = bar(found, BarKind.CORRECTION)
    assert corrected.points > 0
    assert corrected.events[0].words.startswith("Financial: risk ")
    assert (found.before.head.sequence, found.corrected.head.sequence) == (1, 2)


def test_another_method_is_a_bar_of_its_own_and_june_keeps_its_own(moved_house: int) -> None:
    content = {**default_content(), "aggregation": str(Aggregation.ARITHMETIC)}
    with db.transaction() as session:
        session.add(
            IndexMethod(
                name="Supply risk", version=2, state="active", valid_from=date(2026, 9, 1),
                content=content, content_hash=hash_of(content),
            )
        )  # fmt: skip
    recompute(SEPTEMBER)
    found = why(moved_house)
    check_sums(found)
    assert bar(found, BarKind.METHOD).label == "Method Supply risk v1 → Supply risk v2"
    assert [event.words for event in bar(found, BarKind.METHOD).events] == ["Imbalance"]
    assert (found.before.method.version, found.after.method.version) == (1, 2)


def test_a_day_without_an_index_tells_nothing(moved_house: int) -> None:
    with db.reading() as session:
        assert moving.why_moved(session, moved_house, date(2026, 1, 1), SEPTEMBER) is None


def test_a_past_day_made_again_has_the_same_digest_where_facts_stood(moved_house: int) -> None:
    with db.reading() as session:
        published = stored.published_of(session, moved_house, JUNE)[0]
        now = queries.risk_card(session, moved_house, JUNE)
    assert digest_of(now.card, now.method) == published.head.input_digest
    assert now.card.result.value == published.head.value
    assert published.card.result == now.card.result


def test_a_stored_index_is_read_as_it_was_published(moved_house: int) -> None:
    with db.reading() as session:
        found = {each.card.supplier_id: each for each in stored.everybody_on(session, SEPTEMBER)}
        row = session.scalars(
            select(RiskSnapshot).where(
                RiskSnapshot.supplier_id == moved_house, RiskSnapshot.period_end == SEPTEMBER
            )
        ).one()
        days = stored.published_days(session), stored.days_of(session, moved_house)
    assert found[moved_house].card.result.value == row.value
    assert days == ([SEPTEMBER, JUNE], [SEPTEMBER, JUNE])


def test_ranges_are_drawn_once_a_day_with_their_seed(moved_house: int) -> None:
    assert draw_ranges() == draw_ranges(SEPTEMBER) == 1
    with db.reading() as session:
        found = range_of(session, moved_house, SEPTEMBER)
        count = len(session.scalars(select(RiskRange.id)).all())
    assert found is not None
    assert count == 1
    assert (found.rank_low, found.rank_high, found.ranked) == (1, 1, 1)
    assert found.low < found.high
    assert sum(found.bands) == pytest.approx(1)
    assert (found.draws, found.seed) == (2000, 20_260_601)


def test_a_roll_up_tells_the_unknown_apart_and_spend_in_one_currency(moved_house: int) -> None:
    with db.reading() as session:
        found = rollups.roll_up(session, SEPTEMBER).everybody
    assert (found.figures.n, found.figures.unknown) == (1, 1)
    assert found.worst is not None
    assert found.worst.name == "Sonnenberg"
    assert found.figures.mean == found.figures.highest == found.worst.value
