"""Places compare like with like and say what chance allows; few lines do not lead a list."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.calc.measure_columns import INSUFFICIENT, OK
from app.calc.ranking import Rank
from app.facts.suppliers.models import Category, Supplier
from app.judgement.risk_index.portfolio import PortfolioQuery, PortfolioRow, portfolio
from app.judgement.scorecards import places
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.scorecards.packing import PLACE_OF_STATE
from app.recompute import recompute
from tests.builders import facts, houses

AS_OF = date(2026, 10, 31)
KIND = PeriodKind.ROLLING_YEAR
# Score and half the width of its range: two clear leaders, three that chance can't tell apart.
PEERS = {"Ahead": (95.0, 0.5), "Next": (90.0, 0.5), "Even": (75.0, 6.0), "Same": (74.0, 6.0),
         "Near": (73.0, 6.0)}  # fmt: skip


@pytest.fixture
def castings(database: Database) -> dict[str, int]:
    """Five rated castings suppliers, one that is not rated, one of another category."""
    with db.transaction() as session:
        own, other = Category(name="Castings"), Category(name="Forgings")
        session.add_all([own, other])
        session.flush()
        ids = {name: _supplier(session, name, own) for name in (*PEERS, "Unrated")}
        ids["Forger"] = _supplier(session, "Forger", other)
    recompute(AS_OF)
    with db.transaction() as session:
        for name, (score, half) in (PEERS | {"Forger": (99.0, 1.0)}).items():
            _publish(session, ids[name], score, half)
    return ids


def _supplier(session: Session, name: str, category: Category) -> int:
    own = facts.supplier(session, name, category_id=category.id)
    houses.deliveries(session, own, lines=12)
    return own.id


def _publish(session: Session, supplier_id: int, score: float, half: float) -> None:
    """Give a published card a score: what a house with every feed would have worked out."""
    own = _card(session, supplier_id)
    own.score, own.grade, own.state = score, "B", "rated"
    told = {"lo": score - half, "hi": score + half, "drawn": 0.7, "grades": ["B"]}
    own.parts = dict(own.parts) | {"range": told}


def _card(session: Session, supplier_id: int) -> ScorecardSnapshot:
    return session.scalars(
        select(ScorecardSnapshot).where(
            ScorecardSnapshot.supplier_id == supplier_id, ScorecardSnapshot.period_kind == KIND
        )
    ).one()


def rows(query: PortfolioQuery) -> dict[str, PortfolioRow]:
    with db.reading() as session:
        return {row.name: row for row in portfolio(session, query).rows}


def test_a_place_says_what_chance_allows(castings: dict[str, int]) -> None:
    with db.reading() as session:
        category = session.get_one(Supplier, castings["Ahead"]).category_id
        assert category is not None
        found = places.places_in(session, [category], kind=KIND, period_end=AS_OF)
    by_name = {name: found.get(key) for name, key in castings.items()}
    assert by_name["Ahead"] == Rank(1, 1, 1, 5, 1.0)
    assert by_name["Next"] == Rank(2, 2, 2, 5, 0.75)
    assert by_name["Even"] == Rank(3, 3, 5, 5, 0.5)
    assert by_name["Near"] == Rank(5, 3, 5, 5, 0.0)
    assert by_name["Unrated"] is None
    assert by_name["Forger"] is None


def test_a_category_with_few_rated_suppliers_has_no_places(castings: dict[str, int]) -> None:
    with db.reading() as session:
        own = places.place_of(session, castings["Forger"], kind=KIND, period_end=AS_OF)
    assert own is None


def test_a_place_needs_a_category(database: Database) -> None:
    with db.transaction() as session:
        own = facts.supplier(session, "Nobody's").id
    with db.reading() as session:
        assert places.place_of(session, own, kind=KIND, period_end=AS_OF) is None


def test_the_list_tells_places_where_it_compares_like_with_like(castings: dict[str, int]) -> None:
    with db.reading() as session:
        category = session.get_one(Supplier, castings["Ahead"]).category_id
    assert category is not None
    assert {row.place for row in rows(PortfolioQuery()).values()} == {None}
    listed = rows(PortfolioQuery(categories=[category], search="e"))
    assert listed["Near"].place == Rank(5, 3, 5, 5, 0.0)
    everything = rows(PortfolioQuery(limit=None, with_places=True, with_trends=False))
    assert everything["Near"].place == Rank(5, 3, 5, 5, 0.0)


def test_three_of_three_never_rank_above_57_of_60(database: Database) -> None:
    with db.transaction() as session:
        for name, lines, late in (
            ("Newcomer", 3, 0), ("Veteran", 60, 3), ("Late", 60, 20), ("Later", 60, 30),
            ("Steady", 60, 9), ("Calm", 60, 2),
        ):  # fmt: skip
            houses.deliveries(session, facts.supplier(session, name), lines=lines, late=late)
    recompute(AS_OF)
    listed = list(rows(PortfolioQuery(sort="otif", is_falling=True)).values())
    assert [row.name for row in listed] == [
        "Calm", "Veteran", "Newcomer", "Steady", "Late", "Later",
    ]  # fmt: skip
    newcomer, veteran = listed[2], listed[1]
    assert (newcomer.otif, veteran.otif) == (1.0, 0.95)
    assert newcomer.otif_shrunk is not None
    assert veteran.otif_shrunk is not None
    assert newcomer.otif_shrunk < veteran.otif_shrunk < 0.95


def test_nothing_is_shrunk_where_it_is_not_ranked(castings: dict[str, int]) -> None:
    assert {row.otif_shrunk for row in rows(PortfolioQuery(sort="name")).values()} == {None}


def test_a_ppm_of_too_few_units_is_compared_with_nobody(castings: dict[str, int]) -> None:
    with db.transaction() as session:
        for name in PEERS:
            own = _card(session, castings[name])
            cells = list(own.parts["measures"]["ppm"])
            own.ppm, cells[PLACE_OF_STATE] = 300.0, OK
            if name in ("Ahead", "Near"):
                own.ppm, cells[PLACE_OF_STATE] = 0.0, INSUFFICIENT
            own.parts = dict(own.parts) | {"measures": dict(own.parts["measures"]) | {"ppm": cells}}
    with db.reading() as session:
        told = {
            name: places.peers_of(session, castings[name], kind=KIND, period_end=AS_OF)
            for name in ("Ahead", "Next")
        }
    # Three are left: too few to tell anybody a percentile.
    for own in told.values():
        assert own is not None
        ppm = own.figures[2]
        assert (ppm.name, ppm.percentile, ppm.of) == ("ppm", None, 3)
